//! Whether the schema that a migration leads to takes a row.
//!
//! A row is sent there as the migration would bring it, and goes again if it is not taken.

use std::collections::BTreeMap;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result, params_from_iter};

use super::common::Goal;
use super::make::Make;
use super::outcome::Stop;
use super::pool::{Pools, unique_columns};
use crate::engine::SeedPair;
use crate::engine::catalog::inspect::{known_by, main_name};
use crate::engine::catalog::rows::beside_rowid;
use crate::engine::connection::stubs;
use crate::engine::connection::stubs::execute;
use crate::engine::diagnosis::{errors, fault};
use crate::plan::Copied;
use crate::sample::Random;
use crate::schema::{Column, Ident, Schema, Table};
use crate::sql::{MOST_COLUMNS, QueryColumns, quote};

/// Sends rows of one table to where the migration would bring them.
pub(crate) struct GoalTable<'a> {
    goal: &'a Connection,
    pair: &'a SeedPair<'a>,
    there: &'a Table,
    insert: String,
    sends_rowid: bool,
    /// What columns hold that nobody says a value for.
    more: Vec<Vec<Make>>,
    random: Random,
}

impl<'a> GoalTable<'a> {
    /// The table that rows of `table` end up in, if they can be sent there.
    pub(crate) fn new(goal: &Goal<'a>, table: &Ident) -> Result<Option<GoalTable<'a>>> {
        let Some((pair, there)) = goal.pair(table) else { return Ok(None) };
        let names = pair.from.columns.iter().map(|Column { name, .. }| {
            let renamed = pair.called.iter().find(|(of, _)| of == name);
            renamed.map_or(name, |(_, to)| to).as_str()
        });
        let sent = QueryColumns::called(names.clone());
        let mut source: Vec<String> = names.map(|name| format!("? AS {}", sent.name(name))).collect();
        // With as many columns as a row from a query may have, it comes without its rowid.
        let rowid = pair.from.rowid_name_beside(there).filter(|_| source.len() < MOST_COLUMNS);
        source.extend(rowid.map(|rowid| format!("? AS {rowid}")));
        let (mut more, mut more_source) = (Vec::new(), Vec::new());
        let (mut columns, mut expressions): (Vec<String>, Vec<String>) = match &pair.copy {
            Some(copy) => {
                let title = there.name.as_str();
                let value = |copied: &Copied| sent.in_text(&copied.value, title).into_owned();
                copy.iter().map(|copied| (copied.column.clone(), value(copied))).unzip()
            }
            None => {
                let carried = rowid.filter(|_| !there.without_rowid && there.rowid_alias().is_none());
                let names = pair.columns.iter().map(|(_, to)| to);
                let own = names
                    .filter(|name| there.column(name).is_some_and(|column| column.generated.is_none()))
                    .map(|name| (quote(name.as_str()), sent.name(name.as_str())));
                own.chain(carried.map(|rowid| (rowid.to_owned(), rowid.to_owned()))).unzip()
            }
        };
        if pair.copy.is_none() {
            let pools = Pools::new(goal.conn, there, &unique_columns(there), |_| Vec::new(), |_| Vec::new())?;
            for (column, pool) in there.columns.iter().zip(pools.of_column) {
                let is_given = pair.columns.iter().any(|(_, to)| *to == column.name);
                let in_key = || {
                    let keys = there.primary_key.iter().flat_map(|key| &key.columns);
                    there.key_is_not_null() && keys.into_iter().any(|key| key.name == column.name)
                };
                let is_wanted = (column.not_null.is_some() || in_key()) && column.default.is_none();
                if !is_given && is_wanted && column.generated.is_none() {
                    let name = format!("planctl_more_{}", more.len());
                    more_source.push(format!("? AS {name}"));
                    columns.push(quote(column.name.as_str()));
                    expressions.push(name);
                    more.push(pool);
                }
            }
        }
        let title = main_name(&there.name);
        let insert = if columns.is_empty() {
            format!("INSERT OR ABORT INTO {title} DEFAULT VALUES")
        } else {
            let (columns, expressions) = (columns.join(", "), expressions.join(", "));
            let (source, name) = (source.join(", "), quote(there.name.as_str()));
            let more = match more_source.as_slice() {
                [] => String::new(),
                more => format!(", (SELECT {})", more.join(", ")),
            };
            format!(
                "INSERT OR ABORT INTO {title} ({columns}) SELECT {expressions} FROM (SELECT {source}) AS {name}{more}"
            )
        };
        let random = Random::new(0, there.name.as_str());
        Ok(Some(GoalTable {
            goal: goal.conn,
            pair,
            there,
            insert,
            sends_rowid: rowid.is_some(),
            more,
            random,
        }))
    }

    /// Why the row that was inserted last, from these `value`s, is not taken; `None` where it is.
    pub(crate) fn refusal(
        &mut self,
        from: &Connection,
        value: impl Fn(&Ident) -> Value,
        n: usize,
    ) -> Result<Option<Stop>> {
        let last = errors::answer(self.rows(from, " WHERE {rowid} = last_insert_rowid()"))?;
        let row = last.and_then(|mut rows| rows.pop()).unwrap_or_else(|| {
            let values = self.pair.from.columns.iter().map(|column| value(&column.name)).collect();
            Row { key: Vec::new(), rowid: Value::Null, values }
        });
        match self.sends(&row, n) {
            Err(error) if !errors::is_interrupt(&error) => {
                Ok(Some(Stop { reason: errors::message(&error), by_goal: Some(fault::of(&error)) }))
            }
            sent => sent.map(|()| None),
        }
    }

    /// Sends a row.
    fn sends(&mut self, row: &Row, n: usize) -> Result<()> {
        if self.insert.ends_with("DEFAULT VALUES") {
            return execute(self.goal, &self.insert);
        }
        let mut bound = row.values.clone();
        if self.sends_rowid {
            bound.push(row.rowid.clone());
        }
        for pool in &self.more {
            let value = pool.iter().find_map(|make| make.value(n, &mut self.random));
            bound.push(value.unwrap_or(Value::Null));
        }
        stubs::providing(self.goal, |goal| {
            goal.prepare_cached(&self.insert)?.execute(params_from_iter(&bound)).map(drop)
        })
    }

    /// The rows of the table; with a condition, only where it has rowids.
    fn rows(&self, from: &Connection, condition: &str) -> Result<Vec<Row>> {
        let table = self.pair.from;
        let rowid = table.rowid_name();
        let condition = match rowid {
            Some(rowid) => condition.replace("{rowid}", rowid),
            None if condition.is_empty() => String::new(),
            None => return Ok(Vec::new()),
        };
        let known_by = known_by(table);
        let key: Vec<usize> = known_by.iter().filter_map(|name| place(table, name)).collect();
        let columns: Vec<&Ident> = table.columns.iter().map(|column| &column.name).collect();
        beside_rowid(from, table, &columns, &condition, |found, row| {
            let at = |i: usize| row.get_ref(i).map(value);
            let found = found.map_or(Value::Null, Value::Integer);
            let key = match rowid {
                Some(_) => vec![found.clone()],
                None => key.iter().map(|&i| at(i)).collect::<Result<_>>()?,
            };
            Ok(Row { key, rowid: found, values: (0..columns.len()).map(at).collect::<Result<_>>()? })
        })
    }

    fn delete(&self, from: &Connection, key: &[Value]) -> Result<usize> {
        let same: Vec<String> = known_by(self.pair.from).iter().map(|name| format!("{name} IS ?")).collect();
        let sql = format!("DELETE FROM {} WHERE {}", main_name(&self.pair.from.name), same.join(" AND "));
        from.prepare_cached(&sql)?.execute(params_from_iter(key))
    }
}

/// The place of a column, by its quoted name.
fn place(table: &Table, quoted: &str) -> Option<usize> {
    let is_it = |column: &Column| quote(column.name.as_str()).eq_ignore_ascii_case(quoted);
    table.columns.iter().position(is_it)
}

/// A row: what it is known by, its rowid, and all its values.
struct Row {
    key: Vec<Value>,
    rowid: Value,
    values: Vec<Value>,
}

/// A value as it is bound. A generated column may make text of any bytes.
fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        other => other.try_into().unwrap_or(Value::Null),
    }
}

/// The tables that rows are sent to, and which rows were there before any was made: those are nobody's to take out.
pub(crate) struct GoalTables<'a> {
    tables: Vec<(GoalTable<'a>, Vec<Vec<Value>>)>,
}

impl<'a> GoalTables<'a> {
    /// Before any row is made: what is there already is sent on.
    pub(crate) fn new(from: &Connection, schema: &Schema, goal: &Goal<'a>) -> Result<GoalTables<'a>> {
        let mut tables = Vec::new();
        for name in schema.tables.keys() {
            let Some(mut goal_table) = GoalTable::new(goal, name)? else { continue };
            let rows = goal_table.rows(from, "")?;
            for (n, row) in rows.iter().enumerate() {
                // Whatever becomes of it, it is the migrations' own.
                errors::answer(goal_table.sends(row, n))?;
            }
            tables.push((goal_table, rows.into_iter().map(|row| row.key).collect()));
        }
        Ok(GoalTables { tables })
    }

    /// The table that the rows of `table` end up in.
    pub(crate) fn table(&mut self, table: &Ident) -> Option<&mut GoalTable<'a>> {
        self.tables
            .iter_mut()
            .map(|(goal_table, _)| goal_table)
            .find(|goal_table| goal_table.pair.from.name == *table)
    }

    /// Sends all rows once more, together: takes out those that are not taken, or whose parents are not there. Gives how
    /// many there were.
    pub(crate) fn review(&mut self, from: &Connection) -> Result<usize> {
        let mut removed = 0;
        let mut places: Vec<BTreeMap<i64, Vec<Value>>> = Vec::new();
        for (goal_table, kept) in &mut self.tables {
            execute(goal_table.goal, &format!("DELETE FROM {}", main_name(&goal_table.there.name)))?;
            let mut of_table = BTreeMap::new();
            for (n, row) in goal_table.rows(from, "")?.into_iter().enumerate() {
                if errors::answer(goal_table.sends(&row, n))?.is_some() {
                    of_table.insert(goal_table.goal.last_insert_rowid(), row.key);
                } else if !kept.contains(&row.key) {
                    removed += goal_table.delete(from, &row.key)?;
                }
            }
            places.push(of_table);
        }
        for ((goal_table, kept), places) in self.tables.iter().zip(&places) {
            let name = quote(goal_table.there.name.as_str());
            // A key that cannot be checked at all is told by the check after the run.
            let Ok(mut check) = goal_table.goal.prepare(&format!("PRAGMA main.foreign_key_check({name})"))
            else {
                continue;
            };
            let orphans = check.query_map([], |row| row.get::<_, Option<i64>>(1))?;
            let orphans: Vec<Option<i64>> = orphans.filter_map(Result::ok).collect();
            let all = orphans.iter().any(Option::is_none);
            for (place, key) in places {
                if (all || orphans.contains(&Some(*place))) && !kept.contains(key) {
                    removed += goal_table.delete(from, key)?;
                }
            }
        }
        Ok(removed)
    }
}
