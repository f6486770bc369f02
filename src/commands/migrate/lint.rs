//! `planctl migrate lint`: the lint rules over the migration files. No database.

use std::path::PathBuf;

use crate::sql::SqliteVersion;

/// What `migrate lint` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LintRequest {
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// The oldest SQLite that must be able to run them.
    pub sqlite_version: SqliteVersion,
}
