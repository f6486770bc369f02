//! Functions and collations that an application registers and this build does not have.
//!
//! A schema may name them in views, triggers, checks and indexes. To compile such a text, and compare what it
//! compiles to, it is enough that something of that name exists. What is registered here is never run on real data:
//! it serves scratch databases only.

use super::fault;
use crate::engine::{Fault, Thing};
use rusqlite::functions::FunctionFlags;
use std::collections::BTreeSet;

use crate::sql::{Kind, is_keyword, tokens};
use rusqlite::types::Null;
use rusqlite::{Connection, Error};

/// Registers what `error` says is missing. `false` when the error is about something else.
pub(super) fn provide(connection: &Connection, error: &Error) -> bool {
    let fault = fault::of(error);
    let Fault::NoSuch(thing, name) = fault.root() else { return false };
    if *thing == Thing::Function {
        let flags = FunctionFlags::SQLITE_UTF8
            | FunctionFlags::SQLITE_DETERMINISTIC
            | FunctionFlags::SQLITE_INNOCUOUS;
        return connection.create_scalar_function(name.as_str(), -1, flags, |_| Ok(Null)).is_ok();
    }
    *thing == Thing::Collation && connection.create_collation(name.as_str(), |a, b| a.cmp(b)).is_ok()
}

/// The function that is not here, when `error` says so.
pub(super) fn function(error: &Error) -> Option<String> {
    match fault::of(error).root() {
        Fault::NoSuch(Thing::Function, name) => Some(name.clone()),
        _ => None,
    }
}

/// Whether a function cannot be used as `text` uses it, where only the application knows what kind of function it is: what
/// stands in for it is no aggregate, and no window function.
pub(super) fn is_about_stand_in(
    connection: &Connection,
    fault: &Fault,
    text: &str,
) -> rusqlite::Result<bool> {
    let Fault::Misused(misused) = fault else { return Ok(false) };
    let mut statement = connection.prepare("SELECT name FROM pragma_function_list WHERE builtin")?;
    let own = statement.query_map([], |row| row.get::<_, String>(0).map(|name| name.to_ascii_lowercase()))?;
    let own = own.collect::<rusqlite::Result<BTreeSet<String>>>()?;
    let mut calls = tokens(text).zip(tokens(text).skip(1)).filter(|(word, open)| {
        word.can_be_name() && open.is_punct("(") && !(word.kind == Kind::Word && is_keyword(word.text))
    });
    Ok(calls.any(|(word, _)| {
        let name = word.unquoted();
        !own.contains(&name.to_ascii_lowercase()) && misused.as_ref().is_none_or(|misused| *misused == name)
    }))
}

/// Whether SQLite could not make a virtual table because its module (or what the module needs) is not here.
pub(super) fn is_module_trouble(error: &Error) -> bool {
    matches!(fault::of(error).root(), Fault::NoSuch(Thing::Module, _))
}
