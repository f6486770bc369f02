//! Functions and collations that are none of SQLite's own: those that an application has registered on its connection, and
//! those that a schema names and nobody has registered here.

use std::collections::BTreeSet;

use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::{Connection, ErrorCode};

use super::rows::{firsts, rows};
use crate::base::nearest::misspelt;
use crate::sql::{Token, quote, tokens};

/// A function as SQLite lists it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Function {
    name: String,
    arguments: i32,
    aggregate: bool,
    flags: i32,
}

/// Whether a collation is registered. The list of collations has those, too, that a schema names and nobody has registered.
pub(crate) fn has_collation(conn: &Connection, name: &str) -> bool {
    conn.prepare(&format!("SELECT '' < '' COLLATE {}", quote(name))).is_ok()
}

/// Registers on `to` what `from` has and `to` lacks, so that the same statements compile there. A collation compares byte by
/// byte; a function fails when it is called: nobody but the application can say what it gives.
pub(crate) fn stand_in(from: &Connection, to: &Connection) -> rusqlite::Result<()> {
    let known: BTreeSet<(String, i32)> =
        functions(to)?.into_iter().map(|function| (function.name, function.arguments)).collect();
    for function in functions(from)? {
        let Function { name, arguments, aggregate, flags } = function;
        if known.contains(&(name.clone(), arguments)) {
            continue;
        }
        let passed = FunctionFlags::SQLITE_DETERMINISTIC
            | FunctionFlags::SQLITE_DIRECTONLY
            | FunctionFlags::SQLITE_INNOCUOUS;
        let flags = FunctionFlags::from_bits_truncate(flags) & passed | FunctionFlags::SQLITE_UTF8;
        if aggregate {
            to.create_aggregate_function(name.as_str(), arguments, flags, Absent(name.clone()))?;
        } else {
            scalar(to, &name, arguments, flags)?;
        }
    }
    for name in collations(from)? {
        if !has_collation(to, &name) && has_collation(from, &name) {
            by_bytes(to, &name)?;
        }
    }
    Ok(())
}

/// Has whatever collation a statement names stood in for: it compares byte by byte. For databases in memory that nobody but
/// this program sees: a file that was written in this order is not one that the application can read. What is one of
/// SQLite's own, misspelt, stays unknown.
pub(crate) fn any_collation(conn: &Connection) -> rusqlite::Result<()> {
    conn.collation_needed(|conn, name| match misspelt(name, ["BINARY", "NOCASE", "RTRIM"]) {
        Some(_) => Ok(()),
        None => by_bytes(conn, name),
    })
}

/// Removes a function. SQLite refuses to as long as a statement runs, and takes what a module holds open for one: an R*Tree
/// that was written keeps hold of its shadow table until the transaction ends, or until it hears of a savepoint.
pub(crate) fn remove_function(conn: &Connection, name: &str, arguments: i32) -> rusqlite::Result<()> {
    match conn.remove_function(name, arguments) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && !conn.is_autocommit() => {
            conn.execute_batch("SAVEPOINT planctl_let_go; RELEASE planctl_let_go")?;
            conn.remove_function(name, arguments)
        }
        removed => removed,
    }
}

fn by_bytes(conn: &Connection, name: &str) -> rusqlite::Result<()> {
    conn.create_collation(name, |a, b| a.cmp(b))
}

/// What SQLite brings.
pub(crate) struct OfSqlite {
    collations: BTreeSet<String>,
    functions: BTreeSet<String>,
}

impl OfSqlite {
    /// What is on a connection that was opened just now.
    pub(crate) fn on_new(conn: &Connection) -> rusqlite::Result<OfSqlite> {
        let functions = functions(conn)?.into_iter().map(|function| function.name).collect();
        Ok(OfSqlite { collations: collations(conn)?, functions })
    }

    /// The collations that are registered on a connection, but for these.
    pub(crate) fn own_collations(&self, conn: &Connection) -> rusqlite::Result<BTreeSet<String>> {
        let all = collations(conn)?.into_iter();
        Ok(all.filter(|name| !self.collations.contains(name) && has_collation(conn, name)).collect())
    }

    /// Takes away what was registered to compile views and triggers, which need no function to be made: a migration that
    /// calls one is to be seen to. What stands in for one of SQLite's own stays.
    pub(crate) fn keep_functions(&self, conn: &Connection, kept: &BTreeSet<String>) -> rusqlite::Result<()> {
        let mut own = own_names(conn)?;
        own.retain(|name| !self.functions.contains(name) && !kept.contains(name));
        own.iter().try_for_each(|name| remove_function(conn, name, -1))
    }
}

/// The functions that each connection has for itself: its own, and those of SQLite's extensions.
fn own_names(conn: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let mut list = conn.prepare_cached("PRAGMA function_list")?;
    let mut rows = list.query([])?;
    let mut names = BTreeSet::new();
    while let Some(row) = rows.next()? {
        if !row.get::<_, bool>(1)? {
            names.insert(row.get::<_, String>(0)?.to_ascii_lowercase());
        }
    }
    Ok(names)
}

/// What a schema names and nobody has registered, as long as its objects are made: SQLite reads such a schema from a file, and
/// refuses its statements.
pub(crate) struct Tolerated<'c> {
    conn: &'c Connection,
    functions: BTreeSet<String>,
    collations: BTreeSet<String>,
}

impl<'c> Tolerated<'c> {
    /// Lets the statements of a schema compile.
    pub(crate) fn of<'s>(
        conn: &'c Connection,
        statements: impl IntoIterator<Item = &'s str>,
    ) -> rusqlite::Result<Tolerated<'c>> {
        let known: BTreeSet<String> = functions(conn)?.into_iter().map(|function| function.name).collect();
        let collations = collations(conn)?;
        let mut tolerated = Tolerated { conn, functions: BTreeSet::new(), collations };
        let flags = FunctionFlags::SQLITE_UTF8
            | FunctionFlags::SQLITE_DETERMINISTIC
            | FunctionFlags::SQLITE_INNOCUOUS;
        let statements: Vec<&str> = statements.into_iter().collect();
        // Of a database in UTF-16, `collation_needed` hears nothing.
        for name in statements.iter().copied().flat_map(compared_by) {
            if !has_collation(conn, &name) {
                by_bytes(conn, &name)?;
            }
        }
        for name in statements.iter().copied().flat_map(called) {
            if !known.contains(&name) && !tolerated.functions.contains(&name) {
                scalar(conn, &name, -1, flags)?;
                tolerated.functions.insert(name);
            }
        }
        Ok(tolerated)
    }
}

impl Drop for Tolerated<'_> {
    /// From here on, a statement that needs one of them fails as it does on the database itself.
    fn drop(&mut self) {
        for name in &self.functions {
            drop(remove_function(self.conn, name, -1));
        }
        for name in collations(self.conn).unwrap_or_default().difference(&self.collations) {
            drop(self.conn.remove_collation(name.as_str()));
        }
    }
}

/// Names that a statement may call: those in front of a parenthesis, and those behind operators.
pub(crate) fn called(statement: &str) -> Vec<String> {
    let tokens: Vec<Token<'_>> = tokens(statement).collect();
    let mut names = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let before_parenthesis = tokens.get(i + 1).is_some_and(|next| next.is_punct("("));
        if token.can_be_name() && before_parenthesis || token.is_word("regexp") {
            names.push(token.unquoted().to_ascii_lowercase());
        }
    }
    names
}

/// Names of collations in a statement.
fn compared_by(statement: &str) -> Vec<String> {
    let behind = tokens(statement).zip(tokens(statement).skip(1)).filter(|(word, _)| word.is_word("collate"));
    behind.map(|(_, name)| name.unquoted()).collect()
}

fn functions(conn: &Connection) -> rusqlite::Result<BTreeSet<Function>> {
    let list = "SELECT lower(name), narg, type <> 's', flags FROM pragma_function_list";
    rows(conn, list, [], |row| {
        Ok(Function { name: row.get(0)?, arguments: row.get(1)?, aggregate: row.get(2)?, flags: row.get(3)? })
    })
}

fn collations(conn: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    firsts(conn, "SELECT name FROM pragma_collation_list", [])
}

fn scalar(conn: &Connection, name: &str, arguments: i32, flags: FunctionFlags) -> rusqlite::Result<()> {
    let absent = Absent(name.to_owned());
    conn.create_scalar_function(name, arguments, flags, move |_| absent.called::<Option<i64>>())
}

/// A function that only the application has.
struct Absent(String);

impl Absent {
    fn called<T>(&self) -> rusqlite::Result<T> {
        let message = format!("{}() is a function of the application, which cannot be called here", self.0);
        Err(rusqlite::Error::UserFunctionError(message.into()))
    }
}

impl Aggregate<(), Option<i64>> for Absent {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<()> {
        Ok(())
    }

    fn step(&self, _: &mut Context<'_>, (): &mut ()) -> rusqlite::Result<()> {
        self.called()
    }

    fn finalize(&self, _: &mut Context<'_>, _: Option<()>) -> rusqlite::Result<Option<i64>> {
        self.called()
    }
}
