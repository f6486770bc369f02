//! What an audit is asked to do.

use std::path::PathBuf;
use std::time::Duration;

use crate::audit::Others;
use crate::base::severity::Severity;
use crate::engine::DatabaseName;
use crate::sql::{SqliteVersion, Target};

/// What `audit` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRequest {
    /// Whose schema is audited.
    pub subject: AuditSubject,
    /// The folder of migrations, when there is one: what they produce tells what closes a finding.
    pub migrations: Option<PathBuf>,
    /// The spec's DDL file.
    pub spec: PathBuf,
    /// The ledger of documented deviations, when there is one.
    pub deviations: Option<PathBuf>,
    /// Whether the ledger excuses nothing: then it only says which objects are the same under two names.
    pub strict: bool,
    /// The file of findings that are known and not yet fixed.
    pub baseline: Option<PathBuf>,
    /// What to write down of what is found.
    pub record: Option<Record>,
    /// Whether the rows are checked as well.
    pub data: bool,
    /// Which findings give exit status 1.
    pub fail_on: FailOn,
    /// Which tables are somebody else's.
    pub others: Others,
    /// The oldest SQLite that must be able to run the statements that findings come with.
    pub sqlite_version: SqliteVersion,
    /// Where a script must run.
    pub target: Target,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
}

/// What to write down of the findings that nothing excuses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// Into a baseline file.
    Baseline {
        /// The file.
        file: PathBuf,
        /// Whether an existing file may grow.
        accept_new: bool,
    },
    /// Into a ledger, as drafts without a reason.
    Deviations {
        /// The ledger; made when it does not exist.
        file: PathBuf,
    },
}

/// Whose schema is audited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuditSubject {
    /// A live database, opened read-only.
    Database(DatabaseName),
    /// What the migrations of this folder produce on a shadow database.
    Migrations(PathBuf),
}

/// Which findings give exit status 1. Findings that the ledger or the baseline excuses never do.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum FailOn {
    /// Errors only.
    Error,
    /// Errors and warnings.
    #[default]
    Warning,
    /// None.
    Never,
}

impl FailOn {
    /// Each with its name.
    pub const ALL: [(&'static str, FailOn); 3] =
        [("error", FailOn::Error), ("warning", FailOn::Warning), ("never", FailOn::Never)];

    /// Whether a finding of this severity gives exit status 1.
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            FailOn::Error => severity >= Severity::Error,
            FailOn::Warning => true,
            FailOn::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fail_on_is_a_threshold() {
        let fails = |on: FailOn| [Severity::Warning, Severity::Error].map(|severity| on.fails(severity));
        assert_eq!(fails(FailOn::Error), [false, true]);
        assert_eq!(fails(FailOn::Warning), [true, true]);
        assert_eq!(fails(FailOn::Never), [false, false]);
    }
}
