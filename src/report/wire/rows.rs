//! What is about rows: `backfill`, `sample load` and the reports.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::queries::Type;

/// `backfill`. Of a dry run: what the run would come to.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Backfill {
    /// How many rows the table has.
    pub rows: u64,
    /// How many of them have no parent.
    pub roots: u64,
    /// How many had no root, and got theirs.
    pub filled: u64,
    /// How many had a wrong root, and got theirs.
    pub corrected: u64,
    /// How many had a wrong root, corrected or left.
    pub wrong: u64,
    /// How many were left as they were.
    pub unchanged: u64,
    /// How many steps it is from a root to its farthest descendant.
    pub max_depth: u64,
    pub orphans: Orphans,
    pub cycles: Cycles,
    /// What the run was refused for; empty when it was not.
    pub refused: Vec<Refusal>,
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// The database, as it was named.
    pub database: String,
    /// The table.
    pub table: String,
}

/// Rows whose parent does not exist.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Orphans {
    /// How many.
    pub count: u64,
    /// The ids of the first 50, in storage order.
    pub ids: Vec<Scalar>,
    /// How many rows are below them.
    pub rows_below: u64,
}

/// Cycles among the parents.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Cycles {
    /// How many.
    pub count: u64,
    /// How many rows are on them.
    pub rows: u64,
    /// The first 50 cycles, each with the ids of its first 50 rows; every row is followed by its parent.
    pub examples: Vec<Vec<Scalar>>,
    /// Whether there are more cycles, or more rows on one, than `examples` has.
    pub examples_cut: bool,
    /// How many rows are below a cycle, and not on one.
    pub rows_below: u64,
}

/// What a backfill is refused for.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// Rows lie on a cycle, and `--on-cycle` is `abort`.
    Cycles,
    /// Parents do not exist, and `--on-orphan` is `abort`.
    Orphans,
}

/// A value of SQLite's. What JSON does not have is a text: a blob is `x'00ff'`, infinity `Inf`.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(untagged)]
pub enum Scalar {
    /// NULL.
    Null,
    /// An INTEGER.
    Integer(i64),
    /// A REAL.
    Real(f64),
    /// Any other value.
    Text(String),
}

/// `sample load`. Of a dry run: what would be loaded.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Sample {
    /// The database, as it was named.
    pub database: String,
    /// The file that the rows come from; null for generated plans.
    pub source: Option<String>,
    /// How many rows were loaded.
    pub rows: u64,
    /// The same by table.
    pub tables: Vec<Loaded>,
    /// What was generated; null for rows from a file.
    pub plans: Option<Plans>,
    /// Whether nothing was to be written.
    pub dry_run: bool,
}

/// The rows of a table that were loaded.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Loaded {
    /// The table.
    pub table: String,
    /// How many rows.
    pub rows: u64,
}

/// Plans that were generated.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Plans {
    /// How many trees.
    pub roots: u64,
    /// How many levels the deepest tree has.
    pub depth: u64,
    /// How many children a plan has.
    pub fan_out: u64,
    /// How many plans have a parent that does not exist.
    pub orphans: u64,
    /// How many cycles there are.
    pub cycles: u64,
    /// How many plans are on them.
    pub cycle_rows: u64,
    /// What they are made from: the same seed gives the same plans.
    pub seed: u64,
    pub root_values: RootValues,
}

/// What stands in the root column of generated plans.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum RootValues {
    /// The true root ancestor.
    True,
    /// NULL.
    None,
    /// The plan itself, though it is no root.
    #[serde(rename = "self")]
    Own,
    /// The parent, which is the root at the second level only.
    Parent,
}

/// `report list`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Reports {
    /// The reports that can be read, by name.
    pub reports: Vec<Report>,
}

/// `report show`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct ShownReport {
    #[serde(flatten)]
    pub report: Report,
    /// Its statement.
    pub sql: String,
}

/// A report.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Report {
    /// Its name, as `report run` takes it.
    pub name: String,
    /// What it answers.
    pub title: String,
    /// What else there is to know; null where its file does not say.
    pub description: Option<String>,
    /// Its file.
    pub file: String,
    /// What it takes.
    pub parameters: Vec<Parameter>,
}

/// A parameter of a report.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it takes.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Whether it has to be given.
    pub required: bool,
    /// What it is when it is not given; null where it has to be.
    pub default: Option<String>,
    /// What it means; null where the file does not say.
    pub description: Option<String>,
}

/// What is known of a report before its first row.
#[derive(Default, Serialize, JsonSchema, Clone, Debug)]
pub struct RunReport {
    /// The name of the report.
    pub report: String,
    /// What it answers.
    pub title: String,
    /// The database, as it was named.
    pub database: String,
    /// What its parameters are, by name.
    #[schemars(with = "std::collections::BTreeMap<String, Scalar>")]
    pub parameters: Map<String, Value>,
}
