//! Which folder the reports are in.

use std::path::PathBuf;

use crate::base::error::Result;
use crate::cli::settings::Settings;

/// Where reports are.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct FolderArgs {
    /// Folder of reports, NAME.sql each [env: PLANCTL_REPORTS] [default: reports beside the spec]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    reports: Option<PathBuf>,
}

impl FolderArgs {
    pub(super) fn resolve(&self, settings: &Settings<'_>) -> Result<PathBuf> {
        let spec = settings.spec(None)?;
        settings.reports(self.reports.as_deref(), &spec)
    }
}
