//! Values as SQLite stores them, and as a test file writes them.

use std::fmt;

use crate::sql::{quote_blob, quote_string};

/// A value of a row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Value {
    /// NULL
    Null,
    /// INTEGER
    Integer(i64),
    /// REAL
    Real(Real),
    /// TEXT; bytes that are not UTF-8 are replaced.
    Text(String),
    /// BLOB
    Blob(Vec<u8>),
}

/// A floating-point number and how SQLite prints it. Two are equal when they are printed the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Real {
    /// As `CAST(x AS TEXT)` gives it.
    pub text: String,
    /// The number's bits.
    pub bits: u64,
}

impl Value {
    /// What the sqlite3 shell prints of it, NULL as NULL and a blob as a literal.
    pub fn printed(&self) -> String {
        match self {
            Value::Null => "NULL".to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Real(real) => real.text.clone(),
            Value::Text(text) => text.clone(),
            Value::Blob(bytes) => quote_blob(bytes),
        }
    }

    /// As SQL, which SQLite reads back to the bit.
    pub fn literal(&self) -> String {
        match self {
            Value::Null => "NULL".to_owned(),
            Value::Integer(number) => number.to_string(),
            // The shortest digits that give the same number; 9e999 is infinite.
            Value::Real(real) => match f64::from_bits(real.bits) {
                number if number.is_infinite() => if number > 0.0 { "9e999" } else { "-9e999" }.to_owned(),
                number => format!("{number:?}"),
            },
            // SQLite reads no further than to a NUL.
            Value::Text(text) => {
                let parts: Vec<String> = text.split('\0').map(quote_string).collect();
                parts.join(" || char(0) || ")
            }
            Value::Blob(bytes) => quote_blob(bytes),
        }
    }
}

/// As a test file would have to write it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) if needs_quotes(text) => f.write_str(&quoted(text)),
            other => f.write_str(&other.printed()),
        }
    }
}

fn needs_quotes(text: &str) -> bool {
    text.is_empty()
        || text.trim() != text
        || text == "NULL"
        || text.starts_with(['\'', 'x', 'X', 'u']) && text.contains('\'')
        || text.contains('|')
        || text.contains(char::is_control)
        || text.strip_suffix(" rows").or(text.strip_suffix(" row")).is_some()
}

fn quoted(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if !text.contains(char::is_control) {
        return format!("'{doubled}'");
    }
    let mut escaped = String::with_capacity(doubled.len() + 8);
    for c in doubled.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            c if c.is_control() => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    format!("unistr('{escaped}')")
}

/// The text that `unistr()` makes of the inside of its literal; `None` when an escape is broken
/// (<https://www.sqlite.org/lang_corefunc.html#unistr>).
pub(super) fn unistr(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let (digits, skip) = match after.as_bytes().first()? {
            b'\\' => {
                out.push('\\');
                rest = after.get(1..)?;
                continue;
            }
            b'u' => (4, 1),
            b'U' => (8, 1),
            b'+' => (6, 1),
            _ => (4, 0),
        };
        let hex = after.get(skip..skip + digits)?;
        out.push(char::from_u32(u32::from_str_radix(hex, 16).ok()?)?);
        rest = after.get(skip + digits..)?;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The copy that round trips had left the NUL in the text, where SQLite stops reading.
    #[test]
    fn a_literal_goes_on_behind_a_nul() {
        let literal = |text: &str| Value::Text(text.to_owned()).literal();
        assert_eq!(literal("it's\0so"), "'it''s' || char(0) || 'so'");
        assert_eq!((literal(""), literal("\0")), ("''".to_owned(), "'' || char(0) || ''".to_owned()));
        let least = Value::Real(Real { text: String::new(), bits: f64::NEG_INFINITY.to_bits() });
        assert_eq!(least.literal(), "-9e999");
    }
}
