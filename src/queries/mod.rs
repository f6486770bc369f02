//! Named read-only queries: what `planctl report` runs.
//!
//! A query is a file `NAME.sql`: a header of comment lines, and below it one SELECT, whose `:name` parameters the header
//! declares.
//!
//! ```sql
//! -- title: Failed tasks
//! -- description: The tasks that failed in the last days, the latest first.
//! -- param: days integer = 7 (how many days to look back)
//! -- param: now datetime = now (where the last day ends)
//! SELECT …
//! ```
//!
//! Nothing here has a connection: what can be told from the text is told here, the rest by the engine.

mod arguments;
mod folder;
mod header;
mod parameter;

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::error::Result;
use crate::source::{Location, SourceFile};

pub use arguments::{Bound, bind};
pub use folder::{File, files, find};
pub use parameter::{Default, Parameter, Type};

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
    file: SourceFile,
    /// Where the statement begins in the file, in bytes.
    start: usize,
    /// Where it ends, without its semicolon.
    end: usize,
}

/// A column that is drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Bar {
    /// Its name among the columns of the result.
    pub column: String,
    /// The number that a whole bar stands for; the largest one in the result where this is not said.
    pub of: Option<f64>,
    /// Where the header names it, in bytes.
    at: usize,
}

/// A value: one that a parameter is given, or one of a row.
#[derive(Clone, PartialEq, Debug)]
pub enum Value<'a> {
    /// NULL
    Null,
    /// INTEGER
    Integer(i64),
    /// REAL
    Real(f64),
    /// TEXT; bytes that are not UTF-8 are replaced.
    Text(Cow<'a, str>),
    /// BLOB
    Blob(&'a [u8]),
}

/// Takes the rows of a query as they come.
pub trait Rows {
    /// The names of the columns, before any row.
    ///
    /// # Errors
    /// Those of whoever takes the rows.
    fn columns(&mut self, names: &[String]) -> Result<()>;

    /// One row, a value for each column. `Break` asks for no more of them.
    ///
    /// # Errors
    /// Those of whoever takes the rows.
    fn row(&mut self, values: &[Value<'_>]) -> Result<ControlFlow<()>>;
}

impl Query {
    /// Reads the query of this name from the text of its file.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Config`] with the place: of a header that does not say what it should, of anything that
    /// is not one SELECT, of parameters that are not declared or not used.
    pub fn parse(name: impl Into<String>, file: SourceFile) -> Result<Query> {
        header::parse(name.into(), file)
    }

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

impl Value<'_> {
    /// As people read it, and as CSV has it where it is not NULL: a blob as a literal of SQL, a number with as many digits
    /// as it takes to read the same number back.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Value::Null => "NULL".into(),
            Value::Integer(number) => number.to_string().into(),
            // As SQLite prints it.
            Value::Real(number) if number.is_infinite() => if *number > 0.0 { "Inf" } else { "-Inf" }.into(),
            Value::Real(number) => format!("{number:?}").into(),
            Value::Text(text) => Cow::Borrowed(text),
            Value::Blob(bytes) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("x'{digits}'").into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_so_that_it_reads_back_the_same() {
        let text = |value: Value<'_>| value.text().into_owned();
        assert_eq!(text(Value::Real(2.0)), "2.0", "a real number stays one");
        assert_eq!(text(Value::Real(0.1 + 0.2)), "0.30000000000000004");
        assert_eq!(text(Value::Real(f64::NEG_INFINITY)), "-Inf");
        assert_eq!(text(Value::Integer(i64::MIN)), "-9223372036854775808");
        assert_eq!(text(Value::Blob(&[0, 255])), "x'00ff'");
        assert_eq!(text(Value::Text("NULL".into())), text(Value::Null), "only the format tells them apart");
    }
}
