//! A spec, executed in an in-memory database of its own: whatever SQLite accepts, planctl accepts.

use std::collections::BTreeSet;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, ffi};

use super::inspect::{FILE_PRAGMAS, INSERT_STORED};
use super::{missing, trouble};
use crate::ddl;
use crate::error::{Error, ErrorKind, Result};
use crate::source::SourceFile;
use crate::sql::{self, Statement};

/// An in-memory database that holds the schema of a script.
pub struct Scratch {
    /// The connection to it.
    pub connection: Connection,
    /// The pragmas of [`FILE_PRAGMAS`] that the script sets.
    pub pragmas: BTreeSet<&'static str>,
}

/// Runs a script of DDL in memory.
///
/// Foreign keys are off. A virtual table whose module is not part of this build is entered into the schema as it
/// stands. The script can reach nothing outside its memory: ATTACH is refused, extensions are not loaded.
///
/// # Errors
/// [`ErrorKind::Sql`] with the place of the statement that SQLite refuses.
pub fn scratch_from_source(source: &SourceFile) -> Result<Scratch> {
    let mut connection =
        Connection::open_in_memory().map_err(|e| trouble("cannot open a scratch database", e))?;
    connection.execute_batch("PRAGMA foreign_keys = OFF").map_err(|e| trouble("cannot set up", e))?;
    connection.authorizer(Some(confine)).map_err(|e| trouble("cannot set up", e))?;
    let mut pragmas = BTreeSet::new();
    for statement in sql::statements(source.text()) {
        pragmas.extend(pragma_set(statement.text));
        run(&connection, source, &statement)?;
    }
    if !connection.is_autocommit() {
        connection.execute_batch("COMMIT").map_err(|e| trouble("cannot end the script's transaction", e))?;
    }
    let remove: Option<fn(AuthContext<'_>) -> Authorization> = None;
    connection.authorizer(remove).map_err(|e| trouble("cannot set up", e))?;
    Ok(Scratch { connection, pragmas })
}

fn confine(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => Authorization::Deny,
        AuthAction::Function { function_name } if function_name.eq_ignore_ascii_case("load_extension") => {
            Authorization::Deny
        }
        _ => Authorization::Allow,
    }
}

fn run(connection: &Connection, source: &SourceFile, statement: &Statement<'_>) -> Result<()> {
    let mut attempts = 0;
    loop {
        let result = connection.prepare(statement.text).and_then(|mut prepared| {
            let mut rows = prepared.query([])?;
            while rows.next()?.is_some() {}
            Ok(())
        });
        let Err(error) = result else { return Ok(()) };
        // What the script needs and this build does not have: functions and collations of the application.
        attempts += 1;
        if attempts < 100 && missing::provide(connection, &error) {
            continue;
        }
        if let Some((ddl::Kind::VirtualTable, name)) = ddl::created(statement.text)
            && missing::is_module_trouble(&error)
        {
            return enter_virtual_table(connection, name.as_str(), statement)
                .map_err(|e| refused(source, statement, &e));
        }
        return Err(refused(source, statement, &error));
    }
}

/// The module is unknown here: keep the statement, so that it can be compared.
fn enter_virtual_table(
    connection: &Connection,
    name: &str,
    statement: &Statement<'_>,
) -> rusqlite::Result<()> {
    let exists = "SELECT count(*) FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE";
    if connection.query_row(exists, [name], |row| row.get::<_, i64>(0))? > 0 {
        return Ok(());
    }
    let sql = statement.text.trim_end_matches(';');
    connection.execute_batch("PRAGMA writable_schema = ON")?;
    let inserted = connection.execute(INSERT_STORED, [name, sql]);
    connection.execute_batch("PRAGMA writable_schema = RESET")?;
    inserted.map(|_| ())
}

fn refused(source: &SourceFile, statement: &Statement<'_>, error: &rusqlite::Error) -> Error {
    let (message, offset) = match error {
        rusqlite::Error::SqlInputError { msg, offset, .. } => {
            (msg.clone(), usize::try_from(*offset).unwrap_or(0))
        }
        rusqlite::Error::SqliteFailure(code, message) => {
            (message.clone().unwrap_or_else(|| code.to_string()), 0)
        }
        other => (other.to_string(), 0),
    };
    let mut refused = Error::new(ErrorKind::Sql, format!("SQLite refuses this statement: {message}"))
        .at(source.location(statement.start + offset));
    if error.sqlite_error().is_some_and(|e| e.extended_code == ffi::SQLITE_AUTH) {
        refused = refused.help("a spec describes one schema; it cannot attach databases or load extensions");
    }
    refused
}

/// The pragma of [`FILE_PRAGMAS`] that a statement sets, if it sets one.
fn pragma_set(statement: &str) -> Option<&'static str> {
    let tokens: Vec<_> = sql::tokens(statement).collect();
    let (first, mut rest) = tokens.split_first()?;
    if !first.is_word("PRAGMA") {
        return None;
    }
    if let [_, dot, after @ ..] = rest
        && dot.is_punct(".")
    {
        rest = after;
    }
    let [name, assignment, ..] = rest else { return None };
    let sets = assignment.is_punct("=") || assignment.is_punct("(");
    FILE_PRAGMAS.into_iter().find(|pragma| sets && name.unquoted().eq_ignore_ascii_case(pragma))
}
