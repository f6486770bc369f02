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

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { cause: Cause::of(&error), error: Box::new(error), version: None, migrations: Vec::new() }
    }
}

/// What came of one database.
pub(super) type Came<T> = Result<T, Failure>;

/// What came of each database; `None` for those whose turn it was not.
pub(super) type All<T> = Vec<Option<Came<T>>>;

impl<'a> Crew<'a> {
    /// Reads the files.
    ///
    /// # Errors
    /// As [`own_migrations`]; `Usage` when no migration has the version `to`.
    pub(super) fn of(ctx: &Context<'_>, fleet: &'a FleetRequest, to: Option<Version>) -> Result<Crew<'a>> {
        let set = own_migrations(&fleet.migrations)?;
        if to.is_some_and(|to| set.get(to).is_none()) {
            plan_up(&set, &History::default(), to)?;
        }
        Ok(Crew { fleet, set, to, stop: ctx.job.interrupt(), standings: Standings::default() })
    }

    /// Has each of `order` do `work`, as `limits` say; what came of it is put into `all`.
    pub(super) fn turns<T: Send>(
        &self,
        ctx: &Context<'_>,
        (what, order): (&str, &[usize]),
        limits: Limits,
        all: &mut All<T>,
        work: impl Fn(&DatabaseName, OpenOptions) -> Came<T> + Sync,
    ) -> End {
        let mut failed = all.iter().flatten().filter(|came| came.is_err()).count();
        let (before, total) = (failed, order.len() + failed);
        let mut done = failed;
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
                    let Failure { version, migrations, .. } = failure;
                    Failure { version, migrations, ..still_locked(name, limits.patience).into() }
                }
                _ => failure,
            });
            (Some(came), verdict)
        };
        let end = turns(order, limits, before, &self.stop, work, |number, came, verdict| {
            done += 1;
            failed += usize::from(verdict != Verdict::Done);
            tell(done, failed);
            if let Some(place) = all.get_mut(number) {
                *place = came;
            }
        });
        tell(total, failed);
        end
    }

    /// Reads every database, without a lock. What cannot be read is no error of the whole.
    ///
    /// # Errors
    /// `Interrupted`.
    pub(super) fn each<T: Send>(
        &self,
        ctx: &Context<'_>,
        work: impl Fn(&mut dyn Engine, Job<'_>) -> Came<T> + Sync,
    ) -> Result<All<T>> {
        let order: Vec<usize> = (0..self.fleet.databases.len()).collect();
        let limits = Limits {
            canary: 0,
            jobs: self.fleet.jobs,
            failures: usize::MAX,
            patience: self.fleet.lock_timeout,
        };
        let mut all: All<T> = order.iter().map(|_| None).collect();
        let end = self.turns(ctx, ("reading", &order), limits, &mut all, |name, options| {
            let job = Job::stopped_by(&self.stop);
            let mut engine = engine::open(name, Access::ReadOnly, options, job)?;
            work(&mut *engine, job)
        });
        if end == End::Stopped { Err(stopped()) } else { Ok(all) }
    }

    /// Looks where every database stands, and at what else is wanted of it.
    ///
    /// # Errors
    /// `Interrupted`.
    pub(super) fn look<T: Send>(
        &self,
        ctx: &Context<'_>,
        with_schema: bool,
        more: impl Fn(&mut dyn Engine, Glance, Arc<Standing>, Job<'_>) -> Result<T> + Sync,
    ) -> Result<All<T>> {
        self.each(ctx, |engine, job| {
            let glance = engine.glance(with_schema)?;
            match self.standings.of(&self.set, &glance.history, self.to) {
                Ok(standing) => Ok(more(engine, glance, standing, job)?),
                Err(error) => Err(self.misfit(engine, error)),
            }
        })
    }

    /// Why a history does not fit the files, by all that is recorded: only a record shows that nothing but white space
    /// differs.
    fn misfit(&self, engine: &mut dyn Engine, error: Error) -> Failure {
        let Ok(history) = engine.history() else { return error.into() };
        let error = plan_up(&self.set, &history, self.to).err().unwrap_or(error);
        match Cause::of_history(&compare(&self.set, &history)) {
            Some(cause) => Failure { cause, version: history.newest(), ..error.into() },
            None => error.into(),
        }
    }
}

fn still_locked(name: &DatabaseName, patience: Duration) -> Error {
    let message = format!("{} was locked by somebody else for {}", name.display(), human(patience));
    name.about(Error::new(ErrorKind::Locked, message).help(Advice::WaitLonger))
}
