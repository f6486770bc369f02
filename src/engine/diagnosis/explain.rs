//! What stands behind SQLite's message when a statement fails: the rows in the way, and what usually helps.

use rusqlite::Connection;

use super::failing_rows::{Source, split};
use super::unknown;
use crate::base::nearest::slip;
use crate::engine::catalog::rows::firsts;
use crate::engine::{Columns, Fault, Thing};
use crate::sql::{Token, display_name, quote, tokens};

/// How many lines of a failing statement are shown.
const LINES_SHOWN: usize = 6;

/// A statement of several lines, for a note.
pub(crate) fn shown_lines(statement: &str) -> Option<String> {
    if !statement.contains('\n') {
        return None;
    }
    let shown: Vec<&str> = statement.lines().take(LINES_SHOWN).collect();
    let more = if statement.lines().nth(LINES_SHOWN).is_some() { "\n…" } else { "" };
    Some(format!("in the statement\n{}{more}", shown.join("\n")))
}

/// Background for a failing statement.
#[derive(Default, Debug)]
pub(crate) struct Explained {
    pub(crate) notes: Vec<String>,
    pub(crate) help: Option<String>,
    /// Whether rows, not the statement, are the cause.
    pub(crate) data: bool,
}

/// Explains why `statement` was refused. Called while the transaction is still open, so that tables which the migration made
/// are there to be looked at. Looking never makes things worse: what cannot be found out is left out.
pub(crate) fn explain(conn: &Connection, statement: &str, fault: &Fault) -> Explained {
    let of_rows = |note: Option<String>, help: String| Explained {
        notes: note.into_iter().collect(),
        help: Some(help),
        data: true,
    };
    match fault {
        Fault::NotNull(columns) => {
            let (table, column) = split(conn, columns);
            let source = Source::inserted(conn, statement);
            let source = source.filter(|source| source.table.eq_ignore_ascii_case(&table));
            of_rows(
                source.and_then(|source| source.nulls(conn, &column)),
                format!("give these rows a value first, or fill it in on the way: coalesce({column}, …)"),
            )
        }
        Fault::Unique(columns) => of_rows(
            duplicates(conn, statement, columns),
            "decide which of these rows to keep, and merge or delete the others first".to_owned(),
        ),
        Fault::Check(check) => of_rows(
            altered(conn, statement).or_else(|| unchecked(conn, statement, check.as_deref()?)),
            "correct the rows that do not satisfy the check first".to_owned(),
        ),
        Fault::Type(_) => {
            of_rows(None, "correct the values that do not fit the column's type first".to_owned())
        }
        _ => {
            let meant =
                || unknown::meant(conn, statement, fault).map(|name| format!("did you mean `{name}`?"));
            let of_application = || of_application(conn, fault);
            let help = foreign(statement, fault).or_else(of_application).or_else(meant);
            let help = help.or_else(|| help_with(statement, fault));
            Explained { help, ..Explained::default() }
        }
    }
}

/// The values that would stand twice in a unique index.
fn duplicates(conn: &Connection, statement: &str, columns: &Columns) -> Option<String> {
    if let Some((source, expressions)) = Source::indexed(conn, statement) {
        let shown = expressions.join(", ");
        return source.duplicates(conn, &expressions, &shown);
    }
    let source = Source::inserted(conn, statement)?;
    let known = source.columns(conn)?;
    let names = columns.of(&source.table, &known)?;
    let expressions: Vec<String> = names.iter().map(|column| quote(column)).collect();
    source.duplicates(conn, &expressions, &names.join(", "))
}

/// The rows that a CHECK refuses. SQLite names a constraint by its expression when it has no name of its own.
fn unchecked(conn: &Connection, statement: &str, check: &str) -> Option<String> {
    tokens(check).nth(1)?;
    Source::inserted(conn, statement)?.failing(conn, &format!("NOT ({check}\n)"), "against the check")
}

/// The rows that `ALTER TABLE t ALTER [COLUMN] c SET NOT NULL` and `ALTER TABLE t ADD [CONSTRAINT n] CHECK (…)` refuse.
fn altered(conn: &Connection, statement: &str) -> Option<String> {
    let words: Vec<Token<'_>> = tokens(statement).collect();
    let [alter, of_table, rest @ ..] = words.as_slice() else { return None };
    if !alter.is_word("ALTER") || !of_table.is_word("TABLE") {
        return None;
    }
    let rest = if rest.get(1)?.is_punct(".") { rest.get(2..)? } else { rest };
    let (table, rest) = rest.split_first()?;
    let table = table.unquoted();
    let source = Source::whole(conn, &table)?;
    let (verb, rest) = rest.split_first()?;
    if verb.is_word("ALTER") {
        let column = if rest.first()?.is_word("COLUMN") { rest.get(1)? } else { rest.first()? };
        return source.nulls(conn, &column.unquoted());
    }
    let check = rest.iter().position(|token| token.is_word("CHECK"))?;
    let open = rest.get(check + 1)?;
    let condition = statement.get(open.start..)?.trim_end().trim_end_matches(';');
    source.failing(conn, &format!("NOT {condition}"), "against the check")
}

/// What to do where something is not here that an application may have registered.
fn of_application(conn: &Connection, fault: &Fault) -> Option<String> {
    let known = |list: &str| firsts::<String, Vec<_>>(conn, list, []).unwrap_or_default();
    let Fault::NoSuch(thing, missing) = fault.root() else { return None };
    let (name, known) = match thing {
        Thing::Collation => {
            (display_name(missing), known("SELECT name FROM pragma_collation_list WHERE seq >= 0"))
        }
        Thing::Function => {
            let own = "SELECT DISTINCT name FROM pragma_function_list WHERE builtin";
            (format!("{missing}()"), known(own))
        }
        _ => return None,
    };
    let meant = slip(missing, known.iter().map(String::as_str));
    let meant = meant.map_or(String::new(), |meant| format!("did you mean `{meant}`? "));
    Some(format!(
        "{meant}if {name} is the application's, have the application run the migration, on a connection where it is \
         registered (`planctl::migrate`)"
    ))
}

fn help_with(statement: &str, fault: &Fault) -> Option<String> {
    Some(match fault {
        Fault::NoSuch(Thing::Table, name) => {
            format!("is `{name}` created by a migration with a later version, or under another name?")
        }
        Fault::NoSuch(Thing::Index | Thing::View | Thing::Trigger, _) => {
            "was it dropped by hand, or never created? `DROP … IF EXISTS` skips what does not exist".to_owned()
        }
        Fault::NoSuch(Thing::Column, _) => "`planctl schema dump` shows the columns that there are".to_owned(),
        Fault::AddsNotNull => "give the column a DEFAULT, or rebuild the table".to_owned(),
        Fault::AddsNonConstant => {
            "SQLite adds such a column only to an empty table: add it with a constant default and UPDATE the rows, or rebuild the table"
                .to_owned()
        }
        Fault::Within(within) if within.reads() => {
            "drop what reads the table before it is changed, and create it again afterwards".to_owned()
        }
        Fault::StringInQuotes(_) => QUOTES.to_owned(),
        Fault::Vacuum => "VACUUM does not work inside a transaction: run it by hand".to_owned(),
        Fault::Exists if begins(statement, "CREATE") => HAS_IT.to_owned(),
        // A CREATE TABLE that says it twice is wrong in itself.
        Fault::DuplicateColumn if begins(statement, "ALTER") => HAS_IT.to_owned(),
        _ => return None,
    })
}

/// What to do where the work of a migration is done already.
const HAS_IT: &str = "was it created by an earlier version, or by hand? `planctl migrate baseline --to V` takes over a database that has it";

fn begins(statement: &str, word: &str) -> bool {
    tokens(statement).next().is_some_and(|token| token.is_word(word))
}

/// What to do about a string in double quotes.
pub(crate) const QUOTES: &str = "double quotes are for names: write the string as '…'";

/// What to write for a command of another program or another database, at which SQLite said no more than that it is none of
/// its own. The help is about the statement's first word.
pub(crate) fn foreign(statement: &str, fault: &Fault) -> Option<String> {
    if *fault != Fault::Syntax {
        return None;
    }
    let mut words = tokens(statement);
    let first = words.next()?;
    let second = words.next();
    if first.is_punct(".") || first.text.starts_with('.') {
        let command = second.map_or("", |token| token.text);
        return Some(format!(
            "`.{command}` is a command of the sqlite3 shell, not SQL: delete the line; what it sets for reading or printing has no effect in a migration"
        ));
    }
    let is = |words: &[&str]| words.iter().any(|word| first.is_word(word));
    let next = |word: &str| second.is_some_and(|token| token.is_word(word));
    let help = if is(&["DELIMITER"]) {
        "DELIMITER is a command of the mysql client: delete it, and end a trigger with `END;` — planctl and SQLite see where \
         it ends"
    } else if is(&["TRUNCATE"]) {
        "SQLite has no TRUNCATE: `DELETE FROM t` without WHERE deletes all rows as fast"
    } else if is(&["USE"]) {
        "SQLite has one database a file, and a migration runs on that of --db: delete the statement"
    } else if is(&["GO"]) {
        "GO is a command of SQL Server's clients: delete it; a semicolon ends a statement"
    } else if is(&["SHOW", "DESCRIBE", "DESC"]) {
        "SQLite describes its schema in `sqlite_schema` and by `PRAGMA table_info`; a migration has no use for either: delete \
         the statement"
    } else if is(&["SET"]) || (is(&["LOCK", "UNLOCK"]) && second.is_some_and(|t| t.text.len() >= 5)) {
        "SQLite has no such statement: delete it; a migration is one transaction under the write lock"
    } else if is(&["CREATE"]) && (next("DATABASE") || next("SCHEMA")) {
        "in SQLite a database is a file, which `planctl migrate up` creates: delete the statement"
    } else if is(&["CREATE"])
        && ["PROCEDURE", "FUNCTION", "TYPE", "EXTENSION", "SEQUENCE", "ROLE", "USER"]
            .iter()
            .any(|what| next(what))
    {
        "SQLite has none of these: a function is registered by the application, a list of values is a CHECK, a sequence is \
         INTEGER PRIMARY KEY"
    } else if is(&["GRANT", "REVOKE"]) {
        "SQLite has no users: the permissions of the file decide who may do what; delete the statement"
    } else if first.text.starts_with('#') {
        "`#` begins no comment in SQLite: write `--`"
    } else if first.text.starts_with('\\') {
        "a line that begins with `\\` is a command of psql, not SQL: delete it"
    } else {
        return None;
    };
    Some(help.to_owned())
}
