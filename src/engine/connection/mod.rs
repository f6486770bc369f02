//! The connection that everything below works on: an open database, its name, and the file that it is.

pub(crate) mod connect;
pub(crate) mod copy;
pub(crate) mod durable;
pub(crate) mod lock;
pub(crate) mod stamp;
pub(crate) mod stubs;

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::catalog::fingerprint::Fingerprint;
use super::catalog::registered;
use super::contract::database_name::Identity;
use super::contract::history::History;
use super::diagnosis::errors;
use super::{Access, Clean, OpenOptions};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Interrupt;

/// How often to read a database that others write to meanwhile, before the time that it takes is looked at.
const READS: usize = 3;

/// Functions in whose place there is NULL.
pub(crate) type StoodIn = RefCell<BTreeSet<String>>;

/// A SQLite database that is open.
pub(crate) struct Sqlite {
    pub(crate) conn: Connection,
    /// The database as messages name it.
    pub(crate) name: String,
    pub(crate) file: Option<PathBuf>,
    pub(crate) identity: Option<Identity>,
    pub(crate) lock_timeout: Duration,
    /// Ends what it was opened for.
    pub(crate) interrupt: Interrupt,
    /// Whether a missing file is made.
    pub(crate) creates: bool,
    /// Whether this file was missing.
    pub(crate) created: bool,
    pub(crate) unlocked: Option<stamp::Stamp>,
    /// Where something stands in for functions and collations that are not here: the functions that migrations have called.
    pub(crate) stood_in: Option<StoodIn>,
    /// What SQLite registered on it, where that was looked up.
    pub(crate) of_sqlite: Option<registered::OfSqlite>,
    /// Whether it is in memory, and nobody else's.
    pub(crate) is_scratch: bool,
    /// Whether the rows are elsewhere that migrations are about: what they assert of them cannot be told here.
    pub(crate) lacks_rows: bool,
    /// What the schema was found to be, where it has to be what the last migration left.
    pub(crate) clean: Option<Clean>,
    /// Of a shadow database, what the last run left.
    pub(crate) left: Option<Left>,
}

/// What a run has left of a shadow database, to which nobody else writes.
pub(crate) struct Left {
    /// The history, all of which refinery has compared with the files.
    pub(crate) history: History,
    /// The fingerprint of the schema, and [what tells](super::catalog::inspect::schema_version) that schema from another.
    pub(crate) schema: Option<(i64, Fingerprint)>,
}

impl Borrow<Connection> for Sqlite {
    fn borrow(&self) -> &Connection {
        &self.conn
    }
}

impl Sqlite {
    /// Opens a file.
    pub(crate) fn open(file: &Path, access: Access, options: OpenOptions, job: Job<'_>) -> Result<Sqlite> {
        let opened = connect::open(file, access, options, job)?;
        let creates = access == Access::ReadWrite { create: true };
        Ok(Sqlite { creates, ..Sqlite::of(file, opened, options, job) })
    }

    /// Opens a file that nobody else in this process has open, and has `read` read in the transaction in which what is wrong
    /// with the file was found.
    pub(crate) fn open_and_read<T>(
        file: &Path,
        access: Access,
        options: OpenOptions,
        job: Job<'_>,
        read: impl FnOnce(&mut Sqlite) -> Result<T>,
    ) -> Result<(Sqlite, T)> {
        let opened = connect::open_alone(file, access, options, job)?;
        let mut sqlite = Sqlite::of(file, opened, options, job);
        let read = read(&mut sqlite)?;
        durable::roll_back(&sqlite.conn);
        Ok((sqlite, read))
    }

    fn of(file: &Path, opened: connect::Opened, options: OpenOptions, job: Job<'_>) -> Sqlite {
        opened.conn.set_prepared_statement_cache_capacity(32);
        Sqlite {
            file: Some(file.to_path_buf()),
            identity: opened.identity,
            created: opened.created,
            unlocked: opened.unlocked,
            ..Sqlite::on(opened.conn, file.display().to_string(), options, job)
        }
    }

    /// A connection whose file is nobody's matter.
    pub(crate) fn on(conn: Connection, name: String, options: OpenOptions, job: Job<'_>) -> Sqlite {
        Sqlite {
            conn,
            name,
            file: None,
            identity: None,
            lock_timeout: options.lock_timeout,
            interrupt: job.interrupt(),
            creates: false,
            created: false,
            unlocked: None,
            stood_in: None,
            is_scratch: false,
            left: None,
            of_sqlite: None,
            lacks_rows: false,
            clean: None,
        }
    }

    /// Makes or opens the file anew that the path names, where a missing one is made; gives whether that is so.
    pub(crate) fn follow_path(&mut self) -> Result<bool> {
        let Some(file) = self.file.clone().filter(|_| self.creates) else { return Ok(false) };
        let options = OpenOptions { lock_timeout: self.lock_timeout };
        let opened = Sqlite::open(&file, Access::ReadWrite { create: true }, options, self.job())?;
        *self = Sqlite { clean: self.clean.take(), ..opened };
        Ok(true)
    }

    /// Whether the path leads to the file that is open.
    pub(crate) fn is_same_file(&self) -> bool {
        self.file.as_deref().is_none_or(|file| Identity::of(file) == self.identity)
    }

    /// Whether the file that is open has no page yet, wherever its path leads to by now.
    pub(crate) fn is_empty(&self) -> bool {
        let pages = self.conn.query_row("PRAGMA main.page_count", [], |row| row.get::<_, i64>(0));
        pages.is_ok_and(|pages| pages == 0)
    }

    /// Removes a file that was made for migrations of which none was applied.
    pub(crate) fn remove_unused(&mut self) {
        let Some(file) = self.file.as_ref().filter(|_| self.created) else { return };
        // Under the write lock nobody else can be filling it; whoever waits for the lock looks afterwards whether the
        // file is still there.
        let locked = self.conn.execute_batch("BEGIN IMMEDIATE").is_ok();
        let empty = fs::metadata(file).is_ok_and(|meta| meta.len() == 0);
        if locked && empty && self.is_same_file() {
            drop(fs::remove_file(file));
        }
        durable::roll_back(&self.conn);
    }

    /// An empty in-memory database.
    pub(crate) fn scratch(job: Job<'_>) -> Result<Sqlite> {
        let name = "the shadow database".to_owned();
        let sqlite = Sqlite::on(connect::scratch(job)?, name, OpenOptions::default(), job);
        Ok(Sqlite { is_scratch: true, ..sqlite })
    }

    /// An empty in-memory database that takes any collation for one of the application's, and compares byte by byte by it.
    /// A function that the up of a migration calls and that is not here gives NULL, which is what nobody knows.
    pub(crate) fn scratch_with_stand_ins(job: Job<'_>) -> Result<Sqlite> {
        let mut scratch = Sqlite::scratch(job)?;
        scratch.stood_in = Some(StoodIn::default());
        let of_sqlite =
            registered::OfSqlite::on_new(&scratch.conn).map_err(|error| scratch.trouble(error))?;
        scratch.of_sqlite = Some(of_sqlite);
        registered::any_collation(&scratch.conn).map_err(|error| scratch.trouble(error))?;
        Ok(scratch)
    }

    /// The collations that are registered on it, but for those that SQLite brings.
    pub(crate) fn own_collations(&self) -> Result<BTreeSet<String>> {
        let found = match &self.of_sqlite {
            Some(of_sqlite) => of_sqlite.own_collations(&self.conn),
            None => Connection::open_in_memory()
                .and_then(|new| registered::OfSqlite::on_new(&new)?.own_collations(&self.conn)),
        };
        found.map_err(|error| self.trouble(error))
    }

    /// What it was opened for.
    pub(crate) fn job(&self) -> Job<'_> {
        Job::stopped_by(&self.interrupt)
    }

    /// An error of SQLite's that is about the database, not about a statement of the user's.
    pub(crate) fn trouble(&self, error: rusqlite::Error) -> Error {
        errors::database(error, &self.name)
    }

    /// Whether the file may be written: SQLite opens a write-protected one for reading without a word.
    pub(crate) fn verify_writable(&self) -> Result<()> {
        if !self.conn.is_readonly(rusqlite::MAIN_DB).map_err(|error| self.trouble(error))? {
            return Ok(());
        }
        let message = format!("{} is write-protected", self.name);
        Err(Error::new(ErrorKind::Database, message)
            .about(&self.name)
            .help("check the permissions of the file and of its folder"))
    }

    /// Whether the path still leads to the file that is open. Somebody who made the file anew and found nothing to put
    /// into it may have removed it while we waited for the lock.
    pub(crate) fn verify_same_file(&self) -> Result<()> {
        if self.is_same_file() {
            return Ok(());
        }
        let message = format!("{} was removed or replaced while planctl waited for its lock", self.name);
        Err(Error::new(ErrorKind::Database, message).about(&self.name).help("try again"))
    }

    /// Whether what was read without locks counts: nobody wrote meanwhile.
    ///
    /// # Errors
    /// `Locked` when somebody did.
    pub(crate) fn verify_unchanged(&self) -> Result<()> {
        match self.overtaken() {
            Some(_) => Err(connect::changed_meanwhile(&self.name)),
            None => Ok(()),
        }
    }

    /// The file, if it is read without locks and somebody has written to it.
    fn overtaken(&self) -> Option<PathBuf> {
        self.file.as_ref().filter(|_| self.unlocked.as_ref().is_some_and(|stamp| !stamp.holds())).cloned()
    }

    /// Reads. What was read without locks counts only if nobody wrote meanwhile; else it is read again, and then the log
    /// that the writer made is there to be read in the ordinary way, unless it is gone again. It goes on like this as long
    /// as for a lock.
    pub(crate) fn read<T>(&mut self, read: impl Fn(&Sqlite) -> Result<T>) -> Result<T> {
        let mut patience = lock::Patience::new(self.lock_timeout);
        for tries in 1.. {
            let result = lock::reading(self.lock_timeout, self.job(), || read(self));
            let Some(file) = self.overtaken() else { return result };
            self.job().check()?;
            if tries >= READS && !patience.once_more(self.job()) {
                break;
            }
            let options = OpenOptions { lock_timeout: self.lock_timeout };
            *self = Sqlite::open(&file, Access::ReadOnly, options, self.job())?;
        }
        Err(connect::changed_meanwhile(&self.name))
    }

    /// Reads what takes long. As [`Sqlite::read`], but begins again only once: somebody who writes now and then would not
    /// let it come to its end, so that it reads beside them the second time, as anybody reads a write-ahead log.
    pub(crate) fn read_at_length<T>(&mut self, read: impl Fn(&Sqlite) -> Result<T>) -> Result<T> {
        let result = lock::reading(self.lock_timeout, self.job(), || read(self));
        let Some(file) = self.overtaken() else { return result };
        self.job().check()?;
        let options = OpenOptions { lock_timeout: self.lock_timeout };
        let opened = connect::open_beside_others(&file, options, self.job())?;
        *self = Sqlite::of(&file, opened, options, self.job());
        lock::reading(self.lock_timeout, self.job(), || read(self))
    }
}
