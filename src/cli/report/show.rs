//! `planctl report show`.

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::OutputArgs;
use crate::commands::report::show::ShowRequest;

/// Show the parameters of a report, and its statement
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl report show failed-tasks")]
pub struct ShowArgs {
    /// Name of the report: `planctl report list` lists them
    #[arg(value_name = "NAME")]
    name: String,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

impl ShowArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<ShowRequest> {
        Ok(ShowRequest { reports: settings.reports(&settings.spec()?)?, name: self.name.clone() })
    }
}
