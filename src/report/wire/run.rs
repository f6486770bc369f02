//! What runs migrations: `migrate up`, `down` and `redo`.

use schemars::JsonSchema;
use serde::Serialize;

/// `migrate up`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Up {
    #[serde(flatten)]
    pub run: Run<Applied>,
    /// The squashed migration that was recorded in the place of those that it stands for. The key is absent where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Followed")]
    pub squashed: Option<Followed>,
    /// What it drops, or would, that no migration made; of each migration that does. The key is absent where none does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Lost>,
    /// What it was rehearsed on. The key is absent but with `--rehearse`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Rehearsal")]
    pub rehearsal: Option<Rehearsal>,
}

/// A squashed migration that is recorded now.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Followed {
    /// Its version.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// How many migrations it stands for.
    pub replaced: usize,
}

/// `migrate down`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Down {
    #[serde(flatten)]
    pub run: Run<TakenBack>,
    /// What the way back destroys, or would; of each migration that destroys something.
    pub lost: Vec<Lost>,
    /// What it was rehearsed on. The key is absent but with `--rehearse`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Rehearsal")]
    pub rehearsal: Option<Rehearsal>,
}

/// `migrate redo`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Redo {
    #[serde(flatten)]
    pub run: Run<Redone>,
    /// What it destroys, or would, the way back first; of each migration that destroys something.
    pub lost: Vec<Lost>,
}

/// A script in place of a run (`--sql`).
#[derive(Serialize, JsonSchema, Debug)]
pub struct Script {
    /// The script, for the sqlite3 shell.
    pub sql: String,
}

/// A run of migrations.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Run<M> {
    /// The database, as it was named.
    pub database: String,
    /// Whether it ran on a copy of the schema without rows, and nothing was written.
    pub dry_run: bool,
    /// The newest applied version before the run; null when there was none.
    pub before: Option<i64>,
    /// The newest applied version after the run; null when there is none.
    pub after: Option<i64>,
    /// The copy of the database that was made first. The key is absent when none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub backup: Option<String>,
    /// What was done, in order.
    pub migrations: Vec<Migration<M>>,
}

/// A migration that ran.
#[derive(Serialize, JsonSchema, Debug)]
#[schemars(rename = "{M}Migration")]
pub struct Migration<M> {
    /// Its version.
    pub version: i64,
    /// Its name, as in `align_plans_schema`.
    pub name: String,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// How many statements ran, data steps included.
    pub statements: usize,
    /// How many rows its data steps wrote.
    pub rows_backfilled: u64,
    #[serde(flatten)]
    pub more: M,
    /// Foreign keys of which it cannot be told for some rows whether they have a parent. The key is absent when there
    /// are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unchecked_keys: Vec<UncheckedKey>,
}

/// What is said of a migration that was applied.
#[derive(Default, Serialize, JsonSchema, Debug)]
pub struct Applied {
    /// Its script. The key is absent but with `--dry-run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub sql: Option<String>,
    /// What each step did. The key is absent but with `--rehearse`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Step>")]
    pub steps: Option<Vec<Step>>,
}

/// What is said of a migration that was reverted.
#[derive(Serialize, JsonSchema, Debug)]
pub struct TakenBack {
    /// Where its down script came from.
    pub script: Source,
    #[serde(flatten)]
    pub more: Applied,
}

/// What is said of a migration that was done again.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Redone {
    pub direction: Direction,
}

/// Where a down script comes from.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The database: it was stored there when the migration was applied.
    Stored,
    /// The folder of migrations.
    File,
}

/// Which way a migration ran.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// It was reverted.
    Down,
    /// It was applied.
    Up,
}

/// A step of a script.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Step {
    /// Where it begins in its file: a line, counted from 1.
    pub line: usize,
    /// The statement on one line, or the directive of a data step.
    pub sql: String,
    /// How many rows it inserted, updated or deleted, those of triggers included.
    pub rows: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A foreign key that cannot be checked for some rows.
#[derive(Serialize, JsonSchema, Debug)]
pub struct UncheckedKey {
    /// The table of these rows.
    pub table: String,
    /// Its columns, separated by commas.
    pub columns: String,
    /// The table that they refer to.
    pub parent: String,
    /// How many rows have no parent with the very same values.
    pub rows: u64,
    /// Why it cannot be told, in SQLite's words.
    pub why: String,
}

/// The copy on which a run was rehearsed.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Rehearsal {
    /// The folder that the copy was in; it is removed.
    pub folder: String,
    /// How long the copy took, in milliseconds.
    pub copy_ms: u64,
    /// The size of the database file before the run, in bytes.
    pub size_before: u64,
    /// The size of the database file after the run, in bytes.
    pub size_after: u64,
}

/// What a migration destroys.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Lost {
    /// Its version.
    pub version: i64,
    /// Its name, as in `align_plans_schema`.
    pub name: String,
    /// Whether it was recorded as applied, and never ran on this database.
    pub recorded: bool,
    /// What is destroyed.
    pub losses: Vec<Loss>,
}

/// Rows of a table, values of one of its columns, or a part of the schema, that are destroyed.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Loss {
    pub kind: LossKind,
    /// The table, as it is called before the run.
    pub table: String,
    /// The column, where its values are destroyed; else null.
    pub column: Option<String>,
    /// The index or the trigger. The key is absent but for these.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub object: Option<String>,
    /// How many; null of an index and a trigger, and where only the rows can tell and none were there to ask.
    pub count: Option<u64>,
}

/// How something is destroyed.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum LossKind {
    /// Rows go with their table, or are not copied into the table that takes its place.
    Rows,
    /// Values go with their column, or are not what they were in the table that takes the place of theirs.
    Values,
    /// Rows are deleted from a table that stays.
    DeletedRows,
    /// Other values are written over those that are there.
    OverwrittenValues,
    /// A column that no migration made goes, with its values.
    Column,
    /// An index that no migration made goes with its table.
    Index,
    /// A trigger that no migration made goes with its table or view.
    Trigger,
}
