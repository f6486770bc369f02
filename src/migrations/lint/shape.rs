//! What a statement does, as far as its words say.

use crate::ddl::{self, Alteration, Cursor, Kind};
use crate::schema::{Expr, Ident, Table, TableKind};
use crate::sql::{Statement, Token, find_words, in_parentheses, split_at_commas};

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
    /// No columns for `CREATE TABLE … AS SELECT` and for a virtual table.
    CreateTable(Box<Table>),
    /// The columns that it names.
    CreateView(Vec<Ident>),
    Drop {
        kind: Kind,
        name: Ident,
        if_exists: bool,
    },
    AlterTable(Ident, Alteration),
    Insert {
        table: Ident,
    },
    Update {
        table: Ident,
    },
    Delete {
        table: Ident,
        all: bool,
    },
    Other,
}

impl Shape {
    /// Whether it drops the table of that name.
    pub(super) fn drops_table(&self, table: &Ident) -> bool {
        matches!(self, Shape::Drop { kind: Kind::Table, name, .. } if name == table)
    }

    /// The table whose rows it adds, changes or deletes.
    pub(super) fn changes(&self) -> Option<&Ident> {
        match self {
            Shape::Insert { table } | Shape::Update { table } | Shape::Delete { table, .. } => Some(table),
            _ => None,
        }
    }

    /// Whether it drops the table of that name, or gives it another one.
    pub(super) fn takes_away(&self, table: &Ident) -> bool {
        self.drops_table(table)
            || matches!(self, Shape::AlterTable(from, Alteration::Rename(_)) if from == table)
    }
}

impl<'a> Stmt<'a> {
    pub(super) fn read(statement: Statement<'a>) -> Stmt<'a> {
        let mut cursor = Cursor::new(statement.text);
        let shape = shape(statement.text, &mut cursor).unwrap_or(Shape::Other);
        let tokens = cursor.into_tokens().into_iter();
        let tokens = tokens.map(|token| Token { start: token.start + statement.start, ..token }).collect();
        Stmt { statement, tokens, shape }
    }

    /// The table that it makes, or adds a column to, with what it declares.
    pub(super) fn declares(&self) -> Option<&Table> {
        match &self.shape {
            Shape::CreateTable(table) => Some(table),
            Shape::AlterTable(_, Alteration::AddColumn(added)) => Some(added),
            _ => None,
        }
    }

    /// The tokens of one of its expressions.
    pub(super) fn tokens_of(&self, expr: &Expr) -> &[Token<'a>] {
        let start = self.statement.start + expr.start;
        let first = self.tokens.partition_point(|token| token.start < start);
        let behind = self.tokens.partition_point(|token| token.start < start + expr.text.len());
        self.tokens.get(first..behind).unwrap_or_default()
    }

    /// Where these words stand, in the file: the first time behind a byte offset in the statement, and in no parenthesis
    /// that is opened behind it.
    pub(super) fn place_of(&self, words: &str, from: usize) -> usize {
        let from = self.statement.start + from;
        let first = self.tokens.partition_point(|token| token.start < from);
        let behind = self.tokens.get(first..).unwrap_or_default();
        find_words(behind, words).and_then(|n| behind.get(n)).map_or(from, |token| token.start)
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

    /// Whether that is its first word.
    pub(super) fn begins(&self, word: &str) -> bool {
        self.tokens.first().is_some_and(|first| first.is_word(word))
    }

    /// The columns that an UPDATE without WHERE or FROM sets, which it does in every row.
    pub(super) fn sets_in_every_row(&self) -> Option<Vec<Ident>> {
        if !self.begins("UPDATE") || ["WHERE", "FROM"].iter().any(|w| find_words(&self.tokens, w).is_some()) {
            return None;
        }
        let set = self.tokens.get(find_words(&self.tokens, "SET")? + 1..)?;
        let set = find_words(set, "RETURNING").map_or(set, |end| set.get(..end).unwrap_or_default());
        let mut columns = Vec::new();
        for assignment in split_at_commas(set) {
            // `(a, b) = …` sets several.
            let target = assignment.split(|token| token.is_punct("=")).next()?;
            let names = in_parentheses(target).unwrap_or(target).iter().filter(|token| token.can_be_name());
            columns.extend(names.map(|token| Ident::new(token.unquoted())));
        }
        Some(columns)
    }

    /// Whether `table` stands in a FROM clause, at whatever depth.
    pub(super) fn reads(&self, table: &Ident) -> bool {
        const OTHERS: [&str; 7] = ["SELECT", "WHERE", "ON", "USING", "GROUP", "ORDER", "SET"];
        let mut in_from = false;
        for (n, token) in self.tokens.iter().enumerate() {
            if token.is_word("FROM") || token.is_word("JOIN") {
                in_from = true;
            } else if OTHERS.iter().any(|word| token.is_word(word)) {
                in_from = false;
            } else if !(in_from && token.is_punct(",")) {
                continue;
            }
            if in_from {
                let mut behind = self.tokens.iter().skip(n + 1).skip_while(|token| token.is_punct("("));
                let mut name = behind.next();
                if behind.next().is_some_and(|token| token.is_punct(".")) {
                    name = behind.next();
                }
                if name.is_some_and(|name| name.can_be_name() && *table == *name.unquoted()) {
                    return true;
                }
            }
        }
        false
    }
}

fn shape(statement: &str, cursor: &mut Cursor<'_>) -> Option<Shape> {
    if cursor.at_word("CREATE") {
        return create(statement, cursor);
    }
    if cursor.at_word("DROP") {
        let (kind, name, if_exists) = ddl::dropped(statement)?;
        return Some(Shape::Drop { kind, name, if_exists });
    }
    if cursor.at_word("ALTER") {
        return ddl::alter_table(statement)
            .ok()
            .map(|(table, alteration)| Shape::AlterTable(table, alteration));
    }
    // `WITH … INSERT`: the verb is the first one that stands in no parenthesis.
    if cursor.at_word("WITH") {
        let verbs = ["INSERT", "REPLACE", "UPDATE", "DELETE"];
        cursor.skip_to(|_, token| verbs.iter().any(|verb| token.is_word(verb)));
    }
    change_of_rows(cursor)
}

fn create(statement: &str, cursor: &mut Cursor<'_>) -> Option<Shape> {
    match cursor.create_head().ok()? {
        Kind::Table | Kind::VirtualTable => {
            let name = Ident::from(cursor.object_name().ok()?.unquoted());
            let read = ddl::create_table(statement).or_else(|_| ddl::create_virtual_table(statement));
            let table = read.unwrap_or_else(|_| Table::bare(name, statement, TableKind::Ordinary));
            Some(Shape::CreateTable(Box::new(table)))
        }
        Kind::View => ddl::create_view(statement).ok()?.columns.map(Shape::CreateView),
        Kind::Index | Kind::Trigger => None,
    }
}

fn change_of_rows(cursor: &mut Cursor<'_>) -> Option<Shape> {
    fn table(cursor: &mut Cursor<'_>) -> Option<Ident> {
        cursor.object_name().ok().map(|name| Ident::from(name.unquoted()))
    }
    if cursor.eat(&["DELETE", "FROM"]) {
        let table = table(cursor)?;
        cursor.skip_to(|_, token| token.is_word("WHERE"));
        return Some(Shape::Delete { table, all: cursor.at_end() });
    }
    let update = cursor.eat(&["UPDATE"]);
    if !(update || cursor.eat(&["INSERT"]) || cursor.eat(&["REPLACE"])) {
        return None;
    }
    if cursor.eat(&["OR"]) {
        // The conflict clause: one word.
        cursor.name().ok()?;
    }
    if update {
        return Some(Shape::Update { table: table(cursor)? });
    }
    cursor.expect(&["INTO"]).ok()?;
    Some(Shape::Insert { table: table(cursor)? })
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
                let columns: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
                format!("create {} {}", table.name, columns.join(","))
            }
            Shape::CreateView(columns) => format!("view of {} columns", columns.len()),
            Shape::Drop { kind, name, if_exists } => format!("drop {kind:?} {name} {if_exists}"),
            Shape::AlterTable(table, Alteration::Rename(to)) => format!("rename {table} {to}"),
            Shape::AlterTable(table, Alteration::AddColumn(added)) => {
                format!("add {table} {}", added.columns[0].name)
            }
            Shape::AlterTable(table, Alteration::RenameColumn { from, to }) => {
                format!("rename column {table} {from} {to}")
            }
            Shape::AlterTable(table, Alteration::DropColumn(column)) => {
                format!("drop column {table} {column}")
            }
            Shape::AlterTable(table, Alteration::Constraint(what)) => format!("{what} {table}"),
            Shape::Insert { table } => format!("insert {table}"),
            Shape::Update { table } => format!("update {table}"),
            Shape::Delete { table, all } => format!("delete {table} {all}"),
            Shape::Other => "other".to_owned(),
        }
    }

    #[test]
    fn each_statement_is_told_by_its_words() {
        for (sql, expected) in [
            (
                "CREATE TEMP TABLE IF NOT EXISTS main.\"a b\"(x INT CHECK(x IN (1,2)), [check] y, UNIQUE(x, y), check(1))",
                "create a b x,check",
            ),
            ("create table t as select 1", "create t "),
            ("CREATE VIRTUAL TABLE f USING fts5(a, b)", "create f "),
            ("drop table if exists t;", "drop Table t true"),
            ("DROP TRIGGER main.r", "drop Trigger r false"),
            ("ALTER TABLE t RENAME TO u", "rename t u"),
            ("ALTER TABLE t RENAME a TO b", "rename column t a b"),
            ("ALTER TABLE t RENAME COLUMN a TO b", "rename column t a b"),
            ("ALTER TABLE t ADD a TEXT", "add t a"),
            ("ALTER TABLE t ADD COLUMN a TEXT", "add t a"),
            ("ALTER TABLE t ADD CONSTRAINT a CHECK(1)", "ADD CONSTRAINT t"),
            ("ALTER TABLE t ADD CHECK(1)", "ADD CHECK t"),
            ("ALTER TABLE t DROP a", "drop column t a"),
            ("ALTER TABLE t DROP CONSTRAINT a", "DROP CONSTRAINT t"),
            ("INSERT OR REPLACE INTO t VALUES(1)", "insert t"),
            ("REPLACE INTO t VALUES(1)", "insert t"),
            ("WITH x AS (DELETE FROM u) INSERT INTO t SELECT * FROM x", "insert t"),
            ("UPDATE OR IGNORE t SET a=1", "update t"),
            ("DELETE FROM t", "delete t true"),
            ("DELETE FROM t WHERE a IN (SELECT 1)", "delete t false"),
            ("DELETE FROM t LIMIT (SELECT 1 WHERE 1)", "delete t true"),
            ("CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t; END", "other"),
            ("CREATE VIEW v AS SELECT 1", "other"),
            ("CREATE TEMP VIEW v(a, b) AS SELECT 1, 2", "view of 2 columns"),
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
