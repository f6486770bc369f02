//! Temporary objects: those of whoever lent the connection, and those that a migration makes for itself.

use std::collections::BTreeSet;

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext};

use super::rows::rows;
use crate::sql::{is_internal, quote};

/// Kinds and names of what there is. To ask where there is nothing yet would make the temporary database, whose place the
/// migration could then no longer choose (`temp_store`).
pub(crate) fn objects(conn: &Connection) -> rusqlite::Result<BTreeSet<(String, String)>> {
    let databases: Vec<String> = rows(conn, "PRAGMA database_list", [], |row| row.get(1))?;
    if !databases.iter().any(|name| name == "temp") {
        return Ok(BTreeSet::new());
    }
    rows(conn, "SELECT type, name FROM temp.sqlite_schema", [], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Drops all but those of `kept`.
pub(crate) fn drop_objects(conn: &Connection, kept: &BTreeSet<(String, String)>) -> rusqlite::Result<()> {
    // Tables last: what refers to them can go in any order. Virtual tables take their shadow tables
    // along, so the list is read again after each.
    let next = "SELECT type, name FROM temp.sqlite_schema
                WHERE sql IS NOT NULL
                ORDER BY type = 'table', type, sql NOT LIKE 'CREATE VIRTUAL%'";
    loop {
        let objects: Vec<(String, String)> = rows(conn, next, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let goes = |object: &(String, String)| !kept.contains(object) && !is_internal(&object.1);
        let Some((kind, name)) = objects.into_iter().find(goes) else { return Ok(()) };
        conn.execute_batch(&format!("DROP {kind} temp.{}", quote(&name)))?;
    }
}

/// The temporary object that a statement drops or alters.
pub(crate) fn dropped<'a>(context: &AuthContext<'a>) -> Option<&'a str> {
    match context.action {
        AuthAction::DropTempTable { table_name: name }
        | AuthAction::DropTempView { view_name: name }
        | AuthAction::DropTempTrigger { trigger_name: name, .. }
        | AuthAction::DropTempIndex { index_name: name, .. }
        | AuthAction::AlterTable { database_name: "temp", table_name: name } => Some(name),
        _ => None,
    }
}

/// Whether a statement makes a temporary object.
pub(crate) fn is_made(context: &AuthContext<'_>) -> bool {
    match context.action {
        AuthAction::CreateTempTable { .. }
        | AuthAction::CreateTempView { .. }
        | AuthAction::CreateTempIndex { .. }
        | AuthAction::CreateTempTrigger { .. } => true,
        AuthAction::CreateVtable { .. } => context.database_name == Some("temp"),
        _ => false,
    }
}
