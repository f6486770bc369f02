//! The migration files of a folder by their names alone, also where it is refused as a whole.

use std::path::{Path, PathBuf};

use super::Version;
use super::name::{FileName, classify};
use crate::base::error::{Error, Result};

/// A file by its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its version.
    pub version: Version,
    /// Its name: `align_plans_schema`.
    pub name: String,
    /// Whether it is a way back.
    pub is_down: bool,
}

impl NamedFile {
    /// A file of migrations, by its path; `None` where the name is not one of theirs.
    pub fn of(path: PathBuf) -> Option<NamedFile> {
        let (version, name, is_down) = match classify(path.file_name()?.to_str()?) {
            FileName::Up { version, name } => (version, name, false),
            FileName::Down { version, name } => (version, name, true),
            FileName::Other | FileName::Refused(_) => return None,
        };
        Some(NamedFile { path, version, name, is_down })
    }

    /// What the way there is called that a way back of this name reverts.
    pub fn up_name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!("{}.sql", name.trim_end_matches(".down.sql"))
    }

    /// Its path under another version, padded like its own. One that may come late (`U7__…`) keeps its letter.
    pub fn renumbered(&self, version: Version) -> PathBuf {
        let old = self.path.file_name().unwrap_or_default().to_string_lossy();
        let letter = old.chars().next().unwrap_or('V');
        let width = old.bytes().skip(1).take_while(u8::is_ascii_digit).count();
        let ending = if self.is_down { ".down.sql" } else { ".sql" };
        self.path.with_file_name(format!("{letter}{version:0width$}__{}{ending}", self.name))
    }
}

/// The migration files of a folder, in order of their names. What is no migration is left out.
///
/// # Errors
/// `File` when the folder cannot be read.
pub fn listed(dir: &Path) -> Result<Vec<NamedFile>> {
    let folder = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    let trouble = |error| Error::file(folder, error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(trouble)? {
        files.extend(NamedFile::of(dir.join(entry.map_err(trouble)?.file_name())));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
