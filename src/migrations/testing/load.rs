//! Reads a folder of migration tests.

use std::path::{Path, PathBuf};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::SourceFile;

use super::super::Version;
use super::super::name::tested_version;
use super::TestFile;
use super::parse::parse;

/// Reads every test of a folder, sorted by version and name.
///
/// # Errors
/// `File` when the folder or a file cannot be read; `Migration` when a file is not named or written like a migration
/// test. When several are wrong, the first is the error and the others are its notes.
pub fn load(dir: &Path) -> Result<Vec<TestFile>> {
    let mut tests = Vec::new();
    let mut wrong: Option<Error> = None;
    for path in files(dir)? {
        let test = version(&path).and_then(|version| parse(SourceFile::read(path)?, version));
        match (test, wrong.take()) {
            (Ok(test), earlier) => {
                tests.push(test);
                wrong = earlier;
            }
            (Err(error), None) => wrong = Some(error),
            (Err(error), Some(first)) => wrong = Some(first.note(error.to_string())),
        }
    }
    if let Some(error) = wrong {
        return Err(error);
    }
    tests.sort_by(|a, b| (a.version, a.file.path()).cmp(&(b.version, b.file.path())));
    Ok(tests)
}

/// The tests of a folder, each with the version that its name says.
///
/// # Errors
/// `File` when the folder cannot be read.
pub fn by_version(dir: &Path) -> Result<Vec<(Version, PathBuf)>> {
    let version = |path: &PathBuf| tested_version(path.file_name()?.to_str()?);
    Ok(files(dir)?.into_iter().filter_map(|path| Some((version(&path)?, path))).collect())
}

/// The folder's SQL files, in order. Hidden ones are editors' and systems' own.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let trouble = |source| Error::file(dir, source);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(trouble)? {
        let path = entry.map_err(trouble)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.to_ascii_lowercase().ends_with(".sql") && !name.starts_with('.') && !path.is_dir() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn version(path: &Path) -> Result<Version> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    tested_version(&name).ok_or_else(|| {
        Error::new(
            ErrorKind::Migration,
            format!("{}: this is not the name of a migration test", path.display()),
        )
        .help("name it V<version>__<what>.test.sql, with the version of the migration that it tests")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_version_and_nothing_else_is_passed_over() {
        assert_eq!(version(Path::new("t/V07__a b.test.sql")).unwrap(), 7);
        for name in [
            "v7__a.test.sql",
            "V7__a.sql",
            "V7_a.test.sql",
            "V__a.test.sql",
            "V7__.test.sql",
            "V7__a.test.SQL",
        ] {
            let error = version(Path::new(name)).unwrap_err();
            assert_eq!(error.message(), format!("{name}: this is not the name of a migration test"));
        }
    }

    #[test]
    fn files_are_read_in_order_of_version_and_every_wrong_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("V10__b.test.sql", "-- then\n-- expect: 1\nSELECT 1;\n");
        write("V9__a.test.sql", "-- then\n-- expect: 1\nSELECT 1;\n");
        write("notes.md", "");
        let versions: Vec<_> = load(dir.path()).unwrap().iter().map(|test| test.version).collect();
        assert_eq!(versions, [9, 10]);
        write("V1__x.test.sql", "-- then\nSELECT 1;\n");
        write("x.sql", "");
        let error = load(dir.path()).unwrap_err();
        assert!(error.message().contains("has no expectation"), "{error}");
        assert_eq!(error.notes().len(), 1);
    }
}
