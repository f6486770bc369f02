//! Foreign keys of rows that are made up: which parent a row gets.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::common::with_triggers_off;
use super::outcome::Filled;
use super::pool::{is_nullable, sqlite_value};
use crate::engine::catalog::inspect::main_name;
use crate::engine::catalog::rows::{firsts, rows, values};
use crate::engine::contract::scratch::{TableRows, Tree};
use crate::migrations::testing;
use crate::sample::Random;
use crate::schema::{Column, Ident, Schema, Table};
use crate::sql::quote;

/// How many parents are looked at.
const PARENTS: usize = 40;

/// A column that its examples show to hold ids of its own table, though no foreign key says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Soft {
    column: Ident,
    key: Ident,
    /// What stands for "no parent" in the examples.
    none: Vec<testing::Value>,
}

/// The columns whose values, NULL and '' apart, all are ids of the same table. Rows that the examples do not have could
/// be orphans, which nobody says are allowed.
pub(crate) fn soft_references(table: &Table, examples: &TableRows) -> Vec<Soft> {
    let [key] = examples.key.as_slice() else { return Vec::new() };
    let none = |value: &testing::Value| {
        *value == testing::Value::Null || *value == testing::Value::Text(String::new())
    };
    let mut found = Vec::new();
    for (at, column) in examples.columns.iter().enumerate() {
        let declared = table.foreign_keys.iter().any(|key| key.columns.contains(column));
        if column == key || declared {
            continue;
        }
        let values = || examples.rows.values().filter_map(|row| row.get(at));
        let (absent, ids): (Vec<_>, Vec<_>) = values().partition(|value| none(value));
        let is_id = |id: &&testing::Value| examples.rows.contains_key(std::slice::from_ref(*id));
        if ids.is_empty() || !ids.iter().all(is_id) {
            continue;
        }
        let mut absent: Vec<testing::Value> = absent.into_iter().cloned().collect();
        absent.sort();
        absent.dedup();
        found.push(Soft { column: column.clone(), key: key.clone(), none: absent });
    }
    found
}

/// The same of what somebody says is a tree, where neither the schema nor the examples do.
pub(crate) fn trees(table: &Table, trees: &[Tree], known: &[Soft]) -> Vec<Soft> {
    let soft = |tree: &Tree| {
        let (column, key) = (table.column(&tree.parent)?, table.column(&tree.id)?);
        let declared = table.foreign_keys.iter().any(|key| key.columns.contains(&column.name));
        if declared || known.iter().any(|soft| soft.column == column.name) {
            return None;
        }
        let none = if is_nullable(table, column) {
            testing::Value::Null
        } else {
            testing::Value::Text(String::new())
        };
        Some(Soft { column: column.name.clone(), key: key.name.clone(), none: vec![none] })
    };
    trees.iter().filter(|tree| tree.table == table.name).filter_map(soft).collect()
}

/// What the rows of one table refer to.
pub(crate) struct Parents<'a> {
    table: &'a Table,
    keys: Vec<Reference<'a>>,
    soft: Vec<Soft>,
}

struct Reference<'a> {
    columns: Vec<&'a Ident>,
    /// Which of them may be NULL.
    nullable: Vec<&'a Ident>,
    parent: Ident,
    parent_columns: Vec<Ident>,
    /// Whether there is such a table.
    exists: bool,
    /// Whether the parents are rows of the same table.
    to_self: bool,
    /// Whether the parents come later.
    open: bool,
    /// Whether one of the columns may be NULL, and with it the reference.
    optional: bool,
    /// The parents' keys, read once: another table's do not change any more.
    parents: Option<Vec<Vec<Value>>>,
}

impl<'a> Parents<'a> {
    pub(crate) fn new(schema: &Schema, table: &'a Table, soft: Vec<Soft>, open: &[usize]) -> Parents<'a> {
        let columns: HashMap<&Ident, &Column> =
            table.columns.iter().map(|column| (&column.name, column)).collect();
        let keys = table.foreign_keys.iter().enumerate().map(|(at, key)| {
            let of_key: Vec<&Column> =
                key.columns.iter().filter_map(|name| columns.get(name).copied()).collect();
            let nullable: Vec<&Ident> = of_key
                .iter()
                .filter(|column| is_nullable(table, column))
                .map(|column| &column.name)
                .collect();
            Reference {
                parent: key.parent.clone(),
                parent_columns: schema.parent_columns(key),
                exists: schema.tables.contains_key(&key.parent),
                to_self: key.parent == table.name,
                open: open.binary_search(&at).is_ok(),
                optional: !nullable.is_empty(),
                parents: None,
                columns: of_key.into_iter().map(|column| &column.name).collect(),
                nullable,
            }
        });
        Parents { table, keys: keys.collect(), soft }
    }

    /// Gives a row its parents. Rows of the same table get an earlier row, or themselves where they must have one: so
    /// there are chains, and neither cycles nor orphans. `Err` says which parent is missing.
    pub(crate) fn choose(
        &mut self,
        conn: &Connection,
        row: &mut BTreeMap<&'a Ident, Value>,
        n: usize,
        sparse: bool,
        random: &mut Random,
    ) -> rusqlite::Result<Result<(), String>> {
        let mut fixed: HashSet<&Ident> = HashSet::new();
        for reference in &mut self.keys {
            let nothing = reference.optional && (sparse || reference.open || random.one_in(4));
            if nothing {
                clear(row, &reference.nullable, &fixed);
                continue;
            }
            if reference.open {
                // Whatever the columns hold now is replaced when the parents are there.
                continue;
            }
            let found = reference.find(conn, row, &fixed, random)?;
            match found {
                Some(parent) => assign(row, &reference.columns, parent),
                None if reference.to_self && !reference.optional => {
                    let own: Vec<Value> = reference
                        .parent_columns
                        .iter()
                        .map(|name| row.get(name).cloned().unwrap_or(Value::Null))
                        .collect();
                    assign(row, &reference.columns, own);
                }
                None if reference.optional => clear(row, &reference.nullable, &fixed),
                None if !reference.exists => {
                    return Ok(Err(format!("it refers to {}, which does not exist", reference.parent)));
                }
                None => return Ok(Err(format!("its parent {} has no row for it", reference.parent))),
            }
            fixed.extend(&reference.columns);
        }
        for soft in &self.soft {
            let parents = keys(conn, &self.table.name, std::slice::from_ref(&soft.key))?;
            let nobody = parents.is_empty() || sparse || n.is_multiple_of(3);
            let none = random.pick(&soft.none).map(sqlite_value);
            let value = match (nobody, none) {
                (true, Some(none)) => Some(none),
                (true, None) => row.get(&soft.key).cloned(),
                (false, _) => random.pick(&parents).and_then(|key| key.first().cloned()),
            };
            if let Some((value, column)) = value.zip(self.table.column(&soft.column)) {
                assign(row, &[&column.name], vec![value]);
            }
        }
        Ok(Ok(()))
    }
}

impl Reference<'_> {
    /// A parent whose key agrees with the columns that an earlier reference has fixed.
    fn find(
        &mut self,
        conn: &Connection,
        row: &BTreeMap<&Ident, Value>,
        fixed: &HashSet<&Ident>,
        random: &mut Random,
    ) -> rusqlite::Result<Option<Vec<Value>>> {
        if self.parents.is_none() || self.to_self {
            self.parents = Some(keys(conn, &self.parent, &self.parent_columns)?);
        }
        let parents = self.parents.as_deref().unwrap_or_default();
        let agrees = |key: &&Vec<Value>| {
            self.columns
                .iter()
                .zip(key.iter())
                .all(|(column, value)| !fixed.contains(*column) || row.get(*column) == Some(value))
        };
        let agreeing: Vec<&Vec<Value>> = parents.iter().filter(agrees).collect();
        // Half of the time the newest one: chains become longer than two.
        let newest = agreeing.last().filter(|_| self.to_self && random.one_in(2));
        Ok(newest.or_else(|| random.pick(&agreeing)).map(|key| (*key).clone()))
    }
}

fn assign<'a>(row: &mut BTreeMap<&'a Ident, Value>, columns: &[&'a Ident], values: Vec<Value>) {
    row.extend(columns.iter().copied().zip(values));
}

/// Sets the columns to NULL that no other reference needs.
fn clear<'a>(row: &mut BTreeMap<&'a Ident, Value>, nullable: &[&'a Ident], fixed: &HashSet<&Ident>) {
    let free = nullable.iter().copied().filter(|column| !fixed.contains(column));
    row.extend(free.map(|column| (column, Value::Null)));
}

/// The values of some columns, of rows in which none of them is NULL. A parent that is missing or has other columns gives
/// none: SQLite accepts such a foreign key until a row needs it.
fn keys(conn: &Connection, table: &Ident, columns: &[Ident]) -> rusqlite::Result<Vec<Vec<Value>>> {
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = columns.iter().map(|name| quote(name.as_str())).collect();
    let not_null: Vec<String> = names.iter().map(|name| format!("{name} IS NOT NULL")).collect();
    let sql = format!(
        "SELECT {} FROM main.{} WHERE {} LIMIT {PARENTS}",
        names.join(", "),
        quote(table.as_str()),
        not_null.join(" AND ")
    );
    let Ok(mut statement) = conn.prepare_cached(&sql) else { return Ok(Vec::new()) };
    // A text that is no UTF-8, as a blob in an expression may make one, is none that could be handed on.
    let found = statement.query_map([], |row| Ok(values(row, 0).ok()))?;
    found.filter_map(rusqlite::Result::transpose).collect()
}

/// Lets the rows of a table refer to parents that were made after them. A row that a trigger or a constraint keeps from
/// it stays as it is; [`remove_violations`] has the last word.
pub(crate) fn close(conn: &Connection, schema: &Schema, filled: &Filled<'_>) -> rusqlite::Result<()> {
    let table = filled.table;
    let Some(rowid) = table.rowid_name() else { return Ok(()) };
    for key in filled.open.iter().filter_map(|&at| table.foreign_keys.get(at)) {
        let parents = keys(conn, &key.parent, &schema.parent_columns(key))?;
        if parents.is_empty() {
            continue;
        }
        let set: Vec<String> =
            key.columns.iter().map(|name| format!("{} = ?", quote(name.as_str()))).collect();
        let name = quote(table.name.as_str());
        let mut update =
            conn.prepare(&format!("UPDATE main.{name} SET {} WHERE {rowid} = ?", set.join(", ")))?;
        let rows: Vec<i64> = firsts(conn, &format!("SELECT {rowid} FROM main.{name}"), [])?;
        for (row, parent) in rows.into_iter().zip(parents.iter().cycle()) {
            let values = parent.iter().cloned().chain([Value::Integer(row)]);
            drop(update.execute(params_from_iter(values)));
        }
    }
    Ok(())
}

/// Takes out rows whose parents could not be made, and then those that referred to them; gives how many. No trigger fires:
/// one that keeps rows from being deleted, or does not compile, is no reason to give up.
pub(crate) fn remove_violations(conn: &Connection, filled: &[Filled<'_>]) -> rusqlite::Result<usize> {
    if filled.iter().all(|done| violations(conn, done.table).is_empty()) {
        return Ok(0);
    }
    with_triggers_off(conn, || {
        let mut all = 0;
        // Each round takes out rows, or is the last.
        loop {
            let mut removed = 0;
            for done in filled {
                removed += remove_violations_of(conn, done)?;
            }
            if removed == 0 {
                return Ok(all);
            }
            all += removed;
        }
    })
}

fn remove_violations_of(conn: &Connection, done: &Filled<'_>) -> rusqlite::Result<usize> {
    let table = main_name(&done.table.name);
    let mut removed = 0;
    for row in violations(conn, done.table) {
        removed += match (row, done.table.rowid_name()) {
            (Some(row), Some(rowid)) => {
                conn.execute(&format!("DELETE FROM {table} WHERE {rowid} = ?1"), [row])?
            }
            _ if done.was_empty => conn.execute(&format!("DELETE FROM {table}"), [])?,
            _ => 0,
        };
    }
    Ok(removed)
}

/// The rowids of rows without a parent. A foreign key that refers to no key cannot be checked, and is no reason to give up
/// the rows.
fn violations(conn: &Connection, table: &Table) -> Vec<Option<i64>> {
    let check = format!("PRAGMA main.foreign_key_check({})", quote(table.name.as_str()));
    rows(conn, &check, [], |row| row.get(1)).unwrap_or_default()
}
