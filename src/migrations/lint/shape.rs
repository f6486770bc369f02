//! What a statement does, as far as its words say.

use std::ops::Range;

use crate::migrations::is_trigger;
use crate::schema::Ident;
use crate::sql::{Statement, Token, tokens};

use super::cursor::{Cursor, find, split_at_commas, starts_with};

/// One statement of a script, read once for all rules.
pub(super) struct Stmt<'a> {
    /// As written, and where.
    pub(super) statement: Statement<'a>,
    /// Its tokens, their places counted from the start of the file.
    pub(super) tokens: Vec<Token<'a>>,
    /// What it does.
    pub(super) shape: Shape,
}

/// What a statement does.
#[derive(Debug)]
pub(super) enum Shape {
    CreateTable(Table),
    DropTable { table: Ident, if_exists: bool },
    RenameTable { from: Ident, to: Ident },
    AddColumn { table: Ident, column: Definition },
    RenameColumn { table: Ident, from: Ident, to: Ident },
    DropColumn { table: Ident, column: Ident },
    Insert { table: Ident },
    Update { table: Ident },
    Delete { table: Ident, all: bool },
    Trigger,
    Other,
}

/// `CREATE TABLE`.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: Ident,
    /// Columns and table constraints, in order; none for `CREATE TABLE … AS SELECT` and for a virtual table.
    pub(super) definitions: Vec<Definition>,
    /// The tokens behind the closing parenthesis: `STRICT`, `WITHOUT ROWID`.
    pub(super) options: Range<usize>,
    /// `CREATE VIRTUAL TABLE`
    pub(super) is_virtual: bool,
}

/// A column or a table constraint.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    /// The column's name; a table constraint has none.
    pub(super) column: Option<Ident>,
    /// Its tokens, of a column without the name, as indexes into the statement's.
    pub(super) range: Range<usize>,
}

impl<'a> Stmt<'a> {
    pub(super) fn read(statement: Statement<'a>) -> Stmt<'a> {
        let tokens: Vec<Token<'a>> = tokens(statement.text)
            .map(|token| Token { start: token.start + statement.start, ..token })
            .collect();
        let shape =
            if is_trigger(statement.text) { Shape::Trigger } else { shape(&tokens).unwrap_or(Shape::Other) };
        Stmt { statement, tokens, shape }
    }

    /// The tokens of a range of indexes.
    pub(super) fn part(&self, range: &Range<usize>) -> &[Token<'a>] {
        self.tokens.get(range.clone()).unwrap_or_default()
    }

    /// Whether it carries rows of `table` into another table.
    pub(super) fn copies_from(&self, table: &Ident) -> bool {
        let carries = match &self.shape {
            Shape::Insert { table: into } | Shape::Update { table: into } => into != table,
            Shape::CreateTable(into) => into.name != *table,
            _ => false,
        };
        carries && self.reads(table)
    }

    /// Whether `table` stands in a FROM clause, at whatever depth.
    fn reads(&self, table: &Ident) -> bool {
        let mut in_from = false;
        for (n, token) in self.tokens.iter().enumerate() {
            if token.is_word("FROM") || token.is_word("JOIN") {
                in_from = true;
            } else if ["SELECT", "WHERE", "ON", "USING", "GROUP", "ORDER", "SET"]
                .iter()
                .any(|w| token.is_word(w))
            {
                in_from = false;
            } else if !(in_from && token.is_punct(",")) {
                continue;
            }
            if in_from {
                let mut cursor = Cursor::new(self.tokens.get(n + 1..).unwrap_or_default());
                while cursor.eat_punct("(") {}
                if cursor.name().is_some_and(|(name, _)| name == *table) {
                    return true;
                }
            }
        }
        false
    }
}

/// What an ALTER TABLE does to the names of tables and columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Alteration {
    /// `RENAME TO`
    Table {
        /// The new name.
        to: Ident,
    },
    /// `RENAME COLUMN`
    Column {
        /// The old name.
        from: Ident,
        /// The new name.
        to: Ident,
    },
    /// `ADD COLUMN`
    Added(Ident),
    /// `DROP COLUMN`
    Dropped(Ident),
}

/// What `statement` does to names, when it is an ALTER TABLE that does.
pub fn alteration(statement: &str) -> Option<Alteration> {
    let tokens: Vec<Token<'_>> = tokens(statement).collect();
    match shape(&tokens)? {
        Shape::RenameTable { to, .. } => Some(Alteration::Table { to }),
        Shape::RenameColumn { from, to, .. } => Some(Alteration::Column { from, to }),
        Shape::AddColumn { column, .. } => column.column.map(Alteration::Added),
        Shape::DropColumn { column, .. } => Some(Alteration::Dropped(column)),
        _ => None,
    }
}

fn shape(tokens: &[Token<'_>]) -> Option<Shape> {
    let mut cursor = Cursor::new(tokens);
    if cursor.eat("CREATE") {
        if !cursor.eat("TEMP") {
            cursor.skip("TEMPORARY");
        }
        let is_virtual = cursor.eat("VIRTUAL");
        return if cursor.eat("TABLE") { create_table(tokens, cursor, is_virtual) } else { None };
    }
    if cursor.eat("DROP TABLE") {
        let if_exists = cursor.eat("IF EXISTS");
        return Some(Shape::DropTable { table: cursor.name()?.0, if_exists });
    }
    if cursor.eat("ALTER TABLE") {
        let table = cursor.name()?.0;
        return alter_table(table, cursor, tokens.len());
    }
    // `WITH … INSERT`: the verb is the first one that stands in no parenthesis.
    let verb = if cursor.eat("WITH") {
        ["INSERT", "REPLACE", "UPDATE", "DELETE"].iter().filter_map(|verb| find(tokens, verb)).min()?
    } else {
        0
    };
    change_of_rows(tokens.get(verb..).unwrap_or_default())
}

fn change_of_rows(tokens: &[Token<'_>]) -> Option<Shape> {
    let mut cursor = Cursor::new(tokens);
    if cursor.eat("DELETE FROM") {
        let table = cursor.name()?.0;
        return Some(Shape::Delete { table, all: find(tokens, "WHERE").is_none() });
    }
    let insert = cursor.eat("INSERT");
    let update = !insert && cursor.eat("UPDATE");
    if !(insert || update || cursor.eat("REPLACE")) {
        return None;
    }
    if cursor.eat("OR") {
        // The conflict clause: one word.
        cursor.name()?;
    }
    if update {
        return Some(Shape::Update { table: cursor.name()?.0 });
    }
    if cursor.eat("INTO") { Some(Shape::Insert { table: cursor.name()?.0 }) } else { None }
}

fn create_table(tokens: &[Token<'_>], mut cursor: Cursor<'_, '_>, is_virtual: bool) -> Option<Shape> {
    cursor.skip("IF NOT EXISTS");
    let name = cursor.name()?.0;
    let Some(body) = cursor.parenthesis() else {
        return Some(Shape::CreateTable(Table { name, definitions: Vec::new(), options: 0..0, is_virtual }));
    };
    let definitions = split_at_commas(tokens.get(body.clone()).unwrap_or_default())
        .into_iter()
        .map(|part| definition(tokens, body.start + part.start..body.start + part.end))
        .collect();
    Some(Shape::CreateTable(Table { name, definitions, options: cursor.pos()..tokens.len(), is_virtual }))
}

fn definition(tokens: &[Token<'_>], range: Range<usize>) -> Definition {
    let part = tokens.get(range.clone()).unwrap_or_default();
    let constraint = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"]
        .iter()
        .any(|word| part.first().is_some_and(|token| token.is_word(word)));
    match part.first().filter(|token| token.can_be_name() && !constraint) {
        Some(name) => {
            Definition { column: Some(Ident::new(name.unquoted())), range: range.start + 1..range.end }
        }
        None => Definition { column: None, range },
    }
}

fn alter_table(table: Ident, mut cursor: Cursor<'_, '_>, end: usize) -> Option<Shape> {
    if cursor.eat("RENAME TO") {
        return Some(Shape::RenameTable { from: table, to: cursor.name()?.0 });
    }
    if cursor.eat("RENAME") {
        cursor.skip("COLUMN");
        let from = cursor.name()?.0;
        return if cursor.eat("TO") {
            Some(Shape::RenameColumn { table, from, to: cursor.name()?.0 })
        } else {
            None
        };
    }
    if cursor.eat("DROP") {
        if cursor.eat("CONSTRAINT") {
            return None;
        }
        cursor.skip("COLUMN");
        return Some(Shape::DropColumn { table, column: cursor.name()?.0 });
    }
    if cursor.eat("ADD") {
        let column = cursor.eat("COLUMN");
        if !column && (starts_with(cursor.rest(), "CONSTRAINT") || starts_with(cursor.rest(), "CHECK")) {
            return None;
        }
        let name = cursor.name()?.0;
        let range = cursor.pos()..end;
        return Some(Shape::AddColumn { table, column: Definition { column: Some(name), range } });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::statements;

    fn read(sql: &str) -> Stmt<'_> {
        Stmt::read(statements(sql)[0])
    }

    fn shown(sql: &str) -> String {
        match read(sql).shape {
            Shape::CreateTable(table) => {
                let columns: Vec<_> =
                    table.definitions.iter().map(|d| d.column.as_ref().map_or("-", Ident::as_str)).collect();
                format!("create {} {}", table.name, columns.join(","))
            }
            Shape::DropTable { table, if_exists } => format!("drop {table} {if_exists}"),
            Shape::RenameTable { from, to } => format!("rename {from} {to}"),
            Shape::AddColumn { table, column } => {
                format!("add {table} {}", column.column.map_or_else(String::new, |name| name.to_string()))
            }
            Shape::RenameColumn { table, from, to } => format!("rename column {table} {from} {to}"),
            Shape::DropColumn { table, column } => format!("drop column {table} {column}"),
            Shape::Insert { table } => format!("insert {table}"),
            Shape::Update { table } => format!("update {table}"),
            Shape::Delete { table, all } => format!("delete {table} {all}"),
            Shape::Trigger => "trigger".to_owned(),
            Shape::Other => "other".to_owned(),
        }
    }

    #[test]
    fn each_statement_is_told_by_its_words() {
        for (sql, expected) in [
            (
                "CREATE TEMP TABLE IF NOT EXISTS main.\"a b\"(x INT CHECK(x IN (1,2)), [check] y, UNIQUE(x, y), check(1))",
                "create a b x,check,-,-",
            ),
            ("create table t as select 1", "create t "),
            ("CREATE VIRTUAL TABLE f USING fts5(a, b)", "create f "),
            ("drop table if exists t;", "drop t true"),
            ("ALTER TABLE t RENAME TO u", "rename t u"),
            ("ALTER TABLE t RENAME a TO b", "rename column t a b"),
            ("ALTER TABLE t RENAME COLUMN a TO b", "rename column t a b"),
            ("ALTER TABLE t ADD a TEXT", "add t a"),
            ("ALTER TABLE t ADD COLUMN a TEXT", "add t a"),
            ("ALTER TABLE t ADD CONSTRAINT a CHECK(1)", "other"),
            ("ALTER TABLE t ADD CHECK(1)", "other"),
            ("ALTER TABLE t DROP a", "drop column t a"),
            ("ALTER TABLE t DROP CONSTRAINT a", "other"),
            ("INSERT OR REPLACE INTO t VALUES(1)", "insert t"),
            ("REPLACE INTO t VALUES(1)", "insert t"),
            ("WITH x AS (DELETE FROM u) INSERT INTO t SELECT * FROM x", "insert t"),
            ("UPDATE OR IGNORE t SET a=1", "update t"),
            ("DELETE FROM t", "delete t true"),
            ("DELETE FROM t WHERE a IN (SELECT 1)", "delete t false"),
            ("DELETE FROM t LIMIT (SELECT 1 WHERE 1)", "delete t true"),
            ("CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t; END", "trigger"),
            ("CREATE VIEW v AS SELECT 1", "other"),
            ("ALTER TABLE", "other"),
        ] {
            assert_eq!(shown(sql), expected, "{sql}");
        }
    }

    #[test]
    fn a_copy_is_seen_wherever_the_table_is_read() {
        let t = Ident::from("t");
        for sql in [
            "INSERT INTO u SELECT a FROM T",
            "INSERT INTO u SELECT x.a FROM x JOIN main.t ON 1",
            "CREATE TABLE u AS SELECT * FROM [t]",
            "INSERT INTO u SELECT * FROM x, t",
            "UPDATE u SET a = (SELECT a FROM t WHERE t.id = u.id)",
            "INSERT INTO u SELECT * FROM (SELECT * FROM t)",
        ] {
            assert!(read(sql).copies_from(&t), "{sql}");
        }
        for sql in [
            "INSERT INTO t SELECT a FROM t",
            "INSERT INTO u SELECT a, t FROM x",
            "SELECT * FROM t",
            "INSERT INTO u SELECT a FROM x ORDER BY a, t",
        ] {
            assert!(!read(sql).copies_from(&t), "{sql}");
        }
    }
}
