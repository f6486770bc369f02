//! What a pass takes row by row, and what it answers.

use std::collections::VecDeque;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use crate::backfill::{BackfillSpec, Id, LISTED};
use crate::base::error::{Error, Result};
use crate::base::job::Job;
use crate::base::progress::Interrupt;
use crate::engine::backfill::answers::{Stored, Tally};
use crate::engine::backfill::keys::Numbered;
use crate::engine::backfill::keys::line::Line;
use crate::engine::backfill::keys::packed::Spelled;
use crate::engine::backfill::target::Target;
use crate::engine::backfill::value::{Rule, to_id};

/// What one pass came to.
pub(super) struct Passed {
    pub(super) tally: Tally,
    /// The ids of the first rows that were written, in the order in which they are stored.
    pub(super) written: Vec<Id>,
    /// How many rows it took.
    pub(super) rows: usize,
    /// All rows, if each of them had its turn.
    pub(super) read: Option<Numbered>,
}

/// What SQLite is answered.
pub(super) enum Answer {
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

/// What a row comes to.
pub(super) enum Taken {
    /// It does not come behind its parent.
    Ahead,
    /// Nothing is to be written.
    Stays,
    /// The root with this number is to be written.
    Due(u32),
}

/// Takes rows one behind the other, each behind its parent.
pub(super) struct Taker {
    line: Line,
    /// The rule by which a root is compared with an id.
    root_rule: Rule,
    recompute: bool,
    interrupt: Interrupt,
    pub(super) tally: Tally,
    /// Of the rows that are due the first [`LISTED`], in the order in which they are stored.
    written: VecDeque<u32>,
    /// Why a row was not taken: SQLite carries only the text.
    pub(super) failure: Option<Error>,
}

impl Taker {
    pub(super) fn new(target: &Target, spec: &BackfillSpec, rows: usize, job: Job<'_>) -> Taker {
        Taker {
            line: Line::new(target.parent_rule, rows),
            root_rule: target.root_rule,
            recompute: spec.recompute,
            interrupt: job.interrupt(),
            tally: Tally::default(),
            written: VecDeque::with_capacity(LISTED),
            failure: None,
        }
    }

    #[inline]
    pub(super) fn take(
        &mut self,
        id: ValueRef<'_>,
        parent: ValueRef<'_>,
        stored: ValueRef<'_>,
    ) -> Result<Taken> {
        Job::stopped_by(&self.interrupt).check()?;
        let Some(top) = self.line.follow(id, parent)? else { return Ok(Taken::Ahead) };
        let is_truth = || self.line.key(top).is_some_and(|root| self.root_rule.same(root.value(), stored));
        match Stored::of(stored, is_truth) {
            Stored::Right => return Ok(Taken::Stays),
            Stored::Empty => self.tally.filled += 1,
            Stored::Wrong => {
                self.tally.wrong += 1;
                if !self.recompute {
                    return Ok(Taken::Stays);
                }
                self.tally.corrected += 1;
            }
        }
        Ok(Taken::Due(top))
    }

    /// Remembers the row that was taken last, if it is one of the first, where rows are taken as they are stored.
    #[inline]
    pub(super) fn note_first(&mut self) {
        if self.written.len() < LISTED {
            self.written.push_back(self.line.last());
        }
    }

    /// Remembers the row that was taken last: where rows are taken from the last one on, it is the first so far.
    #[inline]
    pub(super) fn note_before(&mut self) {
        self.written.truncate(LISTED - 1);
        self.written.push_front(self.line.last());
    }

    /// The root with this number.
    #[inline]
    pub(super) fn root(&self, top: u32) -> Answer {
        self.line.key(top).map_or(Answer::No, Answer::root)
    }

    /// What it came to; `is_whole`: whether these were all rows.
    pub(super) fn passed(self, is_whole: bool) -> Passed {
        let Taker { line, tally, written, .. } = self;
        let ids = written.iter().filter_map(|&row| line.key(row)).map(|key| to_id(key.value()));
        let written = ids.collect();
        Passed { tally, written, rows: line.rows(), read: is_whole.then(|| line.finish()) }
    }
}
