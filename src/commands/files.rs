//! Files of a project: written all or none, and never written over.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::replacement::Replacement;
use crate::migrations::NewFile;

/// Files that were made, and the folders that were made for them, in order.
#[derive(Default)]
pub(super) struct Created<'f> {
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
    pub(super) fn take_back(self, error: Error) -> Error {
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

/// Writes all these files, or none, and the folders that they lie in.
///
/// # Errors
/// `File` when one is there already or cannot be written.
pub(super) fn create_all<'f>(files: impl IntoIterator<Item = &'f NewFile>) -> Result<Created<'f>> {
    let mut made = Created::default();
    for file in files {
        // Half a pair would be a migration that nothing reverts.
        if let Err(error) = made.add(file) {
            return Err(made.take_back(error));
        }
    }
    Ok(made)
}

/// Writes files and removes others, or does nothing of it. What is to go steps aside under a hidden name first, in its order,
/// so that it can come back.
///
/// # Errors
/// `File` when a new file is there already, and when something cannot be written or renamed.
pub(super) fn replace_all(new: &[NewFile], old: &[PathBuf]) -> Result<()> {
    let made = create_all(new)?;
    let mut moved: Vec<(&Path, PathBuf)> = Vec::new();
    for path in old {
        let aside = aside(path);
        if let Err(error) = fs::rename(path, &aside) {
            let back = |error: Error, (path, aside): (&Path, PathBuf)| match fs::rename(&aside, path) {
                Ok(()) => error,
                Err(_) => error.note(format!("{} is left as {}: rename it", path.display(), aside.display())),
            };
            return Err(made.take_back(moved.into_iter().rev().fold(Error::file(path, error), back)));
        }
        moved.push((path, aside));
    }
    for (_, aside) in moved {
        // Nobody reads a hidden file: one that is left does no harm.
        let _ = fs::remove_file(aside);
    }
    Ok(())
}

/// A file that gets another name.
#[derive(Clone)]
pub(super) struct Move {
    pub(super) from: PathBuf,
    pub(super) to: PathBuf,
}

/// Renames files, all or none, in their order. Where `edit` has another text for one, it gets that under its new name.
///
/// # Errors
/// `File` when a name is taken, and when something cannot be renamed or written.
pub(super) fn move_all(moves: &[Move], edit: impl Fn(&str) -> Option<String>) -> Result<()> {
    if let Some(taken) = moves.iter().find(|moved| fs::symlink_metadata(&moved.to).is_ok()) {
        return Err(refused(&taken.to, io::ErrorKind::AlreadyExists.into()));
    }
    for (at, Move { from, to }) in moves.iter().enumerate() {
        if let Err(error) = fs::rename(from, to) {
            let done = moves.iter().take(at).rev();
            return Err(done.fold(Error::file(from, error), |error, Move { from, to }| {
                match fs::rename(to, from) {
                    Ok(()) => error,
                    Err(_) => error.note(format!("{} is left as {}", from.display(), to.display())),
                }
            }));
        }
    }
    for Move { to, .. } in moves {
        if let Some(text) = fs::read_to_string(to).ok().and_then(|text| edit(&text)) {
            Replacement::write(to, text.as_bytes())?;
        }
    }
    Ok(())
}

/// Where a file waits that is to go.
pub(super) fn aside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.squashed"))
}

fn create(file: &NewFile) -> Result<()> {
    let written = OpenOptions::new().write(true).create_new(true).open(&file.path);
    let written = written.and_then(|mut open| {
        open.write_all(file.text.as_bytes()).and_then(|()| open.sync_all()).inspect_err(|_| {
            // What was written of it is of no use; the error that stopped it is the one to report.
            let _ = fs::remove_file(&file.path);
        })
    });
    written.map_err(|error| refused(&file.path, error))
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
        let error = create_all(&[file("V1__a.down.sql"), file("V1__a.sql")]).map(drop).unwrap_err();
        assert!(error.message().ends_with("already exists"));
        assert_eq!(fs::read_to_string(dir.path().join("V1__a.sql")).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let error = create_all(&[file("a/b/c.sql"), file("V1__a.sql")]).map(drop).unwrap_err();
        assert!(error.message().ends_with("already exists"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no folder is left");
    }
}
