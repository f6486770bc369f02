//! `planctl migrate` for applications: [`Migrator`].
//!
//! A migration is one transaction, with its history row, its data steps and the foreign-key check. The history is
//! refinery's own: an application can take over a database that refinery migrated, and the other way round.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use planctl::migrate::{DownTarget, Migrator};
//!
//! let migrator = Migrator::from_texts([
//!     ("V1__plans.sql", "CREATE TABLE plans (id TEXT PRIMARY KEY);"),
//!     ("V1__plans.down.sql", "DROP TABLE plans;"),
//!     ("V2__tasks.sql", "CREATE TABLE tasks (id TEXT PRIMARY KEY, plan TEXT REFERENCES plans (id));"),
//!     ("V2__tasks.down.sql", "DROP TABLE tasks;"),
//! ])?;
//!
//! let dir = tempfile::tempdir()?;
//! let db = dir.path().join("plan.db");
//! assert_eq!(migrator.up(&db)?.after, Some(2));
//! assert!(migrator.pending(&db)?.is_empty());
//!
//! let taken_back = migrator.clone().backup(dir.path().join("before.db")).down(&db, DownTarget::Steps(1))?;
//! assert_eq!(taken_back.done[0].name, "tasks");
//! assert_eq!(migrator.pending(&db)?, [2]);
//! assert!(migrator.pending(&dir.path().join("before.db"))?.is_empty());
//! # Ok(())
//! # }
//! ```

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use super::database::{IntoDatabase, IntoSource, Opened};
use crate::base::context::new_run_id;
use crate::base::error::{Error, FrontEnd, Result};
use crate::base::job::Job;
use crate::base::progress::{Interrupt, Observer, Silent};
use crate::engine::{self, Access, ByHand, DownOptions, Engine, OnLoss, OpenOptions, UpOptions, plan_up};

pub use crate::engine::{
    Applied, Backfilled, DownTarget, Executed, History, Loss, LossKind, Lost, Record, StepDone, StoredDown,
    UncheckedKey,
};
pub use crate::migrations::{LineEnding, Migration, MigrationSet, Step, Version, VersionWidth, WhiteSpace};

/// Who tells of errors here.
const TELLER: FrontEnd = FrontEnd::Library("Migrator");

/// What a run did.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[must_use = "it says what was done"]
#[non_exhaustive]
pub struct Run {
    /// What was committed, in order.
    pub done: Vec<Executed>,
    /// The newest applied version before the run.
    pub before: Option<Version>,
    /// The newest applied version after it.
    pub after: Option<Version>,
    /// The backup that was made ([`Migrator::backup`]).
    pub backup: Option<PathBuf>,
    /// What taking migrations back destroyed, or applying them took along that no migration made; where it was refused,
    /// what it would have been.
    pub lost: Vec<Lost>,
}

/// A run that ended early. What it had committed by then stays in the database.
#[derive(Debug)]
#[non_exhaustive]
pub struct FailedRun {
    /// What was done before.
    pub run: Box<Run>,
    /// What ended it.
    pub error: Error,
}

impl fmt::Display for FailedRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for FailedRun {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

impl From<FailedRun> for Error {
    fn from(failed: FailedRun) -> Error {
        failed.error
    }
}

impl From<Error> for FailedRun {
    /// Nothing was done.
    fn from(error: Error) -> FailedRun {
        FailedRun { run: Box::default(), error }
    }
}

/// The migrations of the folder that the build script embeds with `planctl_build::embed`: as
/// [`Migrator::from_texts`](crate::migrate::Migrator::from_texts) gives them, errors included.
#[macro_export]
macro_rules! embedded {
    () => {
        $crate::migrate::Migrator::from_texts(include!(concat!(env!("OUT_DIR"), "/planctl_migrations.rs")))
    };
}

/// Migrations, and how to run them.
#[derive(Clone, Debug)]
pub struct Migrator {
    set: MigrationSet,
    to: Option<Version>,
    lock_timeout: Duration,
    backup: Option<PathBuf>,
    from_files: bool,
    interrupt: Interrupt,
    on_loss: OnLoss,
    /// Clones share it: what is the same for many databases is found out once.
    by_hand: Arc<ByHand>,
}

impl Migrator {
    /// The migrations in a folder.
    ///
    /// # Errors
    /// As [`MigrationSet::load`].
    pub fn from_dir(dir: impl AsRef<Path>) -> Result<Migrator> {
        MigrationSet::load(dir.as_ref()).map(Migrator::new).map_err(told)
    }

    /// Migrations that are part of the program: names and texts of files, as `include_str!` gives them.
    ///
    /// # Errors
    /// As [`MigrationSet::load`].
    pub fn from_texts<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Migrator> {
        let set = MigrationSet::from_texts("migrations".as_ref(), files);
        set.map(Migrator::new).map_err(told)
    }

    /// These migrations.
    pub fn new(set: MigrationSet) -> Migrator {
        let OpenOptions { lock_timeout } = OpenOptions::default();
        Migrator {
            set,
            to: None,
            lock_timeout,
            backup: None,
            from_files: false,
            interrupt: Interrupt::new(),
            on_loss: OnLoss::Refuse,
            by_hand: Arc::default(),
        }
    }

    /// Up no further than this version.
    #[must_use]
    pub fn to(mut self, version: Version) -> Migrator {
        self.to = Some(version);
        self
    }

    /// How long to wait for a lock that another connection holds; 30 seconds unless it is said.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Migrator {
        self.lock_timeout = timeout;
        self
    }

    /// Leaves a copy of the database as it was just before the first migration in `file`, which must not exist.
    #[must_use]
    pub fn backup(mut self, file: impl Into<PathBuf>) -> Migrator {
        self.backup = Some(file.into());
        self
    }

    /// Whether [`Migrator::down`] goes on where it destroys rows or values, or reverts what was recorded and never applied, and
    /// [`Migrator::up`] where it drops what no migration made: a column that was added by hand, with its values, an index, a
    /// trigger. Unless it is said, they change nothing then, and the error names what it would be.
    #[must_use]
    pub fn allow_destructive(mut self, allow: bool) -> Migrator {
        self.on_loss = if allow { OnLoss::Allow } else { OnLoss::Refuse };
        self
    }

    /// Raising `interrupt` stops a run; the migration that it is in is rolled back.
    #[must_use]
    pub fn interrupt(mut self, interrupt: Interrupt) -> Migrator {
        self.interrupt = interrupt;
        self
    }

    /// Whether [`Migrator::down`] runs the down scripts of the files rather than those that were stored when the migrations
    /// were applied.
    #[must_use]
    pub fn from_files(mut self, from_files: bool) -> Migrator {
        self.from_files = from_files;
        self
    }

    pub(super) fn without_backup(self) -> Migrator {
        Migrator { backup: None, ..self }
    }

    pub(super) fn patience(&self) -> Duration {
        self.lock_timeout
    }

    pub(super) fn stop(&self) -> &Interrupt {
        &self.interrupt
    }

    /// The migrations, and up to which of them.
    pub(super) fn plan(&self) -> (&MigrationSet, Option<Version>) {
        (&self.set, self.to)
    }

    /// Applies what is pending, oldest first; makes the file when there is none.
    ///
    /// # Errors
    /// The first thing that is wrong, with what was committed before it, which stays.
    pub fn up<'a, How>(&self, database: impl IntoDatabase<'a, How>) -> Result<Run, FailedRun> {
        self.run_up(database, &mut Silent)
    }

    /// [`Migrator::up`], telling `observer` what happens.
    ///
    /// # Errors
    /// As [`Migrator::up`].
    pub fn run_up<'a, How>(
        &self,
        database: impl IntoDatabase<'a, How>,
        observer: &mut dyn Observer,
    ) -> Result<Run, FailedRun> {
        let observer = RefCell::new(observer);
        let job = Job::new(&observer, &self.interrupt);
        let run_id = new_run_id(OffsetDateTime::now_utc());
        let options = UpOptions { to: self.to, backup: self.backup.as_deref(), ..UpOptions::of(run_id) };
        self.run(database, Access::ReadWrite { create: true }, job, |engine| {
            let mut run = engine::up(engine, &self.by_hand, &self.set, (&options, self.on_loss), job);
            if run.refused {
                run.error = run.error.map(|error| error.help("Migrator::allow_destructive applies anyway"));
            }
            run
        })
    }

    /// Takes migrations back, newest first, each by the down script that was stored when it was applied.
    ///
    /// # Errors
    /// The first thing that is wrong, with what was committed before it, which stays.
    pub fn down<'a, How>(
        &self,
        database: impl IntoDatabase<'a, How>,
        target: DownTarget,
    ) -> Result<Run, FailedRun> {
        self.run_down(database, target, &mut Silent)
    }

    /// [`Migrator::down`], telling `observer` what happens.
    ///
    /// # Errors
    /// As [`Migrator::down`].
    pub fn run_down<'a, How>(
        &self,
        database: impl IntoDatabase<'a, How>,
        target: DownTarget,
        observer: &mut dyn Observer,
    ) -> Result<Run, FailedRun> {
        let observer = RefCell::new(observer);
        let job = Job::new(&observer, &self.interrupt);
        let options = DownOptions {
            target,
            from_files: self.from_files,
            on_loss: self.on_loss,
            backup: self.backup.as_deref(),
        };
        self.run(database, Access::ReadWrite { create: false }, job, |engine| {
            let mut run = engine.migrate_down(&self.set, &options, job);
            if run.refused {
                run.error = run.error.map(|error| error.help("Migrator::allow_destructive reverts anyway"));
            }
            run
        })
    }

    /// The versions that [`Migrator::up`] would apply: all of them where it would make the file. Only reads.
    ///
    /// # Errors
    /// An applied migration that was edited or is missing, one that is out of order; `Newer` for a database that only a
    /// newer program knows; a database that cannot be read.
    pub fn pending<'a, How>(&self, database: impl IntoSource<'a, How>) -> Result<Vec<Version>> {
        let history = match database.into_source() {
            source if source.would_be_made() => History::default(),
            source => self.history(source)?,
        };
        let plan = plan_up(&self.set, &history, self.to).map_err(told)?;
        Ok(plan.iter().map(|file| file.version).collect())
    }

    /// What was applied to the database. Only reads.
    ///
    /// # Errors
    /// A database that is not there or cannot be read; a history that cannot be trusted (`Migration`).
    pub fn history<'a, How>(&self, database: impl IntoSource<'a, How>) -> Result<History> {
        let read =
            || match database.into_source().open(self.lock_timeout, Job::stopped_by(&self.interrupt))? {
                Opened::Engine(mut engine) => engine.history(),
                Opened::Reader(reader) => reader.history(),
            };
        read().map_err(told)
    }

    fn run<'a, How>(
        &self,
        database: impl IntoDatabase<'a, How>,
        access: Access,
        job: Job<'_>,
        work: impl FnOnce(&mut dyn Engine) -> engine::Run,
    ) -> Result<Run, FailedRun> {
        let run = database.into_database().with(access, self.lock_timeout, job, |engine| Ok(work(engine)));
        let engine::Run { done, error, before, after, backup, lost, .. } = run.map_err(told)?;
        let run = Run { done, before, after, backup, lost };
        match error {
            Some(error) => Err(FailedRun { run: Box::new(run), error: told(error) }),
            None => Ok(run),
        }
    }
}

fn told(error: Error) -> Error {
    error.told_by(TELLER)
}
