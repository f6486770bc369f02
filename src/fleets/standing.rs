//! How databases stand to the files. What has the same history stands alike, and is looked at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::error::Result;
use crate::engine::{History, plan_up, squash_to_record};
use crate::migrations::lint::rebuilt;
use crate::migrations::{MigrationSet, Script, Version, VersionWidth};
use crate::schema::Ident;

/// How a database stands to the files.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Standing {
    /// The newest applied version.
    pub version: Option<Version>,
    /// What an up would apply, oldest first.
    pub pending: Vec<Version>,
    /// Whether an up would record a squashed migration in the place of those that it stands for.
    pub follows: bool,
    /// For each that is pending, the tables that it builds anew.
    pub rebuilt: Vec<Vec<Ident>>,
    /// Whether any that is pending drops a table or a view.
    pub drops: bool,
}

impl Standing {
    /// Whether an up would have nothing to do.
    pub fn is_current(&self) -> bool {
        self.pending.is_empty() && !self.follows
    }
}

/// A history as far as it decides what is to be done: when something was applied does not.
type Key = (Option<VersionWidth>, Vec<(Version, u64, String)>);

/// How each history stands that was seen so far. Threads share it.
#[derive(Default, Debug)]
pub struct Standings {
    known: Mutex<HashMap<Key, Arc<Standing>>>,
}

impl Standings {
    /// How a database with this history stands, for an up to `to`.
    ///
    /// # Errors
    /// As [`plan_up`].
    pub fn of(&self, set: &MigrationSet, history: &History, to: Option<Version>) -> Result<Arc<Standing>> {
        let applied = history.applied.iter().map(|row| (row.version, row.checksum, row.name.clone()));
        let key = (history.width, applied.collect());
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(known));
        }
        let plan = plan_up(set, history, to)?;
        let standing = Arc::new(Standing {
            version: history.newest(),
            pending: plan.iter().map(|file| file.version).collect(),
            follows: squash_to_record(set, history).is_some(),
            drops: plan.iter().any(|file| Script::read(&file.up).drops_table_or_view()),
            rebuilt: rebuilt(&plan.iter().map(|file| &file.up).collect::<Vec<_>>()),
        });
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(known.entry(key).or_insert(standing)))
    }
}
