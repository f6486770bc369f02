//! The counters of AUTOINCREMENT across a migration. They are in a table of SQLite's, not in the schema: what becomes of
//! them is seen by raising them before.

use std::collections::BTreeMap;

use super::rebuild::Rebuilt;
use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::Scratch;
use crate::migrations::testing::Value;
use crate::schema::{Ident, Schema, Table};
use crate::sql::quote_string;

/// Higher than the migrations' own rows get, and not a number that a script would write by chance.
const RAISED: i64 = 7_000_000_000_019;

/// The tables whose counters were raised.
pub(crate) struct Counters {
    raised: Vec<Ident>,
}

impl Counters {
    /// Before a migration runs.
    pub(crate) fn raise(scratch: &mut dyn Scratch, schema: &Schema) -> Result<Counters> {
        let counted = schema.tables.values().filter(|table| is_counted(table));
        let raised: Vec<Ident> = counted.map(|table| table.name.clone()).collect();
        for table in &raised {
            let name = quote_string(table.as_str());
            run(scratch, &format!("DELETE FROM main.sqlite_sequence WHERE name = {name}"))?;
            run(scratch, &format!("INSERT INTO main.sqlite_sequence (name, seq) VALUES ({name}, {RAISED})"))?;
        }
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
        let rows = run(scratch, "SELECT lower(name), max(seq) FROM main.sqlite_sequence GROUP BY 1")?;
        let now: BTreeMap<String, i64> = rows
            .into_iter()
            .filter_map(|row| match row.as_slice() {
                [Value::Text(name), Value::Integer(seq)] => Some((name.clone(), *seq)),
                _ => None,
            })
            .collect();
        for rebuilt in rebuilt {
            let name = rebuilt.name();
            let still = after.tables.get(name).is_some_and(is_counted) && self.raised.contains(name);
            if still && now.get(&name.folded()).is_none_or(|seq| *seq < RAISED) {
                rebuilt.loses_counter();
            }
        }
        Ok(())
    }
}

fn is_counted(table: &Table) -> bool {
    table.primary_key.as_ref().is_some_and(|key| key.autoincrement)
}

fn run(scratch: &mut dyn Scratch, sql: &str) -> Result<Vec<Vec<Value>>> {
    let answer = scratch.run(sql, usize::MAX);
    answer
        .map(|answer| answer.rows)
        .map_err(|refused| Error::new(ErrorKind::Database, refused.message).note(sql))
}
