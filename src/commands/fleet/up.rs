//! `planctl fleet up`: applies what is pending, in each database.

use std::sync::Arc;

use super::FleetRequest;
use super::crew::{Came, Crew};
use super::run::{Course, Done, Writes};
use super::show::Did;
use crate::base::error::Result;
use crate::commands::Context;
use crate::engine::UpOptions;
use crate::fleets::Standing;
use crate::migrations::Version;
use crate::report::Report;

/// What `fleet up` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpRequest {
    /// What every command is asked.
    pub fleet: FleetRequest,
    /// The newest version to apply; all when absent.
    pub to: Option<Version>,
    /// How it goes about it.
    pub course: Course,
}

/// Applies what is pending. Databases that lack nothing are only read.
///
/// # Errors
/// What is wrong with the files; `Interrupted` while the databases are read. What fails in a database is part of the report.
pub fn run(ctx: &mut Context<'_>, request: &UpRequest) -> Result<Report> {
    let crew = Crew::of(ctx, &request.fleet, request.to)?;
    let seen = crew.look(ctx, false, |_, _, standing, _| Ok(standing))?;
    let version = |came: &Option<Came<Arc<Standing>>>| came.as_ref()?.as_ref().ok()?.version;
    let before: Vec<Option<Version>> = seen.iter().map(version).collect();
    let all = seen.into_iter().map(|came| match came {
        Some(Ok(standing)) if standing.is_current() => {
            Some(Ok(Done { version: standing.version, migrations: Vec::new() }))
        }
        Some(Err(failure)) => Some(Err(failure)),
        _ => None,
    });
    let options = UpOptions { to: request.to, run_id: ctx.run_id, backup: None };
    let writes = Writes {
        command: "fleet up",
        doing: "migrating",
        did: Did::Up,
        course: &request.course,
        before: &before,
        work: &|engine, job| engine.migrate_up(&crew.set, &options, job),
    };
    let all = all.collect();
    Ok(writes.run(ctx, &crew, all))
}
