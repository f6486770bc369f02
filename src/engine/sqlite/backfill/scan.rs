//! The one scan that reads: every row's key and parent become numbers.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::keys::Keys;
use super::target::{self, Target};
use super::value::{is_empty, to_id};
use super::{BLOCK, check, sql_error, trouble};
use crate::backfill::ROOT;
use crate::error::Result;
use crate::progress::{Event, Interrupt, Observer};

/// What the scan brings.
pub(super) struct Table {
    pub(super) keys: Keys,
    /// As [`Forest::resolve`] wants them.
    pub(super) parents: Vec<u32>,
    /// The rowid of the first row of each block, where there are rowids.
    pub(super) blocks: Vec<i64>,
}

/// Reads ids and parents, in the order in which the rows are stored.
pub(super) fn read(
    conn: &Connection,
    target: &Target,
    observer: &mut dyn Observer,
    interrupt: &Interrupt,
) -> Result<Table> {
    let failed = |e| sql_error(e, &format!("{} cannot be read", target.name));
    let Target { table, id, parent, .. } = target;
    let rows = expected_rows(conn, target).map_err(failed)?;
    let mut keys = Keys::new(target.parent_rule, rows)?;
    let mut parents = Vec::with_capacity(rows);
    let mut blocks = Vec::with_capacity(rows / BLOCK + 1);
    let mut refused = Unusable::default();
    // Without an index, so that the rows come as they are stored; the writing statement does the same.
    let sql = match target.rowid {
        Some(rowid) => {
            format!("SELECT {id}, {parent}, {rowid} FROM {table} NOT INDEXED ORDER BY {rowid}")
        }
        None => format!("SELECT {id}, {parent} FROM {table} NOT INDEXED"),
    };
    let what = format!("reading {}", target.name);
    let mut statement = conn.prepare(&sql).map_err(failed)?;
    let mut cursor = statement.query([]).map_err(failed)?;
    while let Some(row) = cursor.next().map_err(failed)? {
        if parents.len() % BLOCK == 0 {
            check(interrupt)?;
            observer.event(Event::Progress {
                what: &what,
                done: parents.len() as u64,
                total: Some(rows as u64),
            });
            if target.rowid.is_some() {
                blocks.push(row.get(2).map_err(failed)?);
            }
        }
        let id = row.get_ref(0).map_err(failed)?;
        let parent = row.get_ref(1).map_err(failed)?;
        if matches!(id, ValueRef::Null) {
            refused.nulls += 1;
        }
        if keys.add_row(id)?.is_err() {
            refused.duplicate(id);
        }
        parents.push(if is_empty(parent) { ROOT } else { keys.parent(parent)? });
    }
    refused.check(target)?;
    keys.settle(&mut parents);
    Ok(Table { keys, parents, blocks })
}

/// How many rows there are, or a few more: memory is planned by it. Counting reads an index where there is one, and the
/// whole table where there is none; there the span of the ids does, unless it has so many gaps that the rows' space in
/// the file contradicts it.
fn expected_rows(conn: &Connection, target: &Target) -> rusqlite::Result<usize> {
    /// Bytes of the file per row from which a span of ids is believed.
    const PLAUSIBLE: i128 = 128;
    let Target { table, id, .. } = target;
    if target.id_is_rowid {
        let sql = format!(
            "SELECT (SELECT min({id}) FROM {table}), (SELECT max({id}) FROM {table}), page_count * page_size
             FROM pragma_page_count, pragma_page_size"
        );
        let (min, max, bytes): (Option<i64>, Option<i64>, i64) =
            conn.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let (Some(min), Some(max)) = (min, max) else { return Ok(0) };
        let span = i128::from(max) - i128::from(min) + 1;
        if span.saturating_mul(PLAUSIBLE) <= i128::from(bytes) {
            return Ok(usize::try_from(span).unwrap_or(usize::MAX));
        }
    }
    let rows: i64 = conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
    Ok(usize::try_from(rows).unwrap_or(usize::MAX))
}

/// Ids that identify no row.
#[derive(Default)]
struct Unusable {
    nulls: u64,
    duplicates: u64,
    /// The first few of those.
    examples: Vec<String>,
}

impl Unusable {
    fn duplicate(&mut self, id: ValueRef<'_>) {
        self.duplicates += 1;
        let id = to_id(id).to_string();
        if self.examples.len() < 5 && !self.examples.contains(&id) {
            self.examples.push(id);
        }
    }

    fn check(&self, target: &Target) -> Result<()> {
        let Target { name, id_name: id, .. } = target;
        if self.nulls > 0 {
            let (is, rows) = if self.nulls == 1 { ("is", "row") } else { ("are", "rows") };
            let message = format!(
                "{name}.{id} identifies no row where it is NULL: there {is} {} such {rows}",
                self.nulls
            );
            return Err(trouble(message).help("give these rows an id, or name a column that is NOT NULL"));
        }
        if self.duplicates == 0 {
            return Ok(());
        }
        if target.composite {
            return Err(target::composite(name)
                .note(format!("{id} alone is not unique, for example: {}", self.examples.join(", "))));
        }
        let more =
            if self.duplicates == 1 { "1 row has".into() } else { format!("{} rows have", self.duplicates) };
        let message = format!("{name}.{id} is not unique: {more} the id of an earlier row");
        Err(trouble(message)
            .note(format!("for example: {}", self.examples.join(", ")))
            .help("make the ids unique, or name a column that is"))
    }
}
