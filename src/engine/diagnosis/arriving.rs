//! The rows of `INSERT INTO t SELECT …` as `t` would hold them, had it taken them.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension as _};

use crate::ddl::{self, Alteration};
use crate::engine::Columns;
use crate::engine::catalog::columns::{Column, columns, named};
use crate::schema::{Check, Ident, KeyColumn, Table, with_computed};
use crate::sql::{Kind, QueryColumns, Token, display_name, is_rowid_name, quote, statements_in_turn, tokens};

/// A table that rows were on their way to.
#[derive(Clone)]
pub(crate) struct Arriving {
    /// The table.
    pub(crate) table: String,
    /// What its statement says, as far as that can be read.
    pub(crate) stated: Option<Table>,
    /// A query that gives the rows.
    pub(crate) query: String,
    /// What the table's columns are called in it.
    pub(crate) names: QueryColumns,
    /// The columns that a row is known by.
    pub(crate) key: Vec<String>,
}

impl Arriving {
    /// The rows of `INSERT INTO table … SELECT …`.
    pub(crate) fn of(conn: &Connection, statement: &str) -> Option<Arriving> {
        let words: Vec<Token<'_>> = tokens(statement).collect();
        let first = words.first()?;
        if !first.is_word("INSERT") && !first.is_word("REPLACE") {
            return None;
        }
        let into = words.iter().position(|token| token.is_word("INTO"))?;
        let mut rest = words.get(into + 1..)?;
        // [schema .] table
        if rest.get(1)?.is_punct(".") {
            rest = rest.get(2..)?;
        }
        let table = rest.first()?.unquoted();
        rest = rest.get(1..)?;
        let columns = columns_of(conn, &table)?;
        let mut names: Vec<String> = Vec::new();
        if rest.first()?.is_punct("(") {
            let close = rest.iter().position(|token| token.is_punct(")"))?;
            let list = rest.get(1..close)?;
            names.extend(list.iter().filter(|token| token.can_be_name()).map(Token::unquoted));
            rest = rest.get(close + 1..)?;
        } else {
            names.extend(columns.iter().filter(|c| !c.is_generated()).map(|c| c.name.clone()));
        }
        let start = rest.first()?;
        if !["SELECT", "WITH"].iter().any(|word| start.is_word(word)) {
            return None;
        }
        let select = statement.get(start.start..)?.trim_end().trim_end_matches(';');
        let stated = stated(conn, &table);
        let all = names.iter().chain(columns.iter().map(|column| &column.name));
        let query_columns = QueryColumns::called(all.map(String::as_str));
        let list: Vec<String> = names.iter().map(|name| query_columns.name(name)).collect();
        let held: Vec<String> =
            names.iter().map(|name| held(name, &query_columns.name(name), stated.as_ref())).collect();
        let empty = columns.iter().filter(|column| {
            let is_given = names.iter().any(|name| name.eq_ignore_ascii_case(&column.name));
            !is_given && column.is_ordinary() && !column.has_default
        });
        let empty = empty.map(|column| format!("NULL AS {}", query_columns.name(&column.name)));
        let query = format!(
            "WITH planctl_source({}) AS ({select}\n) SELECT {} FROM planctl_source",
            list.join(", "),
            held.into_iter().chain(empty).collect::<Vec<_>>().join(", ")
        );
        let query = match &stated {
            Some(stated) => with_computed(query, &query_columns, &table, &computed(stated)),
            None => query,
        };
        let given = |name: &String| names.iter().any(|given| given.eq_ignore_ascii_case(name));
        let key: Vec<String> = columns.iter().filter(|c| c.key > 0).map(|c| c.name.clone()).collect();
        let is_column = |name: &String| named(&columns, name).is_some();
        let rowid = names.iter().find(|name| key.is_empty() && is_rowid_name(name) && !is_column(name));
        let key = if key.iter().all(given) { key } else { Vec::new() };
        let key = key.into_iter().chain(rowid.cloned()).collect();
        Some(Arriving { table, stated, query, names: query_columns, key })
    }

    /// The names of the table's columns.
    pub(crate) fn columns(&self, conn: &Connection) -> Option<Vec<String>> {
        Some(columns_of(conn, &self.table)?.into_iter().map(|column| column.name).collect())
    }

    /// The condition of the CHECKs that SQLite calls by this name.
    pub(crate) fn check(&self, name: &str) -> Option<String> {
        let of_name = |check: &&Check| match &check.name {
            Some(own) => *own == *name,
            None => title(&check.expr.text) == name,
        };
        let called = self.stated.iter().flat_map(|table| &table.checks).filter(of_name);
        let all: Vec<String> = called.map(|check| format!("({}\n)", check.expr.text)).collect();
        // As it is stored, it may have parentheses more.
        let expression = || tokens(name).nth(1).map(|_| name.to_owned());
        if all.is_empty() { expression() } else { Some(all.join(" AND ")) }
    }

    /// The column that cannot hold a value, and its type: one of those, or the rowid where none is named.
    pub(crate) fn misfitting(&self, conn: &Connection, columns: &Columns) -> Option<(String, String)> {
        let rowid = || Some(self.stated.as_ref()?.rowid_alias()?.name.as_str().to_owned());
        let known = self.columns(conn)?;
        let column = match columns.of(&self.table, &known) {
            Some(named) => named.first().map(|name| (*name).to_owned())?,
            None => rowid()?,
        };
        let declared = &self.stated.as_ref()?.column(&Ident::from(column.as_str()))?.declared_type;
        Some((column, declared.to_ascii_uppercase()))
    }

    /// The columns of a key, each with the collation by which its values are told apart.
    pub(crate) fn keyed(&self, names: &[&str]) -> Vec<String> {
        let is_it = |key: &&[KeyColumn]| {
            key.len() == names.len() && key.iter().zip(names).all(|(column, name)| column.name == **name)
        };
        let key = self.stated.iter().flat_map(Table::keys).find(is_it);
        let collation = |at: usize| key.and_then(|key| key.get(at)?.collation.as_deref());
        let of = |(at, name): (usize, &&str)| {
            let column = format!("{}.{}", quote(&self.table), quote(name));
            match collation(at) {
                Some(collation) => format!("{column} COLLATE {}", display_name(collation)),
                None => column,
            }
        };
        names.iter().enumerate().map(of).collect()
    }
}

/// What SQLite calls a CHECK without a name of its own: its expression, of which it takes what begins with a quote for one
/// name in quotes.
fn title(expression: &str) -> Cow<'_, str> {
    match tokens(expression).next() {
        Some(token) if token.start == 0 && matches!(token.kind, Kind::Quoted | Kind::String) => {
            Cow::Owned(token.unquoted())
        }
        _ => Cow::Borrowed(expression),
    }
}

/// A column, which is called `given` in the query, as the table would hold its value, and tell it apart.
fn held(name: &str, given: &str, stated: Option<&Table>) -> String {
    let Some((table, column)) = stated.and_then(|table| Some((table, table.column(&Ident::from(name))?)))
    else {
        return given.to_owned();
    };
    let collation = display_name(table.collation_of(&column.name));
    format!("{} COLLATE {collation} AS {given}", table.affinity(column).stored(given))
}

/// All computed columns, each behind those that it reads.
fn computed(table: &Table) -> Vec<(&Ident, &str)> {
    let mut all: Vec<(&Ident, &str)> = Vec::new();
    for column in table.columns.iter().filter(|column| column.generated.is_some()) {
        if all.iter().all(|(name, _)| **name != column.name) {
            all.extend(table.computed_for(column));
            let mut seen = std::collections::BTreeSet::new();
            all.retain(|(name, _)| seen.insert(*name));
        }
    }
    all
}

fn stated(conn: &Connection, table: &str) -> Option<Table> {
    let sql = "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE";
    let sql: String = conn.query_row(sql, [table], |row| row.get(0)).optional().ok()??;
    ddl::create_table(&sql).ok().filter(|table| table.unread.is_none())
}

/// The columns that `SELECT *` gives, of a table that is there.
pub(crate) fn columns_of(conn: &Connection, table: &str) -> Option<Vec<Column>> {
    let mut columns = columns(conn, "main", table).ok()?;
    columns.retain(|column| column.is_ordinary() || column.is_generated());
    (!columns.is_empty()).then_some(columns)
}

/// The name that a table is given by a statement of `script`: what was made under a passing name.
pub(crate) fn name_to_come(table: &str, script: &str) -> Option<String> {
    statements_in_turn(script).find_map(|statement| match ddl::alter_table(statement.text) {
        Ok((of, Alteration::Rename(to))) if of == *table => Some(to.as_str().to_owned()),
        _ => None,
    })
}
