//! `planctl migrate up`: applies what is pending, oldest first.

use std::path::PathBuf;
use std::time::Duration;

use crate::migrations::Version;

/// What `migrate up` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpRequest {
    /// The database file; created when it does not exist.
    pub db: PathBuf,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// The newest version to apply; all when absent.
    pub to: Option<Version>,
    /// Only show what would run.
    pub dry_run: bool,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
}
