//! What must hold for any input, shared by the fuzz targets and by `tests/hostile/fuzz.rs`: each module has a `hold` that panics
//! when its law is broken, and `seeds` to begin with, made from the files of this repository.

#![allow(dead_code, reason = "a fuzz target holds one of the laws")]

pub(crate) mod database;
pub(crate) mod migrations;
pub(crate) mod query;
pub(crate) mod settings;
pub(crate) mod spec;
pub(crate) mod tokens;

#[path = "../../tests/harness/cases.rs"]
#[allow(
    clippy::duplicate_mod,
    reason = "the tests that hold the laws have it as well, the fuzz targets do not"
)]
mod cases;
mod place;
mod run;

use std::fs;
use std::path::{Path, PathBuf};

/// A fuzz target.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// The law: gives up on the input by panicking.
    pub(crate) hold: fn(&[u8]),
    /// Its first inputs.
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub(crate) const TARGETS: [Target; 6] = [
    Target { name: "tokens", hold: tokens::hold, seeds: tokens::seeds },
    Target { name: "migrations", hold: migrations::hold, seeds: migrations::seeds },
    Target { name: "spec", hold: spec::hold, seeds: spec::seeds },
    Target { name: "settings", hold: settings::hold, seeds: settings::seeds },
    Target { name: "query", hold: query::hold, seeds: query::seeds },
    Target { name: "database", hold: database::hold, seeds: database::seeds },
];

/// The root of the repository, from the tests as from the fuzz targets.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let above = if env!("CARGO_PKG_NAME") == "planctl-fuzz" { here.parent() } else { None };
    above.unwrap_or(here).to_owned()
}

/// Names and bytes of the files in a folder of the repository, sorted.
fn files(dir: &str, extension: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(root().join(dir))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// An input as text. A file that is not UTF-8 is refused by the one function that reads files; here the text behind it
/// is wanted.
fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}
