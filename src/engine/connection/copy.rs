//! Copies of a whole database, page for page.
//!
//! SQLite's backup API rather than `VACUUM INTO`: the copy has the same pages, and with them the rowids of tables that do
//! not declare them, and the free space (<https://www.sqlite.org/backup.html>).

use std::fs;
use std::io;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::connect;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::engine::contract::database_name::{KEPT_BESIDE, beside};
use crate::engine::diagnosis::errors;

/// Pages between two looks at the interrupt and two events of progress: with the usual page, 4 MiB.
const STEP: i32 = 1024;

/// Copies the main database of `from` into `to`, a new file that only its owner can read. The state is that of one moment:
/// a read transaction is held meanwhile.
pub(crate) fn copy(from: &Connection, name: &str, to: &Path, job: Job<'_>) -> Result<()> {
    let _held = create_private(to)?;
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
        let copying = Backup::new(from, &mut copy).map_err(there)?;
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

pub(crate) fn create_private(file: &Path) -> Result<fs::File> {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = options.open(file).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(file),
        _ => Error::file(file, error),
    })?;
    // As long as it is held, it is nobody's to remove. Elsewhere no open file can be removed, and a lock keeps SQLite out.
    if cfg!(unix) {
        drop(made.try_lock());
    }
    Ok(made)
}

pub(crate) fn taken(file: &Path) -> Error {
    Error::new(ErrorKind::File, format!("{} already exists", file.display()))
        .help("a backup never overwrites a file: name another one")
}

/// Removes a copy that a killed process left half made. One that is being made is locked.
pub(crate) fn remove_left(file: &Path) {
    if cfg!(not(unix)) || fs::File::open(file).is_ok_and(|left| left.try_lock().is_ok()) {
        remove(file);
    }
}

/// A file that could not be removed is left: the error that led here is what counts.
pub(crate) fn remove(file: &Path) {
    for suffix in KEPT_BESIDE {
        drop(fs::remove_file(beside(file, suffix)));
    }
    drop(fs::remove_file(file));
}
