//! Files that differ from what was applied in white space alone, recorded as they are now.

use super::runner::Runner;
use super::{Sqlite, history, lock};
use crate::engine::compare;
use crate::error::Result;
use crate::migrations::{MigrationSet, Version};
use crate::progress::{Interrupt, Observer};

/// Records in one transaction what can be accepted.
pub(super) fn record(
    sqlite: &mut Sqlite,
    set: &MigrationSet,
    observer: &mut dyn Observer,
    interrupt: &Interrupt,
) -> Result<Vec<Version>> {
    let mut versions = Vec::new();
    Runner::run(sqlite, None, observer, interrupt, |runner| {
        runner.begin()?;
        let written = write(runner.sqlite, set).and_then(|found| {
            let timeout = runner.sqlite.lock_timeout;
            let commit =
                lock::patiently(&runner.sqlite.conn, "COMMIT", timeout, runner.observer, runner.interrupt);
            commit.map_err(|error| runner.sqlite.trouble(error))?;
            Ok(found)
        });
        runner.roll_back();
        versions = written?;
        Ok(())
    })?;
    Ok(versions)
}

fn write(sqlite: &Sqlite, set: &MigrationSet) -> Result<Vec<Version>> {
    let known = sqlite.plain_history()?;
    let mut accepted = Vec::new();
    for entry in compare(set, &known).iter().filter(|entry| entry.is_acceptable()) {
        if let Some(file) = entry.file {
            history::replace_checksum(&sqlite.conn, entry.version, file.checksum(known.width_with(set)))
                .map_err(|error| sqlite.trouble(error))?;
            accepted.push(entry.version);
        }
    }
    Ok(accepted)
}
