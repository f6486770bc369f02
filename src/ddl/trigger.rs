//! CREATE TRIGGER (<https://www.sqlite.org/lang_createtrigger.html>).

use super::Kind;
use super::cursor::{Cursor, Read};
use crate::schema::{Ident, Timing, Trigger, TriggerEvent};
use crate::sql::{Token, replaced};

/// Reads a CREATE TRIGGER statement.
///
/// # Errors
/// `Unread` with the place of the first token that is not understood.
pub fn create_trigger(statement: &str) -> Read<Trigger> {
    let mut cursor = Cursor::new(statement);
    let name = cursor.create(Kind::Trigger)?;
    let (timing, event, table) = firing(&mut cursor)?;
    let table = table.unquoted().into();
    cursor.eat(&["FOR", "EACH", "ROW"]);
    let when = if cursor.eat(&["WHEN"]) {
        let start = cursor.offset();
        // BEGIN is no keyword to SQLite's expressions, but `when.begin` or `begin` as a column is possible: the body
        // begins at the last BEGIN that a statement follows.
        cursor.skip_to(|cursor, token| token.is_word("BEGIN") && begins_body(cursor));
        Some(cursor.expr(start..cursor.previous_end()))
    } else {
        None
    };
    if !cursor.at_word("BEGIN") {
        return Err(cursor.unread());
    }
    let body = cursor.rest();
    Ok(Trigger { name, table, timing, event, when, body, sql: statement.to_owned(), unread: None })
}

/// The statement with another table for the trigger to be on, and nothing else changed; `None` where it cannot be read.
pub fn trigger_on(statement: &str, table: &Ident) -> Option<String> {
    let mut cursor = Cursor::new(statement);
    cursor.create(Kind::Trigger).ok()?;
    let (_, _, old) = firing(&mut cursor).ok()?;
    Some(replaced(statement, [(old.start..old.end(), table.quoted())]))
}

/// From behind the name to the table: when the trigger fires, on what, and on which table.
pub(super) fn firing<'a>(cursor: &mut Cursor<'a>) -> Read<(Timing, TriggerEvent, Token<'a>)> {
    let timing = if cursor.eat(&["INSTEAD", "OF"]) {
        Timing::InsteadOf
    } else if cursor.eat(&["AFTER"]) {
        Timing::After
    } else {
        cursor.eat(&["BEFORE"]);
        Timing::Before
    };
    let event = if cursor.eat(&["DELETE"]) {
        TriggerEvent::Delete
    } else if cursor.eat(&["INSERT"]) {
        TriggerEvent::Insert
    } else {
        cursor.expect(&["UPDATE"])?;
        let mut columns = Vec::new();
        if cursor.eat(&["OF"]) {
            columns.push(cursor.name()?);
            while cursor.eat_punct(",") {
                columns.push(cursor.name()?);
            }
        }
        TriggerEvent::Update(columns)
    };
    cursor.expect(&["ON"])?;
    let table = cursor.object_name()?;
    Ok((timing, event, table))
}

fn begins_body(cursor: &Cursor<'_>) -> bool {
    ["UPDATE", "INSERT", "DELETE", "SELECT", "REPLACE", "WITH", "VALUES"]
        .iter()
        .any(|word| cursor.peek_at(1).is_some_and(|token| token.is_word(word)))
}
