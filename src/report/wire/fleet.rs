//! `fleet status`, `up`, `down` and `audit`.

use schemars::JsonSchema;
use serde::Serialize;

use super::error::Trouble;
use super::finding::Finding;
use super::run::Lost;
use crate::base::words::words;
use crate::report::Each;

/// Many databases with one folder of migrations.
#[derive(Serialize, JsonSchema, Debug)]
#[schemars(rename = "{M}Fleet")]
pub struct Fleet<M> {
    /// Those that stand alike, the largest group first.
    pub groups: Vec<Group>,
    /// What failed or could not be read, by its cause, the most frequent first.
    pub failures: Vec<Failures>,
    #[serde(flatten)]
    pub more: M,
    /// Every database, in the order in which they were named.
    #[schemars(with = "Vec<Database>")]
    pub databases: Each<Database>,
}

/// Databases that were looked at.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Seen {
    /// The schemas other than the expected one.
    pub schemas: Vec<Variant>,
}

/// Databases that were held against a spec.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Audited {
    #[serde(flatten)]
    pub seen: Seen,
    /// What the spec states of rows and `--data` could not check. The key is absent where there is nothing of the kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Unchecked>")]
    pub unchecked: Vec<Unchecked>,
}

/// What could not be checked in some databases.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Unchecked {
    /// What, and why.
    pub what: String,
    /// How many databases they are.
    pub databases: usize,
    /// The first of them.
    pub first: Vec<String>,
}

/// Databases that were migrated.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Migrated {
    /// What is dropped in all databases together that no migration made. The key is absent where there is nothing of the
    /// kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Lost>,
}

/// Databases whose migrations were reverted.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Reverted {
    /// What is lost in all databases together, or would be.
    pub lost: Vec<Lost>,
}

/// Databases that stand alike.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Group {
    pub state: State,
    /// The newest applied version; null when there is none.
    pub version: Option<i64>,
    /// The other schema that they have, by its name in `schemas`; null when it is the expected one, or was not looked at.
    pub schema: Option<String>,
    /// How many they are.
    pub databases: usize,
    /// The first of them.
    pub first: Vec<String>,
}

/// Databases that failed for the same cause.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Failures {
    /// The cause.
    pub cause: String,
    /// How many they are.
    pub databases: usize,
    /// The first of them.
    pub first: Vec<String>,
}

/// A schema that is not the expected one.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Variant {
    /// Its name: a fingerprint of its statements.
    pub schema: String,
    /// The newest applied version of the databases that have it; null when there is none.
    pub version: Option<i64>,
    /// How many databases have it.
    pub databases: usize,
    /// What differs; of a schema that could not be compared it is empty.
    pub findings: Vec<Finding>,
}

/// A database.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Database {
    /// The database, as it was named.
    pub database: String,
    pub state: State,
    /// The newest applied version; null when there is none, or it could not be read.
    pub version: Option<i64>,
    /// The versions that were applied or reverted. The key is absent but of `fleet up` and `fleet down`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<i64>")]
    pub migrations: Option<Vec<i64>>,
    /// How many migrations are pending.
    pub pending: usize,
    /// The other schema that it has, by its name in `schemas`; null when it is the expected one, or was not looked at.
    pub schema: Option<String>,
    /// What its rows break of what the spec states of them. The key is absent but with `fleet audit --data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Finding>")]
    pub findings: Option<Vec<Finding>>,
    /// Why it failed or could not be read; null when it did not.
    pub error: Option<Trouble>,
}

words! {
    /// How a database of a fleet stands, or what became of it.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema, Debug)]
    #[serde(rename_all = "kebab-case")]
    pub enum State {
        /// Nothing is to be done.
        Current = "current",
        /// Its migrations were applied.
        Migrated = "migrated",
        /// Its migrations were reverted.
        Reverted = "reverted",
        /// Migrations are pending.
        Behind = "behind",
        /// It has another schema than it should have, or rows that the spec forbids.
        Drifted = "drifted",
        /// It was not its turn: the run ended before.
        NotBegun = "not-begun",
        /// It failed, or could not be read.
        Failed = "failed",
    }
}
