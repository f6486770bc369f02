//! `planctl init`.

use std::time::Duration;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::OutputArgs;
use crate::cli::settings::duration;
use crate::cli::settings::keys::FILE_NAME;
use crate::commands::init::InitRequest;

/// Start a project: planctl.toml, the spec and the folder of migrations
///
/// If the database exists, its schema becomes the spec and the first migration, which is recorded there as applied. If
/// another tool's migrations are here, says which command converts them. If a database is here and none was named, asks
/// which one is meant. Never overwrites a file.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl init
  planctl init --db shop.db")]
pub struct InitArgs {
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

impl InitArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<InitRequest> {
        Ok(InitRequest {
            file: FILE_NAME.into(),
            found: settings.found(),
            settings: settings.worth_keeping()?,
            db: settings.db()?,
            db_is_named: settings.db_is_named()?,
            migrations: settings.migrations()?,
            migrations_are_named: settings.migrations_are_named()?,
            spec: settings.spec()?,
            sqlite_version: settings.sqlite_version()?,
            target: settings.target()?,
            lock_timeout: self.lock_timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::with_settings;

    #[test]
    fn what_was_typed_is_kept_and_what_the_environment_says_is_not() {
        let kept = |line: &str, env: &[(&'static str, &str)]| {
            let (args, settings) = with_settings::<InitArgs>(line, env);
            args.resolve(&settings).unwrap().settings
        };
        let pairs = |kept: Vec<(&str, String)>| {
            kept.into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            pairs(kept("--db s.db --sqlite-version 3.40", &[])),
            "db=s.db migrations=migrations spec=spec/ddl.sql sqlite-version=3.40"
        );
        assert_eq!(pairs(kept("", &[("PLANCTL_DB", "x.db")])), "migrations=migrations spec=spec/ddl.sql");
        assert_eq!(
            pairs(kept("--db rqlite://me:secret@host", &[])),
            "migrations=migrations spec=spec/ddl.sql"
        );
    }
}
