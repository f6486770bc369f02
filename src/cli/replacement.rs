//! A file that is written beside the one that it replaces.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Replaces a file as a whole: whoever reads it meanwhile sees the old content or the new one. What is not an ordinary
/// file (`/dev/stderr`, a named pipe) is written to directly.
#[derive(Debug)]
pub(super) struct Replacement {
    /// As the user named it.
    path: PathBuf,
    file: File,
    /// The file that is written and the one that it becomes; `None` when it is written to directly.
    rename: Option<(PathBuf, PathBuf)>,
}

impl Replacement {
    /// Begins to write what is to become the file `path`.
    pub(super) fn begin(path: &Path) -> Result<Replacement> {
        let failed = |error| failed(path, error);
        // A link stays a link; the file that it points to is replaced.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        match fs::metadata(&target) {
            Ok(metadata) if metadata.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into())),
            Ok(metadata) if !metadata.is_file() => {
                let file = File::options().write(true).open(&target).map_err(failed)?;
                return Ok(Replacement { path: path.to_owned(), file, rename: None });
            }
            Ok(metadata) if metadata.permissions().readonly() => {
                return Err(failed(io::ErrorKind::PermissionDenied.into()));
            }
            _ => {}
        }
        let name = target.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
        let mut temporary_name = std::ffi::OsString::from(".");
        temporary_name.push(name);
        temporary_name.push(format!(".{}.tmp", std::process::id()));
        let temporary = target.with_file_name(temporary_name);
        let file = File::create(&temporary).map_err(failed)?;
        Ok(Replacement { path: path.to_owned(), file, rename: Some((temporary, target)) })
    }

    /// Puts the file in place when all of it was `written`.
    pub(super) fn finish(mut self, written: io::Result<()>) -> Result<()> {
        let done = written.and_then(|()| {
            let Some((temporary, target)) = &self.rename else { return Ok(()) };
            if let Ok(old) = fs::metadata(target) {
                self.file.set_permissions(old.permissions())?;
            }
            self.file.sync_all()?;
            fs::rename(temporary, target)
        });
        if done.is_ok() {
            self.rename = None;
        }
        done.map_err(|error| failed(&self.path, error))
    }
}

fn failed(path: &Path, error: io::Error) -> Error {
    Error::file(path, error).note("the result was to be written there (-o)")
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Replacement {
    /// Leaves nothing beside the file when it was not put in its place.
    fn drop(&mut self) {
        if let Some((temporary, _)) = &self.rename {
            let _ = fs::remove_file(temporary);
        }
    }
}
