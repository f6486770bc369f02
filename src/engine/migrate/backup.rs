//! The backup that a run was asked for, and whether it is worth keeping.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::history;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::replacement::{name_as, synchronise};
use crate::engine::catalog::fingerprint::Fingerprint;
use crate::engine::connection::copy::{copy, remove, remove_left, taken};
use crate::engine::connection::{Sqlite, connect, lock};
use crate::engine::contract::database_name::beside;
use crate::engine::diagnosis::errors;
use crate::engine::{Access, History, OpenOptions};

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
    /// The file gets its name when it is whole and was read back; what a killed process leaves is called `….partial`, and goes
    /// with the next one.
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
        remove_left(&partial);
        // Through SQLite alone: opening and closing the file in any other way would drop the lock that is held.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let source = Connection::open_with_flags(connect::plain(file), flags)
            .map_err(|error| sqlite.trouble(error))?;
        lock::wait_for_locks(&source, sqlite.lock_timeout).map_err(|error| sqlite.trouble(error))?;
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
    /// work again; but where the database itself is in trouble, the copy stays. A full disk is none of the database's: the
    /// copy may be what fills it.
    pub(crate) fn settle(mut self, done: usize, error: Option<&Error>) -> Option<PathBuf> {
        let trouble = error.is_some_and(|error| {
            matches!(error.kind(), ErrorKind::Database | ErrorKind::File | ErrorKind::History)
                && !errors::is_disk_full(error)
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
    Err(Error::new(ErrorKind::Database, format!("the backup of {} differs from the database", sqlite.name))
        .help("nothing was changed: check the disk, or put the backup somewhere else"))
}

/// Renames without overwriting.
pub(crate) fn give_name(partial: &Path, target: &Path) -> Result<()> {
    name_as(partial, target).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(target),
        _ => Error::file(target, error),
    })?;
    target.parent().into_iter().for_each(synchronise);
    Ok(())
}
