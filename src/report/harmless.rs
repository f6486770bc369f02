//! SQL of others on a page.

use std::borrow::Cow;

use crate::base::escape::{harmless, visible, visible_text};
use crate::sql::{Kind, tokens};

/// As [`visible_text`], for SQL that a page shows: a name, a text or a comment in it may hold line breaks, and no line may be
/// taken for a command by who runs the program ([`harmless`]).
pub(super) fn harmless_text(text: &str) -> Cow<'_, str> {
    let text = visible_text(text);
    if !text.lines().any(|line| matches!(harmless(line.into()), Cow::Owned(_))) {
        return text;
    }
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(|line| harmless(line.into())).collect();
    Cow::Owned(lines.join("\n"))
}

/// SQL as a page shows it: [`harmless_text`], and each name and each text on one line.
pub(super) fn harmless_sql(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut done = 0;
    for token in tokens(sql).filter(|token| matches!(token.kind, Kind::Quoted | Kind::String)) {
        out.push_str(&sql[done..token.start]);
        out.push_str(&visible(token.text));
        done = token.end();
    }
    out.push_str(&sql[done..]);
    harmless_text(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_statement_is_a_command_and_no_name_has_a_second_line() {
        let sql = "CREATE TABLE \"a\n::error::\"(b -- c\n /*\n  ::error file=x::d\n ##[error]e */ DEFAULT 'f\r\ng', x::y)";
        assert_eq!(
            harmless_sql(sql),
            "CREATE TABLE \"a\\n::error::\"(b -- c\n /*\n\\u{3a}:error file=x::d\n\\u{23}#[error]e */ DEFAULT 'f\\r\\ng', x::y)"
        );
    }
}
