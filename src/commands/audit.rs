//! `planctl audit`: the live schema against the spec DDL.

use std::path::PathBuf;

use crate::report::Severity;

/// What `audit` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRequest {
    /// Whose schema is audited.
    pub subject: AuditSubject,
    /// The spec's DDL file.
    pub spec: PathBuf,
    /// The ledger of documented deviations; absent with `--strict`, or when there is none.
    pub deviations: Option<PathBuf>,
    /// The file of findings that are known and not yet mended.
    pub baseline: Option<PathBuf>,
    /// Whether the rows are checked as well.
    pub data: bool,
    /// Which findings give exit status 1.
    pub fail_on: FailOn,
}

/// Whose schema is audited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuditSubject {
    /// A live database, opened read-only.
    Database(PathBuf),
    /// What the migrations of this folder produce on a scratch database.
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
