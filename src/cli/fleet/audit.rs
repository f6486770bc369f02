//! `planctl fleet audit`.

use super::args::FleetArgs;
use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::audit::FailOnArg;
use crate::cli::output::ManyOutputArgs;
use crate::commands::fleet::audit::AuditRequest;

/// Compare each database with the spec; databases with the same schema are compared once
///
/// A database that is behind is compared with what the migrations produce up to its own version. Exit status: 0 when all are
/// clean, 1 when some are behind or drifted, 2 when some could not be read.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl fleet audit 'tenants/*.db'
  planctl fleet audit --at-applied 'tenants/*.db'   # being behind is no finding
  planctl fleet audit --data 'tenants/*.db'         # the rows, too")]
pub struct AuditArgs {
    /// Which databases
    #[command(flatten)]
    fleet: FleetArgs,
    /// Compare a database that is behind with its own version, and do not count that as a finding
    #[arg(long)]
    at_applied: bool,
    /// Also check the rows against what the spec states of them
    #[arg(long)]
    data: bool,
    /// Ignore the ledger: nothing is excused
    #[arg(long)]
    strict: bool,
    /// Lowest severity that gives exit status 1 [default: warning]
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOnArg>,
    /// Form and place of the result
    #[command(flatten)]
    pub output: ManyOutputArgs,
}

impl AuditArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings, and of the names.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<AuditRequest> {
        let spec = settings.spec()?;
        Ok(AuditRequest {
            fleet: self.fleet.resolve(settings)?,
            deviations: settings.deviations(&spec)?,
            spec,
            strict: self.strict,
            at_applied: self.at_applied,
            data: self.data,
            fail_on: settings.fail_on(self.fail_on.map(FailOnArg::level)),
            others: settings.others(),
        })
    }
}
