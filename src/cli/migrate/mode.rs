//! The flags in which `up` and `down` agree.

use std::path::PathBuf;

use crate::audit::Others;
use crate::base::error::Result;
use crate::cli::settings::Settings;
use crate::cli::settings::number;
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
    /// Print a script for the sqlite3 shell that does the same; no database is needed
    #[arg(long, conflicts_with_all = ["dry_run", "rehearse", "backup", "require_clean"])]
    sql: bool,
    /// With --sql: the version that the database has [default: 0 for up, the newest for down]
    #[arg(long, value_name = "V", requires = "sql", value_parser = number::version, allow_negative_numbers = true)]
    from: Option<Version>,
}

/// Which databases `up`, `down` and `redo` migrate.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct CleanArgs {
    /// Refuse a database whose schema is not what the last migration left [env: PLANCTL_REQUIRE_CLEAN]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    require_clean: Option<bool>,
}

impl CleanArgs {
    pub(super) fn resolve(&self, settings: &Settings<'_>) -> Result<Option<Others>> {
        settings.clean(self.require_clean)
    }
}

impl ModeArgs {
    pub(super) fn resolve(&self, settings: &Settings<'_>) -> Mode {
        match &self.rehearse {
            _ if self.sql => Mode::Sql { from: self.from },
            _ if self.dry_run => Mode::DryRun,
            Some(place) => Mode::Rehearse { place: place.clone() },
            None => {
                Mode::Run { backup: self.backup.clone().map(|file| settings.writes("--backup", file, None)) }
            }
        }
    }
}
