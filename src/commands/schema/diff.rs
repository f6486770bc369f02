//! `planctl schema diff`: how two schemas differ.

use std::path::PathBuf;

/// What `schema diff` is asked to do. Each side is a database, a DDL file or a migrations folder; what it is shows when
/// it is opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiffRequest {
    /// Where one starts.
    pub from: PathBuf,
    /// Where one wants to be.
    pub to: PathBuf,
}
