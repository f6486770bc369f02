//! `planctl fleet status`: which version each database is at, and which schema it has. Writes nothing.

use std::sync::Arc;

use super::FleetRequest;
use super::crew::Crew;
use super::judge::Judge;
use super::show::{Row, report};
use crate::audit::Others;
use crate::base::error::Result;
use crate::commands::Context;
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
    let crew = Crew::of(ctx, &request.fleet, None)?;
    let judge = Judge::of(&crew, &request.others, ctx.run_id, None);
    let all = crew.look(ctx, true, |engine, glance, standing, job| {
        let variant = judge.judge(engine, &glance, &standing, job)?;
        Ok((standing, variant))
    })?;
    let rows = all.into_iter().map(|came| {
        Row::seen(came, |(standing, variant)| Row {
            state: match (variant.is_other, standing.is_current()) {
                (true, _) => State::Drifted,
                (false, false) => State::Behind,
                (false, true) => State::Current,
            },
            variant: Some(Arc::clone(&variant)),
            ..Row::at(&standing)
        })
    });
    Ok(report("fleet status", &request.fleet, rows.collect()))
}
