//! Rows that two schemas can hold: the one that they are made for, and the one that a migration leads to.
//!
//! The constraints of both guide how rows are made ([`merged`]), and the second schema has the last word on each: a row
//! is sent there as the migration would bring it ([`GoalTable`](super::goal_tables::GoalTable)), and goes again if it is not taken.

use rusqlite::{Connection, Result};

use super::make::Make;
use super::pool::of_another_type;
use crate::engine::SeedPair;
use crate::engine::catalog::inspect::main_name;
use crate::engine::catalog::rows::rows;
use crate::engine::connection::stubs::execute;
use crate::engine::shadow::donor::Donor;
use crate::schema::{Check, Conflict, Expr, ForeignKey, Ident, IndexTerm, KeyColumn, Schema, Table, Unique};
use crate::sql::{Kind, quote, tokens};

/// The schema that rows must fit as well.
pub(crate) struct Goal<'a> {
    /// An empty database that has it.
    pub(crate) conn: &'a Connection,
    /// What becomes of each table.
    pub(crate) pairs: &'a [SeedPair<'a>],
    /// Whether rows are as awkward as SQLite allows: values of other storage classes than the declared, gaps between
    /// rowids, and counters that are ahead of them.
    pub(crate) awkward: bool,
    /// Whether it has to take each row; else it is only looked at for values.
    pub(crate) binding: bool,
    /// A database that lends rows of its own.
    pub(crate) donor: Option<&'a Donor>,
}

impl<'a> Goal<'a> {
    /// What becomes of a table, where its rows can be sent on.
    pub(crate) fn pair(&self, table: &Ident) -> Option<(&'a SeedPair<'a>, &'a Table)> {
        let pair = self.pairs.iter().find(|pair| pair.from.name == *table)?;
        let there = pair.goal.filter(|there| !there.is_virtual() && there.unread.is_none())?;
        Some((pair, there))
    }
}

impl Goal<'_> {
    /// What a column has to hold for the sake of its type over there.
    pub(crate) fn wanted(&self, table: &Ident, column: &Ident) -> Vec<Make> {
        let Some((pair, there)) = self.pair(table) else { return Vec::new() };
        let to = pair.columns.iter().find(|(of, _)| of == column).map(|(_, to)| to);
        match (pair.from.column(column), to.and_then(|to| there.column(to))) {
            (Some(old), Some(new)) => of_another_type(self.conn, (pair.from, old), (there, new)),
            _ => Vec::new(),
        }
    }
}

/// Does `work` while there are no triggers.
pub(crate) fn with_triggers_off<T>(conn: &Connection, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let triggers = without_triggers(conn)?;
    let done = work()?;
    triggers.iter().try_for_each(|trigger| execute(conn, trigger))?;
    Ok(done)
}

/// Drops all triggers; gives their statements.
pub(crate) fn without_triggers(conn: &Connection) -> Result<Vec<String>> {
    let list = "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' ORDER BY rowid";
    let found: Vec<(Ident, String)> = rows(conn, list, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    found
        .into_iter()
        .map(|(name, sql)| execute(conn, &format!("DROP TRIGGER {}", main_name(&name))).map(|()| sql))
        .collect()
}

/// The schema with what the goal asks of the same columns, for making rows only; where the goal is not binding, with its
/// checks alone, which suggest values.
pub(crate) fn merged(schema: &Schema, goal: &Goal<'_>) -> Schema {
    let mut schema = schema.clone();
    for table in schema.tables.values_mut() {
        let Some((pair, there)) = goal.pair(&table.name) else { continue };
        let old_name =
            |name: &Ident| pair.columns.iter().find(|(_, to)| to == name).map(|(of, _)| of.clone());
        let old_names = |names: &[Ident]| names.iter().map(old_name).collect::<Option<Vec<Ident>>>();
        table.checks.extend(there.checks.iter().map(|check| old_check(check, pair)));
        if !goal.binding {
            continue;
        }
        for (of, to) in &pair.columns {
            let Some(wanted) = there.column(to) else { continue };
            let shown = to.shown();
            let copied = pair.copy.iter().flatten().find(|copied| copied.column == shown);
            let as_it_is = copied.is_none_or(|copied| copied.value == shown);
            if as_it_is
                && wanted.not_null.is_some()
                && let Some(column) = table.columns.iter_mut().find(|column| column.name == *of)
            {
                column.not_null = column.not_null.or(Some(Conflict::Abort));
            }
        }
        let of_index = there.indexes.values().filter(|index| index.unique).map(|index| {
            let column = |term: &IndexTerm| match term {
                IndexTerm::Column(name) => Some(name.clone()),
                IndexTerm::Expr(_) => None,
            };
            index.keys.iter().filter_map(|key| column(&key.term)).collect::<Vec<Ident>>()
        });
        let names = |keys: &[KeyColumn]| keys.iter().map(|key| key.name.clone()).collect::<Vec<Ident>>();
        let uniques = there.uniques.iter().map(|unique| names(&unique.columns)).chain(of_index);
        let uniques = uniques.filter_map(|names| old_names(&names)).map(unique);
        table.uniques.extend(uniques);
        for key in &there.foreign_keys {
            let Some(columns) = old_names(&key.columns) else { continue };
            if table.foreign_keys.iter().any(|known| known.columns == columns) {
                continue;
            }
            table.foreign_keys.push(old_key(key, columns, goal));
        }
    }
    schema
}

/// A check of the goal in the names of the schema before.
fn old_check(check: &Check, pair: &SeedPair<'_>) -> Check {
    let renamed: Vec<&(Ident, Ident)> = pair.columns.iter().filter(|(of, to)| of != to).collect();
    let (mut text, mut done) = (String::new(), 0);
    for token in tokens(&check.expr.text).filter(|t| matches!(t.kind, Kind::Word | Kind::Quoted)) {
        let Some((of, _)) = renamed.iter().find(|(_, to)| *to == *token.unquoted()) else { continue };
        text.push_str(&check.expr.text[done..token.start]);
        text.push_str(&quote(of.as_str()));
        done = token.end();
    }
    text.push_str(&check.expr.text[done..]);
    Check { expr: Expr { text, start: check.expr.start }, ..check.clone() }
}

fn unique(names: Vec<Ident>) -> Unique {
    let columns = names.into_iter().map(|name| KeyColumn { name, collation: None, descending: false });
    Unique { columns: columns.collect(), conflict: Conflict::Abort, name: None, start: 0 }
}

/// A foreign key of the goal in the names of the schema before.
fn old_key(key: &ForeignKey, columns: Vec<Ident>, goal: &Goal<'_>) -> ForeignKey {
    let parent = goal.pairs.iter().find(|pair| pair.goal.is_some_and(|there| there.name == key.parent));
    let (mut parent_columns, mut name) = (key.parent_columns.clone(), key.parent.clone());
    if let Some(pair) = parent {
        name = pair.from.name.clone();
        if parent_columns.is_empty() {
            let primary = pair.goal.and_then(|there| there.primary_key.as_ref());
            parent_columns
                .extend(primary.into_iter().flat_map(|key| &key.columns).map(|key| key.name.clone()));
        }
        for column in &mut parent_columns {
            if let Some((of, _)) = pair.columns.iter().find(|(_, to)| to == column) {
                *column = of.clone();
            }
        }
    }
    ForeignKey { columns, parent: name, parent_columns, ..key.clone() }
}

/// Leaves gaps in the rowids, and counters that are ahead of them.
pub(crate) fn thin_out(from: &Connection, table: &Table) -> Result<()> {
    let Some(rowid) = table.rowid_name() else { return Ok(()) };
    let table = main_name(&table.name);
    let sql = format!(
        "DELETE FROM {table} WHERE {rowid} IN (2, (SELECT max({rowid}) FROM {table})) AND 3 < (SELECT count(*) FROM {table})"
    );
    execute(from, &sql)
}
