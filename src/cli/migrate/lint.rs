//! `planctl migrate lint`.

use std::path::PathBuf;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::FindingsOutputArgs;
use crate::commands::migrate::lint::LintRequest;

/// Run the lint rules over the migration files
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate lint
  planctl migrate lint --format github")]
pub struct LintArgs {
    /// Oldest SQLite that must be able to run the migrations [env: PLANCTL_SQLITE_VERSION] [default: 3.35]
    #[arg(long, value_name = "VERSION")]
    sqlite_version: Option<String>,
    /// Folder of migration tests [env: PLANCTL_TESTS] [default: tests/migrations]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    tests: Option<PathBuf>,
    /// Form and place of the result
    #[command(flatten)]
    pub output: FindingsOutputArgs,
}

impl LintArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<LintRequest> {
        let spec = settings.spec(None)?;
        Ok(LintRequest {
            deviations: settings.deviations(None, &spec)?,
            spec,
            migrations: settings.migrations()?,
            tests: settings.tests(self.tests.as_deref())?,
            sqlite_version: settings.sqlite_version(self.sqlite_version.as_deref())?,
            policy: settings.lint(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, settings};
    use crate::sql::SqliteVersion;

    #[test]
    fn the_oldest_sqlite_is_a_setting_and_a_flag() {
        let version = |line: &str, env: &[(&str, &str)]| {
            parse::<LintArgs>(line).resolve(&settings(env)).map(|request| request.sqlite_version)
        };
        assert_eq!(version("", &[]).unwrap(), SqliteVersion::new(35, 0));
        assert_eq!(version("", &[("PLANCTL_SQLITE_VERSION", "3.40.1")]).unwrap(), SqliteVersion::new(40, 1));
        assert_eq!(version("--sqlite-version 3.53", &[]).unwrap(), SqliteVersion::new(53, 0));
        let error = version("", &[("PLANCTL_SQLITE_VERSION", "new")]).unwrap_err();
        assert_eq!(error.notes(), ["the value comes from the environment variable PLANCTL_SQLITE_VERSION"]);
    }
}
