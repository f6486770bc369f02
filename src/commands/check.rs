//! `planctl check`: the CI gate. No database.

use std::path::PathBuf;

use crate::sql::SqliteVersion;

/// What `check` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckRequest {
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// The spec's DDL file.
    pub spec: PathBuf,
    /// The ledger of documented deviations, when there is one.
    pub deviations: Option<PathBuf>,
    /// The folder of migration tests; it need not exist.
    pub tests: PathBuf,
    /// The oldest SQLite that must be able to run the migrations.
    pub sqlite_version: SqliteVersion,
}
