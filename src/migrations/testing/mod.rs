//! Migration tests: plain SQL with sections and expectations. No connection.
//!
//! A file `V<version>__<what>.test.sql` has up to three sections, each begun by a comment line of its own:
//!
//! ```sql
//! -- given
//! INSERT INTO plans VALUES ('a', NULL);     -- rows, at the version before; foreign keys are enforced
//! -- then
//! -- expect: a | NULL                       -- one line per row, in order
//! SELECT id, parent FROM plans;
//! -- expect: 1 row                          -- only their number; a write that succeeds gives 0 rows
//! SELECT * FROM plans;
//! -- expect error: NOT NULL                 -- a part of SQLite's message, in any case
//! INSERT INTO plans VALUES (NULL, NULL);
//! -- after down
//! -- expect error: no such table
//! SELECT * FROM plans;
//! ```
//!
//! Values are written as the sqlite3 shell prints them: `7`, `0.5`, `x'00ff'`, `NULL`, and text as it is. Text that this
//! cannot show (it holds a `|`, begins or ends with a blank, is empty, or is the word NULL) is written as a string
//! literal, `'a | b'` with `''` for a quote; with line breaks or other control characters as SQLite's `unistr()` has it,
//! `unistr('two\u000alines')`. A literal stands for itself as well: `'a'` also matches the three characters that
//! `quote('a')` gives.

mod expect;
mod load;
mod parse;
mod value;

pub use expect::ExpectedRow;
pub use load::{by_version, load};
pub use value::{Real, Value};

use crate::base::source::{Location, SourceFile};

use super::Version;

/// One test file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestFile {
    /// The migration that it tests.
    pub version: Version,
    /// The file.
    pub file: SourceFile,
    /// What is there before, at the version below.
    pub given: Vec<TestStatement>,
    /// What must hold after the up.
    pub then: Vec<Check>,
    /// What must hold after the down that follows.
    pub after_down: Option<Vec<Check>>,
}

/// A statement of a test file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestStatement {
    /// From its first token to its semicolon.
    pub sql: String,
    /// Byte offset in the file.
    pub start: usize,
}

/// A statement and what it must come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// The statement.
    pub statement: TestStatement,
    /// What it must come to.
    pub expect: Expectation,
}

/// What a statement must come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expectation {
    /// Exactly these rows, in this order.
    Rows(Vec<ExpectedRow>),
    /// That many rows, whatever is in them.
    Count(u64),
    /// An error whose message holds this text.
    Error(String),
}

impl TestFile {
    /// The file's name.
    pub fn name(&self) -> String {
        let name = self.file.path().file_name();
        name.map_or_else(
            || self.file.path().display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// The place of a statement, or of an offset into it.
    pub fn place(&self, statement: &TestStatement, offset: usize) -> Location {
        self.file.location(statement.start + offset)
    }
}
