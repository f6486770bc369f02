//! A run over a fleet that writes: canaries, perhaps rehearsed, then the rest; what it came to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::FleetRequest;
use super::crew::{All, Came, Crew, Failure};
use super::show::{Did, Early, Row, report_of_run};
use crate::base::error::ErrorKind;
use crate::base::job::Job;
use crate::base::words::thousands;
use crate::commands::Context;
use crate::commands::migrate::{copies, rehearsal};
use crate::engine::{self, Access, Engine, OpenOptions, Run};
use crate::fleets::{End, Limits, Standing};
use crate::migrations::Version;
use crate::report::wire::fleet::State;
use crate::report::{Report, Span, Style};

/// How a run over a fleet goes about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Course {
    /// How many databases go first, one by one.
    pub canary: usize,
    /// How many may fail before no further one begins.
    pub failures: usize,
    /// Whether the canaries are rehearsed on copies first, and in which folder those lie; beside the database when absent.
    pub rehearse: Option<Option<PathBuf>>,
}

/// A database that there is nothing left to do for.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) version: Option<Version>,
    /// What was applied or reverted.
    pub(super) migrations: Vec<Version>,
}

/// A run: what it is called, and what it does.
pub(super) struct Writes<'a> {
    pub(super) command: &'static str,
    pub(super) doing: &'static str,
    pub(super) did: Did,
    pub(super) course: &'a Course,
    /// Which version each was at before, by their numbers.
    pub(super) before: &'a [Option<Version>],
    /// What is done with each database.
    pub(super) work: &'a (dyn Fn(&mut dyn Engine, Job<'_>) -> Run + Sync),
}

impl Writes<'_> {
    /// Gives each database of `all` that nothing came of yet its turn, and reports.
    pub(super) fn run(&self, ctx: &mut Context<'_>, crew: &Crew<'_>, mut all: All<Done>) -> Report {
        let order: Vec<usize> =
            all.iter().enumerate().filter(|(_, came)| came.is_none()).map(|(number, _)| number).collect();
        let failed = all.iter().flatten().filter(|came| came.is_err()).count();
        let Course { canary, failures, .. } = *self.course;
        if !order.is_empty() && failed >= failures {
            let why = "no database was begun: so many cannot be read or do not fit the files".to_owned();
            return self.report(
                crew.fleet,
                all,
                Some(Early::new(ErrorKind::Database, why, Some(self.more()))),
            );
        }
        let mut rehearsed = 0;
        for &number in order.iter().take(canary) {
            match self.rehearse(ctx, crew, number) {
                None => {}
                Some(Ok(())) => rehearsed += 1,
                Some(Err(failure)) => {
                    let kind = failure.error.kind();
                    if let Some(place) = all.get_mut(number) {
                        *place = Some(Err(failure));
                    }
                    let why = "it was a rehearsal on a copy: no database was touched".to_owned();
                    return self.report(crew.fleet, all, Some(Early::new(kind, why, None)));
                }
            }
        }
        remove_unused(crew.fleet, &order);
        let limits = Limits { canary, jobs: crew.fleet.jobs, failures, patience: crew.fleet.lock_timeout };
        let end = crew.turns(ctx, (self.doing, &order), limits, &mut all, |name, options| {
            let access = Access::ReadWrite { create: false };
            // Who has begun comes to an end, whatever the user asks for meanwhile.
            let mut engine = engine::open(name, access, options, Job::quiet())?;
            came((self.work)(&mut *engine, Job::quiet()))
        });
        let left = all.iter().filter(|came| came.is_none()).count();
        let mut report = self.report(crew.fleet, all, self.early(end, left));
        if rehearsed > 0 {
            let copies = if rehearsed == 1 { "a copy of the canary" } else { "copies of the canaries" };
            report.document.line(Span::new(format!("rehearsed on {copies} first"), Style::Plain));
        }
        report
    }

    /// What ended it before everyone had a turn.
    fn early(&self, end: End, left: usize) -> Option<Early> {
        let others = match left {
            0 => return None,
            1 => "1 database was not begun".to_owned(),
            left => format!("{} databases were not begun", thousands(left)),
        };
        let again = format!("`planctl {}` again goes on where this run ended", self.command);
        let (kind, why, help) = match end {
            End::Complete => return None,
            End::Stopped => (ErrorKind::Interrupted, format!("interrupted: {others}"), again),
            End::Canary => (ErrorKind::Database, format!("it was a canary: {others}"), again),
            End::Failures => (ErrorKind::Database, format!("so many failed that {others}"), self.more()),
        };
        Some(Early::new(kind, why, Some(help)))
    }

    fn more(&self) -> String {
        format!(
            "mend them or --exclude them; --max-failures N lets N - 1 fail, and `planctl {}` again goes on",
            self.command
        )
    }

    fn report(&self, fleet: &FleetRequest, all: All<Done>, early: Option<Early>) -> Report {
        came_to(self.command, self.did.clone(), fleet, (all, self.before), early)
    }

    /// Does it on a copy of one database; `None` where nobody asked for that.
    fn rehearse(&self, ctx: &mut Context<'_>, crew: &Crew<'_>, number: usize) -> Option<Came<()>> {
        let place = self.course.rehearse.as_ref()?.as_deref();
        let name = crew.fleet.databases.get(number)?;
        let open = OpenOptions { lock_timeout: crew.fleet.lock_timeout };
        let on_copy =
            rehearsal::on_copy(ctx, name, place, open, |ctx, engine| (self.work)(engine, ctx.job.quietly()));
        Some(match on_copy {
            Ok(rehearsal) => came(rehearsal.run).map(drop).map_err(|failure| Failure {
                version: None,
                migrations: Vec::new(),
                ..failure
            }),
            Err(error) => Err(error.into()),
        })
    }
}

/// The report of a run.
pub(super) fn came_to(
    command: &'static str,
    did: Did,
    fleet: &FleetRequest,
    (all, before): (All<Done>, &[Option<Version>]),
    early: Option<Early>,
) -> Report {
    let makes = if matches!(did, Did::Down(_)) { State::Reverted } else { State::Migrated };
    let rows = all.into_iter().enumerate().map(|(number, came)| {
        let row = Row::seen(came, |done| Row {
            state: if done.migrations.is_empty() { State::Current } else { makes },
            version: done.version,
            migrations: Some(done.migrations),
            ..Row::at(&Standing::default())
        });
        let before = before.get(number).copied().flatten();
        Row { migrations: Some(row.migrations.unwrap_or_default()), version: row.version.or(before), ..row }
    });
    report_of_run(command, did, fleet, rows.collect(), early)
}

fn came(run: Run) -> Came<Done> {
    let migrations = run.done.iter().map(|done| done.version).collect();
    match run.error {
        None => Ok(Done { version: run.after, migrations }),
        Some(error) => Err(Failure { version: run.after, migrations, ..error.into() }),
    }
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
