//! DDL, executed in an in-memory database of its own: whatever SQLite accepts, planctl accepts.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, ffi};

use super::aside::Aside;
use super::bystanders::{Bystanders, rename_in_statements};
use super::equivalence::SqliteEquivalence;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Interrupt;
use crate::base::source::SourceFile;
use crate::ddl;
use crate::diff::Equivalence;
use crate::engine::catalog::inspect::{FILE_PRAGMAS, INSERT_STORED, inspect_with, main_name};
use crate::engine::catalog::temporary;
use crate::engine::connection::connect;
use crate::engine::connection::stubs;
use crate::engine::diagnosis::errors::scratch as trouble;
use crate::engine::diagnosis::{errors, explain, fault, unknown};
use crate::engine::{Fault, Renaming, SpecDatabase};
use crate::schema::{Ident, Schema};
use crate::sql;
use crate::sql::{Pragma, Statement, quote};

/// An in-memory database that holds the schema of a script.
pub(crate) struct SqliteSpec {
    connection: Connection,
    interrupt: Interrupt,
    /// The pragmas of [`FILE_PRAGMAS`] that the script sets, with the value where a database in memory does not show it.
    pragmas: BTreeMap<&'static str, Option<String>>,
}

/// Runs a script of DDL in memory.
///
/// Foreign keys are off. A virtual table whose module is not part of this build is entered into the schema as it
/// stands. The script can reach nothing outside its memory: ATTACH is refused, extensions are not loaded.
///
/// # Errors
/// [`ErrorKind::Sql`] with the place of the statement that SQLite refuses.
pub(crate) fn spec_database(source: &SourceFile, job: Job<'_>) -> Result<SqliteSpec> {
    let connection = scratch(job)?;
    let mut pragmas = BTreeMap::new();
    // One transaction spares SQLite a commit per statement. What is no CREATE or INSERT may not work inside one, and
    // a script may bring its own.
    let mut grouped = false;
    let mut entered = false;
    for statement in sql::statements(source.text()) {
        entered |= enters_into_schema(statement.text);
        pragmas.extend(pragma_set(statement.text));
        let groups =
            sql::tokens(statement.text).next().is_some_and(|t| t.is_word("CREATE") || t.is_word("INSERT"));
        if grouped && !groups {
            connection.execute_batch("COMMIT").map_err(trouble)?;
            grouped = false;
        } else if groups && connection.is_autocommit() {
            connection.execute_batch("BEGIN").map_err(trouble)?;
            grouped = true;
        }
        run(&connection, source, &statement, job)?;
    }
    if !connection.is_autocommit() {
        connection.execute_batch("COMMIT").map_err(trouble)?;
    }
    if entered {
        // SQLite knows what a script wrote there, and which tables are a virtual table's own, once it reads it.
        connection.execute_batch("PRAGMA writable_schema = RESET").map_err(trouble)?;
    }
    // They are no part of the schema, and must not stand before those of the same name that are.
    temporary::drop_objects(&connection, &BTreeSet::new()).map_err(trouble)?;
    finish(connection, pragmas, job)
}

/// An empty database in which a script of DDL reaches nothing outside.
pub(crate) fn scratch(job: Job<'_>) -> Result<Connection> {
    let mut connection = connect::scratch(job)?;
    // What is temporary on it needs no file either.
    connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY").map_err(trouble)?;
    connection.authorizer(Some(confine)).map_err(trouble)?;
    Ok(connection)
}

/// The spec database, once the schema is there. `pragmas` are those that [`pragma_set`] found in the script.
pub(crate) fn finish(
    mut connection: Connection,
    pragmas: BTreeMap<&'static str, Option<String>>,
    job: Job<'_>,
) -> Result<SqliteSpec> {
    let remove: Option<fn(AuthContext<'_>) -> Authorization> = None;
    connection.authorizer(remove).map_err(trouble)?;
    Ok(SqliteSpec { connection, interrupt: job.interrupt(), pragmas })
}

impl SpecDatabase for SqliteSpec {
    fn schema(&self) -> Result<Schema> {
        let set: Vec<&'static str> = self.pragmas.keys().copied().collect();
        let mut schema = inspect_with(&self.connection, &set).map_err(trouble)?;
        for (name, value) in &self.pragmas {
            if let Some(value) = value {
                schema.pragmas.values.insert(name, value.clone());
            }
        }
        Ok(schema)
    }

    fn rename(&mut self, renamings: &[Renaming]) -> Result<()> {
        let (columns, tables): (Vec<_>, Vec<_>) =
            renamings.iter().enumerate().partition(|(_, renaming)| renaming.column.is_some());
        // Each ALTER TABLE has SQLite read the whole schema several times over. Where nothing has a new name yet, the
        // order makes no difference; else names may be swapped, and go through names that nothing has.
        let mut taken = false;
        for renaming in renamings {
            taken |= self.has_name(renaming).map_err(trouble)?;
        }
        let passing = |i: usize| format!("planctl renaming {i}");
        let mut aside = Aside::default();
        for group in [columns, tables] {
            let renamed: Vec<&Renaming> = group.iter().map(|(_, renaming)| *renaming).collect();
            if !taken
                && aside.is_empty()
                && rename_in_statements(&self.connection, &renamed).map_err(trouble)?
            {
                continue;
            }
            let bystanders = Bystanders::step_back(&self.connection, &renamed).map_err(trouble)?;
            for (i, renaming) in &group {
                let to = if taken { passing(*i) } else { renaming.to.as_str().to_owned() };
                self.alter(&renaming.table, renaming.column.as_ref(), &to, &mut aside)?;
            }
            for (i, renaming) in group.iter().filter(|_| taken) {
                let (passing, to) = (Ident::from(passing(*i)), renaming.to.as_str());
                match &renaming.column {
                    Some(_) => self.alter(&renaming.table, Some(&passing), to, &mut aside)?,
                    None => self.alter(&passing, None, to, &mut aside)?,
                }
            }
            bystanders.come_back(&self.connection).map_err(trouble)?;
        }
        aside.put_back(&self.connection).map_err(|error| not_renamed(&error))
    }

    fn equivalence(&self) -> Box<dyn Equivalence + '_> {
        Box::new(self.judge())
    }
}

impl SqliteSpec {
    /// The judge that compiles texts on it.
    pub(crate) fn judge(&self) -> SqliteEquivalence<'_> {
        SqliteEquivalence::new(&self.connection, self.job())
    }

    /// The database itself.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// What it was made for.
    pub(crate) fn job(&self) -> Job<'_> {
        Job::stopped_by(&self.interrupt)
    }

    /// Has another database, made of this one, take its place.
    pub(crate) fn replace(&mut self, connection: Connection) {
        self.connection = connection;
    }

    /// Whether the new name is that of something already, in whatever case.
    fn has_name(&self, renaming: &Renaming) -> rusqlite::Result<bool> {
        let to = renaming.to.as_str();
        match &renaming.column {
            Some(_) => self.connection.query_row(
                "SELECT count(*) FROM pragma_table_xinfo(?1, 'main') WHERE name = ?2 COLLATE NOCASE",
                [renaming.table.as_str(), to],
                |row| row.get(0),
            ),
            None => self.connection.query_row(
                "SELECT count(*) FROM main.sqlite_schema WHERE name = ?1 COLLATE NOCASE",
                [to],
                |row| row.get(0),
            ),
        }
    }

    /// Renames, with whatever SQLite cannot compile out of the way.
    fn alter(&self, table: &Ident, column: Option<&Ident>, to: &str, aside: &mut Aside) -> Result<()> {
        let what = column.map_or(String::new(), |column| format!("COLUMN {} ", quote(column.as_str())));
        let statement = format!("ALTER TABLE {} RENAME {what}TO {}", main_name(table), quote(to));
        // Each round takes one thing out of the way.
        loop {
            let altered = stubs::providing(&self.connection, |scratch| scratch.execute_batch(&statement));
            let Err(error) = altered else {
                aside.renamed(table, column, to);
                return Ok(());
            };
            if errors::is_interrupt(&error) {
                return Err(errors::interrupted());
            }
            if !aside.take(&self.connection, &fault::of(&error)).map_err(trouble)? {
                return Err(not_renamed(&error));
            }
        }
    }
}

fn not_renamed(error: &rusqlite::Error) -> Error {
    let refused =
        Error::new(ErrorKind::Config, format!("names cannot be changed: {}", errors::message(error)));
    match fault::of(error).help_with_rename() {
        Some(help) => refused.help(help),
        None => refused,
    }
}

fn confine(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => Authorization::Deny,
        AuthAction::Function { function_name } if function_name.eq_ignore_ascii_case("load_extension") => {
            Authorization::Deny
        }
        _ => Authorization::Allow,
    }
}

/// Runs one statement of a script of DDL, with stand-ins for what this build lacks.
pub(crate) fn run(
    connection: &Connection,
    source: &SourceFile,
    statement: &Statement<'_>,
    job: Job<'_>,
) -> Result<()> {
    // What the script needs and this build does not have: functions and collations of the application.
    let made = connect::check(job).and_then(|()| stubs::execute(connection, statement.text));
    let Err(error) = made else { return Ok(()) };
    if errors::is_interrupt(&error) {
        return Err(errors::interrupted());
    }
    if is_own_table(statement.text, &error) {
        return Ok(());
    }
    if let Some((ddl::Kind::VirtualTable, name)) = ddl::created(statement.text)
        && stubs::is_module_trouble(&error)
    {
        return enter_virtual_table(connection, name.as_str(), statement)
            .map_err(|e| refused(connection, source, statement, &e));
    }
    Err(refused(connection, source, statement, &error))
}

/// Whether SQLite refuses to have a table made that it makes itself: `.schema` of the shell writes them with the others.
fn is_own_table(statement: &str, error: &rusqlite::Error) -> bool {
    const OWN: [&str; 4] = ["sqlite_sequence", "sqlite_stat1", "sqlite_stat3", "sqlite_stat4"];
    fault::of(error) == Fault::Reserved
        && ddl::created(statement).is_some_and(|(kind, name)| {
            kind == ddl::Kind::Table && OWN.iter().any(|own| name.as_str().eq_ignore_ascii_case(own))
        })
}

/// Whether a statement writes a row of the schema: `.dump` of the shell states virtual tables in this way.
fn enters_into_schema(statement: &str) -> bool {
    let mut tokens = sql::tokens(statement);
    tokens.next().is_some_and(|token| token.is_word("INSERT"))
        && tokens.next().is_some_and(|token| token.is_word("INTO"))
        && tokens.next().is_some_and(|table| {
            ["sqlite_schema", "sqlite_master"].iter().any(|own| table.unquoted().eq_ignore_ascii_case(own))
        })
}

/// The module is unknown here: keep the statement, so that it can be compared.
fn enter_virtual_table(
    connection: &Connection,
    name: &str,
    statement: &Statement<'_>,
) -> rusqlite::Result<()> {
    let exists = "SELECT count(*) FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE";
    if connection.query_row(exists, [name], |row| row.get::<_, i64>(0))? > 0 {
        return Ok(());
    }
    let sql = statement.text.trim_end_matches(';');
    connection.execute_batch("PRAGMA writable_schema = ON")?;
    let inserted = connection.execute(INSERT_STORED, [name, sql]);
    connection.execute_batch("PRAGMA writable_schema = RESET")?;
    inserted.map(|_| ())
}

fn refused(
    connection: &Connection,
    source: &SourceFile,
    statement: &Statement<'_>,
    error: &rusqlite::Error,
) -> Error {
    let (message, fault) = (errors::message(error), fault::of(error));
    let mut refused = Error::new(ErrorKind::Sql, format!("SQLite refuses this statement: {message}"))
        .at(unknown::place(source, statement.text, statement.start, error));
    if error.sqlite_error().is_some_and(|e| e.extended_code == ffi::SQLITE_AUTH) {
        refused = refused.help("a spec describes one schema; it cannot attach databases or load extensions");
    } else if let Some(name) = unknown::meant(connection, statement.text, &fault) {
        refused = refused.help(format!("did you mean `{name}`?"));
    } else if let Some(help) = explain::foreign(statement.text, &fault) {
        refused = refused.help(help);
    }
    refused
}

/// The pragma of [`FILE_PRAGMAS`] that a statement sets, if it sets one. The journal mode and auto_vacuum come with
/// their value: in memory, or once there are tables, setting them does nothing.
pub(crate) fn pragma_set(statement: &str) -> Option<(&'static str, Option<String>)> {
    let set = Pragma::read(sql::tokens(statement))?;
    if set.schema.is_some_and(|schema| schema.eq_ignore_ascii_case("temp")) {
        return None;
    }
    let value = set.value?.to_ascii_lowercase();
    let pragma = FILE_PRAGMAS.into_iter().find(|pragma| set.name == **pragma)?;
    let value = match (pragma, value.as_str()) {
        ("journal_mode", _) => Some(value),
        ("auto_vacuum", "none") => Some("0".to_owned()),
        ("auto_vacuum", "full") => Some("1".to_owned()),
        ("auto_vacuum", "incremental") => Some("2".to_owned()),
        ("auto_vacuum", _) => Some(value),
        _ => None,
    };
    Some((pragma, value))
}
