//! `planctl migrate lint`: the lint rules over the migration files, and over the schemas that they make on a scratch
//! database.

use std::path::PathBuf;

use super::schema_lint::{Linted, Wanted, lint_all};
use crate::commands::Context;
use crate::error::Result;
use crate::migrations::MigrationSet;
use crate::migrations::lint::{LintFinding, LintOptions, Policy, RULES, tested_versions};
use crate::report::{
    Block, Document, Finding, Object, Outcome, Place, Report, RuleInfo, Severity, Show, Span, Style,
};
use crate::sql::SqliteVersion;

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
    /// What the project makes of the rules.
    pub policy: Policy,
}

/// Runs every rule over every file.
///
/// # Errors
/// Those of [`MigrationSet::load`], when the folder of tests cannot be read, and `Interrupted`.
pub fn run(ctx: &mut Context<'_>, request: &LintRequest) -> Result<Report> {
    let set = MigrationSet::load(&request.migrations)?;
    let tested = tested_versions(&request.tests)?;
    let options = LintOptions { sqlite_version: request.sqlite_version, tested };
    let mut report = Report::new("migrate lint");
    report.rules = Some(rules());
    let wanted = Wanted::read(&request.spec, request.deviations.as_deref());
    let Linted { findings, stopped } = lint_all(ctx, &set, &options, wanted.as_ref())?;
    let findings = request.policy.apply(&set, findings);
    findings.iter().for_each(|found| show(found, &mut report.document));
    if let Some(error) = &stopped {
        let message =
            format!("the rules that need the schema stop where a migration fails: {}", error.message());
        report.document.line(Span::new(message, Style::Warning));
    }
    report.findings = findings.into_iter().map(finding).collect();
    if !report.findings.is_empty() {
        report.outcome = Outcome::Findings;
    }
    let linted = set.migrations.iter().filter(|migration| request.policy.concerns(migration.version));
    report.data.insert("migrations".into(), linted.count().into());
    Ok(report)
}

/// Adds a finding as a person reads it, with the line that it is about.
pub fn show(found: &LintFinding, document: &mut Document) {
    let (word, style) = match found.severity {
        Severity::Error => ("error", Style::Bad),
        Severity::Warning => ("warning", Style::Warning),
    };
    let rule = Span::new(found.rule, Style::Code);
    document.heading(Span::new(found.location.to_string(), Style::Strong));
    document.spans(vec![
        Span::new(word, style),
        " ".into(),
        rule,
        ": ".into(),
        found.message.as_str().into(),
    ]);
    let text = found.location.text.trim().to_owned();
    if !text.is_empty() {
        document.blocks.push(Block::Code { language: "sql", text });
    }
    document.spans(vec![Span::new("help: ", Style::Dim), found.help.as_str().into()]);
}

/// The lint rules, for the formats that explain rules.
pub fn rules() -> Vec<RuleInfo> {
    RULES
        .iter()
        .map(|rule| RuleInfo { code: rule.code, summary: rule.summary, help: rule.explanation })
        .collect()
}

/// A lint finding as reports show it: what is wrong and what to do in one sentence.
pub fn finding(found: LintFinding) -> Finding {
    let file = &found.location.file;
    Finding {
        rule: found.rule.to_owned(),
        severity: found.severity,
        object: Object {
            kind: "file".to_owned(),
            table: None,
            name: file.file_name().map(|name| name.to_string_lossy().into_owned()),
        },
        live_object: None,
        expected: None,
        actual: None,
        message: format!("{}: {}", found.message, found.help),
        show: Show::Message,
        spec: Some(Place {
            file: file.display().to_string(),
            line: found.location.line,
            column: found.location.column,
        }),
        deviation: None,
        baseline: false,
        fix: Vec::new(),
    }
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
            policy: Policy::default(),
        };
        with_context(|ctx| run(ctx, &request))
    }

    #[test]
    fn a_finding_says_where_it_is_and_what_to_do() {
        let report =
            lint_of(&[("V1__a.sql", "SELECT 1;\n  DROP TABLE t;"), ("V1__a.down.sql", "SELECT 1;")]).unwrap();
        assert_eq!(report.outcome, Outcome::Findings);
        let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
        assert_eq!(finding.rule, "destructive-statement");
        assert!(finding.message.contains("planctl:allow destructive-statement REASON"));
        let place = finding.spec.as_ref().map(|place| (place.line, place.column));
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
