//! `planctl migrate baseline`.

use std::time::Duration;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::FindingsOutputArgs;
use crate::cli::settings::{duration, number};
use crate::commands::migrate::baseline::BaselineRequest;
use crate::migrations::Version;

/// Record versions as applied on a database that already has their schema
///
/// Compares the live schema with what the migrations produce. If they differ, shows the differences and records nothing.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl --db old.db migrate baseline --to 9")]
pub struct BaselineArgs {
    /// The newest version that the database already has
    #[arg(long, value_name = "V", value_parser = number::version, allow_negative_numbers = true)]
    to: Version,
    /// Record them even if the schema differs
    #[arg(long)]
    force: bool,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Form and place of the result
    #[command(flatten)]
    pub output: FindingsOutputArgs,
}

impl BaselineArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<BaselineRequest> {
        Ok(BaselineRequest {
            db: settings.db()?,
            migrations: settings.migrations()?,
            to: self.to,
            force: self.force,
            others: settings.others(),
            lock_timeout: self.lock_timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, settings};

    #[test]
    fn the_version_must_be_named() {
        assert!(refused::<BaselineArgs>("").contains("--to <V>"));
        let request = parse::<BaselineArgs>("--to 7 --force").resolve(&settings(&[])).unwrap();
        assert_eq!((request.to, request.force), (7, true));
    }
}
