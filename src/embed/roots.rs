//! What a backfill is asked to do, and what came of it.

pub use crate::backfill::{BackfillSpec, OnCycle, OnOrphan};
pub use crate::backfill::{Cycle, Cycles, Id, LISTED, Orphans, Outcome, Refusal};
