//! What can go wrong with a backfill, as errors.

use rusqlite::ErrorCode;

use crate::base::error::{Advice, Error, ErrorKind};
use crate::engine::diagnosis::errors;

/// Trouble with the rows or the table.
pub(crate) fn trouble(message: String) -> Error {
    Error::new(ErrorKind::Data, message)
}

/// Trouble in SQLite's words, behind what could not be done.
pub(crate) fn sql_error(error: rusqlite::Error, what: &str) -> Error {
    if errors::is_interrupt(&error) {
        return errors::interrupted();
    }
    let (kind, help): (_, Advice) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (ErrorKind::Locked, Advice::WaitLonger),
        Some(ErrorCode::ConstraintViolation) => (
            ErrorKind::Data,
            "nothing was written: change the rows or the constraint, then run it again".into(),
        ),
        Some(
            ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::ReadOnly | ErrorCode::DiskFull,
        ) => (ErrorKind::Database, "the database is as it was before".into()),
        _ => (ErrorKind::Sql, "nothing was written".into()),
    };
    Error::new(kind, format!("{what}: {}", errors::message(&error))).help(help).caused_by(error)
}
