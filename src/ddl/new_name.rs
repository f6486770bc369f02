//! The new name of a table, or of one of its columns, in the statements of tables and indexes: what SQLite's ALTER TABLE
//! makes of them, to the letter, without having it read the whole schema for each name.

use memchr::memchr2_iter;

use super::cursor::Cursor;
use super::{Kind, create_table};
use crate::schema::{Ident, Table};
use crate::sql::{Kind as Token, Token as Word, is_keyword, is_rowid_name, quote, replaced};

/// Another name for a table, or for one of its columns.
#[derive(Clone, Copy, Debug)]
pub struct NewName<'a> {
    /// The table, by the name that it has.
    pub table: &'a Ident,
    /// The column, by the name that it has; `None` for the table itself.
    pub column: Option<&'a Ident>,
    /// The new name.
    pub to: &'a str,
}

impl NewName<'_> {
    /// The statement of a table or an index, as `sqlite_schema` has it, with the new name in it. `None` where only SQLite
    /// can tell what a name in it means.
    pub fn in_statement(self, statement: &str) -> Option<String> {
        let wanted = self.column.unwrap_or(self.table);
        // Most names are not in most statements, which are then read no further than their head.
        let is_absent = is_absent(wanted.as_str(), statement);
        let mut cursor = if is_absent { Cursor::of_head(statement) } else { Cursor::new(statement) };
        let kind = cursor.create_head().ok()?;
        let mut own = cursor.position();
        let mut name = cursor.name_token().ok()?;
        if kind == Kind::Index {
            cursor.expect(&["ON"]).ok()?;
            own = cursor.position();
            name = cursor.name_token().ok()?;
        }
        let is_own = *self.table == *name.unquoted();
        let all = cursor.into_tokens();
        if is_absent || !all.iter().any(|word| word.can_be_name() && *wanted == *word.unquoted()) {
            // A column that the table does not have is for SQLite to tell.
            return (kind == Kind::Index || !is_own).then(|| statement.to_owned());
        }
        let table = match kind {
            Kind::Table => Some(create_table(statement).ok()?),
            Kind::Index => None,
            _ => return None,
        };
        let reader = Reader { name: self, all, own, is_own, table };
        let mut places = reader.places()?;
        // What stands behind a name, and may be part of a longer one once that is in quotes.
        let joins = |word: &Word<'_>| statement.as_bytes().get(word.end()) == Some(&b'"');
        if places.iter().any(joins) {
            return None;
        }
        places.sort_by_key(|word| word.start);
        let named = places.into_iter().map(|word| (word.start..word.end(), quote(self.to)));
        Some(replaced(statement, named))
    }
}

/// What a name means by where it stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Definitions of columns and constraints.
    Definitions,
    /// The columns of a key.
    Key,
    /// The columns of the table behind REFERENCES, which may be the one that is meant.
    Parent(bool),
    /// An expression over the columns of the statement's own table.
    Expression,
    /// Nothing is named there: a default, or the head of the statement.
    Nothing,
    /// The arguments of a type, where no name belongs.
    Unknown,
}

struct Reader<'a> {
    name: NewName<'a>,
    all: Vec<Word<'a>>,
    /// Where the statement names its own table.
    own: usize,
    is_own: bool,
    /// What a CREATE TABLE says.
    table: Option<Table>,
}

impl<'a> Reader<'a> {
    /// What has to get the new name.
    fn places(&self) -> Option<Vec<Word<'a>>> {
        let mut found = Vec::new();
        let mut open: Vec<Place> = Vec::new();
        let mut outside = Place::Nothing;
        let mut defines = false;
        for (at, word) in self.all.iter().enumerate() {
            let place = open.last().copied().unwrap_or(outside);
            if word.is_punct("(") {
                open.push(self.within(at, place));
                continue;
            }
            if word.is_punct(")") {
                open.pop()?;
                continue;
            }
            if open.is_empty() && self.table.is_none() && word.is_word("WHERE") {
                outside = Place::Expression;
            }
            if self.means_it(at, word, place)? {
                found.push(*word);
                defines |= place == Place::Definitions;
            }
        }
        // A column that the table does not have is for SQLite to tell.
        let is_missing = self.is_own && self.table.is_some() && self.name.column.is_some() && !defines;
        (!is_missing).then_some(found)
    }

    /// What stands behind the parenthesis at `at`, which stands in `place`.
    fn within(&self, at: usize, place: Place) -> Place {
        let before = |n: usize| at.checked_sub(n).and_then(|at| self.all.get(at));
        let is = |n: usize, word: &str| before(n).is_some_and(|before| before.is_word(word));
        match place {
            Place::Nothing if at == self.own + 1 => match self.table {
                Some(_) => Place::Definitions,
                None => Place::Expression,
            },
            Place::Definitions if is(1, "CHECK") || is(1, "AS") => Place::Expression,
            Place::Definitions if is(1, "UNIQUE") => Place::Key,
            Place::Definitions if is(1, "KEY") && (is(2, "PRIMARY") || is(2, "FOREIGN")) => Place::Key,
            Place::Definitions if is(1, "DEFAULT") => Place::Nothing,
            Place::Definitions if is(2, "REFERENCES") => {
                Place::Parent(before(1).is_some_and(|parent| *self.name.table == *parent.unquoted()))
            }
            Place::Definitions => Place::Unknown,
            other => other,
        }
    }

    /// Whether the word at `at` is what gets the new name; `None` where that cannot be said.
    fn means_it(&self, at: usize, word: &Word<'a>, place: Place) -> Option<bool> {
        let wanted = self.name.column.unwrap_or(self.name.table);
        if !word.can_be_name() {
            return Some(false);
        }
        let name = word.unquoted();
        // A key goes by the names of the rowid as well.
        if place == Place::Expression && self.is_own && is_rowid_name(&name) {
            return None;
        }
        if *wanted != *name {
            return Some(false);
        }
        let before = at.checked_sub(1).and_then(|at| self.all.get(at));
        let is_before =
            |text: &str| before.is_some_and(|before| before.is_word(text) || before.is_punct(text));
        if self.name.column.is_none() {
            return match place {
                _ if at == self.own => Some(self.is_own),
                Place::Definitions => Some(is_before("REFERENCES")),
                Place::Expression if self.is_own => self.qualifies(at, word, is_before(".")),
                Place::Unknown => None,
                _ => Some(false),
            };
        }
        match place {
            Place::Definitions => {
                let columns = self.table.iter().flat_map(|table| &table.columns);
                Some(self.is_own && columns.map(|column| column.start).any(|start| start == word.start))
            }
            Place::Key if !self.is_own => Some(false),
            Place::Parent(false) | Place::Nothing => Some(false),
            Place::Key | Place::Parent(true) => is_certain(word).then_some(!is_before("COLLATE")),
            Place::Expression if !self.is_own => Some(false),
            Place::Expression => self.is_column(at, word, is_before("."), is_before("COLLATE")),
            Place::Unknown => None,
        }
    }

    fn is_punct(&self, at: usize, punct: &str) -> bool {
        self.all.get(at).is_some_and(|word| word.is_punct(punct))
    }

    /// Whether the name of the table stands in front of a column's.
    fn qualifies(&self, at: usize, word: &Word<'_>, is_qualified: bool) -> Option<bool> {
        if !self.is_punct(at + 1, ".") {
            return Some(false);
        }
        (!is_qualified && word.kind != Token::String).then_some(true)
    }

    /// Whether the column is meant in an expression.
    fn is_column(&self, at: usize, word: &Word<'_>, is_qualified: bool, collates: bool) -> Option<bool> {
        if collates || self.is_punct(at + 1, "(") {
            return Some(false);
        }
        // Behind AS in CAST is a type.
        let casts = self.all.iter().any(|word| word.is_word("CAST"));
        if casts || word.kind == Token::String || !is_certain(word) || self.is_punct(at + 1, ".") {
            return None;
        }
        if !is_qualified {
            return Some(true);
        }
        let table = at.checked_sub(2).and_then(|at| self.all.get(at))?;
        let is_whole = at.checked_sub(3).is_none_or(|at| !self.is_punct(at, "."));
        (is_whole && *self.name.table == *table.unquoted()).then_some(true)
    }
}

/// Whether no letters of `statement` are those of `name`. One with a quote in it may be spelled with two.
fn is_absent(name: &str, statement: &str) -> bool {
    let (name, statement) = (name.as_bytes(), statement.as_bytes());
    let Some(&first) = name.first() else { return false };
    if !name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        return false;
    }
    let mut places = memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), statement);
    !places.any(|at| {
        statement.get(at..at + name.len()).is_some_and(|letters| letters.eq_ignore_ascii_case(name))
    })
}

/// Whether a name can be nothing but a name.
fn is_certain(word: &Word<'_>) -> bool {
    let is_truth = ["true", "false"].iter().any(|truth| word.text.eq_ignore_ascii_case(truth));
    word.kind != Token::Word || !is_truth && !is_keyword(word.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(statement: &str, column: Option<&str>) -> Option<String> {
        let (table, column) = (Ident::from("t"), column.map(Ident::from));
        NewName { table: &table, column: column.as_ref(), to: "n" }.in_statement(statement)
    }

    #[test]
    fn a_name_is_changed_where_it_means_the_column() {
        let table = "CREATE TABLE T(x a, [A] TEXT DEFAULT a COLLATE a REFERENCES a(a) CONSTRAINT a CHECK (\"a\" > a(t.a)), \
                     PRIMARY KEY (a), FOREIGN KEY (x) REFERENCES t(a))";
        let wanted = "CREATE TABLE T(x a, \"n\" TEXT DEFAULT a COLLATE a REFERENCES a(a) CONSTRAINT a CHECK (\"n\" > a(t.\"n\")), \
                      PRIMARY KEY (\"n\"), FOREIGN KEY (x) REFERENCES t(\"n\"))";
        assert_eq!(renamed(table, Some("a")).as_deref(), Some(wanted));
        let index = "CREATE INDEX a ON t(a COLLATE a, x) WHERE a IS NULL";
        let wanted = "CREATE INDEX a ON t(\"n\" COLLATE a, x) WHERE \"n\" IS NULL";
        assert_eq!(renamed(index, Some("a")).as_deref(), Some(wanted));
        let other = "CREATE TABLE u(a REFERENCES t(a) CHECK (a))";
        assert_eq!(
            renamed(other, Some("a")).as_deref(),
            Some("CREATE TABLE u(a REFERENCES t(\"n\") CHECK (a))")
        );
    }

    #[test]
    fn a_name_is_changed_where_it_means_the_table() {
        for (statement, wanted) in [
            (
                "CREATE TABLE t(t t REFERENCES t CHECK (t > 't.t'))",
                "CREATE TABLE \"n\"(t t REFERENCES \"n\" CHECK (t > 't.t'))",
            ),
            ("CREATE TABLE t(t CHECK (t.t))", "CREATE TABLE \"n\"(t CHECK (\"n\".t))"),
            (
                "CREATE TABLE u(t DEFAULT t REFERENCES [t](t))",
                "CREATE TABLE u(t DEFAULT t REFERENCES \"n\"(t))",
            ),
            ("CREATE INDEX t ON t(t)", "CREATE INDEX t ON \"n\"(t)"),
        ] {
            assert_eq!(renamed(statement, None).as_deref(), Some(wanted));
        }
    }

    #[test]
    fn what_only_sqlite_can_tell_is_left_to_it() {
        for statement in [
            "CREATE TABLE t(a, CHECK ('a' > 1))",
            "CREATE TABLE t(a, CHECK (CAST(a AS a)))",
            "CREATE TABLE t(a INTEGER PRIMARY KEY, CHECK (rowid > 1))",
            "CREATE TABLE t(b)",
            "CREATE TABLE t(a VARCHAR(a))",
            "CREATE TABLE t(a, CHECK (u.a))",
            "CREATE INDEX i ON t(a\"b\")",
            "CREATE VIEW v AS SELECT a FROM t",
        ] {
            assert_eq!(renamed(statement, Some("a")), None, "{statement}");
        }
    }
}
