//! The database on which a script is tried while it is written: what the shell would do with that very text.

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::{Batch, Connection};

use super::reader::{Input, Reader};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Interrupt;
use crate::engine::connection::{connect, stubs};
use crate::engine::diagnosis::errors::scratch as trouble;
use crate::engine::diagnosis::{errors, fault};
use crate::sql::{on_one_line, one_line};

/// A connection as a shell has it: nothing is registered on it, its settings are SQLite's own, foreign keys are enforced,
/// and a string is not written in double quotes.
pub(crate) struct Trial {
    conn: Connection,
    interrupt: Interrupt,
    reader: Reader,
}

/// A shadow database with all that `conn` holds.
pub(crate) fn copy_of(conn: &Connection, job: Job<'_>) -> Result<Connection> {
    let mut copy = connect::scratch(job)?;
    Backup::new(conn, &mut copy).and_then(|backup| backup.step(-1)).map_err(trouble)?;
    Ok(copy)
}

impl Trial {
    /// A trial that begins with all that `conn` holds.
    pub(crate) fn on_copy_of(conn: &Connection, job: Job<'_>) -> Result<Trial> {
        let copy = copy_of(conn, job)?;
        let set_up = || {
            copy.execute_batch("PRAGMA foreign_keys = ON")?;
            copy.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
            copy.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
            Ok(())
        };
        let set_up: std::result::Result<(), rusqlite::Error> = { set_up }();
        set_up.map_err(trouble)?;
        Ok(Trial { conn: copy, interrupt: job.interrupt(), reader: Reader::default() })
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
        let (conn, job, mut result) = (&self.conn, Job::stopped_by(&self.interrupt), Ok(()));
        self.reader.read(text, |line, input| {
            if result.is_ok() {
                result = obey(conn, line, &input, job);
            }
        });
        result
    }

    /// Whether the text ended where a statement ended.
    pub(crate) fn verify_ended(&self) -> Result<()> {
        match self.reader.rest() {
            "" => Ok(()),
            rest => Err(stopped(self.reader.line, "it would wait for the end of a statement", rest)),
        }
    }
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

/// How many characters of a statement are shown.
const SHOWN: usize = 300;

fn stopped(line: usize, message: &str, statement: &str) -> Error {
    // A name may hold line breaks, and a line of its own could be taken for one of ours.
    let statement: String = on_one_line(&one_line(statement)).chars().take(SHOWN).collect();
    let message = on_one_line(message);
    Error::new(ErrorKind::Migration, format!("the sqlite3 shell would stop at line {line} of the script: {message}"))
        .note(format!("in the statement\n{statement}"))
        .help("no script was written; run the migrations on the database itself, or write that statement another way")
}
