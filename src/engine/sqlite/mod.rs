//! SQLite: the only home of rusqlite and refinery.

mod accept;
mod application;
mod aside;
pub mod backfill;
mod backup;
mod baseline;
mod broken;
mod connect;
mod donor;
mod durable;
mod errors;
mod explain;
mod fault;
mod fingerprint;
mod fitting;
mod foreign_keys;
mod guard;
mod history;
mod inspect;
mod lend;
mod lock;
mod loss;
mod meaning;
mod migrate;
mod missing;
mod offline;
mod query;
mod questions;
mod records;
mod reference;
mod registered;
mod rehearsal;
mod render;
mod rows;
mod runner;
mod sample;
mod schema_copy;
mod scratch;
mod script;
mod seed;
mod session;
mod settings;
mod stated;
mod statistics;
mod temporary;
mod unknown;
mod values;

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The crate whose connections [`lend`] takes, for programs that want the very same version.
pub use rusqlite::{self, Connection};

pub(super) use application::needs as needs_of_application;
pub(super) use broken::of as broken;
pub use lend::{Reader, lend};
pub use offline::ScriptOptions;
pub(super) use offline::{down as script_down, up as script_up};
pub(super) use reference::reference;
pub(super) use rehearsal::rehearsal;
pub(super) use render::render;
pub(super) use stated::stated;

use super::{
    Access, Baseline, DownOptions, Engine, LoadOptions, Loaded, Lost, OpenOptions, Run, SampleRows, UpOptions,
};
use crate::backfill::{BackfillSpec, Outcome};
use crate::diff::{Broken, Meaning};
use crate::engine::{History, Registered};
use crate::error::{Error, ErrorKind, Result};
use crate::job::Job;
use crate::migrations::{MigrationSet, Version};
use crate::progress::Interrupt;
use crate::queries::{Bound, Query, Rows};
use crate::schema::Schema;
use crate::values::{Checked, ValuePlan};

/// How often to read a database that others write to meanwhile.
const READS: usize = 3;

/// Functions in whose place there is NULL.
type StoodIn = RefCell<BTreeSet<String>>;

/// A SQLite database that is open.
pub(super) struct Sqlite {
    conn: Connection,
    /// The database as messages name it.
    name: String,
    file: Option<PathBuf>,
    identity: Option<Identity>,
    lock_timeout: Duration,
    /// Ends what it was opened for.
    interrupt: Interrupt,
    /// Whether a missing file is made.
    creates: bool,
    /// Whether this file was missing.
    created: bool,
    unlocked: Option<connect::Stamp>,
    /// Where something stands in for functions and collations that are not here: the functions that migrations have called.
    stood_in: Option<StoodIn>,
}

impl Borrow<Connection> for Sqlite {
    fn borrow(&self) -> &Connection {
        &self.conn
    }
}

impl Sqlite {
    /// Opens a file.
    pub(super) fn open(file: &Path, access: Access, options: OpenOptions, job: Job<'_>) -> Result<Sqlite> {
        let opened = connect::open(file, access, options, job)?;
        opened.conn.set_prepared_statement_cache_capacity(32);
        Ok(Sqlite {
            conn: opened.conn,
            name: file.display().to_string(),
            file: Some(file.to_path_buf()),
            identity: opened.identity,
            lock_timeout: options.lock_timeout,
            interrupt: job.interrupt(),
            creates: access == Access::ReadWrite { create: true },
            created: opened.created,
            unlocked: opened.unlocked,
            stood_in: None,
        })
    }

    /// Makes or opens the file anew that the path names, where a missing one is made; gives whether that is so.
    fn follow_path(&mut self) -> Result<bool> {
        let Some(file) = self.file.clone().filter(|_| self.creates) else { return Ok(false) };
        let options = OpenOptions { lock_timeout: self.lock_timeout };
        *self = Sqlite::open(&file, Access::ReadWrite { create: true }, options, self.job())?;
        Ok(true)
    }

    /// Whether the path leads to the file that is open.
    fn is_same_file(&self) -> bool {
        self.file.as_deref().is_none_or(|file| Identity::of(file) == self.identity)
    }

    /// Removes a file that was made for migrations of which none was applied.
    fn remove_unused(&mut self) {
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
    pub(super) fn scratch(job: Job<'_>) -> Result<Sqlite> {
        Ok(Sqlite {
            conn: connect::scratch(job)?,
            name: "the scratch database".to_owned(),
            file: None,
            identity: None,
            lock_timeout: OpenOptions::default().lock_timeout,
            interrupt: job.interrupt(),
            creates: false,
            created: false,
            unlocked: None,
            stood_in: None,
        })
    }

    /// An empty in-memory database that takes any collation for one of the application's, and compares byte by byte by it.
    /// A function that the up of a migration calls and that is not here gives NULL, which is what nobody knows.
    pub(super) fn scratch_with_stand_ins(job: Job<'_>) -> Result<Sqlite> {
        let mut scratch = Sqlite::scratch(job)?;
        scratch.stood_in = Some(StoodIn::default());
        registered::any_collation(&scratch.conn).map_err(|error| scratch.trouble(error))?;
        Ok(scratch)
    }

    /// What it was opened for.
    fn job(&self) -> Job<'_> {
        Job::stopped_by(&self.interrupt)
    }

    /// An error of SQLite's that is about the database, not about a statement of the user's.
    fn trouble(&self, error: rusqlite::Error) -> Error {
        errors::database(error, &self.name)
    }

    fn plain_history(&self) -> Result<History> {
        lock::reading(self.lock_timeout, self.job(), || history::read(&self.conn, &self.name))
    }

    fn full_history(&self) -> Result<History> {
        lock::reading(self.lock_timeout, self.job(), || history::read_all(&self.conn, &self.name))
    }

    /// Why nothing can be planned, by all that is recorded: only a record shows that nothing but white space differs.
    fn told_by_records<T>(&self, error: Error, plan: impl FnOnce(&History) -> Result<T>) -> Error {
        match self.full_history().map(|known| plan(&known)) {
            Ok(Err(told)) => told,
            Ok(Ok(_)) | Err(_) => error,
        }
    }

    /// Whether the file may be written: SQLite opens a write-protected one for reading without a word.
    fn verify_writable(&self) -> Result<()> {
        if !self.conn.is_readonly(rusqlite::MAIN_DB).map_err(|error| self.trouble(error))? {
            return Ok(());
        }
        let message = format!("{} is write-protected", self.name);
        Err(Error::new(ErrorKind::Database, message)
            .help("check the permissions of the file and of its folder"))
    }

    /// Whether the path still leads to the file that is open. Somebody who made the file anew and found nothing to put
    /// into it may have removed it while we waited for the lock.
    fn verify_same_file(&self) -> Result<()> {
        if self.is_same_file() {
            return Ok(());
        }
        let message = format!("{} was removed or replaced while planctl waited for its lock", self.name);
        Err(Error::new(ErrorKind::Database, message).help("try again"))
    }

    /// Reads. What was read without locks counts only if nobody wrote meanwhile; else it is read again, and then the log
    /// that the writer made is there to be read in the ordinary way.
    fn read<T>(&mut self, read: impl Fn(&Sqlite) -> Result<T>) -> Result<T> {
        for _ in 0..READS {
            let result = lock::reading(self.lock_timeout, self.job(), || read(self));
            match (&self.unlocked, &self.file) {
                (Some(stamp), Some(file)) if !stamp.holds() => {
                    let options = OpenOptions { lock_timeout: self.lock_timeout };
                    *self = Sqlite::open(&file.clone(), Access::ReadOnly, options, self.job())?;
                }
                _ => return result,
            }
        }
        Err(connect::changed_meanwhile(&self.name))
    }
}

impl Engine for Sqlite {
    fn history(&mut self) -> Result<History> {
        self.read(Sqlite::full_history)
    }

    fn inspect(&mut self) -> Result<Schema> {
        self.read(|sqlite| {
            let mut schema = inspect::inspect(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
            // Read without locks, SQLite does not look for a log and says that there is none: it is what such a file is
            // read like this for.
            if sqlite.unlocked.is_some() {
                schema.pragmas.values.insert("journal_mode", "wal".to_owned());
            }
            if sqlite.conn.path().is_none_or(str::is_empty) {
                // In memory there is no file to be written in one way or another.
                schema.pragmas.take_out_those_of_the_file();
            }
            Ok(schema)
        })
    }

    fn meaning(&mut self) -> Box<dyn Meaning + '_> {
        Box::new(meaning::SqliteMeaning::new(&self.conn, self.job()))
    }

    fn schema_fingerprint(&mut self) -> Result<String> {
        self.read(|sqlite| {
            let now = fingerprint::Fingerprint::read(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
            Ok(now.to_string())
        })
    }

    fn migrate_up(&mut self, set: &MigrationSet, options: &UpOptions<'_>, job: Job<'_>) -> Run {
        migrate::up(self, set, options, job)
    }

    fn migrate_down(&mut self, set: &MigrationSet, options: &DownOptions<'_>, job: Job<'_>) -> Run {
        migrate::down(self, set, options, job)
    }

    fn of_application(&mut self) -> Result<Registered> {
        let collations = registered::own_collations(&self.conn).map_err(|error| self.trouble(error))?;
        let functions =
            self.stood_in.as_ref().map(|functions| functions.borrow().clone()).unwrap_or_default();
        Ok(Registered { collations, functions })
    }

    fn count_losses(&mut self, lost: Vec<Lost>) -> Result<Vec<Lost>> {
        self.read(|sqlite| loss::counted(&sqlite.conn, &lost).map_err(|error| sqlite.trouble(error)))
    }

    fn copy_to(&mut self, to: &Path, job: Job<'_>) -> Result<()> {
        backup::copy(&self.conn, &self.name, to, job)?;
        match &self.unlocked {
            Some(stamp) if !stamp.holds() => {
                backup::remove(to);
                Err(connect::changed_meanwhile(&self.name))
            }
            _ => Ok(()),
        }
    }

    fn record(&mut self, set: &MigrationSet, baseline: Baseline<'_>, job: Job<'_>) -> Result<Vec<Version>> {
        baseline::record(self, set, baseline, job)
    }

    fn accept_white_space(&mut self, set: &MigrationSet, job: Job<'_>) -> Result<Vec<Version>> {
        accept::record(self, set, job)
    }

    fn backfill(&mut self, spec: &BackfillSpec, dry_run: bool, job: Job<'_>) -> Result<Outcome> {
        // What is wrong with the file itself is said as by every other command.
        let outcome = lock::reading(self.lock_timeout, job, || {
            self.conn
                .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
                .map_err(|error| self.trouble(error))?;
            backfill::run_alone(&self.conn, spec, dry_run, self.lock_timeout, job)
        });
        match &self.unlocked {
            Some(stamp) if !stamp.holds() => Err(connect::changed_meanwhile(&self.name)),
            _ => outcome,
        }
    }

    fn load_sample(&mut self, rows: SampleRows<'_>, options: LoadOptions, job: Job<'_>) -> Result<Loaded> {
        sample::load(self, rows, options, job)
    }

    fn check_values(&mut self, plan: &ValuePlan, job: Job<'_>) -> Result<Checked> {
        let checked =
            lock::reading(self.lock_timeout, job, || values::check(&self.conn, &self.name, plan, job));
        match &self.unlocked {
            Some(stamp) if !stamp.holds() => Err(connect::changed_meanwhile(&self.name)),
            _ => checked,
        }
    }

    fn query_columns(&mut self, query: &Query) -> Result<Vec<String>> {
        query::columns(self, query)
    }

    fn run_query(
        &mut self,
        query: &Query,
        values: &[Bound],
        rows: &mut dyn Rows,
        job: Job<'_>,
    ) -> Result<()> {
        query::run(self, query, values, rows, job)
    }

    fn broken_objects(&mut self) -> Result<Vec<Broken>> {
        broken::objects(&self.conn, self.job()).map_err(|error| self.trouble(error))
    }

    fn schema_copy(&mut self) -> Result<Box<dyn Engine>> {
        Ok(Box::new(self.read(schema_copy::of)?))
    }
}

/// Which file a path leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// `None` where there is no file, and on systems that do not number files.
    #[cfg(unix)]
    fn of(file: &Path) -> Option<Identity> {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(file).ok().map(|meta| Identity { device: meta.dev(), inode: meta.ino() })
    }

    #[cfg(not(unix))]
    fn of(_: &Path) -> Option<Identity> {
        None
    }
}
