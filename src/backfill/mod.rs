//! Root ancestors: pairs of (row, parent) in, the root of every row out. No SQL.

mod forest;
mod outcome;

pub use forest::{Ancestry, Forest, MAX_ROWS, ORPHAN, ROOT};
pub use outcome::{Cycle, Cycles, Id, LISTED, Orphans, Outcome, Refusal};

/// What to fill: `planctl backfill` and the data step `-- planctl:backfill root-ancestor …` alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackfillSpec {
    /// The table.
    pub table: String,
    /// The column that identifies a row.
    pub id: String,
    /// The column that names the parent row's id; NULL or `''` makes a row a root.
    pub parent: String,
    /// The column that is to hold the id of the row's root ancestor.
    pub root: String,
    /// What to do when rows lie on a cycle.
    pub on_cycle: OnCycle,
    /// What to do when a row's parent does not exist.
    pub on_orphan: OnOrphan,
    /// Whether to correct rows whose root is already set, but wrong.
    pub recompute: bool,
}

impl BackfillSpec {
    /// Whether there are rows at which it stops.
    pub(crate) fn stops_at_rows(&self) -> bool {
        self.on_cycle == OnCycle::Abort || self.on_orphan == OnOrphan::Abort
    }

    /// These columns of a table, with the defaults of the command line: a cycle or an orphan aborts, and roots that are set
    /// are left alone.
    pub fn new(
        table: impl Into<String>,
        id: impl Into<String>,
        parent: impl Into<String>,
        root: impl Into<String>,
    ) -> BackfillSpec {
        BackfillSpec {
            table: table.into(),
            id: id.into(),
            parent: parent.into(),
            root: root.into(),
            on_cycle: OnCycle::default(),
            on_orphan: OnOrphan::default(),
            recompute: false,
        }
    }
}

/// What to do with rows on a cycle (and below one).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum OnCycle {
    /// Write nothing at all.
    #[default]
    Abort,
    /// Leave these rows as they are.
    Skip,
}

/// What to do with rows whose parent does not exist (and below one).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum OnOrphan {
    /// Write nothing at all.
    #[default]
    Abort,
    /// The orphan becomes a root.
    SelfRoot,
    /// Leave these rows as they are.
    Skip,
}
