//! Copies of a whole database, page for page.
//!
//! SQLite's backup API rather than `VACUUM INTO`: the copy has the same pages, and with them the rowids of tables that do
//! not declare them, and the free space (<https://www.sqlite.org/backup.html>).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup as Copying, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::engine::catalog::fingerprint::Fingerprint;
use crate::engine::connection::Sqlite;
use crate::engine::connection::connect;
use crate::engine::connection::connect::beside;
use crate::engine::diagnosis::errors;
use crate::engine::migrate::history;
use crate::engine::{Access, History, OpenOptions};

/// Pages between two looks at the interrupt and two events of progress: with the usual page, 4 MiB.
const STEP: i32 = 1024;

/// Copies the main database of `from` into `to`, a new file that only its owner can read. The state is that of one moment:
/// a read transaction is held meanwhile.
pub(crate) fn copy(from: &Connection, name: &str, to: &Path, job: Job<'_>) -> Result<()> {
    create_private(to)?;
    let result = fill(from, name, to, job);
    if result.is_err() {
        remove(to);
    }
    result
}

fn fill(from: &Connection, name: &str, to: &Path, job: Job<'_>) -> Result<()> {
    let shown = to.display().to_string();
    let there = |error| errors::database(error, &shown);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(connect::plain(to), flags).map_err(there)?;
    // Nobody else knows the file yet, and it is synchronised as a whole at the end.
    copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(there)?;
    let transaction = from.unchecked_transaction().map_err(|error| errors::database(error, name))?;
    // The transaction begins with the first read.
    from.query_row("SELECT count(*) FROM main.sqlite_schema", [], |_| Ok(()))
        .map_err(|error| errors::database(error, name))?;
    let what = format!("copying {name}");
    {
        let copying = Copying::new(from, &mut copy).map_err(there)?;
        loop {
            job.check()?;
            match copying.step(STEP).map_err(there)? {
                StepResult::Done => break,
                StepResult::Busy | StepResult::Locked => {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
                _ => {}
            }
            let progress = copying.progress();
            let pages = |n: std::ffi::c_int| u64::try_from(n).unwrap_or(0);
            let total = pages(progress.pagecount);
            let done = total.saturating_sub(pages(progress.remaining));
            job.tell(Event::Progress { what: &what, done, total: Some(total) });
        }
    }
    drop(transaction);
    copy.close().map_err(|(_, error)| there(error))?;
    let synchronise = || fs::File::options().write(true).open(to)?.sync_all();
    synchronise().map_err(|error| Error::file(to, error))
}

#[cfg(unix)]
fn create_private(file: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let created = fs::File::options().write(true).create_new(true).mode(0o600).open(file);
    created.map(drop).map_err(|error| taken_or(file, error))
}

#[cfg(not(unix))]
fn create_private(file: &Path) -> Result<()> {
    let created = fs::File::options().write(true).create_new(true).open(file);
    created.map(drop).map_err(|error| taken_or(file, error))
}

fn taken_or(file: &Path, error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::AlreadyExists { taken(file) } else { Error::file(file, error) }
}

fn taken(file: &Path) -> Error {
    Error::new(ErrorKind::File, format!("{} exists already", file.display()))
        .help("a backup never overwrites a file: name another one")
}

/// A file that could not be removed is left: the error that led here is what counts.
pub(crate) fn remove(file: &Path) {
    for suffix in ["-journal", "-wal", "-shm", ""] {
        drop(fs::remove_file(beside(file, suffix)));
    }
}

/// The backup that a run was asked for: a copy from just before its first migration.
pub(crate) struct Backup {
    target: PathBuf,
    taken: bool,
}

impl Backup {
    /// Refuses what exists already, before anything runs.
    pub(crate) fn planned(target: &Path) -> Result<Backup> {
        if fs::symlink_metadata(target).is_ok() {
            return Err(taken(target));
        }
        Ok(Backup { target: target.to_path_buf(), taken: false })
    }

    /// Takes it, once. Called under the write lock, before anything is written: another connection reads what is there,
    /// and nobody can change it. An empty file has nothing to back up.
    ///
    /// The file gets its name when it is whole and was read back; what a killed process leaves is called `….partial`.
    pub(crate) fn take(&mut self, sqlite: &Sqlite, job: Job<'_>) -> Result<()> {
        if self.taken {
            return Ok(());
        }
        let Some(file) = &sqlite.file else {
            return Err(Error::new(ErrorKind::Usage, format!("{} has no file to back up", sqlite.name)));
        };
        if fs::metadata(file).is_ok_and(|meta| meta.len() == 0) {
            return Ok(());
        }
        let partial = beside(&self.target, ".partial");
        // Through SQLite alone: opening and closing the file in any other way would drop the lock that is held.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let source = Connection::open_with_flags(connect::plain(file), flags)
            .map_err(|error| sqlite.trouble(error))?;
        connect::wait_for_locks(&source, sqlite.lock_timeout).map_err(|error| sqlite.trouble(error))?;
        copy(&source, &sqlite.name, &partial, job)?;
        let named = verify(sqlite, &partial).and_then(|()| {
            let permissions = fs::metadata(file).map_err(|error| Error::file(file, error))?.permissions();
            fs::set_permissions(&partial, permissions).map_err(|error| Error::file(&partial, error))?;
            give_name(&partial, &self.target)
        });
        if named.is_err() {
            remove(&partial);
        }
        self.taken = named.is_ok();
        named
    }

    /// Removes what was taken: the migration was rolled back, and starts over.
    pub(crate) fn discard(&mut self) {
        if std::mem::take(&mut self.taken) {
            remove(&self.target);
        }
    }

    /// The file, when it was made and is worth keeping. A run that did nothing needs none, and the same command has to
    /// work again; but where the database itself is in trouble, the copy stays.
    pub(crate) fn settle(mut self, done: usize, error: Option<&Error>) -> Option<PathBuf> {
        let trouble = error.is_some_and(|error| {
            matches!(error.kind(), ErrorKind::Database | ErrorKind::File | ErrorKind::History)
        });
        if done == 0 && !trouble {
            self.discard();
        }
        self.taken.then_some(self.target)
    }
}

fn pages(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("PRAGMA main.page_count", [], |row| row.get(0))
}

/// What tells one state of a database from another, as far as that costs nothing.
fn marks(sqlite: &Sqlite) -> Result<(History, Fingerprint, i64)> {
    let history = history::read_all(&sqlite.conn, &sqlite.name)?;
    let fingerprint = Fingerprint::read(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
    Ok((history, fingerprint, pages(&sqlite.conn).map_err(|error| sqlite.trouble(error))?))
}

/// Opens the copy and holds it against the database.
fn verify(sqlite: &Sqlite, copy: &Path) -> Result<()> {
    let read = Sqlite::open(copy, Access::ReadOnly, OpenOptions::default(), sqlite.job())?;
    if marks(&read)? == marks(sqlite)? {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Database, format!("the backup of {} is not what was copied", sqlite.name))
        .help("nothing was changed: look at the disk, and try again with another place for the backup"))
}

/// Renames without overwriting.
fn give_name(partial: &Path, target: &Path) -> Result<()> {
    match fs::hard_link(partial, target) {
        Ok(()) => {
            drop(fs::remove_file(partial));
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(taken(target)),
        // A file system without links.
        Err(_) if fs::symlink_metadata(target).is_ok() => return Err(taken(target)),
        Err(_) => fs::rename(partial, target).map_err(|error| Error::file(target, error))?,
    }
    // So that the name survives a power failure, too, where folders can be synchronised.
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = fs::File::open(folder.unwrap_or(Path::new("."))) {
        drop(folder.sync_all());
    }
    Ok(())
}
