//! Who works on a fleet: what is prepared once, and a look at each database.

use std::sync::Arc;
use std::time::Duration;

use super::FleetRequest;
use crate::base::error::{Advice, Error, ErrorKind, Result};
use crate::base::job::{Job, stopped};
use crate::base::progress::{Event, Interrupt, human};
use crate::commands::Context;
use crate::commands::scratch::own_migrations;
use crate::engine::{self, Access, DatabaseName, Engine, Glance, History, OpenOptions, compare, plan_up};
use crate::fleets::{Cause, End, Limits, Standing, Standings, Verdict, turns};
use crate::migrations::{MigrationSet, Version};

/// What is prepared once, for all threads.
pub(super) struct Crew<'a> {
    pub(super) fleet: &'a FleetRequest,
    pub(super) set: MigrationSet,
    /// The newest version to apply; all when absent.
    pub(super) to: Option<Version>,
    pub(super) stop: Interrupt,
    /// What a look at a database is for.
    access: Access,
    standings: Standings,
}

/// Why nothing came of a database.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Box<Error>,
    pub(super) cause: Cause,
    /// The newest applied version, as far as it is known.
    pub(super) version: Option<Version>,
    /// What was done before.
    pub(super) migrations: Vec<Version>,
}

impl From<Error> for Box<Failure> {
    fn from(error: Error) -> Box<Failure> {
        let cause = Cause::of(&error);
        Box::new(Failure { cause, error: Box::new(error), version: None, migrations: Vec::new() })
    }
}

/// What came of one database.
pub(super) type Came<T> = Result<T, Box<Failure>>;

/// Who has a turn, and for what.
pub(super) struct Turns<'a> {
    /// What is done, for the progress.
    pub(super) what: &'a str,
    /// Their numbers, in order.
    pub(super) order: &'a [usize],
    pub(super) limits: Limits,
    /// How many have failed before.
    pub(super) failed: usize,
}

/// What one look at a database shows.
pub(super) struct Seen<'a> {
    pub(super) name: &'a DatabaseName,
    pub(super) glance: &'a Glance,
    pub(super) standing: &'a Arc<Standing>,
}

impl<'a> Crew<'a> {
    /// Reads the files.
    ///
    /// # Errors
    /// As [`own_migrations`]; `Usage` when no migration has the version `to`.
    pub(super) fn of(
        ctx: &Context<'_>,
        fleet: &'a FleetRequest,
        access: Access,
        to: Option<Version>,
    ) -> Result<Crew<'a>> {
        let set = own_migrations(&fleet.migrations)?;
        if to.is_some_and(|to| set.get(to).is_none()) {
            plan_up(&set, &History::default(), to)?;
        }
        if let Some((file, more)) = fleet.linked.split_first() {
            ctx.job.tell(Event::HardLinked { file, more: more.len() });
        }
        Ok(Crew { fleet, set, to, stop: ctx.job.interrupt(), access, standings: Standings::default() })
    }

    /// Gives each its turn for `work`; what came of it is `heard`.
    pub(super) fn turns<T: Send>(
        &self,
        ctx: &Context<'_>,
        Turns { what, order, limits, failed: before }: Turns<'_>,
        work: impl Fn(&DatabaseName, OpenOptions) -> Came<T> + Sync,
        mut heard: impl FnMut(usize, Came<T>),
    ) -> End {
        let (mut done, mut failed, total) = (before, before, order.len() + before);
        let tell = |done, failed| ctx.job.tell(Event::Fleet { what, done, failed, total });
        let work = |number: usize, lock_timeout: Duration| {
            let Some(name) = self.fleet.databases.get(number) else { return (None, Verdict::Done) };
            let came = work(name, OpenOptions { lock_timeout });
            let verdict = match &came {
                Ok(_) => Verdict::Done,
                Err(failure) if failure.error.kind() == ErrorKind::Locked => Verdict::Locked,
                Err(_) => Verdict::Failed,
            };
            // How long the last of many tries has waited says nothing.
            let came = came.map_err(|failure| match verdict {
                Verdict::Locked => {
                    let Failure { version, migrations, .. } = *failure;
                    let locked: Box<Failure> = still_locked(name, limits.patience).into();
                    Box::new(Failure { version, migrations, ..*locked })
                }
                _ => failure,
            });
            (Some(came), verdict)
        };
        let end = turns(order, limits, before, &self.stop, work, |number, came, verdict| {
            done += 1;
            failed += usize::from(verdict != Verdict::Done);
            tell(done, failed);
            if let Some(came) = came {
                heard(number, came);
            }
        });
        tell(total, failed);
        end
    }

    /// Reads each of them, without a lock. What cannot be read is no error of the whole.
    ///
    /// # Errors
    /// `Interrupted`.
    pub(super) fn each<T: Send>(
        &self,
        ctx: &Context<'_>,
        order: &[usize],
        work: impl Fn(&mut dyn Engine, &DatabaseName, Job<'_>) -> Came<T> + Sync,
        heard: impl FnMut(usize, Came<T>),
    ) -> Result<()> {
        let reading = |name: &DatabaseName, options: OpenOptions, job: Job<'_>| {
            work(&mut *engine::open(name, self.access, options, job)?, name, job)
        };
        self.reading(ctx, order, reading, heard)
    }

    fn reading<T: Send>(
        &self,
        ctx: &Context<'_>,
        order: &[usize],
        work: impl Fn(&DatabaseName, OpenOptions, Job<'_>) -> Came<T> + Sync,
        heard: impl FnMut(usize, Came<T>),
    ) -> Result<()> {
        let (jobs, patience) = (self.fleet.jobs, self.fleet.lock_timeout);
        let limits = Limits { canary: 0, jobs, failures: usize::MAX, patience };
        let reading =
            |name: &DatabaseName, options: OpenOptions| work(name, options, Job::stopped_by(&self.stop));
        match self.turns(ctx, Turns { what: "reading", order, limits, failed: 0 }, reading, heard) {
            End::Stopped => Err(stopped()),
            _ => Ok(()),
        }
    }

    /// The numbers of all databases, in order.
    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.fleet.databases.len()).collect()
    }

    /// Looks where every database stands, and at what else is wanted of it.
    ///
    /// # Errors
    /// `Interrupted`.
    pub(super) fn look<T: Send>(
        &self,
        ctx: &Context<'_>,
        with_schema: bool,
        more: impl Fn(&mut dyn Engine, Seen<'_>, Job<'_>) -> Came<T> + Sync,
        heard: impl FnMut(usize, Came<T>),
    ) -> Result<()> {
        let look = |name: &DatabaseName, options: OpenOptions, job: Job<'_>| {
            // Each database is named once, and nobody but us opens any.
            let (mut engine, glance) =
                engine::look(name, self.access, options, job, |engine| engine.glance(with_schema))?;
            let standing = self.standing(&mut *engine, &glance)?;
            let seen = Seen { name, glance: &glance, standing: &standing };
            more(&mut *engine, seen, job).map_err(|mut failure| {
                failure.version = standing.version;
                failure
            })
        };
        self.reading(ctx, &self.all(), look, heard)
    }

    /// How a database stands to the files.
    pub(super) fn standing(&self, engine: &mut dyn Engine, glance: &Glance) -> Came<Arc<Standing>> {
        let standing = self.standings.of(&self.set, &glance.history, self.to);
        standing.map_err(|error| self.misfit(engine, error))
    }

    /// Why a history does not fit the files, by all that is recorded: only a record shows that nothing but white space
    /// differs.
    fn misfit(&self, engine: &mut dyn Engine, error: Error) -> Box<Failure> {
        let Ok(history) = engine.history() else { return error.into() };
        let error = plan_up(&self.set, &history, self.to).err().unwrap_or(error);
        match Cause::of_history(&compare(&self.set, &history)) {
            Some(cause) => {
                Box::new(Failure { cause, version: history.newest(), ..*Box::<Failure>::from(error) })
            }
            None => error.into(),
        }
    }
}

fn still_locked(name: &DatabaseName, patience: Duration) -> Error {
    let message = format!("{} was locked by somebody else for {}", name.display(), human(patience));
    name.about(Error::new(ErrorKind::Locked, message).help(Advice::WaitLonger))
}
