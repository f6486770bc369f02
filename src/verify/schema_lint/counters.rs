//! The counters of AUTOINCREMENT across a migration. They are in a table of SQLite's, not in the schema: what becomes of
//! them is seen by raising them before.

use super::rebuild::Rebuilt;
use crate::base::error::Result;
use crate::engine::Scratch;
use crate::schema::{Ident, Schema, Table};

/// Higher than the migrations' own rows get, and not a number that a script would write by chance.
const RAISED: i64 = 7_000_000_000_019;

/// The tables whose counters were raised.
pub(crate) struct Counters {
    raised: Vec<Ident>,
}

impl Counters {
    /// Before a migration runs.
    pub(crate) fn raise(scratch: &mut dyn Scratch, schema: &Schema) -> Result<Counters> {
        let counted = schema.tables.values().filter(|table| table.is_autoincrement());
        let raised: Vec<Ident> = counted.map(|table| table.name.clone()).collect();
        raised.iter().try_for_each(|table| scratch.set_counter(table, RAISED))?;
        Ok(Counters { raised })
    }

    /// When it has run: tells those whose counter went with the old table.
    pub(crate) fn lost(
        &self,
        scratch: &mut dyn Scratch,
        after: &Schema,
        rebuilt: &mut [Rebuilt],
    ) -> Result<()> {
        if self.raised.is_empty() || rebuilt.is_empty() {
            return Ok(());
        }
        let now = scratch.counters()?;
        for rebuilt in rebuilt {
            let name = rebuilt.name();
            let still =
                after.tables.get(name).is_some_and(Table::is_autoincrement) && self.raised.contains(name);
            if still && now.get(name).is_none_or(|seq| *seq < RAISED) {
                rebuilt.loses_counter();
            }
        }
        Ok(())
    }
}
