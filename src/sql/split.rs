//! Where one statement ends and the next begins.
//!
//! The rule is that of `sqlite3_complete()` (<https://www.sqlite.org/c3ref/complete.html>): a semicolon ends a
//! statement, except inside `CREATE TRIGGER`, which ends with `; END ;`.

use super::{Kind, Token, tokens};

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
    let mut all = tokens(script);
    std::iter::from_fn(move || next_statement(script, &mut all))
}

fn next_statement<'a>(script: &'a str, all: &mut impl Iterator<Item = Token<'a>>) -> Option<Statement<'a>> {
    let mut head = Head::Start;
    let mut first: Option<usize> = None;
    let mut last_end = 0;
    // The last two significant tokens of a trigger, to see `; END ;`.
    let (mut after_semicolon, mut after_end) = (false, false);
    for token in all {
        if token.is_punct(";") {
            let Some(start) = first else { continue };
            if head == Head::Trigger && !after_end {
                (after_semicolon, after_end) = (true, false);
                last_end = token.end();
                continue;
            }
            return Some(Statement { text: &script[start..token.end()], start });
        }
        first.get_or_insert(token.start);
        last_end = token.end();
        after_end = after_semicolon && token.is_word("END");
        after_semicolon = false;
        head = head.next(&token);
    }
    let start = first?;
    Some(Statement { text: &script[start..last_end], start })
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
}
