//! `planctl migrate adopt`.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::OutputArgs;
use crate::cli::settings::duration;
use crate::commands::migrate::adopt::{AdoptRequest, SpecOfAdopt};

/// Turn a change made by hand into a migration, recorded as applied here
///
/// Writes the pair that leads from what the migrations produce to what is there, after running up and down on a shadow
/// database. Other databases get the change with `planctl migrate up`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate adopt index_of_the_hotfix")]
pub struct AdoptArgs {
    /// What was changed, as in add_plan_owner
    #[arg(value_name = "NAME")]
    name: String,
    /// Spec, whose comments say what was renamed [env: PLANCTL_SPEC] [default: spec/ddl.sql, if there]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    spec: Option<PathBuf>,
    /// Ledger of intended deviations [env: PLANCTL_DEVIATIONS] [default: deviations.toml beside the spec]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    deviations: Option<PathBuf>,
    /// Oldest SQLite that must be able to run it [env: PLANCTL_SQLITE_VERSION] [default: 3.35]
    #[arg(long, value_name = "VERSION")]
    sqlite_version: Option<String>,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

impl AdoptArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<AdoptRequest> {
        let spec = match settings.spec_if_any(self.spec.as_deref())? {
            Some(file) => {
                let deviations = settings.deviations(self.deviations.as_deref(), &file)?;
                Some(SpecOfAdopt { file, deviations })
            }
            None => None,
        };
        Ok(AdoptRequest {
            db: settings.db()?,
            migrations: settings.migrations()?,
            name: self.name.clone(),
            spec,
            sqlite_version: settings.sqlite_version(self.sqlite_version.as_deref())?,
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
    fn the_name_must_be_given_and_a_spec_that_is_there_is_read() {
        assert!(refused::<AdoptArgs>("").contains("<NAME>"));
        let request = parse::<AdoptArgs>("hotfix --sqlite-version 3.40").resolve(&settings(&[])).unwrap();
        assert_eq!((request.name.as_str(), request.sqlite_version.to_string().as_str()), ("hotfix", "3.40"));
        let request = parse::<AdoptArgs>("x --spec s.sql").resolve(&settings(&[])).unwrap();
        assert_eq!(request.spec.unwrap().file, PathBuf::from("s.sql"));
    }
}
