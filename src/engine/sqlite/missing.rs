//! Functions and collations that an application registers and this build does not have.
//!
//! A schema may name them in views, triggers, checks and indexes. To compile such a text, and compare what it
//! compiles to, it is enough that something of that name exists. What is registered here is never run on real data:
//! it serves scratch databases only.

use super::errors::message;
use rusqlite::functions::FunctionFlags;
use std::collections::BTreeSet;

use crate::sql::{Kind, is_keyword, tokens};
use rusqlite::types::Null;
use rusqlite::{Connection, Error};

/// Registers what `error` says is missing. `false` when the error is about something else.
pub(super) fn provide(connection: &Connection, error: &Error) -> bool {
    let message = message(error);
    if let Some(name) = function_in(&message) {
        return give_null(connection, name).is_ok();
    }
    if let Some(name) = after(&message, "no such collation sequence: ") {
        return connection.create_collation(name, |a, b| a.cmp(b)).is_ok();
    }
    false
}

/// Registers a function that gives NULL.
pub(super) fn give_null(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(name, -1, flags, |_| Ok(Null))
}

/// The function that is not here, when `error` says so.
pub(super) fn function(error: &Error) -> Option<String> {
    function_in(&message(error)).map(str::to_owned)
}

fn function_in(message: &str) -> Option<&str> {
    after(message, "no such function: ")
        .or_else(|| after(message, "unknown function: ").map(|name| name.trim_end_matches("()")))
}

/// Whether `error` says that a function cannot be used as `text` uses it, where only the application knows what kind of
/// function it is: what stands in for it is no aggregate, and no window function.
pub(super) fn is_about_stand_in(connection: &Connection, error: &str, text: &str) -> rusqlite::Result<bool> {
    let is_aggregate = error.contains("HAVING clause on a non-aggregate query");
    if !is_aggregate && !error.contains("()") {
        return Ok(false);
    }
    let mut statement = connection.prepare("SELECT name FROM pragma_function_list WHERE builtin")?;
    let own = statement.query_map([], |row| row.get::<_, String>(0).map(|name| name.to_ascii_lowercase()))?;
    let own = own.collect::<rusqlite::Result<BTreeSet<String>>>()?;
    let mut calls = tokens(text).zip(tokens(text).skip(1)).filter(|(word, open)| {
        word.can_be_name() && open.is_punct("(") && !(word.kind == Kind::Word && is_keyword(word.text))
    });
    Ok(calls.any(|(word, _)| {
        let name = word.unquoted();
        !own.contains(&name.to_ascii_lowercase()) && (is_aggregate || error.contains(&format!("{name}()")))
    }))
}

/// Whether SQLite could not make a virtual table because its module (or what the module needs) is not here.
pub(super) fn is_module_trouble(error: &Error) -> bool {
    let message = message(error);
    ["no such module", "no such tokenizer", "unknown tokenizer", "error in tokenizer"]
        .iter()
        .any(|known| message.contains(known))
}

fn after<'a>(message: &'a str, known: &str) -> Option<&'a str> {
    let start = message.find(known)? + known.len();
    let name = message[start..].trim();
    (!name.is_empty()).then_some(name)
}
