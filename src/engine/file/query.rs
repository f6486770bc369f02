//! Runs a query of the user's that may read and do nothing else.
//!
//! Three things hold it to that, each by itself enough for what it covers: the connection is opened for reading; the
//! compiled statement has to be one that SQLite calls read-only (<https://www.sqlite.org/c3ref/stmt_readonly.html>),
//! which leaves out ATTACH, transactions, pragmas and what functions do; those the authorizer refuses as they are
//! compiled (<https://www.sqlite.org/c3ref/set_authorizer.html>), also where a table-valued function compiles them later.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::nearest::did_you_mean;
use crate::base::progress::Event;
use crate::engine::connection::Sqlite;
use crate::engine::diagnosis::{errors, explain, fault, unknown};
use crate::engine::{Fault, Thing};
use crate::queries::{Bound, Query, Rows, Value};

/// Pragmas that read the schema or check the rows; all can be had as table-valued functions, too.
const READING: [&str; 16] = [
    "collation_list",
    "compile_options",
    "database_list",
    "foreign_key_check",
    "foreign_key_list",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "module_list",
    "pragma_list",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// Pragmas that tell a number and, without a value, change nothing. Full-text indexes ask for them when they are read.
const TELLING: [&str; 7] = [
    "application_id",
    "data_version",
    "freelist_count",
    "page_count",
    "page_size",
    "schema_version",
    "user_version",
];

/// Functions that do more than compute: load code, replace a tokenizer, write to a log, to files, to an index.
const DOING: [&str; 7] =
    ["edit", "fts3_tokenizer", "load_extension", "optimize", "readfile", "sqlite_log", "writefile"];

/// The columns that the query gives; see [`crate::engine::Engine::query_columns`].
pub(crate) fn columns(sqlite: &mut Sqlite, query: &Query) -> Result<Vec<String>> {
    let watch = Watch::over(&mut sqlite.conn).map_err(|error| errors::database(error, &sqlite.name))?;
    Compiled::of(&watch, &sqlite.name, query).map(|compiled| compiled.columns)
}

/// Runs the query; see [`crate::engine::Engine::run_query`].
pub(crate) fn run(
    sqlite: &mut Sqlite,
    query: &Query,
    values: &[Bound],
    rows: &mut dyn Rows,
    job: Job<'_>,
) -> Result<()> {
    // What was opened without locks is opened anew if somebody has written since.
    sqlite.read(|_| Ok(()))?;
    let name = sqlite.name.clone();
    let watch = Watch::over(&mut sqlite.conn).map_err(|error| errors::database(error, &name))?;
    let mut compiled = Compiled::of(&watch, &name, query)?;
    rows.columns(&compiled.columns)?;
    job.tell(Event::Statement { sql: query.sql() });
    compiled.give(values).map_err(|error| watch.failed(error, &name, query))?;
    let count = compiled.columns.len();
    let mut found = compiled.statement.raw_query();
    loop {
        let row = match found.next() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(error) => return Err(watch.failed(error, &name, query)),
        };
        let mut values = Vec::with_capacity(count);
        for column in 0..count {
            values.push(value(row.get_ref(column).map_err(|error| errors::database(error, &name))?));
        }
        if rows.row(&values)?.is_break() {
            break;
        }
        // A statement that gives rows quickly does not come to the progress handler between two of them.
        if job.is_stopped() {
            return Err(crate::base::job::stopped());
        }
    }
    drop(found);
    drop(compiled);
    drop(watch);
    sqlite.verify_unchanged()
}

fn value(value: ValueRef<'_>) -> Value<'_> {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => Value::Blob(bytes),
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A query that was compiled and found to read only.
struct Compiled<'c> {
    statement: Statement<'c>,
    columns: Vec<String>,
}

impl<'c> Compiled<'c> {
    fn of(watch: &'c Watch<'_>, db: &str, query: &Query) -> Result<Compiled<'c>> {
        let statement = watch.conn.prepare(query.sql()).map_err(|error| watch.failed(error, db, query))?;
        if !statement.readonly() {
            return Err(refused("the report writes to the database", query));
        }
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        for (at, column) in columns.iter().enumerate() {
            if columns.iter().take(at).any(|before| before == column) {
                return Err(Error::new(
                    ErrorKind::Config,
                    format!("two columns of the report are named `{column}`"),
                )
                .at(query.place(0))
                .help("give each a name of its own: … AS name"));
            }
        }
        if let Some(bar) = query.bar.as_ref().filter(|bar| !columns.contains(&bar.column)) {
            return Err(Error::new(
                ErrorKind::Config,
                format!("the report has no column `{}` to draw", bar.column),
            )
            .at(query.place_of(bar))
            .help(did_you_mean(&bar.column, columns.iter().map(String::as_str))));
        }
        Ok(Compiled { statement, columns })
    }

    /// Gives each variable its value. All of them are declared, or the query would not have been read.
    fn give(&mut self, values: &[Bound]) -> rusqlite::Result<()> {
        for Bound { name, value } in values {
            if let Some(at) = self.statement.parameter_index(&format!(":{name}"))? {
                self.statement.raw_bind_parameter(at, value)?;
            }
        }
        Ok(())
    }
}

fn refused(message: &str, query: &Query) -> Error {
    Error::new(ErrorKind::Sql, message).at(query.place(0)).help("a report may only read: write one SELECT")
}

/// A connection on which only reading is allowed, until this goes away.
struct Watch<'c> {
    conn: &'c mut Connection,
    /// Why the last statement was refused.
    refusal: Arc<Mutex<Option<String>>>,
    quoted_strings: bool,
}

impl Watch<'_> {
    fn over<'c>(conn: &'c mut Connection) -> rusqlite::Result<Watch<'c>> {
        // A column that is missing must be an error, and not a string.
        let quoted_strings = conn.db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        let refusal = Arc::new(Mutex::new(None));
        let watch = Watch { conn, refusal: Arc::clone(&refusal), quoted_strings };
        watch.conn.authorizer(Some(move |context: AuthContext<'_>| match forbidden(&context.action) {
            None => Authorization::Allow,
            Some(why) => {
                *refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
                Authorization::Deny
            }
        }))?;
        Ok(watch)
    }

    /// The error of a query that SQLite refused, or that failed on a row.
    fn failed(&self, error: rusqlite::Error, db: &str, query: &Query) -> Error {
        if errors::is_interrupt(&error) {
            return crate::base::job::stopped();
        }
        if let Some(why) = self.refusal.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return refused(&why, query).caused_by(error);
        }
        if errors::is_about_the_file(&error) {
            return errors::database(error, db);
        }
        let offset = errors::offset(&error).unwrap_or(0);
        let said = errors::message(&error);
        let failed = |offset: usize| Error::new(ErrorKind::Sql, said).at(query.place(offset));
        let failed = match fault::of(&error) {
            // Of a table SQLite does not say where it is named.
            Fault::NoSuch(Thing::Table, table) => {
                let named = unknown::named(query.sql(), &table);
                failed(named.map_or(offset, |token| token.start)).help(format!(
                    "has every migration been applied to {db}? `planctl migrate status` shows it"
                ))
            }
            Fault::StringInQuotes(_) => failed(offset).help(explain::QUOTES),
            _ => failed(offset),
        };
        failed.caused_by(error)
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        // All of this was set before by the same calls, which have nothing else to fail on.
        drop(self.conn.authorizer(None::<fn(AuthContext<'_>) -> Authorization>));
        drop(self.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, self.quoted_strings));
    }
}

/// Why a report may not do this. Rows that are written are not looked at here: modules such as rtree compile statements
/// that write as soon as one reads their table, and never run them; a report's own statement is asked whether it writes.
fn forbidden(action: &AuthAction<'_>) -> Option<String> {
    match action {
        AuthAction::Select
        | AuthAction::Read { .. }
        | AuthAction::Recursive
        | AuthAction::Insert { .. }
        | AuthAction::Update { .. }
        | AuthAction::Delete { .. } => None,
        AuthAction::Function { function_name } => DOING
            .iter()
            .find(|doing| function_name.eq_ignore_ascii_case(doing))
            .map(|doing| format!("a report may not call {doing}()")),
        AuthAction::Pragma { pragma_name, pragma_value } => {
            let is = |known: &&str| pragma_name.eq_ignore_ascii_case(known);
            let reads = READING.iter().any(is) || pragma_value.is_none() && TELLING.iter().any(is);
            (!reads).then(|| format!("a report may not use the pragma {}", pragma_name.to_ascii_lowercase()))
        }
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => {
            Some("a report may not attach or detach a database".to_owned())
        }
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            Some("a report may not begin or end a transaction".to_owned())
        }
        _ => Some("a report may not change the schema".to_owned()),
    }
}
