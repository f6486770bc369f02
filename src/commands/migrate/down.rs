//! `planctl migrate down`: takes applied migrations back, newest first.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use crate::migrations::Version;

/// What `migrate down` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DownRequest {
    /// The database file.
    pub db: PathBuf,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// How far down.
    pub target: DownTarget,
    /// Only show what would run.
    pub dry_run: bool,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
    /// Run the down scripts of the files rather than those stored when the migrations were applied.
    pub from_files: bool,
}

/// How far down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DownTarget {
    /// That many applied migrations.
    Steps(NonZeroU32),
    /// All applied migrations above this version; 0 takes back all.
    Version(Version),
}
