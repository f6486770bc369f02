//! From the first block of rows to the last, each read and written by one statement.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use rusqlite::functions::Context;
use rusqlite::types::ValueRef;

use super::taker::{Answer, Passed, Taken, Taker};
use crate::backfill::BackfillSpec;
use crate::base::error::Result;
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::engine::backfill::functions::{Functions, Keeper, stop};
use crate::engine::backfill::scan;
use crate::engine::backfill::scan::{BLOCK, Rowids};
use crate::engine::backfill::target::Target;
use crate::engine::backfill::trouble::sql_error;

/// The SQL function that takes a row's id, parent and root and says whether the root is to be written, and that without
/// arguments gives the root of that row.
const PASS: &str = "planctl_backfill_pass";

/// The pass from the first row on, up to the first one that does not come behind its parent.
pub(super) fn pass(
    conn: &Connection,
    target: &Target,
    spec: &BackfillSpec,
    rowid: &str,
    rowids: &Rowids,
    job: Job<'_>,
) -> Result<Passed> {
    let Target { name, table, id, parent, root, .. } = target;
    let rows = rowids.span();
    let given_up = Arc::new(AtomicBool::new(false));
    let (keeper, left) = Keeper::new(Pass {
        taker: Taker::new(target, spec, rows as usize, job),
        given_up: Arc::clone(&given_up),
        root: 0,
        is_awaited: false,
    });
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
    for (first, last) in rowids.blocks(BLOCK) {
        job.tell(Event::Progress { what: &what, done: first.abs_diff(rowids.first), total: Some(rows) });
        match statement.execute((first, last)) {
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
    let Some(Pass { mut taker, .. }) = left.take() else { return Err(scan::kept(target)) };
    ran.map_err(|error| taker.failure.take().unwrap_or_else(|| failed(error)))?;
    taker.tally.is_written(name, written)?;
    let is_whole = !given_up.load(Ordering::Relaxed);
    if is_whole {
        job.tell(Event::Progress { what: &what, done: rows, total: Some(rows) });
    }
    Ok(taker.passed(is_whole))
}

/// The pass while SQLite asks.
struct Pass {
    taker: Taker,
    given_up: Arc<AtomicBool>,
    /// The number of the root of the row that was found to be due last, and whether SQLite has still to ask for it.
    root: u32,
    is_awaited: bool,
}

impl Pass {
    #[inline]
    fn answer(&mut self, context: &Context<'_>) -> rusqlite::Result<Answer> {
        if context.is_empty() {
            self.is_awaited = false;
            return Ok(self.taker.root(self.root));
        }
        let due = self.take(context.get_raw(0), context.get_raw(1), context.get_raw(2));
        due.map(|due| if due { Answer::Yes } else { Answer::No })
            .map_err(|error| stop(error, &mut self.taker.failure))
    }

    /// Takes the next row; whether its root is to be written.
    #[inline]
    fn take(&mut self, id: ValueRef<'_>, parent: ValueRef<'_>, stored: ValueRef<'_>) -> Result<bool> {
        if self.given_up.load(Ordering::Relaxed) {
            return Ok(false);
        }
        // SQLite may also ask about all rows before it writes the first.
        let taken = if self.is_awaited { Taken::Ahead } else { self.taker.take(id, parent, stored)? };
        match taken {
            Taken::Ahead => {
                self.given_up.store(true, Ordering::Relaxed);
                Ok(false)
            }
            Taken::Stays => Ok(false),
            Taken::Due(top) => {
                self.taker.note_first();
                (self.root, self.is_awaited) = (top, true);
                Ok(true)
            }
        }
    }
}
