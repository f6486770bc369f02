//! `planctl migrate up`.

use std::time::Duration;

use super::mode::ModeArgs;
use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::clean::CleanArgs;
use crate::cli::output::OutputArgs;
use crate::cli::settings::{duration, number};
use crate::commands::migrate::up::UpRequest;
use crate::migrations::Version;

/// Apply what is pending, oldest first
///
/// Each migration is one transaction: its SQL, its data steps and its history row are committed together or not at all.
/// A migration that fails exits with 2, whatever made it fail: what SQLite refuses, rows that are in the
/// way, a backfill that finds a cycle. First looks for what the migrations would drop that no migration made (a column
/// added by hand, with its values, an index, a trigger), and stops unless you allow it.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate up
  planctl migrate up --to 9 --dry-run      # on a copy of the schema, no rows
  planctl migrate up --rehearse            # on a copy of the whole database
  planctl migrate up --backup before.db
  planctl migrate up --sql > up.sql        # for plain sqlite3")]
pub struct UpArgs {
    /// Stop after version V
    #[arg(long, value_name = "V", value_parser = number::version, allow_negative_numbers = true)]
    to: Option<Version>,
    /// How not to run for real
    #[command(flatten)]
    mode: ModeArgs,
    /// With --sql: the version that the database is at [default: 0]
    #[arg(long, value_name = "V", requires = "sql", value_parser = number::version, allow_negative_numbers = true)]
    from: Option<Version>,
    /// Whether the schema has to be what the last migration left
    #[command(flatten)]
    clean: CleanArgs,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Go on even if something is dropped that no migration made
    #[arg(long)]
    allow_destructive: bool,
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
            mode: self.mode.resolve(self.from, settings)?,
            lock_timeout: self.lock_timeout,
            allow_destructive: self.allow_destructive,
            clean: self.clean.resolve(settings)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, settings};
    use crate::commands::migrate::Mode;
    use crate::sql::Target;

    #[test]
    fn defaults_are_those_of_the_contract() {
        let request = parse::<UpArgs>("").resolve(&settings(&[])).unwrap();
        assert_eq!(
            request,
            UpRequest {
                db: "planctl.db".into(),
                migrations: "migrations".into(),
                to: None,
                mode: Mode::Run { backup: None },
                lock_timeout: Duration::from_secs(30),
                allow_destructive: false,
                clean: None,
            }
        );
    }

    #[test]
    fn a_run_is_for_real_or_one_of_the_others() {
        let mode = |line: &str| parse::<UpArgs>(line).resolve(&settings(&[])).unwrap().mode;
        assert_eq!(mode("--backup b.db"), Mode::Run { backup: Some("b.db".into()) });
        assert_eq!(mode("--dry-run"), Mode::DryRun);
        assert_eq!(mode("--rehearse"), Mode::Rehearse { place: None });
        assert_eq!(mode("--rehearse=/mnt"), Mode::Rehearse { place: Some("/mnt".into()) });
        assert_eq!(mode("--sql --from 3"), Mode::Sql { from: Some(3), target: Target::Sqlite });
        let there = settings(&[("PLANCTL_DB", "rqlite://localhost")]);
        let there = parse::<UpArgs>("--sql").resolve(&there).unwrap().mode;
        assert_eq!(there, Mode::Sql { from: None, target: Target::Rqlite });
        assert!(refused::<UpArgs>("--from 3").contains("--sql"));
        for both in [
            "--sql --dry-run",
            "--sql --backup b",
            "--dry-run --rehearse",
            "--dry-run --backup b",
            "--rehearse --backup b",
        ] {
            assert!(refused::<UpArgs>(both).contains("cannot be used with"), "{both}");
        }
    }

    #[test]
    fn versions_start_at_zero() {
        assert_eq!(parse::<UpArgs>("--to 7").to, Some(7));
        assert_eq!(parse::<UpArgs>("--to 0").to, Some(0));
        assert!(refused::<UpArgs>("--to=-1").contains("a version is a whole number"));
    }
}
