//! SQLite: the only home of rusqlite and refinery.

mod inspect;
mod meaning;
mod missing;
mod scratch;

pub use inspect::inspect;
pub use meaning::SqliteMeaning;
pub use scratch::{Scratch, scratch_from_source};

use crate::error::{Error, ErrorKind};

/// SQLite's own words about what went wrong, as trouble of the fitting kind.
pub(crate) fn trouble(what: &str, error: rusqlite::Error) -> Error {
    let code = error.sqlite_error_code();
    let words = match &error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    };
    let kind = match code {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => ErrorKind::Locked,
        Some(rusqlite::ErrorCode::OperationInterrupted) => ErrorKind::Interrupted,
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => ErrorKind::Database,
        _ => ErrorKind::Sql,
    };
    Error::new(kind, format!("{what}: {words}")).caused_by(error)
}
