//! The table that planctl keeps beside refinery's: its columns, and what is written into them.

use std::time::Duration;

use rusqlite::{Connection, params};
use ulid::Ulid;

use crate::engine::catalog::inspect::has_table;
use crate::engine::catalog::rows::firsts;
use crate::engine::contract::history::{Record, StoredDown};
use crate::engine::contract::plan::checksum_of_down;
use crate::migrations::{Migration, MigrationSet, Version, VersionWidth};
use crate::sql::RECORDS;

/// One row per migration that planctl applied. `checksum` and `applied_on` are the history row's: a record counts only
/// while that very row is there. `backfilled` is JSON: `[{"table": …, "rows": …, "first": [ids, …]}, …]`. No STRICT: a reader of 3.36 or older would refuse the whole database.
pub(crate) const CREATE_RECORDS: &str = "CREATE TABLE IF NOT EXISTS main.planctl_migrations(
  version INTEGER PRIMARY KEY,
  applied_on TEXT NOT NULL,
  checksum TEXT NOT NULL,
  run_id TEXT NOT NULL,
  took_ms INTEGER NOT NULL,
  rows_backfilled INTEGER NOT NULL,
  backfilled TEXT,
  tokens_checksum TEXT,
  down_sql TEXT,
  down_checksum TEXT,
  schema_before TEXT NOT NULL,
  schema_after TEXT NOT NULL
)";

/// The columns that every such table has.
pub(crate) const FIRST_COLUMNS: &str = "version, applied_on, checksum, run_id, took_ms, rows_backfilled, down_sql, \
     down_checksum, schema_before, schema_after";
/// Those that a table which an older planctl made may lack.
pub(crate) const LATER_COLUMNS: [&str; 2] = ["backfilled", "tokens_checksum"];

/// Whether planctl's table is there and has this column, by the schema that SQLite has read: it takes no statement. `false`
/// where that cannot be told either.
pub(crate) fn has_column(conn: &Connection, column: &str) -> bool {
    conn.column_exists(Some("main"), RECORDS, column).unwrap_or(false)
}

/// The statements that give a table which an older planctl made the columns that it lacks; none where there is no table.
pub(crate) fn lacking(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statements = Vec::new();
    if LATER_COLUMNS.iter().any(|column| !has_column(conn, column)) && has_table(conn, RECORDS)? {
        for column in LATER_COLUMNS {
            if !conn.column_exists(Some("main"), RECORDS, column)? {
                statements.push(format!("ALTER TABLE main.planctl_migrations ADD COLUMN {column} TEXT"));
            }
        }
    }
    Ok(statements)
}

/// Gives a table that an older planctl made the columns that it lacks.
pub(crate) fn extend_records(conn: &Connection) -> rusqlite::Result<()> {
    lacking(conn)?.iter().try_for_each(|statement| conn.execute_batch(statement))
}

/// Gives records the checksum of their tokens that were written without one, by an older planctl or a script, as long as
/// the files are what was applied.
pub(crate) fn complete(conn: &Connection, set: &MigrationSet, width: VersionWidth) -> rusqlite::Result<()> {
    let lacking = "SELECT version FROM main.planctl_migrations WHERE tokens_checksum IS NULL";
    let versions: Vec<Version> = firsts(conn, lacking, [])?;
    for file in versions.into_iter().filter_map(|version| set.get(version)) {
        let sql =
            "UPDATE main.planctl_migrations SET tokens_checksum = ?3 WHERE version = ?1 AND checksum = ?2";
        let tokens = file.tokens_checksum().map(|sum| sum.to_string());
        conn.prepare_cached(sql)?.execute(params![file.version, file.checksum(width).to_string(), tokens])?;
    }
    Ok(())
}

/// The checksum of a file's tokens as a literal.
pub(crate) fn tokens_literal(file: &Migration) -> String {
    file.tokens_checksum().map_or("NULL".to_owned(), |sum| format!("'{sum}'"))
}

/// What is recorded of every migration, before anything is known of a run of it.
pub(crate) fn record_of(file: &Migration, run_id: Ulid) -> Record {
    Record {
        run_id: run_id.to_string(),
        took: Some(Duration::ZERO),
        rows_backfilled: 0,
        backfilled: Vec::new(),
        down: file.down.as_ref().map(|down| StoredDown {
            sql: down.text().to_owned(),
            checksum: checksum_of_down(file.version, &file.name, down),
        }),
        tokens: file.tokens_checksum(),
        schema_before: String::new(),
        schema_after: String::new(),
    }
}
