//! Databases: opening one, reading its history, running migrations on it.
//!
//! [`Engine`] is what the rest of the program sees; each engine is a folder below this one and an arm in [`open`].

mod history;
mod plan;
mod reference;
mod scratch;
pub mod sqlite;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use ulid::Ulid;

use crate::backfill::{BackfillSpec, Outcome};
use crate::diff::{Meaning, ObjectKind};
use crate::error::{Error, Result};
use crate::migrations::{MigrationSet, Version};
use crate::progress::{Interrupt, Observer};
use crate::schema::{Ident, Schema};
use crate::source::SourceFile;
use crate::values::{Checked, ValuePlan};

pub use history::{Applied, Difference, Entry, History, Record, State, StoredDown, compare};
pub use plan::{DownStep, DownTarget, plan_down, plan_up};
pub use reference::{Reference, Renaming};
pub use scratch::{Answer, Refused, Scratch, SeedOptions, SeededTable, Snapshot, TableRows};

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
pub struct UpOptions {
    /// The newest version to apply; all when absent.
    pub to: Option<Version>,
    /// The run, as it is recorded in the database.
    pub run_id: Ulid,
}

/// How far down to go, and by which scripts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DownOptions {
    /// How far down.
    pub target: DownTarget,
    /// Run the down scripts of the files rather than those stored when the migrations were applied.
    pub from_files: bool,
}

/// A migration that was committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Executed {
    /// Its version.
    pub version: Version,
    /// Its name: `align_plans_schema`.
    pub name: String,
    /// From BEGIN to COMMIT.
    pub took: Duration,
    /// Statements that ran, data steps included.
    pub statements: usize,
    /// Rows that data steps wrote.
    pub rows_backfilled: u64,
}

/// What a run of migrations came to. A run that fails midway has both: what was done, and the error.
#[derive(Default, Debug)]
pub struct Run {
    /// What was committed, in order.
    pub done: Vec<Executed>,
    /// What ended the run early; the database is as after the last of `done`.
    pub error: Option<Error>,
    /// The newest applied version before the run.
    pub before: Option<Version>,
    /// The newest applied version after it.
    pub after: Option<Version>,
}

/// A view or trigger that does not compile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Which of both it is.
    pub kind: ObjectKind,
    /// Its name.
    pub name: Ident,
    /// What SQLite says.
    pub message: String,
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
    fn migrate_up(
        &mut self,
        set: &MigrationSet,
        options: &UpOptions,
        observer: &mut dyn Observer,
        interrupt: &Interrupt,
    ) -> Run;

    /// Takes applied migrations back, newest first, each in one transaction.
    fn migrate_down(
        &mut self,
        set: &MigrationSet,
        options: &DownOptions,
        observer: &mut dyn Observer,
        interrupt: &Interrupt,
    ) -> Run;

    /// Gives every row of a table its true root ancestor, in a transaction of its own.
    ///
    /// # Errors
    /// `Usage` and `Data` for names and keys that cannot be filled; `Locked`, `Database` and `Interrupted`, after which
    /// the database is as it was. A refusal (`abort`) is part of the outcome, not an error.
    fn backfill(
        &mut self,
        spec: &BackfillSpec,
        dry_run: bool,
        observer: &mut dyn Observer,
        interrupt: &Interrupt,
    ) -> Result<Outcome>;

    /// Checks the rows against what a spec states of them. Writes nothing; all counts are of one moment. A row check
    /// costs no pass of its own, and a check that can't be evaluated here (a function that only the application has) is
    /// told, not passed over.
    ///
    /// # Errors
    /// `Database`, `Locked` and `Interrupted` as SQLite has it. Rows that break something are findings, no error.
    fn check_values(
        &mut self,
        plan: &ValuePlan,
        observer: &mut dyn Observer,
        interrupt: &Interrupt,
    ) -> Result<Checked>;

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

/// Opens the database file `db`.
///
/// # Errors
/// `File` when it is missing, a folder or not readable; `Database` when it is no SQLite database or is damaged;
/// `Locked` when another process holds it.
pub fn open(db: &Path, access: Access, options: OpenOptions) -> Result<Box<dyn Engine>> {
    Ok(Box::new(sqlite::Sqlite::open(db, access, options)?))
}

/// An empty in-memory database.
///
/// # Errors
/// `Database` when SQLite cannot make one.
pub fn scratch() -> Result<Box<dyn Engine>> {
    Ok(Box::new(sqlite::Sqlite::scratch()?))
}

/// An empty in-memory database for tests.
///
/// # Errors
/// `Database` when SQLite cannot make one.
pub fn test_scratch() -> Result<Box<dyn Scratch>> {
    Ok(Box::new(sqlite::Sqlite::scratch()?))
}

/// The schema that a script of DDL makes.
///
/// # Errors
/// `Sql` with the place of the statement that the engine refuses.
pub fn reference(source: &SourceFile) -> Result<Box<dyn Reference>> {
    Ok(Box::new(sqlite::reference(source)?))
}
