//! The rows of one table.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value;
use rusqlite::{Connection, Statement, params_from_iter};

use super::common::Goal;
use super::goal_tables::GoalTable;
use super::make::Make;
use super::outcome::{Filled, Stop, count};
use super::pool::{Pools, sqlite_value, unique_columns};
use super::references::{Parents, soft_references, trees};
use crate::base::job::Job;
use crate::engine::connection::connect;
use crate::engine::connection::stubs;
use crate::engine::contract::scratch::{SeedOptions, TableRows};
use crate::engine::diagnosis::errors;
use crate::engine::shadow::donor::Lent;
use crate::migrations::testing;
use crate::sample::Random;
use crate::schema::{Ident, Schema, Table};
use crate::sql::quote;

/// Tries until the first row is in, and for each later one.
const FIRST_TRIES: usize = 600;
const LATER_TRIES: usize = 60;

/// What a table is filled by.
pub(crate) struct FillTerms<'t, 'g> {
    /// The tables that are filled already.
    pub(crate) earlier: &'t BTreeSet<&'t Ident>,
    pub(crate) options: &'t SeedOptions<'t>,
    /// Who else has to take each row.
    pub(crate) goal_table: Option<&'t mut GoalTable<'g>>,
    /// The schema that the rows are to lead to.
    pub(crate) goal: Option<&'t Goal<'g>>,
    /// Rows of a real database, to begin with.
    pub(crate) lent: &'t [Lent],
    pub(crate) job: Job<'t>,
}

/// Fills a table.
pub(crate) fn fill<'s>(
    conn: &Connection,
    schema: &'s Schema,
    table: &'s Table,
    terms: FillTerms<'_, '_>,
) -> rusqlite::Result<Filled<'s>> {
    let FillTerms { earlier, options, goal_table, goal, lent, job } = terms;
    let was_empty = count(conn, &table.name)? == 0;
    let mut filled = Filled { table, open: Vec::new(), stopped_by: None, was_empty };
    if let Some(why) = &table.unread {
        let reason = format!("its definition could not be read: {why}");
        filled.stopped_by = Some(Stop { reason, by_goal: None });
        return Ok(filled);
    }
    let is_later = |parent: &Ident| {
        *parent != table.name && !earlier.contains(parent) && schema.tables.contains_key(parent)
    };
    filled.open = (0..table.foreign_keys.len())
        .filter(|&at| table.foreign_keys.get(at).is_some_and(|key| is_later(&key.parent)))
        .collect();
    let examples = options.examples.tables.get(&table.name);
    let known = |column: &Ident| known_values(examples, column);
    let wanted = |column: &Ident| goal.map(|goal| goal.wanted(&table.name, column)).unwrap_or_default();
    let pools = Pools::new(conn, table, &unique_columns(table), known, wanted)?;
    let mut soft = examples.map(|examples| soft_references(table, examples)).unwrap_or_default();
    soft.extend(trees(table, options.trees, &soft));
    let mut rows = RowMaker {
        conn,
        table,
        pools,
        parents: Parents::new(schema, table, soft, &filled.open),
        random: Random::new(options.seed, table.name.as_str()),
        goal_table,
        awkward: goal.is_some_and(|goal| goal.awkward),
        job,
    };
    filled.stopped_by = rows.make(options.rows, lent)?;
    Ok(filled)
}

/// The values that a column has in the examples, each once.
fn known_values(examples: Option<&TableRows>, column: &Ident) -> Vec<Value> {
    let Some(examples) = examples else { return Vec::new() };
    let Some(at) = examples.columns.iter().position(|known| known == column) else { return Vec::new() };
    let mut values: Vec<&testing::Value> = examples.rows.values().filter_map(|row| row.get(at)).collect();
    values.sort();
    values.dedup();
    values.into_iter().map(sqlite_value).collect()
}

/// What kind of values a row has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RowStyle {
    /// A value in every column that has one.
    Full,
    /// NULL wherever it may be.
    Sparse,
    /// Now this, now that.
    Mixed,
    /// Values of another storage class than the column declares.
    Odd,
}

struct RowMaker<'a, 'j, 'g> {
    conn: &'a Connection,
    table: &'a Table,
    pools: Pools,
    parents: Parents<'a>,
    random: Random,
    goal_table: Option<&'j mut GoalTable<'g>>,
    /// Whether values of another storage class than the declared are among them.
    awkward: bool,
    job: Job<'a>,
}

impl<'a> RowMaker<'a, '_, '_> {
    /// Takes the rows that are lent and makes up to `wanted` more; says why there is none.
    fn make(&mut self, wanted: usize, lent: &[Lent]) -> rusqlite::Result<Option<Stop>> {
        let own = |reason: &str| Ok(Some(Stop { reason: reason.to_owned(), by_goal: None }));
        let columns: Vec<&Ident> = self
            .table
            .columns
            .iter()
            .filter(|column| column.generated.is_none())
            .map(|column| &column.name)
            .collect();
        if columns.is_empty() {
            return own("it has no column that can be written");
        }
        let names: Vec<String> = columns.iter().map(|name| quote(name.as_str())).collect();
        let holders = vec!["?"; names.len()].join(", ");
        let table = quote(self.table.name.as_str());
        // A row that replaces another one would have to be taken back in the goal.
        let verb = if self.goal_table.is_some() { "INSERT OR ABORT" } else { "INSERT" };
        let sql = format!("{verb} INTO main.{table}({}) VALUES({holders})", names.join(", "));
        // What only the application has, functions and collations, is not what is tested here.
        let mut insert = match stubs::providing(self.conn, |conn| conn.prepare(&sql)) {
            Ok(insert) => insert,
            Err(error) => return own(&errors::message(&error)),
        };
        for (n, values) in lent.iter().enumerate() {
            // What does not fit is not needed.
            drop(self.attempt(&columns, &mut insert, values, n)?);
        }
        let taken = usize::try_from(count(self.conn, &self.table.name)?).unwrap_or(usize::MAX);
        let (mut made, mut last) = (0, None);
        while made < wanted {
            let tries = if made == 0 { FIRST_TRIES } else { LATER_TRIES };
            match self.row(&columns, &mut insert, taken.saturating_add(made), tries)? {
                None => made += 1,
                Some(stop) => {
                    // That there are fewer is no news; what becomes of those that there are is told later.
                    last = Some(stop).filter(|_| made == 0);
                    break;
                }
            }
        }
        Ok(last)
    }

    /// Adds row `n`; the reason when no try was accepted.
    fn row(
        &mut self,
        columns: &[&Ident],
        insert: &mut Statement<'_>,
        n: usize,
        tries: usize,
    ) -> rusqlite::Result<Option<Stop>> {
        let mut stop = Stop { reason: String::new(), by_goal: None };
        let styles = if self.awkward { 5 } else { 4 };
        for attempt in 0..tries {
            connect::check(self.job)?;
            let style = match (n + attempt) % styles {
                0 => RowStyle::Full,
                1 => RowStyle::Sparse,
                4 => RowStyle::Odd,
                _ => RowStyle::Mixed,
            };
            // Later tries take later numbers: the values that depend on them are others, too.
            let refused = match self.values(n + attempt, style)? {
                Ok(values) => self.attempt(columns, insert, &values, n + attempt)?.err(),
                Err(reason) => Some(Stop { reason, by_goal: None }),
            };
            match refused {
                None => return Ok(None),
                // That the goal takes none of the rows that can be made says more than why one could not be made.
                Some(refused) if refused.by_goal.is_some() || stop.by_goal.is_none() => stop = refused,
                Some(_) => {}
            }
        }
        Ok(Some(stop))
    }

    /// Inserts a row and asks the goal about it; what is refused is not there.
    fn attempt<K: std::borrow::Borrow<Ident> + Ord>(
        &mut self,
        columns: &[&Ident],
        insert: &mut Statement<'_>,
        values: &BTreeMap<K, Value>,
        n: usize,
    ) -> rusqlite::Result<Result<(), Stop>> {
        let given = columns.iter().map(|name| values.get(*name).unwrap_or(&Value::Null));
        if self.goal_table.is_some() {
            self.conn.prepare_cached("SAVEPOINT seed")?.execute([])?;
        }
        let refused = match insert.execute(params_from_iter(given)) {
            // ON CONFLICT IGNORE, or RAISE(IGNORE) in a trigger.
            Ok(0) => {
                let reason = "a conflict clause or a trigger ignores its rows".to_owned();
                Some(Stop { reason, by_goal: None })
            }
            Ok(_) => {
                let goal_table = self.goal_table.as_mut();
                let value = |name: &Ident| values.get(name).cloned().unwrap_or(Value::Null);
                goal_table.map(|goal_table| goal_table.refusal(self.conn, value, n)).transpose()?.flatten()
            }
            Err(error) if errors::is_interrupt(&error) => return Err(error),
            Err(error) => Some(Stop { reason: errors::message(&error), by_goal: None }),
        };
        self.end_try(refused.is_none())?;
        Ok(refused.map_or(Ok(()), Err))
    }

    /// Keeps the row of a try, or takes it back.
    fn end_try(&self, keep: bool) -> rusqlite::Result<()> {
        if self.goal_table.is_none() {
            return Ok(());
        }
        if !keep {
            self.conn.prepare_cached("ROLLBACK TO seed")?.execute([])?;
        }
        self.conn.prepare_cached("RELEASE seed")?.execute([]).map(drop)
    }

    /// The values of one row, or why there are none.
    fn values(
        &mut self,
        n: usize,
        style: RowStyle,
    ) -> rusqlite::Result<Result<BTreeMap<&'a Ident, Value>, String>> {
        let mut row: BTreeMap<&'a Ident, Value> = BTreeMap::new();
        let rowid = self.table.rowid_alias().map(|alias| &alias.name);
        for (place, (column, make)) in self.table.columns.iter().zip(&self.pools.of_column).enumerate() {
            let nullable = make.contains(&Make::Null);
            let as_null = match style {
                RowStyle::Full | RowStyle::Odd => false,
                RowStyle::Sparse => nullable,
                RowStyle::Mixed => nullable && self.random.one_in(3),
            };
            let value = if as_null { Some(Value::Null) } else { value(make, n, &mut self.random) };
            let value = value.unwrap_or(Value::Null);
            let is_odd = style == RowStyle::Odd && rowid != Some(&column.name);
            // Another one in each column, so that a row shows it when two change places.
            row.insert(&column.name, if is_odd { odd(&value, n + 1_000 * place) } else { value });
        }
        if let Err(reason) =
            self.parents.choose(self.conn, &mut row, n, style == RowStyle::Sparse, &mut self.random)?
        {
            return Ok(Err(reason));
        }
        Ok(Ok(row))
    }
}

/// A value of another storage class.
fn odd(value: &Value, n: usize) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Text(_) => Value::Blob(n.to_le_bytes().to_vec()),
        _ => Value::Text(format!("'{n}\"")),
    }
}

/// A value that is not NULL, when the pool has one.
fn value(pool: &[Make], n: usize, random: &mut Random) -> Option<Value> {
    let values: Vec<&Make> = pool.iter().filter(|make| **make != Make::Null).collect();
    // Each kind has its turn, so that none is left out of a few rows.
    let first = (n + random.below(2)) % values.len().max(1);
    let mut turns = values.iter().cycle().skip(first).take(values.len());
    turns.find_map(|make| make.value(n, random))
}
