//! The flags in which `up` and `down` agree.

use std::path::PathBuf;

use crate::base::error::Result;
use crate::cli::settings::Settings;
use crate::commands::migrate::Mode;
use crate::migrations::Version;

/// How `up` and `down` run.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct ModeArgs {
    /// Show what would run, on a copy of the schema without rows, and change nothing
    #[arg(long, conflicts_with_all = ["rehearse", "backup"])]
    dry_run: bool,
    /// Run for real on a temporary copy of the database, in DIR or beside the database, and report times and rows
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, conflicts_with = "backup",
        value_hint = clap::ValueHint::DirPath)]
    rehearse: Option<Option<PathBuf>>,
    /// First copy the database to FILE, which must not exist
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    backup: Option<PathBuf>,
    /// Print a script that does the same, for the sqlite3 shell or for --target; no database is needed
    #[arg(long, conflicts_with_all = ["dry_run", "rehearse", "backup", "require_clean"])]
    sql: bool,
}

impl ModeArgs {
    /// `from` is the version of the database that a script is for.
    ///
    /// # Errors
    /// Those of the settings.
    pub(super) fn resolve(&self, from: Option<Version>, settings: &Settings<'_>) -> Result<Mode> {
        Ok(match &self.rehearse {
            _ if self.sql => Mode::Sql { from, target: settings.target()? },
            _ if self.dry_run => Mode::DryRun,
            Some(place) => Mode::Rehearse { place: place.clone() },
            None => {
                Mode::Run { backup: self.backup.clone().map(|file| settings.writes("--backup", file, None)) }
            }
        })
    }
}
