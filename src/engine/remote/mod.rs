//! A server that speaks SQLite: what [`Engine`] promises of it.
//!
//! Its schema and its history are fetched at one moment and entered into a database in memory. What is asked of them is
//! answered there, as for a file; a server is where statements go, not what they mean.

mod database;
mod fetch;
mod hrana;
mod http;
mod migrate;
mod prepare;
mod request;
mod rqlite;
mod transport;

use std::path::Path;

pub(crate) use self::database::Remote;
use super::{
    Baseline, DownOptions, Engine, History, LoadOptions, Loaded, Lost, Registered, Run, SampleRows, UpOptions,
};
use crate::backfill::{BackfillSpec, Outcome};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::diff::{Broken, Equivalence};
use crate::migrations::{MigrationSet, Version};
use crate::queries::{Bound, Query, Rows};
use crate::row_checks::{Checked, ValuePlan};
use crate::schema::Schema;

impl Engine for Remote {
    fn history(&mut self) -> Result<History> {
        self.shadow.history()
    }

    fn inspect(&mut self) -> Result<Schema> {
        self.shadow.inspect()
    }

    fn inspect_since(&mut self, known: &Schema) -> Result<Schema> {
        self.shadow.inspect_since(known)
    }

    fn equivalence(&mut self) -> Box<dyn Equivalence + '_> {
        self.shadow.equivalence()
    }

    fn schema_fingerprint(&mut self) -> Result<String> {
        self.shadow.schema_fingerprint()
    }

    fn migrate_up(&mut self, set: &MigrationSet, options: &UpOptions<'_>, job: Job<'_>) -> Run {
        migrate::up(self, set, options, job)
    }

    fn migrate_down(&mut self, set: &MigrationSet, options: &DownOptions<'_>, job: Job<'_>) -> Run {
        migrate::down(self, set, options, job)
    }

    fn of_application(&mut self) -> Result<Registered> {
        // What a server has registered, nobody can ask it.
        Ok(Registered::default())
    }

    fn count_losses(&mut self, lost: Vec<Lost>) -> Result<Vec<Lost>> {
        self.counted(lost, self.shadow.job())
    }

    fn copy_to(&mut self, to: &Path, _: Job<'_>) -> Result<()> {
        self.copy(to)
    }

    fn record(&mut self, set: &MigrationSet, baseline: Baseline<'_>, job: Job<'_>) -> Result<Vec<Version>> {
        migrate::record(self, set, baseline, job)
    }

    fn accept_white_space(&mut self, set: &MigrationSet, job: Job<'_>) -> Result<Vec<Version>> {
        migrate::accept(self, set, job)
    }

    fn backfill(&mut self, _: &BackfillSpec, _: bool, _: Job<'_>) -> Result<Outcome> {
        Err(self.not_written())
    }

    fn load_sample(&mut self, _: SampleRows<'_>, _: LoadOptions, _: Job<'_>) -> Result<Loaded> {
        Err(self.not_written())
    }

    fn check_values(&mut self, _: &ValuePlan, _: Job<'_>) -> Result<Checked> {
        Err(self.without_rows())
    }

    fn query_columns(&mut self, query: &Query) -> Result<Vec<String>> {
        self.shadow.query_columns(query)
    }

    fn run_query(&mut self, _: &Query, _: &[Bound], _: &mut dyn Rows, _: Job<'_>) -> Result<()> {
        Err(self.without_rows())
    }

    fn texts(&mut self, table: &str, columns: &[&str]) -> Result<Vec<Vec<Option<String>>>> {
        self.texts_of(table, columns, self.shadow.job())
    }

    fn broken_objects(&mut self, schema: &Schema) -> Result<Vec<Broken>> {
        self.shadow.broken_objects(schema)
    }

    fn schema_copy(&mut self) -> Result<Box<dyn Engine>> {
        self.shadow.schema_copy()
    }
}
