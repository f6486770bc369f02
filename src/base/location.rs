//! A place in a file of text.

use std::fmt;
use std::path::PathBuf;

/// A place in a file, with the line that stands there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Location {
    /// The file, as it was named by the user.
    pub file: PathBuf,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// Characters from there on that are meant, at least 1.
    pub length: usize,
    /// The line itself, without its line break.
    pub text: String,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}
