//! SQL functions of the backfill: through them SQLite hands over rows, and asks about them, while one statement runs.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ToSql;

use super::trouble::sql_error;
use crate::base::error::Result;

/// Functions that are there for as long as this lives.
pub(crate) struct Functions<'a> {
    conn: &'a Connection,
    /// Names, and how many arguments they take.
    there: Vec<(&'static str, i32)>,
}

impl<'a> Functions<'a> {
    /// None yet.
    pub(crate) fn new(conn: &'a Connection) -> Functions<'a> {
        Functions { conn, there: Vec::new() }
    }

    /// Adds one.
    pub(crate) fn add<T: ToSql + 'static>(
        &mut self,
        name: &'static str,
        arguments: i32,
        function: impl Fn(&Context<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<()> {
        self.conn
            .create_scalar_function(name, arguments, FunctionFlags::SQLITE_UTF8, move |context| {
                function(context)
            })
            .map_err(|e| sql_error(e, "the backfill cannot begin"))?;
        self.there.push((name, arguments));
        Ok(())
    }

    /// Removes them, and says so when SQLite does not let them go.
    pub(crate) fn remove(mut self) -> Result<()> {
        self.take_away().map_err(|e| sql_error(e, "the backfill cannot end"))
    }

    fn take_away(&mut self) -> rusqlite::Result<()> {
        self.there.drain(..).try_for_each(|(name, arguments)| self.conn.remove_function(name, arguments))
    }
}

impl Drop for Functions<'_> {
    /// After an error, which is what the caller hears of.
    fn drop(&mut self) {
        let _ = self.take_away();
    }
}
