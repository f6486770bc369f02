//! What is so in SQLite whatever the schema: one home for each fact, written once and held against SQLite once.

mod affinity;
mod limits;
mod names;
mod pragma;
mod rowid;
mod strict;
mod taken;

pub use affinity::Affinity;
pub use limits::{LONGEST_PATH, MOST_COLUMNS};
pub use names::{HISTORY, RECORDS, is_bookkeeping, is_internal, is_own_table, no_bookkeeping, others};
pub use pragma::Pragma;
pub use rowid::{is_rowid_name, rowid_name};
pub use strict::{misfit, no_integer};
pub use taken::{Taken, taken, temporary};
