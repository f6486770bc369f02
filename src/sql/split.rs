//! Where one statement ends and the next begins.
//!
//! The rule is that of `sqlite3_complete()` (<https://www.sqlite.org/c3ref/complete.html>): a semicolon ends a
//! statement, except inside `CREATE TRIGGER`, which ends with `; END ;`.

use super::token::{behind_semicolon, tokens_from};
use super::{Kind, Token};

/// One statement of a script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statement<'a> {
    /// From its first token to its semicolon, both included.
    pub text: &'a str,
    /// Byte offset of its first token in the script.
    pub start: usize,
}

impl Statement<'_> {
    /// Byte offset just behind the statement.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The statements of `script`, in order. Comments between them belong to none; empty statements are left out.
pub fn statements(script: &str) -> Vec<Statement<'_>> {
    statements_in_turn(script).collect()
}

/// As [`statements`], each found when it is asked for.
pub fn statements_in_turn(script: &str) -> impl Iterator<Item = Statement<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let statement = next_statement(script, from)?;
        from = statement.end();
        Some(statement)
    })
}

/// The first statement from there on. Its tokens are not looked at one by one but where they tell what it is.
fn next_statement(script: &str, from: usize) -> Option<Statement<'_>> {
    let mut head = Head::Start;
    let mut start: Option<usize> = None;
    let mut behind = from;
    for token in tokens_from(script, from) {
        behind = token.end();
        if token.is_punct(";") {
            let Some(start) = start else { continue };
            return Some(Statement { text: &script[start..behind], start });
        }
        start.get_or_insert(token.start);
        head = head.next(&token);
        if matches!(head, Head::Trigger | Head::Other) {
            break;
        }
    }
    let start = start?;
    let mut end = behind_semicolon(script, behind);
    if head == Head::Trigger {
        // It goes on to `; END ;`.
        while let Some(semicolon) = end {
            let mut next = tokens_from(script, semicolon);
            let is_end = next.next().is_some_and(|token| token.is_word("END"));
            if is_end && let Some(last) = next.next().filter(|token| token.is_punct(";")) {
                end = Some(last.end());
                break;
            }
            end = behind_semicolon(script, semicolon);
        }
    }
    // Comments behind the last one are no part of it.
    let end = end.or_else(|| tokens_from(script, start).last().map(|last| last.end()))?;
    Some(Statement { text: &script[start..end], start })
}

/// How much of `[EXPLAIN [QUERY PLAN]] CREATE [TEMP|TEMPORARY] TRIGGER` has been seen.
#[derive(Clone, Copy, PartialEq)]
enum Head {
    Start,
    Explain,
    Create,
    Trigger,
    Other,
}

impl Head {
    fn next(self, token: &Token<'_>) -> Head {
        if token.kind != Kind::Word {
            return if self == Head::Trigger { self } else { Head::Other };
        }
        let word = |w: &str| token.text.eq_ignore_ascii_case(w);
        match self {
            Head::Start if word("EXPLAIN") => Head::Explain,
            Head::Explain if word("QUERY") || word("PLAN") => Head::Explain,
            Head::Start | Head::Explain if word("CREATE") => Head::Create,
            Head::Create if word("TEMP") || word("TEMPORARY") => Head::Create,
            Head::Create if word("TRIGGER") => Head::Trigger,
            Head::Trigger => Head::Trigger,
            _ => Head::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tokens;

    fn texts(script: &str) -> Vec<&str> {
        statements(script).into_iter().map(|s| s.text).collect()
    }

    #[test]
    fn semicolons_in_literals_and_comments_end_nothing() {
        assert_eq!(
            texts("-- a; b\nSELECT ';'; /* ; */ ;; INSERT INTO t VALUES(\";\", [;])"),
            ["SELECT ';';", "INSERT INTO t VALUES(\";\", [;])"]
        );
    }

    #[test]
    fn a_trigger_ends_with_its_end() {
        let trigger = "CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN\n\
             UPDATE t SET a = CASE WHEN a THEN 1 ELSE 2 END; DELETE FROM t;\nEND;";
        assert_eq!(texts(&format!("{trigger} SELECT 1;")), [trigger, "SELECT 1;"]);
    }

    #[test]
    fn a_table_named_trigger_is_no_trigger() {
        assert_eq!(texts("CREATE TABLE trigger(a); SELECT 1").len(), 2);
    }

    /// The rule, token by token: where each statement stands.
    fn by_tokens(script: &str) -> Vec<(usize, usize)> {
        let (mut found, mut first, mut end) = (Vec::new(), None, 0);
        let (mut head, mut after_semicolon, mut after_end) = (Head::Start, false, false);
        for token in tokens(script) {
            end = token.end();
            let ends = token.is_punct(";");
            if ends && first.is_some() && (head != Head::Trigger || after_end) {
                found.extend(first.take().map(|start| (start, end)));
                head = Head::Start;
            } else if !ends {
                first.get_or_insert(token.start);
                head = head.next(&token);
            }
            after_end = after_semicolon && token.is_word("END");
            after_semicolon = ends;
        }
        found.extend(first.map(|start| (start, end)));
        found
    }

    proptest::proptest! {
        /// Most tokens are passed over unread: that must not show.
        #[test]
        fn statements_end_where_their_tokens_say(
            pieces in proptest::collection::vec(proptest::sample::select(vec![
                ";", ";", ";", "END", "end", "CREATE", "TEMP", "TRIGGER", "EXPLAIN", "QUERY", "t", " ", " ", "\n", "'", "''", "\"", "`",
                "[", "]", "-", "--", "/", "/*", "*/", "*", "x'", "X'0a'", "x'0'", "0x1f", "1e-", "1.5", "$a", ":", "?1", "@", "a$b", "é",
                "\u{feff}", "(", ")", ",", "->>", "!=", "!", "\0", "{",
            ]), 0..40),
        ) {
            let script = pieces.concat();
            let found: Vec<_> = statements_in_turn(&script).map(|found| (found.start, found.end())).collect();
            proptest::prop_assert_eq!(found, by_tokens(&script), "{}", script);
        }
    }
}
