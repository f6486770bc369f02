//! The folders of rehearsals: nobody else may read them, they go away with the run, and what a killed run leaves goes away
//! with the next one.
//!
//! A run holds a lock on a file in its folder, which the operating system drops with the process.

use std::fs::{self, File};
use std::path::Path;

use ulid::Ulid;

use crate::base::error::{Error, Result};
use crate::engine::DatabaseName;

/// What the folder of a rehearsal is called, before the name of its run.
const PREFIX: &str = ".planctl-rehearsal-";

/// What it is called until its lock is held.
const NEW: &str = ".planctl-new-";

const LOCK: &str = "lock";

/// Does `work` in the folder of a run in `parent`, and removes it with everything in it, whatever came of the work.
pub(in crate::commands) fn within<T>(
    parent: &Path,
    run: Ulid,
    work: impl FnOnce(&Path) -> Result<T>,
) -> Result<T> {
    let (new, path) = (parent.join(format!("{NEW}{run}")), parent.join(format!("{PREFIX}{run}")));
    #[cfg_attr(not(unix), allow(unused_mut, reason = "its mode is set where there are modes"))]
    let mut builder = fs::DirBuilder::new();
    // The copy holds what the database holds: nobody else may read it.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let make = || -> std::io::Result<File> {
        builder.create(&new)?;
        let lock = File::create_new(new.join(LOCK))?;
        // Where files cannot be locked, a folder that is left stays.
        drop(lock.try_lock());
        fs::rename(&new, &path)?;
        Ok(lock)
    };
    // Held as long as the folder is in use.
    let lock = make().map_err(|error| {
        drop(fs::remove_dir_all(&new));
        Error::file(&path, error).help("name a folder that can be written: --rehearse=DIR")
    })?;
    let result = work(&path);
    drop(fs::remove_dir_all(&path));
    drop(lock);
    result
}

/// Removes the folders in `parent` that runs left which were killed. What cannot be removed, or not be told to be unused,
/// stays: it is in nobody's way but the disk's.
pub(in crate::commands) fn remove_unused(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX))
            .is_some_and(|run| Ulid::from_string(run).is_ok());
        if is_ours && is_unused(&entry.path()) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// Whether nobody holds the lock of a folder.
fn is_unused(folder: &Path) -> bool {
    let opened = File::options().write(true).open(folder.join(LOCK));
    opened.is_ok_and(|lock| lock.try_lock().is_ok())
}

/// Removes such folders beside a database.
pub(in crate::commands) fn remove_unused_beside(db: &DatabaseName) {
    let Some(db) = db.file() else { return };
    let db = fs::canonicalize(db).unwrap_or_else(|_| db.to_path_buf());
    let parent = db.parent().filter(|parent| !parent.as_os_str().is_empty());
    remove_unused(parent.unwrap_or(Path::new(".")));
}
