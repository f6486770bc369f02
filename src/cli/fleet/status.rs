//! `planctl fleet status`.

use super::args::FleetArgs;
use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::ManyOutputArgs;
use crate::commands::fleet::status::StatusRequest;

/// Show the version and the schema of each database, in groups
///
/// Reads only, without a lock. Exit status: 0 when all are at the newest version with the schema of the migrations, 1 when
/// some are behind or have another schema, 2 when some could not be read or their history does not fit the files.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl fleet status 'tenants/*.db'
  planctl fleet status -v 'tenants/**/*.db'         # one line per database
  planctl fleet status --from tenants.txt
  planctl fleet status --registry app.db --query 'SELECT path FROM tenants'")]
pub struct StatusArgs {
    /// Which databases
    #[command(flatten)]
    fleet: FleetArgs,
    /// Form and place of the result
    #[command(flatten)]
    pub output: ManyOutputArgs,
}

impl StatusArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings, and of the names.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<StatusRequest> {
        Ok(StatusRequest { fleet: self.fleet.resolve(settings)?, others: settings.others() })
    }
}
