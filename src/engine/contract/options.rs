//! What a caller asks of a database.

use std::path::Path;
use std::time::Duration;

use ulid::Ulid;

use super::plan::DownTarget;
use crate::migrations::Version;

/// What the caller will do with the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Only read: the file is neither created nor changed, and no file is left beside it.
    ReadOnly,
    /// Only read, for a run that writes afterwards: what a killed process left in the middle of a write is taken back first.
    ReadFirst,
    /// Read and write.
    ReadWrite {
        /// Whether a missing file is created.
        create: bool,
    },
}

/// How to open a database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenOptions {
    /// How long to wait for a lock that another process holds.
    pub lock_timeout: Duration,
}

impl Default for OpenOptions {
    fn default() -> OpenOptions {
        OpenOptions { lock_timeout: Duration::from_secs(30) }
    }
}

/// A schema that was found to be what the last applied migration left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clean {
    /// The newest version that was applied by then.
    pub newest: Option<Version>,
    /// The schema's fingerprint.
    pub schema: String,
}

/// How much room migrations take on a disk, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Growth {
    /// By how much the file grows: it is not made smaller again.
    pub file: u64,
    /// What is there for a moment beside the file, at the most.
    pub log: u64,
}

/// How far up to go, and under which name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UpOptions<'a> {
    /// The newest version to apply; all when absent.
    pub to: Option<Version>,
    /// The run, as it is recorded in the database.
    pub run_id: Ulid,
    /// A new file for a backup: under the write lock, before the first migration, the database is copied there page for page.
    /// Where the file exists, the run ends before it begins; a run that applies nothing leaves none.
    pub backup: Option<&'a Path>,
    /// On a copy of the schema that has no rows: whether [`Run::lost`](super::run::Run::lost) is to name what could be lost.
    pub foresees: bool,
}

impl UpOptions<'_> {
    /// Everything, without a backup.
    pub fn of(run_id: Ulid) -> UpOptions<'static> {
        UpOptions { to: None, run_id, backup: None, foresees: false }
    }
}

/// How far down to go, and by which scripts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DownOptions<'a> {
    /// How far down.
    pub target: DownTarget,
    /// Run the down scripts of the files rather than those stored when the migrations were applied.
    pub from_files: bool,
    /// What to do where they destroy rows or values.
    pub on_loss: OnLoss,
    /// As [`UpOptions::backup`].
    pub backup: Option<&'a Path>,
}

/// What to do where a way back destroys rows or values, or reverts what was recorded and never applied.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum OnLoss {
    /// Change nothing, and say what it would be.
    #[default]
    Refuse,
    /// Go on, and say what it was.
    Allow,
    /// Go on, on a copy of the schema that has no rows, and say what it could be.
    Foresee,
}
