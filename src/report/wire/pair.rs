//! What writes files of migrations, or takes a database over: `init`, `migrate new`, `generate`, `adopt`, `import` and `baseline`.

use schemars::JsonSchema;
use serde::Serialize;

use super::audit::Known;

/// `init`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Init {
    /// The files that were written.
    pub created: Vec<String>,
    /// The database, as it was named; null where none was there.
    pub database: Option<String>,
    /// The version that is recorded there as applied; null where none is.
    pub recorded: Option<i64>,
    /// The tool whose migrations or history were found; null where none were.
    pub tool: Option<&'static str>,
    /// Tables and views of the database that are left out because they are somebody else's.
    pub ignored: Vec<String>,
}

/// `migrate new`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct New {
    /// The version of the files.
    pub version: i64,
    /// The file of the way there.
    pub up: String,
    /// The file of the way back.
    pub down: String,
}

/// `migrate generate`. When there is nothing to do, `version` is null, and the keys behind it are absent.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Generated {
    /// The version of the files; null when there is nothing to do.
    pub version: Option<i64>,
    #[serde(flatten)]
    pub written: Option<GeneratedPair>,
}

/// `migrate adopt`. When there is nothing to do, `version` is null, and the keys behind it are absent.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Adopted {
    /// The database, as it was named.
    pub database: String,
    /// The version of the files, which is recorded as applied; null when there is nothing to do.
    pub version: Option<i64>,
    #[serde(flatten)]
    pub written: Option<AdoptedPair>,
}

/// `migrate import`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Imported {
    /// The tool whose folder it is.
    pub tool: &'static str,
    /// That folder.
    pub from: String,
    /// The folder of the files that were written.
    pub to: String,
    /// Whether the versions are the tool's own; else they are counted from 1.
    pub keeps_versions: bool,
    /// The migrations, in order.
    pub migrations: Vec<ImportedMigration>,
    /// Statements that are comments now.
    pub left_out: Vec<LeftOut>,
    /// Downs that do not lead back, as `migrate test` finds it.
    pub no_way_back: Vec<NoWayBack>,
    /// The database, as it was named; null without one.
    pub database: Option<String>,
    /// The newest version that the tool's history there says is applied; null where none is.
    pub applied: Option<i64>,
    /// Tables and views of the database that are left out because they are somebody else's.
    pub ignored: Vec<String>,
    /// What was recorded there as applied.
    pub recorded: Vec<Recorded>,
    /// Whether the files are there: not when the schema of the database differs.
    pub written: bool,
}

/// `migrate squash`.
#[derive(Serialize, JsonSchema, Default, Debug)]
pub struct Squashed {
    /// The version of the squashed migration.
    pub version: i64,
    /// The files that were written; none where there was nothing to do.
    pub created: Vec<String>,
    /// The files that were removed.
    pub removed: Vec<String>,
    /// The versions that it stands for.
    pub replaced: Vec<i64>,
    /// How many rows it puts into tables.
    pub rows: usize,
}

/// `migrate renumber`.
#[derive(Serialize, JsonSchema, Default, Debug)]
pub struct Renumbered {
    /// The version that it has now.
    pub version: i64,
    /// The files that were renamed; none where there was nothing to do.
    pub renamed: Vec<Renamed>,
    /// Tests of the old version of which cannot be told whose they are.
    pub left: Vec<String>,
}

/// A file that was renamed.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Renamed {
    /// What it was called.
    pub from: String,
    /// What it is called now.
    pub to: String,
}

/// A migration that was imported.
#[derive(Serialize, JsonSchema, Debug)]
pub struct ImportedMigration {
    /// Its version.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// What the tool calls it.
    pub id: String,
    /// The tool's file.
    pub from: String,
    /// The file of the way there.
    pub up: Option<String>,
    /// The file of the way back; null where there is no way back.
    pub down: Option<String>,
    /// Whether the tool ran it again whenever it changed; as planctl's it runs once.
    pub repeated: bool,
}

/// A down that does not lead back.
#[derive(Serialize, JsonSchema, Debug)]
pub struct NoWayBack {
    /// Its version.
    pub version: i64,
    /// The file.
    pub file: String,
    /// The line there, counted from 1.
    pub line: usize,
    /// What is wrong with it, the first of all.
    pub message: String,
}

/// A statement that is a comment now.
#[derive(Serialize, JsonSchema, Debug)]
pub struct LeftOut {
    /// The statement.
    pub statement: String,
    /// Why.
    pub why: String,
    /// The tool's file.
    pub file: String,
    /// The line there, counted from 1.
    pub line: usize,
    /// The column there, counted from 1.
    pub column: usize,
}

/// What was generated.
#[derive(Serialize, JsonSchema, Debug)]
pub struct GeneratedPair {
    #[serde(flatten)]
    pub pair: Pair,
    /// Where rows stop the way back.
    pub down_stops: Vec<DownStop>,
    /// Tables of which no row could be made: what becomes of their rows is not proven.
    pub without_rows: Vec<WithoutRows>,
    #[serde(flatten)]
    pub known: Known,
}

/// What was adopted.
#[derive(Serialize, JsonSchema, Debug)]
pub struct AdoptedPair {
    #[serde(flatten)]
    pub pair: Pair,
    #[serde(flatten)]
    pub known: Known,
    /// Files of pending migrations that were renamed, so that they come behind it.
    pub renamed: Vec<Renamed>,
}

/// The files that were written.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Pair {
    /// The file of the way there.
    pub up: String,
    /// The file of the way back. The key is absent where there is no way back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub down: Option<String>,
    /// How many steps the way there has.
    pub steps: usize,
}

/// A table whose rows stop the way back.
#[derive(Serialize, JsonSchema, Debug)]
pub struct DownStop {
    /// The table.
    pub table: String,
    /// The columns that come back, and for which no value was found that every row can take; empty where something else
    /// is missing.
    pub columns: Vec<String>,
}

/// A table of which no row could be made.
#[derive(Serialize, JsonSchema, Debug)]
pub struct WithoutRows {
    /// The table.
    pub table: String,
    /// Why.
    pub reason: String,
}

/// `migrate baseline`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Baseline {
    /// Tables and views that are left out because they are somebody else's.
    pub ignored: Vec<String>,
    /// The database, as it was named.
    pub database: String,
    /// The newest version to record.
    pub to: i64,
    /// Whether it took `--force`.
    pub forced: bool,
    /// Whether the schema was compared: the migrations run on an empty database.
    pub compared: bool,
    /// What was recorded as applied.
    pub recorded: Vec<Recorded>,
}

/// A migration that was recorded as applied.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Recorded {
    /// Its version.
    pub version: i64,
    /// Its name, as in `align_plans_schema`; null when there is no file.
    pub name: Option<String>,
}
