//! `planctl audit` for applications.

use std::path::Path;

use super::Database;
use crate::audit::{Audit, Ledger};
use crate::commands;
use crate::engine::{Access, OpenOptions};
use crate::error::Result;
use crate::source::SourceFile;

/// Compares the schema of a database with the DDL in the file `spec`, and holds the findings against the ledger in the file
/// `deviations`, when there is one. Only reads.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dir = tempfile::tempdir()?;
/// let spec = dir.path().join("ddl.sql");
/// std::fs::write(&spec, "CREATE TABLE plans (id TEXT PRIMARY KEY, state TEXT NOT NULL);")?;
///
/// let mut conn = planctl::rusqlite::Connection::open_in_memory()?;
/// conn.execute_batch("CREATE TABLE plans (id TEXT PRIMARY KEY, state TEXT);")?;
/// let audit = planctl::audit(&mut conn, &spec, None)?;
/// let found: Vec<&str> = audit.findings.iter().map(|finding| finding.message.as_str()).collect();
/// assert_eq!(found, ["column plans.state allows NULL, the spec does not"]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Files that cannot be read; a spec that SQLite refuses (`Sql`), a wrong ledger (`Config`), a database that cannot be
/// read. Differences are findings, not errors.
pub fn audit<'a>(
    database: impl Into<Database<'a>>,
    spec: impl AsRef<Path>,
    deviations: Option<&Path>,
) -> Result<Audit> {
    let spec = SourceFile::read(spec.as_ref())?;
    let ledger: Ledger = commands::audit::read_ledger(deviations)?;
    let timeout = OpenOptions::default().lock_timeout;
    let live = database.into().with(Access::ReadOnly, timeout, |engine| engine.inspect())?;
    commands::audit::compare(&spec, &ledger, &live, false, time::OffsetDateTime::now_utc().date())
}
