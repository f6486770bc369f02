//! The folder of queries: one file each, named by its stem.

use std::fs;
use std::path::{Path, PathBuf};

use super::Query;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::nearest;
use crate::base::source::SourceFile;

/// A file of the folder, not read yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// The query's name: `failed-tasks`.
    pub name: String,
    /// The file: `spec/reports/failed-tasks.sql`.
    pub path: PathBuf,
}

impl File {
    /// Reads the query in it.
    ///
    /// # Errors
    /// [`ErrorKind::File`] when it cannot be read, and those of [`Query::parse`].
    pub fn read(&self) -> Result<Query> {
        Query::parse(self.name.as_str(), SourceFile::read(&self.path)?)
    }
}

/// The `NAME.sql` files of a folder, sorted by name. Other files and sub-folders are left alone, hidden ones too.
///
/// # Errors
/// [`ErrorKind::File`] when the folder cannot be read, or the name of such a file is not UTF-8.
pub fn files(dir: &Path) -> Result<Vec<File>> {
    let unreadable = |error| Error::file(dir, error);
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = dir.join(entry.map_err(unreadable)?.file_name());
        if path.extension().is_none_or(|extension| extension != "sql") || !path.is_file() {
            continue;
        }
        let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else {
            let message = format!("{}: the name of the file is not UTF-8", path.display());
            return Err(Error::new(ErrorKind::File, message).help("rename it"));
        };
        if !name.starts_with('.') {
            files.push(File { name: name.to_owned(), path });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Reads the query of this name.
///
/// # Errors
/// [`ErrorKind::Usage`] when there is none; those of [`files`] and [`File::read`].
pub fn find(dir: &Path, name: &str) -> Result<Query> {
    let files = files(dir)?;
    // A name is looked up, never made a path of: `../x` names nothing.
    if let Some(file) = files.iter().find(|file| file.name == name) {
        return file.read();
    }
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let error =
        Error::new(ErrorKind::Usage, format!("there is no report `{name}` in {}", dir.display())).about(dir);
    let wanted = name.strip_suffix(".sql").unwrap_or(name);
    Err(match nearest(wanted, names.iter().copied()) {
        _ if names.is_empty() => {
            error.help("a report is a file NAME.sql in that folder; --reports names another")
        }
        Some(near) => error.help(format!("did you mean `{near}`? `planctl report list` shows all")),
        None => error.help(format!("the reports are: {}", names.join(", "))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_up_and_a_slip_is_recognised() {
        let dir = tempfile::tempdir().unwrap();
        let reports = dir.path().join("reports");
        fs::create_dir_all(reports.join("sub.sql")).unwrap();
        for name in [
            "reports/failed-tasks.sql",
            "reports/zeta.sql",
            "reports/.hidden.sql",
            "reports/notes.txt",
            "above.sql",
        ] {
            fs::write(dir.path().join(name), "-- title: A\nSELECT 1").unwrap();
        }
        let names: Vec<String> = files(&reports).unwrap().into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["failed-tasks", "zeta"]);
        assert_eq!(find(&reports, "zeta").unwrap().title, "A");
        let help = |name: &str| find(&reports, name).unwrap_err().help_text().unwrap_or_default().to_owned();
        assert!(help("faild-tasks").starts_with("did you mean `failed-tasks`?"));
        assert!(help("zeta.sql").starts_with("did you mean `zeta`?"));
        assert_eq!(help("../above"), "the reports are: failed-tasks, zeta");
        assert!(files(&dir.path().join("missing")).is_err());
    }
}
