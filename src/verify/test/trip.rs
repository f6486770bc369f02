//! What the round trip of a migration came to.

use std::time::Duration;

use super::rows::Lost;
use crate::base::source::Location;
use crate::engine::SeededTable;
use crate::migrations::{Migration, Version, label};

/// What the round trip of one migration came to.
#[derive(Debug)]
pub struct RoundTrip {
    /// Its version.
    pub version: Version,
    /// `align_plans_schema`
    pub name: String,
    /// What it came to.
    pub outcome: TripOutcome,
    /// The tables of the schema before it that it can reach.
    pub tables: Vec<SeededTable>,
    /// What its down did not bring back.
    pub lost: Vec<Lost>,
    /// What else a reader should know.
    pub notes: Vec<String>,
    /// From the seeding to the last comparison.
    pub took: Duration,
}

/// What a round trip came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TripOutcome {
    /// Up, down and up again, with the same schema each time.
    Passed,
    /// Only the up ran: why.
    UpOnly(String),
    /// Nothing ran: an earlier migration cannot be applied, which is a failure of that one.
    NotRun(String),
    /// What is wrong.
    Failed(Vec<TripFailure>),
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TripFailure {
    /// Where, in the up or the down file.
    pub location: Location,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Lines of background.
    pub detail: Option<String>,
}

impl RoundTrip {
    /// One that has not begun.
    pub(crate) fn of(migration: &Migration, outcome: TripOutcome) -> RoundTrip {
        RoundTrip {
            version: migration.version,
            name: migration.name.clone(),
            outcome,
            tables: Vec::new(),
            lost: Vec::new(),
            notes: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// `V7__align_plans_schema`
    pub fn label(&self) -> String {
        label(self.version, &self.name)
    }

    /// What is wrong; empty when nothing is.
    pub fn failures(&self) -> &[TripFailure] {
        match &self.outcome {
            TripOutcome::Failed(failures) => failures,
            TripOutcome::Passed | TripOutcome::UpOnly(_) | TripOutcome::NotRun(_) => &[],
        }
    }
}
