//! `planctl backfill` for applications.

use super::Database;
use crate::backfill::{BackfillSpec, Outcome};
use crate::engine::{Access, OpenOptions};
use crate::error::Result;
use crate::progress::{Interrupt, Silent};

/// Gives every row of a table its true root ancestor, in one transaction. What is refused (`abort`) writes nothing, and is
/// part of the outcome.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use planctl::backfill::{BackfillSpec, OnCycle, OnOrphan};
///
/// let mut conn = planctl::rusqlite::Connection::open_in_memory()?;
/// conn.execute_batch(
///     "CREATE TABLE plans (id TEXT PRIMARY KEY, parent TEXT, root TEXT);
///      INSERT INTO plans VALUES ('a', NULL, NULL), ('b', 'a', NULL), ('c', 'b', NULL);",
/// )?;
/// let spec = BackfillSpec {
///     table: "plans".into(),
///     id: "id".into(),
///     parent: "parent".into(),
///     root: "root".into(),
///     on_cycle: OnCycle::Abort,
///     on_orphan: OnOrphan::Abort,
///     recompute: false,
/// };
/// let outcome = planctl::backfill(&mut conn, &spec)?;
/// assert_eq!((outcome.filled, outcome.max_depth), (3, 2));
/// let root: String = conn.query_row("SELECT root FROM plans WHERE id = 'c'", [], |row| row.get(0))?;
/// assert_eq!(root, "a");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Those of [`Engine::backfill`](crate::engine::Engine::backfill), and of opening the database.
pub fn backfill<'a>(database: impl Into<Database<'a>>, spec: &BackfillSpec) -> Result<Outcome> {
    let access = Access::ReadWrite { create: false };
    let timeout = OpenOptions::default().lock_timeout;
    database
        .into()
        .with(access, timeout, |engine| engine.backfill(spec, false, &mut Silent, &Interrupt::new()))
}
