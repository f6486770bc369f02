//! `check`.

use schemars::JsonSchema;
use serde::Serialize;

/// What the gate found.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Check {
    /// Tables and views that are left out because they are somebody else's.
    pub ignored: Vec<String>,
    /// The steps, in the order in which they ran.
    pub steps: Vec<CheckStep>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// A step of the gate.
#[derive(Clone, Serialize, JsonSchema, Debug)]
pub struct CheckStep {
    /// The database of planctl.toml that it is about, by its name. The key is absent where there is but one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub database: Option<String>,
    /// `lint`, `migrate up`, `migration tests`, `up, down, up`, `audit`, `docs` or `reports`.
    pub name: &'static str,
    /// What it looked at, as in "9 migrations".
    pub checked: String,
    /// How many findings nothing excuses.
    pub findings: usize,
    /// How many findings the ledger documents.
    pub documented: usize,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Why it could not run. The key is absent when it ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub not_run: Option<String>,
}
