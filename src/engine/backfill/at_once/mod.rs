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
use super::keys::line::Line;
use super::scan::{BLOCK, Rowids};
use super::target::Target;
use super::trouble::sql_error;
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
    if begins_in_order(conn, target, rowid, "ASC")? {
        let done = downward::pass(conn, target, spec, rowid, &rowids, job)?;
        all = AtOnce { tally: done.tally, written: done.written, read: done.read, ..all };
        // To begin again is worth it only at the beginning.
        if all.read.is_some() || done.rows > BLOCK {
            return Ok(all);
        }
    }
    if begins_in_order(conn, target, rowid, "DESC")? {
        let done = upward::pass(conn, target, spec, rowid, &rowids, job)?;
        all.tally = all.tally.then(done.tally);
        (all.written_behind, all.read) = (done.written, done.read);
    }
    Ok(all)
}

/// Whether the first rows from one end of the table on come each behind its parent. A pass that gives up later has read a
/// block in vain, and leaves a block of which not all rows are due.
fn begins_in_order(conn: &Connection, target: &Target, rowid: &str, direction: &str) -> Result<bool> {
    /// Rows that come in another order are found out by the second or third one.
    const ROWS: usize = 16;
    let Target { name, table, id, parent, .. } = target;
    let failed = |e| sql_error(e, &format!("{name} cannot be read"));
    let sql =
        format!("SELECT {id}, {parent} FROM {table} NOT INDEXED ORDER BY {rowid} {direction} LIMIT {ROWS}");
    let mut line = Line::new(target.parent_rule, ROWS);
    let mut statement = conn.prepare(&sql).map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        if line.follow(row.get_ref(0).map_err(failed)?, row.get_ref(1).map_err(failed)?)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}
