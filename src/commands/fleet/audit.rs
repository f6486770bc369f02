//! `planctl fleet audit`: each database against the spec, those that are behind against their own version.

use std::path::PathBuf;

use super::FleetRequest;
use super::crew::{Crew, Seen};
use super::judge::{Judge, Spec};
use super::rows::{Row, Rows, Values};
use super::show::{Did, report};
use crate::audit::Others;
use crate::audit::comparison::OfRows;
use crate::audit::ledger::read_ledger;
use crate::base::error::Result;
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::commands::Context;
use crate::commands::audit::{FailOn, fails};
use crate::engine::{Access, Engine};
use crate::report::Report;
use crate::report::wire::fleet::State;
use crate::row_checks::Unchecked;

/// What `fleet audit` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRequest {
    /// What every command is asked.
    pub fleet: FleetRequest,
    /// The spec's DDL file.
    pub spec: PathBuf,
    /// The ledger of documented deviations, when there is one.
    pub deviations: Option<PathBuf>,
    /// Whether the ledger excuses nothing.
    pub strict: bool,
    /// Whether a database may be behind, as long as it has the schema of its own version.
    pub at_applied: bool,
    /// Whether the rows are checked as well.
    pub data: bool,
    /// Which findings give exit status 1.
    pub fail_on: FailOn,
    /// Which tables are somebody else's.
    pub others: Others,
}

/// Audits the databases. One that is behind is held against what the migrations produce up to its own version.
///
/// # Errors
/// What is wrong with the files, the spec or the ledger. A database that cannot be read is part of the report.
pub fn run(ctx: &mut Context<'_>, request: &AuditRequest) -> Result<Report> {
    let crew = Crew::of(ctx, &request.fleet, Access::ReadOnly, None)?;
    let spec = Spec {
        source: SourceFile::read(&request.spec)?,
        ledger: read_ledger(request.deviations.as_deref())?,
        strict: request.strict,
        fail_on: request.fail_on,
        today: ctx.started.date(),
        with_rows: request.data,
    };
    let judge = Judge::of(&crew, &request.others, ctx.run_id, Some(&spec));
    let mut rows = Rows::of(request.fleet.databases.len());
    let look = |engine: &mut dyn Engine, seen: Seen<'_>, job: Job<'_>| {
        let variant = judge.judge(engine, seen.glance, seen.standing, job)?;
        let values =
            variant.of_rows.as_ref().map(|of_rows| values(engine, of_rows, &spec, job)).transpose()?;
        let broken = values.as_ref().is_some_and(|values| fails(&values.found, request.fail_on));
        let state = match (variant.is_other || broken, seen.standing.pending.is_empty() || request.at_applied)
        {
            (true, _) => State::Drifted,
            (false, false) => State::Behind,
            (false, true) => State::Current,
        };
        Ok(Row { variant: Some(variant), values, ..Row::at(state, seen.standing) })
    };
    crew.look(ctx, true, look, |number, came| rows.put(number, Row::seen(came, |row| row)))?;
    Ok(report("fleet audit", Did::Audit, &request.fleet, rows, None))
}

/// What the rows break of what the spec states of them.
fn values(engine: &mut dyn Engine, of_rows: &OfRows, spec: &Spec, job: Job<'_>) -> Result<Values> {
    let check = |plan: &_| engine.check_values(plan, job);
    let (found, unchecked) = of_rows.values(&spec.ledger, spec.strict, spec.today, check)?;
    Ok(Values { found, unchecked: unchecked.iter().map(Unchecked::to_string).collect() })
}
