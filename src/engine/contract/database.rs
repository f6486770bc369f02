//! What can be done with a database, wherever it lives.

use std::path::Path;

use super::application::Registered;
use super::history::{Glance, History};
use super::loss::Lost;
use super::options::{Clean, DownOptions, Growth, UpOptions};
use super::run::{Baseline, Run};
use super::sample::{LoadOptions, Loaded, SampleRows};
use crate::backfill::{BackfillSpec, Outcome};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::diff::{Broken, Equivalence};
use crate::migrations::{MigrationSet, Version};
use crate::queries::{Bound, Query, Rows};
use crate::row_checks::{Checked, ValuePlan};
use crate::schema::{Ident, Schema, Watched};

/// One database that is open.
pub trait Engine {
    /// What was applied, oldest first. Writes nothing; a database without a history table has an empty history.
    ///
    /// # Errors
    /// `History` when the history cannot be understood (naming row and column); `Database` and `Locked` as SQLite
    /// has it.
    fn history(&mut self) -> Result<History>;

    /// [`Engine::history`] and [`Engine::schema_fingerprint`], of a file at one moment. A server is asked for one behind the
    /// other.
    ///
    /// # Errors
    /// As theirs.
    fn history_and_schema(&mut self) -> Result<(History, String)> {
        Ok((self.history()?, self.schema_fingerprint()?))
    }

    /// What is needed to know where the database stands, at one moment; `with_schema` says whether its schema is of interest.
    ///
    /// # Errors
    /// As [`Engine::history`].
    fn glance(&mut self, with_schema: bool) -> Result<Glance> {
        let history = self.history()?;
        let schema = with_schema
            .then(|| self.schema_fingerprint())
            .transpose()?
            .map(|now| [now, history.left_schema().unwrap_or_default().to_owned()]);
        Ok(Glance { history, schema })
    }

    /// The schema as it is now.
    ///
    /// # Errors
    /// `Database` and `Locked` as SQLite has it.
    fn inspect(&mut self) -> Result<Schema>;

    /// Takes another look at the schema, which costs what has changed since the last.
    ///
    /// # Errors
    /// As [`Engine::inspect`].
    fn inspect_again(&mut self, watched: &mut Watched) -> Result<()>;

    /// The judge that compiles texts on this database. For shadow databases: it makes temporary objects.
    fn equivalence(&mut self) -> Box<dyn Equivalence + '_>;

    /// A fingerprint of the schema as it is stored, for comparison with `Record::schema_after`.
    ///
    /// # Errors
    /// `Database` and `Locked` as SQLite has it.
    fn schema_fingerprint(&mut self) -> Result<String>;

    /// Has each migration run only where, under its lock, the schema is what the last applied one left: by its record, or
    /// as it was `found` to be.
    fn require_clean(&mut self, found: Clean);

    /// Applies what is pending, oldest first, each migration in one transaction. What is already applied by the
    /// time the lock is had is not applied again, whatever was pending before.
    fn migrate_up(&mut self, set: &MigrationSet, options: &UpOptions<'_>, job: Job<'_>) -> Run;

    /// Takes applied migrations back, newest first, each in one transaction.
    fn migrate_down(&mut self, set: &MigrationSet, options: &DownOptions<'_>, job: Job<'_>) -> Run;

    /// On a `scratch` database, what is stood in for; elsewhere the collations that are registered and none of SQLite's own.
    ///
    /// # Errors
    /// `Database` as SQLite has it.
    fn of_application(&mut self) -> Result<Registered>;

    /// Counts what a run on a copy of the schema foresaw (`OnLoss::Foresee`): rows of tables and values of columns. What
    /// there is nothing of is left out; what only its statement can tell stays without a count.
    ///
    /// # Errors
    /// `Database` and `Locked` as SQLite has it.
    fn count_losses(&mut self, lost: Vec<Lost>) -> Result<Vec<Lost>>;

    /// How much room it takes on its disk to build these tables anew, a list for each transaction. What is on a server is
    /// its server's matter.
    ///
    /// # Errors
    /// `Database` and `Locked` as SQLite has it.
    fn growth(&mut self, _rebuilt: &[Vec<Ident>]) -> Result<Growth> {
        Ok(Growth::default())
    }

    /// Copies the whole database, as it is at one moment, to the new file `to`.
    ///
    /// # Errors
    /// `File` when the file exists or cannot be made; `Database`, `Locked` and `Interrupted`, after which there is no file.
    fn copy_to(&mut self, to: &Path, job: Job<'_>) -> Result<()>;

    /// Records migrations as applied without running them; gives the versions that were not recorded before.
    ///
    /// # Errors
    /// `Usage` when no migration has the version; `Migration` when what is recorded already does not fit the files;
    /// `Locked`, `Database`, `Interrupted`. Nothing is recorded then.
    fn record(&mut self, set: &MigrationSet, baseline: Baseline<'_>, job: Job<'_>) -> Result<Vec<Version>>;

    /// Records each applied file as it is now that differs from what was applied in white space outside of literals alone;
    /// gives their versions.
    ///
    /// # Errors
    /// `History` when the history cannot be understood; `Locked`, `Database`, `Interrupted`. Nothing is recorded then.
    fn accept_white_space(&mut self, set: &MigrationSet, job: Job<'_>) -> Result<Vec<Version>>;

    /// Gives every row of a table its true root ancestor, in a transaction of its own.
    ///
    /// # Errors
    /// `Usage` and `Data` for names and keys that cannot be filled; `Locked`, `Database` and `Interrupted`, after which
    /// the database is as it was. A refusal (`abort`) is part of the outcome, not an error.
    fn backfill(&mut self, spec: &BackfillSpec, dry_run: bool, job: Job<'_>) -> Result<Outcome>;

    /// Loads sample rows into the schema that is there, in one transaction. Only with [`LoadOptions::append`] may there be
    /// rows before.
    ///
    /// # Errors
    /// `Data` when there are rows already, when table or columns are not there, or when a constraint refuses a row; `Sql`
    /// and `Data` with the place of the statement that SQLite refuses; `Locked`, `Database` and `Interrupted`. The
    /// database is then as it was.
    fn load_sample(&mut self, rows: SampleRows<'_>, options: LoadOptions, job: Job<'_>) -> Result<Loaded>;

    /// Checks the rows against what a spec states of them. Writes nothing; all counts are of one moment. A row check
    /// costs no pass of its own, and a check that can't be evaluated here (a function that only the application has) is
    /// told, not passed over.
    ///
    /// # Errors
    /// `Database`, `Locked` and `Interrupted` as SQLite has it. Rows that break something are findings, no error.
    fn check_values(&mut self, plan: &ValuePlan, job: Job<'_>) -> Result<Checked>;

    /// Compiles a query against the schema as it is now, and gives the names of its columns.
    ///
    /// # Errors
    /// `Sql` and `Config` with the place in the query's file: when SQLite refuses it, when it would do anything but read,
    /// when two of its columns have the same name, or none has the name of the one that is drawn.
    fn query_columns(&mut self, query: &Query) -> Result<Vec<String>>;

    /// Runs a query and hands on its rows as they come. `values` are those of its parameters.
    ///
    /// # Errors
    /// As [`Engine::query_columns`], before any row; `Sql` when it fails on a row; `Database`, `Locked` and `Interrupted`;
    /// those of whoever takes the rows.
    fn run_query(&mut self, query: &Query, values: &[Bound], rows: &mut dyn Rows, job: Job<'_>)
    -> Result<()>;

    /// These columns of a small table, each value as text.
    ///
    /// # Errors
    /// `Database` when there is no such table or column; `Locked` and `Interrupted`.
    fn texts(&mut self, table: &str, columns: &[&str]) -> Result<Vec<Vec<Option<String>>>>;

    /// The views and triggers that do not compile. Functions, collations and modules that only the application has are no
    /// reason. For shadow databases: it makes temporary objects.
    ///
    /// # Errors
    /// `Database` as SQLite has it.
    fn broken_objects(&mut self, schema: &Schema) -> Result<Vec<Broken>>;

    /// An in-memory database with the same schema and history and no rows: what a dry run works on.
    ///
    /// # Errors
    /// `Database` when the schema cannot be copied.
    fn schema_copy(&mut self) -> Result<Box<dyn Engine>>;
}
