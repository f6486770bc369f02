//! Whether somebody wrote to a file that is read without locks.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

use crate::engine::contract::database_name::beside;

/// What shows that nobody wrote to a write-ahead-log database that is read without locks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stamp {
    wal: PathBuf,
    file: PathBuf,
    len: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    pub(crate) fn take(file: &Path) -> io::Result<Stamp> {
        // `stat` only: opening and closing the file ourselves would drop the locks that SQLite holds on it in this
        // process (<https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_>).
        let meta = fs::metadata(file)?;
        Ok(Stamp {
            wal: beside(file, "-wal"),
            file: file.to_path_buf(),
            len: meta.len(),
            modified: meta.modified().ok(),
        })
    }

    /// Whether the file is still what it was. Without a log, a writer can only have changed the file itself.
    pub(crate) fn holds(&self) -> bool {
        Stamp::take(&self.file).is_ok_and(|now| now == *self) && size(&self.wal).unwrap_or(0) == 0
    }
}

/// Bytes of a file, if it is there.
pub(crate) fn size(file: &Path) -> Option<u64> {
    fs::metadata(file).ok().map(|meta| meta.len())
}
