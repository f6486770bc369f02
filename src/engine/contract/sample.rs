//! Sample rows for a database whose schema is there already.

use crate::base::source::SourceFile;
use crate::sample::{Census, PlanTable, Shape};

/// Rows to load.
#[derive(Clone, Copy, Debug)]
pub enum SampleRows<'a> {
    /// Those of a file of INSERT statements.
    Script(&'a SourceFile),
    /// Generated plans.
    Plans {
        /// Where they go.
        table: &'a PlanTable,
        /// What they look like.
        shape: &'a Shape,
    },
}

/// How to load them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoadOptions {
    /// Load beside rows that are there already.
    pub append: bool,
    /// Change nothing: try it on a copy of the schema in memory. Of generated plans only the first are tried.
    pub dry_run: bool,
}

/// What was loaded.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Loaded {
    /// Rows that each table has more than before, where it has any more; sorted by name.
    pub tables: Vec<(String, u64)>,
    /// What the generated plans look like; `None` for those of a file.
    pub census: Option<Census>,
}
