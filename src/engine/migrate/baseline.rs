//! Migrations that are recorded as applied without having run.

use super::runner::Runner;
use super::{history, records, session};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::engine::catalog::fingerprint::Fingerprint;
use crate::engine::connection::Sqlite;
use crate::engine::contract::history::{History, Record};
use crate::engine::{Baseline, plan_baseline};
use crate::migrations::{MigrationSet, Version};

/// Records in one transaction what is not recorded yet.
pub(crate) fn record(
    sqlite: &mut Sqlite,
    set: &MigrationSet,
    baseline: Baseline<'_>,
    job: Job<'_>,
) -> Result<Vec<Version>> {
    Runner::run(sqlite, None, job, |runner| runner.record(|sqlite| write(sqlite, set, baseline)))
}

/// Writes the rows inside the open transaction.
fn write(sqlite: &Sqlite, set: &MigrationSet, baseline: Baseline<'_>) -> Result<Vec<Version>> {
    let trouble = |error| sqlite.trouble(error);
    let conn = &sqlite.conn;
    let now = Fingerprint::read(conn).map_err(trouble)?.to_string();
    if now != baseline.schema {
        return Err(history::overtaken(&sqlite.name));
    }
    let known = sqlite.plain_history()?;
    let planned = |known: &History| plan_baseline(set, known, baseline.to);
    let plan = planned(&known).map_err(|error| sqlite.told_by_records(error, planned))?;
    let width = known.width_with(set);
    session::ensure_history(conn, width).map_err(trouble)?;
    history::ensure_records(conn, &sqlite.name, set, width)?;
    for file in &plan {
        history::insert(conn, file, width).map_err(trouble)?;
        let schema_after = baseline.left_by(file.version);
        let record = Record { schema_after, ..records::record_of(file, baseline.run_id) };
        history::insert_record(conn, file.version, &record).map_err(trouble)?;
    }
    Ok(plan.iter().map(|file| file.version).collect())
}
