//! The rows of a file: INSERT, UPDATE and DELETE, and nothing that would touch schema, settings or the transaction.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::ffi;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::trouble::trouble;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::job::stopped;
use crate::base::progress::Event;
use crate::base::source::SourceFile;
use crate::engine::connection::{Sqlite, durable, stubs};
use crate::engine::diagnosis::foreign_keys::Violations;
use crate::engine::diagnosis::{errors, explain, fault};
use crate::engine::{Fault, Thing};
use crate::sql::{Statement, is_own_table, statements};

/// Runs the statements of `file` inside the open transaction. A row may come before the one that it refers to: foreign
/// keys are checked by the commit.
pub(crate) fn run(sqlite: &mut Sqlite, file: &SourceFile, job: Job<'_>) -> Result<()> {
    let db = sqlite.name.clone();
    let set_up = |result: rusqlite::Result<()>| result.map_err(|error| trouble(error, &db));
    set_up(sqlite.conn.execute_batch("PRAGMA defer_foreign_keys = ON"))?;
    let refusal = Arc::new(Mutex::new(None));
    let judge = Arc::clone(&refusal);
    set_up(sqlite.conn.authorizer(Some(move |context: AuthContext<'_>| {
        let Some(why) = refuse(&context) else { return Authorization::Allow };
        *judge.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        Authorization::Deny
    })))?;
    let run = |sqlite: &mut Sqlite| {
        statements(file.text()).iter().try_for_each(|statement| {
            if job.is_stopped() {
                return Err(stopped());
            }
            job.tell(Event::Statement { sql: statement.text });
            let prepared = sqlite.conn.prepare(statement.text);
            prepared.and_then(|mut prepared| stubs::to_its_end(&mut prepared)).map_err(|error| {
                let refusal = refusal.lock().unwrap_or_else(PoisonError::into_inner).take();
                failed(sqlite, error, refusal, file, statement)
            })
        })
    };
    durable::and_back(sqlite, run, |sqlite| {
        set_up(sqlite.conn.authorizer(None::<fn(AuthContext<'_>) -> Authorization>))
    })
}

/// Why a commit failed, when the cause is a row whose parent is still not there.
pub(crate) fn unresolved(conn: &Connection, error: &rusqlite::Error) -> Option<Error> {
    let code = error.sqlite_error()?.extended_code;
    if code != ffi::SQLITE_CONSTRAINT_FOREIGNKEY {
        return None;
    }
    let mut unresolved =
        Error::new(ErrorKind::Data, "rows refer to others that do not exist, nothing was loaded");
    for sentence in Violations::find(conn).map(|found| found.sentences()).unwrap_or_default() {
        unresolved = unresolved.note(sentence);
    }
    Some(
        unresolved.help("add the rows that are referred to, anywhere in the file, or correct the references"),
    )
}

/// Why something is refused: what it would do, and what to do instead.
type Refusal = (&'static str, &'static str);

fn refuse(context: &AuthContext<'_>) -> Option<Refusal> {
    match context.action {
        AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name }
            if is_own_table(table_name) =>
        {
            Some((
                "sample rows cannot go into the table that records migrations",
                "`planctl migrate baseline --to V` records migrations as applied",
            ))
        }
        AuthAction::Select
        | AuthAction::Read { .. }
        | AuthAction::Insert { .. }
        | AuthAction::Update { .. }
        | AuthAction::Delete { .. }
        | AuthAction::Function { .. }
        | AuthAction::Recursive
        | AuthAction::Pragma { pragma_value: None, .. } => None,
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => Some((
            "the rows are loaded in one transaction, which a statement of the file cannot begin or end",
            "remove it: planctl begins and commits",
        )),
        _ => Some((
            "a file of sample rows may only INSERT, UPDATE and DELETE rows",
            "change the schema in a migration (`planctl migrate new NAME`), settings in the application",
        )),
    }
}

fn failed(
    sqlite: &Sqlite,
    error: rusqlite::Error,
    refusal: Option<Refusal>,
    file: &SourceFile,
    statement: &Statement<'_>,
) -> Error {
    let at = |offset: usize| file.location(statement.start + offset);
    if errors::is_interrupt(&error) {
        return stopped();
    }
    if errors::is_about_the_file(&error) {
        return trouble(error, &sqlite.name).at(at(0));
    }
    if let Some((message, help)) = refusal {
        return Error::new(ErrorKind::Sql, message).at(at(0)).help(help);
    }
    let offset = errors::offset(&error).unwrap_or(0);
    let said = errors::message(&error);
    let mut failed = Error::new(ErrorKind::Sql, said.clone()).at(at(offset));
    if offset == 0 {
        failed = explain::shown_lines(statement.text).into_iter().fold(failed, Error::note);
    }
    let fault = fault::of(&error);
    let explained = explain::explain(&sqlite.conn, statement.text, "", &fault);
    let help = match fault.root() {
        Fault::NoSuch(Thing::Table | Thing::Column, _) | Fault::StringInQuotes(_) => Some(
            "the file needs the schema that the migrations produce: `planctl migrate up` first".to_owned(),
        ),
        Fault::Unique(_) => {
            Some("are these rows already there? Load them into another database with --db FILE".to_owned())
        }
        _ => explained.help,
    };
    failed = explained.notes.into_iter().fold(failed, Error::note).note("nothing was loaded");
    if explained.data {
        failed = failed.with_kind(ErrorKind::Data);
    }
    match help {
        Some(help) => failed.help(help),
        None => failed,
    }
    .caused_by(error)
}
