//! Commits that are on the disk when they are reported.
//!
//! In rollback mode the deletion of the journal is the commit, and `synchronous = FULL`, SQLite's default, does not wait
//! until the disk has it: when the power goes just then, the journal is back and the transaction is rolled back. `EXTRA`
//! synchronises the folder as well (<https://www.sqlite.org/pragma.html#pragma_synchronous>).

use std::time::Duration;

use rusqlite::Connection;

use super::lock;
use crate::error::{Error, Result};
use crate::job::Job;

const FULL: i64 = 2;

/// Raises `synchronous` from FULL to EXTRA. Whoever has set it lower has chosen speed, and keeps it. Gives whether it was
/// raised, for [`lower`]. Not inside a transaction.
pub(super) fn raise(conn: &Connection, lock_timeout: Duration, job: Job<'_>) -> rusqlite::Result<bool> {
    // To read the setting, SQLite reads the schema, for which it may have to wait.
    lock::patiently(conn, "PRAGMA main.synchronous", lock_timeout, job)?;
    let is_full = conn.pragma_query_value(Some("main"), "synchronous", |row| row.get::<_, i64>(0))? == FULL;
    if is_full {
        conn.execute_batch("PRAGMA main.synchronous = EXTRA")?;
    }
    Ok(is_full)
}

/// The statement that sets it back.
pub(super) const LOWER: &str = "PRAGMA main.synchronous = FULL";

/// Sets it back behind work that came to `result`, which is what the caller hears of: that the setting could not be put
/// back only where the work was done. `failed` makes that error.
pub(super) fn lower<T>(
    conn: &Connection,
    raised: bool,
    result: Result<T>,
    failed: impl FnOnce(rusqlite::Error) -> Error,
) -> Result<T> {
    let lowered = if raised { conn.execute_batch(LOWER) } else { Ok(()) };
    let done = result?;
    lowered.map(|()| done).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_is_raised_and_set_back_and_what_is_lower_was_chosen() {
        let dir = tempfile::tempdir().unwrap();
        let conn = Connection::open(dir.path().join("plan.db")).unwrap();
        let setting = || conn.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0)).unwrap();
        for (before, meanwhile) in [(0, 0), (1, 1), (2, 3), (3, 3)] {
            conn.execute_batch(&format!("PRAGMA synchronous = {before}")).unwrap();
            let raised = raise(&conn, Duration::ZERO, Job::quiet()).unwrap();
            assert_eq!(setting(), meanwhile);
            lower(&conn, raised, Ok(()), |error| panic!("{error}")).unwrap();
            assert_eq!(setting(), before);
        }
    }
}
