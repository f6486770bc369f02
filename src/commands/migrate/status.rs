//! `planctl migrate status`: what the history and the files say of each version. Writes nothing.

use std::path::PathBuf;

/// What `migrate status` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusRequest {
    /// The database file.
    pub db: PathBuf,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// Pending migrations count as a finding (exit status 1).
    pub check: bool,
}
