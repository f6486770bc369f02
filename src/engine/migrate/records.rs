//! The table that planctl keeps beside refinery's: its columns, what is written into them, and how they are read.

use std::time::Duration;

use rusqlite::types::FromSql;
use rusqlite::{Connection, Row, Statement, params};
use ulid::Ulid;

use crate::engine::catalog::inspect::has_table;
use crate::engine::catalog::rows::firsts;
use crate::engine::contract::history::{Backfilled, Record, StoredDown};
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

/// The columns that each version of our own table has.
pub(crate) const RECORD_COLUMNS: [&str; 10] = [
    "version",
    "applied_on",
    "checksum",
    "run_id",
    "took_ms",
    "rows_backfilled",
    "down_sql",
    "down_checksum",
    "schema_before",
    "schema_after",
];

/// Where the columns of our own table are: to look each up by its name, row by row, takes longer than to read it.
pub(crate) struct RecordColumns {
    /// Those of [`RECORD_COLUMNS`].
    all: [Option<usize>; RECORD_COLUMNS.len()],
    /// Those that a table that an older planctl made lacks.
    backfilled: Option<usize>,
    tokens: Option<usize>,
}

impl RecordColumns {
    pub(crate) fn of(statement: &Statement<'_>) -> RecordColumns {
        let at = |name: &str| statement.column_index(name).ok();
        RecordColumns {
            all: RECORD_COLUMNS.map(at),
            backfilled: at("backfilled"),
            tokens: at("tokens_checksum"),
        }
    }
}

/// A record with its version and checksum, and the time of its history row.
pub(crate) fn record(
    row: &Row<'_>,
    columns: &RecordColumns,
) -> rusqlite::Result<((i64, String), String, Record)> {
    fn get<T: FromSql>(row: &Row<'_>, at: Option<usize>) -> rusqlite::Result<T> {
        row.get(at.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
    }
    let [
        version,
        applied_on,
        checksum,
        run_id,
        took,
        rows_backfilled,
        down,
        down_checksum,
        schema_before,
        schema_after,
    ] = columns.all;
    let later = |at| get::<Option<String>>(row, at).ok().flatten();
    let sum = get::<Option<String>>(row, down_checksum)?.and_then(|sum| sum.parse().ok());
    let down = get::<Option<String>>(row, down)?;
    let record = Record {
        run_id: get(row, run_id)?,
        took: u64::try_from(get::<i64>(row, took)?).ok().map(Duration::from_millis),
        rows_backfilled: u64::try_from(get::<i64>(row, rows_backfilled)?).unwrap_or(0),
        backfilled: later(columns.backfilled).map_or_else(Vec::new, |text| parse_backfilled(&text)),
        // Without its checksum the script counts as tampered with.
        down: down.map(|sql| StoredDown { sql, checksum: sum.unwrap_or(0) }),
        tokens: later(columns.tokens).and_then(|sum| sum.parse().ok()),
        schema_before: get(row, schema_before)?,
        schema_after: get(row, schema_after)?,
    };
    Ok(((get(row, version)?, get(row, checksum)?), get(row, applied_on)?, record))
}

/// The rows that data steps wrote as they are stored.
pub(crate) fn backfilled_json(steps: &[Backfilled]) -> Option<String> {
    let one =
        |step: &Backfilled| serde_json::json!({"table": step.table, "rows": step.rows, "first": step.first});
    (!steps.is_empty()).then(|| serde_json::Value::from_iter(steps.iter().map(one)).to_string())
}

/// What cannot be read is left out: it says what was done, nothing depends on it.
fn parse_backfilled(text: &str) -> Vec<Backfilled> {
    let parsed: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let one = |step: &serde_json::Value| {
        let first = step.get("first")?.as_array()?;
        Some(Backfilled {
            table: step.get("table")?.as_str()?.to_owned(),
            rows: step.get("rows")?.as_u64()?,
            first: first.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect(),
        })
    };
    parsed.as_array().map(|steps| steps.iter().filter_map(one).collect()).unwrap_or_default()
}
