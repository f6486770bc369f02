//! `planctl audit`.

use std::path::PathBuf;
use std::time::Duration;

use super::Settings;
use super::settings::duration;
use super::settings::files::What;
use crate::base::error::Result;
use crate::base::rule::AuditRule;
use crate::cli::output::FindingsOutputArgs;
use crate::cli::settings::keys::LEDGER;
use crate::commands::audit::{AuditRequest, AuditSubject, FailOn, Record, ScriptRequest};
use crate::commands::explain;
use crate::report::Report;

/// Compare the live schema with the spec
///
/// Reports every difference that could change what a statement does. Opens the database read-only.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl audit
  planctl audit --scratch          # what the migrations produce, no database
  planctl audit --data             # the rows, too
  planctl audit --sql              # the script that closes what was found
  planctl audit --explain column-default
  planctl audit --format sarif -o audit.sarif")]
pub struct AuditArgs {
    /// Ignore the ledger: report intended deviations as well
    #[arg(long)]
    strict: bool,
    /// File of known drift; only new drift counts
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    baseline: Option<PathBuf>,
    /// Record the findings as known drift; an existing file only shrinks
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// With --write-baseline: add new findings to an existing file
    #[arg(long, requires = "write_baseline")]
    accept_new: bool,
    /// Add an entry to the ledger for each open finding; you write the reasons
    #[arg(long, conflicts_with_all = ["strict", "write_baseline"])]
    write_deviations: bool,
    /// Audit the schema that the migrations produce; needs no database
    #[arg(long)]
    scratch: bool,
    /// Check the rows as well, against the spec and what its comments say
    #[arg(long, conflicts_with = "scratch")]
    data: bool,
    /// Print a script for the sqlite3 shell that brings the database to the spec, except for intended deviations
    #[arg(long, conflicts_with_all = ["strict", "baseline", "write_baseline", "write_deviations", "scratch", "data", "explain"])]
    sql: bool,
    /// With --sql: delete rows and values that the spec has no place for
    #[arg(long, requires = "sql")]
    allow_destructive: bool,
    /// Lowest severity that gives exit status 1 [default: `fail-on` of [audit] in planctl.toml, else warning]
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOnArg>,
    /// Explain a rule of any command, or list those of the audit; reads neither database nor spec
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "")]
    explain: Option<String>,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Form and place of the result
    #[command(flatten)]
    pub output: FindingsOutputArgs,
}

/// Which findings give exit status 1.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub(super) enum FailOnArg {
    /// Errors only
    Error,
    /// Errors and warnings
    Warning,
    /// Nothing: report the findings and exit with 0
    Never,
}

impl FailOnArg {
    pub(super) fn level(self) -> FailOn {
        match self {
            FailOnArg::Error => FailOn::Error,
            FailOnArg::Warning => FailOn::Warning,
            FailOnArg::Never => FailOn::Never,
        }
    }
}

impl AuditArgs {
    /// Whether an explanation was asked for in place of an audit.
    pub fn explains(&self) -> bool {
        self.explain.is_some()
    }

    /// Whether a script was asked for in place of a report.
    pub fn writes_script(&self) -> bool {
        self.sql
    }

    /// Arguments and settings → request for the script.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn script(&self, settings: &Settings<'_>) -> Result<ScriptRequest> {
        Ok(ScriptRequest { audit: self.resolve(settings)?, allow_destructive: self.allow_destructive })
    }

    /// The explanation.
    ///
    /// # Errors
    /// Usage, when there is no such rule.
    pub fn explain(&self) -> Result<Report> {
        explain::run("audit", self.explain.as_deref(), AuditRule::all())
    }

    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<AuditRequest> {
        let spec = settings.spec()?;
        let deviations = settings.deviations(&spec)?;
        let subject = if self.scratch {
            AuditSubject::Migrations(settings.migrations()?)
        } else {
            AuditSubject::Database(settings.db()?)
        };
        let record = match &self.write_baseline {
            Some(file) => {
                let file = settings.writes("--write-baseline", file.clone(), None);
                Some(Record::Baseline { file, accept_new: self.accept_new })
            }
            None if self.write_deviations => {
                let file = deviations.clone().unwrap_or_else(|| spec.with_file_name(LEDGER));
                let file = settings.writes("--write-deviations", file, Some(What::Ledger));
                Some(Record::Deviations { file })
            }
            None => None,
        };
        Ok(AuditRequest {
            subject,
            migrations: settings.migrations_if_any()?,
            spec,
            deviations,
            strict: self.strict,
            baseline: self.baseline.clone().map(|file| settings.reads(file)),
            record,
            data: self.data,
            fail_on: settings.fail_on(self.fail_on.map(FailOnArg::level)),
            others: settings.others(),
            sqlite_version: settings.sqlite_version()?,
            target: settings.target()?,
            lock_timeout: self.lock_timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, with_settings};
    use crate::report::wire::Body;

    fn resolve(line: &str) -> AuditRequest {
        let (args, settings) = with_settings::<AuditArgs>(line, &[("PLANCTL_DEVIATIONS", "led.toml")]);
        args.resolve(&settings).unwrap()
    }

    #[test]
    fn scratch_audits_the_migrations_and_strict_keeps_the_ledger_for_its_names() {
        let request = resolve("--scratch --spec s.sql");
        assert_eq!(request.subject, AuditSubject::Migrations("migrations".into()));
        assert_eq!(request.spec, PathBuf::from("s.sql"));
        assert_eq!(request.deviations, Some("led.toml".into()));
        assert_eq!(request.fail_on, FailOn::Warning);
        let request = resolve("--strict --fail-on never --data --baseline b.json");
        assert_eq!(request.subject, AuditSubject::Database("planctl.db".into()));
        assert_eq!((request.strict, request.fail_on), (true, FailOn::Never));
        assert_eq!(request.deviations, Some("led.toml".into()), "it still says which objects are the same");
        assert_eq!((request.data, request.baseline), (true, Some("b.json".into())));
    }

    #[test]
    fn what_excludes_each_other_is_refused() {
        assert!(refused::<AuditArgs>("--scratch --data").contains("cannot be used with"));
        assert!(refused::<AuditArgs>("--fail-on all").contains("[possible values: error, warning, never]"));
    }

    #[test]
    fn an_explanation_takes_the_place_of_the_audit() {
        let rules = |line: &str| {
            let args = parse::<AuditArgs>(line);
            args.explains().then(|| match args.explain().unwrap().body {
                Some(Body::Explained(explained)) => explained.rules.len(),
                other => panic!("{other:?}"),
            })
        };
        assert_eq!(rules("--strict"), None);
        assert_eq!(rules("--explain column-default"), Some(1));
        assert_eq!(rules("--explain --format json"), Some(crate::base::rule::AuditRule::all().count()));
    }

    #[test]
    fn an_audit_offers_every_format_but_that_of_rows() {
        for format in crate::report::FORMATS {
            let line = format!("--format {}", format.name);
            if format.name == "csv" {
                assert!(refused::<AuditArgs>(&line).contains("invalid value 'csv'"));
            } else {
                parse::<AuditArgs>(&line);
            }
        }
    }
}
