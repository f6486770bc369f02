//! `planctl backfill`: gives every row its true root ancestor.

use std::path::PathBuf;

use crate::backfill::BackfillSpec;

/// What `backfill` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackfillRequest {
    /// The database file.
    pub db: PathBuf,
    /// What to fill, and what to do with cycles and orphans.
    pub spec: BackfillSpec,
    /// Only report what would be written.
    pub dry_run: bool,
}
