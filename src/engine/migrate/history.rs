//! The history table of refinery and the table that planctl keeps beside it.
//!
//! Both are read here without trust: an application, an older tool or a hand may have written them.

use std::collections::HashMap;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::records::{
    CREATE_RECORDS, RECORD_COLUMNS, RecordColumns, backfilled_json, complete, extend_records, has_column,
    record,
};
use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::catalog::columns::{columns, named};
use crate::engine::catalog::fingerprint::Fingerprint;
use crate::engine::catalog::inspect::has_table;
use crate::engine::catalog::rows::{rows, values};
use crate::engine::connection::{Sqlite, lock};
use crate::engine::contract::history::{Applied, Glance, History, Record};
use crate::engine::contract::options::Clean;
use crate::engine::diagnosis::errors;
use crate::migrations::{Migration, MigrationSet, Version, VersionWidth};
use crate::sql::{HISTORY, RECORDS, quote_string};

/// The history, without planctl's own records. A database without the table has an empty one.
pub(crate) fn read(conn: &Connection, db: &str) -> Result<History> {
    let wrong = |error| errors::database(error, db);
    let _snapshot = snapshot(conn).map_err(wrong)?;
    let Some(width) = width(conn).map_err(wrong)? else { return Ok(History::default()) };
    let sql = "SELECT version, name, applied_on, checksum FROM main.refinery_schema_history ORDER BY version";
    let mut statement = conn.prepare_cached(sql).map_err(|error| {
        let said = errors::message(&error);
        Error::new(ErrorKind::History, format!("{HISTORY} is not refinery's table: {said}"))
            .help("planctl needs its columns version, name, applied_on and checksum")
    })?;
    let mut rows = statement.query([]).map_err(wrong)?;
    let mut applied: Vec<Applied> = Vec::new();
    let mut number = 0_u64;
    while let Some(row) = rows.next().map_err(wrong)? {
        number += 1;
        let entry = entry(row, number, width).map_err(|error| {
            error.help(format!("look at it with `SELECT rowid, * FROM {HISTORY}`, and repair the row"))
        })?;
        if let Some(last) = applied.last()
            && last.version == entry.version
        {
            return Err(Error::new(
                ErrorKind::History,
                format!("{HISTORY} has version {} twice", entry.version),
            )
            .help("find out which one was really applied, and delete the other row"));
        }
        applied.push(entry);
    }
    Ok(History { width: Some(width), applied })
}

/// The history without the records, and with `with_schema` what became of the schema since the newest of it.
pub(crate) fn glance(conn: &Connection, db: &str, with_schema: bool) -> Result<Glance> {
    let wrong = |error| errors::database(error, db);
    let _snapshot = snapshot(conn).map_err(wrong)?;
    let history = read(conn, db)?;
    if !with_schema {
        return Ok(Glance { history, schema: None });
    }
    let now = Fingerprint::read(conn).map_err(wrong)?.to_string();
    let left = match history.applied.last() {
        Some(newest) if has_table(conn, RECORDS).map_err(wrong)? => {
            verify_records(conn, db)?;
            let sql = "SELECT schema_after FROM main.planctl_migrations WHERE version = ?1 AND checksum = ?2";
            let left =
                conn.query_row(sql, params![newest.version, newest.checksum.to_string()], |row| row.get(0));
            left.optional().map_err(wrong)?.unwrap_or_default()
        }
        _ => String::new(),
    };
    Ok(Glance { history, schema: Some([now, left]) })
}

/// The history, with planctl's own records.
pub(crate) fn read_all(conn: &Connection, db: &str) -> Result<History> {
    let _snapshot = snapshot(conn).map_err(|error| errors::database(error, db))?;
    let mut history = read(conn, db)?;
    verify_records(conn, db)?;
    let mut records = records(conn).map_err(|error| errors::database(error, db))?;
    for applied in &mut history.applied {
        let key = (applied.version, applied.checksum.to_string());
        applied.record = records
            .remove(&key)
            .filter(|(applied_on, _)| parse_time(applied_on) == Some(applied.applied_on))
            .map(|(_, record)| record);
    }
    Ok(history)
}

/// As long as this is held, every statement sees the same state of the database: history rows and the records beside
/// them belong together. `None` inside a transaction, where that is so anyway. It also spares locking for each statement.
pub(crate) fn snapshot(conn: &Connection) -> rusqlite::Result<Option<Transaction<'_>>> {
    let snapshot = conn.is_autocommit().then(|| conn.unchecked_transaction()).transpose()?;
    if snapshot.is_some() {
        // It begins with a statement that does without the schema: to read that, SQLite would lock the file once more.
        commits_of_others(conn)?;
    }
    Ok(snapshot)
}

/// What the DDL of the table calls the type of `version`; `None` where there is no table.
fn width(conn: &Connection) -> rusqlite::Result<Option<VersionWidth>> {
    let of = |declared: &str| {
        let is_wide = ["int8", "bigint"].iter().any(|wide| declared.eq_ignore_ascii_case(wide));
        if is_wide { VersionWidth::Int8 } else { VersionWidth::Int4 }
    };
    // It takes no statement to ask for a column that is there.
    if let Ok((Some(declared), ..)) = conn.column_metadata(Some("main"), HISTORY, "version")
        && let Ok(declared) = declared.to_str()
    {
        return Ok(Some(of(declared)));
    }
    if !has_table(conn, HISTORY)? {
        return Ok(None);
    }
    let columns = columns(conn, "main", HISTORY)?;
    Ok(Some(named(&columns, "version").map_or(VersionWidth::Int4, |column| of(&column.declared))))
}

/// One row; `number` is its place in order of version, for messages.
fn entry(row: &Row<'_>, number: u64, width: VersionWidth) -> Result<Applied> {
    let version = match value(row, 0)? {
        ValueRef::Integer(version) if version >= 0 => version,
        other => return Err(malformed(number, None, "version", &shown(other))),
    };
    if VersionWidth::of(version) > width {
        let what = format!("{version} is too large for its type, int4");
        return Err(malformed(number, None, "version", &what));
    }
    let wrong = |column: &str, what: &str| malformed(number, Some(version), column, what);
    let text = |column: usize, name: &str| match value(row, column)? {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_err(|_| wrong(name, "it is not UTF-8 text")),
        other => Err(wrong(name, &shown(other))),
    };
    let name = text(1, "name")?.to_owned();
    let applied_on = text(2, "applied_on")?;
    let applied_on = parse_time(applied_on).ok_or_else(|| {
        wrong("applied_on", &format!("{} is not an RFC 3339 time", quote_string(applied_on)))
    })?;
    let checksum = match value(row, 3)? {
        ValueRef::Integer(sum) => u64::try_from(sum).ok(),
        _ => text(3, "checksum")?.parse().ok(),
    };
    let checksum = checksum.ok_or_else(|| wrong("checksum", "it is not a number from 0 to 2^64 - 1"))?;
    Ok(Applied { version, name, applied_on, checksum, record: None })
}

fn value<'r>(row: &'r Row<'_>, column: usize) -> Result<ValueRef<'r>> {
    row.get_ref(column).map_err(|error| errors::database(error, HISTORY))
}

fn malformed(number: u64, version: Option<Version>, column: &str, what: &str) -> Error {
    let row = match version {
        Some(version) => format!("the row of version {version}"),
        None => format!("row {number}"),
    };
    Error::new(ErrorKind::History, format!("{HISTORY}: {row}, column {column}: {what}"))
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "it is NULL".to_owned(),
        ValueRef::Integer(n) => format!("it is the number {n}"),
        ValueRef::Real(n) => format!("it is the number {n}"),
        ValueRef::Text(text) => format!("it is the text {}", quote_string(&String::from_utf8_lossy(text))),
        ValueRef::Blob(_) => "it is a blob".to_owned(),
    }
}

fn parse_time(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// Our own records by version and checksum, each with the time of its history row. What cannot be read is left out:
/// without a record, the files answer.
fn records(conn: &Connection) -> rusqlite::Result<HashMap<(i64, String), (String, Record)>> {
    if !has_table(conn, RECORDS)? {
        return Ok(HashMap::new());
    }
    let mut statement = conn.prepare("SELECT * FROM main.planctl_migrations")?;
    let columns = RecordColumns::of(&statement);
    let mut rows = statement.query([])?;
    let mut found = HashMap::new();
    while let Some(row) = rows.next()? {
        if let Ok((key, applied_on, record)) = record(row, &columns) {
            found.insert(key, (applied_on, record));
        }
    }
    Ok(found)
}

/// Makes our own table when it is not there, and gives one that is there what it lacks.
///
/// # Errors
/// `History` when something else has its name.
pub(crate) fn ensure_records(
    conn: &Connection,
    db: &str,
    set: &MigrationSet,
    width: VersionWidth,
) -> Result<()> {
    verify_records(conn, db)?;
    let ensure = || {
        if !has_column(conn, "version") && !has_table(conn, RECORDS)? {
            return conn.execute_batch(CREATE_RECORDS);
        }
        extend_records(conn)?;
        complete(conn, set, width)
    };
    ensure().map_err(|error| errors::database(error, db))
}

/// Whether what has the name of our table is our table.
fn verify_records(conn: &Connection, db: &str) -> Result<()> {
    if RECORD_COLUMNS.iter().all(|name| has_column(conn, name)) {
        return Ok(());
    }
    let look = || -> rusqlite::Result<Option<String>> {
        let kind = "SELECT type FROM main.sqlite_schema WHERE name = ?1 COLLATE NOCASE AND type <> 'trigger'";
        let kind: Option<String> =
            conn.prepare_cached(kind)?.query_row([RECORDS], |row| row.get(0)).optional()?;
        match kind.as_deref() {
            None => Ok(None),
            Some("table") => {
                let columns = columns(conn, "main", RECORDS)?;
                let lacking = RECORD_COLUMNS.iter().find(|name| named(&columns, name).is_none());
                Ok(lacking.map(|name| format!("it has no column {name}")))
            }
            Some(other) => Ok(Some(format!("it is {} {other}", if other == "index" { "an" } else { "a" }))),
        }
    };
    match look().map_err(|error| errors::database(error, db))? {
        None => Ok(()),
        Some(why) => {
            let message = format!("{RECORDS} of {db} is not planctl's: {why}");
            Err(Error::new(ErrorKind::History, message).about(db).help(
                "planctl keeps what it applied in a table of this name: rename the other one, and run the command again",
            ))
        }
    }
}

/// Writes the history row that refinery would write.
pub(crate) fn insert(conn: &Connection, file: &Migration, width: VersionWidth) -> rusqlite::Result<()> {
    let now = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
    conn.prepare_cached(
        "INSERT INTO main.refinery_schema_history(version, name, applied_on, checksum) VALUES(?1, ?2, ?3, ?4)",
    )?
    .execute(params![file.version, file.name, now, file.checksum(width).to_string()])?;
    Ok(())
}

/// Records a migration whose history row is already written, in a table that is there.
pub(crate) fn insert_record(conn: &Connection, version: Version, record: &Record) -> rusqlite::Result<()> {
    let signed = |n: u128| i64::try_from(n).unwrap_or(i64::MAX);
    let sql = "INSERT OR REPLACE INTO main.planctl_migrations(version, applied_on, checksum, run_id, took_ms,
           rows_backfilled, down_sql, down_checksum, schema_before, schema_after, backfilled, tokens_checksum)
         SELECT version, applied_on, checksum, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
         FROM main.refinery_schema_history WHERE version = ?1";
    // Mostly the table lacks nothing, and that is not looked up each time.
    let mut statement = match conn.prepare_cached(sql) {
        Ok(statement) => statement,
        Err(_) => {
            extend_records(conn)?;
            conn.prepare_cached(sql)?
        }
    };
    statement.execute(params![
        version,
        record.run_id,
        record.took.map_or(-1, |took| signed(took.as_millis())),
        signed(record.rows_backfilled.into()),
        record.down.as_ref().map(|down| down.sql.as_str()),
        record.down.as_ref().map(|down| down.checksum.to_string()),
        record.schema_before,
        record.schema_after,
        backfilled_json(&record.backfilled),
        record.tokens.map(|sum| sum.to_string()),
    ])?;
    Ok(())
}

/// Replaces the checksum of a migration in both tables by that of its file as it is now.
pub(crate) fn replace_checksum(
    conn: &Connection,
    file: &Migration,
    width: VersionWidth,
) -> rusqlite::Result<()> {
    let [record, history] = replacing(file, width);
    if has_table(conn, RECORDS)? {
        extend_records(conn)?;
        conn.execute(&record, [])?;
    }
    conn.execute(&history, []).map(drop)
}

/// The statements for that: the record first, which counts only while it is that of its history row.
pub(crate) fn replacing(file: &Migration, width: VersionWidth) -> [String; 2] {
    let (version, checksum) = (file.version, file.checksum(width));
    let tokens = file.tokens_checksum().map_or("NULL".to_owned(), |sum| format!("'{sum}'"));
    [
        format!(
            "UPDATE main.{RECORDS} SET checksum = '{checksum}', tokens_checksum = {tokens} WHERE version = {version} \
             AND checksum = (SELECT checksum FROM main.{HISTORY} WHERE version = {version})"
        ),
        format!("UPDATE main.{HISTORY} SET checksum = '{checksum}' WHERE version = {version}"),
    ]
}

/// Removes a version from both tables.
pub(crate) fn delete(conn: &Connection, version: Version) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM main.refinery_schema_history WHERE version = ?1")?.execute([version])?;
    if has_table(conn, RECORDS)? {
        conn.prepare_cached("DELETE FROM main.planctl_migrations WHERE version = ?1")?.execute([version])?;
    }
    Ok(())
}

/// Notes that the schema is now what a down left: the newest record that remains answers for it.
pub(crate) fn note_schema(conn: &Connection) -> rusqlite::Result<()> {
    if has_table(conn, RECORDS)? {
        let sql = "UPDATE main.planctl_migrations SET schema_after = ?1
                   WHERE version = (SELECT max(version) FROM main.refinery_schema_history)";
        conn.prepare_cached(sql)?.execute([Fingerprint::read(conn)?.to_string()])?;
    }
    Ok(())
}

/// Whether the schema is what the last applied migration left, by its record or as it was `found` to be.
///
/// # Errors
/// `Locked` when somebody has changed it since.
pub(crate) fn verify_clean(sqlite: &Sqlite, found: Option<&Clean>) -> Result<()> {
    let Some(found) = found else { return Ok(()) };
    let now = Fingerprint::read(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
    verify_as_found(sqlite, found, (sqlite.plain_history()?.newest(), now))
}

/// The same where the newest applied version and the schema are known.
pub(crate) fn verify_as_found(
    sqlite: &Sqlite,
    found: &Clean,
    (newest, now): (Option<Version>, Fingerprint),
) -> Result<()> {
    let now = now.to_string();
    if found.newest == newest && found.schema == now
        || sqlite.full_history()?.left_schema() == Some(now.as_str())
    {
        return Ok(());
    }
    Err(overtaken(&sqlite.name))
}

/// The schema of `db` is not the one any more that was looked at.
pub(crate) fn overtaken(db: &str) -> Error {
    let message = format!("the schema of {db} was changed by another process in the meantime");
    Error::new(ErrorKind::Locked, message).help("run the command again")
}

/// What the schema table holds of the history, hooks on its tables included, and the history itself: a migration that can
/// write to the schema table has to leave it as it is.
pub(crate) fn in_schema(conn: &Connection) -> rusqlite::Result<Vec<Vec<Value>>> {
    let all = |sql: &str| rows(conn, sql, [], |row| values(row, 0));
    let mentions = |name: &str| {
        format!(
            "lower(name) = '{name}' OR lower(tbl_name) = '{name}' \
             OR type IN ('trigger', 'index') AND instr(lower(sql), '{name}')"
        )
    };
    let (history, records) = (mentions(HISTORY), mentions(RECORDS));
    let mut found: Vec<Vec<Value>> = all(&format!(
        "SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE {history} OR {records} ORDER BY 1, 2, 3, 4"
    ))?;
    for table in [HISTORY, RECORDS] {
        if has_table(conn, table)? {
            found.extend(all(&format!("SELECT * FROM main.{table} ORDER BY version"))?);
        }
    }
    Ok(found)
}

/// A number that changes when another connection commits, and not when this one does
/// (<https://www.sqlite.org/pragma.html#pragma_data_version>). To be asked inside a transaction.
pub(crate) fn commits_of_others(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("PRAGMA main.data_version")?.query_row([], |row| row.get(0))
}

impl Sqlite {
    /// The history as [`Sqlite::plain_history`] has it, and [`commits_of_others`] as it was read.
    pub(crate) fn counted_history(&self) -> Result<(History, i64)> {
        lock::reading(self.lock_timeout, self.job(), || {
            let _snapshot = snapshot(&self.conn).map_err(|error| self.trouble(error))?;
            let seen = commits_of_others(&self.conn).map_err(|error| self.trouble(error))?;
            Ok((read(&self.conn, &self.name)?, seen))
        })
    }

    pub(crate) fn plain_history(&self) -> Result<History> {
        lock::reading(self.lock_timeout, self.job(), || read(&self.conn, &self.name))
    }

    pub(crate) fn full_history(&self) -> Result<History> {
        lock::reading(self.lock_timeout, self.job(), || read_all(&self.conn, &self.name))
    }

    /// The history as [`Sqlite::full_history`] has it, and [`commits_of_others`] as it was read.
    pub(crate) fn counted_full_history(&self) -> Result<(History, i64)> {
        lock::reading(self.lock_timeout, self.job(), || {
            let _snapshot = snapshot(&self.conn).map_err(|error| self.trouble(error))?;
            let seen = commits_of_others(&self.conn).map_err(|error| self.trouble(error))?;
            Ok((read_all(&self.conn, &self.name)?, seen))
        })
    }

    /// Why nothing can be planned, by all that is recorded: only a record shows that nothing but white space differs.
    pub(crate) fn told_by_records<T>(&self, error: Error, plan: impl FnOnce(&History) -> Result<T>) -> Error {
        match self.full_history().map(|known| plan(&known)) {
            Ok(Err(told)) => told,
            Ok(Ok(_)) | Err(_) => error,
        }
    }
}
