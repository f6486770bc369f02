//! One migration inside one transaction, driven by refinery.
//!
//! refinery's own rusqlite driver commits a file's SQL and its history row separately. Its traits can be implemented for
//! any session, though: this one is already inside `BEGIN IMMEDIATE` when refinery begins, and is committed by us when
//! everything else is done.

use refinery::{Migrate, Migration, Target};
use refinery_core::traits::sync::{Query, Transaction};
use rusqlite::Connection;

use super::history;
use super::loss::Tracer;
use super::statements::{MigrationScript, Ran};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::engine::diagnosis::errors;
use crate::migrations;
use crate::migrations::VersionWidth;

/// [refinery's table](crate::sql::HISTORY) where no temporary table can be meant: refinery puts it into its statements as it is.
const HISTORY_IN_MAIN: &str = "main.refinery_schema_history";

/// The statement with which refinery makes its table; for wide versions, that of a refinery with `int8-versions`. Which of
/// both this build's refinery is does not matter: an application in the same program may have asked for the feature.
pub(crate) fn create_history(width: VersionWidth) -> String {
    let refinerys = <Session<'_> as Migrate>::assert_migrations_table_query(HISTORY_IN_MAIN);
    let [narrow, wide] = ["version int4 PRIMARY KEY", "version int8 PRIMARY KEY"];
    match width {
        VersionWidth::Int4 => refinerys.replace(wide, narrow),
        VersionWidth::Int8 => refinerys.replace(narrow, wide),
    }
}

/// Makes refinery's own table when it is not there.
pub(crate) fn ensure_history(conn: &Connection, width: VersionWidth) -> rusqlite::Result<()> {
    conn.execute_batch(&create_history(width))
}

/// An open transaction in which refinery applies one migration.
pub(crate) struct Session<'a> {
    script: MigrationScript<'a>,
    /// The history as refinery is to see it.
    applied: Vec<Migration>,
    /// The migration. Its row is written here: version and checksum may be too wide for this build of refinery, which is
    /// told the migrations' places in the folder for versions.
    file: &'a migrations::Migration,
    /// How wide the versions of the history's table are.
    width: VersionWidth,
    /// Whether the table is known to be there.
    has_table: bool,
    /// Follows what the script destroys.
    tracer: Option<&'a mut Tracer>,
    job: Job<'a>,
    ran: Ran,
    /// Why it stopped: refinery passes errors on only as text.
    failure: Option<Error>,
}

/// What refinery is told when the session stops; the reason is in [`Session::failure`].
#[derive(Debug, thiserror::Error)]
#[error("the session stopped")]
pub(crate) struct Stopped;

impl<'a> Session<'a> {
    pub(crate) fn new(
        script: MigrationScript<'a>,
        applied: Vec<Migration>,
        (file, width): (&'a migrations::Migration, VersionWidth),
        (has_table, tracer): (bool, Option<&'a mut Tracer>),
        job: Job<'a>,
    ) -> Session<'a> {
        Session { script, applied, file, width, has_table, tracer, job, ran: Ran::default(), failure: None }
    }

    /// Lets refinery apply `file`, the first of `files` that is not applied.
    pub(crate) fn apply(mut self, files: &[Migration], file: &Migration) -> Result<Ran> {
        // Grouped: file and history row come in one call. refinery checks the history once more by its own rules.
        let result = Migrate::migrate(
            &mut self,
            files,
            true,
            true,
            true,
            Target::Version(file.version()),
            HISTORY_IN_MAIN,
        );
        match (result, self.failure.take()) {
            (_, Some(failure)) => Err(failure),
            (Err(error), None) => Err(Error::new(ErrorKind::Migration, format!("refinery: {error}"))),
            (Ok(report), None) if report.applied_migrations().len() != 1 => Err(Error::new(
                ErrorKind::Migration,
                format!(
                    "refinery would apply {} migrations in place of one",
                    report.applied_migrations().len()
                ),
            )),
            (Ok(_), None) => Ok(self.ran),
        }
    }

    fn stop(&mut self, error: Error) -> Stopped {
        self.failure = Some(error);
        Stopped
    }

    fn written(&mut self, result: rusqlite::Result<()>) -> std::result::Result<(), Stopped> {
        result.map_err(|error| {
            let error = errors::database(error, self.script.db);
            self.stop(error)
        })
    }
}

impl Transaction for Session<'_> {
    type Error = Stopped;

    /// Receives the file's SQL and the statement that inserts its history row.
    fn execute<'q, T: Iterator<Item = &'q str>>(
        &mut self,
        queries: T,
    ) -> std::result::Result<usize, Stopped> {
        let mut count = 0;
        for query in queries {
            if query == self.script.file.text() {
                match self.script.run(self.job, self.tracer.as_deref_mut()) {
                    Ok(ran) => self.ran = ran,
                    Err(error) => return Err(self.stop(error)),
                }
            } else {
                self.written(history::insert(self.script.conn, self.file, self.width))?;
            }
            count += 1;
        }
        Ok(count)
    }
}

impl Query<Vec<Migration>> for Session<'_> {
    /// The history was read and checked under the lock already, with more care than refinery's `Vec<Migration>` allows.
    fn query(&mut self, _: &str) -> std::result::Result<Vec<Migration>, Stopped> {
        Ok(self.applied.clone())
    }
}

impl Migrate for Session<'_> {
    fn assert_migrations_table(&mut self, _: &str) -> std::result::Result<usize, refinery::Error> {
        if self.has_table {
            return Ok(0);
        }
        // The default goes through `execute`, which is for migrations. An error surfaces in the history row's insert.
        let made = ensure_history(self.script.conn, self.width);
        Ok(usize::from(self.written(made).is_ok()))
    }
}
