//! `planctl migrate up`.

use std::time::Duration;

use crate::cli::output::OutputArgs;
use crate::cli::{Settings, duration};
use crate::commands::migrate::up::UpRequest;
use crate::error::Result;
use crate::migrations::Version;

/// Apply what is pending, oldest first
///
/// Each migration is one transaction: its SQL, its data steps and its history row are committed together or not at all.
/// A migration that fails is trouble (exit status 2), whatever made it fail: what SQLite refuses, rows that are in the
/// way, a backfill that finds a cycle.
#[derive(clap::Args, Clone, Debug)]
pub struct UpArgs {
    /// Stop after version V
    #[arg(long, value_name = "V", value_parser = clap::value_parser!(Version).range(1..))]
    to: Option<Version>,
    /// Show what would run, on a copy of the schema, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

impl UpArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<UpRequest> {
        Ok(UpRequest {
            db: settings.db()?,
            migrations: settings.migrations()?,
            to: self.to,
            dry_run: self.dry_run,
            lock_timeout: self.lock_timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, settings};

    #[test]
    fn defaults_are_those_of_the_contract() {
        let request = parse::<UpArgs>("").resolve(&settings(&[])).unwrap();
        assert_eq!(
            request,
            UpRequest {
                db: "planctl.db".into(),
                migrations: "migrations".into(),
                to: None,
                dry_run: false,
                lock_timeout: Duration::from_secs(30),
            }
        );
    }

    #[test]
    fn versions_start_at_one() {
        assert_eq!(parse::<UpArgs>("--to 7").to, Some(7));
        assert!(refused::<UpArgs>("--to 0").contains("0 is not in 1.."));
        assert!(refused::<UpArgs>("--to=-1").contains("-1 is not in 1.."));
    }
}
