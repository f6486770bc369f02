//! The pass over a table for the checks of single rows.
//!
//! A call of `planctl_bad` costs more than many a condition, and is of no more use once a check has its first keys. A table
//! that can be read by rowid is therefore read in blocks of rowids: from the block on in which a check got its keys, its
//! rows are only counted, by SQLite's own `count`. A table whose rows are all bad costs little more than one of good rows.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result, Statement};

use super::functions::Tally;
use super::render::{CheckedTable, Term};
use crate::engine::catalog::columns::{columns, free_rowid_name};
use crate::row_checks::{FIRST, ValueCheck};

/// How many blocks a table is read in. What a check costs beyond counting, it costs in one or two of them.
pub(super) const BLOCKS: i128 = 64;

/// Tables with fewer rowids than this are read at once.
const WORTH_IT: i128 = 4096;

/// Makes `some` of the checks of a table: the rows that break each. `tell` hears of each block before it is read.
pub(crate) fn scan(
    conn: &Connection,
    table: &CheckedTable,
    checks: &[ValueCheck],
    some: &[usize],
    tell: &dyn Fn(u64),
) -> Result<Vec<Tally>> {
    let mut tallies = vec![Tally::default(); some.len()];
    if some.is_empty() {
        return Ok(tallies);
    }
    let Some((rowid, blocks)) = blocks(conn, table)? else {
        let terms: Vec<(usize, Term)> = some.iter().map(|&i| (i, Term::Keys)).collect();
        add(&mut conn.prepare(&table.scan(checks, &terms, None))?, None, &mut tallies)?;
        return Ok(tallies);
    };
    let mut prepared: Option<(Vec<(usize, Term)>, Statement<'_>)> = None;
    for (block, number) in blocks.zip(0..) {
        tell(number);
        let terms: Vec<(usize, Term)> =
            some.iter().zip(&tallies).map(|(&i, tally)| (i, wanted(table, tally))).collect();
        let statement = match &mut prepared {
            Some((same, statement)) if *same == terms => statement,
            other => {
                let statement = conn.prepare(&table.scan(checks, &terms, Some(rowid)))?;
                &mut other.insert((terms, statement)).1
            }
        };
        add(statement, Some(block), &mut tallies)?;
    }
    Ok(tallies)
}

/// What is still to be learnt of a check.
fn wanted(table: &CheckedTable, tally: &Tally) -> Term {
    if tally.first.len() < FIRST && table.key_len() > 0 {
        Term::Keys
    } else if tally.unexplained {
        Term::Count
    } else {
        Term::Cause
    }
}

/// Runs the statement over a block, and adds what it finds.
fn add(statement: &mut Statement<'_>, block: Option<(i64, i64)>, tallies: &mut [Tally]) -> Result<()> {
    let mut rows = match block {
        Some(block) => statement.query(block)?,
        None => statement.query([])?,
    };
    while let Some(row) = rows.next()? {
        for (n, tally) in tallies.iter_mut().enumerate() {
            match row.get_ref(n)? {
                ValueRef::Integer(count) => tally.rows += u64::try_from(count).unwrap_or_default(),
                found => tally.add(Tally::read(found)?),
            }
        }
    }
    Ok(())
}

/// The name of the table's rowid, and the first and last rowids of each block in ascending order. `None` for a table
/// that has no rowid or hides it behind columns, and for a small one.
fn blocks(
    conn: &Connection,
    table: &CheckedTable,
) -> Result<Option<(&'static str, impl Iterator<Item = (i64, i64)> + use<>)>> {
    let columns = columns(conn, "main", table.plain_name())?;
    let Some(rowid) = free_rowid_name(&columns) else { return Ok(None) };
    // A table WITHOUT ROWID knows no such column.
    let Ok(mut ends) = conn.prepare(&table.ends(rowid)) else { return Ok(None) };
    let ends =
        ends.query_row([], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)))?;
    let (Some(low), Some(high)) = ends else { return Ok(None) };
    let (low, high) = (i128::from(low), i128::from(high));
    if high - low < WORTH_IT {
        return Ok(None);
    }
    let size = (high - low) / BLOCKS + 1;
    let ends = (0..BLOCKS).map(move |n| (low + n * size, (low + (n + 1) * size - 1).min(high)));
    Ok(Some((
        rowid,
        ends.filter_map(|(from, to)| Some((i64::try_from(from).ok()?, i64::try_from(to).ok()?))),
    )))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::super::render::Formats;
    use super::*;
    use crate::row_checks::{RowKey, TableChecks};
    use crate::schema::Ident;

    fn of(conn: &Connection) -> Option<(&'static str, Vec<(i64, i64)>)> {
        let checks = TableChecks { table: Ident::from("t"), key: RowKey::Nothing, checks: Vec::new() };
        blocks(conn, &CheckedTable::of(&checks, Formats::ByFunctions))
            .unwrap()
            .map(|(name, blocks)| (name, blocks.collect()))
    }

    #[test]
    fn blocks_cover_every_rowid_once() {
        for (low, high) in [(0, 4096), (-17, 1_000_003), (i64::MIN, i64::MAX), (i64::MAX - 5000, i64::MAX)] {
            let conn = Connection::open_in_memory().unwrap();
            conn.execute_batch("CREATE TABLE t (RowId, a)").unwrap();
            conn.execute("INSERT INTO t (_rowid_) VALUES (?1), (?2)", (low, high)).unwrap();
            let (name, blocks) = of(&conn).unwrap();
            assert_eq!(name, "_rowid_", "a column has the other name");
            assert_eq!((blocks.first().unwrap().0, blocks.last().unwrap().1), (low, high));
            for pair in blocks.windows(2) {
                assert_eq!(i128::from(pair[0].1) + 1, i128::from(pair[1].0), "{pair:?}");
            }
            assert!(blocks.iter().all(|(from, to)| from <= to), "{blocks:?}");
        }
    }

    #[test]
    fn tables_that_cannot_be_read_by_rowid_are_read_at_once() {
        for (table, row) in [
            ("t (a PRIMARY KEY) WITHOUT ROWID", "(1), (9000)"),
            ("t (rowid, _ROWID_, Oid)", "(1, 1, 1)"),
            ("t (a)", "(9)"),
        ] {
            let conn = Connection::open_in_memory().unwrap();
            conn.execute_batch(&format!("CREATE TABLE {table}; INSERT INTO t VALUES {row}")).unwrap();
            assert!(of(&conn).is_none(), "{table}");
        }
    }
}
