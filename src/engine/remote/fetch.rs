//! The schema and the history of a server, fetched at one moment and entered into a database in memory.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::transport::{Answer, TableOfValues, Transport};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::engine::connection::Sqlite;
use crate::engine::shadow::stored_rows::{StoredObject, enter};
use crate::sql::{HISTORY, RECORDS, quote};

/// What is asked, all at once.
const ASKED: [&str; 8] = [
    "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid",
    "PRAGMA encoding",
    "PRAGMA user_version",
    "PRAGMA application_id",
    "SELECT * FROM refinery_schema_history",
    "SELECT * FROM planctl_migrations",
    "SELECT * FROM sqlite_sequence",
    "PRAGMA foreign_keys",
];

/// The schema and the history of a server in memory, without rows of any other table; and whether it enforces foreign keys.
pub(super) fn shadow(server: &dyn Transport, name: &str, job: Job<'_>) -> Result<(Sqlite, bool)> {
    let answers = server.read(&ASKED, job)?;
    let [schema, encoding, user_version, application_id, history, records, sequence, keys] =
        <[Answer; 8]>::try_from(answers).map_err(|_| server.trouble("the answer is not complete"))?;
    let objects: Vec<StoredObject> = (asked(server, schema)?.rows.into_iter())
        .map(|row| StoredObject::of(row).ok_or_else(|| server.trouble("a row of sqlite_schema is none")))
        .collect::<Result<_>>()?;
    let mut shadow = Sqlite::scratch(job)?;
    shadow.name = name.to_owned();
    let set = |pragma: &str, answer| {
        let value = asked(server, answer)?.rows.into_iter().next().and_then(|row| row.into_iter().next());
        let value = value.ok_or_else(|| server.trouble(&format!("it gives no {pragma}")))?;
        shadow.conn.pragma_update(None, pragma, value).map_err(|error| not_entered(name, error))
    };
    // It is settled by the first write.
    set("encoding", encoding)?;
    enter(&shadow.conn, &objects, |object| object.is_table(HISTORY) || object.is_table(RECORDS))
        .map_err(|error| not_entered(name, error))?;
    set("user_version", user_version)?;
    set("application_id", application_id)?;
    for (table, answer) in [(HISTORY, history), (RECORDS, records), ("sqlite_sequence", sequence)] {
        if objects.iter().any(|object| object.is_table(table)) {
            let rows = asked(server, answer)?;
            fill(&shadow.conn, table, rows).map_err(|error| not_entered(name, error))?;
        }
    }
    let keys = asked(server, keys)?.rows;
    let enforces = keys.first().and_then(|row| row.first()) == Some(&Value::Integer(1));
    Ok((shadow, enforces))
}

fn asked(server: &dyn Transport, answer: Answer) -> Result<TableOfValues> {
    answer.map_err(|message| server.trouble(&message))
}

fn fill(conn: &Connection, table: &str, from: TableOfValues) -> rusqlite::Result<()> {
    let columns: Vec<String> = from.columns.iter().map(|column| quote(column)).collect();
    let holders = vec!["?"; columns.len()].join(", ");
    let insert = format!("INSERT INTO main.{}({}) VALUES({holders})", quote(table), columns.join(", "));
    let mut insert = conn.prepare(&insert)?;
    for row in from.rows {
        insert.execute(params_from_iter::<Vec<Value>>(row))?;
    }
    Ok(())
}

fn not_entered(name: &str, error: rusqlite::Error) -> Error {
    Error::new(
        ErrorKind::Database,
        format!("the schema of {name} cannot be read by the SQLite that planctl brings: {error}"),
    )
    .caused_by(error)
}
