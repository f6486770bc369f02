//! Statements that ask for a setting or change one.

use crate::sql::Token;

/// A PRAGMA statement (<https://www.sqlite.org/pragma.html>).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pragma {
    /// The database that it is about, where it says so.
    pub schema: Option<String>,
    /// The setting, in lower case.
    pub name: String,
    /// What is behind `=` or `(`, where one of them is there, as far as the first token goes.
    pub value: Option<String>,
}

impl Pragma {
    /// Reads the tokens of a statement; `None` when it is another one.
    pub fn read<'a>(tokens: impl IntoIterator<Item = Token<'a>>) -> Option<Pragma> {
        let mut tokens = tokens.into_iter();
        tokens.next().filter(|first| first.is_word("PRAGMA"))?;
        let (mut schema, mut name) = (None, tokens.next()?);
        let mut next = tokens.next();
        if next.is_some_and(|token| token.is_punct(".")) {
            schema = Some(name.unquoted());
            name = tokens.next()?;
            next = tokens.next();
        }
        let sets = next.is_some_and(|token| token.is_punct("=") || token.is_punct("("));
        let value = sets.then(|| tokens.next().map(|value| value.unquoted()).unwrap_or_default());
        Some(Pragma { schema, name: name.unquoted().to_ascii_lowercase(), value })
    }

    /// The statement that gives a setting a value.
    pub fn set(name: &str, value: &str) -> String {
        format!("PRAGMA {name} = {value}")
    }

    /// `PRAGMA journal_mode`
    pub fn title(&self) -> String {
        format!("PRAGMA {}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tokens;

    #[test]
    fn a_setting_is_read_in_every_spelling_that_sqlite_takes() {
        let conn = rusqlite::Connection::open_in_memory().unwrap();
        for sql in [
            "PRAGMA user_version = 7",
            "pragma main.\"User_Version\"(7)",
            "PRAGMA [main] . user_version='7' ;",
            "-- set\nPRAGMA /* the */ USER_VERSION = +7",
        ] {
            conn.execute_batch("PRAGMA user_version = 0").unwrap();
            conn.execute_batch(sql).unwrap();
            let set: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
            let read = Pragma::read(tokens(sql)).unwrap();
            assert_eq!((set, read.name.as_str(), read.value.is_some()), (7, "user_version", true), "{sql}");
            assert!(read.schema.is_none_or(|schema| schema == "main"), "{sql}");
        }
        assert_eq!(Pragma::read(tokens("PRAGMA journal_mode")).unwrap().value, None);
        assert_eq!(Pragma::read(tokens("SELECT 1")), None);
    }
}
