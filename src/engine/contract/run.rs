//! What a run did.

use std::path::PathBuf;
use std::time::Duration;

use ulid::Ulid;

use super::loss::Lost;
use super::squash::Followed;
use crate::base::error::Error;
use crate::base::words::counted;
use crate::migrations::{Version, label};

/// A migration that was committed.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
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

impl Executed {
    /// `V7__align_plans_schema`
    pub fn label(&self) -> String {
        label(self.version, &self.name)
    }
}

/// A foreign key of which it cannot be told for some rows whether they have a parent.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
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
        let rows = counted(*rows, "row");
        format!("{rows} of {table}({columns}) could not be checked against {parent}: {why}")
    }
}

/// One step of a script that ran.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
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
    /// The squashed migration that was recorded in the place of those that it stands for.
    pub squashed: Option<Followed>,
    /// The newest applied version before the run.
    pub before: Option<Version>,
    /// The newest applied version after it.
    pub after: Option<Version>,
    /// The backup that was made.
    pub backup: Option<PathBuf>,
    /// What was destroyed by each migration that was reverted, where it was anything, or taken along by one that was
    /// applied and no migration had made; when `refused`, what would be.
    pub lost: Vec<Lost>,
    /// Whether nothing was done since nobody allowed what is in `lost`; the error says so.
    pub refused: bool,
}

/// Says of an error that nothing is left of a migration that failed.
pub(crate) fn rolled_back(error: Error, label: &str) -> Error {
    error.rolled_back(format!("{label} was rolled back: none of it is in the database"))
}

/// Says of an error that a migration is still applied, whose down failed.
pub(crate) fn stays_applied(error: Error, label: &str) -> Error {
    error.note(format!("{label} stays applied: what its down had done was rolled back"))
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
    /// The fingerprint of the schema that they leave, where the database has another one all the same.
    pub leaves: Option<&'a str>,
}

impl Baseline<'_> {
    /// The fingerprint of the schema that a version is recorded to have left. Of the ones in between nobody knows it.
    pub(crate) fn left_by(&self, version: Version) -> String {
        let left = self.leaves.unwrap_or(self.schema);
        if version == self.to { left.to_owned() } else { String::new() }
    }
}
