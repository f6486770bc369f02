//! `planctl schema diff`: how two schemas differ.

use std::path::PathBuf;

use super::source::Loaded;
use crate::audit::{Ledger, Terms, audit};
use crate::commands::Context;
use crate::commands::audit::{FailOn, fails, place, rules, wire};
use crate::diff::diff;
use crate::error::Result;
use crate::report::{Outcome, Report};

/// What `schema diff` is asked to do. Each side is a database, a DDL file or a migrations folder; what it is shows when
/// it is opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiffRequest {
    /// Where one starts.
    pub from: PathBuf,
    /// Where one wants to be.
    pub to: PathBuf,
}

/// Compares two schemas: what the second says is expected, what the first has is there.
///
/// # Errors
/// When a side cannot be read, or SQLite refuses it.
pub fn run(ctx: &mut Context<'_>, request: &DiffRequest) -> Result<Report> {
    let from = Loaded::read(ctx, &request.from)?;
    let to = Loaded::read(ctx, &request.to)?;
    let reference = to.reference()?;
    let changes = diff(&to.schema, &from.schema, &mut *reference.meaning());
    let terms = Terms { ledger: &Ledger::default(), applied: &[], strict: false, today: ctx.started.date() };
    let found = audit(&changes, &to.source, terms);
    let mut report = Report::new("schema diff");
    report.findings = found.findings.iter().map(wire).collect();
    report.rules = Some(rules());
    report.file = Some(request.to.display().to_string());
    let tables = found.tables.iter().map(|(name, location)| (name.clone(), place(location)));
    report.document.findings_of(&report.findings, &tables.collect(), ["To", "From"]);
    if fails(&report.findings, FailOn::Warning) {
        report.outcome = Outcome::Findings;
    }
    Ok(report)
}
