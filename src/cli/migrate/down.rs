//! `planctl migrate down`.

use std::num::NonZeroU32;
use std::time::Duration;

use super::mode::ModeArgs;
use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::clean::CleanArgs;
use crate::cli::output::OutputArgs;
use crate::cli::settings::{duration, number};
use crate::commands::migrate::down::{DownRequest, DownTarget};
use crate::migrations::Version;

/// Revert the newest migration, or several
///
/// Without --to and --steps, reverts the newest one. First counts the rows and values that this would destroy, and stops
/// unless you allow it.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate down                     # the newest
  planctl migrate down --steps 2 --dry-run
  planctl migrate down --to 0 --backup before.db")]
pub struct DownArgs {
    /// Revert all above version V (0: all)
    #[arg(long, value_name = "V", conflicts_with = "steps", value_parser = number::version, allow_negative_numbers = true)]
    to: Option<Version>,
    /// Revert the newest N
    #[arg(long, value_name = "N", value_parser = number::count, allow_negative_numbers = true)]
    steps: Option<NonZeroU32>,
    /// How not to run for real
    #[command(flatten)]
    mode: ModeArgs,
    /// With --sql: the version that the database is at [default: the newest]
    #[arg(long, value_name = "V", requires = "sql", value_parser = number::version, allow_negative_numbers = true)]
    from: Option<Version>,
    /// Whether the schema has to be what the last migration left
    #[command(flatten)]
    clean: CleanArgs,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Run the down scripts in the files, not those stored when the migrations were applied
    #[arg(long)]
    from_files: bool,
    /// Go on even if rows or values are destroyed
    #[arg(long)]
    allow_destructive: bool,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

impl DownArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<DownRequest> {
        let target = match self.to {
            Some(version) => DownTarget::Version(version),
            None => DownTarget::Steps(self.steps.unwrap_or(NonZeroU32::MIN)),
        };
        Ok(DownRequest {
            db: settings.db()?,
            migrations: settings.migrations()?,
            target,
            mode: self.mode.resolve(self.from, settings)?,
            lock_timeout: self.lock_timeout,
            clean: self.clean.resolve(settings)?,
            from_files: self.from_files,
            allow_destructive: self.allow_destructive,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, settings};

    #[test]
    fn how_far_down_is_one_step_a_number_of_steps_or_a_version() {
        let target = |line: &str| parse::<DownArgs>(line).resolve(&settings(&[])).unwrap().target;
        let steps = |n| DownTarget::Steps(NonZeroU32::new(n).unwrap());
        assert_eq!(target(""), steps(1));
        assert_eq!(target("--steps 3"), steps(3));
        assert_eq!(target("--to 0"), DownTarget::Version(0));
    }

    #[test]
    fn to_and_steps_exclude_each_other_and_no_steps_make_no_sense() {
        assert!(refused::<DownArgs>("--to 1 --steps 1").contains("cannot be used with"));
        assert!(refused::<DownArgs>("--steps 0").contains("invalid value '0'"));
    }
}
