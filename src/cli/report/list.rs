//! `planctl report list`.

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::OutputArgs;
use crate::commands::report::list::ListRequest;

/// List the reports, with what each answers and its parameters
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl report list")]
pub struct ListArgs {
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

impl ListArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<ListRequest> {
        Ok(ListRequest { reports: settings.reports(&settings.spec()?)? })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cli::testing::with_settings;

    #[test]
    fn reports_are_beside_the_spec_unless_somebody_says_otherwise() {
        let folder = |line: &str, env: &[(&str, &str)]| {
            let (args, settings) = with_settings::<ListArgs>(line, env);
            args.resolve(&settings).unwrap().reports
        };
        assert_eq!(folder("", &[]), Path::new("spec/reports"));
        assert_eq!(folder("", &[("PLANCTL_SPEC", "db/schema.sql")]), Path::new("db/reports"));
        assert_eq!(folder("", &[("PLANCTL_REPORTS", "queries")]), Path::new("queries"));
        assert_eq!(folder("--reports r", &[("PLANCTL_REPORTS", "queries")]), Path::new("r"));
    }
}
