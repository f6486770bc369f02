//! `planctl migrate test`.

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::FindingsOutputArgs;
use crate::commands::migrate::test::{DEFAULT_SEED, TestRequest};

/// Run the migration tests, and a round trip of each migration
///
/// A round trip is up, down and up again, on generated rows. Everything runs on shadow databases. A test is a file
/// V<version>__<what>.test.sql: `-- given` rows before the migration, `-- then` queries after the up, `-- after down`
/// queries after the down. Above each query is what it must return: `-- expect: 01ABC | NULL` (one line per row),
/// `-- expect: 3 rows`, `-- expect error: NOT NULL`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate test
  planctl migrate test align       # only what has this in its name")]
pub struct TestArgs {
    /// Run only tests and migrations whose name contains FILTER
    #[arg(value_name = "FILTER")]
    filter: Option<String>,
    /// The same seed generates the same rows
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// Form and place of the result
    #[command(flatten)]
    pub output: FindingsOutputArgs,
}

impl TestArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<TestRequest> {
        Ok(TestRequest {
            migrations: settings.migrations()?,
            tests: settings.tests()?,
            tests_named: settings.tests_are_named(),
            filter: self.filter.clone(),
            seed: self.seed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::with_settings;

    #[test]
    fn tests_are_a_setting_and_a_flag() {
        let resolve = |line: &str, env: &[(&str, &str)]| {
            let (args, settings) = with_settings::<TestArgs>(line, env);
            args.resolve(&settings).unwrap()
        };
        let plain = resolve("", &[]);
        assert_eq!(
            (plain.tests, plain.tests_named, plain.seed),
            ("tests/migrations".into(), false, DEFAULT_SEED)
        );
        let named = resolve("V7 --tests t --seed 9", &[("PLANCTL_TESTS", "e")]);
        assert_eq!((named.tests, named.tests_named, named.seed), ("t".into(), true, 9));
        assert_eq!(named.filter.as_deref(), Some("V7"));
    }
}
