//! `planctl fleet down`.

use super::args::{CourseArgs, FleetArgs};
use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::clean::CleanArgs;
use crate::cli::output::ManyOutputArgs;
use crate::cli::settings::number;
use crate::commands::fleet::down::DownRequest;
use crate::migrations::Version;

/// Revert what is above a version in each database
///
/// First counts the rows and values that this would destroy in all of them, and asks once, or stops unless you allow it.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl fleet down 'tenants/*.db' --to 8
  planctl fleet down 'tenants/*.db' --to 8 --allow-destructive --rehearse")]
pub struct DownArgs {
    /// Which databases
    #[command(flatten)]
    fleet: FleetArgs,
    /// Revert all above version V (0: all)
    #[arg(long, value_name = "V", required = true, value_parser = number::version, allow_negative_numbers = true)]
    to: Version,
    /// Run the down scripts in the files, not those stored when the migrations were applied
    #[arg(long)]
    from_files: bool,
    /// Go on even if rows or values are destroyed
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

impl DownArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings, and of the names.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<DownRequest> {
        let fleet = self.fleet.resolve(settings)?;
        let course = self.course.resolve(settings, &fleet);
        Ok(DownRequest {
            fleet,
            to: self.to,
            from_files: self.from_files,
            allow_destructive: self.allow_destructive,
            course,
            clean: self.clean.resolve(settings)?,
        })
    }
}
