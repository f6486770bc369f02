//! Several files changed as one: a run that is killed leaves a mark that says what it was to do, and the same command, when it
//! is run again, finishes that or takes it back.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::files::{Replaced, aside, half_written, replace_all};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::replacement::{Replacement, synchronise};
use crate::migrations::change::{FileChange, Place, Recorded, Written, leads_to, left, mark_of};
use crate::migrations::{NamedFile, NewFile, Version, listed};

/// Files that are changed as one. They stay as they were unless the change is [done](Changed::done).
pub(super) struct Changed<'f> {
    files: Replaced<'f>,
    _changing: Changing,
}

impl Changed<'_> {
    /// The change is made.
    pub(super) fn done(self) {
        self.files.done();
    }

    /// All is as it was; adds to the error what is left.
    pub(super) fn take_back(self, error: Error) -> Error {
        self.files.take_back(error)
    }
}

/// [Writes files and has others step aside](replace_all), all in one of `folders`, the first of which has the mark. `recorded`
/// is the record in a database that says that the change is to be, where one does.
///
/// # Errors
/// `Locked` when another process changes the folder; `Migration` when a killed one left it half changed; `File`.
pub(super) fn change<'f>(
    command: &str,
    folders: &[&Path],
    new: impl IntoIterator<Item = &'f NewFile>,
    old: &'f [PathBuf],
    recorded: Option<Recorded>,
) -> Result<Changed<'f>> {
    let new: Vec<&NewFile> = new.into_iter().collect();
    let changing = Changing::begin(command, folders, (&new, old), recorded)?;
    Ok(Changed { files: replace_all(new, old)?, _changing: changing })
}

/// The mark of a change that is being made. When it goes, the change is done or undone.
struct Changing {
    mark: PathBuf,
    folders: Vec<PathBuf>,
    /// The folders that were made for the mark.
    made: Vec<PathBuf>,
    /// Held as long as the process lives.
    _lock: File,
}

impl Changing {
    /// Leaves the mark, before anything else is done.
    fn begin(
        command: &str,
        folders: &[&Path],
        (new, old): (&[&NewFile], &[PathBuf]),
        recorded: Option<Recorded>,
    ) -> Result<Changing> {
        let Some(first) = folders.first() else { return Err(nowhere(Path::new(""))) };
        let mark = mark_of(first);
        let place = |path: &Path| place(folders, path);
        let written = |file: &&NewFile| Ok(Written { place: place(&file.path)?, text: file.text.clone() });
        let change = FileChange {
            command: command.to_owned(),
            new: new.iter().map(written).collect::<Result<_>>()?,
            old: old.iter().map(|path| place(path)).collect::<Result<_>>()?,
            recorded,
        };
        let text = serde_json::to_vec(&change).map_err(|error| Error::file(&mark, error.into()))?;
        let made = make_folder(first)?;
        let lock = match own_mark(first, &mark) {
            Ok(lock) => lock,
            Err(error) => {
                made.iter().rev().for_each(|dir| drop(fs::remove_dir(dir)));
                return Err(error);
            }
        };
        let folders = folders.iter().map(|&folder| folder.to_owned()).collect();
        // From here on it is removed again, whatever fails.
        let changing = Changing { mark, folders, made, _lock: lock };
        changing.write(&text).map_err(|error| Error::file(&changing.mark, error))?;
        nobody_was_faster(new, old)?;
        Ok(changing)
    }

    fn write(&self, text: &[u8]) -> std::io::Result<()> {
        use std::io::Write;
        let mut lock = &self._lock;
        lock.write_all(text)?;
        lock.sync_all()?;
        self.folders.first().into_iter().for_each(|first| synchronise(first));
        Ok(())
    }
}

impl Drop for Changing {
    fn drop(&mut self) {
        finished(&self.mark, &self.folders);
        // Those in which nothing was put.
        self.made.iter().rev().for_each(|dir| drop(fs::remove_dir(dir)));
    }
}

/// Removes the mark, once all of the change has come to the disk.
fn finished(mark: &Path, folders: &[impl AsRef<Path>]) {
    folders.iter().for_each(|folder| synchronise(folder.as_ref()));
    // A mark that stays has the next run do what is done already.
    drop(fs::remove_file(mark));
    folders.first().into_iter().for_each(|first| synchronise(first.as_ref()));
}

/// What a killed run had begun and is finished now.
#[derive(Default)]
pub(super) struct Resumed {
    /// The files that are there now.
    pub(super) new: Vec<PathBuf>,
    /// Those that are not any more.
    pub(super) old: Vec<PathBuf>,
}

/// Finishes the change that a killed run of this command left, or takes it back where no record says that it is to be.
///
/// # Errors
/// `Migration` when another command left one; `Locked`, `File`; those of `is_recorded`.
pub(super) fn resume(
    command: &str,
    folders: &[&Path],
    is_recorded: impl FnOnce(Version) -> Result<bool>,
) -> Result<Resumed> {
    let Some(first) = folders.first() else { return Ok(Resumed::default()) };
    let Some((_lock, text)) = left(first)? else { return Ok(Resumed::default()) };
    let mark = mark_of(first);
    let Some(change) = FileChange::read(&text) else {
        drop(fs::remove_file(&mark));
        return Ok(Resumed::default());
    };
    let located = |place: &Place| located(folders, place).ok_or_else(|| change.is_unfinished(first));
    let new = change.new.iter().map(|file| Ok((located(&file.place)?, file.text.as_str())));
    let new: Vec<(PathBuf, &str)> = new.collect::<Result<_>>()?;
    let old: Vec<PathBuf> = change.old.iter().map(located).collect::<Result<_>>()?;
    if change.command != command {
        return Err(change.is_unfinished(first));
    }
    let is_to_be = change.recorded.map_or(Ok(true), |recorded| is_recorded(recorded.version))?;
    for (path, text) in &new {
        drop(fs::remove_file(half_written(path)));
        let there = fs::read_to_string(path).ok();
        if is_to_be && there.as_deref() != Some(text) {
            make_folder(path.parent().unwrap_or(Path::new("")))?;
            Replacement::write(path, text.as_bytes())?;
        } else if !is_to_be && there.is_some_and(|there| *text == there) {
            fs::remove_file(path).map_err(|error| Error::file(path, error))?;
        }
    }
    for path in &old {
        settle(path, is_to_be, new.iter().any(|(new, _)| new == path))
            .map_err(|error| Error::file(path, error))?;
    }
    finished(&mark, folders);
    let new = new.into_iter().map(|(path, _)| path).collect();
    Ok(if is_to_be { Resumed { new, old } } else { Resumed::default() })
}

/// Removes a file that is to go, which may have stepped aside already, or brings it back. Where it `is_new`, too, the name is
/// another file's by now.
fn settle(path: &Path, is_to_be: bool, is_new: bool) -> std::io::Result<()> {
    let aside = aside(path);
    if !is_to_be {
        return if aside.exists() && !path.exists() { fs::rename(aside, path) } else { Ok(()) };
    }
    for gone in [Some(path).filter(|_| !is_new), Some(aside.as_path())].into_iter().flatten() {
        match fs::remove_file(gone) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Refuses numbers that another process gave away since the folder was read.
fn nobody_was_faster(new: &[&NewFile], old: &[PathBuf]) -> Result<()> {
    let mine: Vec<NamedFile> = new.iter().filter_map(|file| NamedFile::of(file.path.clone())).collect();
    let folders: BTreeSet<&Path> = mine.iter().filter_map(|file| file.path.parent()).collect();
    for other in folders.into_iter().flat_map(|dir| listed(dir).unwrap_or_default()) {
        let is_ours = old.contains(&other.path) || mine.iter().any(|file| file.path == other.path);
        if !is_ours && mine.iter().any(|file| file.version == other.version) {
            let message = format!("another process wrote {} meanwhile", other.path.display());
            return Err(Error::new(ErrorKind::Migration, message).about(&other.path).help("try again"));
        }
    }
    Ok(())
}

/// Makes the mark, and takes the lock on it.
fn own_mark(dir: &Path, mark: &Path) -> Result<File> {
    loop {
        match File::create_new(mark) {
            Ok(file) => {
                // Where files cannot be locked, two that run at once are not kept apart.
                drop(file.lock());
                // Somebody who found it empty may have taken it for one that a killed process left.
                if leads_to(mark, &file) {
                    return Ok(file);
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let Some((_lock, text)) = left(dir)? else { continue };
                if let Some(change) = FileChange::read(&text) {
                    return Err(change.is_unfinished(dir));
                }
                drop(fs::remove_file(mark));
            }
            Err(error) => return Err(Error::file(mark, error)),
        }
    }
}

/// Makes a folder and those that it lies in; gives those that were not there.
fn make_folder(dir: &Path) -> Result<Vec<PathBuf>> {
    let missing = dir.ancestors().take_while(|dir| !dir.as_os_str().is_empty() && !dir.exists());
    let mut made: Vec<PathBuf> = missing.map(Path::to_owned).collect();
    made.reverse();
    for dir in &made {
        fs::create_dir(dir).map_err(|error| Error::file(dir, error))?;
    }
    Ok(made)
}

fn place(folders: &[&Path], path: &Path) -> Result<Place> {
    let folder = folders.iter().position(|folder| path.parent() == Some(folder));
    let name = path.file_name().and_then(|name| name.to_str());
    let (Some(folder), Some(name)) = (folder, name) else { return Err(nowhere(path)) };
    Ok(Place { folder, name: name.to_owned() })
}

fn located(folders: &[&Path], place: &Place) -> Option<PathBuf> {
    let is_name = Path::new(&place.name).file_name().is_some_and(|name| *name == *place.name);
    folders.get(place.folder).filter(|_| is_name).map(|folder| folder.join(&place.name))
}

fn nowhere(path: &Path) -> Error {
    Error::file(path, std::io::ErrorKind::InvalidInput.into())
}
