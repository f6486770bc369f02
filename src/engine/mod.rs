//! Databases: opening one, reading its history, running migrations on it.
//!
//! [`Engine`] is what the rest of the program sees; each engine is a folder below this one and an arm in [`open`].

mod application;
mod database_name;
mod fault;
mod history;
mod loss;
mod plan;
mod reference;
mod rehearsal;
mod sample;
mod scratch;
pub mod sqlite;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use ulid::Ulid;

use crate::backfill::{BackfillSpec, Outcome};
use crate::diff::{Broken, Meaning};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::migrations::{MigrationSet, Version};
use crate::plan::Step;
use crate::queries::{Bound, Query, Rows};
use crate::schema::Schema;
use crate::source::SourceFile;
use crate::values::{Checked, ValuePlan};

pub use application::{Call, OfApplication, Registered, needs_of_application};
pub use database_name::{DatabaseName, Place};
pub use fault::{Columns, Fault, Thing, Within, parts};
pub use history::{Applied, Backfilled, Difference, Entry, History, Record, State, StoredDown, compare};
pub use loss::{Loss, LossKind, Lost};
pub use plan::{DownStep, DownTarget, plan_baseline, plan_down, plan_up};
pub use reference::{Reference, Renaming};
pub use rehearsal::{Asked, BrokenKey, Question, Rehearsal, Rendered, Row, SeedPair, Standing, Stopped};
pub use sample::{LoadOptions, Loaded, SampleRows};
pub use scratch::{
    Answer, Common, Refused, Scratch, SeedOptions, SeededTable, Snapshot, TableRows, like_a_new_file,
    scratch, test_scratch,
};
pub use sqlite::ScriptOptions;

/// What the caller will do with the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Only read: the file is neither created nor changed, and no file is left beside it.
    ReadOnly,
    /// Read and write.
    ReadWrite {
        /// Whether a missing file is created.
        create: bool,
    },
}

/// How to open a database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenOptions {
    /// How long to wait for a lock that another process holds.
    pub lock_timeout: Duration,
}

impl Default for OpenOptions {
    fn default() -> OpenOptions {
        OpenOptions { lock_timeout: Duration::from_secs(30) }
    }
}

/// How far up to go, and under which name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UpOptions<'a> {
    /// The newest version to apply; all when absent.
    pub to: Option<Version>,
    /// The run, as it is recorded in the database.
    pub run_id: Ulid,
    /// A new file for a backup: under the write lock, before the first migration, the database is copied there page for page.
    /// Where the file exists, the run ends before it begins; a run that applies nothing leaves none.
    pub backup: Option<&'a Path>,
}

/// How far down to go, and by which scripts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DownOptions<'a> {
    /// How far down.
    pub target: DownTarget,
    /// Run the down scripts of the files rather than those stored when the migrations were applied.
    pub from_files: bool,
    /// What to do where they destroy rows or values.
    pub on_loss: OnLoss,
    /// As [`UpOptions::backup`].
    pub backup: Option<&'a Path>,
}

/// What to do where a way back destroys rows or values, or takes back what was recorded and never applied.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum OnLoss {
    /// Change nothing, and say what it would be.
    #[default]
    Refuse,
    /// Go on, and say what it was.
    Allow,
    /// Go on, on a copy of the schema that has no rows, and say what it could be.
    Foresee,
}

/// A migration that was committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Executed {
    /// Its version.
    pub version: Version,
    /// Its name: `align_plans_schema`.
    pub name: String,
    /// From BEGIN to the end of the foreign-key check; the same as is recorded in the database.
    pub took: Duration,
    /// Statements that ran, data steps included.
    pub statements: usize,
    /// Rows that data steps wrote.
    pub rows_backfilled: u64,
    /// What each step did, in the order of the script.
    pub steps: Vec<StepDone>,
    /// Foreign keys that could not be checked behind it.
    pub unchecked: Vec<UncheckedKey>,
}

/// A foreign key of which it cannot be told for some rows whether they have a parent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UncheckedKey {
    /// The table of these rows.
    pub table: String,
    /// Its columns, separated by commas.
    pub columns: String,
    /// The table that they refer to.
    pub parent: String,
    /// How many rows: those that have no parent with the very same values.
    pub rows: u64,
    /// Why: SQLite's words for what is not here, mostly a collation of the application.
    pub why: String,
}

impl UncheckedKey {
    /// "2 rows of b(a) could not be checked against a: no such collation sequence: german"
    pub fn sentence(&self) -> String {
        let UncheckedKey { table, columns, parent, rows, why } = self;
        let noun = if *rows == 1 { "row" } else { "rows" };
        format!("{rows} {noun} of {table}({columns}) could not be checked against {parent}: {why}")
    }
}

/// One step of a script that ran.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepDone {
    /// Where it begins in its script: a line, counted from 1.
    pub line: usize,
    /// The statement on one line, or the directive of a data step.
    pub what: String,
    /// How long it ran.
    pub took: Duration,
    /// Rows that it inserted, updated or deleted, those of triggers included.
    pub rows: u64,
}

/// What a run of migrations came to. A run that fails midway has both: what was done, and the error.
#[derive(Default, Debug)]
#[must_use]
pub struct Run {
    /// What was committed, in order.
    pub done: Vec<Executed>,
    /// What ended the run early; the database is as after the last of `done`.
    pub error: Option<Error>,
    /// The newest applied version before the run.
    pub before: Option<Version>,
    /// The newest applied version after it.
    pub after: Option<Version>,
    /// The backup that was made.
    pub backup: Option<PathBuf>,
    /// What was destroyed by each migration that was taken back, where it was anything; when `refused`, what would be.
    pub lost: Vec<Lost>,
    /// Whether nothing was done since nobody allowed what is in `lost`; the error says so.
    pub refused: bool,
}

/// Migrations to record without running them: [`Engine::record`].
#[derive(Clone, Copy, Debug)]
pub struct Baseline<'a> {
    /// The newest version to record; all older ones that are not recorded yet come along.
    pub to: Version,
    /// The run, as it is recorded in the database.
    pub run_id: Ulid,
    /// The fingerprint of the schema that was found to be theirs: when the schema is another one by the time the lock is
    /// had, nothing is recorded.
    pub schema: &'a str,
}

/// One database that is open.
pub trait Engine {
    /// What was applied, oldest first. Writes nothing; a database without a history table has an empty history.
    ///
    /// # Errors
    /// `History` when the history cannot be understood (naming row and column); `Database` and `Locked` as SQLite
    /// has it.
    fn history(&mut self) -> Result<History>;

    /// The schema as it is now.
    ///
    /// # Errors
    /// `Database` and `Locked` as SQLite has it.
    fn inspect(&mut self) -> Result<Schema>;

    /// The judge that compiles texts on this database. For scratch databases: it makes temporary objects.
    fn meaning(&mut self) -> Box<dyn Meaning + '_>;

    /// A fingerprint of the schema as it is stored, for comparison with [`Record::schema_after`].
    ///
    /// # Errors
    /// `Database` and `Locked` as SQLite has it.
    fn schema_fingerprint(&mut self) -> Result<String>;

    /// Applies what is pending, oldest first, each migration in one transaction. What is already applied by the
    /// time the lock is had is not applied again, whatever was pending before.
    fn migrate_up(&mut self, set: &MigrationSet, options: &UpOptions<'_>, job: Job<'_>) -> Run;

    /// Takes applied migrations back, newest first, each in one transaction.
    fn migrate_down(&mut self, set: &MigrationSet, options: &DownOptions<'_>, job: Job<'_>) -> Run;

    /// On a [`scratch`] database, what is stood in for; elsewhere the collations that are registered and none of SQLite's own.
    ///
    /// # Errors
    /// `Database` as SQLite has it.
    fn of_application(&mut self) -> Result<Registered>;

    /// Counts what a run on a copy of the schema foresaw ([`OnLoss::Foresee`]): rows of tables and values of columns. What
    /// there is nothing of is left out; what only its statement can tell stays without a count.
    ///
    /// # Errors
    /// `Database` and `Locked` as SQLite has it.
    fn count_losses(&mut self, lost: Vec<Lost>) -> Result<Vec<Lost>>;

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

    /// The views and triggers that do not compile. Functions, collations and modules that only the application has are no
    /// reason. For scratch databases: it makes temporary objects.
    ///
    /// # Errors
    /// `Database` as SQLite has it.
    fn broken_objects(&mut self) -> Result<Vec<Broken>>;

    /// An in-memory database with the same schema and history and no rows: what a dry run works on.
    ///
    /// # Errors
    /// `Database` when the schema cannot be copied.
    fn schema_copy(&mut self) -> Result<Box<dyn Engine>>;
}

/// A script for the plain `sqlite3` shell that applies the migrations above `from`, up to `to` or all, to a database that
/// is at version `from`, or has none applied (so does 0, where no migration has that version). It records them as a run does, and stops without leaving anything behind where a run
/// would stop.
///
/// # Errors
/// `Usage` when no migration has one of the versions; what the migrations fail with on a scratch database.
pub fn script_up(
    set: &MigrationSet,
    from: Option<Version>,
    to: Option<Version>,
    options: ScriptOptions<'_>,
) -> Result<String> {
    sqlite::script_up(set, from, to, options)
}

/// A script for the plain `sqlite3` shell that takes migrations back from a database that is at version `from`, else at
/// the newest of the files. The down scripts are those of the files; where the database has stored another one, the script
/// stops, unless `from_files` was asked for.
///
/// # Errors
/// As [`script_up`], and those of a down that is missing.
pub fn script_down(
    set: &MigrationSet,
    from: Option<Version>,
    down: DownOptions<'_>,
    options: ScriptOptions<'_>,
) -> Result<String> {
    sqlite::script_down(set, from, down, options)
}

/// Opens the database `db`.
///
/// # Errors
/// `Usage` when its name permits reading only ([`DatabaseName::permitted`]); `File` when it is missing, a folder or not readable; `Database` when it is no SQLite database or is damaged;
/// `Locked` when another process holds it.
pub fn open<P: Place + ?Sized>(
    db: &P,
    access: Access,
    options: OpenOptions,
    job: Job<'_>,
) -> Result<Box<dyn Engine>> {
    let name = db.database_name();
    let permitted = name.permitted(access)?;
    let opened = sqlite::Sqlite::open(&name, permitted, options, job).map_err(|error| {
        // What is advised for a missing database has just been tried.
        if permitted != access && !name.exists() {
            error.help("`mode=rw` makes no database, `mode=rwc` does")
        } else {
            error
        }
    });
    Ok(Box::new(opened?))
}

/// The schema that a script of DDL makes.
///
/// # Errors
/// `Sql` with the place of the statement that the engine refuses.
pub fn reference(source: &SourceFile, job: Job<'_>) -> Result<Box<dyn Reference>> {
    Ok(Box::new(sqlite::reference(source, job)?))
}

/// The schema that a script of DDL states, for comparing it with `accepted`: as [`reference`], and much faster for a
/// large schema, where most statements are those of `accepted` in whatever spelling. `None` when it takes running the
/// script to know.
pub fn stated(source: &SourceFile, accepted: &Schema, job: Job<'_>) -> Option<Box<dyn Reference>> {
    sqlite::stated(source, accepted, job).map(|stated| Box::new(stated) as Box<dyn Reference>)
}

/// The schema that a script of DDL makes, for comparing it with `accepted`: by [`stated`] where that will do.
///
/// # Errors
/// As [`reference`].
pub fn reference_beside(source: &SourceFile, accepted: &Schema, job: Job<'_>) -> Result<Box<dyn Reference>> {
    match stated(source, accepted, job) {
        Some(stated) => Ok(stated),
        None => reference(source, job),
    }
}

/// The views and triggers of a schema that do not compile. Functions, collations and modules that only the application has
/// are no reason.
///
/// # Errors
/// `Interrupted`.
pub fn broken(schema: &Schema, job: Job<'_>) -> Result<Vec<Broken>> {
    sqlite::broken(schema, job)
}

/// The steps as statements.
pub fn render(steps: &[Step]) -> Vec<Rendered> {
    sqlite::render(steps)
}

/// An in-memory database with the schema of `from` and seeded rows, on which steps are tried. Each row is one that the
/// schema `goal` can hold as well, as far as `pairs` say what becomes of it. Where there is a database file `db`, some of
/// its rows are among them; it is opened for reading only.
///
/// # Errors
/// `Sql` when the engine refuses one of the schemas; as [`open`].
pub fn rehearsal(
    from: &SourceFile,
    goal: &SourceFile,
    pairs: &[SeedPair<'_>],
    db: Option<&Path>,
    job: Job<'_>,
) -> Result<Box<dyn Rehearsal>> {
    Ok(Box::new(sqlite::rehearsal(from, goal, pairs, db, job)?))
}

/// Counts rows of the database file `db`, which is opened for reading only. A question that makes no sense there (the
/// table or a column is missing) has no answer.
///
/// # Errors
/// As [`open`].
pub fn ask_rows(db: &Path, questions: &[Question], job: Job<'_>) -> Result<Vec<Option<Standing>>> {
    let opened = sqlite::Sqlite::open(db, Access::ReadOnly, OpenOptions::default(), job)?;
    questions.iter().map(|question| opened.ask_rows(question)).collect()
}
