//! `migrate status`.

use schemars::JsonSchema;
use serde::Serialize;

use super::finding::Object;
use crate::base::rule::RuleCode;

/// What the history and the files say of each version.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Status {
    /// The database, as it was named.
    pub database: String,
    /// Whether there is one.
    pub exists: bool,
    /// The newest applied version; null when there is none.
    pub version: Option<i64>,
    /// How many migrations are applied.
    pub applied: usize,
    /// How many are pending.
    pub pending: usize,
    /// How many are changed, missing or out of order.
    pub problems: usize,
    pub schema: SchemaState,
    /// How the schema changed since the last migration.
    pub drift: Vec<Drift>,
    /// Every version, oldest first.
    pub migrations: Vec<Version>,
    /// The versions whose files were recorded as they are now. The key is absent but with `--accept-whitespace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<i64>")]
    pub accepted: Option<Vec<i64>>,
}

/// What the schema of the database is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum SchemaState {
    /// What the last migration left.
    AsLeft,
    /// Changed since the last migration.
    Changed,
    /// Unknown: planctl did not apply the last migration.
    Unknown,
}

/// A change of the schema since the last migration.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Drift {
    /// The rule of the audit that it breaks.
    pub rule: RuleCode,
    /// What it is about.
    pub object: Object,
    /// What the migrations made; null where they made nothing.
    pub expected: Option<String>,
    /// What the database has; null where it has nothing.
    pub actual: Option<String>,
    /// The same as a sentence.
    pub message: String,
}

/// A version.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Version {
    /// Its version.
    pub version: i64,
    /// Its name, as in `align_plans_schema`.
    pub name: String,
    pub state: State,
    /// How its file differs from what was applied; null unless it is `changed`.
    pub difference: Option<Difference>,
    /// When it was committed, in UTC, as in `2026-03-01T12:00:00Z`; null when it is not applied.
    pub applied_on: Option<String>,
    /// How long it took, in milliseconds; null where planctl did not apply it.
    pub took_ms: Option<u64>,
    /// How many rows its data steps wrote; null where planctl did not apply it.
    pub rows_backfilled: Option<u64>,
    /// The data steps that wrote rows; null where planctl did not apply it.
    pub backfilled: Option<Vec<Backfilled>>,
    /// The run that applied it, a ULID; null where planctl did not apply it.
    pub run_id: Option<String>,
    /// Where the script is that takes it back.
    pub down: Down,
    /// Whether the down file is another one than the stored script, which is the one that runs.
    pub down_differs: bool,
    /// What its down says that it cannot bring back.
    pub lost: Vec<String>,
    /// What the down of an applied migration says that it destroys, or where it stops.
    pub hazards: Vec<String>,
    /// Its file; null when there is none.
    pub file: Option<String>,
}

/// How a migration stands.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Applied, and the file is as it was then.
    Applied,
    /// Not applied, and newer than all that is.
    Pending,
    /// Applied, and the file is no longer what was applied.
    Changed,
    /// Applied, and there is no file.
    Missing,
    /// Not applied, but older than the newest that is.
    OutOfOrder,
    /// Stands for migrations that are all applied: the next `migrate up` records it in their place.
    Squashed,
}

/// How a file differs from what was applied.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// The text differs.
    Text,
    /// Only the line endings differ.
    LineEndings,
    /// Only the last line break differs.
    LastLineBreak,
    /// Only the byte-order mark differs.
    ByteOrderMark,
    /// Only white space differs, in another way or in several.
    WhiteSpace,
    /// The version was applied under another name.
    Name,
}

/// Where the script is that takes a migration back.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Down {
    /// In the database, where it was stored when the migration was applied.
    Stored,
    /// In the folder of migrations.
    File,
    /// Nowhere: the migration says that it cannot be reverted.
    Irreversible,
    /// Nowhere.
    None,
}

impl Down {
    /// The same for people.
    pub fn as_str(&self) -> &'static str {
        match self {
            Down::Stored => "stored",
            Down::File => "file",
            Down::Irreversible => "irreversible",
            Down::None => "none",
        }
    }
}

/// A data step that wrote rows.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Backfilled {
    /// The table, as the step names it.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// The ids of the first of them, in storage order.
    pub first: Vec<String>,
}
