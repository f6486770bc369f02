//! `planctl migrate lint`: the lint rules over the migration files, and over the schemas that they make on a shadow
//! database.

use std::path::{Path, PathBuf};

use super::since::changed_files;
use crate::base::error::Result;
use crate::base::rule::LintRule;
use crate::commands::explain::rule_info;
use crate::commands::scratch::read_migrations;
use crate::commands::{Context, counted};
use crate::migrations::lint::{LintOptions, Policy, tested_versions};
use crate::report::wire::testing::Lint;
use crate::report::{Outcome, Report, Span, Style};
use crate::sql::{SqliteVersion, Target};
use crate::verify::schema_lint::{Linted, Wanted, lint_all};

/// What `migrate lint` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LintRequest {
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// The folder of migration tests; it need not exist.
    pub tests: PathBuf,
    /// The spec's DDL file, which tells what is meant to go; it need not exist.
    pub spec: PathBuf,
    /// The ledger of documented deviations, when there is one.
    pub deviations: Option<PathBuf>,
    /// The oldest SQLite that must be able to run them.
    pub sqlite_version: SqliteVersion,
    /// Where the migrations must run.
    pub target: Target,
    /// What the project makes of the rules.
    pub policy: Policy,
    /// The revision of git since which files have to be new or changed to be linted; all files when absent.
    pub since: Option<String>,
}

/// Runs every rule over every file.
///
/// # Errors
/// Those of `read_migrations` and `changed_files`, when the folder of tests cannot be read, and `Interrupted`.
pub fn run(ctx: &mut Context<'_>, request: &LintRequest) -> Result<Report> {
    let set = read_migrations(&request.migrations)?;
    let since =
        request.since.as_deref().map(|revision| changed_files(&request.migrations, revision)).transpose()?;
    let is_new = |file: &Path| since.as_ref().is_none_or(|new| new.contains(file));
    let tested = tested_versions(&request.tests)?;
    let options = LintOptions { sqlite_version: request.sqlite_version, target: request.target, tested };
    let mut report = Report::new("migrate lint");
    report.is_about("Migrations", request.migrations.display());
    report.rules = Some(LintRule::all().map(rule_info).collect());
    let wanted = Wanted::read(&request.spec, request.deviations.as_deref());
    let Linted { findings, stopped, known } = lint_all(ctx, &set, &options, wanted.as_ref())?;
    let mut findings = request.policy.apply(&set, findings, &known);
    findings.retain(|finding| finding.location.as_ref().is_none_or(|at| is_new(&at.file)));
    report.document.findings(&findings);
    if let Some(error) = &stopped {
        let message = format!("{error}; the rules that need the schema stopped there");
        report.document.line(Span::new(message, Style::Warning));
    }
    report.findings = findings;
    if !report.findings.is_empty() {
        report.outcome = Outcome::Findings;
    }
    let linted = set.migrations.iter().filter(|migration| {
        let mut files = std::iter::once(&migration.up).chain(&migration.down);
        request.policy.concerns(migration.version) && files.any(|file| is_new(file.path()))
    });
    let migrations = linted.count();
    if let Some(revision) = &request.since {
        let new = counted(migrations, "migration");
        report.document.line(format!("linted what is new or changed since {revision}: {new}"));
    }
    report.body = Some(Lint { migrations }.into());
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::testing::with_context;

    fn lint_of(files: &[(&str, &str)]) -> Result<Report> {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let request = LintRequest {
            migrations: dir.path().to_owned(),
            tests: dir.path().join("tests"),
            spec: dir.path().join("spec.sql"),
            deviations: None,
            sqlite_version: SqliteVersion::new(35, 0),
            target: Target::Sqlite,
            policy: Policy::default(),
            since: None,
        };
        with_context(|ctx| run(ctx, &request))
    }

    #[test]
    fn a_finding_says_where_it_is_and_what_to_do() {
        let report =
            lint_of(&[("V1__a.sql", "SELECT 1;\n  DROP TABLE t;"), ("V1__a.down.sql", "SELECT 1;")]).unwrap();
        assert_eq!(report.outcome, Outcome::Findings);
        let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
        assert_eq!(finding.rule, LintRule::DestructiveStatement.into());
        assert!(finding.sentence().contains("planctl:allow destructive-statement REASON"));
        let place = finding.location.as_ref().map(|place| (place.line, place.column));
        assert_eq!((finding.object.path().as_str(), place), ("V1__a.sql", Some((2, 3))));
    }

    #[test]
    fn files_without_findings_are_clean_and_wrong_names_are_trouble() {
        let report =
            lint_of(&[("V1__a.sql", "CREATE TABLE t(a);"), ("V1__a.down.sql", "DROP TABLE t;")]).unwrap();
        assert_eq!((report.outcome, report.findings.len()), (Outcome::Clean, 0));
        assert!(lint_of(&[("V1__a-b.sql", "")]).is_err());
    }
}
