//! `planctl fleet up`.

use super::args::{CourseArgs, FleetArgs};
use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::clean::CleanArgs;
use crate::cli::output::ManyOutputArgs;
use crate::cli::settings::number;
use crate::commands::fleet::up::UpRequest;
use crate::migrations::Version;

/// Apply what is pending in each database: canaries one by one, then the rest in parallel
///
/// First reads every history, without a lock: databases that lack nothing are not touched again. Each of the others is
/// migrated as `migrate up` does it, whole or not at all. The same command again goes on where a run ended.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl fleet up 'tenants/*.db'
  planctl fleet up 'tenants/*.db' --rehearse   # a copy of the canary first
  planctl fleet up 'tenants/*.db' --canary 3 --max-failures 1%
  planctl fleet up --from tenants.txt --jobs 8")]
pub struct UpArgs {
    /// Which databases
    #[command(flatten)]
    fleet: FleetArgs,
    /// Stop after version V
    #[arg(long, value_name = "V", value_parser = number::version, allow_negative_numbers = true)]
    to: Option<Version>,
    /// Go on even if something is dropped that no migration made
    #[arg(long)]
    allow_destructive: bool,
    /// How to go about it
    #[command(flatten)]
    course: CourseArgs,
    /// Which databases
    #[command(flatten)]
    clean: CleanArgs,
    /// Form and place of the result
    #[command(flatten)]
    pub output: ManyOutputArgs,
}

impl UpArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings, and of the names.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<UpRequest> {
        let fleet = self.fleet.resolve(settings)?;
        let course = self.course.resolve(settings, &fleet);
        Ok(UpRequest {
            fleet,
            to: self.to,
            allow_destructive: self.allow_destructive,
            course,
            clean: self.clean.resolve(settings)?,
        })
    }
}
