//! Reading and writing in one pass, for as long as the rows come in the order of their keys, each behind its parent: then
//! a row's root is known when the row comes. That is how most tables grow, with integers, ULIDs and the like.
//!
//! The first row that comes otherwise ends the pass. What is written by then is right, whatever comes behind it, and the
//! pass in two steps, which takes any order, begins anew and finds these rows done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use rusqlite::functions::Context;
use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};

use super::answers::{Stored, Tally};
use super::functions::{Functions, Keeper};
use super::keys::{Keys, Numbered};
use super::packed::{Packed, Spelled};
use super::scan;
use super::scan::BLOCK;
use super::target::Target;
use super::trouble::sql_error;
use super::value::{Rule, is_empty, to_id};
use crate::backfill::{BackfillSpec, Id, LISTED, MAX_ROWS, ROOT};
use crate::base::error::{Error, Result};
use crate::base::job::Job;
use crate::base::progress::{Event, Interrupt};

/// What the pass came to.
#[derive(Default)]
pub(crate) struct AtOnce {
    pub(crate) tally: Tally,
    /// The ids of the first rows that were written.
    pub(crate) written: Vec<Id>,
    /// All rows, if each of them had its turn.
    pub(crate) read: Option<Numbered>,
}

/// The SQL function that takes a row's id, parent and root and says whether the root is to be written, and that without
/// arguments gives the root of that row.
const PASS: &str = "planctl_backfill_pass";

/// Writes what is due in one pass, as far as that goes. Not tried where a trigger or a foreign key may change what was
/// read, and without rowids that divide the rows into blocks.
///
/// # Errors
/// What SQLite refuses, and `Interrupted`; rows may have been written then.
pub(crate) fn fill(conn: &Connection, target: &Target, spec: &BackfillSpec, job: Job<'_>) -> Result<AtOnce> {
    let Target { name, table, id, parent, root, .. } = target;
    let read = |e| sql_error(e, &format!("{name} cannot be read"));
    if target.has_triggers || target.watch_foreign_keys || target.of_application {
        return Ok(AtOnce::default());
    }
    let (Some(rowid), Some(Some(rowids))) = (target.rowid, scan::dense_rowids(conn, target).map_err(read)?)
    else {
        return Ok(AtOnce::default());
    };
    let rows = rowids.end().abs_diff(*rowids.start()).saturating_add(1);
    if rows > MAX_ROWS as u64 {
        return Ok(AtOnce::default());
    }
    let given_up = Arc::new(AtomicBool::new(false));
    let (keeper, left) = Keeper::new(Pass::new(target, spec, rows as usize, Arc::clone(&given_up), job));
    let mut functions = Functions::new(conn);
    functions
        .add(PASS, -1, move |context| keeper.with(|pass| pass.answer(context)).unwrap_or(Ok(Answer::No)))?;
    let sql = format!(
        "UPDATE {table} NOT INDEXED SET {root} = {PASS}()
         WHERE {PASS}({id}, {parent}, {root}) AND {rowid} BETWEEN ?1 AND ?2"
    );
    let failed = |e| sql_error(e, &format!("{name} cannot be filled"));
    let what = format!("writing {name}");
    let mut statement = conn.prepare(&sql).map_err(failed)?;
    let mut written = 0;
    let mut ran = Ok(());
    for first in rowids.clone().step_by(BLOCK) {
        let done = first.abs_diff(*rowids.start());
        job.tell(Event::Progress { what: &what, done, total: Some(rows) });
        match statement.execute((first, first.saturating_add(BLOCK as i64 - 1))) {
            Ok(some) => written += some,
            Err(error) => {
                ran = Err(error);
                break;
            }
        }
        if given_up.load(Ordering::Relaxed) {
            break;
        }
    }
    drop(statement);
    functions.remove()?;
    let Some(pass) = left.take() else { return Err(scan::kept(target)) };
    ran.map_err(|error| pass.failure.unwrap_or_else(|| failed(error)))?;
    pass.tally.is_written(name, written)?;
    let is_whole = !given_up.load(Ordering::Relaxed);
    if is_whole {
        job.tell(Event::Progress { what: &what, done: rows, total: Some(rows) });
    }
    let written = pass.written.iter().filter_map(|&row| pass.line.key(row)).map(|key| to_id(key.value()));
    Ok(AtOnce { tally: pass.tally, written: written.collect(), read: is_whole.then(|| pass.line.finish()) })
}

/// What SQLite is answered.
enum Answer {
    Yes,
    No,
    Root(Spelled<'static>),
}

impl ToSql for Answer {
    #[inline]
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Answer::Yes => ToSqlOutput::Owned(Value::Integer(1)),
            Answer::No => ToSqlOutput::Owned(Value::Integer(0)),
            Answer::Root(key) => ToSqlOutput::Borrowed(key.value()),
        })
    }
}

/// The pass while SQLite asks.
struct Pass {
    line: Line,
    /// The rule by which a root is compared with an id.
    root_rule: Rule,
    recompute: bool,
    given_up: Arc<AtomicBool>,
    interrupt: Interrupt,
    tally: Tally,
    /// The first [`LISTED`] rows that are due.
    written: Vec<u32>,
    /// The root of the row that was found to be due last, and whether SQLite has still to ask for it.
    root: Option<Spelled<'static>>,
    is_awaited: bool,
    /// Why a row was not taken: SQLite carries only the text.
    failure: Option<Error>,
}

impl Pass {
    fn new(
        target: &Target,
        spec: &BackfillSpec,
        rows: usize,
        given_up: Arc<AtomicBool>,
        job: Job<'_>,
    ) -> Pass {
        Pass {
            line: Line::new(target.parent_rule, rows),
            root_rule: target.root_rule,
            recompute: spec.recompute,
            given_up,
            interrupt: job.interrupt(),
            tally: Tally::default(),
            written: Vec::new(),
            root: None,
            is_awaited: false,
            failure: None,
        }
    }

    #[inline]
    fn answer(&mut self, context: &Context<'_>) -> rusqlite::Result<Answer> {
        if context.is_empty() {
            self.is_awaited = false;
            return Ok(self.root.map_or(Answer::No, Answer::Root));
        }
        let due = self.take(context.get_raw(0), context.get_raw(1), context.get_raw(2));
        due.map(|due| if due { Answer::Yes } else { Answer::No }).map_err(|error| {
            let text = error.to_string();
            self.failure = Some(error);
            rusqlite::Error::UserFunctionError(text.into())
        })
    }

    /// Takes the next row; whether its root is to be written.
    #[inline]
    fn take(&mut self, id: ValueRef<'_>, parent: ValueRef<'_>, stored: ValueRef<'_>) -> Result<bool> {
        if self.given_up.load(Ordering::Relaxed) {
            return Ok(false);
        }
        Job::stopped_by(&self.interrupt).check()?;
        // Where what is written could move rows, SQLite asks about all of them before it writes the first.
        let followed = if self.is_awaited { None } else { self.line.follow(id, parent) };
        let Some(top) = followed else {
            self.given_up.store(true, Ordering::Relaxed);
            return Ok(false);
        };
        let root = self.line.key(top);
        let is_truth = || root.is_some_and(|root| self.root_rule.same(root.value(), stored));
        match Stored::of(stored, is_truth) {
            Stored::Right => return Ok(false),
            Stored::Empty => self.tally.filled += 1,
            Stored::Wrong => {
                self.tally.wrong += 1;
                if !self.recompute {
                    return Ok(false);
                }
                self.tally.corrected += 1;
            }
        }
        if self.written.len() < LISTED {
            self.written.push(self.line.last());
        }
        (self.root, self.is_awaited) = (root, true);
        Ok(true)
    }
}

/// The rows so far, in the order of their keys, each behind its parent.
struct Line {
    rule: Rule,
    keys: OrderedKeys,
    /// As [`crate::backfill::Forest::resolve`] wants them.
    parents: Vec<u32>,
    /// The root of each row.
    tops: Vec<u32>,
    search: Search,
}

enum OrderedKeys {
    /// The first row decides; there will be so many.
    Unknown(usize),
    Integers(Vec<i64>),
    Ulids(Vec<u128>),
}

impl Line {
    fn new(rule: Rule, rows: usize) -> Line {
        Line {
            rule,
            keys: OrderedKeys::Unknown(rows),
            parents: Vec::with_capacity(rows),
            tops: Vec::with_capacity(rows),
            search: Search::default(),
        }
    }

    /// Adds a row and gives the number of its root; `None` when it does not follow, and was not added.
    #[inline]
    fn follow(&mut self, id: ValueRef<'_>, parent: ValueRef<'_>) -> Option<u32> {
        if let OrderedKeys::Unknown(rows) = self.keys {
            self.keys = match id {
                ValueRef::Integer(_) => OrderedKeys::Integers(Vec::with_capacity(rows)),
                _ => OrderedKeys::Ulids(Vec::with_capacity(rows)),
            };
        }
        let up = match &mut self.keys {
            OrderedKeys::Integers(keys) => place(keys, &mut self.search, id, parent, self.rule),
            OrderedKeys::Ulids(keys) => place(keys, &mut self.search, id, parent, self.rule),
            OrderedKeys::Unknown(_) => None,
        }?;
        let row = self.tops.len() as u32;
        let top = if up == ROOT { row } else { self.tops[up as usize] };
        self.parents.push(up);
        self.tops.push(top);
        Some(top)
    }

    /// The number of the row that was added last.
    fn last(&self) -> u32 {
        (self.tops.len() as u32).saturating_sub(1)
    }

    #[inline]
    fn key(&self, row: u32) -> Option<Spelled<'static>> {
        match &self.keys {
            OrderedKeys::Integers(keys) => keys.get(row as usize).map(|key| key.spelled()),
            OrderedKeys::Ulids(keys) => keys.get(row as usize).map(|key| key.spelled()),
            OrderedKeys::Unknown(_) => None,
        }
    }

    fn finish(self) -> Numbered {
        let keys = match self.keys {
            OrderedKeys::Integers(keys) => Keys::of_integers(keys, self.rule),
            OrderedKeys::Ulids(keys) => Keys::of_ulids(keys, self.rule),
            OrderedKeys::Unknown(_) => Keys::of_integers(Vec::new(), self.rule),
        };
        Numbered { keys, parents: self.parents, duplicates: Vec::new() }
    }
}

/// Adds a key behind the last one, and gives the number of its parent, or [`ROOT`]; `None` when it does not follow.
#[inline]
fn place<K: Packed + Ord>(
    keys: &mut Vec<K>,
    search: &mut Search,
    id: ValueRef<'_>,
    parent: ValueRef<'_>,
    rule: Rule,
) -> Option<u32> {
    let id = K::pack(id, rule).filter(|id| keys.last().is_none_or(|last| last < id))?;
    let up = match is_empty(parent) {
        true => ROOT,
        false => search.find(keys, &K::pack_equal(parent, rule)?)? as u32,
    };
    keys.push(id);
    Some(up)
}

/// Looks for keys near the one that was found last: siblings stand together, and so do their parents.
#[derive(Default)]
struct Search {
    near: usize,
    /// How many keys were far from the one before.
    far: usize,
}

impl Search {
    /// Rows between two keys that are far from each other.
    const FAR: usize = 1 << 12;

    /// Where `key` stands in `keys`. `None` as well when keys are far from each other so often that a hash table would
    /// find them sooner.
    #[inline]
    fn find<K: Ord>(&mut self, keys: &[K], key: &K) -> Option<usize> {
        let at = near(keys, self.near, key)?;
        self.far += usize::from(at.abs_diff(self.near) > Self::FAR);
        self.near = at;
        (self.far <= Self::FAR + keys.len() / 8).then_some(at)
    }
}

/// Where `key` stands in `keys`, looked for in growing steps away from `from`.
#[inline]
fn near<K: Ord>(keys: &[K], from: usize, key: &K) -> Option<usize> {
    let from = from.min(keys.len().checked_sub(1)?);
    let mut step = 1;
    let within = match keys[from].cmp(key) {
        std::cmp::Ordering::Equal => return Some(from),
        std::cmp::Ordering::Less => {
            while keys.get(from + step).is_some_and(|other| other < key) {
                step *= 2;
            }
            from + step / 2 + 1..keys.len().min(from + step + 1)
        }
        std::cmp::Ordering::Greater => {
            while from.checked_sub(step).is_some_and(|at| keys[at] > *key) {
                step *= 2;
            }
            from.saturating_sub(step)..from - step / 2
        }
    };
    let at = keys.get(within.clone())?.binary_search(key).ok()?;
    Some(within.start + at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A key is found from wherever the search begins, and one that is not there is not found.
        #[test]
        fn a_key_is_found_from_anywhere(keys in prop::collection::btree_set(0_i64..200, 0..80), from in 0_usize..90) {
            let keys: Vec<i64> = keys.into_iter().collect();
            for key in -1..201 {
                prop_assert_eq!(near(&keys, from, &key), keys.binary_search(&key).ok());
            }
        }
    }
}
