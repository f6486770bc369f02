//! Files that differ from what was applied in white space alone, recorded as they are now.

use super::history;
use super::runner::Runner;
use crate::base::error::Result;
use crate::base::job::Job;
use crate::engine::compare;
use crate::engine::connection::Sqlite;
use crate::migrations::{MigrationSet, Version};

/// Records in one transaction what can be accepted.
pub(crate) fn record(sqlite: &mut Sqlite, set: &MigrationSet, job: Job<'_>) -> Result<Vec<Version>> {
    Runner::run(sqlite, None, job, |runner| runner.record(|sqlite| write(sqlite, set)))
}

fn write(sqlite: &Sqlite, set: &MigrationSet) -> Result<Vec<Version>> {
    let known = sqlite.full_history()?;
    let width = known.width_with(set);
    let mut accepted = Vec::new();
    for entry in compare(set, &known).iter().filter(|entry| entry.is_acceptable()) {
        if let Some(file) = entry.file {
            history::replace_checksum(&sqlite.conn, file, width).map_err(|error| sqlite.trouble(error))?;
            accepted.push(entry.version);
        }
    }
    Ok(accepted)
}
