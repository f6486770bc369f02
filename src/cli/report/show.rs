//! `planctl report show`.

use super::FolderArgs;
use crate::cli::Settings;
use crate::cli::output::OutputArgs;
use crate::commands::report::show::ShowRequest;
use crate::error::Result;

/// Show what a report takes, and its statement
#[derive(clap::Args, Clone, Debug)]
pub struct ShowArgs {
    /// Name of the report, as `planctl report list` has it
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    folder: FolderArgs,
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
        Ok(ShowRequest { reports: self.folder.resolve(settings)?, name: self.name.clone() })
    }
}
