//! What can go wrong with loading, as errors.

use crate::base::error::Error;
use crate::engine::diagnosis::errors;

pub(crate) fn trouble(error: rusqlite::Error, db: &str) -> Error {
    if errors::is_interrupt(&error) { errors::interrupted() } else { errors::database(error, db) }
}
