//! What can go wrong with loading, as errors.

use crate::base::error::{Error, ErrorKind};
use crate::engine::diagnosis::errors;

pub(crate) fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, "stopped on request; nothing was loaded")
}

pub(crate) fn trouble(error: rusqlite::Error, db: &str) -> Error {
    if errors::is_interrupt(&error) { stopped() } else { errors::database(error, db) }
}
