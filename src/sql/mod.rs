//! SQL as text: tokens, statements and names, each with its place. No connection, no parsing of meaning.

mod expression;
mod facts;
mod keyword;
mod nesting;
mod parentheses;
mod query_columns;
mod same;
mod split;
mod stray;
mod target;
mod token;
mod version;

pub use expression::not_an_expression;
pub use facts::{Affinity, HISTORY, RECORDS, is_bookkeeping, is_internal, is_own_table, no_bookkeeping};
pub use facts::{
    LONGEST_PATH, MOST_COLUMNS, Pragma, Taken, is_rowid_name, misfit, no_integer, others, rowid_name, taken,
    temporary,
};
pub use keyword::is_keyword;
pub use nesting::{Nesting, find_words, in_parentheses, is_select, leading, outside_parentheses};
pub use nesting::{split_at_commas, starts_with};
pub use parentheses::{bare, bare_from_name, same_but_for_parentheses};
pub use query_columns::QueryColumns;
pub use same::{identical_tokens, same_token_sequence, same_tokens};
pub use split::{Statement, statements, statements_in_turn};
pub use stray::{decoded, first_stray, shown};
pub use target::{NotATarget, Target};
pub use token::{Kind, Token, all_tokens, is_word_byte, tokens, tokens_and_comments};
pub use version::{NotAVersion, SqliteVersion};

use std::ops::Range;

/// `name` as an identifier that SQLite reads back as exactly `name`, whatever it contains.
///
/// Always quoted: a bare name could be a keyword in a later SQLite.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `name` as a person would write it: quoted only where it has to be.
pub fn display_name(name: &str) -> String {
    let mut bytes = name.bytes();
    let simple = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !is_keyword(name);
    if simple { name.to_owned() } else { quote(name) }
}

/// SQL on one line: comments left out, white space folded. White space inside literals stays.
pub fn one_line(sql: &str) -> String {
    let mut line = String::with_capacity(sql.len());
    let mut end = 0;
    for token in tokens(sql) {
        if !line.is_empty() && token.start > end {
            line.push(' ');
        }
        line.push_str(token.text);
        end = token.end();
    }
    line
}

/// How many characters of a statement a message quotes.
const QUOTED: usize = 300;

/// A statement as messages quote it: on one line, of a long one the beginning. A name may hold line breaks, and a line of its
/// own could be taken for one of ours.
pub(crate) fn quotation(sql: &str) -> String {
    let line = on_one_line(&one_line(sql));
    let first = line.char_indices().nth(QUOTED).and_then(|(end, _)| line.get(..end));
    first.map(|first| format!("{first}…")).unwrap_or(line)
}

/// `text` with something else in the place of some of its parts, which are given in their order.
pub fn replaced(text: &str, parts: impl IntoIterator<Item = (Range<usize>, String)>) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut done = 0;
    for (part, other) in parts {
        out.push_str(text.get(done..part.start).unwrap_or_default());
        out.push_str(&other);
        done = part.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Bytes as a literal.
pub fn quote_blob(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("x'{digits}'")
}

/// A statement with its semicolon. A comment at its very end would swallow one, so it gets a line of its own.
pub fn terminated(sql: &str) -> String {
    let sql = sql.trim().trim_end_matches(';').trim_end();
    let ends_in_comment = tokens_and_comments(sql).last().is_some_and(|token| token.text.starts_with("--"));
    if ends_in_comment { format!("{sql}\n;") } else { format!("{sql};") }
}

/// The text of a comment that may hold names with line breaks.
pub fn on_one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// `text` as a string literal.
pub fn quote_string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name or string literal without its quotes; a bare word as it is.
pub fn unquote(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some('[') => chars.as_str().trim_end_matches(']').to_owned(),
        Some(quote @ ('\'' | '"' | '`')) => {
            let inner = chars.as_str();
            let inner = inner.strip_suffix(quote).unwrap_or(inner);
            // Hardly any name has its quote in it.
            if !inner.contains(quote) {
                return inner.to_owned();
            }
            inner.replace(&format!("{quote}{quote}"), &quote.to_string())
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_and_unquoting_are_inverse() {
        for name in ["plain", "o'brien", "two\"quotes", "a]b", "", "é ü", "back`tick", "select"] {
            assert_eq!(unquote(&quote(name)), name);
            assert_eq!(unquote(&quote_string(name)), name);
        }
        assert_eq!(unquote("[a b]"), "a b");
        assert_eq!(unquote("`a``b`"), "a`b");
        assert_eq!(unquote("plain"), "plain");
    }

    #[test]
    fn a_message_quotes_of_a_long_statement_the_beginning_on_one_line() {
        assert_eq!(quotation("SELECT 1, -- one\n  \"a\nb\""), "SELECT 1, \"a b\"");
        let quoted = quotation(&format!("SELECT {}1", "1, ".repeat(100_000)));
        assert!(quoted.starts_with("SELECT 1, 1, ") && quoted.ends_with('…'), "{quoted}");
        assert_eq!(quoted.chars().count(), QUOTED + 1);
    }
}
