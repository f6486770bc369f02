//! `migrate test` and `migrate lint`.

use schemars::JsonSchema;
use serde::Serialize;

/// `migrate lint`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Lint {
    /// How many migrations were looked at.
    pub migrations: usize,
}

/// `migrate test`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Tests {
    /// The migration tests, in the order of versions and names.
    pub tests: Vec<Test>,
    /// Each migration up, down and up again, in the order of versions.
    pub round_trips: Vec<RoundTrip>,
}

/// A migration test.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Test {
    /// Its file.
    pub file: String,
    /// The version that it tests.
    pub version: i64,
    pub outcome: TestOutcome,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// How many expectations it states.
    pub expectations: usize,
    /// What is not as expected.
    pub failures: Vec<TestFailure>,
}

/// What a test came to.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum TestOutcome {
    /// All is as expected.
    Passed,
    /// Something is not as expected.
    Failed,
}

/// An expectation that is not met.
#[derive(Serialize, JsonSchema, Debug)]
pub struct TestFailure {
    /// The line of the test's file, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The statement; null where none is to blame.
    pub sql: Option<String>,
    /// What was expected; null where that is no value.
    pub expected: Option<String>,
    /// What was found; null where that is no value.
    pub actual: Option<String>,
}

/// A migration up, down and up again on generated rows.
#[derive(Serialize, JsonSchema, Debug)]
pub struct RoundTrip {
    /// Its version.
    pub version: i64,
    /// Its name, as in `align_plans_schema`.
    pub name: String,
    pub outcome: TripOutcome,
    /// Why it ran one way only, or not at all; null otherwise.
    pub reason: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// How many tables of the schema before it the migration can reach.
    pub tables: usize,
    /// How many rows were generated for them.
    pub rows: u64,
    /// What is wrong.
    pub failures: Vec<TripFailure>,
    /// Tables for which no rows were generated.
    pub not_seeded: Vec<NotSeeded>,
    /// What its down did not bring back.
    pub lost: Vec<TripLoss>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// What a round trip came to.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum TripOutcome {
    /// Up, down and up again, with the same schema each time.
    Passed,
    /// Only the up ran.
    UpOnly,
    /// Nothing ran: an earlier migration cannot be applied.
    NotRun,
    /// Something is wrong.
    Failed,
}

/// What is wrong with a round trip.
#[derive(Serialize, JsonSchema, Debug)]
pub struct TripFailure {
    /// The up or the down file.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Lines of background; null where there are none.
    pub detail: Option<String>,
}

/// A table for which no rows were generated.
#[derive(Serialize, JsonSchema, Debug)]
pub struct NotSeeded {
    /// The table.
    pub table: String,
    /// Why.
    pub reason: String,
}

/// Rows or values that a down did not bring back.
#[derive(Serialize, JsonSchema, Debug)]
pub struct TripLoss {
    /// The table.
    pub table: String,
    /// The column; null where whole rows are meant.
    pub column: Option<String>,
    /// How many rows.
    pub rows: u64,
    pub what: RowChange,
}

/// What became of rows.
#[derive(Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum RowChange {
    /// The column has another value.
    Changed,
    /// The row is gone.
    Missing,
    /// The row was not there before.
    Extra,
}
