//! An in-memory copy of a schema and its history, without rows.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::catalog::inspect::has_table;
use crate::engine::catalog::registered;
use crate::engine::catalog::registered::Tolerated;
use crate::engine::catalog::rows::{rows, values};
use crate::engine::connection::Sqlite;
use crate::engine::diagnosis::errors;
use crate::sql::{HISTORY, RECORDS, is_internal, quote};

/// Parts of a schema in the order in which they can be made. Shadow tables are made by their virtual table.
const OBJECTS: &str = "
    SELECT s.type, s.name, s.tbl_name, s.sql, s.sql LIKE 'CREATE VIRTUAL TABLE%'
    FROM main.sqlite_schema s
    WHERE s.sql IS NOT NULL
      AND (NOT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%')
           OR s.name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'))
    ORDER BY CASE s.type WHEN 'table' THEN s.sql LIKE 'CREATE VIRTUAL TABLE%' WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END,
             s.rowid";

/// Settings that are part of a database and may matter to what runs on it.
const SETTINGS: [&str; 3] = ["encoding", "user_version", "application_id"];

/// The copy.
pub(crate) fn of(sqlite: &Sqlite) -> Result<Sqlite> {
    let copy = Sqlite { lacks_rows: true, ..Sqlite::scratch(sqlite.job())? };
    let trouble = |error: rusqlite::Error| {
        let said = errors::message(&error);
        Error::new(ErrorKind::Database, format!("the schema of {} cannot be copied: {said}", sqlite.name))
            .caused_by(error)
    };
    let (from, to) = (&sqlite.conn, &copy.conn);
    for name in SETTINGS {
        let value: Value = from.pragma_query_value(None, name, |row| row.get(0)).map_err(trouble)?;
        to.pragma_update(None, name, value).map_err(trouble)?;
    }
    registered::stand_in(from, to).map_err(trouble)?;
    objects(from, to).map_err(trouble)?;
    for table in ["sqlite_sequence", HISTORY, RECORDS] {
        copy_rows(from, to, table).map_err(trouble)?;
    }
    Ok(copy)
}

fn objects(from: &Connection, to: &Connection) -> rusqlite::Result<()> {
    let mut all: Vec<([String; 4], bool)> = rows(from, OBJECTS, [], |row| {
        let object: [String; 4] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
        let without_pages = row.get::<_, bool>(4)? || matches!(object[0].as_str(), "view" | "trigger");
        Ok((object, without_pages))
    })?;
    all.retain(|(object, _)| !is_internal(&object[1]));
    let mut stored = Vec::new();
    // Until the objects are made: then a statement of a migration fails on the copy where it fails on the database.
    let mut tolerated = None;
    for (object, without_pages) in &all {
        match to.execute_batch(&object[3]) {
            Ok(()) => continue,
            // A module that this build lacks, a view that refers to nothing: the definition alone is all there is to it.
            Err(_) if *without_pages => {
                stored.push(object);
                continue;
            }
            Err(error) if tolerated.is_some() => return Err(error),
            // A function or collation of the application's, perhaps.
            Err(_) => {}
        }
        tolerated = Some(Tolerated::of(to, all.iter().map(|(object, _)| object[3].as_str()))?);
        to.execute_batch(&object[3])?;
    }
    drop(tolerated);
    if stored.is_empty() {
        return Ok(());
    }
    to.execute_batch("PRAGMA writable_schema = ON")?;
    for object in stored {
        to.execute(
            "INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES(?1, ?2, ?3, 0, ?4)",
            params_from_iter(object),
        )?;
    }
    to.execute_batch("PRAGMA writable_schema = RESET")
}

/// Copies the rows of a table that both sides have.
fn copy_rows(from: &Connection, to: &Connection, table: &str) -> rusqlite::Result<()> {
    if !has_table(from, table)? || !has_table(to, table)? {
        return Ok(());
    }
    let mut read = from.prepare(&format!("SELECT * FROM main.{}", quote(table)))?;
    let columns = read.column_count();
    let holders = vec!["?"; columns].join(", ");
    let mut write = to.prepare(&format!("INSERT INTO main.{} VALUES({holders})", quote(table)))?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        write.execute(params_from_iter(values::<Value, Vec<_>>(row, 0)?))?;
    }
    Ok(())
}
