//! `planctl audit`: the live schema against the spec DDL.

use std::path::{Path, PathBuf};

use time::Date;

use super::Context;
use super::scratch;
use crate::audit::rules::RULES;
use crate::audit::values::{Spec, plan};
use crate::audit::{Audit, Finding, Ledger, Names, Object, Terms, audit, value_findings};
use crate::diff::diff;
use crate::engine::{self, Access, Engine, OpenOptions, Renaming};
use crate::error::{Error, Result};
use crate::report::{self, Outcome, Report, RuleInfo, Severity, Summary};
use crate::schema::Schema;
use crate::source::SourceFile;
use crate::values::Unchecked;

/// What `audit` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRequest {
    /// Whose schema is audited.
    pub subject: AuditSubject,
    /// The spec's DDL file.
    pub spec: PathBuf,
    /// The ledger of documented deviations, when there is one.
    pub deviations: Option<PathBuf>,
    /// Whether the ledger excuses nothing: then it only says which objects are the same under two names.
    pub strict: bool,
    /// The file of findings that are known and not yet mended.
    pub baseline: Option<PathBuf>,
    /// Whether the rows are checked as well.
    pub data: bool,
    /// Which findings give exit status 1.
    pub fail_on: FailOn,
}

/// Whose schema is audited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuditSubject {
    /// A live database, opened read-only.
    Database(PathBuf),
    /// What the migrations of this folder produce on a scratch database.
    Migrations(PathBuf),
}

/// Which findings give exit status 1. Findings that the ledger or the baseline excuses never do.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum FailOn {
    /// Errors only.
    Error,
    /// Errors and warnings.
    #[default]
    Warning,
    /// None.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity gives exit status 1.
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            FailOn::Error => severity >= Severity::Error,
            FailOn::Warning => true,
            FailOn::Never => false,
        }
    }
}

/// Audits a schema and reports what was found.
///
/// # Errors
/// When the spec, the ledger, the migrations or the database cannot be read, or SQLite refuses the spec.
pub fn run(ctx: &mut Context<'_>, request: &AuditRequest) -> Result<Report> {
    let spec = SourceFile::read(&request.spec)?;
    let ledger = read_ledger(request.deviations.as_deref())?;
    let live = match &request.subject {
        AuditSubject::Database(db) => {
            engine::open(db, Access::ReadOnly, OpenOptions::default())?.inspect()?
        }
        AuditSubject::Migrations(dir) => scratch::migrated(ctx, dir)?.inspect()?,
    };
    let audit = compare(&spec, &ledger, &live, request.strict, ctx.started.date())?;
    Ok(report(&audit, request.fail_on))
}

/// Reads the ledger; without one, nothing is documented.
///
/// # Errors
/// As [`SourceFile::read`] and [`Ledger::parse`].
pub fn read_ledger(path: Option<&Path>) -> Result<Ledger> {
    match path {
        Some(path) => Ledger::parse(&SourceFile::read(path)?),
        None => Ok(Ledger::default()),
    }
}

fn report(audit: &Audit, fail_on: FailOn) -> Report {
    let mut report = Report::new("audit");
    report.findings = audit.findings.iter().map(wire).collect();
    report.rules = Some(rules());
    report.document.findings(&report.findings);
    report.data.insert("summary".to_owned(), summary(&report.findings));
    if fails(&report.findings, fail_on) {
        report.outcome = Outcome::Findings;
    }
    report
}

/// The counts as JSON.
pub(super) fn summary(findings: &[report::Finding]) -> serde_json::Value {
    serde_json::json!(Summary::of(findings))
}

/// Whether findings that nothing excuses give exit status 1.
pub(super) fn fails(findings: &[report::Finding], fail_on: FailOn) -> bool {
    let open = |finding: &&report::Finding| finding.deviation.is_none() && !finding.baseline;
    findings.iter().filter(open).any(|finding| fail_on.fails(finding.severity))
}

/// The audit's rules for the formats that explain them.
pub(super) fn rules() -> Vec<RuleInfo> {
    RULES.iter().map(|rule| RuleInfo { code: rule.code, summary: rule.summary, help: rule.why }).collect()
}

/// A finding as the outside sees it.
pub(super) fn wire(finding: &Finding) -> report::Finding {
    let object = |object: &Object| report::Object {
        kind: object.kind.to_owned(),
        table: object.table.clone(),
        name: object.name.clone(),
    };
    report::Finding {
        rule: finding.rule.code.to_owned(),
        severity: finding.severity,
        object: object(&finding.object),
        live_object: finding.live_object.as_ref().map(object),
        expected: finding.expected.clone(),
        actual: finding.actual.clone(),
        message: finding.message.clone(),
        spec: finding.location.as_ref().map(|location| report::Place {
            file: location.file.display().to_string(),
            line: location.line,
            column: location.column,
        }),
        deviation: finding
            .excuse
            .as_ref()
            .map(|excuse| report::Deviation { reason: excuse.reason.clone(), link: excuse.link.clone() }),
        baseline: false,
    }
}

/// Audits a schema against a spec.
///
/// # Errors
/// `Sql` when SQLite refuses the spec; `Config` when the ledger names what the spec does not have, or renames to a
/// name that is taken.
pub fn compare(
    spec: &SourceFile,
    ledger: &Ledger,
    live: &Schema,
    strict: bool,
    today: Date,
) -> Result<Audit> {
    let Reference { reference, expected, applied } = reference(spec, ledger, live)?;
    let changes = diff(&expected, live, &mut *reference.meaning());
    Ok(audit(&changes, spec, Terms { ledger, applied: &applied, strict, today }))
}

/// Holds the rows of `engine`, whose schema is `live`, against what the spec states of them. What is found belongs into
/// the audit ([`Audit::add`]); what could not be checked must be said.
///
/// # Errors
/// As [`compare`], and `Database`, `Locked` and `Interrupted` while the rows are read.
pub fn values(
    ctx: &mut Context<'_>,
    engine: &mut dyn Engine,
    spec: &SourceFile,
    ledger: &Ledger,
    live: &Schema,
    strict: bool,
) -> Result<(Vec<Finding>, Vec<Unchecked>)> {
    let Reference { expected, applied, .. } = reference(spec, ledger, live)?;
    let applied = ledger.renames.iter().zip(applied).filter(|(_, applied)| *applied);
    let names = Names::of(applied.map(|(rename, _)| rename));
    let deviations = if strict { &[][..] } else { &ledger.deviations };
    let plan = plan(Spec { source: spec, schema: &expected, names: &names }, live, deviations);
    let checked = engine.check_values(&plan.checks, ctx.observer, &ctx.interrupt)?;
    let today = ctx.started.date();
    Ok((value_findings(&plan, &checked.findings, &names, ledger, strict, today), checked.unchecked))
}

/// The spec's schema in the database's names.
struct Reference {
    reference: Box<dyn engine::Reference>,
    expected: Schema,
    /// For each rename of the ledger, whether the database has the object under its live name.
    applied: Vec<bool>,
}

fn reference(spec: &SourceFile, ledger: &Ledger, live: &Schema) -> Result<Reference> {
    let mut reference = engine::reference(spec)?;
    let mut expected = reference.schema()?;
    let applied: Vec<bool> = ledger.renames.iter().map(|rename| ledger.applies(rename, live)).collect();
    if !ledger.renames.is_empty() {
        ledger.check_names(&expected)?;
        let applied = ledger.renames.iter().zip(&applied).filter(|(_, applied)| **applied);
        let renamings: Vec<Renaming> = applied
            .map(|(rename, _)| Renaming {
                table: rename.table.clone(),
                column: rename.column.clone(),
                to: rename.live.clone(),
            })
            .collect();
        reference.rename(&renamings).map_err(|error| in_ledger(error, ledger))?;
        expected = reference.schema()?;
    }
    Ok(Reference { reference, expected, applied })
}

fn in_ledger(error: Error, ledger: &Ledger) -> Error {
    match ledger.renames.first() {
        Some(rename) => error.at(rename.location.clone()).help("check the [[rename]] entries of the ledger"),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fail_on_is_a_threshold() {
        let fails = |on: FailOn| [Severity::Warning, Severity::Error].map(|severity| on.fails(severity));
        assert_eq!(fails(FailOn::Error), [false, true]);
        assert_eq!(fails(FailOn::Warning), [true, true]);
        assert_eq!(fails(FailOn::Never), [false, false]);
    }
}
