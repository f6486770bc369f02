//! What a command leaves that is killed while it changes several files of a folder: the mark of the change.

use std::fs::{File, TryLockError};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Version;
use crate::base::error::{Error, ErrorKind, Result};

/// Where a folder has its mark. Whoever changes the folder holds a lock on it, which the operating system drops with the
/// process.
const MARK: &str = ".planctl-change";

/// What stands behind the name of a file that has stepped aside, and may be removed.
pub const ASIDE: &str = ".aside";

/// How long a change may take that another process is making just now, apart from what it waits for a database.
const PATIENCE: Duration = Duration::from_secs(5);

/// All that a change does, so that the next run can finish it or take it back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FileChange {
    /// The command that makes it: `migrate squash`.
    pub command: String,
    /// The files that it writes, none of which is there before.
    pub new: Vec<Written>,
    /// The files that it removes.
    pub old: Vec<Place>,
    /// The record in a database that says that the change is to be, where one does.
    pub recorded: Option<Recorded>,
}

/// What a database is to say of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recorded {
    /// The version that is applied there.
    pub version: Version,
    /// How long the change may wait for the lock of the database.
    pub waits: Duration,
}

/// A file of a change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Written {
    /// Where.
    pub place: Place,
    /// What it holds.
    pub text: String,
}

/// A file's name, and the number of its folder among those that the command changes. A mark says no paths: nobody's else are
/// to be written by it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The number of the folder.
    pub folder: usize,
    /// The name in it.
    pub name: String,
}

/// Where the mark of `dir` is.
pub fn mark_of(dir: &Path) -> PathBuf {
    dir.join(MARK)
}

/// The mark that a killed process left, its text, and the lock on it; `None` where there is none. Waits for a process that is
/// alive.
///
/// # Errors
/// `Locked` when that takes long; `File` when it cannot be read.
pub fn left(dir: &Path) -> Result<Option<(File, String)>> {
    let path = mark_of(dir);
    let started = Instant::now();
    loop {
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::file(&path, error)),
        };
        match file.try_lock() {
            // Where files cannot be locked, nobody can tell; it may have gone while we looked.
            Ok(()) | Err(TryLockError::Error(_)) if leads_to(&path, &file) => {
                let mut text = String::new();
                file.read_to_string(&mut text).map_err(|error| Error::file(&path, error))?;
                return Ok(Some((file, text)));
            }
            Ok(()) | Err(TryLockError::Error(_)) => {}
            Err(TryLockError::WouldBlock) if started.elapsed() > patience(&mut file) => {
                let message = format!("{} is being changed by another process", dir.display());
                return Err(Error::new(ErrorKind::Locked, message)
                    .about(dir)
                    .help("try again when it is done"));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// How long to wait for the change that this mark is of: no less than it may wait itself.
fn patience(file: &mut File) -> Duration {
    let mut text = String::new();
    // Where locks keep others from reading, nobody can tell.
    let read = file.read_to_string(&mut text).ok().and_then(|_| FileChange::read(&text));
    let waits = read.and_then(|change| change.recorded).map(|recorded| recorded.waits);
    PATIENCE + waits.unwrap_or_default()
}

/// Whether a path leads to a file that is open: whoever holds its lock then is alone with it.
pub fn leads_to(path: &Path, file: &File) -> bool {
    #[cfg(unix)]
    {
        use std::fs;
        use std::os::unix::fs::MetadataExt as _;
        let number = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        let (named, open) = (fs::metadata(path).map(number), file.metadata().map(number));
        matches!((named, open), (Ok(named), Ok(open)) if named == open)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

/// Refuses a folder that a killed process left in the middle of a change.
///
/// # Errors
/// `Migration` then, with the command that finishes it; those of [`left`].
pub(super) fn refuse_half_changed(dir: &Path) -> Result<()> {
    // A folder is read far more often than it is left so.
    if !mark_of(dir).exists() {
        return Ok(());
    }
    match left(dir)?.and_then(|(_, text)| FileChange::read(&text)) {
        Some(change) => Err(change.is_unfinished(dir)),
        None => Ok(()),
    }
}

impl FileChange {
    /// What a mark says; `None` for one that was not yet written in full. Nothing else was done then.
    pub fn read(text: &str) -> Option<FileChange> {
        serde_json::from_str(text).ok()
    }

    /// The error of a folder that it was not finished in.
    pub fn is_unfinished(&self, dir: &Path) -> Error {
        let FileChange { command, .. } = self;
        let message = format!(
            "{} was left in the middle of `planctl {command}` by a process that was killed",
            dir.display()
        );
        Error::new(ErrorKind::Migration, message).about(dir).help(format!(
            "run the same command again, which finishes that or takes it back; {} says what it was to do",
            mark_of(dir).display()
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};

    use super::*;

    /// Others gave up while an adopt was still waiting for its database.
    #[test]
    fn a_change_is_waited_for_as_long_as_it_waits_itself() {
        let waits = Duration::from_secs(30);
        for (recorded, patient) in
            [(None, PATIENCE), (Some(Recorded { version: 3, waits }), PATIENCE + waits)]
        {
            let change = FileChange {
                command: "migrate adopt".to_owned(),
                new: Vec::new(),
                old: Vec::new(),
                recorded,
            };
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&serde_json::to_vec(&change).unwrap()).unwrap();
            file.rewind().unwrap();
            assert_eq!(patience(&mut file), patient);
        }
    }
}
