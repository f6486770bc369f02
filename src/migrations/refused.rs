//! Statements that cannot be part of a migration, seen early by their first word.
//!
//! The engine's authorizer is what really keeps them out; this is so that a file is refused before anything runs, with
//! the line and the reason. So is what SQLite would take without a word: a parameter that nobody binds is NULL.

use crate::base::error::{Error, ErrorKind};
use crate::base::source::SourceFile;
use crate::sql::{self, Pragma, Statement, Token, quote_string, statements, tokens};

/// What a statement that begins with these words would do to the migration's transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// BEGIN, COMMIT, …
    TransactionControl,
    /// ATTACH, DETACH
    Attach,
    /// Fails, or does nothing, inside a transaction.
    OutsideOnly,
}

/// The kind of a statement that cannot be part of a migration, and its first words.
pub fn unfit(statement: &str) -> Option<(Unfit, String)> {
    let first = tokens(statement).next()?;
    let is = |words: &[&str]| words.iter().any(|word| first.is_word(word));
    let upper = first.text.to_ascii_uppercase();
    if is(&["BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"]) {
        return Some((Unfit::TransactionControl, upper));
    }
    if is(&["ATTACH", "DETACH"]) {
        return Some((Unfit::Attach, upper));
    }
    if is(&["VACUUM"]) {
        return Some((Unfit::OutsideOnly, upper));
    }
    let pragma = Pragma::read(sql::tokens(statement))?;
    // <https://www.sqlite.org/pragma.html>: these three end in an error, or in nothing, inside a transaction.
    let outside = pragma.name == "wal_checkpoint"
        || (pragma.value.is_some() && matches!(pragma.name.as_str(), "journal_mode" | "synchronous"));
    outside.then(|| (Unfit::OutsideOnly, pragma.title()))
}

/// The first statement of a script that cannot be part of a migration: transaction control, ATTACH, DETACH, VACUUM, and
/// pragmas that only work outside a transaction; or the first parameter. The error says where it stands and what to do.
pub fn refused_statement(file: &SourceFile) -> Option<Error> {
    refused_of(file, &statements(file.text()))
}

/// The same where the file's statements are known.
pub(super) fn refused_of(file: &SourceFile, statements: &[Statement<'_>]) -> Option<Error> {
    statements.iter().find_map(|statement| {
        let Some((kind, words)) = unfit(statement.text) else {
            return parameter(statement.text).map(|token| unbound(file, statement, &token));
        };
        let (why, help) = match kind {
            Unfit::TransactionControl => (
                "would end or nest the transaction that the migration runs in",
                "remove it: planctl begins and commits for each migration",
            ),
            Unfit::Attach => (
                "would bring another database into the migration, which its transaction does not protect",
                "remove it, and move data between databases outside of migrations",
            ),
            Unfit::OutsideOnly => (
                "does not work inside the transaction that the migration runs in",
                "remove it, and run it by hand or in the application that opens the database",
            ),
        };
        let error = Error::new(ErrorKind::Migration, format!("{words} {why}"));
        Some(error.at(file.location(statement.start)).help(help))
    })
}

/// The first parameter of a statement: `?`, `?1`, `:a`, `@a` or `$a`.
fn parameter(statement: &str) -> Option<Token<'_>> {
    // Hardly any statement has a sign that could begin one.
    let may_hold_one = memchr::memchr3(b'?', b':', b'@', statement.as_bytes()).is_some()
        || memchr::memchr(b'$', statement.as_bytes()).is_some();
    let is_parameter = |token: &Token<'_>| token.kind == sql::Kind::Variable && !token.text.starts_with('#');
    if may_hold_one { tokens(statement).find(is_parameter) } else { None }
}

fn unbound(file: &SourceFile, statement: &Statement<'_>, token: &Token<'_>) -> Error {
    let message = format!("`{}` is a parameter, and in a migration nobody gives it a value", token.text);
    Error::new(ErrorKind::Migration, message)
        .at(file.location(statement.start + token.start))
        .note("SQLite would take it for NULL")
        .help(match token.text {
            "?" => "write the value in its place; a text goes in single quotes, as in '?'".to_owned(),
            text => format!(
                "write the value in its place; if the text itself is meant, quote it: {}",
                quote_string(text)
            ),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_named_with_its_place() {
        for (text, place, help) in [
            ("INSERT INTO t VALUES(1,\n  ?)", "V1__a.sql:2:3: `?`", "'?'"),
            ("SELECT 1; UPDATE t SET a = :name", "V1__a.sql:1:28: `:name`", "':name'"),
            ("DELETE FROM t WHERE a = ?12 OR b = $x", "V1__a.sql:1:25: `?12`", "'?12'"),
            ("SELECT @a", "V1__a.sql:1:8: `@a`", "'@a'"),
        ] {
            let error = refused_statement(&SourceFile::new("V1__a.sql", text)).unwrap();
            assert!(error.to_string().starts_with(place), "{error}");
            assert!(error.help_text().unwrap_or_default().contains(help), "{text}");
        }
        for text in ["SELECT '?', \":a\", [@b] -- :c\n/* ? */", "SELECT '$.a' -> 'x', 'a:b', a$b FROM t"] {
            assert_eq!(refused(text), None, "{text}");
        }
    }

    fn refused(text: &str) -> Option<String> {
        refused_statement(&SourceFile::new("V1__a.sql", text)).map(|error| error.to_string())
    }

    #[test]
    fn transaction_control_is_named_with_its_line() {
        for word in ["begin", "COMMIT", "End", "ROLLBACK TO x", "SAVEPOINT x", "RELEASE x"] {
            let message = refused(&format!("SELECT 1;\n  -- c\n {word};")).unwrap_or_default();
            assert!(message.starts_with("V1__a.sql:3:2: ") && message.contains("transaction"), "{message}");
        }
        for statement in [
            "ATTACH 'x' AS y",
            "DETACH y",
            "VACUUM",
            "PRAGMA main.\"journal_mode\"=wal",
            "PRAGMA synchronous(off)",
            "PRAGMA wal_checkpoint",
        ] {
            assert!(refused(statement).is_some(), "{statement}");
        }
    }

    #[test]
    fn words_inside_other_statements_are_no_transaction_control() {
        for statement in [
            "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;",
            "CREATE TABLE t(a REFERENCES u ON CONFLICT ROLLBACK)",
            "INSERT OR ROLLBACK INTO t VALUES('COMMIT; BEGIN')",
            "-- BEGIN;\nSELECT 1",
            "PRAGMA foreign_keys = OFF",
            "PRAGMA journal_mode",
            "PRAGMA user_version = 3",
        ] {
            assert_eq!(refused(statement), None, "{statement}");
        }
    }
}
