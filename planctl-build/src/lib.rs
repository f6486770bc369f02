//! Embeds a folder of migrations in a program, so that no file is forgotten. For build scripts:
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), planctl_build::Error> {
//!     planctl_build::embed("migrations")
//! }
//! ```
//!
//! In the program, `planctl::embedded!()` is a `Migrator` with these files. The build script runs again when a file is added to
//! the folder, removed or renamed, and the program is compiled again when one is edited.

#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

/// The file that [`embed`] writes into `OUT_DIR`, and `planctl::embedded!()` reads.
pub const FILE: &str = "planctl_migrations.rs";

/// Why a folder cannot be embedded.
pub struct Error {
    path: PathBuf,
    why: Why,
}

enum Why {
    Io(io::Error),
    Nested,
    NotUnicode,
    NoBuildScript,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.why {
            Why::Io(error) => write!(f, "{path}: {error}"),
            Why::Nested => {
                write!(f, "{path} lies in a sub-folder, where no migration is looked for: move it up")
            }
            Why::NotUnicode => write!(f, "{path} has a name that is not Unicode: rename it"),
            Why::NoBuildScript => write!(f, "{path} is not set: `embed` is for build scripts"),
        }
    }
}

/// As [`fmt::Display`]: it is what cargo shows of a build script that fails.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.why {
            Why::Io(error) => Some(error),
            Why::Nested | Why::NotUnicode | Why::NoBuildScript => None,
        }
    }
}

/// Embeds the `.sql` files of `folder`, which starts from the package's own folder. Call it once, from `build.rs`.
///
/// # Errors
/// A folder or file that cannot be read, a file in a sub-folder, a name that is not Unicode.
pub fn embed(folder: impl AsRef<Path>) -> Result<(), Error> {
    let variable = |name: &str| {
        let missing = Error { path: name.into(), why: Why::NoBuildScript };
        env::var_os(name).map(PathBuf::from).ok_or(missing)
    };
    let folder = variable("CARGO_MANIFEST_DIR")?.join(folder);
    // Cargo looks at the folder's files as well, and at what comes and goes.
    println!("cargo::rerun-if-changed={}", folder.display());
    let text = listed(&folder)?;
    let file = variable("OUT_DIR")?.join(FILE);
    fs::write(&file, text).map_err(|error| Error { path: file, why: Why::Io(error) })
}

/// An expression: names and texts of the files, in the order of their names.
fn listed(folder: &Path) -> Result<String, Error> {
    let mut files = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            refuse_nested(&path)?;
        } else if is_sql(&path) {
            let text = |text: Option<&str>| {
                text.map(str::to_owned).ok_or_else(|| Error { path: path.clone(), why: Why::NotUnicode })
            };
            files.push((text(path.file_name().and_then(|name| name.to_str()))?, text(path.to_str())?));
        }
    }
    files.sort();
    let mut out = String::from("[\n");
    for (name, path) in files {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "    ({name:?}, include_str!({path:?})),");
    }
    out.push_str("]\n");
    Ok(out)
}

fn refuse_nested(folder: &Path) -> Result<(), Error> {
    for path in entries(folder)? {
        if path.is_dir() {
            refuse_nested(&path)?;
        } else if is_sql(&path) {
            return Err(Error { path, why: Why::Nested });
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |error| Error { path: folder.to_owned(), why: Why::Io(error) };
    let entries = fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}

fn is_sql(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, files: &[&str]) -> PathBuf {
        let dir = env::temp_dir().join(format!("planctl-build-{}-{name}", std::process::id()));
        for file in files {
            let path = dir.join(file);
            fs::create_dir_all(path.parent().unwrap_or(&dir)).expect("a folder");
            fs::write(path, "SELECT 1;").expect("a file");
        }
        dir
    }

    #[test]
    fn every_sql_file_is_listed_by_its_name() {
        let dir =
            folder("listed", &["V2__b.sql", "V1__a.down.sql", "V1__a.sql", "V3__\"c\".SQL", "README.md"]);
        let text = listed(&dir).expect("a list");
        fs::remove_dir_all(&dir).expect("removed");
        let names: Vec<&str> =
            text.lines().filter_map(|line| Some(line.split_once("(\"")?.1.split_once("\", ")?.0)).collect();
        assert_eq!(names, ["V1__a.down.sql", "V1__a.sql", "V2__b.sql", "V3__\\\"c\\\".SQL"]);
        assert!(text.contains(&format!("include_str!({:?})", dir.join("V1__a.sql"))), "{text}");
    }

    #[test]
    fn what_would_be_forgotten_is_refused() {
        let dir = folder("nested", &["V1__a.sql", "old/notes.md", "old/more/V2__b.sql"]);
        let error = listed(&dir).expect_err("a file in a sub-folder").to_string();
        fs::remove_dir_all(&dir).expect("removed");
        assert!(error.contains("V2__b.sql lies in a sub-folder"), "{error}");
        assert!(listed(&dir).expect_err("no folder").to_string().starts_with(&dir.display().to_string()));
    }
}
