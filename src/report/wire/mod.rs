//! What `--format json` writes, as types: each command's keys, and what is around them. The JSON Schema of every document
//! is made from these types, their comments included: `planctl json-schema`.
//!
//! The order of fields is the order of keys. A key never goes, and never means another thing.

pub mod audit;
pub mod check;
pub mod docs;
mod error;
mod finding;
pub mod fleet;
pub mod pair;
pub mod rows;
pub mod run;
mod schema;
pub mod status;
pub mod testing;
mod words;

use schemars::JsonSchema;
use serde::Serialize;

pub use self::error::Trouble;
pub use self::finding::Finding;
pub use self::schema::{commands, of_command, of_every_command};
use super::outcome::Outcome;
use super::summary::Summary;
use crate::base::error::Error;

/// The keys of a command's own, behind those that every document begins with.
macro_rules! bodies {
    ($($body:ident($of:ty),)*) => {
        /// The keys of a command's own.
        #[derive(Serialize, Debug)]
        #[serde(untagged)]
        #[allow(missing_docs, reason = "each is explained where its type is")]
        pub enum Body {
            $($body($of),)*
        }

        $(impl From<$of> for Body {
            fn from(body: $of) -> Body {
                Body::$body(body)
            }
        })*
    };
}

bodies! {
    Audit(audit::Audit),
    Explained(audit::Explained),
    ClosingScript(audit::ClosingScript),
    Check(check::Check),
    Backfill(rows::Backfill),
    Sample(rows::Sample),
    Reports(rows::Reports),
    ShownReport(rows::ShownReport),
    Up(run::Up),
    Down(run::Down),
    Redo(run::Redo),
    Script(run::Script),
    Status(status::Status),
    Init(pair::Init),
    New(pair::New),
    Generated(pair::Generated),
    Adopted(pair::Adopted),
    Imported(pair::Imported),
    Squashed(pair::Squashed),
    Renumbered(pair::Renumbered),
    Baseline(pair::Baseline),
    Lint(testing::Lint),
    Tests(testing::Tests),
    Docs(docs::Docs),
    FleetSeen(fleet::Fleet<fleet::Seen>),
    FleetAudited(fleet::Fleet<fleet::Audited>),
    FleetUp(fleet::Fleet<fleet::Migrated>),
    FleetDown(fleet::Fleet<fleet::Reverted>),
}

/// The keys that every document begins with.
#[derive(Serialize, JsonSchema)]
pub(super) struct Head<'a> {
    /// The version of planctl that wrote the document.
    pub(super) planctl: &'a str,
    /// Names the run: a ULID.
    pub(super) run_id: String,
    /// The command, as in `migrate up`; of arguments that are none, as much of it as could be read.
    pub(super) command: &'a str,
}

/// A document: what every one begins with, what is the command's own (`B`), what it found (`F`), and how it ends.
#[derive(Serialize, JsonSchema)]
pub(super) struct Document<'a, B, F> {
    #[serde(flatten)]
    pub(super) head: Head<'a>,
    pub(super) outcome: Outcome,
    #[serde(flatten)]
    pub(super) body: B,
    #[serde(flatten)]
    pub(super) found: F,
    #[serde(flatten)]
    pub(super) end: End,
}

/// What was found.
#[derive(Serialize, JsonSchema)]
pub(super) struct Found {
    pub(super) summary: Summary,
    /// What was found, sorted.
    pub(super) findings: Vec<Finding>,
}

/// A result that is a text.
#[derive(Serialize, JsonSchema)]
pub(super) struct Text<'a> {
    /// What the command writes without `--format`.
    pub(super) text: &'a str,
}

/// No keys.
#[derive(JsonSchema)]
struct Nothing {}

/// The key that a document ends with when there was trouble.
#[derive(Serialize, JsonSchema)]
pub(super) struct End {
    /// What ended the run; what stands beside it was done before. The key is there when `outcome` is `trouble`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Trouble")]
    pub(super) error: Option<Trouble>,
}

impl End {
    pub(super) fn of(error: Option<&Error>) -> End {
        End { error: error.map(Trouble::of) }
    }
}

/// The names of the columns of a report, between what is known of it and its rows.
#[derive(Serialize, JsonSchema)]
pub(super) struct Columns<'a> {
    /// The names of the columns; no two are the same.
    pub(super) columns: &'a [String],
}

/// What stands behind the rows of a report.
#[derive(Serialize, JsonSchema)]
pub(super) struct RowsEnd {
    /// How many rows there are.
    pub(super) row_count: u64,
    pub(super) outcome: Outcome,
    #[serde(flatten)]
    pub(super) end: End,
}
