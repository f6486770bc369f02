//! How a kind of server is spoken to.

pub(crate) mod hrana;
pub(crate) mod http;
pub(crate) mod rqlite;

use std::fs::File;
use std::ops::ControlFlow;

use rusqlite::types::Value;

use self::http::Failed;
use crate::base::error::{Error, Result};
use crate::base::job::Job;
use crate::queries::Bound;

/// The columns and rows that a statement gives.
#[derive(Default)]
pub(crate) struct TableOfValues {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

/// What a statement gives, or the server's message.
pub(crate) type Answer = Result<TableOfValues, String>;

/// A query, and the values of its parameters.
pub(crate) struct Asked<'a> {
    pub(crate) sql: &'a str,
    pub(crate) values: &'a [Bound],
}

/// Takes the rows of queries as they come: which query, and a row of it. `Break` asks for no more.
pub(crate) type TakeRow<'a> = dyn FnMut(usize, Vec<Value>) -> Result<ControlFlow<()>> + 'a;

/// What became of statements that were sent to be run, all or none.
pub(crate) enum Written {
    /// All have run; how many rows each wrote.
    Done(Vec<u64>),
    /// One of them was refused, and none has run. Which one, where the server says so; what it says; the first column of
    /// the rows that the ones before it gave.
    Refused { at: Option<usize>, said: String, shown: Vec<String> },
    /// Another one is writing, and none has run.
    Busy(String),
}

/// How a kind of server is spoken to.
pub(crate) trait Transport {
    /// Runs statements that change nothing, all at one moment; what each of them gives. What was sent before is settled
    /// by then.
    ///
    /// # Errors
    /// `Server` when there is no answer; `Interrupted`.
    fn read(&self, statements: &[&str], job: Job<'_>) -> Result<Vec<Answer>>;

    /// The same for what takes its time: rows that are committed are seen, and nothing waits behind it.
    ///
    /// # Errors
    /// As [`Transport::read`].
    fn ask(&self, statements: &[&str], job: Job<'_>) -> Result<Vec<Answer>> {
        self.read(statements, job)
    }

    /// Runs queries, all at one moment, and hands on their rows one after the other; the message of the first that the
    /// server refuses, behind which nothing is handed on.
    ///
    /// # Errors
    /// `Server` when there is no answer, or not all of it; `Interrupted`; those of whoever takes the rows.
    fn rows(&self, asked: &[Asked<'_>], take: &mut TakeRow<'_>, job: Job<'_>) -> Result<Result<(), String>>;

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
