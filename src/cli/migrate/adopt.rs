//! `planctl migrate adopt`.

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
    /// Give pending migrations the next versions, so that they come behind it; no other database may have them
    #[arg(long)]
    renumber_pending: bool,
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
        let spec = match settings.spec_if_any()? {
            Some(file) => {
                let deviations = settings.deviations(&file)?;
                Some(SpecOfAdopt { file, deviations })
            }
            None => None,
        };
        Ok(AdoptRequest {
            db: settings.db()?,
            migrations: settings.migrations()?,
            name: self.name.clone(),
            renumber_pending: self.renumber_pending,
            tests: settings.tests()?,
            spec,
            sqlite_version: settings.sqlite_version()?,
            target: settings.target()?,
            others: settings.others(),
            lock_timeout: self.lock_timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    use crate::cli::testing::{refused, with_settings};

    #[test]
    fn the_name_must_be_given_and_a_spec_that_is_there_is_read() {
        assert!(refused::<AdoptArgs>("").contains("<NAME>"));
        let resolve = |line: &str| {
            let (args, settings) = with_settings::<AdoptArgs>(line, &[]);
            args.resolve(&settings).unwrap()
        };
        let request = resolve("hotfix --sqlite-version 3.40");
        assert_eq!((request.name.as_str(), request.sqlite_version.to_string().as_str()), ("hotfix", "3.40"));
        assert_eq!(resolve("x --spec s.sql").spec.unwrap().file, Path::new("s.sql"));
    }
}
