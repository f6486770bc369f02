//! A run over a fleet that writes: canaries, perhaps rehearsed, then the rest; what it came to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::FleetRequest;
use super::clean::Gate;
use super::crew::{Came, Crew, Failure, Turns};
use super::rows::{Row, Rows};
use super::show::{Did, Early, report};
use crate::base::error::ErrorKind;
use crate::base::job::Job;
use crate::base::words::thousands;
use crate::commands::Context;
use crate::commands::migrate::{copies, rehearsal};
use crate::engine::{self, Access, DatabaseName, Engine, OpenOptions, Run};
use crate::fleets::{End, Limits, Standing};
use crate::migrations::Version;
use crate::report::wire::fleet::State;
use crate::report::{Report, Span, Style};

/// How a run over a fleet goes about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Course {
    /// How many databases go first, one by one.
    pub canary: usize,
    /// How many may fail before no further one starts.
    pub failures: usize,
    /// Whether the canaries are rehearsed on copies first, and in which folder those lie; beside the database when absent.
    pub rehearse: Option<Option<PathBuf>>,
}

/// What to do when too many failed.
const MORE: &str =
    "fix or --exclude them, then run the same command again; raise --max-failures to go on despite failures";

/// A run: what it is called, and what it does.
pub(super) struct Writes<'a> {
    pub(super) command: &'static str,
    pub(super) doing: &'static str,
    pub(super) did: Did,
    pub(super) course: &'a Course,
    /// Keeps out what drifted, where that is asked for.
    pub(super) gate: Option<&'a Gate<'a>>,
    /// What is done with each database.
    pub(super) work: &'a (dyn Fn(&mut dyn Engine, Job<'_>) -> Run + Sync),
}

impl Writes<'_> {
    /// Gives each database that was not begun yet its turn, unless there is a `lack` of something, and reports.
    pub(super) fn run(
        &self,
        ctx: &mut Context<'_>,
        crew: &Crew<'_>,
        mut rows: Rows,
        lack: Option<Early>,
    ) -> Report {
        let order = rows.in_state(State::NotBegun);
        let failed = rows.count(State::Failed);
        let Course { canary, failures, .. } = *self.course;
        let report = |rows, early| report(self.command, self.did.clone(), crew.fleet, rows, early);
        if !order.is_empty() && failed >= failures {
            let why = format!(
                "no database was started: {} cannot be read or may not be migrated (--max-failures {failures})",
                thousands(failed)
            );
            return report(rows, Some(Early::new(ErrorKind::Database, why, Some(MORE.to_owned()))));
        }
        if lack.is_some() {
            return report(rows, lack);
        }
        let mut rehearsed = 0;
        for &number in order.iter().take(canary) {
            match self.rehearse(ctx, crew, number) {
                None => {}
                Some(Ok(())) => rehearsed += 1,
                Some(Err(failure)) => {
                    let kind = failure.error.kind();
                    self.note(&mut rows, number, Err(failure));
                    let why = "it was a rehearsal on a copy: no database was touched".to_owned();
                    return report(rows, Some(Early::new(kind, why, None)));
                }
            }
        }
        remove_unused(crew.fleet, &order);
        let limits = Limits { canary, jobs: crew.fleet.jobs, failures, patience: crew.fleet.lock_timeout };
        let turns = Turns { what: self.doing, order: &order, limits, failed };
        let work = |name: &DatabaseName, options: OpenOptions| {
            let access = Access::ReadWrite { create: false };
            // Who has begun comes to an end, whatever the user asks for meanwhile.
            came(self.work(&mut *engine::open(name, access, options, Job::quiet())?, name, Job::quiet()))
        };
        let end = crew.turns(ctx, turns, work, |number, came| self.note(&mut rows, number, came));
        let early = self.early(end, rows.count(State::NotBegun));
        let mut report = report(rows, early);
        if rehearsed > 0 {
            let copies = if rehearsed == 1 { "a copy of the canary" } else { "copies of the canaries" };
            report.document.line(Span::new(format!("rehearsed on {copies} first"), Style::Plain));
        }
        report
    }

    fn work(&self, engine: &mut dyn Engine, name: &DatabaseName, job: Job<'_>) -> Run {
        match self.gate.map_or(Ok(()), |gate| gate.hold(engine, name, job)) {
            Ok(()) => (self.work)(engine, job),
            Err(error) => Run { error: Some(error), ..Run::default() },
        }
    }

    /// Notes what came of one that had its turn.
    fn note(&self, rows: &mut Rows, number: usize, came: Came<Run>) {
        let makes = if matches!(self.did, Did::Down(_)) { State::Reverted } else { State::Migrated };
        let row = Row::seen(came, |run| {
            let state = if run.done.is_empty() { State::Current } else { makes };
            let standing = Standing { version: run.after, ..Standing::default() };
            Row { migrations: Some(versions(&run)), ..Row::at(state, &standing) }
        });
        let row = row.of_run(rows.get(number));
        rows.put(number, row);
    }

    /// What ended it before everyone had a turn.
    fn early(&self, end: End, left: usize) -> Option<Early> {
        let others = match left {
            0 => return None,
            1 => "1 database was not started".to_owned(),
            left => format!("{} databases were not started", thousands(left)),
        };
        let again = format!("run `planctl {}` again to go on where this run ended", self.command);
        let (kind, why, help) = match end {
            End::Complete => return None,
            End::Stopped => (ErrorKind::Interrupted, format!("interrupted: {others}"), again),
            End::Canary => (ErrorKind::Database, format!("it was a canary: {others}"), again),
            End::Failures => {
                let why = format!("{others} (--max-failures {})", self.course.failures);
                (ErrorKind::Database, why, MORE.to_owned())
            }
        };
        Some(Early::new(kind, why, Some(help)))
    }

    /// Does it on a copy of one database; `None` where nobody asked for that.
    fn rehearse(&self, ctx: &mut Context<'_>, crew: &Crew<'_>, number: usize) -> Option<Came<()>> {
        let place = self.course.rehearse.as_ref()?.as_deref();
        let name = crew.fleet.databases.get(number)?;
        let open = OpenOptions { lock_timeout: crew.fleet.lock_timeout };
        let on_copy = rehearsal::on_copy(ctx, name, place, open, |ctx, engine| {
            self.work(engine, name, ctx.job.quietly())
        });
        // Whatever was done, it was done on the copy.
        let on_the_copy =
            |failure: Box<Failure>| Box::new(Failure { version: None, migrations: Vec::new(), ..*failure });
        Some(match on_copy {
            Ok(rehearsal) => came(rehearsal.run).map(drop).map_err(on_the_copy),
            Err(error) => Err(error.into()),
        })
    }
}

fn versions(run: &Run) -> Vec<Version> {
    run.done.iter().map(|done| done.version).collect()
}

fn came(mut run: Run) -> Came<Run> {
    let Some(error) = run.error.take() else { return Ok(run) };
    let failure: Box<Failure> = error.into();
    Err(Box::new(Failure { version: run.after, migrations: versions(&run), ..*failure }))
}

/// Removes what rehearsals that were killed left beside the databases: each folder is looked at once.
fn remove_unused(fleet: &FleetRequest, order: &[usize]) {
    let files = order.iter().filter_map(|number| fleet.databases.get(*number)?.file());
    let folders: BTreeSet<PathBuf> = files
        .filter_map(|file| {
            let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
            fs::canonicalize(parent.unwrap_or(Path::new("."))).ok()
        })
        .collect();
    folders.iter().for_each(|folder| copies::remove_unused(folder));
}
