//! `audit`, in each of its forms, and what else is about scripts that close differences.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::rule::RuleCode;
use crate::base::severity::Severity;

/// The findings of an audit.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Audit {
    /// Tables and views that are left out because they are somebody else's.
    pub ignored: Vec<String>,
    /// What else there is to know. The key is absent when there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What rules mean (`--explain`).
#[derive(Serialize, JsonSchema, Debug)]
pub struct Explained {
    /// The rule that was asked for; all of the command when none was.
    pub rules: Vec<Rule>,
}

/// A rule.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Rule {
    pub rule: RuleCode,
    pub severity: Severity,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What raises it. The key is absent for a rule that is not of the audit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Example")]
    pub example: Option<Example>,
    /// What excuses a finding: an entry of the ledger, or a directive; null where nothing does.
    pub excuse: Option<String>,
}

/// What raises a rule.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Example {
    /// The DDL of the specification.
    pub spec: String,
    /// The DDL of the database.
    pub database: String,
    /// The ledger; null for rules that are not about the ledger.
    pub ledger: Option<String>,
}

/// A script that closes the differences (`--sql`).
#[derive(Serialize, JsonSchema, Debug)]
pub struct ClosingScript {
    /// The script, for the sqlite3 shell.
    pub sql: String,
    #[serde(flatten)]
    pub known: Known,
}

/// What there is to know of a generated script before it runs.
#[derive(Default, Serialize, JsonSchema, Debug)]
pub struct Known {
    /// What the way back cannot bring back.
    pub lost: Vec<String>,
    /// What each script does that costs time, stops it or destroys something.
    pub hazards: Vec<Hazard>,
}

/// A hazard of a generated script.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Hazard {
    /// Which script.
    pub way: Way,
    /// What it is.
    pub hazard: HazardKind,
    /// The table; null where it is about none.
    pub table: Option<String>,
    /// The column; null where it is about none.
    pub column: Option<String>,
    /// How many rows the database at hand has of them; null where there is none to count in.
    pub rows: Option<u64>,
    /// The same as a sentence.
    pub message: String,
}

/// A script of a pair.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The way there.
    Up,
    /// The way back.
    Down,
}

/// What a step of a script does.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum HazardKind {
    /// It copies all rows of a table while the database is locked.
    Copies,
    /// It reads all rows of a table.
    Reads,
    /// The rows that are there are not indexed: the content of the full-text table is a view without a rowid.
    NotIndexed,
    /// It writes all rows of a table.
    Writes,
    /// It stops, and changes nothing, at some rows.
    StopsAt,
    /// It stops, and changes nothing, wherever the table has rows.
    StopsAtAll,
    /// Every row gets the same value in a column whose own values are lost.
    MakesUp,
    /// Rows go with their table.
    LosesRows,
    /// Values go with their column.
    LosesValues,
    /// Values go, for their column is computed from then on.
    OverwritesValues,
    /// Values are stored as another type, and would not come back the same.
    ConvertsValues,
    /// NULLs get a value, and which rows had one is lost.
    FillsNulls,
}
