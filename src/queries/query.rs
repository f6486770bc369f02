//! A query and what its header says of it.

use super::parameter::Parameter;
use crate::base::source::{Location, SourceFile};

/// One query, its header read and its statement found.
#[derive(Clone, PartialEq, Debug)]
pub struct Query {
    /// The file's name without `.sql`.
    pub name: String,
    /// One line that says what it answers.
    pub title: String,
    /// What else there is to know.
    pub description: Option<String>,
    /// What it may be given, in the order of the header.
    pub parameters: Vec<Parameter>,
    /// The column that a terminal draws as bars.
    pub bar: Option<Bar>,
    pub(super) file: SourceFile,
    /// Where the statement begins in the file, in bytes.
    pub(super) start: usize,
    /// Where it ends, without its semicolon.
    pub(super) end: usize,
}

impl Query {
    /// The file that it stands in.
    pub fn file(&self) -> &SourceFile {
        &self.file
    }

    /// The statement, without its semicolon.
    pub fn sql(&self) -> &str {
        self.file.text().get(self.start..self.end).unwrap_or_default()
    }

    /// The place of a byte of the statement.
    pub fn place(&self, offset: usize) -> Location {
        self.file.location(self.start + offset)
    }

    /// The place where the header names the column that is drawn.
    pub fn place_of(&self, bar: &Bar) -> Location {
        self.file.location(bar.at)
    }
}

/// A column that is drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Bar {
    /// Its name among the columns of the result.
    pub column: String,
    /// The number that a whole bar stands for; the largest one in the result where this is not said.
    pub of: Option<f64>,
    /// Where the header names it, in bytes.
    pub(super) at: usize,
}
