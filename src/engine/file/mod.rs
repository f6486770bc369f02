//! A database file: what [`Engine`] promises of it.

mod lend;
mod query;
pub(crate) mod questions;
mod size;

use std::cell::{Cell, RefCell};
use std::path::Path;

/// The crate whose connections `lend` takes, for programs that want the very same version.
pub use rusqlite::{self, Connection};

pub use self::lend::{Reader, lend};

use super::backfill;
use super::catalog::{fingerprint, inspect, rows, watch};
use super::connection::{Sqlite, copy};
use super::diagnosis::errors;
use super::migrate::{accept, baseline, history, loss, versions};
use super::shadow::{broken, equivalence, schema_copy};
use super::{Baseline, Clean, DownOptions, Engine, LoadOptions, Loaded, Lost, Run, SampleRows, UpOptions};
use super::{Glance, Growth, History, Registered};
use super::{row_checks, sample};
use crate::backfill::{BackfillSpec, Outcome};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::diff::{Broken, Equivalence};
use crate::migrations::{MigrationSet, Version};
use crate::queries::{Bound, Query, Rows};
use crate::row_checks::{Checked, ValuePlan};
use crate::schema::{Ident, Pragmas, Schema, Watched};

impl Engine for Sqlite {
    fn history(&mut self) -> Result<History> {
        self.read(Sqlite::full_history)
    }

    fn history_and_schema(&mut self) -> Result<(History, String)> {
        self.read(|sqlite| {
            let _snapshot = history::snapshot(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
            let history = sqlite.full_history()?;
            let now = fingerprint::Fingerprint::read(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
            Ok((history, now.to_string()))
        })
    }

    fn glance(&mut self, with_schema: bool) -> Result<Glance> {
        self.read(|sqlite| history::glance(&sqlite.conn, &sqlite.name, with_schema))
    }

    fn inspect(&mut self) -> Result<Schema> {
        self.read(|sqlite| {
            let mut schema = inspect::inspect(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
            correct_pragmas(sqlite, &mut schema.pragmas);
            Ok(schema)
        })
    }

    fn inspect_again(&mut self, watched: &mut Watched) -> Result<()> {
        let watched = RefCell::new(watched);
        self.read(|sqlite| {
            let correct = |pragmas: &mut Pragmas| correct_pragmas(sqlite, pragmas);
            let looked = watch::look_again(&sqlite.conn, &mut watched.borrow_mut(), correct);
            looked.map_err(|error| sqlite.trouble(error))
        })
    }

    fn equivalence(&mut self) -> Box<dyn Equivalence + '_> {
        Box::new(equivalence::SqliteEquivalence::new(&self.conn, self.job()))
    }

    fn schema_fingerprint(&mut self) -> Result<String> {
        self.read(|sqlite| {
            let now = fingerprint::Fingerprint::read(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
            Ok(now.to_string())
        })
    }

    fn require_clean(&mut self, found: Clean) {
        self.clean = Some(found);
    }

    fn migrate_up(&mut self, set: &MigrationSet, options: &UpOptions<'_>, job: Job<'_>) -> Run {
        versions::up(self, set, options, job)
    }

    fn migrate_down(&mut self, set: &MigrationSet, options: &DownOptions<'_>, job: Job<'_>) -> Run {
        versions::down(self, set, options, job)
    }

    fn of_application(&mut self) -> Result<Registered> {
        let collations = self.own_collations()?;
        let functions =
            self.stood_in.as_ref().map(|functions| functions.borrow().clone()).unwrap_or_default();
        Ok(Registered { collations, functions })
    }

    fn count_losses(&mut self, lost: Vec<Lost>) -> Result<Vec<Lost>> {
        self.read(|sqlite| loss::counted(&sqlite.conn, &lost).map_err(|error| sqlite.trouble(error)))
    }

    fn growth(&mut self, rebuilt: &[Vec<Ident>]) -> Result<Growth> {
        self.read(|sqlite| size::growth(&sqlite.conn, rebuilt).map_err(|error| sqlite.trouble(error)))
    }

    fn copy_to(&mut self, to: &Path, job: Job<'_>) -> Result<()> {
        let made = Cell::new(false);
        let copied = self.read_at_length(|sqlite| {
            // That of a file to which somebody wrote meanwhile.
            if made.replace(false) {
                copy::remove(to);
            }
            copy::copy(&sqlite.conn, &sqlite.name, to, job).inspect(|()| made.set(true))
        });
        copied.inspect_err(|_| {
            if made.get() {
                copy::remove(to);
            }
        })
    }

    fn record(&mut self, set: &MigrationSet, baseline: Baseline<'_>, job: Job<'_>) -> Result<Vec<Version>> {
        baseline::record(self, set, baseline, job)
    }

    fn accept_white_space(&mut self, set: &MigrationSet, job: Job<'_>) -> Result<Vec<Version>> {
        accept::record(self, set, job)
    }

    fn backfill(&mut self, spec: &BackfillSpec, dry_run: bool, job: Job<'_>) -> Result<Outcome> {
        // What is wrong with the file itself is said as by every other command.
        let outcome = self.read_at_length(|sqlite| {
            let Sqlite { conn, file, lock_timeout, .. } = sqlite;
            conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
                .map_err(|error| sqlite.trouble(error))?;
            backfill::run_alone(conn, file.as_deref(), spec, dry_run, *lock_timeout, job)
        });
        outcome.map_err(|error| errors::of_file(error, &self.name))
    }

    fn load_sample(&mut self, rows: SampleRows<'_>, options: LoadOptions, job: Job<'_>) -> Result<Loaded> {
        sample::load(self, rows, options, job)
    }

    fn check_values(&mut self, plan: &ValuePlan, job: Job<'_>) -> Result<Checked> {
        self.read_at_length(|sqlite| row_checks::check(&sqlite.conn, &sqlite.name, plan, job))
    }

    fn query_columns(&mut self, query: &Query) -> Result<Vec<String>> {
        query::columns(self, query)
    }

    fn run_query(
        &mut self,
        query: &Query,
        values: &[Bound],
        rows: &mut dyn Rows,
        job: Job<'_>,
    ) -> Result<()> {
        query::run(self, query, values, rows, job)
    }

    fn texts(&mut self, table: &str, columns: &[&str]) -> Result<Vec<Vec<Option<String>>>> {
        let sql = rows::texts(table, columns);
        self.read(|sqlite| {
            rows::rows(&sqlite.conn, &sql, [], |row| rows::values(row, 0))
                .map_err(|error| sqlite.trouble(error))
        })
    }

    fn broken_objects(&mut self, schema: &Schema) -> Result<Vec<Broken>> {
        broken::objects(&self.conn, schema, self.job()).map_err(|error| self.trouble(error))
    }

    fn schema_copy(&mut self) -> Result<Box<dyn Engine>> {
        Ok(Box::new(self.read(schema_copy::of)?))
    }
}

/// What SQLite does not say of the settings of a file.
fn correct_pragmas(sqlite: &Sqlite, pragmas: &mut Pragmas) {
    // Read without locks, SQLite does not look for a log and says that there is none: it is what such a file is read like
    // this for.
    if sqlite.unlocked.is_some() {
        pragmas.values.insert("journal_mode", "wal".to_owned());
    }
    if sqlite.conn.path().is_none_or(str::is_empty) {
        // In memory there is no file to be written in one way or another.
        pragmas.take_out_those_of_the_file();
    }
}
