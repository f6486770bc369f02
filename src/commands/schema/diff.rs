//! `planctl schema diff`: how two schemas differ.

use std::path::PathBuf;

use super::source::Loaded;
use crate::audit::{self, Ledger, audit};
use crate::commands::Context;
use crate::commands::audit::{FailOn, fails, place, rules, wire};
use crate::commands::closing::{Ask, Terms, close, record, standalone};
use crate::diff::diff;
use crate::error::Result;
use crate::plan::Hints;
use crate::report::{Outcome, Report};
use crate::sql::SqliteVersion;

/// What `schema diff` is asked to do. Each side is a database, a DDL file or a migrations folder; what it is shows when
/// it is opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiffRequest {
    /// Where one starts.
    pub from: PathBuf,
    /// Where one wants to be.
    pub to: PathBuf,
    /// Write the script that leads there in place of the differences.
    pub script: Option<ScriptRequest>,
}

/// What a script must keep to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptRequest {
    /// The oldest SQLite that must be able to run it.
    pub sqlite_version: SqliteVersion,
    /// Whether it may drop data.
    pub allow_destructive: bool,
}

/// Compares two schemas: what the second says is expected, what the first has is there.
///
/// # Errors
/// When a side cannot be read, or SQLite refuses it; for a script, also what [`close`] refuses.
pub fn run(ctx: &mut Context<'_>, request: &DiffRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let from = Loaded::read(ctx, &request.from)?;
    let to = Loaded::read(ctx, &request.to)?;
    if let Some(terms) = &request.script {
        let script = script(request, terms, &from, &to, ask);
        return ctx.interrupt.heed().and(script);
    }
    let reference = to.reference()?;
    let changes = diff(&to.schema, &from.schema, &mut *reference.meaning());
    ctx.interrupt.heed()?;
    let terms =
        audit::Terms { ledger: &Ledger::default(), applied: &[], strict: false, today: ctx.started.date() };
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

/// The script that takes the one to the other; nothing but a comment where they do not differ.
fn script(
    request: &DiffRequest,
    wanted: &ScriptRequest,
    from: &Loaded,
    to: &Loaded,
    ask: &mut Ask<'_>,
) -> Result<Report> {
    let terms = Terms {
        sqlite: wanted.sqlite_version,
        allow_destructive: wanted.allow_destructive,
        hints: Hints::read(&to.source)?,
        db: from.is_database.then_some(request.from.as_path()),
    };
    let (from_name, to_name) = (request.from.display().to_string(), request.to.display().to_string());
    let closing = close(&from.schema, &to.schema, &terms, ask)?;
    let text = match &closing {
        Some(closing) => standalone(&from_name, &to_name, closing)?,
        None => format!("-- Nothing to do: {from_name} and {to_name} do not differ.\n"),
    };
    let mut report = Report::new("schema diff");
    report.data.insert("sql".into(), text.clone().into());
    record(&mut report, closing.as_ref());
    report.text = Some(text);
    Ok(report)
}
