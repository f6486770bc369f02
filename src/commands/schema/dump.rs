//! `planctl schema dump`: the canonical DDL of a database.

use std::path::PathBuf;

/// What `schema dump` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DumpRequest {
    /// The database, DDL file or migrations folder whose schema is written.
    pub source: PathBuf,
}
