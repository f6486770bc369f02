//! Expected rows: how they are written and what they match.

use super::value::{Value, unistr};

/// One expected row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExpectedRow {
    /// Its values.
    pub cells: Vec<ExpectedCell>,
}

/// One expected value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExpectedCell {
    /// As it is written.
    pub text: String,
    /// The text of the literal, when it is written as one.
    literal: Option<String>,
}

impl ExpectedRow {
    /// Reads `01ABC | NULL | 'a | b'`.
    pub fn parse(text: &str) -> ExpectedRow {
        let mut cells = Vec::new();
        let mut rest = text;
        loop {
            let (cell, after) = cell(rest);
            cells.push(cell);
            match after {
                Some(after) => rest = after,
                None => return ExpectedRow { cells },
            }
        }
    }

    /// Whether a row is this one.
    pub fn matches(&self, row: &[Value]) -> bool {
        self.cells.len() == row.len() && self.cells.iter().zip(row).all(|(cell, value)| cell.matches(value))
    }

    /// As it is written.
    pub fn text(&self) -> String {
        self.cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" | ")
    }
}

impl ExpectedCell {
    /// Whether a value is this one.
    pub fn matches(&self, value: &Value) -> bool {
        match value {
            Value::Null => self.text == "NULL",
            Value::Blob(_) => self.text.eq_ignore_ascii_case(&value.printed()),
            Value::Text(text) => {
                self.literal.as_deref() == Some(text) || self.text == *text && self.text != "NULL"
            }
            Value::Integer(_) | Value::Real(_) => self.text == value.printed(),
        }
    }
}

/// The first cell of `text`, and what comes after the `|` behind it, if there is one.
fn cell(text: &str) -> (ExpectedCell, Option<&str>) {
    let start = text.trim_start();
    let inner = start.strip_prefix('\'').or_else(|| start.strip_prefix("unistr('"));
    if let Some(inner) = inner
        && let Some(length) = closing_quote(inner)
        && let (Some(content), Some(behind)) = (inner.get(..length), inner.get(length + 1..))
    {
        let is_unistr = !start.starts_with('\'');
        let behind = if is_unistr { behind.strip_prefix(')') } else { Some(behind) };
        let content = content.replace("''", "'");
        let literal = if is_unistr { unistr(&content) } else { Some(content) };
        if let (Some(behind), Some(literal)) = (behind.map(str::trim_start), literal)
            && (behind.is_empty() || behind.starts_with('|'))
        {
            let written = start.get(..start.len() - behind.len()).unwrap_or(start).trim_end();
            return (ExpectedCell { text: written.to_owned(), literal: Some(literal) }, behind.get(1..));
        }
    }
    let (written, after) = match start.split_once('|') {
        Some((written, after)) => (written, Some(after)),
        None => (start, None),
    };
    (ExpectedCell { text: written.trim_end().to_owned(), literal: None }, after)
}

/// Where the literal whose inside begins `text` ends: at a quote that is not doubled.
fn closing_quote(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text.get(at..)?.find('\'')?;
        if text.get(at + 1..)?.starts_with('\'') {
            at += 2;
        } else {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Real;
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn values_are_written_as_sqlite_prints_them() {
        let row = [
            Value::Integer(-7),
            Value::Real(Real { text: "0.0".to_owned(), bits: 0 }),
            Value::Null,
            text("a b"),
            Value::Blob(vec![0, 0xab]),
        ];
        assert!(ExpectedRow::parse("-7 | 0.0 | NULL | a b | X'00AB'").matches(&row));
        assert!(!ExpectedRow::parse("-7 | 0 | NULL | a b | x'00ab'").matches(&row), "a REAL is no INTEGER");
        assert!(!ExpectedRow::parse("-7 | 0.0 | NULL | a b").matches(&row), "a column less");
    }

    #[test]
    fn null_is_not_the_word_and_nothing_is_not_null() {
        assert!(ExpectedRow::parse("NULL").matches(&[Value::Null]));
        assert!(!ExpectedRow::parse("NULL").matches(&[text("NULL")]));
        assert!(ExpectedRow::parse("'NULL'").matches(&[text("NULL")]));
        assert!(!ExpectedRow::parse("''").matches(&[Value::Null]));
    }

    #[test]
    fn a_literal_is_its_text_or_what_quote_gives() {
        assert!(ExpectedRow::parse("'a | b' | 'it''s'").matches(&[text("a | b"), text("it's")]));
        assert!(ExpectedRow::parse("'a'|''").matches(&[text("'a'"), text("")]));
        assert!(ExpectedRow::parse("'tis | x").matches(&[text("'tis"), text("x")]), "no literal");
        assert!(ExpectedRow::parse("'a' b").matches(&[text("'a' b")]));
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::Integer),
            "(?s).{0,6}".prop_map(Value::Text),
            "[ '|x\\\\u\n]{0,5}".prop_map(Value::Text),
            "(NULL|[0-9] rows?|unistr\\(''\\)|x'00')".prop_map(Value::Text),
            proptest::collection::vec(any::<u8>(), 0..4).prop_map(Value::Blob),
        ]
    }

    proptest! {
        /// Law: what a failure shows of a row can be put into the test file, and is that row.
        #[test]
        fn a_row_matches_what_is_shown_of_it(row in proptest::collection::vec(value(), 1..4)) {
            let shown = row.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
            prop_assert!(ExpectedRow::parse(&shown).matches(&row), "{shown}");
        }
    }
}
