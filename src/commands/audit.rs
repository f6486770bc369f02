//! `planctl audit`: the live schema against the spec DDL.

use std::path::PathBuf;

use time::Date;

use crate::audit::{Audit, Ledger, Terms, audit};
use crate::diff::diff;
use crate::engine::{self, Renaming};
use crate::error::{Error, Result};
use crate::report::Severity;
use crate::schema::Schema;
use crate::source::SourceFile;

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

/// Audits a schema against a spec.
///
/// # Errors
/// `Sql` when SQLite refuses the spec; `Config` when the ledger names what the spec does not have, or renames to a
/// name that is taken.
pub fn compare(
    spec: &SourceFile,
    ledger: &Ledger,
    live: &Schema,
    strict: bool,
    today: Date,
) -> Result<Audit> {
    let mut reference = engine::reference(spec)?;
    let mut expected = reference.schema()?;
    let applied: Vec<bool> = ledger.renames.iter().map(|rename| ledger.applies(rename, live)).collect();
    if !ledger.renames.is_empty() {
        ledger.check_names(&expected)?;
        let applied = ledger.renames.iter().zip(&applied).filter(|(_, applied)| **applied);
        let renamings: Vec<Renaming> = applied
            .map(|(rename, _)| Renaming {
                table: rename.table.clone(),
                column: rename.column.clone(),
                to: rename.live.clone(),
            })
            .collect();
        reference.rename(&renamings).map_err(|error| in_ledger(error, ledger))?;
        expected = reference.schema()?;
    }
    let changes = diff(&expected, live, &mut *reference.meaning());
    Ok(audit(&changes, spec, Terms { ledger, applied: &applied, strict, today }))
}

fn in_ledger(error: Error, ledger: &Ledger) -> Error {
    match ledger.renames.first() {
        Some(rename) => error.at(rename.location.clone()).help("check the [[rename]] entries of the ledger"),
        None => error,
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
