//! The one scan that reads: every row's key and parent become numbers.

use rusqlite::Connection;
use rusqlite::functions::Context;
use rusqlite::types::ValueRef;

use super::functions::{Functions, Keeper, stop};
use super::keys::{Keys, Numbered, Reader};
use super::respelled;
use super::respelled::Respelled;
use super::target;
use super::target::Target;
use super::trouble::{sql_error, trouble};
use super::value::to_id;
use crate::base::error::{Error, Result};
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::base::words::counted;

/// Rows between two looks at the interrupt and two events of progress, and rows per writing statement.
pub(crate) const BLOCK: usize = 1 << 14;

/// What the scan brings.
pub(crate) struct ScannedTable {
    pub(crate) keys: Keys,
    /// As [`Forest::resolve`] wants them.
    pub(crate) parents: Vec<u32>,
    /// The blocks of rows, where there are rowids.
    pub(crate) blocks: Vec<Block>,
    /// Ids that parents and roots spell otherwise.
    pub(crate) respelled: Respelled,
}

/// Rows that are written together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// The rowid of the first.
    pub(crate) first: i64,
    /// The rowid up to which rows belong to it: to the last block, whatever a trigger adds behind it.
    pub(crate) last: i64,
    /// Whether each of its rows has to be filled, and they have rowids without a gap.
    pub(crate) is_due: bool,
}

/// The SQL function that takes a row, with a third argument where its root is not NULL, and is true for the first one of each
/// block. SQLite tells whether a column is NULL for less than it hands its value over for. A condition that no other row meets
/// costs less than to hand each row out as a result.
const TAKE: &str = "planctl_backfill_take";

/// What SQLite has handed over so far.
struct HandedOver {
    reader: Reader,
    respelled: Respelled,
    rows: usize,
    nulls: u64,
    /// Of each block, whether the root of one of its rows is not NULL: '' may be a true one.
    has_roots: Vec<bool>,
    /// Why a row was not taken: SQLite carries only the text.
    failure: Option<Error>,
}

impl HandedOver {
    #[inline]
    fn take(&mut self, context: &Context<'_>) -> rusqlite::Result<bool> {
        let (id, parent) = (context.get_raw(0), context.get_raw(1));
        let begins = self.rows.is_multiple_of(BLOCK);
        self.rows += 1;
        if begins {
            self.has_roots.push(false);
        }
        if context.len() > 2
            && let Some(has_roots) = self.has_roots.last_mut()
        {
            *has_roots = true;
        }
        self.nulls += u64::from(matches!(id, ValueRef::Null));
        let added = self.reader.add(id, self.respelled.of(parent));
        added.map(|()| begins).map_err(|error| stop(error, &mut self.failure))
    }
}

/// Reads ids and parents, in the order in which the rows are stored.
pub(crate) fn read(conn: &Connection, target: &Target, job: Job<'_>) -> Result<ScannedTable> {
    let failed = |e| sql_error(e, &format!("{} cannot be read", target.name));
    let rows = expected_rows(conn, target).map_err(failed)?;
    let nothing = HandedOver {
        reader: Reader::new(target.parent_rule, rows)?,
        respelled: Respelled::read(conn, target).map_err(failed)?,
        rows: 0,
        nulls: 0,
        has_roots: Vec::with_capacity(rows / BLOCK + 1),
        failure: None,
    };
    let (keeper, left) = Keeper::new(nothing);
    let firsts = hand_over(conn, target, keeper, rows, job);
    let Some(HandedOver { reader, respelled, rows, nulls, has_roots, failure }) = left.take() else {
        return Err(kept(target));
    };
    let firsts = firsts.map_err(|error| failure.unwrap_or(error))?;
    let blocks = blocks(conn, target, &firsts, &has_roots, rows).map_err(failed)?;
    let Numbered { keys, parents, duplicates } = reader.finish()?;
    refuse_unusable(target, nulls)?;
    let (more, examples) = match target.of_application {
        true => respelled::duplicates(conn, target).map_err(failed)?,
        false => (duplicates.len(), examples(&keys, &duplicates)),
    };
    refuse_duplicates(target, more, &examples)?;
    Ok(ScannedTable { keys, parents, blocks, respelled })
}

/// Has SQLite hand over every row in one statement: the rowid of the first row of each block.
fn hand_over(
    conn: &Connection,
    target: &Target,
    keeper: Keeper<HandedOver>,
    rows: usize,
    job: Job<'_>,
) -> Result<Vec<i64>> {
    let failed = |e| sql_error(e, &format!("{} cannot be read", target.name));
    let Target { table, id, parent, root, .. } = target;
    let mut functions = Functions::new(conn);
    functions.add(TAKE, -1, move |context| keeper.with(|taker| taker.take(context)).unwrap_or(Ok(false)))?;
    // Without an index, so that the rows come as they are stored; the writing statement does the same.
    let take =
        format!("CASE WHEN {root} IS NULL THEN {TAKE}({id}, {parent}) ELSE {TAKE}({id}, {parent}, 1) END");
    let sql = match target.rowid {
        Some(rowid) => format!("SELECT {rowid} FROM {table} NOT INDEXED WHERE {take} ORDER BY {rowid}"),
        None => format!("SELECT NULL FROM {table} NOT INDEXED WHERE {take}"),
    };
    let what = format!("reading {}", target.name);
    let mut firsts = Vec::with_capacity(rows / BLOCK + 1);
    let mut done = 0;
    let mut statement = conn.prepare(&sql).map_err(failed)?;
    let mut cursor = statement.query([]).map_err(failed)?;
    while let Some(row) = cursor.next().map_err(failed)? {
        job.check()?;
        job.tell(Event::Progress { what: &what, done, total: Some(rows as u64) });
        done += BLOCK as u64;
        if target.rowid.is_some() {
            firsts.push(row.get(0).map_err(failed)?);
        }
    }
    drop(cursor);
    drop(statement);
    functions.remove()?;
    Ok(firsts)
}

/// The blocks that begin with the rowids `firsts`; none where there are no rowids.
fn blocks(
    conn: &Connection,
    target: &Target,
    firsts: &[i64],
    has_roots: &[bool],
    rows: usize,
) -> rusqlite::Result<Vec<Block>> {
    let Some(rowid) = target.rowid else { return Ok(Vec::new()) };
    let last: Option<i64> =
        conn.query_row(&format!("SELECT max({rowid}) FROM {}", target.table), [], |row| row.get(0))?;
    // Of each block, the newest rowid that it can have now, and the one up to which it goes.
    let ends = firsts.iter().skip(1).map(|next| next.saturating_sub(1)).map(|end| (end, end));
    let ends = ends.chain(last.map(|last| (last, i64::MAX)));
    let each = firsts.iter().zip(ends).zip(has_roots).enumerate();
    Ok(each
        .map(|(number, ((&first, (newest, last)), &has_roots))| {
            let rows = (rows - number * BLOCK).min(BLOCK) as i64;
            let is_due = !has_roots && newest.checked_sub(first) == Some(rows - 1);
            Block { first, last, is_due }
        })
        .collect())
}

/// How many rows there are, or a few more: memory is planned by it. Counting reads an index where there is one, and the
/// whole table where there is none; the span of the rowids takes two looks.
fn expected_rows(conn: &Connection, target: &Target) -> rusqlite::Result<usize> {
    if let Some(rowids) = Rowids::dense(conn, target)? {
        return Ok(usize::try_from(rowids.span()).unwrap_or(usize::MAX));
    }
    let rows: i64 =
        conn.query_row(&format!("SELECT count(*) FROM {}", target.table), [], |row| row.get(0))?;
    Ok(usize::try_from(rows).unwrap_or(usize::MAX))
}

/// The rowids of a table that has few gaps between them.
pub(crate) struct Rowids {
    pub(crate) first: i64,
    /// Before the first one where there are no rows.
    pub(crate) last: i64,
    /// What the file takes.
    pub(crate) bytes: u64,
}

impl Rowids {
    /// `None` where there are no rowids, or so many gaps between them that the rows' space in the file contradicts their span.
    pub(crate) fn dense(conn: &Connection, target: &Target) -> rusqlite::Result<Option<Rowids>> {
        /// Bytes of the file per row from which a span of rowids is believed.
        const PLAUSIBLE: u128 = 128;
        let Target { table, rowid: Some(rowid), .. } = target else { return Ok(None) };
        let sql = format!("SELECT (SELECT min({rowid}) FROM {table}), (SELECT max({rowid}) FROM {table})");
        let (min, max): (Option<i64>, Option<i64>) =
            conn.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let of_file = |name| conn.pragma_query_value(Some("main"), name, |row| row.get::<_, i64>(0));
        let bytes = of_file("page_count")?.unsigned_abs() * of_file("page_size")?.unsigned_abs();
        // Both are NULL where there are no rows.
        let rowids = Rowids { first: min.unwrap_or(1), last: max.unwrap_or(0), bytes };
        Ok((u128::from(rowids.span()) * PLAUSIBLE <= u128::from(rowids.bytes)).then_some(rowids))
    }

    /// How many rowids there can be from the first to the last.
    pub(crate) fn span(&self) -> u64 {
        if self.last < self.first { 0 } else { self.last.abs_diff(self.first).saturating_add(1) }
    }

    /// The first and the last rowid of blocks of so many.
    pub(crate) fn blocks(&self, rows: usize) -> impl DoubleEndedIterator<Item = (i64, i64)> {
        let (first, last, rows) = (self.first, self.last, rows as u64);
        (0..self.span().div_ceil(rows)).map(move |number| {
            let first = first.saturating_add_unsigned(number * rows);
            (first, last.min(first.saturating_add_unsigned(rows - 1)))
        })
    }
}

/// SQLite still has a function that it was to let go of.
pub(crate) fn kept(target: &Target) -> Error {
    trouble(format!("{} cannot be read: SQLite keeps what it was given", target.name))
}

/// Refuses ids that identify no row: `nulls` of them are NULL.
fn refuse_unusable(target: &Target, nulls: u64) -> Result<()> {
    let Target { name, id_name: id, .. } = target;
    if nulls > 0 {
        let (is, rows) = (if nulls == 1 { "is" } else { "are" }, counted(nulls, "such row"));
        let message = format!("{name}.{id} identifies no row where it is NULL: there {is} {rows}");
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
    let have = if more == 1 { "has" } else { "have" };
    let rows = counted(more, "row");
    let message = format!("{name}.{id} is not unique: {rows} {have} the id of an earlier row");
    Err(trouble(message)
        .note(format!("for example: {examples}"))
        .help("make the ids unique, or name a column that is"))
}
