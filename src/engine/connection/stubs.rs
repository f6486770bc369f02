//! Functions and collations that an application registers and this build does not have.
//!
//! A schema may name them in views, triggers, checks and indexes. To compile such a text, and compare what it
//! compiles to, it is enough that something of that name exists. What is registered here is never run on real data:
//! it serves shadow databases only.

use crate::engine::catalog::rows::firsts;
use crate::engine::diagnosis::fault;
use crate::engine::{Fault, Thing};
use rusqlite::functions::FunctionFlags;
use std::collections::BTreeSet;

use crate::sql::{Kind, is_keyword, tokens};
use rusqlite::types::Null;
use rusqlite::{Connection, Error, Result, Statement};

/// Registers what `error` says is missing. `false` when the error is about something else.
fn provide(connection: &Connection, error: &Error) -> bool {
    let fault = fault::of(error);
    let Fault::NoSuch(thing, name) = fault.root() else { return false };
    if *thing == Thing::Function {
        return give_null(connection, name).is_ok();
    }
    *thing == Thing::Collation && connection.create_collation(name.as_str(), |a, b| a.cmp(b)).is_ok()
}

/// Registers a function that gives NULL.
pub(crate) fn give_null(connection: &Connection, name: &str) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(name, -1, flags, |_| Ok(Null))
}

/// How much one piece of work may miss.
const MOST: usize = 100;

/// Does `work` again each time that something it missed could be provided. What stops it is the connection's own matter.
pub(crate) fn providing<'c, T>(
    connection: &'c Connection,
    work: impl FnMut(&'c Connection) -> Result<T>,
) -> Result<T> {
    providing_what(connection, work, |_| true)
}

/// As [`providing`], what an error speaks of only where it is `wanted`.
pub(crate) fn providing_what<'c, T>(
    connection: &'c Connection,
    mut work: impl FnMut(&'c Connection) -> Result<T>,
    mut wanted: impl FnMut(&Error) -> bool,
) -> Result<T> {
    let mut provided = 0;
    loop {
        match work(connection) {
            Err(error) if provided < MOST && wanted(&error) && provide(connection, &error) => provided += 1,
            result => return result,
        }
    }
}

/// Runs a statement to its end, with stand-ins for what it misses; rows that it gives are not looked at.
pub(crate) fn execute(connection: &Connection, sql: &str) -> Result<()> {
    providing(connection, |connection| to_its_end(&mut connection.prepare(sql)?))
}

/// Runs a statement to its end; rows that it gives are not looked at.
pub(crate) fn to_its_end(statement: &mut Statement<'_>) -> Result<()> {
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(())
}

/// The function that is not here, when `error` says so.
pub(crate) fn function(error: &Error) -> Option<String> {
    match fault::of(error).root() {
        Fault::NoSuch(Thing::Function, name) => Some(name.clone()),
        _ => None,
    }
}

/// Whether a function cannot be used as `text` uses it, where only the application knows what kind of function it is: what
/// stands in for it is no aggregate, and no window function.
pub(crate) fn is_about_stand_in(
    connection: &Connection,
    fault: &Fault,
    text: &str,
) -> rusqlite::Result<bool> {
    let Fault::Misused(misused) = fault else { return Ok(false) };
    let own = "SELECT lower(name) FROM pragma_function_list WHERE builtin";
    let own: BTreeSet<String> = firsts(connection, own, [])?;
    let mut calls = tokens(text).zip(tokens(text).skip(1)).filter(|(word, open)| {
        word.can_be_name() && open.is_punct("(") && !(word.kind == Kind::Word && is_keyword(word.text))
    });
    Ok(calls.any(|(word, _)| {
        let name = word.unquoted();
        !own.contains(&name.to_ascii_lowercase()) && misused.as_ref().is_none_or(|misused| *misused == name)
    }))
}

/// Whether SQLite could not make a virtual table because its module (or what the module needs) is not here.
pub(crate) fn is_module_trouble(error: &Error) -> bool {
    matches!(fault::of(error).root(), Fault::NoSuch(Thing::Module, _))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(functions: usize) -> String {
        let calls: Vec<String> = (0..functions).map(|n| format!("f{n}(1)")).collect();
        format!("SELECT {}", calls.join(", "))
    }

    #[test]
    fn what_a_statement_misses_is_provided_and_no_end_of_it() {
        let conn = Connection::open_in_memory().unwrap();
        execute(&conn, &calls(MOST)).unwrap();
        let conn = Connection::open_in_memory().unwrap();
        assert_eq!(function(&execute(&conn, &calls(MOST + 1)).unwrap_err()), Some(format!("f{MOST}")));
        // What SQLite goes on to miss although it was provided.
        let mut tries = 0;
        let result: Result<()> = providing(&conn, |conn| {
            tries += 1;
            Connection::open_in_memory()?
                .execute_batch("SELECT g()")
                .and_then(|()| conn.execute_batch("SELECT 1"))
        });
        assert_eq!((function(&result.unwrap_err()), tries), (Some("g".to_owned()), MOST + 1));
    }
}
