//! Keys under a collation of the application's own, of which only SQLite can say what it takes for equal: where a parent or
//! a root spells an id otherwise than its row does, it is asked for the row's spelling. From there on keys are compared
//! byte by byte.

use std::collections::HashMap;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::target::Target;
use super::value::to_id;
use crate::engine::catalog::rows::rows;

/// Other spellings of ids, each with the one that its row has. Empty where the collation is one of SQLite's own.
#[derive(Default, Debug)]
pub(crate) struct Respelled(HashMap<Box<[u8]>, Box<[u8]>>);

impl Respelled {
    /// Looks for them in parents and roots. One join for each of them, for which SQLite has an index on the ids or makes one.
    pub(crate) fn read(conn: &Connection, target: &Target) -> rusqlite::Result<Respelled> {
        let mut found = HashMap::new();
        if !target.of_application {
            return Ok(Respelled(found));
        }
        let Target { table, id, parent, root, .. } = target;
        for column in [parent, root] {
            // The collation of the left side of `=` counts.
            let sql = format!(
                "SELECT DISTINCT r.{column} COLLATE BINARY, k.{id} FROM {table} r JOIN {table} k ON k.{id} = r.{column}
                 WHERE typeof(r.{column}) = 'text' AND r.{column} <> k.{id} COLLATE BINARY"
            );
            let mut statement = conn.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if let (ValueRef::Text(other), ValueRef::Text(id)) = (row.get_ref(0)?, row.get_ref(1)?) {
                    found.insert(other.into(), id.into());
                }
            }
        }
        Ok(Respelled(found))
    }

    /// The value as the row spells it whose id it is.
    #[inline]
    pub(crate) fn of<'a>(&'a self, value: ValueRef<'a>) -> ValueRef<'a> {
        match value {
            ValueRef::Text(bytes) if !self.0.is_empty() => {
                self.0.get(bytes).map_or(value, |id| ValueRef::Text(id))
            }
            _ => value,
        }
    }
}

/// How many rows have an id that an earlier row has, as the collation of the application compares them, and some of these
/// ids as literals.
pub(crate) fn duplicates(conn: &Connection, target: &Target) -> rusqlite::Result<(usize, Vec<String>)> {
    let Target { table, id, .. } = target;
    let more = format!("SELECT count({id}) - count(DISTINCT {id}) FROM {table}");
    let more: i64 = conn.query_row(&more, [], |row| row.get(0))?;
    let ids =
        format!("SELECT {id} FROM {table} WHERE {id} IS NOT NULL GROUP BY {id} HAVING count(*) > 1 LIMIT 5");
    let ids = rows(conn, &ids, [], |row| Ok(to_id(row.get_ref(0)?).to_string()))?;
    Ok((usize::try_from(more).unwrap_or(0), ids))
}
