//! What is sent to a server for a migration, put together and tried in memory.

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::database::Remote;
use super::request::{About, HistoryRow, Request, refused_statement};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::engine::catalog::fingerprint::Fingerprint;
use crate::engine::catalog::inspect::has_table;
use crate::engine::connection::Sqlite;
use crate::engine::contract::history::Record;
use crate::engine::contract::server_name::ServerKind;
use crate::engine::diagnosis::errors;
use crate::engine::migrate::{history, records, session};
use crate::engine::script::data_step;
use crate::engine::script::keys::Keys;
use crate::engine::script::keys::reach::Reach;
use crate::engine::script::losses;
use crate::engine::script::steps::refuse_swept;
use crate::engine::script::trial::copy_of;
use crate::engine::shadow::schema_copy;
use crate::engine::{DownOptions, DownStep, Engine as _, Loss, Lost, OnLoss, UpOptions};
use crate::migrations::{Migration, MigrationSet, Step, VersionWidth, steps};
use crate::sql::{HISTORY, RECORDS};

/// What is sent, and what the database is when it was done.
pub(super) struct Prepared<'a> {
    pub(super) label: String,
    pub(super) file: &'a SourceFile,
    pub(super) request: Request,
    pub(super) after: Sqlite,
    pub(super) statements: usize,
}

/// The schema and the history that were fetched, in a database on which statements run as they do on the server.
fn twin(remote: &Remote, job: Job<'_>) -> Result<Sqlite> {
    // Entered rows have no pages of their own: what runs needs a schema that was made.
    let (name, lock_timeout) = (remote.shadow.name.clone(), remote.shadow.lock_timeout);
    let twin = Sqlite { name, lock_timeout, interrupt: job.interrupt(), ..schema_copy::of(&remote.shadow)? };
    let ready =
        twin.conn.execute_batch("PRAGMA foreign_keys = OFF").and_then(|()| set_up(&twin.conn, remote.kind));
    ready.map_err(errors::scratch)?;
    Ok(twin)
}

/// Has a connection of ours take what such a server takes.
fn set_up(conn: &Connection, kind: ServerKind) -> rusqlite::Result<()> {
    if kind == ServerKind::Libsql {
        // A string in double quotes is no string there.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    }
    Ok(())
}

/// Whether planctl's tables can be made: what has the name of one and is another one is told in its own words. A migration
/// that runs in memory finds that out by itself.
pub(super) fn verify_tables(remote: &Remote, set: &MigrationSet, width: VersionWidth) -> Result<()> {
    let probe = copy_of(&remote.shadow.conn, Job::quiet())?;
    session::ensure_history(&probe, width).map_err(|error| remote.shadow.trouble(error))?;
    history::ensure_records(&probe, &remote.shadow.name, set, width)
}

/// A request that says what the database is, and has planctl's tables made.
pub(super) fn begin(remote: &Remote, width: VersionWidth) -> Result<Request> {
    let conn = &remote.shadow.conn;
    let trouble = |error| remote.shadow.trouble(error);
    let mut request = Request::on(conn, remote.kind).map_err(trouble)?;
    if !has_table(conn, HISTORY).map_err(trouble)? {
        request.own(&session::create_history(width));
    }
    if !has_table(conn, RECORDS).map_err(trouble)? {
        request.own(records::CREATE_RECORDS);
    }
    records::lacking(conn).map_err(trouble)?.iter().for_each(|statement| request.own(statement));
    Ok(request)
}

pub(super) fn row<'a>(file: &'a Migration, width: VersionWidth, record: &'a Record) -> HistoryRow<'a> {
    HistoryRow {
        version: file.version,
        name: &file.name,
        applied_on: OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
        checksum: file.checksum(width),
        record,
    }
}

pub(super) fn prepare_up<'a>(
    remote: &Remote,
    set: &MigrationSet,
    file: &'a Migration,
    (options, width): (&UpOptions<'_>, VersionWidth),
    job: Job<'_>,
) -> Result<Prepared<'a>> {
    // As on a file, with all that is watched there. Rows that it lacks may be what a statement misses.
    let mut run = twin(remote, job)?;
    let only = UpOptions { to: Some(file.version), ..UpOptions::of(options.run_id) };
    let rows_are_missing = match run.migrate_up(set, &only, job.quietly()).error {
        Some(error) if error.kind() == ErrorKind::Data => true,
        Some(error) => return Err(error.note(IN_MEMORY)),
        None => false,
    };
    let steps = steps(&file.up)?;
    let before = Fingerprint::read(&remote.shadow.conn).map_err(errors::scratch)?;
    let mut making = Making::begin(remote, begin(remote, width)?, &file.up, rows_are_missing, job)?;
    making.script(&steps)?;
    let has_data_steps = has_data_steps(&steps);
    making.check_keys(&file.label())?;
    let after = making.schema(has_data_steps)?;
    if !rows_are_missing && after != Fingerprint::read(&run.conn).map_err(errors::scratch)? {
        let message = format!("{} would make another schema on the server than on a file", file.label());
        return Err(Error::new(ErrorKind::Migration, message).at(file.up.whole()).note(IN_MEMORY));
    }
    let record = Record {
        schema_before: before.to_string(),
        schema_after: after.to_string(),
        ..records::record_of(file, options.run_id)
    };
    making.request.record(&row(file, width, &record), has_data_steps);
    making.end(file.label(), steps.len())
}

pub(super) fn prepare_down<'a>(
    remote: &Remote,
    step: &'a DownStep,
    (options, losses): (&DownOptions<'_>, &[Loss]),
    job: Job<'_>,
) -> Result<Prepared<'a>> {
    let label = step.label();
    let steps = steps(&step.script)?;
    let request = Request::on(&remote.shadow.conn, remote.kind).map_err(errors::scratch)?;
    let mut making = Making::begin(remote, request, &step.script, true, job)?;
    let undo = match options.on_loss {
        OnLoss::Allow => Vec::new(),
        _ => {
            let virtual_tables = losses::virtual_tables(&remote.shadow.conn).map_err(errors::scratch)?;
            losses::refuse(&mut making.request, (step.version, &label), losses, &virtual_tables)
        }
    };
    making.script(&steps)?;
    undo.iter().for_each(|statement| making.request.own(statement));
    if has_data_steps(&steps) {
        making.request.own(data_step::NO_NOTES);
    }
    making.check_keys(&label)?;
    let after = making.schema(false)?;
    let version = step.version;
    for table in [HISTORY, RECORDS] {
        if has_table(&making.twin.conn, table).map_err(errors::scratch)? {
            making.request.own(&format!("DELETE FROM main.{table} WHERE version = {version}"));
        }
    }
    if has_table(&making.twin.conn, RECORDS).map_err(errors::scratch)? {
        making.request.own(&format!(
            "UPDATE main.{RECORDS} SET schema_after = '{after}' WHERE version = (SELECT max(version) FROM main.{HISTORY})"
        ));
    }
    making.end(label, steps.len())
}

fn has_data_steps(steps: &[Step<'_>]) -> bool {
    steps.iter().any(|step| matches!(step, Step::Backfill { .. }))
}

/// Said of what was found out without the server.
const IN_MEMORY: &str = "it ran on a copy of the schema in memory; nothing was sent to the server";

/// A request in the making, with a database in memory that keeps up with it.
struct Making<'a> {
    request: Request,
    twin: Sqlite,
    file: &'a SourceFile,
    keys: Keys,
    /// How many parts have run in memory.
    tried: usize,
    rows_are_missing: bool,
    enforces_keys: bool,
}

impl<'a> Making<'a> {
    fn begin(
        remote: &Remote,
        mut request: Request,
        file: &'a SourceFile,
        rows_are_missing: bool,
        job: Job<'_>,
    ) -> Result<Making<'a>> {
        let twin = twin(remote, job)?;
        let keys = Keys::read(&twin.conn).map_err(errors::scratch)?;
        keys.begin(&mut request);
        let enforces_keys = remote.enforces_keys;
        Ok(Making { request, twin, file, keys, tried: 0, rows_are_missing, enforces_keys })
    }

    /// Runs in memory what has not run there yet.
    fn catch_up(&mut self) -> Result<()> {
        let tried = self.request.try_on(&self.twin.conn, self.tried, self.rows_are_missing);
        self.tried = self.request.parts.len();
        tried.map_err(|(at, error)| {
            if errors::is_interrupt(&error) {
                return errors::interrupted();
            }
            let said = errors::message(&error);
            let about = self.request.parts.get(at).map(|part| &part.about);
            match about {
                Some(About::Statement { start, end }) => refused_statement(self.file, (*start, *end), &said),
                _ => Error::new(ErrorKind::Migration, said).at(self.file.whole()),
            }
            .note(IN_MEMORY)
        })
    }

    /// Writes the steps of the script.
    fn script(&mut self, steps: &[Step<'_>]) -> Result<()> {
        if self.enforces_keys {
            let schema = self.twin.inspect()?;
            refuse_swept(&schema, steps, self.file).map_err(|error| {
                error
                    .note("the server enforces foreign keys, also while a migration runs; nothing was sent to it")
                    .help("have planctl write the migration: `migrate generate --target rqlite` keeps these rows; or start rqlite without \
                          -fk while it runs: planctl checks foreign keys itself")
            })?;
        }
        self.request.script(self.file, steps)
    }

    /// Checks the foreign keys, behind the script.
    fn check_keys(&mut self, label: &str) -> Result<()> {
        self.request.drop_temporary();
        self.catch_up()?;
        let keys = Keys::read(&self.twin.conn).map_err(errors::scratch)?;
        keys.check(&mut self.request, &self.keys, &Reach::Everything, label);
        Keys::end(&mut self.request);
        self.catch_up()
    }

    /// The fingerprint of the schema, where nothing of ours is there any more but what data steps have noted.
    fn schema(&self, has_notes: bool) -> Result<Fingerprint> {
        let conn = &self.twin.conn;
        let read = || {
            if !has_notes {
                return Fingerprint::read(conn);
            }
            conn.execute_batch("SAVEPOINT planctl_look; DROP TABLE main.planctl_backfilled")?;
            let found = Fingerprint::read(conn);
            conn.execute_batch("ROLLBACK TO planctl_look; RELEASE planctl_look")?;
            found
        };
        read().map_err(errors::scratch)
    }

    fn end(mut self, label: String, statements: usize) -> Result<Prepared<'a>> {
        self.catch_up()?;
        self.request.end(&self.twin.conn).map_err(errors::scratch)?;
        Ok(Prepared { label, file: self.file, request: self.request, after: self.twin, statements })
    }
}

/// What going down would destroy, found out on a copy of the schema.
pub(super) fn foresee(
    remote: &Remote,
    set: &MigrationSet,
    options: &DownOptions<'_>,
    job: Job<'_>,
) -> Result<Vec<Lost>> {
    let mut run = twin(remote, job)?;
    let foresee = DownOptions { on_loss: OnLoss::Foresee, backup: None, ..*options };
    let foreseen = run.migrate_down(set, &foresee, job.quietly());
    match foreseen.error {
        // Rows that the copy lacks may be what a statement misses.
        Some(error) if error.kind() != ErrorKind::Data => Err(error.note(IN_MEMORY)),
        _ => Ok(foreseen.lost),
    }
}
