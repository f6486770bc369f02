//! Files of a project: written all or none, and never written over.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::replacement::name_as;
use crate::migrations::NewFile;
use crate::migrations::change::ASIDE;

/// Files that were made, and the folders that were made for them, in order.
#[derive(Default)]
struct Created<'f> {
    files: Vec<&'f NewFile>,
    folders: Vec<&'f Path>,
}

impl<'f> Created<'f> {
    /// Writes a file that must not be there yet.
    fn add(&mut self, file: &'f NewFile) -> Result<()> {
        let folders = file.path.ancestors().skip(1);
        let missing: Vec<&Path> =
            folders.take_while(|dir| !dir.as_os_str().is_empty() && !dir.exists()).collect();
        for dir in missing.into_iter().rev() {
            fs::create_dir(dir).map_err(|error| Error::file(dir, error))?;
            self.folders.push(dir);
        }
        create(file)?;
        self.files.push(file);
        Ok(())
    }

    /// Removes all of it, and adds to the error what is left.
    fn take_back(self, error: Error) -> Error {
        let error = self.files.into_iter().fold(error, |error, file| match fs::remove_file(&file.path) {
            Ok(()) => error,
            Err(_) => error.note(format!("{} is left, and applied nowhere: remove it", file.path.display())),
        });
        for dir in self.folders.into_iter().rev() {
            // Where something else lies in it by now, it is to stay.
            let _ = fs::remove_dir(dir);
        }
        error
    }
}

/// Files that were made, and others that stepped aside under a hidden name, so that they can come back.
pub(super) struct Replaced<'f> {
    made: Created<'f>,
    moved: Vec<(&'f Path, PathBuf)>,
}

impl Replaced<'_> {
    /// Removes what stepped aside.
    pub(super) fn done(self) {
        for (_, aside) in self.moved {
            // Nobody reads a hidden file: one that is left does no harm.
            let _ = fs::remove_file(aside);
        }
    }

    /// Removes what was made, brings back what stepped aside, and adds to the error what is left.
    pub(super) fn take_back(self, error: Error) -> Error {
        let error = self.made.take_back(error);
        self.moved.into_iter().rev().fold(error, |error, (path, aside)| match fs::rename(&aside, path) {
            Ok(()) => error,
            Err(_) => error.note(format!("{} is left as {}: rename it", path.display(), aside.display())),
        })
    }
}

/// Has files step aside, in their order, and writes others, or does nothing of it.
///
/// # Errors
/// `File` when a new file is there already, and when something cannot be written or renamed.
pub(super) fn replace_all<'f>(
    new: impl IntoIterator<Item = &'f NewFile>,
    old: &'f [PathBuf],
) -> Result<Replaced<'f>> {
    let mut replaced = Replaced { made: Created::default(), moved: Vec::new() };
    for path in old {
        let aside = aside(path);
        match fs::rename(path, &aside) {
            Ok(()) => replaced.moved.push((path, aside)),
            Err(error) => return Err(replaced.take_back(Error::file(path, error))),
        }
    }
    for file in new {
        // Half a pair would be a migration that nothing reverts.
        if let Err(error) = replaced.made.add(file) {
            return Err(replaced.take_back(error));
        }
    }
    Ok(replaced)
}

/// Where a file waits that is to go. It is no migration there, and no name of another tool's.
pub(super) fn aside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{ASIDE}"))
}

/// What a file is called until it is whole.
pub(super) fn half_written(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.half"))
}

fn create(file: &NewFile) -> Result<()> {
    let path = &file.path;
    if fs::symlink_metadata(path).is_ok() {
        return Err(refused(path, io::ErrorKind::AlreadyExists.into()));
    }
    // Whoever reads the folder meanwhile sees the whole file or none, and so does who reads it after a kill.
    let half = half_written(path);
    let written = File::create(&half).and_then(|mut open| {
        open.write_all(file.text.as_bytes())?;
        open.sync_all()?;
        name_as(&half, path)
    });
    written.map_err(|error| {
        // What was written of it is of no use; the error that stopped it is the one to report.
        let _ = fs::remove_file(&half);
        refused(path, error)
    })
}

fn refused(path: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Error::new(ErrorKind::File, format!("{} already exists", path.display()))
                .help("nothing was overwritten; choose another name, or move the file away")
        }
        _ => Error::file(path, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_over_and_no_half_pair_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| NewFile { path: dir.path().join(name), text: "new".to_owned() };
        fs::write(dir.path().join("V1__a.sql"), "old").unwrap();
        let error = replace_all(&[file("V1__a.down.sql"), file("V1__a.sql")], &[]).map(drop).unwrap_err();
        assert!(error.message().ends_with("already exists"));
        assert_eq!(fs::read_to_string(dir.path().join("V1__a.sql")).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let error = replace_all(&[file("a/b/c.sql"), file("V1__a.sql")], &[]).map(drop).unwrap_err();
        assert!(error.message().ends_with("already exists"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no folder is left");
    }
}
