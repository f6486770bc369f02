//! A server that speaks SQLite: what [`Engine`] promises of it.
//!
//! Its schema and its history are fetched at one moment and entered into a database in memory. What is asked of them is
//! answered there, as for a file; a server is where statements go, not what they mean.

mod backfill;
mod copy;
mod database;
mod deliver;
mod exact;
mod fetch;
mod migrate;
mod prepare;
mod query;
mod request;
mod row_checks;
mod sample;
mod transport;

use std::path::Path;

pub(crate) use self::database::Remote;
use super::{
    Baseline, Clean, DownOptions, Engine, History, LoadOptions, Loaded, Lost, Registered, Run, SampleRows,
    UpOptions,
};
use crate::backfill::{BackfillSpec, Outcome};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::diff::{Broken, Equivalence};
use crate::migrations::{MigrationSet, Version};
use crate::queries::{Bound, Query, Rows};
use crate::row_checks::{Checked, ValuePlan};
use crate::schema::{Schema, Watched};

impl Engine for Remote {
    fn history(&mut self) -> Result<History> {
        self.shadow.history()
    }

    fn inspect(&mut self) -> Result<Schema> {
        self.shadow.inspect()
    }

    fn inspect_again(&mut self, watched: &mut Watched) -> Result<()> {
        self.shadow.inspect_again(watched)
    }

    fn equivalence(&mut self) -> Box<dyn Equivalence + '_> {
        self.shadow.equivalence()
    }

    fn schema_fingerprint(&mut self) -> Result<String> {
        self.shadow.schema_fingerprint()
    }

    fn require_clean(&mut self, found: Clean) {
        self.clean = Some(found);
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
        self.counted(&lost, self.shadow.job())
    }

    fn copy_to(&mut self, to: &Path, job: Job<'_>) -> Result<()> {
        copy::copy(self, to, job)
    }

    fn record(&mut self, set: &MigrationSet, baseline: Baseline<'_>, job: Job<'_>) -> Result<Vec<Version>> {
        migrate::record(self, set, baseline, job)
    }

    fn accept_white_space(&mut self, set: &MigrationSet, job: Job<'_>) -> Result<Vec<Version>> {
        migrate::accept(self, set, job)
    }

    fn backfill(&mut self, spec: &BackfillSpec, dry_run: bool, job: Job<'_>) -> Result<Outcome> {
        backfill::run(self, spec, dry_run, job)
    }

    fn load_sample(&mut self, rows: SampleRows<'_>, options: LoadOptions, job: Job<'_>) -> Result<Loaded> {
        sample::load(self, rows, options, job)
    }

    fn check_values(&mut self, plan: &ValuePlan, job: Job<'_>) -> Result<Checked> {
        row_checks::check(self, plan, job)
    }

    fn query_columns(&mut self, query: &Query) -> Result<Vec<String>> {
        self.shadow.query_columns(query)
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
        self.texts_of(table, columns, self.shadow.job())
    }

    fn broken_objects(&mut self, schema: &Schema) -> Result<Vec<Broken>> {
        self.shadow.broken_objects(schema)
    }

    fn schema_copy(&mut self) -> Result<Box<dyn Engine>> {
        self.shadow.schema_copy()
    }
}
