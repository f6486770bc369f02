//! What came of seeding a table.

use rusqlite::Connection;

use crate::engine::Fault;
use crate::schema::{Ident, Table};
use crate::sql::quote;

/// What came of a table.
pub(crate) struct Filled<'s> {
    pub(crate) table: &'s Table,
    /// Foreign keys, by their place in the table, whose parents come later: see [`super::references::close`].
    pub(crate) open: Vec<usize>,
    /// Why no row could be made.
    pub(crate) stopped_by: Option<Stop>,
    /// Whether it was empty before.
    pub(crate) was_empty: bool,
}

/// Why no row was taken.
pub(crate) struct Stop {
    pub(crate) reason: String,
    /// Why the goal does not take the row, where it is the goal that does not.
    pub(crate) by_goal: Option<Fault>,
}

/// How many rows a table has.
pub(crate) fn count(conn: &Connection, table: &Ident) -> rusqlite::Result<u64> {
    let sql = format!("SELECT count(*) FROM main.{}", quote(table.as_str()));
    let count = conn.query_row(&sql, [], |row| row.get::<_, i64>(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}
