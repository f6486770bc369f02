//! What is asked for, and whom to ask.

use std::path::Path;

use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::plan::Hints;
use crate::sql::{SqliteVersion, Target};

/// What a way from one schema to another must keep to.
#[derive(Clone, Debug)]
pub struct Terms<'a> {
    /// The oldest SQLite that must be able to run the scripts.
    pub sqlite: SqliteVersion,
    /// Where they must run.
    pub target: Target,
    /// Whether data may be dropped on the way up.
    pub allow_destructive: bool,
    /// What the goal's author says about values and names.
    pub hints: Hints,
    /// What states the goal, where somebody can write into it.
    pub spec: Option<Spec<'a>>,
    /// The database whose rows are to survive, when there is one to look at.
    pub db: Option<&'a Path>,
    /// What ends it.
    pub job: Job<'a>,
}

/// What a person writes to say what is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Spec<'a> {
    /// The file of DDL.
    pub file: &'a SourceFile,
    /// Whether its ledger is read as well.
    pub has_ledger: bool,
}

/// Puts a question to somebody who can say yes or no; `None` when nobody is there.
pub type Ask<'a> = dyn FnMut(&str) -> Option<bool> + 'a;
