//! A copy of a server that hands out none: its schema and its rows, read at one moment.
//!
//! Tables and indexes are made by their statements, the tables behind virtual ones among them; virtual tables, views and
//! triggers are entered as they stand, so that no module and no trigger has a say in what is copied.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::{Connection, Statement, params_from_iter};

use super::database::Remote;
use super::exact::{Exact, exactly};
use super::transport::Asked;
use super::transport::http::Failed;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::ddl;
use crate::engine::catalog::columns::{columns, free_rowid_name};
use crate::engine::catalog::inspect::has_table;
use crate::engine::connection::copy::create_private;
use crate::engine::connection::{connect, copy};
use crate::engine::contract::server_name::ServerKind;
use crate::engine::diagnosis::errors;
use crate::sql::{is_internal, quote};

/// Rows between two events of progress.
const BLOCK: u64 = 1000;

/// Copies the whole database into a new file that only its owner can read.
pub(super) fn copy(remote: &Remote, to: &Path, job: Job<'_>) -> Result<()> {
    let copied = match remote.server.copy(create_private(to)?) {
        Some(Ok(())) => Ok(()),
        Some(Err(Failed::Nobody(error) | Failed::Lost(error) | Failed::Other(error))) => Err(error),
        None => write(remote, to, job),
    };
    let is_sound = || {
        Connection::open(connect::plain(to))
            .and_then(|copy| copy.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())))
            .map_err(|error| errors::database(error, &to.display().to_string()))
    };
    copied.and_then(|()| is_sound()).inspect_err(|_| copy::remove(to))
}

/// Writes the copy into the new and empty file `to`.
fn write(remote: &Remote, to: &Path, job: Job<'_>) -> Result<()> {
    let there = |error| errors::database(error, &to.display().to_string());
    let conn = Connection::open(connect::plain(to)).map_err(there)?;
    conn.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; \
         PRAGMA ignore_check_constraints = ON",
    )
    .map_err(there)?;
    let name = &remote.shadow.name;
    let not_copied = |error: rusqlite::Error| {
        let message = format!("{name} cannot be copied: {}", errors::message(&error));
        Error::new(ErrorKind::Database, message).caused_by(error)
    };
    settings(&remote.shadow.conn, &conn).map_err(not_copied)?;
    let objects = objects(remote, job)?;
    let (tables, entered) = schema(&objects, &conn, remote.kind).map_err(not_copied)?;
    fill(remote, &conn, &objects, &tables, job)?;
    conn.execute_batch("PRAGMA writable_schema = ON").map_err(not_copied)?;
    for object in entered {
        let insert =
            "INSERT INTO main.sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES (?1, ?2, ?3, 0, ?4)";
        conn.execute(insert, params_from_iter(object)).map_err(not_copied)?;
    }
    conn.execute_batch("COMMIT; PRAGMA writable_schema = RESET").map_err(not_copied)?;
    drop(conn);
    let synchronise = || std::fs::File::options().write(true).open(to)?.sync_all();
    synchronise().map_err(|error| Error::file(to, error))
}

/// A table whose rows are copied.
struct Copied {
    /// What gives its rows there.
    select: String,
    /// What takes them here.
    insert: String,
    /// What removes the rows that SQLite itself has written here.
    clear: Option<String>,
}

/// Type, name, table and text of an object.
type Object = [String; 4];

/// What asks for the objects of the schema.
fn asked_objects(kind: ServerKind) -> String {
    let columns = ["type", "name", "tbl_name", "sql"].map(|column| exactly(column, kind)).join(", ");
    format!("SELECT {columns} FROM main.sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
}

/// The objects of the schema, as the server states them.
fn objects(remote: &Remote, job: Job<'_>) -> Result<Vec<Object>> {
    let sql = asked_objects(remote.kind);
    let mut objects = Vec::new();
    let answer = remote.exact_rows(&[Asked { sql: &sql, values: &[] }], job, &mut |_, row| {
        objects.push(object(row).ok_or_else(|| remote.server.trouble("a row of sqlite_schema is none"))?);
        Ok(ControlFlow::Continue(()))
    })?;
    answer.map_err(|said| remote.server.trouble(&said))?;
    Ok(objects)
}

fn object(row: Vec<Exact>) -> Option<Object> {
    let texts: Option<Vec<String>> = row
        .into_iter()
        .map(|value| match value {
            Exact::Text(text) => String::from_utf8(text).ok(),
            _ => None,
        })
        .collect();
    texts?.try_into().ok()
}

fn settings(from: &Connection, to: &Connection) -> rusqlite::Result<()> {
    for pragma in ["encoding", "user_version", "application_id"] {
        let value: rusqlite::types::Value = from.pragma_query_value(None, pragma, |row| row.get(0))?;
        to.pragma_update(None, pragma, value)?;
    }
    Ok(())
}

/// Makes the tables and indexes, and leaves a transaction open: the tables whose rows are to be copied, and the objects
/// that are to be entered behind them.
fn schema<'o>(
    objects: &'o [Object],
    to: &Connection,
    place: ServerKind,
) -> rusqlite::Result<(Vec<Copied>, Vec<&'o Object>)> {
    to.execute_batch("BEGIN")?;
    let (mut tables, mut entered) = (Vec::new(), Vec::new());
    for object in objects {
        let [kind, name, _, sql] = object;
        let is_virtual = matches!(ddl::created(sql), Some((ddl::Kind::VirtualTable, _)));
        let is_of_sqlite = is_internal(name);
        match kind.as_str() {
            "table" if is_of_sqlite && name.to_ascii_lowercase().starts_with("sqlite_stat") => {
                to.execute_batch("ANALYZE main.sqlite_schema")?;
            }
            "table" if !is_virtual && !is_of_sqlite => {
                to.execute_batch(sql)?;
                tables.push(copied(to, name, place)?);
            }
            "index" => to.execute_batch(sql)?,
            "table" if is_of_sqlite => {}
            _ => entered.push(object),
        }
    }
    // Behind all others, since SQLite writes into these by itself.
    for [kind, name, ..] in objects {
        if kind == "table" && is_internal(name) && has_table(to, name)? {
            let clear = Some(format!("DELETE FROM main.{}", quote(name)));
            tables.push(Copied { clear, ..copied(to, name, place)? });
        }
    }
    Ok((tables, entered))
}

/// A table that is there already on this side.
fn copied(to: &Connection, name: &str, kind: ServerKind) -> rusqlite::Result<Copied> {
    let all = columns(to, "main", name)?;
    let mut names: Vec<String> =
        all.iter().filter(|column| column.is_ordinary()).map(|column| quote(&column.name)).collect();
    let without_rowid = "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1";
    let without_rowid: bool = to.query_row(without_rowid, [name], |row| row.get(0))?;
    // An INTEGER PRIMARY KEY is the rowid, and there already.
    let rowid = free_rowid_name(&all).filter(|_| !without_rowid);
    names.extend(rowid.map(str::to_owned));
    let asked: Vec<String> = names.iter().map(|name| exactly(name, kind)).collect();
    let table = format!("main.{}", quote(name));
    Ok(Copied {
        select: format!("SELECT {} FROM {table} NOT INDEXED", asked.join(", ")),
        clear: None,
        insert: format!(
            "INSERT INTO {table}({}) VALUES ({})",
            names.join(", "),
            vec!["?"; names.len()].join(", ")
        ),
    })
}

/// Copies the rows of all tables, at one moment, at which the schema is still what it was.
fn fill(
    remote: &Remote,
    conn: &Connection,
    objects: &[Object],
    tables: &[Copied],
    job: Job<'_>,
) -> Result<()> {
    let trouble = |error: rusqlite::Error| remote.shadow.trouble(error);
    let changed =
        || remote.server.trouble("the schema changed while it was copied").help("run the command again");
    let schema = asked_objects(remote.kind);
    let mut asked = vec![Asked { sql: &schema, values: &[] }];
    asked.extend(tables.iter().map(|table| Asked { sql: &table.select, values: &[] }));
    let mut inserts: Vec<Option<Statement<'_>>> = tables.iter().map(|_| None).collect();
    let what = format!("copying {}", remote.shadow.name);
    let (mut done, mut known) = (0, objects.iter());
    let answer = remote.exact_rows(&asked, job, &mut |at, row| {
        let Some(table) = at.checked_sub(1) else {
            let is_known = object(row).as_ref() == known.next();
            return if is_known { Ok(ControlFlow::Continue(())) } else { Err(changed()) };
        };
        let (Some(insert), Some(copied)) = (inserts.get_mut(table), tables.get(table)) else {
            return Err(remote.server.trouble("the answer does not fit the request"));
        };
        let statement = match insert {
            Some(statement) => statement,
            None => {
                clear(conn, copied).map_err(trouble)?;
                insert.insert(conn.prepare(&copied.insert).map_err(trouble)?)
            }
        };
        statement.execute(params_from_iter(&row)).map_err(trouble)?;
        done += 1;
        if done % BLOCK == 0 {
            job.tell(Event::Progress { what: &what, done, total: None });
        }
        Ok(ControlFlow::Continue(()))
    })?;
    answer.map_err(|said| remote.server.trouble(&said))?;
    for (copied, _) in tables.iter().zip(&inserts).filter(|(_, insert)| insert.is_none()) {
        clear(conn, copied).map_err(trouble)?;
    }
    if known.next().is_some() { Err(changed()) } else { Ok(()) }
}

fn clear(conn: &Connection, copied: &Copied) -> rusqlite::Result<()> {
    copied.clear.as_ref().map_or(Ok(()), |clear| conn.execute_batch(clear))
}
