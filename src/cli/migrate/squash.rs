//! `planctl migrate squash`.

use std::time::Duration;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::OutputArgs;
use crate::cli::settings::{duration, number};
use crate::cli::task::Task;
use crate::cli::terminal::prompt;
use crate::commands::Context;
use crate::commands::migrate::squash::{self, SquashRequest};
use crate::migrations::Version;

/// Replace all migrations up to a version with one
///
/// The new migration makes the same schema and the same rows, which is proven on shadow databases before a file is changed.
/// Removes the files that it replaces, and their tests. A database that has all of them follows with the next `migrate up`,
/// in one transaction and without running anything; one that has only some is refused, and told what to do first.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate squash --to 8")]
pub struct SquashArgs {
    /// The newest version to replace; the new migration gets it
    #[arg(long, value_name = "V", value_parser = number::version, allow_negative_numbers = true)]
    to: Version,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

impl SquashArgs {
    pub(super) fn task(&self) -> Task<'_> {
        let run = |ctx: &mut Context<'_>, request: &_| squash::run(ctx, request, &mut prompt::ask);
        Task::new("migrate squash", &self.output, |settings| self.resolve(settings), run)
    }

    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<SquashRequest> {
        Ok(SquashRequest {
            migrations: settings.migrations()?,
            tests: settings.tests()?,
            to: self.to,
            db: settings.db()?,
            lock_timeout: self.lock_timeout,
            sqlite_version: settings.sqlite_version()?,
            target: settings.target()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, settings};

    #[test]
    fn the_version_must_be_named() {
        assert!(refused::<SquashArgs>("").contains("--to <V>"));
        assert_eq!(parse::<SquashArgs>("--to 7").resolve(&settings(&[])).unwrap().to, 7);
    }
}
