//! `planctl check`.

use std::path::PathBuf;

use super::audit::FailOnArg;
use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::FindingsOutputArgs;
use crate::commands::check::{CheckFailOn, CheckRequest};

/// Check migrations, spec and reports without a database: the gate for CI
///
/// Lints the files, applies every migration in memory, runs the migration tests, makes a round trip with each migration
/// (up, down, up again, on generated rows), audits the result, compiles the reports, and compares the schema page and
/// generated classes.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl check
  planctl check --format junit -o check.xml")]
pub struct CheckArgs {
    /// File of `planctl schema models` that must be up to date: write it again with the command in its head (repeatable)
    /// [env: PLANCTL_MODELS] [default: `models` in planctl.toml]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    models: Vec<PathBuf>,
    /// Lowest severity that gives exit status 1 [default: warning; for what the audit finds, `fail-on` of [audit] in
    /// planctl.toml]
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOnArg>,
    /// Form and place of the result
    #[command(flatten)]
    pub output: FindingsOutputArgs,
}

impl CheckArgs {
    /// Arguments and settings → a request for each database.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve_each(&self, settings: &Settings<'_>) -> Result<Vec<(Option<String>, CheckRequest)>> {
        let each = settings.of_each().into_iter();
        each.map(|(name, settings)| Ok((name, self.resolve(&settings)?))).collect()
    }

    fn resolve(&self, settings: &Settings<'_>) -> Result<CheckRequest> {
        let spec = settings.spec()?;
        let fail_on = self.fail_on.map(FailOnArg::level);
        Ok(CheckRequest {
            migrations: settings.migrations()?,
            deviations: settings.deviations(&spec)?,
            reports: settings.reports(&spec)?,
            spec,
            tests: settings.tests()?,
            docs: settings.docs()?,
            models: settings.models(&self.models)?,
            sqlite_version: settings.sqlite_version()?,
            target: settings.target()?,
            policy: settings.lint(),
            others: settings.others(),
            fail_on: CheckFailOn { audit: settings.fail_on(fail_on), others: fail_on.unwrap_or_default() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::with_settings;
    use crate::sql::{SqliteVersion, Target};

    #[test]
    fn a_check_reads_every_setting_but_the_database() {
        let env = [
            ("PLANCTL_TESTS", "t"),
            ("PLANCTL_SPEC", "s.sql"),
            ("PLANCTL_DEVIATIONS", "d.toml"),
            ("PLANCTL_DOCS", "d.md"),
            ("PLANCTL_DB", "postgres://ignored"),
        ];
        let (args, settings) =
            with_settings::<CheckArgs>("--sqlite-version 3.40 --models m.py --models n.py", &env);
        assert_eq!(
            args.resolve(&settings).unwrap(),
            CheckRequest {
                migrations: "migrations".into(),
                spec: "s.sql".into(),
                deviations: Some("d.toml".into()),
                tests: "t".into(),
                reports: "reports".into(),
                docs: Some("d.md".into()),
                models: vec!["m.py".into(), "n.py".into()],
                sqlite_version: SqliteVersion::new(40, 0),
                target: Target::Sqlite,
                policy: Default::default(),
                others: Default::default(),
                fail_on: Default::default(),
            }
        );
    }
}
