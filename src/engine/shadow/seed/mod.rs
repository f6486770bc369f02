//! Generated rows that satisfy a schema: an empty table accepts what production refuses.
//!
//! Tables are filled parents first. Each column has a pool of kinds of value that its type, its name and its constraints
//! suggest ([`pool`]); what one CHECK says of one column is asked of SQLite before any row is made. Everything else
//! (UNIQUE, checks over several columns, triggers) is left to the INSERT: what it refuses is tried again with other
//! values, and a table that refuses all tries is reported with the last reason.
//!
//! Where rows are to fit a second schema as well, that one is asked about each row before it is kept ([`common`], [`goal_tables`]).

mod common;
mod goal_tables;
mod make;
mod outcome;
mod pattern;
mod pool;
mod references;
mod table;

/// Whether a table is an application's, and can be written row by row.
pub(crate) fn is_seedable(table: &Table) -> bool {
    !table.is_virtual() && !is_own_table(&table.name)
}

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use self::goal_tables::GoalTables;
use self::outcome::{Filled, Stop, count};
use crate::base::job::Job;
use crate::engine::connection::connect;
use crate::engine::contract::scratch::{SeedOptions, SeededTable};
use crate::schema::{Ident, Schema, Table};
use crate::sql::is_own_table;

pub(crate) use self::common::{Goal, with_triggers_off, without_triggers};

/// Fills every ordinary table. Foreign keys must be off; afterwards there are no more violations than before. With a
/// `goal`, its schema takes the rows as well; no trigger fires then.
pub(crate) fn seed(
    conn: &Connection,
    schema: &Schema,
    options: &SeedOptions<'_>,
    goal: Option<&Goal<'_>>,
    job: Job<'_>,
) -> rusqlite::Result<Vec<SeededTable>> {
    let Some(goal) = goal else { return fill_tables(conn, schema, options, None, job) };
    with_triggers_off(conn, || {
        without_triggers(goal.conn)?;
        fill_tables(conn, schema, options, Some(goal), job)
    })
}

fn fill_tables(
    conn: &Connection,
    schema: &Schema,
    options: &SeedOptions<'_>,
    goal: Option<&Goal<'_>>,
    job: Job<'_>,
) -> rusqlite::Result<Vec<SeededTable>> {
    let schema = goal.map_or(Cow::Borrowed(schema), |goal| Cow::Owned(common::merged(schema, goal)));
    let schema = schema.as_ref();
    let binding = goal.filter(|goal| goal.binding);
    let mut goal_tables = binding.map(|goal| GoalTables::new(conn, schema, goal)).transpose()?;
    let order = parents_first(schema);
    let donor = goal.and_then(|goal| goal.donor);
    let lent = donor.map(|donor| donor.rows(schema, &order)).unwrap_or_default();
    let mut filled: Vec<Filled<'_>> = Vec::new();
    let mut earlier: BTreeSet<&Ident> = BTreeSet::new();
    for table in &order {
        connect::check(job)?;
        let goal_table = goal_tables.as_mut().and_then(|goal_tables| goal_tables.table(&table.name));
        let awkward = goal.is_some_and(|goal| goal.awkward);
        let lent = lent.get(&table.name).map_or(&[][..], Vec::as_slice);
        let terms = table::FillTerms { earlier: &earlier, options, goal_table, goal, lent, job };
        let done = table::fill(conn, schema, table, terms)?;
        // A row that is lent may be the one that others are lent for.
        if awkward && done.was_empty && lent.is_empty() {
            common::thin_out(conn, table)?;
        }
        filled.push(done);
        earlier.insert(&table.name);
    }
    for done in &filled {
        references::close(conn, schema, done)?;
    }
    references::remove_violations(conn, &filled)?;
    if let Some(goal_tables) = &mut goal_tables {
        // A row that goes may have been another one's parent.
        while goal_tables.review(conn)? + references::remove_violations(conn, &filled)? > 0 {
            connect::check(job)?;
        }
    }
    let reasons: BTreeMap<&Ident, &Stop> =
        filled.iter().filter_map(|done| Some((&done.table.name, done.stopped_by.as_ref()?))).collect();

    let mut seeded = Vec::with_capacity(schema.tables.len());
    for (name, table) in &schema.tables {
        if is_own_table(name) {
            continue;
        }
        if !is_seedable(table) {
            let not_seeded = Some("it is a virtual table".to_owned());
            seeded.push(SeededTable { table: name.clone(), rows: 0, not_seeded, goal_refuses: None });
            continue;
        }
        let rows = count(conn, name)?;
        let stop = reasons.get(name).filter(|_| rows == 0);
        let not_seeded = (rows == 0).then(|| {
            stop.map_or("its rows refer to rows that could not be made", |stop| &stop.reason).to_owned()
        });
        let goal_refuses = stop.and_then(|stop| stop.by_goal.clone());
        seeded.push(SeededTable { table: name.clone(), rows, not_seeded, goal_refuses });
    }
    Ok(seeded)
}

/// Tables in an order in which a row's parents come before it; where tables refer to each other in a circle, those that
/// can do without come first.
fn parents_first(schema: &Schema) -> Vec<&Table> {
    let mut left: Vec<&Table> = schema.tables.values().filter(|table| is_seedable(table)).collect();
    let mut open: BTreeSet<&Ident> = left.iter().map(|table| &table.name).collect();
    let mut order: Vec<&Table> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |table: &Table, must: bool| {
            table.foreign_keys.iter().any(|key| {
                let needed = || {
                    let mut columns = key.columns.iter().map(|name| table.column(name));
                    columns.all(|column| column.is_none_or(|column| !pool::is_nullable(table, column)))
                };
                key.parent != table.name && open.contains(&key.parent) && (!must || needed())
            })
        };
        let next = left
            .iter()
            .position(|table| !waits(table, false))
            .or_else(|| left.iter().position(|table| !waits(table, true)))
            .unwrap_or(0);
        let table = left.remove(next);
        open.remove(&table.name);
        order.push(table);
    }
    order
}
