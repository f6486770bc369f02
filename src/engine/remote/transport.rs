//! How a kind of server is spoken to.

use std::fs::File;

use rusqlite::types::Value;

use super::http::Failed;
use crate::base::error::{Error, Result};
use crate::base::job::Job;

/// The columns and rows that a statement gives.
#[derive(Default)]
pub(super) struct TableOfValues {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Value>>,
}

/// What a statement gives, or the server's message.
pub(super) type Answer = Result<TableOfValues, String>;

/// What became of statements that were sent to be run, all or none.
pub(super) enum Written {
    /// All have run; how many rows each wrote.
    Done(Vec<u64>),
    /// One of them was refused, and none has run. Which one, where the server says so; what it says; the first column of
    /// the rows that the ones before it gave.
    Refused { at: Option<usize>, said: String, shown: Vec<String> },
    /// Another one is writing, and none has run.
    Busy(String),
}

/// How a kind of server is spoken to.
pub(super) trait Transport {
    /// Runs statements that change nothing, all at one moment; what each of them gives.
    ///
    /// # Errors
    /// `Server` when there is no answer; `Interrupted`.
    fn read(&self, statements: &[&str], job: Job<'_>) -> Result<Vec<Answer>>;

    /// Runs statements, all or none.
    ///
    /// # Errors
    /// When there is no answer that says what became of them.
    fn write(&self, statements: &[&str], job: Job<'_>) -> Result<Written, Failed>;

    /// Writes the whole database, as it is at one moment, into a new file; `None` where the server hands out none.
    fn copy(&self, to: File) -> Option<Result<(), Failed>>;

    /// Trouble with the server.
    fn trouble(&self, what: &str) -> Error;
}
