//! What a panic of the caller's leaves behind. Observers, and functions of an application, are code of others; a
//! connection that was lent goes on to be used when they fail.

use std::thread;

use rusqlite::Connection;

/// Sets a connection back when the thread panics while this lives: rolls back what is open, then runs `sql`.
pub(super) struct Undo<'c> {
    conn: &'c Connection,
    sql: String,
}

impl<'c> Undo<'c> {
    pub(super) fn new(conn: &'c Connection, sql: impl Into<String>) -> Undo<'c> {
        Undo { conn, sql: sql.into() }
    }
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            roll_back(self.conn);
            drop(self.conn.execute_batch(&self.sql));
        }
    }
}

/// Rolls back what is open. Where SQLite cannot even do that, the journal stays, and whoever opens the database next rolls
/// it back.
pub(super) fn roll_back(conn: &Connection) {
    if !conn.is_autocommit() {
        drop(conn.execute_batch("ROLLBACK"));
    }
}
