//! A file that is written beside the one that it replaces.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::{Error, Result};

/// Replaces a file as a whole: whoever reads it meanwhile sees the old content or the new one, and one that is not
/// [finished](Replacement::finish) leaves the old. What is no ordinary file (`/dev/stderr`, a named pipe) is written to
/// directly.
#[derive(Debug)]
pub(crate) struct Replacement {
    /// As the user named it.
    path: PathBuf,
    out: Out,
}

#[derive(Debug)]
enum Out {
    /// A new file, and the one that it becomes.
    Beside {
        file: File,
        temporary: PathBuf,
        target: PathBuf,
    },
    /// A device or a pipe.
    Direct(File),
    /// What this process has open already: a second look at `/dev/stdout` would begin at the start of a file that the
    /// shell appends to.
    Stdout,
    Stderr,
}

/// Gives a file that is whole its name, unless that is taken.
///
/// # Errors
/// `AlreadyExists` when it is.
pub(crate) fn name_as(whole: &Path, target: &Path) -> io::Result<()> {
    match fs::hard_link(whole, target) {
        Ok(()) => {
            // One that is left has the same content, under a name that nobody reads.
            drop(fs::remove_file(whole));
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without links.
        Err(_) if fs::symlink_metadata(target).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(whole, target),
    }
}

/// Has the names in a folder survive a power failure, where folders can be synchronised.
pub(crate) fn synchronise(folder: &Path) {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if let Ok(folder) = File::open(folder) {
        drop(folder.sync_all());
    }
}

/// Where a name leads, once its links are followed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// A file, a folder or a device, or a name that is still free.
    Named(PathBuf),
    /// A file that a process has open, by its number and whether the process is this one.
    Open { number: u32, own: bool },
}

impl Place {
    /// Follows the links of `path`. The name that a link leads to need not be taken yet.
    ///
    /// # Errors
    /// When a link cannot be read, or leads back to itself.
    pub(crate) fn of(path: &Path) -> io::Result<Place> {
        let mut at = path.to_owned();
        // As many as Linux follows.
        for _ in 0..40 {
            if let Some(open) = open_file(&at) {
                return Ok(open);
            }
            if !fs::symlink_metadata(&at).is_ok_and(|metadata| metadata.is_symlink()) {
                return Ok(Place::Named(at));
            }
            let to = fs::read_link(&at)?;
            at = at.parent().map_or(to.clone(), |folder| folder.join(&to));
        }
        match fs::metadata(path) {
            Err(error) => Err(error),
            Ok(_) => Ok(Place::Named(path.to_owned())),
        }
    }
}

/// What `/dev/stdout`, `/dev/fd/3` and `/proc/self/fd/3` stand for.
fn open_file(path: &Path) -> Option<Place> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
    let own = |number| Some(Place::Open { number, own: true });
    if folder == Path::new("/dev") {
        return match name {
            "stdout" => own(1),
            "stderr" => own(2),
            _ => None,
        };
    }
    let number = name.parse().ok()?;
    if folder == Path::new("/dev/fd") {
        return own(number);
    }
    let process =
        folder.strip_prefix("/proc").ok().filter(|_| folder.ends_with("fd"))?.components().next()?;
    let itself = std::process::id().to_string();
    Some(Place::Open { number, own: *process.as_os_str() == *itself })
}

impl Replacement {
    /// Begins to write what is to become the file `path`.
    ///
    /// # Errors
    /// `File` when it is a folder, or cannot be written.
    pub(crate) fn begin(path: &Path) -> Result<Replacement> {
        Out::of(path)
            .map(|out| Replacement { path: path.to_owned(), out })
            .map_err(|error| Error::file(path, error))
    }

    /// Replaces `path` by `bytes`.
    ///
    /// # Errors
    /// As [`Replacement::begin`] and [`Replacement::finish`].
    pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
        let mut replacement = Replacement::begin(path)?;
        let written = replacement.write_all(bytes);
        replacement.finish(written)
    }

    /// Leaves the old file as it is, and nothing beside it.
    pub(crate) fn abandon(self) {
        self.out.remove();
    }

    /// Puts the file in place when all of it was `written`; if not, [abandons](Replacement::abandon) it. A pipe that nobody reads any more is no error.
    ///
    /// # Errors
    /// `File` when it was not, or cannot be put there.
    pub(crate) fn finish(mut self, written: io::Result<()>) -> Result<()> {
        let done = written.and_then(|()| self.flush()).and_then(|()| self.out.put_in_place());
        if done.is_err() {
            self.out.remove();
        }
        match done {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            done => done.map_err(|error| Error::file(&self.path, error)),
        }
    }
}

impl Out {
    fn of(path: &Path) -> io::Result<Out> {
        let target = match Place::of(path)? {
            Place::Named(target) => target,
            Place::Open { number: 1, own: true } => return Ok(Out::Stdout),
            Place::Open { number: 2, own: true } => return Ok(Out::Stderr),
            // Behind what is in it: it is another program's file, which says where that program is.
            Place::Open { .. } => return File::options().append(true).open(path).map(Out::Direct),
        };
        let old = match fs::metadata(&target) {
            Ok(old) if old.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(old) if !old.is_file() => return File::options().write(true).open(&target).map(Out::Direct),
            Ok(old) if old.permissions().readonly() => return Err(io::ErrorKind::PermissionDenied.into()),
            // Who may write to the folder only could put another file in the place of one that is not theirs.
            Ok(old) => File::options().write(true).open(&target).map(|_| Some(old))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if target.file_name().is_none() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let (file, temporary) = beside(&target, old.as_ref())?;
        Ok(Out::Beside { file, temporary, target })
    }

    fn put_in_place(&self) -> io::Result<()> {
        let Out::Beside { file, temporary, target } = self else { return Ok(()) };
        file.sync_all()?;
        fs::rename(temporary, target)
    }

    fn remove(&self) {
        if let Out::Beside { temporary, .. } = self {
            // The error that led here says enough.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// A new file in the same folder, which whoever may not read the old one may not read either.
fn beside(target: &Path, old: Option<&Metadata>) -> io::Result<(File, PathBuf)> {
    let mut attempt = 0u32;
    loop {
        let temporary = target.with_file_name(format!(".planctl-{}-{attempt}.tmp", std::process::id()));
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if old.is_some() {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        match options.open(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => attempt += 1,
            Err(error) => return Err(error),
            Ok(file) => {
                let same = old.map_or(Ok(()), |old| file.set_permissions(old.permissions()));
                return match same {
                    Ok(()) => Ok((file, temporary)),
                    Err(error) => {
                        // The error says enough; what could not be removed is empty.
                        let _ = fs::remove_file(&temporary);
                        Err(error)
                    }
                };
            }
        }
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.out {
            Out::Beside { file, .. } | Out::Direct(file) => file.write(bytes),
            Out::Stdout => io::stdout().write(bytes),
            Out::Stderr => io::stderr().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Beside { file, .. } | Out::Direct(file) => file.flush(),
            Out::Stdout => io::stdout().flush(),
            Out::Stderr => io::stderr().flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.json");
        Replacement::write(&path, b"first, and longer").unwrap();
        Replacement::write(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names(dir.path()), ["out.json"]);
    }

    #[test]
    fn what_is_not_finished_leaves_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.json");
        fs::write(&path, "old").unwrap();
        let mut replacement = Replacement::begin(&path).unwrap();
        replacement.write_all(b"half").unwrap();
        replacement.abandon();
        let replacement = Replacement::begin(&path).unwrap();
        assert!(replacement.finish(Err(io::Error::other("the disk is full"))).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(dir.path()), ["out.json"]);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = Replacement::write(dir.path(), b"x").unwrap_err();
        assert!(error.message().ends_with("it is a folder"), "{error}");
        let error = Replacement::write(&dir.path().join("missing/out.json"), b"x").unwrap_err();
        assert!(error.message().ends_with("no such file or folder"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_also_to_a_file_that_is_not_there_yet_and_a_mode_stays_too() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        symlink("sub/real.json", at("first")).unwrap();
        symlink("first", at("second")).unwrap();
        Replacement::write(&at("second"), b"new").unwrap();
        assert_eq!(fs::read(at("sub/real.json")).unwrap(), b"new");
        fs::set_permissions(at("sub/real.json"), fs::Permissions::from_mode(0o640)).unwrap();
        Replacement::write(&at("first"), b"newer").unwrap();
        assert_eq!(fs::read(at("sub/real.json")).unwrap(), b"newer");
        assert_eq!(fs::metadata(at("sub/real.json")).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(at("first")).unwrap().is_symlink());
        fs::set_permissions(at("sub/real.json"), fs::Permissions::from_mode(0o444)).unwrap();
        let error = Replacement::write(&at("first"), b"x").unwrap_err();
        assert!(error.message().ends_with("permission denied"), "{error}");
        symlink("loop", at("loop")).unwrap();
        assert!(Replacement::write(&at("loop"), b"x").is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_open_file_has_many_names() {
        let own = |number| Place::Open { number, own: true };
        for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/../dev/fd/1"] {
            assert_eq!(Place::of(Path::new(name)).unwrap(), own(1), "{name}");
        }
        assert_eq!(Place::of(Path::new("/dev/stderr")).unwrap(), own(2));
        assert_eq!(Place::of(Path::new("/dev/null")).unwrap(), Place::Named("/dev/null".into()));
        Replacement::write(Path::new("/dev/null"), b"x").unwrap();
    }
}
