//! What lies in a folder, and in the folders in it.

use std::path::{Path, PathBuf};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::SourceFile;

/// A folder of another tool's.
#[derive(Debug)]
pub(super) struct Folder {
    /// As the user named it.
    pub(super) dir: PathBuf,
    /// Its files, by name.
    pub(super) files: Vec<File>,
    /// Its folders, by name, as deep as tools look: their own files.
    pub(super) folders: Vec<(String, Vec<File>)>,
}

/// A file that can be read.
#[derive(Debug)]
pub(super) struct File {
    /// Its name in its folder.
    pub(super) name: String,
    /// Where it lies.
    pub(super) path: PathBuf,
}

/// A name without the ending of SQL files.
pub(super) fn stem(name: &str) -> &str {
    name.strip_suffix(".sql").unwrap_or(name)
}

impl Folder {
    /// Lists it. Hidden files are editors' and systems' own, and a name that is not Unicode is no tool's.
    pub(super) fn read(dir: &Path) -> Result<Folder> {
        let (files, dirs) = list(dir)?;
        let folders = dirs
            .into_iter()
            .map(|File { name, path }| Ok((name, list(&path)?.0)))
            .collect::<Result<Vec<_>>>()?;
        Ok(Folder { dir: dir.to_owned(), files, folders })
    }

    /// The file of this name.
    pub(super) fn file(&self, name: &str) -> Option<&File> {
        find(&self.files, name)
    }

    /// The files that hold SQL.
    pub(super) fn sql_files(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.name.ends_with(".sql"))
    }

    /// The files here and in all folders below, by their paths. Links to folders are not followed.
    pub(super) fn files_below(&self) -> Result<Vec<File>> {
        let (mut found, mut dirs) = (Vec::new(), vec![self.dir.clone()]);
        while let Some(dir) = dirs.pop() {
            let (files, folders) = list(&dir)?;
            found.extend(files);
            dirs.extend(folders.into_iter().map(|folder| folder.path).filter(|path| !path.is_symlink()));
        }
        found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// Where a file of it lies, with slashes: `2026/V1__a.sql`.
    pub(super) fn place(&self, path: &Path) -> String {
        let place = path.strip_prefix(&self.dir).unwrap_or(path);
        place.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
    }

    /// Those of them that hold SQL.
    pub(super) fn sql_files_below(&self) -> Result<Vec<File>> {
        Ok(self.files_below()?.into_iter().filter(|file| file.name.ends_with(".sql")).collect())
    }

    /// The files of each folder that holds one of this name.
    pub(super) fn folders_with(&self, name: &str) -> impl Iterator<Item = &(String, Vec<File>)> {
        self.folders.iter().filter(move |(_, files)| find(files, name).is_some())
    }
}

impl File {
    /// Its text.
    pub(super) fn read(&self) -> Result<SourceFile> {
        SourceFile::read(&self.path)
    }

    /// A problem with it as a whole.
    pub(super) fn problem(&self, why: &str) -> Error {
        Error::new(ErrorKind::Migration, format!("{} {why}", self.path.display())).about(&self.path)
    }
}

/// A problem at a place in a file.
pub(super) fn problem_at(source: &SourceFile, offset: usize, message: &str) -> Error {
    Error::new(ErrorKind::Migration, message).at(source.location(offset))
}

/// The file of this name among others.
pub(super) fn find<'f>(files: &'f [File], name: &str) -> Option<&'f File> {
    files.iter().find(|file| file.name == name)
}

fn list(dir: &Path) -> Result<(Vec<File>, Vec<File>)> {
    let entries = std::fs::read_dir(dir)
        .map_err(|error| Error::file(dir, error).help("name the folder that holds the other tool's files"))?;
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in entries {
        let entry = entry.map_err(|error| Error::file(dir, error))?;
        let path = entry.path();
        match entry.file_name().into_string() {
            Ok(name) if !name.starts_with('.') => {
                let into = if path.is_dir() { &mut folders } else { &mut files };
                into.push(File { name, path });
            }
            _ => {}
        }
    }
    files.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    folders.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok((files, folders))
}
