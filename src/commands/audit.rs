//! `planctl audit`: the live schema against the spec DDL.

mod hint;
mod known_drift;
mod request;
mod script;

use std::io;
use std::mem::ManuallyDrop;
use std::path::Path;

use time::Date;

use super::explain::rule_info;
use super::scratch;
use super::{Context, counted};
use crate::audit::comparison::Sides;
pub use crate::audit::ledger::read_ledger;
use crate::audit::{Audit, Ledger, Others, Subject, draft_deviations};
use crate::base::error::{Error, Result};
use crate::base::finding::Finding;
use crate::base::job::Job;
use crate::base::replacement::Replacement;
use crate::base::rule::AuditRule;
use crate::base::source::{SourceFile, bytes_of};
use crate::engine::Engine;
use crate::engine::{self, Access, OpenOptions};
use crate::plan::single;
use crate::report::{Outcome, Report, Versus, wire};
use crate::row_checks::Unchecked;
use crate::schema::{Ident, Schema};
use crate::sql::SqliteVersion;

pub(in crate::commands) use hint::of_schema;
pub use request::{AuditRequest, AuditSubject, FailOn, Record};
pub use script::{ScriptRequest, run as run_script};

/// Audits a schema and reports what was found.
///
/// # Errors
/// When the spec, the ledger, the migrations or the database cannot be read, or SQLite refuses the spec.
pub fn run(ctx: &mut Context<'_>, request: &AuditRequest) -> Result<Report> {
    let spec = SourceFile::read(&request.spec)?;
    let ledger = read_ledger(request.deviations.as_deref())?;
    let (mut engine, live, subject) = match &request.subject {
        AuditSubject::Database(db) => {
            let options = OpenOptions { lock_timeout: request.lock_timeout };
            let (engine, live) =
                engine::look(db, Access::ReadOnly, options, ctx.job, |engine| engine.inspect())?;
            (engine, live, Subject::Database)
        }
        AuditSubject::Migrations(dir) => {
            let mut engine = scratch::migrated(ctx, dir)?;
            // A shadow database is in memory: how a file is written is not the migrations' business.
            let live = of_schema(&engine.inspect()?);
            (engine, live, Subject::Migrations)
        }
    };
    // The process ends with it: to take it apart again would take as long as to compare it.
    let live = ManuallyDrop::new(live);
    let sides = ManuallyDrop::new(Sides::but(&request.others, &spec, &ledger, &live, ctx.job)?);
    let mut audit = sides.audit(subject, request.strict, ctx.started.date());
    let mut notes = Vec::new();
    if let AuditSubject::Migrations(_) = request.subject {
        notes.extend(scratch::stood_in(&engine.of_application()?));
    }
    if request.data {
        let (found, unchecked) =
            sides.values(request.strict, ctx.started.date(), |plan| engine.check_values(plan, ctx.job))?;
        audit.add(found, &spec);
        notes.extend(unchecked.iter().map(Unchecked::to_string));
    }
    if let Some(file) = &request.baseline {
        notes.extend(known_drift::apply(&mut audit, file, request.data)?);
    }
    match &request.record {
        Some(Record::Baseline { file, accept_new }) => {
            notes.push(known_drift::write(&mut audit, file, *accept_new, request.data)?);
        }
        Some(Record::Deviations { file }) => notes.push(write_deviations(&audit, file)?),
        None => {}
    }
    add_fixes(&mut audit, &sides, request.sqlite_version);
    let mut report = report(audit, request.fail_on);
    report.ignored = names(&sides.theirs);
    report.body = Some(wire::audit::Audit { ignored: report.ignored.clone(), notes: notes.clone() }.into());
    report.document.left_out(&report.ignored);
    report.files = vec![(None, request.spec.display().to_string())];
    match &request.subject {
        AuditSubject::Database(db) => report.is_about("Database", db),
        AuditSubject::Migrations(dir) => report.is_about("Migrations", dir.display()),
    }
    report.is_about("Spec", request.spec.display());
    if let Some(file) = &request.deviations {
        report.is_about("Deviations", file.display());
    }
    if let Some(file) = &request.baseline {
        report.is_about("Known drift", file.display());
    }
    notes.into_iter().for_each(|note| report.document.line(note));
    let hints = hint::of(ctx, request, &sides, &mut *engine, &report.findings)?;
    hints.iter().for_each(|hint| report.document.line(hint.to_string()));
    Ok(report)
}

/// Appends drafts for what is open to the ledger.
fn write_deviations(audit: &Audit, file: &Path) -> Result<String> {
    let drafted: Vec<&Finding> = audit
        .findings
        .iter()
        .filter(|finding| {
            finding.is_open() && !finding.rule.of_audit().is_some_and(AuditRule::is_about_ledger)
        })
        .collect();
    if drafted.is_empty() {
        return Ok(format!("{}: nothing to add", file.display()));
    }
    let mut text = match bytes_of(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        text => text.map_err(|error| Error::file(file, error))?,
    };
    text.extend_from_slice(draft_deviations(drafted.iter().copied()).as_bytes());
    Replacement::write(file, &text)?;
    let count = counted(drafted.len(), "finding");
    Ok(format!("{}: {count} added; write a reason for each; an empty one is refused", file.display()))
}

fn report(audit: Audit, fail_on: FailOn) -> Report {
    let mut report = Report::new("audit");
    report.rules = Some(AuditRule::all().map(rule_info).collect());
    report.document.findings_of(&audit.findings, &audit.tables, Versus::SpecAndDatabase);
    report.findings = audit.findings;
    if fails(&report.findings, fail_on) {
        report.outcome = Outcome::Findings;
    }
    report
}

/// Whether findings that nothing excuses give exit status 1.
pub(in crate::commands) fn fails(findings: &[Finding], fail_on: FailOn) -> bool {
    findings.iter().filter(|finding| finding.is_open()).any(|finding| fail_on.fails(finding.severity))
}

/// Audits what the migrations produce, without the tables that are somebody else's; with their names.
///
/// # Errors
/// As [`compare`](crate::audit::compare).
pub(super) fn compare_but(
    others: &Others,
    spec: &SourceFile,
    ledger: &Ledger,
    live: &Schema,
    today: Date,
    job: Job<'_>,
) -> Result<(Audit, Vec<String>)> {
    let sides = Sides::but(others, spec, ledger, live, job)?;
    Ok((sides.audit(Subject::Migrations, false, today), names(&sides.theirs)))
}

fn names(of: &[Ident]) -> Vec<String> {
    of.iter().map(|name| name.as_str().to_owned()).collect()
}

/// Adds to findings the statement that closes them, where one does.
fn add_fixes(audit: &mut Audit, sides: &Sides<'_>, sqlite: SqliteVersion) {
    for finding in audit.findings.iter_mut().filter(|finding| finding.is_open()) {
        let change = finding.change.and_then(|i| sides.changes.get(i));
        let step = change.and_then(|change| single(sides.live, &sides.expected, change, sqlite));
        let rendered = engine::render(step.as_slice());
        finding.fix = rendered.into_iter().flat_map(|rendered| rendered.statements).collect();
    }
}

/// Holds the rows of `engine`, whose schema is `live`, against what the spec states of them. What is found belongs into
/// the audit ([`Audit::add`]); what could not be checked must be said.
///
/// # Errors
/// As [`compare`](crate::audit::compare), and `Database`, `Locked` and `Interrupted` while the rows are read.
pub fn values(
    ctx: &mut Context<'_>,
    engine: &mut dyn Engine,
    spec: &SourceFile,
    ledger: &Ledger,
    live: &Schema,
    strict: bool,
) -> Result<(Vec<Finding>, Vec<Unchecked>)> {
    Sides::of(spec, ledger, live, ctx.job)?
        .values(strict, ctx.started.date(), |plan| engine.check_values(plan, ctx.job))
}
