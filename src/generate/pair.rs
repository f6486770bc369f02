//! Two scripts, and what to know of them.

use std::path::PathBuf;

use super::names::Names;
use crate::engine::Rendered;
use crate::plan::{Counted, Hazard, Loss, Plan};
use crate::schema::{Ident, Schema};
use crate::sql::Target;

/// Two scripts, proven.
#[derive(Clone, Debug)]
pub struct ScriptPair {
    /// The way there.
    pub up: Vec<Rendered>,
    /// The way back.
    pub down: Vec<Rendered>,
    /// What to know of the two, in order.
    pub hazards: Vec<Warning>,
    /// What the way back cannot bring back.
    pub lost: Vec<Loss>,
    /// What the way there begins with and comes to, for its script to be proven once more.
    pub(crate) claim: Claim,
    /// Tables with rows that stop the way back, as they are called when it begins.
    pub down_stops: Vec<DownStop>,
    /// Whether rows of any table took part in the proof.
    pub with_rows: bool,
    /// Tables of which no row could be made that both schemas take, with the reason: what becomes of their rows is not
    /// proven.
    pub untested: Vec<(Ident, String)>,
    /// What stops the way there at some of the rows that the schema so far allows, where no step says it.
    pub stops: Option<Hazard>,
    /// Why no migration can be the way back: one that leaves a foreign key that cannot be checked is never committed.
    pub irreversible: Option<String>,
}

/// What the proof of a script begins with, and what it has to come to.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) from: Schema,
    pub(crate) goal: Schema,
    pub(crate) names: Names,
    pub(crate) plan: Plan,
    /// Where the script runs.
    pub(crate) target: Target,
    /// The database whose rows take part.
    pub(crate) db: Option<PathBuf>,
}

/// A table whose rows stop the way back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DownStop {
    /// The table.
    pub table: Ident,
    /// The columns that come back and that no value was found for which every row takes. Empty where something else is
    /// missing.
    pub columns: Vec<Ident>,
}

/// A hazard, and on which of the two ways it waits.
#[derive(Clone, Debug)]
pub struct Warning {
    /// The way.
    pub way: Way,
    /// What waits there.
    pub hazard: Hazard,
    /// What the rows at hand say of it.
    pub counted: Counted,
}

/// Which of two scripts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// The way there.
    Up,
    /// The way back.
    Down,
}

impl Way {
    /// For readers and for programs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Way::Up => "up",
            Way::Down => "down",
        }
    }
}
