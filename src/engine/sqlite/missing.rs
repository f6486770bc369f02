//! Functions and collations that an application registers and this build does not have.
//!
//! A schema may name them in views, triggers, checks and indexes. To compile such a text, and compare what it
//! compiles to, it is enough that something of that name exists. What is registered here is never run on real data:
//! it serves scratch databases only.

use super::errors::message;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Null;
use rusqlite::{Connection, Error};

/// Registers what `error` says is missing. `false` when the error is about something else.
pub(super) fn provide(connection: &Connection, error: &Error) -> bool {
    let message = message(error);
    let function = after(&message, "no such function: ")
        .or_else(|| after(&message, "unknown function: ").map(|name| name.trim_end_matches("()")));
    if let Some(name) = function {
        let flags = FunctionFlags::SQLITE_UTF8
            | FunctionFlags::SQLITE_DETERMINISTIC
            | FunctionFlags::SQLITE_INNOCUOUS;
        return connection.create_scalar_function(name, -1, flags, |_| Ok(Null)).is_ok();
    }
    if let Some(name) = after(&message, "no such collation sequence: ") {
        return connection.create_collation(name, |a, b| a.cmp(b)).is_ok();
    }
    false
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
