//! `planctl migrate status`.

use std::time::Duration;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::OutputArgs;
use crate::cli::settings::duration;
use crate::commands::migrate::status::StatusRequest;

/// Show what is applied, pending, changed, missing or out of order
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate status
  planctl migrate status --check   # exit status 1 when something is pending")]
pub struct StatusArgs {
    /// Exit with 1 if migrations are pending or have problems, or something else changed the schema
    #[arg(long)]
    check: bool,
    /// Record applied files as they are now if only white space outside of literals has changed: line endings, the last
    /// line break, a byte-order mark
    #[arg(long)]
    accept_whitespace: bool,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

impl StatusArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<StatusRequest> {
        Ok(StatusRequest {
            db: settings.db()?,
            migrations: settings.migrations()?,
            check: self.check,
            others: settings.others(),
            accept_whitespace: self.accept_whitespace,
            lock_timeout: self.lock_timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, settings};

    #[test]
    fn the_check_is_asked_for() {
        assert!(!parse::<StatusArgs>("").resolve(&settings(&[])).unwrap().check);
        assert!(parse::<StatusArgs>("--check --format json").resolve(&settings(&[])).unwrap().check);
    }
}
