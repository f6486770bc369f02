//! `planctl migrate` for applications: [`Migrator`].
//!
//! A migration is one transaction, with its history row, its data steps and the foreign-key check. The history is
//! refinery's own: an application can take over a database that refinery migrated, and the other way round.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use planctl::engine::DownTarget;
//! use planctl::migrate::Migrator;
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
//! assert_eq!(migrator.up(&db)?.len(), 2);
//! assert!(migrator.pending(&db)?.is_empty());
//!
//! let taken_back = migrator.clone().backup(dir.path().join("before.db")).down(&db, DownTarget::Steps(1))?;
//! assert_eq!(taken_back[0].name, "tasks");
//! assert_eq!(migrator.pending(&db)?, [2]);
//! assert!(migrator.pending(&dir.path().join("before.db"))?.is_empty());
//! # Ok(())
//! # }
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use time::OffsetDateTime;

use super::Database;
use crate::commands::new_run_id;
use crate::engine::{
    Access, DownOptions, DownTarget, Engine, Executed, History, OnLoss, OpenOptions, Run, UpOptions, plan_up,
};
use crate::error::Result;
use crate::migrations::{MigrationSet, Version};
use crate::progress::{Interrupt, Observer, Silent};

/// Migrations, and how to run them.
#[derive(Clone, Debug)]
pub struct Migrator {
    set: MigrationSet,
    to: Option<Version>,
    lock_timeout: Duration,
    backup: Option<PathBuf>,
    interrupt: Interrupt,
    on_loss: OnLoss,
}

impl Migrator {
    /// The migrations in a folder.
    ///
    /// # Errors
    /// As [`MigrationSet::load`].
    pub fn from_dir(dir: impl AsRef<Path>) -> Result<Migrator> {
        Ok(Migrator::new(MigrationSet::load(dir.as_ref())?))
    }

    /// Migrations that are part of the program: names and texts of files, as `include_str!` gives them.
    ///
    /// # Errors
    /// As [`MigrationSet::load`].
    pub fn from_texts<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Migrator> {
        Ok(Migrator::new(MigrationSet::from_texts("migrations".as_ref(), files)?))
    }

    /// These migrations.
    pub fn new(set: MigrationSet) -> Migrator {
        let OpenOptions { lock_timeout } = OpenOptions::default();
        Migrator {
            set,
            to: None,
            lock_timeout,
            backup: None,
            interrupt: Interrupt::new(),
            on_loss: OnLoss::Refuse,
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

    /// Whether [`Migrator::down`] goes on where it destroys rows or values, or takes back what was recorded and never applied;
    /// unless it is said, it changes nothing then, and the error names what it would be.
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

    /// Applies what is pending, oldest first; makes the file when there is none. Gives what was applied.
    ///
    /// # Errors
    /// The first thing that is wrong. What was committed before it stays; [`Migrator::run_up`] says what that is.
    pub fn up<'a>(&self, database: impl Into<Database<'a>>) -> Result<Vec<Executed>> {
        settled(self.run_up(database, &mut Silent)?)
    }

    /// [`Migrator::up`], telling `observer` what happens. A run that stops midway has both what was done and the error.
    ///
    /// # Errors
    /// What keeps the database from being opened.
    pub fn run_up<'a>(&self, database: impl Into<Database<'a>>, observer: &mut dyn Observer) -> Result<Run> {
        let options = UpOptions { to: self.to, run_id: new_run_id(OffsetDateTime::now_utc()) };
        self.with(database.into(), Access::ReadWrite { create: true }, |engine| {
            Ok(engine.migrate_up(&self.set, &options, observer, &self.interrupt))
        })
    }

    /// Takes migrations back, newest first, each by the down script that was stored when it was applied. Gives what was
    /// taken back.
    ///
    /// # Errors
    /// The first thing that is wrong. What was committed before it stays; [`Migrator::run_down`] says what that is.
    pub fn down<'a>(&self, database: impl Into<Database<'a>>, target: DownTarget) -> Result<Vec<Executed>> {
        settled(self.run_down(database, target, &mut Silent)?)
    }

    /// [`Migrator::down`], telling `observer` what happens. A run that stops midway has both what was done and the error.
    ///
    /// # Errors
    /// What keeps the database from being opened.
    pub fn run_down<'a>(
        &self,
        database: impl Into<Database<'a>>,
        target: DownTarget,
        observer: &mut dyn Observer,
    ) -> Result<Run> {
        let options = DownOptions { target, from_files: false, on_loss: self.on_loss };
        self.with(database.into(), Access::ReadWrite { create: false }, |engine| {
            let mut run = engine.migrate_down(&self.set, &options, observer, &self.interrupt);
            if run.refused {
                run.error =
                    run.error.map(|error| error.help("Migrator::allow_destructive goes on all the same"));
            }
            Ok(run)
        })
    }

    /// The versions that [`Migrator::up`] would apply. Only reads.
    ///
    /// # Errors
    /// An applied migration that was edited or is missing, one that is out of order; a database that cannot be read.
    pub fn pending<'a>(&self, database: impl Into<Database<'a>>) -> Result<Vec<Version>> {
        let history = self.history(database)?;
        Ok(plan_up(&self.set, &history, self.to)?.iter().map(|file| file.version).collect())
    }

    /// What was applied to the database. Only reads.
    ///
    /// # Errors
    /// As [`Engine::history`].
    pub fn history<'a>(&self, database: impl Into<Database<'a>>) -> Result<History> {
        database.into().with(Access::ReadOnly, self.lock_timeout, |engine| engine.history())
    }

    fn with<T>(
        &self,
        database: Database<'_>,
        access: Access,
        work: impl FnOnce(&mut dyn Engine) -> Result<T>,
    ) -> Result<T> {
        database.with(access, self.lock_timeout, |engine| {
            if let Some(backup) = &self.backup {
                engine.back_up_to(backup.clone());
            }
            work(engine)
        })
    }
}

fn settled(run: Run) -> Result<Vec<Executed>> {
    match run.error {
        Some(error) => Err(error),
        None => Ok(run.done),
    }
}
