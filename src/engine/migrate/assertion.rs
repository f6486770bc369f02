//! What a migration asserts: a query that finds nothing.

use rusqlite::{Connection, Result};

use super::guard::Guard;
use crate::base::error::{Error, ErrorKind};
use crate::base::words::counted;
use crate::engine::catalog::rows::literal;

/// How many rows are shown.
pub(crate) const SHOWN: usize = 5;

/// What the query found.
#[derive(Default)]
pub(crate) struct Found {
    rows: u64,
    /// The first of them: `id = 7, owner = NULL`.
    first: Vec<String>,
}

impl Found {
    /// Runs the query to its end.
    pub(crate) fn by(query: &str, conn: &Connection, guard: &Guard) -> Result<Found> {
        let mut statement = guard.prepare(conn, query)?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut found = Found::default();
        guard.armed(|| -> Result<()> {
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                found.rows += 1;
                if found.first.len() < SHOWN {
                    let values = columns.iter().enumerate();
                    let values =
                        values.map(|(at, name)| Ok(format!("{name} = {}", literal(row.get_ref(at)?))));
                    found.first.push(values.collect::<Result<Vec<_>>>()?.join(", "));
                }
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The error, if it found anything; where the query stands is for the caller to add.
    pub(crate) fn error(&self, reason: &str) -> Option<Error> {
        let rows = self.rows;
        let error = Error::new(ErrorKind::Assertion, format!("{reason} ({})", counted(rows, "row")));
        let first = self.first.iter().zip(1..);
        let error =
            first.fold(error, |error, (row, n): (_, u64)| error.note(format!("row {n} of {rows}: {row}")));
        (rows > 0).then(|| error.help(HELP))
    }
}

/// What to do where an assertion does not hold.
pub(crate) const HELP: &str =
    "the migration asserts that there are no such rows: correct them first, then run it again";
