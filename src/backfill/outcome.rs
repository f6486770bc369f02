//! What a backfill came to.

use std::fmt;

/// How many ids a list of an [`Outcome`] holds at the most.
pub const LISTED: usize = 50;

/// A row's id as SQLite stores it.
#[derive(Clone, PartialEq, Debug)]
pub enum Id {
    /// NULL.
    Null,
    /// An INTEGER.
    Integer(i64),
    /// A REAL.
    Real(f64),
    /// A TEXT; bytes that are not UTF-8 are replaced, for this is for people to read.
    Text(String),
    /// A BLOB.
    Blob(Vec<u8>),
}

impl fmt::Display for Id {
    /// Text bare, a blob as SQL writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Id::Null => f.write_str("NULL"),
            Id::Integer(value) => value.fmt(f),
            Id::Real(value) => write!(f, "{value:?}"),
            Id::Text(text) => f.write_str(text),
            Id::Blob(bytes) => {
                f.write_str("x'")?;
                for byte in bytes {
                    write!(f, "{byte:02x}")?;
                }
                f.write_str("'")
            }
        }
    }
}

/// What stood in the way of a run that was to stop there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// Rows lie on a cycle, and `on_cycle` is abort.
    pub cycles: bool,
    /// Parents do not exist, and `on_orphan` is abort.
    pub orphans: bool,
}

/// Rows whose parent does not exist.
#[derive(Clone, PartialEq, Default, Debug)]
#[non_exhaustive]
pub struct Orphans {
    /// How many.
    pub count: u64,
    /// The first [`LISTED`] of them in storage order.
    pub ids: Vec<Id>,
    /// Rows below them.
    pub rows_below: u64,
}

/// Cycles in the parent links.
#[derive(Clone, PartialEq, Default, Debug)]
#[non_exhaustive]
pub struct Cycles {
    /// How many.
    pub count: u64,
    /// Rows on them.
    pub rows: u64,
    /// The first [`LISTED`] cycles, each with its first [`LISTED`] rows; every row is followed by its parent.
    pub examples: Vec<Cycle>,
    /// Rows below a cycle, not on one.
    pub rows_below: u64,
}

/// One cycle.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Cycle {
    /// The first [`LISTED`] rows, from the first in storage order.
    pub ids: Vec<Id>,
    /// Whether it has more rows than that.
    pub cut: bool,
}

/// What a backfill came to. Of a dry run: what the run would come to.
#[derive(Clone, PartialEq, Default, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// Rows in the table.
    pub rows: u64,
    /// Rows without a parent.
    pub roots: u64,
    /// Rows whose root was empty and is filled.
    pub filled: u64,
    /// Rows whose root was wrong and is corrected.
    pub corrected: u64,
    /// Rows whose stored root was not the true one, corrected or left alone.
    pub wrong: u64,
    /// Rows that are left as they were.
    pub unchanged: u64,
    /// The ids of the first [`LISTED`] rows that were filled or corrected, in storage order; of a dry run, that would be.
    pub written: Vec<Id>,
    /// Steps from a root to its farthest descendant; with orphans made roots, from those too.
    pub max_depth: u64,
    /// Parents that do not exist.
    pub orphans: Orphans,
    /// Cycles.
    pub cycles: Cycles,
    /// Why nothing was written, when the run was refused.
    pub refused: Option<Refusal>,
}
