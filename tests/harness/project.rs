//! A project folder and runs of planctl in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use super::command::{Run, planctl};
use super::folder::{allowed, entries, repository, write};
use super::picture::Picture;

/// The project that planctl ships with, in a folder of its own.
pub(crate) struct Project {
    pub(crate) dir: TempDir,
}

impl Project {
    /// A copy of the shipped migrations with what they are allowed, their tests, the spec and the reports, and no database.
    pub(crate) fn shipped() -> Project {
        let project = Project::empty();
        for folder in ["migrations", "spec", "spec/reports", "tests/migrations"] {
            std::fs::create_dir_all(project.path(folder)).unwrap();
            for file in entries(&repository(folder)).iter().filter(|file| file.is_file()) {
                std::fs::copy(file, project.path(folder).join(file.file_name().unwrap())).unwrap();
            }
        }
        project.write("planctl.toml", allowed());
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
        write(self.dir.path(), name, content);
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
