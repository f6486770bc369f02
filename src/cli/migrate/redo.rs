//! `planctl migrate redo`.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::clean::CleanArgs;
use crate::cli::output::OutputArgs;
use crate::cli::settings::duration;
use crate::commands::migrate::redo::RedoRequest;

/// Revert the newest migration and apply its file again
///
/// Tries both on a copy of the schema first. Counts the rows and values that the down would destroy, and stops unless you
/// allow it.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate redo")]
pub struct RedoArgs {
    /// Whether the schema has to be what the last migration left
    #[command(flatten)]
    clean: CleanArgs,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Run the down script in the file, not the one stored when the migration was applied
    #[arg(long)]
    from_files: bool,
    /// Go on even if rows or values are destroyed
    #[arg(long)]
    allow_destructive: bool,
    /// First copy the database to FILE, which must not exist
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    backup: Option<PathBuf>,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

impl RedoArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<RedoRequest> {
        Ok(RedoRequest {
            db: settings.db()?,
            migrations: settings.migrations()?,
            lock_timeout: self.lock_timeout,
            clean: self.clean.resolve(settings)?,
            from_files: self.from_files,
            allow_destructive: self.allow_destructive,
            backup: self.backup.clone().map(|file| settings.writes("--backup", file, None)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, settings};

    #[test]
    fn what_is_asked_for_is_handed_on() {
        let request = |line: &str| parse::<RedoArgs>(line).resolve(&settings(&[])).unwrap();
        assert_eq!((request("").from_files, request("").backup), (false, None));
        let asked = request("--from-files --backup b.db --lock-timeout 1s");
        assert_eq!((asked.from_files, asked.backup), (true, Some("b.db".into())));
        assert_eq!(asked.lock_timeout, Duration::from_secs(1));
    }
}
