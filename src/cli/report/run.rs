//! `planctl report run`.

use std::time::Duration;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::RowsOutputArgs;
use crate::cli::settings::duration;
use crate::commands::report::run::RunRequest;

/// Run a report on the database, opened read-only
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Examples:\n  planctl report run failed-tasks\n  \
                        planctl report run failed-tasks --param days=30 --format csv -o failed.csv\n\n\
                        `planctl report show NAME` says what a report takes.")]
pub struct RunArgs {
    /// Name of the report: `planctl report list` lists them
    #[arg(value_name = "NAME")]
    name: String,
    /// Value of a parameter, as in --param days=30 (repeatable)
    #[arg(short, long = "param", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Form and place of the result
    #[command(flatten)]
    pub output: RowsOutputArgs,
}

impl RunArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<RunRequest> {
        self.output.check()?;
        Ok(RunRequest {
            db: settings.db()?,
            reports: settings.reports(&settings.spec()?)?,
            name: self.name.clone(),
            parameters: self.parameters.clone(),
            lock_timeout: self.lock_timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, settings};

    #[test]
    fn parameters_are_handed_on_as_they_were_given() {
        let line = "failed-tasks --param days=30 -p now=2026-11-20 --lock-timeout 2m --format csv";
        let request = parse::<RunArgs>(line).resolve(&settings(&[("PLANCTL_DB", "p.db")])).unwrap();
        assert_eq!(
            request,
            RunRequest {
                db: "p.db".into(),
                reports: "spec/reports".into(),
                name: "failed-tasks".to_owned(),
                parameters: vec!["days=30".to_owned(), "now=2026-11-20".to_owned()],
                lock_timeout: Duration::from_secs(120),
            }
        );
        assert!(refused::<RunArgs>("").contains("<NAME>"));
        assert!(refused::<RunArgs>("x --format sarif").contains("table, json, csv, markdown"));
    }
}
