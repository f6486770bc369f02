//! What the writing statement asks for each row: is it due, and what is its root?

use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use super::functions::{Functions, stop};
use super::keys::Keys;
use super::keys::packed::Spelled;
use super::respelled::Respelled;
use super::trouble::trouble;
use super::value::{Rule, is_empty, to_id};
use crate::backfill::{Ancestry, BackfillSpec, Forest, Id, LISTED, OnOrphan};
use crate::base::error::{Error, Result};
use crate::base::job::Job;
use crate::base::progress::Interrupt;
use crate::base::words::{counted, thousands};

/// The SQL function that gives a row's root.
pub(crate) const ROOT_OF: &str = "planctl_backfill_root";
/// The SQL function that gives a row's root by its rowid where all rows of the block are due, and counts it.
pub(crate) const FILL: &str = "planctl_backfill_fill";
/// The SQL function that says whether a row's root is to be written.
pub(crate) const IS_DUE: &str = "planctl_backfill_due";

/// What was found in the stored roots.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Tally {
    pub(crate) filled: u64,
    pub(crate) corrected: u64,
    pub(crate) wrong: u64,
}

impl Tally {
    /// What the roots were before all, where `later` was found after these had been written: what was corrected is right by
    /// then, and what was left wrong is counted again.
    pub(crate) fn then(self, later: Tally) -> Tally {
        Tally {
            filled: self.filled + later.filled,
            corrected: self.corrected + later.corrected,
            wrong: self.corrected + later.wrong,
        }
    }

    /// Refuses a table of which SQLite has `written` other rows than those that are due.
    pub(crate) fn is_written(self, table: &str, written: usize) -> Result<()> {
        let due = self.filled + self.corrected;
        if written as u64 == due {
            return Ok(());
        }
        let message = format!(
            "{table}: {} of {} were written, a trigger skipped the others",
            thousands(written),
            counted(due, "row")
        );
        Err(trouble(message).help("drop the trigger during the backfill"))
    }
}

/// What a stored root is beside the true one.
pub(crate) enum Stored {
    /// The same, however it is spelled.
    Right,
    /// NULL or `''`.
    Empty,
    Wrong,
}

impl Stored {
    /// Sorts it; `is_truth` is asked only where there is something to compare.
    #[inline]
    pub(crate) fn of(stored: ValueRef<'_>, is_truth: impl FnOnce() -> bool) -> Stored {
        // Nothing is the same as NULL.
        if !matches!(stored, ValueRef::Null) && is_truth() {
            return Stored::Right;
        }
        if is_empty(stored) { Stored::Empty } else { Stored::Wrong }
    }
}

/// The answers, shared with SQLite, which calls for them from the thread that runs the statement. The counters are
/// atomic only because SQL functions have to be `Send`.
pub(crate) struct Answers {
    keys: Keys,
    respelled: Respelled,
    forest: Forest,
    rule: Rule,
    adopt_orphans: bool,
    recompute: bool,
    interrupt: Interrupt,
    /// The row that comes next, if the order is that of the scan.
    next: AtomicU32,
    /// How far rowids are ahead of the rows' numbers, in a block without gaps.
    ahead: AtomicI64,
    filled: AtomicU64,
    corrected: AtomicU64,
    wrong: AtomicU64,
    /// The first [`LISTED`] rows that are due.
    due: Mutex<Vec<u32>>,
    /// Why a function failed: SQLite carries only the text.
    failure: Mutex<Option<Error>>,
}

impl Answers {
    pub(crate) fn new(
        (keys, respelled): (Keys, Respelled),
        forest: Forest,
        spec: &BackfillSpec,
        rule: Rule,
        job: Job<'_>,
    ) -> Answers {
        Answers {
            keys,
            respelled,
            forest,
            rule,
            adopt_orphans: spec.on_orphan == OnOrphan::SelfRoot,
            recompute: spec.recompute,
            interrupt: job.interrupt(),
            next: AtomicU32::new(0),
            ahead: AtomicI64::new(0),
            filled: AtomicU64::new(0),
            corrected: AtomicU64::new(0),
            wrong: AtomicU64::new(0),
            due: Mutex::new(Vec::new()),
            failure: Mutex::new(None),
        }
    }

    /// The number of the row with this id, which is `hint` when the rows come in the order of the scan.
    fn row(&self, id: ValueRef<'_>, hint: u32) -> Result<u32> {
        if self.keys.is(hint, id) {
            return Ok(hint);
        }
        self.keys.find(id).ok_or_else(|| appeared("id", id))
    }

    /// The row's true root; `None` when it has none and is left alone.
    fn root(&self, row: u32) -> Option<u32> {
        match self.forest.standing(row)? {
            Ancestry::Tree { root } => Some(root),
            Ancestry::OrphanTree { orphan } => self.adopt_orphans.then_some(orphan),
            Ancestry::Cycle | Ancestry::BelowCycle => None,
        }
    }

    /// Whether every row has a true root, so that each one without a root is due.
    pub(crate) fn all_have_roots(&self) -> bool {
        let census = self.forest.census();
        census.cycles == 0 && (census.orphans == 0 || self.adopt_orphans)
    }

    /// The rows from this one on, `first` by its rowid, have rowids without a gap, and all are due.
    pub(crate) fn fill_from(&self, row: u32, first: i64) {
        self.ahead.store(first.wrapping_sub(row.into()), Ordering::Relaxed);
    }

    /// Counts the row with this rowid as filled, and goes on behind it.
    fn fill(&self, rowid: ValueRef<'_>) -> Result<u32> {
        Job::stopped_by(&self.interrupt).check()?;
        let row = match rowid {
            ValueRef::Integer(rowid) => u32::try_from(rowid.wrapping_sub(self.ahead.load(Ordering::Relaxed))),
            _ => Ok(u32::MAX),
        };
        let row = row.ok().filter(|&row| (row as usize) < self.forest.len());
        let row = row.ok_or_else(|| appeared("row", rowid))?;
        self.next.store(row.wrapping_add(1), Ordering::Relaxed);
        self.note(row, &self.filled);
        Ok(row)
    }

    /// Whether the row with this id and this stored root is to be written, and counts it.
    pub(crate) fn is_due(&self, id: ValueRef<'_>, stored: ValueRef<'_>) -> Result<bool> {
        Job::stopped_by(&self.interrupt).check()?;
        let row = self.row(id, self.next.load(Ordering::Relaxed))?;
        self.next.store(row.wrapping_add(1), Ordering::Relaxed);
        let Some(root) = self.root(row) else { return Ok(false) };
        let is_truth = || {
            let truth = self.keys.get(root);
            truth.is_some_and(|truth| self.rule.same(truth.value(), self.respelled.of(stored)))
        };
        match Stored::of(stored, is_truth) {
            Stored::Right => Ok(false),
            Stored::Empty => {
                self.note(row, &self.filled);
                Ok(true)
            }
            Stored::Wrong => {
                add(&self.wrong);
                if self.recompute {
                    self.note(row, &self.corrected);
                }
                Ok(self.recompute)
            }
        }
    }

    /// Counts a row that is due, and remembers the first ones.
    fn note(&self, row: u32, counter: &AtomicU64) {
        let before = self.filled.load(Ordering::Relaxed) + self.corrected.load(Ordering::Relaxed);
        if before < LISTED as u64 {
            self.due.lock().unwrap_or_else(PoisonError::into_inner).push(row);
        }
        add(counter);
    }

    /// The ids of the first rows that are due.
    pub(crate) fn written(&self) -> Vec<Id> {
        let due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.iter().filter_map(|&row| self.keys.get(row).map(|key| to_id(key.value()))).collect()
    }

    pub(crate) fn tally(&self) -> Tally {
        Tally {
            filled: self.filled.load(Ordering::Relaxed),
            corrected: self.corrected.load(Ordering::Relaxed),
            wrong: self.wrong.load(Ordering::Relaxed),
        }
    }

    /// Why a function failed, if one did.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Keeps the error for [`Answers::failure`], and tells SQLite to stop.
    fn fail(&self, error: Error) -> rusqlite::Error {
        stop(error, &mut self.failure.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(crate) fn appeared(what: &str, value: ValueRef<'_>) -> Error {
    trouble(format!("the {what} {} appeared while the backfill ran", to_id(value)))
        .help("a trigger of the table changes its rows: drop it during the backfill")
}

fn add(counter: &AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

/// The key of a row: its own, or in the answers, where SQLite copies it from.
enum KeyOf {
    Unpacked(Spelled<'static>),
    Kept(Arc<Answers>, u32),
    Nothing,
}

impl ToSql for KeyOf {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            KeyOf::Unpacked(key) => key.value(),
            KeyOf::Kept(answers, row) => answers.keys.kept(*row).unwrap_or(ValueRef::Null),
            KeyOf::Nothing => ValueRef::Null,
        }))
    }
}

impl KeyOf {
    /// That of the row's root.
    fn root(answers: &Arc<Answers>, row: u32) -> KeyOf {
        let Some(root) = answers.root(row) else { return KeyOf::Nothing };
        match answers.keys.unpacked(root) {
            Some(key) => KeyOf::Unpacked(key),
            None => KeyOf::Kept(Arc::clone(answers), root),
        }
    }
}

/// The SQL functions that answer.
pub(crate) fn register<'a>(conn: &'a Connection, answers: &Arc<Answers>) -> Result<Functions<'a>> {
    let mut functions = Functions::new(conn);
    let (due, root, fill) = (Arc::clone(answers), Arc::clone(answers), Arc::clone(answers));
    functions.add(IS_DUE, 2, move |context| {
        due.is_due(context.get_raw(0), context.get_raw(1)).map_err(|e| due.fail(e))
    })?;
    functions.add(ROOT_OF, 1, move |context| {
        // In one pass SQLite asks for the root of the row that it has just asked about.
        let hint = root.next.load(Ordering::Relaxed).wrapping_sub(1);
        let row = root.row(context.get_raw(0), hint).map_err(|e| root.fail(e))?;
        Ok(KeyOf::root(&root, row))
    })?;
    functions.add(FILL, 1, move |context| {
        let row = fill.fill(context.get_raw(0)).map_err(|e| fill.fail(e))?;
        Ok(KeyOf::root(&fill, row))
    })?;
    Ok(functions)
}
