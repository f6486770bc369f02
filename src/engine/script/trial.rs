//! The database on which a script is tried while it is written: what the shell would do with that very text.

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::limits::Limit;
use rusqlite::{Batch, Connection};

use super::batch::parts;
use super::reader::{Input, Reader};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Interrupt;
use crate::engine::connection::{connect, stubs};
use crate::engine::diagnosis::errors::scratch as trouble;
use crate::engine::diagnosis::{errors, fault};
use crate::sql::{Target, on_one_line, quotation};

/// A connection as a shell has it: nothing is registered on it, its settings are SQLite's own, foreign keys are enforced,
/// and a string is not written in double quotes.
pub(crate) struct Trial {
    conn: Connection,
    interrupt: Interrupt,
    reader: Reader,
    place: Target,
}

/// A shadow database with all that `conn` holds.
pub(crate) fn copy_of(conn: &Connection, job: Job<'_>) -> Result<Connection> {
    let mut copy = connect::scratch(job)?;
    Backup::new(conn, &mut copy).and_then(|backup| backup.step(-1)).map_err(trouble)?;
    Ok(copy)
}

impl Trial {
    /// A trial that begins with all that `conn` holds.
    pub(crate) fn on_copy_of(conn: &Connection, place: Target, job: Job<'_>) -> Result<Trial> {
        let copy = copy_of(conn, job)?;
        let set_up = || {
            copy.execute_batch("PRAGMA foreign_keys = ON")?;
            let dqs = matches!(place, Target::Rqlite | Target::D1);
            copy.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, dqs)?;
            copy.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, dqs)?;
            // The place begins the transaction by itself.
            if dqs { copy.execute_batch("BEGIN") } else { Ok(()) }
        };
        let set_up: std::result::Result<(), rusqlite::Error> = { set_up }();
        set_up.map_err(trouble)?;
        Ok(Trial { conn: copy, interrupt: job.interrupt(), reader: Reader::default(), place })
    }

    /// Where the text is to run.
    pub(crate) fn place(&self) -> Target {
        self.place
    }

    /// The database as the text so far has left it.
    pub(crate) fn conn(&self) -> &Connection {
        &self.conn
    }

    /// The database, when all is read.
    pub(crate) fn into_conn(self) -> Connection {
        self.conn
    }

    /// Reads on.
    pub(crate) fn feed(&mut self, text: &str) -> Result<()> {
        if self.place != Target::Sqlite {
            return self.feed_parts(text);
        }
        let (conn, job, mut result) = (&self.conn, Job::stopped_by(&self.interrupt), Ok(()));
        self.reader.read(text, |line, input| {
            if result.is_ok() {
                result = obey(conn, line, &input, job);
            }
        });
        result
    }

    /// Runs the statements of a text as the place does.
    fn feed_parts(&self, text: &str) -> Result<()> {
        let job = Job::stopped_by(&self.interrupt);
        for part in parts(text) {
            within_limits(&self.conn, self.place, || run(&self.conn, &part, job)).map_err(|error| {
                if errors::is_interrupt(&error) {
                    return errors::interrupted();
                }
                let message =
                    format!("{} would refuse the script: {}", self.place.title(), errors::message(&error));
                Error::new(ErrorKind::Migration, on_one_line(&message))
                    .note(format!("in the statement\n{}", quotation(&part)))
                    .help("no script was written; write that statement another way")
            })?;
        }
        Ok(())
    }

    /// Whether the text ended where a statement ended, and all of it can be committed.
    pub(crate) fn verify_ended(&self) -> Result<()> {
        if !self.conn.is_autocommit() {
            self.conn.execute_batch("COMMIT").map_err(trouble)?;
        }
        match self.reader.rest() {
            "" => Ok(()),
            rest => Err(stopped(self.reader.line, "it would wait for the end of a statement", rest)),
        }
    }
}

/// Runs something with the limits that a place has. Those of D1 are what workerd sets; Cloudflare documents some
/// (<https://developers.cloudflare.com/d1/platform/limits/>).
fn within_limits<T>(conn: &Connection, place: Target, work: impl FnOnce() -> T) -> T {
    const D1: [(Limit, i32); 6] = [
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
        (Limit::SQLITE_LIMIT_COLUMN, 100),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 127),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
    ];
    let limits = if place == Target::D1 { &D1[..] } else { &[] };
    let set = |(limit, value): (Limit, i32)| (limit, conn.set_limit(limit, value).unwrap_or(-1));
    let before: Vec<(Limit, i32)> = limits.iter().copied().map(set).collect();
    let done = work();
    for limit in before {
        set(limit);
    }
    done
}

fn obey(conn: &Connection, line: usize, input: &Input, job: Job<'_>) -> Result<()> {
    match input {
        Input::Sql(sql) => run(conn, sql, job).map_err(|error| match errors::is_interrupt(&error) {
            true => errors::interrupted(),
            false => {
                let stopped = stopped(line, &errors::message(&error), sql);
                if fault::of(&error).is_of_application() { stopped.help(LACKS) } else { stopped }
            }
        }),
        Input::Command(command) => {
            let mut words = command.split_whitespace();
            let set = match (words.next(), words.next(), words.next()) {
                (Some(".bail" | ".timeout"), Some(_), None) => return Ok(()),
                (Some(".dbconfig"), Some("dqs_dml"), Some("on")) => DbConfig::SQLITE_DBCONFIG_DQS_DML,
                (Some(".dbconfig"), Some("dqs_ddl"), Some("on")) => DbConfig::SQLITE_DBCONFIG_DQS_DDL,
                _ => return Err(stopped(line, "it would take this line for a command of its own", command)),
            };
            conn.set_db_config(set, true).map(drop).map_err(trouble)
        }
    }
}

/// Runs all statements of a text; rows are passed over.
fn run(conn: &Connection, sql: &str, job: Job<'_>) -> rusqlite::Result<()> {
    let mut batch = Batch::new(conn, sql);
    while let Some(mut statement) = batch.next()? {
        connect::check(job)?;
        stubs::to_its_end(&mut statement)?;
    }
    Ok(())
}

/// What to do where the shell has no such function, collation or module.
const LACKS: &str = "the shell lacks what the application registers on its connections: have the application run this there, \
                     as a migration (`planctl::migrate`)";

fn stopped(line: usize, message: &str, statement: &str) -> Error {
    let statement = quotation(statement);
    let message = on_one_line(message);
    Error::new(ErrorKind::Migration, format!("the sqlite3 shell would stop at line {line} of the script: {message}"))
        .note(format!("in the statement\n{statement}"))
        .help("no script was written; run the migrations on the database itself, or write that statement another way")
}
