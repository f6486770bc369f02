//! How many bytes tables take.

use rusqlite::{Connection, Row};

use crate::engine::Growth;
use crate::schema::Ident;

/// How much room it takes to build these tables anew, a list for each transaction: what a transaction has dropped, the next
/// one uses again, and all of them what is free in the file.
///
/// # Errors
/// As SQLite has it.
pub(super) fn growth(conn: &Connection, rebuilt: &[Vec<Ident>]) -> rusqlite::Result<Growth> {
    let number = |row: &Row<'_>, at| row.get::<_, i64>(at).map(|number| u64::try_from(number).unwrap_or(0));
    let pragma = |name| conn.pragma_query_value(None, name, |row| number(row, 0));
    // Indexes that no constraint needs are made when the old table is gone, in its pages; then, at the latest, those are
    // in the journal or in the log (<https://www.sqlite.org/dbstat.html>).
    let sql = "SELECT coalesce(sum(pgsize) FILTER (WHERE type = 'table' OR sql IS NULL), 0), coalesce(sum(pgsize), 0)
               FROM main.sqlite_schema AS s JOIN dbstat AS d ON d.name = s.name
               WHERE d.aggregate = TRUE AND s.rootpage > 0 AND s.tbl_name = ?1 COLLATE NOCASE";
    let mut most = Growth::default();
    for tables in rebuilt {
        let mut together = Growth::default();
        for table in tables {
            let mut statement = conn.prepare_cached(sql)?;
            let (file, log) =
                statement.query_row([table.as_str()], |row| Ok((number(row, 0)?, number(row, 1)?)))?;
            together = Growth { file: together.file + file, log: together.log + log };
        }
        most = Growth { file: most.file.max(together.file), log: most.log.max(together.log) };
    }
    let free = pragma("freelist_count")? * pragma("page_size")?;
    Ok(Growth { file: most.file.saturating_sub(free), ..most })
}
