//! The one scan that reads: every row's key and parent become numbers.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::keys::{Keys, Numbered, Reader};
use super::respelled;
use super::respelled::Respelled;
use super::target;
use super::target::Target;
use super::trouble::{sql_error, trouble};
use super::value::to_id;
use crate::base::error::Result;
use crate::base::job::Job;
use crate::base::progress::Event;

/// Rows between two looks at the interrupt and two events of progress, and rows per writing statement.
pub(crate) const BLOCK: usize = 1 << 14;

/// What the scan brings.
pub(crate) struct ScannedTable {
    pub(crate) keys: Keys,
    /// As [`Forest::resolve`] wants them.
    pub(crate) parents: Vec<u32>,
    /// The rowid of the first row of each block, where there are rowids.
    pub(crate) blocks: Vec<i64>,
    /// Ids that parents and roots spell otherwise.
    pub(crate) respelled: Respelled,
}

/// Reads ids and parents, in the order in which the rows are stored.
pub(crate) fn read(conn: &Connection, target: &Target, job: Job<'_>) -> Result<ScannedTable> {
    let failed = |e| sql_error(e, &format!("{} cannot be read", target.name));
    let Target { table, id, parent, .. } = target;
    let rows = expected_rows(conn, target).map_err(failed)?;
    let respelled = Respelled::read(conn, target).map_err(failed)?;
    let mut reader = Reader::new(target.parent_rule, rows)?;
    let mut blocks = Vec::with_capacity(rows / BLOCK + 1);
    let (mut done, mut nulls) = (0, 0);
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
        if done % BLOCK == 0 {
            job.check()?;
            job.tell(Event::Progress { what: &what, done: done as u64, total: Some(rows as u64) });
            if target.rowid.is_some() {
                blocks.push(row.get(2).map_err(failed)?);
            }
        }
        done += 1;
        let id = row.get_ref(0).map_err(failed)?;
        let parent = row.get_ref(1).map_err(failed)?;
        nulls += u64::from(matches!(id, ValueRef::Null));
        reader.add(id, respelled.of(parent))?;
    }
    let Numbered { keys, parents, duplicates } = reader.finish()?;
    refuse_unusable(target, nulls)?;
    let (more, examples) = match target.of_application {
        true => respelled::duplicates(conn, target).map_err(failed)?,
        false => (duplicates.len(), examples(&keys, &duplicates)),
    };
    refuse_duplicates(target, more, &examples)?;
    Ok(ScannedTable { keys, parents, blocks, respelled })
}

/// How many rows there are, or a few more: memory is planned by it. Counting reads an index where there is one, and the
/// whole table where there is none; the span of the rowids takes two looks, and is believed unless it has so many gaps
/// that the rows' space in the file contradicts it.
fn expected_rows(conn: &Connection, target: &Target) -> rusqlite::Result<usize> {
    /// Bytes of the file per row from which a span of rowids is believed.
    const PLAUSIBLE: i128 = 128;
    let Target { table, rowid, .. } = target;
    if let Some(rowid) = rowid {
        let sql = format!(
            "SELECT (SELECT min({rowid}) FROM {table}), (SELECT max({rowid}) FROM {table}), page_count * page_size
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

/// Refuses ids that identify no row: `nulls` of them are NULL.
fn refuse_unusable(target: &Target, nulls: u64) -> Result<()> {
    let Target { name, id_name: id, .. } = target;
    if nulls > 0 {
        let (is, rows) = if nulls == 1 { ("is", "row") } else { ("are", "rows") };
        let message =
            format!("{name}.{id} identifies no row where it is NULL: there {is} {nulls} such {rows}");
        return Err(trouble(message).help("give these rows an id, or name a column that is NOT NULL"));
    }
    Ok(())
}

/// Some of the ids that several rows have.
fn examples(keys: &Keys, duplicates: &[u32]) -> Vec<String> {
    let mut examples: Vec<String> = Vec::new();
    for key in duplicates.iter().filter_map(|&row| keys.get(row)) {
        let id = to_id(key.value()).to_string();
        if !examples.contains(&id) {
            examples.push(id);
        }
        if examples.len() == 5 {
            break;
        }
    }
    examples
}

/// Refuses ids that identify several rows: `more` have the id of an earlier one.
fn refuse_duplicates(target: &Target, more: usize, examples: &[String]) -> Result<()> {
    let Target { name, id_name: id, .. } = target;
    if more == 0 {
        return Ok(());
    }
    let examples = examples.join(", ");
    if target.composite {
        let note = format!("{id} alone is not unique, for example: {examples}");
        return Err(target::composite(name).note(note));
    }
    let more = match more {
        1 => "1 row has".to_owned(),
        count => format!("{count} rows have"),
    };
    let message = format!("{name}.{id} is not unique: {more} the id of an earlier row");
    Err(trouble(message)
        .note(format!("for example: {examples}"))
        .help("make the ids unique, or name a column that is"))
}
