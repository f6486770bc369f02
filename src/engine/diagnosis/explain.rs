//! What stands behind SQLite's message when a statement fails: the rows in the way, and what usually helps.

use rusqlite::Connection;

use super::arriving::{Arriving, name_to_come};
use super::failing_rows::{Source, split};
use super::{errors, fault, unknown};
use crate::base::nearest::slip;
use crate::engine::catalog::rows::firsts;
use crate::engine::{Columns, Fault, Thing};
use crate::sql::{Token, display_name, misfit, tokens};

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
    /// The columns that SQLite names in a table with a passing name, and what they are called in the end.
    called: Option<(Columns, Columns)>,
}

impl Explained {
    /// What SQLite said, in the names of the user.
    pub(crate) fn in_lasting_names(&self, error: &rusqlite::Error) -> String {
        let Some((passing, lasting)) = &self.called else { return errors::message(error) };
        errors::as_told(&fault::renamed(&errors::whole_message(error), passing, lasting))
    }
}

const VALUES_FIRST: &str = "give these rows a value first";
const CORRECT_FIRST: &str = "correct the rows that do not satisfy the check first";

/// Explains why `statement` was refused, behind which stands `rest`. Called while the transaction is still open, so that
/// tables which the migration made are there to be looked at. Looking never makes things worse: what cannot be found out is
/// left out.
pub(crate) fn explain(conn: &Connection, statement: &str, rest: &str, fault: &Fault) -> Explained {
    if !fault.is_about_rows() {
        return of_statement(conn, statement, fault);
    }
    let rows = Arriving::of(conn, statement);
    let title = rows.as_ref().and_then(|rows| name_to_come(&rows.table, rest));
    let of_rows = |note: Option<String>, help: String| Explained {
        notes: note.into_iter().collect(),
        help: Some(help),
        data: true,
        called: rows.as_ref().zip(title.as_ref()).and_then(|(rows, title)| called(conn, rows, title, fault)),
    };
    let source = rows.as_ref().map(|rows| Source::arriving(rows, title.as_ref().unwrap_or(&rows.table)));
    let to_table = |table: &str| source.as_ref().filter(|source| source.is_of(table));
    match fault {
        Fault::NotNull(columns) => {
            let (table, column) = split(conn, columns);
            of_rows(
                to_table(&table).and_then(|source| source.nulls(conn, &column)),
                format!("{VALUES_FIRST}, or fill it in on the way: coalesce({}, …)", display_name(&column)),
            )
        }
        Fault::Unique(columns) => of_rows(
            match Source::indexed(conn, statement) {
                Some((indexed, expressions)) => {
                    indexed.duplicates(conn, &expressions, &expressions.join(", "))
                }
                None => rows.as_ref().zip(source.as_ref()).and_then(|(rows, source)| {
                    let known = rows.columns(conn)?;
                    let names = columns.of(&rows.table, &known)?;
                    source.duplicates(conn, &rows.keyed(&names), &names.join(", "))
                }),
            },
            "decide which of these rows to keep, and merge or delete the others first".to_owned(),
        ),
        Fault::Check(check) => match altered(conn, statement) {
            Some(Altered::NotNull(note)) => of_rows(note, VALUES_FIRST.to_owned()),
            Some(Altered::Check(note)) => of_rows(note, CORRECT_FIRST.to_owned()),
            None => of_rows(
                rows.as_ref().zip(source.as_ref()).and_then(|(rows, source)| {
                    let condition = rows.check(check.as_deref()?)?;
                    source.failing(conn, &format!("NOT ({condition}\n)"), "against the check")
                }),
                CORRECT_FIRST.to_owned(),
            ),
        },
        Fault::Type(columns) => of_rows(
            rows.as_ref().zip(source.as_ref()).and_then(|(rows, source)| {
                let (column, declared) = rows.misfitting(conn, columns)?;
                let is_bad = misfit(&declared, &source.column(&column))?;
                source.failing(
                    conn,
                    &is_bad,
                    &format!("with a value in {column} that is not of type {declared}"),
                )
            }),
            "correct the values that do not fit the column's type first".to_owned(),
        ),
        _ => of_statement(conn, statement, fault),
    }
}

/// Why a statement was refused whatever rows there are.
fn of_statement(conn: &Connection, statement: &str, fault: &Fault) -> Explained {
    let meant = || unknown::meant(conn, statement, fault).map(|name| format!("did you mean `{name}`?"));
    let of_application = || of_application(conn, fault);
    let help = foreign(statement, fault).or_else(of_application).or_else(meant);
    let help = help.or_else(|| help_with(statement, fault));
    Explained { help, ..Explained::default() }
}

/// The columns that a refusal names in a table that will be called `title`, with that name.
fn called(conn: &Connection, rows: &Arriving, title: &str, fault: &Fault) -> Option<(Columns, Columns)> {
    let (Fault::NotNull(columns) | Fault::Unique(columns) | Fault::Type(columns)) = fault else {
        return None;
    };
    let known = rows.columns(conn)?;
    let lasting: Vec<String> =
        columns.of(&rows.table, &known)?.into_iter().map(|column| format!("{title}.{column}")).collect();
    Some((columns.clone(), Columns(lasting.join(", "))))
}

/// What `ALTER TABLE t ALTER [COLUMN] c SET NOT NULL` and `ALTER TABLE t ADD [CONSTRAINT n] CHECK (…)` ask of rows, and
/// those that they refuse.
enum Altered {
    NotNull(Option<String>),
    Check(Option<String>),
}

fn altered(conn: &Connection, statement: &str) -> Option<Altered> {
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
        return Some(Altered::NotNull(source.nulls(conn, &column.unquoted())));
    }
    let check = rest.iter().position(|token| token.is_word("CHECK"))?;
    let open = rest.get(check + 1)?;
    let condition = statement.get(open.start..)?.trim_end().trim_end_matches(';');
    Some(Altered::Check(source.failing(conn, &format!("NOT {condition}"), "against the check")))
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
