//! `planctl migrate renumber`.

use std::ffi::OsString;
use std::time::Duration;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::OutputArgs;
use crate::cli::settings::duration;
use crate::cli::task::Task;
use crate::commands::migrate::renumber::{self, RenumberRequest};

/// Give a migration that is not applied the next version
///
/// For when two branches meet: two files have the same version, or one comes in below the newest. Also renames its down
/// and its tests. Refuses a migration that the database has applied.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate renumber V8__correction_attempts.sql --db other.db")]
pub struct RenumberArgs {
    /// Its up file: a path, or a name in the folder of migrations
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: OsString,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

impl RenumberArgs {
    pub(super) fn task(&self) -> Task<'_> {
        Task::new("migrate renumber", &self.output, |settings| self.resolve(settings), renumber::run)
    }

    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<RenumberRequest> {
        Ok(RenumberRequest {
            file: settings.reads((&self.file).into()),
            migrations: settings.migrations()?,
            tests: settings.tests()?,
            db: settings.db()?,
            lock_timeout: self.lock_timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, settings};

    #[test]
    fn the_file_must_be_named() {
        assert!(refused::<RenumberArgs>("").contains("<FILE>"));
        let request = parse::<RenumberArgs>("m/V1__a.sql").resolve(&settings(&[])).unwrap();
        assert_eq!(request.file.to_str(), Some("m/V1__a.sql"));
    }
}
