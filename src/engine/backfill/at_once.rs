//! Reading and writing in one pass, for as long as each row comes behind its parent: then a row's root is known when the
//! row comes. That is how most tables grow.
//!
//! The first row that comes otherwise ends the pass. What is written by then is right, whatever comes behind it, and the
//! pass in two steps, which takes any order, begins anew and finds these rows done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use rusqlite::functions::Context;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use super::answers::{Stored, Tally};
use super::functions::{Functions, Keeper, stop};
use super::keys::Numbered;
use super::keys::line::Line;
use super::keys::packed::Spelled;
use super::scan;
use super::scan::BLOCK;
use super::target::Target;
use super::trouble::sql_error;
use super::value::{Rule, to_id};
use crate::backfill::{BackfillSpec, Id, LISTED, MAX_ROWS};
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
    let (Some(rowid), Some(rowids)) = (target.rowid, scan::dense_rowids(conn, target).map_err(read)?) else {
        return Ok(AtOnce::default());
    };
    let rows = scan::span(&rowids);
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
    /// A root that needs no place of its own.
    Root(Spelled<'static>),
    /// A text that is short enough to be copied without one, as a UUID is.
    Short([u8; SHORT], usize),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

/// Bytes of a short text.
const SHORT: usize = 48;

impl Answer {
    #[inline]
    fn root(key: Spelled<'_>) -> Answer {
        Answer::Root(match key {
            Spelled::Ulid(text) => Spelled::Ulid(text),
            Spelled::Value(ValueRef::Null) => Spelled::Value(ValueRef::Null),
            Spelled::Value(ValueRef::Integer(value)) => Spelled::Value(ValueRef::Integer(value)),
            Spelled::Value(ValueRef::Real(value)) => Spelled::Value(ValueRef::Real(value)),
            Spelled::Value(ValueRef::Blob(bytes)) => return Answer::Blob(bytes.to_vec()),
            Spelled::Value(ValueRef::Text(text)) if text.len() > SHORT => return Answer::Text(text.to_vec()),
            Spelled::Value(ValueRef::Text(text)) => {
                let mut short = [0; SHORT];
                short[..text.len()].copy_from_slice(text);
                return Answer::Short(short, text.len());
            }
        })
    }
}

impl ToSql for Answer {
    #[inline]
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Answer::Yes => ValueRef::Integer(1),
            Answer::No => ValueRef::Integer(0),
            Answer::Root(key) => key.value(),
            Answer::Short(text, len) => ValueRef::Text(&text[..*len]),
            Answer::Text(text) => ValueRef::Text(text),
            Answer::Blob(bytes) => ValueRef::Blob(bytes),
        }))
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
    /// The number of the root of the row that was found to be due last, and whether SQLite has still to ask for it.
    root: u32,
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
            root: 0,
            is_awaited: false,
            failure: None,
        }
    }

    #[inline]
    fn answer(&mut self, context: &Context<'_>) -> rusqlite::Result<Answer> {
        if context.is_empty() {
            self.is_awaited = false;
            return Ok(self.line.key(self.root).map_or(Answer::No, Answer::root));
        }
        let due = self.take(context.get_raw(0), context.get_raw(1), context.get_raw(2));
        due.map(|due| if due { Answer::Yes } else { Answer::No })
            .map_err(|error| stop(error, &mut self.failure))
    }

    /// Takes the next row; whether its root is to be written.
    #[inline]
    fn take(&mut self, id: ValueRef<'_>, parent: ValueRef<'_>, stored: ValueRef<'_>) -> Result<bool> {
        if self.given_up.load(Ordering::Relaxed) {
            return Ok(false);
        }
        Job::stopped_by(&self.interrupt).check()?;
        // Where what is written could move rows, SQLite asks about all of them before it writes the first.
        let followed = if self.is_awaited { None } else { self.line.follow(id, parent)? };
        let Some(top) = followed else {
            self.given_up.store(true, Ordering::Relaxed);
            return Ok(false);
        };
        let is_truth = || self.line.key(top).is_some_and(|root| self.root_rule.same(root.value(), stored));
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
        (self.root, self.is_awaited) = (top, true);
        Ok(true)
    }
}
