//! `planctl migrate lint`.

use crate::base::error::Result;
use crate::base::rule::LintRule;
use crate::cli::Settings;
use crate::cli::output::FindingsOutputArgs;
use crate::commands::explain;
use crate::commands::migrate::lint::LintRequest;
use crate::report::Report;

/// Run the lint rules over the migration files
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate lint
  planctl migrate lint --explain missing-down
  planctl migrate lint --format github")]
pub struct LintArgs {
    /// Lint only files that are new or changed since the branch left REV: a branch, a tag or a commit of git
    #[arg(long, value_name = "REV", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    since: Option<String>,
    /// Form and place of the result
    #[command(flatten)]
    pub output: FindingsOutputArgs,
    /// Explain a rule of any command, or list those of lint; reads no migrations
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "")]
    explain: Option<String>,
}

impl LintArgs {
    /// Whether an explanation was asked for in place of the findings.
    pub fn explains(&self) -> bool {
        self.explain.is_some()
    }

    /// The explanation.
    ///
    /// # Errors
    /// Usage, when there is no such rule.
    pub fn explain(&self) -> Result<Report> {
        explain::run("migrate lint", self.explain.as_deref(), LintRule::all())
    }

    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<LintRequest> {
        let spec = settings.spec()?;
        Ok(LintRequest {
            deviations: settings.deviations(&spec)?,
            spec,
            migrations: settings.migrations()?,
            tests: settings.tests()?,
            sqlite_version: settings.sqlite_version()?,
            target: settings.target()?,
            policy: settings.lint(),
            since: self.since.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::with_settings;
    use crate::sql::SqliteVersion;

    #[test]
    fn the_oldest_sqlite_is_a_setting_and_a_flag() {
        let version = |line: &str, env: &[(&str, &str)]| {
            let (args, settings) = with_settings::<LintArgs>(line, env);
            args.resolve(&settings).map(|request| request.sqlite_version)
        };
        assert_eq!(version("", &[]).unwrap(), SqliteVersion::new(35, 0));
        assert_eq!(version("", &[("PLANCTL_SQLITE_VERSION", "3.40.1")]).unwrap(), SqliteVersion::new(40, 1));
        assert_eq!(version("--sqlite-version 3.53", &[]).unwrap(), SqliteVersion::new(53, 0));
        let error = version("", &[("PLANCTL_SQLITE_VERSION", "new")]).unwrap_err();
        assert_eq!(error.notes(), ["the value comes from the environment variable PLANCTL_SQLITE_VERSION"]);
    }
}
