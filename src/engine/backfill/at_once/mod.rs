//! Reading and writing in one pass, for as long as each row comes behind its parent: then a row's root is known when the
//! row comes. That is how most tables grow. Where children are stored before their parents, the pass goes from the last
//! block of rows to the first ([`upward`]).
//!
//! The first row that comes otherwise ends the pass. What is written by then is right, whatever comes behind it, and the
//! pass in two steps, which takes any order, begins anew and finds these rows done.

mod downward;
mod taker;
mod upward;

use rusqlite::Connection;

use super::answers::Tally;
use super::keys::Numbered;
use super::scan::{BLOCK, Rowids};
use super::target::Target;
use super::trouble::sql_error;
use super::value::is_empty;
use crate::backfill::{BackfillSpec, Id, MAX_ROWS};
use crate::base::error::Result;
use crate::base::job::Job;

/// What the passes came to.
#[derive(Default)]
pub(crate) struct AtOnce {
    pub(crate) tally: Tally,
    /// The ids of the first rows that were written from the first one on.
    pub(crate) written: Vec<Id>,
    /// The ids of the first rows that were written from the last one on: they stand behind all others.
    pub(crate) written_behind: Vec<Id>,
    /// All rows, if each of them had its turn.
    pub(crate) read: Option<Numbered>,
}

/// Writes what is due in one pass, as far as that goes. Not tried where a trigger, a foreign key or what is written may
/// change what was read, and without rowids that divide the rows into blocks.
///
/// # Errors
/// What SQLite refuses, and `Interrupted`; rows may have been written then.
pub(crate) fn fill(conn: &Connection, target: &Target, spec: &BackfillSpec, job: Job<'_>) -> Result<AtOnce> {
    let read = |e| sql_error(e, &format!("{} cannot be read", target.name));
    let mut all = AtOnce::default();
    let is_left_alone = !(target.has_triggers || target.watch_foreign_keys || target.root_is_unique);
    if target.of_application || !is_left_alone {
        return Ok(all);
    }
    let (Some(rowid), Some(rowids)) = (target.rowid, Rowids::dense(conn, target).map_err(read)?) else {
        return Ok(all);
    };
    if rowids.span() > MAX_ROWS as u64 {
        return Ok(all);
    }
    let [first, last] = ends_are_roots(conn, target, rowid, &rowids).map_err(read)?;
    // The row that comes first stands behind no other.
    if first {
        let done = downward::pass(conn, target, spec, rowid, &rowids, job)?;
        all = AtOnce { tally: done.tally, written: done.written, read: done.read, ..all };
        // To begin again is worth it only at the beginning.
        if all.read.is_some() || done.rows > BLOCK {
            return Ok(all);
        }
    }
    if last {
        let done = upward::pass(conn, target, spec, rowid, &rowids, job)?;
        all.tally = all.tally.then(done.tally);
        (all.written_behind, all.read) = (done.written, done.read);
    }
    Ok(all)
}

/// Whether the first row, and the last one, have no parent.
fn ends_are_roots(
    conn: &Connection,
    target: &Target,
    rowid: &str,
    rowids: &Rowids,
) -> rusqlite::Result<[bool; 2]> {
    let Target { table, parent, .. } = target;
    let sql = format!("SELECT {parent} FROM {table} WHERE {rowid} = ?1");
    let mut statement = conn.prepare(&sql)?;
    let mut is_root = |at| match statement.query_row([at], |row| Ok(is_empty(row.get_ref(0)?))) {
        // There is nothing to do then, which is done at once.
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(true),
        other => other,
    };
    Ok([is_root(rowids.first)?, is_root(rowids.last)?])
}
