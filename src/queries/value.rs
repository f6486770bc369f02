//! Values of parameters and rows, and who takes them.

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::base::error::Result;
use crate::sql::quote_blob;

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
            Value::Blob(bytes) => quote_blob(bytes).into(),
        }
    }
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
