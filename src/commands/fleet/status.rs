//! `planctl fleet status`: which version each database is at, and which schema it has. Writes nothing.

use super::FleetRequest;
use super::crew::{Crew, Seen};
use super::judge::Judge;
use super::rows::{Row, Rows};
use super::show::{Did, report};
use crate::audit::Others;
use crate::base::error::Result;
use crate::base::job::Job;
use crate::commands::Context;
use crate::engine::{Access, Engine};
use crate::report::Report;
use crate::report::wire::fleet::State;

/// What `fleet status` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusRequest {
    /// What every command is asked.
    pub fleet: FleetRequest,
    /// Which tables are somebody else's.
    pub others: Others,
}

/// Shows how the databases stand.
///
/// # Errors
/// What is wrong with the files. A database that cannot be read is part of the report.
pub fn run(ctx: &mut Context<'_>, request: &StatusRequest) -> Result<Report> {
    let crew = Crew::of(ctx, &request.fleet, Access::ReadOnly, None)?;
    let judge = Judge::of(&crew, &request.others, ctx.run_id, None);
    let mut rows = Rows::of(request.fleet.databases.len());
    let look = |engine: &mut dyn Engine, seen: Seen<'_>, job: Job<'_>| {
        let variant = judge.judge(engine, seen.glance, seen.standing, job)?;
        let state = match (variant.is_other, seen.standing.is_current()) {
            (true, _) => State::Drifted,
            (false, false) => State::Behind,
            (false, true) => State::Current,
        };
        Ok(Row { variant: Some(variant), ..Row::at(state, seen.standing) })
    };
    crew.look(ctx, true, look, |number, came| rows.put(number, Row::seen(came, |row| row)))?;
    Ok(report("fleet status", Did::Look, &request.fleet, rows, None))
}
