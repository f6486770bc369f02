//! `planctl fleet up`: applies what is pending, in each database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::FleetRequest;
use super::clean::Gate;
use super::crew::{Crew, Seen};
use super::room::Room;
use super::rows::{Row, Rows};
use super::run::{Course, Writes};
use super::show::Did;
use super::totals::Totals;
use crate::audit::Others;
use crate::base::error::{Error, Result};
use crate::base::job::Job;
use crate::commands::Context;
use crate::commands::migrate::loss;
use crate::engine::{self, Access, ByHand, Engine, OnLoss, Run, UpOptions, refusal_of_up};
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
    /// Go on where what no migration made is taken along.
    pub allow_destructive: bool,
    /// Whether each schema has to be what the last migration left; and which tables are somebody else's.
    pub clean: Option<Others>,
}

/// Applies what is pending. Databases that lack nothing are only read.
///
/// # Errors
/// What is wrong with the files; `Interrupted` while the databases are read. What fails in a database is part of the report.
pub fn run(ctx: &mut Context<'_>, request: &UpRequest) -> Result<Report> {
    let crew = Crew::of(ctx, &request.fleet, Access::ReadFirst, request.to)?;
    let gate = Gate::of(&crew, request.clean.as_ref(), ctx.run_id);
    let options = UpOptions { to: request.to, ..UpOptions::of(ctx.run_id) };
    let (by_hand, on_loss) = (ByHand::default(), loss::rule(request.allow_destructive));
    // Where nothing that is pending drops anything, nobody needs to look again.
    let asks = AtomicBool::new(false);
    let room = Room::default();
    let mut totals = Totals::default();
    let mut rows = Rows::of(request.fleet.databases.len());
    let look = |engine: &mut dyn Engine, seen: Seen<'_>, job: Job<'_>| {
        gate.as_ref().map_or(Ok(()), |gate| gate.look(engine, (seen.name, seen.glance), job))?;
        let mut lost = Vec::new();
        if seen.standing.drops {
            asks.store(true, Ordering::Relaxed);
            lost = by_hand.lost(engine, &crew.set, &options, job)?;
        }
        if on_loss == OnLoss::Refuse && !lost.is_empty() {
            return Err(advised(refusal_of_up(&lost)).into());
        }
        room.at_most(seen.name, &seen.standing.rebuilt);
        Ok((Arc::clone(seen.standing), lost))
    };
    crew.look(ctx, gate.is_some(), look, |number, came| {
        let row = Row::seen(came, |(standing, lost)| {
            totals.add(lost);
            Row::to_do(!standing.is_current(), &standing)
        });
        rows.put(number, row.of_run(None));
    })?;
    let rebuilt = |engine: &mut dyn Engine| {
        let glance = engine.glance(false)?;
        Ok(crew.standing(engine, &glance)?.rebuilt.clone())
    };
    let lack = room.verify(ctx, &crew, &rows, rebuilt)?;
    let writes = Writes {
        command: "fleet up",
        doing: "migrating",
        did: Did::Up(totals.all().collect()),
        course: &request.course,
        gate: gate.as_ref(),
        work: &|engine, job| {
            if !asks.load(Ordering::Relaxed) {
                return engine.migrate_up(&crew.set, &options, job);
            }
            let run = engine::up(engine, &by_hand, &crew.set, (&options, on_loss), job);
            Run { error: run.error.map(|error| if run.refused { advised(error) } else { error }), ..run }
        },
    };
    Ok(writes.run(ctx, &crew, rows, lack))
}

/// The error of a database that would lose what no migration made, with what to do about it.
fn advised(error: Error) -> Error {
    error.help("`planctl migrate up --dry-run --db FILE` lists it; --allow-destructive applies anyway")
}
