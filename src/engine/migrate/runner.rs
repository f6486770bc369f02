//! The frame of a run: lock, look again, work, check, commit; then the next.

use std::time::Duration;

use rusqlite::Connection;

use super::backup::Backup;
use super::guard::Guard;
use super::statements::{MigrationScript, Ran};
use crate::base::error::{Advice, Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::base::source::SourceFile;
use crate::base::words::thousands;
use crate::engine::connection::durable::{Doing, Place, TransactionTerms};
use crate::engine::connection::{Sqlite, connect, durable, lock};
use crate::engine::diagnosis::errors;
use crate::engine::diagnosis::foreign_keys::Violations;
use crate::engine::{BrokenKey, Executed, History, UncheckedKey};
use crate::migrations::{Step, Version};

/// What one locked look at the database led to.
pub(crate) enum Locked {
    /// There is nothing left to do.
    Nothing,
    /// All is written, and may be committed.
    Done(Work),
    /// There are foreign-key violations, and no list of those that were there before: it has to be done again.
    Suspect,
}

/// A migration whose work is written, but not committed.
pub(crate) struct Work {
    pub(crate) version: Version,
    pub(crate) name: String,
    pub(crate) down: bool,
    /// From BEGIN to the end of the foreign-key check. The COMMIT is not in it: it comes when the record is written.
    pub(crate) took: Duration,
    pub(crate) ran: Ran,
    pub(crate) unchecked: Vec<UncheckedKey>,
}

/// One run on one connection, whose foreign keys are off and whose statements are watched meanwhile.
pub(crate) struct Runner<'a> {
    pub(crate) sqlite: &'a Sqlite,
    pub(crate) guard: &'a Guard,
    pub(crate) job: Job<'a>,
    /// Whether violations are listed before each migration as well: only once there are any.
    violations_known: bool,
    /// The migration that the observer has been told of, by its label.
    announced: Option<String>,
    /// What was asked for, until the first migration is committed.
    backup: Option<&'a mut Backup>,
    /// Where the file was when the transaction began.
    place: Place,
}

impl Runner<'_> {
    /// Runs `work` on a connection that is set up for it, and sets the connection back.
    pub(crate) fn run<T>(
        sqlite: &mut Sqlite,
        backup: Option<&mut Backup>,
        job: Job<'_>,
        work: impl FnOnce(&mut Runner<'_>) -> Result<T>,
    ) -> Result<T> {
        sqlite.verify_writable()?;
        sqlite.left = None;
        if let Some((functions, of_sqlite)) = sqlite.stood_in.as_ref().zip(sqlite.of_sqlite.as_ref()) {
            let kept = of_sqlite.keep_functions(&sqlite.conn, &functions.borrow());
            kept.map_err(|error| sqlite.trouble(error))?;
        }
        let (name, timeout) = (sqlite.name.clone(), sqlite.lock_timeout);
        let told = |_: &Connection, error, doing| match doing {
            Doing::SettingBack => errors::database(error, &name),
            _ => lock_error(&name, timeout, error),
        };
        let terms =
            TransactionTerms { foreign_keys: false, lasting: true, timeout, named: None, told: &told };
        durable::durably(sqlite, &terms, job, |sqlite| {
            let guard = lock::reading(timeout, job, || {
                Guard::install(&mut sqlite.conn, job).map_err(|error| errors::database(error, &name))
            })?;
            let work = |sqlite: &mut Sqlite| {
                let guard = &guard;
                let place = Place::default();
                work(&mut Runner {
                    sqlite,
                    guard,
                    job,
                    violations_known: false,
                    announced: None,
                    backup,
                    place,
                })
            };
            durable::and_back(sqlite, work, |sqlite| {
                durable::roll_back(&sqlite.conn);
                let clean = lock::reading(timeout, Job::quiet(), || {
                    guard.clean(&sqlite.conn).map_err(|error| sqlite.trouble(error))
                });
                let removed = Guard::remove(&mut sqlite.conn);
                // What was written to a file is told, whatever comes now; a shadow database goes on to be compared.
                let scratch = sqlite.file.is_none();
                let removed = removed
                    .and_then(|()| if scratch { connect::watch(&mut sqlite.conn, job) } else { Ok(()) });
                clean.and(removed.map_err(|error| sqlite.trouble(error)))
            })
        })
    }

    /// One transaction: `body` under the write lock, then COMMIT. `None` when there was nothing left to do.
    pub(crate) fn transaction(
        &mut self,
        mut body: impl FnMut(&mut Self) -> Result<Locked>,
    ) -> Result<Option<Executed>> {
        let mut patience = lock::Patience::new(self.sqlite.lock_timeout);
        loop {
            self.begin()?;
            let undone = match body(self) {
                Ok(Locked::Done(work)) => return self.commit(work).map(Some),
                undone => undone,
            };
            self.roll_back();
            match undone {
                Ok(Locked::Suspect) => self.violations_known = true,
                // A connection that shares our cache reads what we would write: that ends, and SQLite does not wait.
                Err(error) if errors::is_shared_cache(&error) && patience.once_more(self.job) => {}
                Err(error) => return Err(error),
                Ok(_) => return Ok(None),
            }
            // Without the lock somebody else may write: then that is the state before.
            if let Some(backup) = &mut self.backup {
                backup.discard();
            }
        }
    }

    /// One transaction in which only planctl writes: what `write` does is committed, or nothing of it stays.
    pub(crate) fn record<T>(&mut self, write: impl FnOnce(&Sqlite) -> Result<T>) -> Result<T> {
        self.begin()?;
        let written = self.back_up().and_then(|()| write(self.sqlite)).and_then(|found| {
            let recorded = self.sqlite.full_history()?;
            let is_there = |sqlite: &Sqlite| sqlite.full_history().is_ok_and(|history| history == recorded);
            self.commit_in_place(is_there).map_err(|error| self.sqlite.trouble(error))?;
            self.backup = None;
            Ok(found)
        });
        self.roll_back();
        written
    }

    /// A script of the run, not started yet.
    pub(crate) fn script<'s>(&'s self, file: &'s SourceFile, steps: &'s [Step<'s>]) -> MigrationScript<'s> {
        let (conn, db) = (&self.sqlite.conn, self.sqlite.name.as_str());
        let lacks_rows = self.sqlite.lacks_rows;
        MigrationScript { conn, db, guard: self.guard, stood_in: None, lacks_rows, file, steps }
    }

    pub(crate) fn begin(&mut self) -> Result<()> {
        self.job.check()?;
        let conn = &self.sqlite.conn;
        self.guard.clean(conn).map_err(|error| self.sqlite.trouble(error))?;
        // IMMEDIATE: a transaction that begins with reading could not go on to write once another one has written.
        let timeout = self.sqlite.lock_timeout;
        self.place = Place::of(conn, self.sqlite.file.as_deref());
        let begun = lock::patiently(conn, "BEGIN IMMEDIATE", timeout, self.job);
        // Of an empty file SQLite writes the first page at once, for which it wants to see the file under its name: that
        // it is gone explains the error.
        self.sqlite.verify_same_file().inspect_err(|_| self.roll_back())?;
        begun.map_err(|error| self.lock_error(error))
    }

    fn lock_error(&self, error: rusqlite::Error) -> Error {
        lock_error(&self.sqlite.name, self.sqlite.lock_timeout, error)
    }

    /// Rolls back what is open.
    pub(crate) fn roll_back(&self) {
        durable::roll_back(&self.sqlite.conn);
    }

    fn commit(&mut self, work: Work) -> Result<Executed> {
        let is_done = |history: &History| history.get(work.version).is_some() != work.down;
        let is_there = |sqlite: &Sqlite| sqlite.plain_history().is_ok_and(|history| is_done(&history));
        if let Err(error) = self.commit_in_place(is_there) {
            self.roll_back();
            return Err(self.lock_error(error));
        }
        self.backup = None;
        let label = self.announced.clone().unwrap_or_default();
        let took = work.took;
        self.job.tell(Event::MigrationFinished { label: &label, down: work.down, took });
        Ok(Executed {
            version: work.version,
            name: work.name,
            took,
            statements: work.ran.steps.len(),
            rows_backfilled: work.ran.rows_backfilled,
            steps: work.ran.steps,
            unchecked: work.unchecked,
        })
    }

    /// As [`durable::commit`].
    fn commit_in_place(&self, is_there: impl FnOnce(&Sqlite) -> bool) -> rusqlite::Result<()> {
        let (conn, timeout) = (&self.sqlite.conn, self.sqlite.lock_timeout);
        durable::commit(&mut &*conn, &self.place, timeout, self.job, |_| is_there(self.sqlite))
    }

    /// Whether a backup is still to be made.
    pub(crate) fn backs_up(&self) -> bool {
        self.backup.is_some()
    }

    /// Takes the backup, if one was asked for and nothing is committed yet.
    pub(crate) fn back_up(&mut self) -> Result<()> {
        match &mut self.backup {
            Some(backup) => backup.take(self.sqlite, self.job),
            None => Ok(()),
        }
    }

    /// Tells the observer of a migration, once.
    pub(crate) fn announce(&mut self, label: &str, down: bool) {
        if self.announced.as_deref() != Some(label) {
            self.announced = Some(label.to_owned());
            self.job.tell(Event::MigrationStarted { label, down });
        }
    }

    /// The violations before a migration, when they are to be known.
    pub(crate) fn violations_before(&self) -> Result<Option<Violations>> {
        if !self.violations_known {
            return Ok(None);
        }
        Violations::find(&self.sqlite.conn).map(Some).map_err(|error| self.sqlite.trouble(error))
    }

    /// Whether the migration may be committed as far as foreign keys go: then what could not be checked. `None` when that
    /// cannot be told yet.
    pub(crate) fn foreign_keys_hold(
        &self,
        label: &str,
        script: &SourceFile,
        before: Option<Violations>,
    ) -> Result<Option<Vec<UncheckedKey>>> {
        let after = Violations::find(&self.sqlite.conn).map_err(|error| self.sqlite.trouble(error))?;
        let unchecked = after.unchecked().to_vec();
        if after.is_empty() {
            return Ok(Some(unchecked));
        }
        let Some(before) = before else { return Ok(None) };
        let new = after.new_since(before);
        if new.is_empty() {
            return Ok(Some(unchecked));
        }
        let what = match new.count() {
            0 => "leaves a foreign key that SQLite cannot check".to_owned(),
            1 => "leaves 1 row without its parent".to_owned(),
            count => format!("leaves {} rows without their parents", thousands(count)),
        };
        let mut error = Error::new(ErrorKind::Data, format!("{label} {what}")).at(script.whole());
        for sentence in new.sentences() {
            error = error.note(sentence);
        }
        Err(error.help(if new.has_unusable() {
            BrokenKey::REFER_TO_A_KEY
        } else {
            "foreign keys are checked before the commit: in the migration, delete these rows, correct them or add their parents"
        }))
    }
}

fn lock_error(db: &str, timeout: Duration, error: rusqlite::Error) -> Error {
    if !errors::is_busy(&error) {
        return errors::database(error, db);
    }
    let holder = errors::holder(&error);
    let message = format!("{holder} still held the write lock of {db} after {timeout:?}");
    Error::new(ErrorKind::Locked, message).about(db).help(Advice::WaitLonger).caused_by(error)
}
