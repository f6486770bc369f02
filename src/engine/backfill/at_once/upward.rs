//! Where children are stored before their parents: block by block, from the last one to the first.
//!
//! A block is read from its last row to its first, so that each row comes behind its parent. Then it is written as it is
//! stored, while SQLite still has its pages. Written from the end as well, rows that grow would leave a quarter more pages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rusqlite::Connection;
use rusqlite::functions::Context;
use rusqlite::types::ValueRef;

use super::taker::{Answer, Passed, Taken, Taker};
use crate::backfill::BackfillSpec;
use crate::base::error::Result;
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::engine::backfill::answers::appeared;
use crate::engine::backfill::functions::{Functions, Keeper, stop};
use crate::engine::backfill::scan;
use crate::engine::backfill::scan::{BLOCK, Rowids};
use crate::engine::backfill::target::Target;
use crate::engine::backfill::trouble::sql_error;

/// The SQL function that takes a row (rowid, id, parent, root) and is never true; that says of a row that was taken (rowid,
/// NULL) whether its root is to be written; and that gives the root of such a row (rowid).
const UPWARD: &str = "planctl_backfill_upward";

/// Bytes of a block: of its cache of 2 MB, SQLite keeps a tenth for pages that nothing was written to.
const BYTES: u64 = 1 << 17;

/// The pass from the last row on, up to the first one that does not come before its parent.
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
    let state = Arc::new(State::default());
    let (keeper, left) = Keeper::new(Upward {
        taker: Taker::new(target, spec, rows as usize, job),
        state: Arc::clone(&state),
        block: Vec::new(),
        at: 0,
    });
    let mut functions = Functions::new(conn);
    functions.add(UPWARD, -1, move |context| {
        keeper.with(|upward| upward.answer(context)).unwrap_or(Ok(Answer::No))
    })?;
    let within = format!("{rowid} BETWEEN ?1 AND ?2");
    let read = format!(
        "SELECT NULL FROM {table} NOT INDEXED
         WHERE {UPWARD}({rowid}, {id}, {parent}, {root}) AND {within} ORDER BY {rowid} DESC"
    );
    let fill = format!("UPDATE {table} NOT INDEXED SET {root} = {UPWARD}({rowid}) WHERE {within}");
    let ask = format!("{fill} AND {UPWARD}({rowid}, NULL)");
    let in_block = BYTES / (rowids.bytes / rows.max(1)).max(1);
    let blocks = rowids.blocks(in_block.clamp(1 << 6, BLOCK as u64) as usize);
    let what = format!("writing {name}");
    let run = || -> rusqlite::Result<usize> {
        let (mut read, mut fill, mut ask) = (conn.prepare(&read)?, conn.prepare(&fill)?, conn.prepare(&ask)?);
        let mut written = 0;
        let mut untold = 0;
        for (first, last) in blocks.rev() {
            let done = rowids.last.abs_diff(last);
            if done >= untold {
                job.tell(Event::Progress { what: &what, done, total: Some(rows) });
                untold = done + BLOCK as u64;
            }
            state.begin();
            read.query((first, last))?.next()?;
            let due = state.due.load(Ordering::Relaxed);
            let given_up = state.given_up.load(Ordering::Relaxed);
            // What comes behind the row that broke the order is written all the same.
            if due == state.rows.load(Ordering::Relaxed) && !given_up {
                written += fill.execute((first, last))?;
            } else if due > 0 {
                written += ask.execute((first, last))?;
            }
            if given_up {
                break;
            }
        }
        Ok(written)
    };
    let ran = run();
    functions.remove()?;
    let Some(Upward { mut taker, .. }) = left.take() else { return Err(scan::kept(target)) };
    let failed = |e| sql_error(e, &format!("{name} cannot be filled"));
    let written = ran.map_err(|error| taker.failure.take().unwrap_or_else(|| failed(error)))?;
    taker.tally.is_written(name, written)?;
    let is_whole = !state.given_up.load(Ordering::Relaxed);
    if is_whole {
        job.tell(Event::Progress { what: &what, done: rows, total: Some(rows) });
    }
    Ok(taker.passed(is_whole))
}

/// What the block that was read last comes to, and whether a row of it did not come before its parent.
#[derive(Default)]
struct State {
    rows: AtomicUsize,
    due: AtomicUsize,
    given_up: AtomicBool,
}

impl State {
    fn begin(&self) {
        self.rows.store(0, Ordering::Relaxed);
        self.due.store(0, Ordering::Relaxed);
    }
}

/// The pass while SQLite asks.
struct Upward {
    taker: Taker,
    state: Arc<State>,
    /// The rows of the block that was read last, from its last one on, with the number of the root where that is due.
    block: Vec<(i64, Option<u32>)>,
    /// Which of them was asked about last.
    at: usize,
}

impl Upward {
    #[inline]
    fn answer(&mut self, context: &Context<'_>) -> rusqlite::Result<Answer> {
        let rowid = context.get_raw(0);
        match context.len() {
            1 => match self.due(rowid) {
                Some(top) => Ok(self.taker.root(top)),
                None => Err(appeared("row", rowid)),
            },
            2 => Ok(if self.due(rowid).is_some() { Answer::Yes } else { Answer::No }),
            _ => {
                let row = (context.get_raw(1), context.get_raw(2), context.get_raw(3));
                self.take(rowid, row).map(|()| Answer::No)
            }
        }
        .map_err(|error| stop(error, &mut self.taker.failure))
    }

    #[inline]
    fn take(
        &mut self,
        rowid: ValueRef<'_>,
        (id, parent, stored): (ValueRef<'_>, ValueRef<'_>, ValueRef<'_>),
    ) -> Result<()> {
        if self.state.given_up.load(Ordering::Relaxed) {
            return Ok(());
        }
        let rows = self.state.rows.load(Ordering::Relaxed);
        if rows == 0 {
            self.block.clear();
        }
        let (ValueRef::Integer(rowid), taken) = (rowid, self.taker.take(id, parent, stored)?) else {
            return Err(appeared("row", rowid));
        };
        let due = match taken {
            Taken::Ahead => {
                self.state.given_up.store(true, Ordering::Relaxed);
                return Ok(());
            }
            Taken::Stays => None,
            Taken::Due(top) => {
                self.taker.note_before();
                self.state.due.store(self.state.due.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                Some(top)
            }
        };
        self.block.push((rowid, due));
        self.at = self.block.len();
        self.state.rows.store(rows + 1, Ordering::Relaxed);
        Ok(())
    }

    /// The number of the root of a row that is due. Rows are asked about as they are stored, some of them twice.
    #[inline]
    fn due(&mut self, rowid: ValueRef<'_>) -> Option<u32> {
        let ValueRef::Integer(rowid) = rowid else { return None };
        let is_at = |at: usize| self.block.get(at).is_some_and(|(here, _)| *here == rowid);
        let next = self.at.wrapping_sub(1);
        if is_at(next) {
            self.at = next;
        } else if !is_at(self.at) {
            self.at = self.block.binary_search_by(|(here, _)| rowid.cmp(here)).ok()?;
        }
        self.block.get(self.at)?.1
    }
}
