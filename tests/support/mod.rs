//! What the tests of the binary share: a project folder, a run of planctl in it, and a picture of the folder.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::Value;
use tempfile::TempDir;

/// The project that planctl ships with, in a folder of its own.
pub(crate) struct Project {
    pub(crate) dir: TempDir,
}

impl Project {
    /// A copy of the shipped migrations, their tests, the spec and the reports, and no database.
    pub(crate) fn shipped() -> Project {
        let project = Project::empty();
        for folder in ["migrations", "spec", "spec/reports", "tests/migrations"] {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            std::fs::create_dir_all(project.path(folder)).unwrap();
            for entry in std::fs::read_dir(from).unwrap() {
                let entry = entry.unwrap();
                if entry.path().is_file() {
                    std::fs::copy(entry.path(), project.path(folder).join(entry.file_name())).unwrap();
                }
            }
        }
        project
    }

    /// An empty folder.
    pub(crate) fn empty() -> Project {
        Project { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// `planctl.db`, opened by SQLite itself, without foreign keys.
    pub(crate) fn open(&self) -> Connection {
        let conn = Connection::open(self.path("planctl.db")).unwrap();
        conn.pragma_update(None, "foreign_keys", false).unwrap();
        conn
    }

    /// Runs SQL on `planctl.db` without foreign keys; makes the file where there is none.
    pub(crate) fn sql(&self, sql: &str) {
        self.open().execute_batch(sql).unwrap();
    }

    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        planctl(self.dir.path(), args)
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Run {
        Run::of(&mut self.command(args))
    }

    /// Runs what has to work.
    pub(crate) fn ok(&self, args: &[&str]) -> Run {
        let run = self.run(args);
        assert_eq!(run.status, 0, "{args:?}\n{}{}", run.stdout, run.stderr);
        run
    }

    /// The JSON document of a run and its exit status.
    pub(crate) fn json(&self, args: &[&str]) -> (Value, i32) {
        let run = self.run(&[args, &["--format", "json"]].concat());
        (run.document(), run.status)
    }

    pub(crate) fn picture(&self) -> Picture {
        Picture::of(self.dir.path())
    }
}

/// planctl in `dir`, with nothing of the caller's environment that it reads.
pub(crate) fn planctl<S: AsRef<OsStr>>(dir: &Path, args: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_planctl"));
    command.current_dir(dir).args(args).stdin(Stdio::null());
    for name in ["DB", "MIGRATIONS", "SPEC", "DEVIATIONS", "SQLITE_VERSION", "TESTS", "REPORTS", "DOCS"] {
        command.env_remove(format!("PLANCTL_{name}"));
    }
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "COLUMNS", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command
}

/// What a run of planctl came to.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Run {
        Run::from(command.output().unwrap())
    }

    /// The one JSON document that stdout holds.
    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\nstdout: {}\nstderr: {}", self.stdout, self.stderr))
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            status: output.status.code().expect("planctl was killed"),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
}

/// Everything below a folder: what is there, of which kind, and each file's bytes.
#[derive(PartialEq, Eq)]
pub(crate) struct Picture(BTreeMap<PathBuf, Entry>);

#[derive(PartialEq, Eq, Debug)]
enum Entry {
    Folder,
    Link(PathBuf),
    File(Vec<u8>),
}

impl Picture {
    pub(crate) fn of(dir: &Path) -> Picture {
        let mut entries = BTreeMap::new();
        let mut open = vec![dir.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let kind = path.symlink_metadata().unwrap().file_type();
                let entry = if kind.is_dir() {
                    open.push(path.clone());
                    Entry::Folder
                } else if kind.is_symlink() {
                    Entry::Link(std::fs::read_link(&path).unwrap())
                } else {
                    Entry::File(std::fs::read(&path).unwrap())
                };
                entries.insert(path.strip_prefix(dir).unwrap().to_owned(), entry);
            }
        }
        Picture(entries)
    }

    /// What was changed, made or removed since, by name.
    pub(crate) fn changes(&self, after: &Picture) -> Vec<String> {
        let names: BTreeSet<&PathBuf> = self.0.keys().chain(after.0.keys()).collect();
        names
            .into_iter()
            .filter(|&name| self.0.get(name) != after.0.get(name))
            .map(|name| match (self.0.contains_key(name), after.0.contains_key(name)) {
                (true, true) => format!("{} was changed", name.display()),
                (true, false) => format!("{} was removed", name.display()),
                _ => format!("{} was made", name.display()),
            })
            .collect()
    }

    pub(crate) fn assert_same(&self, after: &Picture, what: &str) {
        assert_eq!(self.changes(after), Vec::<String>::new(), "{what}");
    }
}

/// A file name that is not UTF-8.
pub(crate) fn not_utf8(name: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(name))
}

/// Every row of a query, as SQLite has it.
pub(crate) fn rows(conn: &Connection, sql: &str) -> Vec<Vec<Sql>> {
    let mut statement = conn.prepare(sql).unwrap();
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|at| row.get(at)).collect()).unwrap();
    rows.map(Result::unwrap).collect()
}
