//! `planctl migrate test`: the migration tests, and every migration up, down and up again on seeded rows.
//!
//! `check` runs the same: [`migration_tests`] and [`round_trips`], and [`Results::fill`] puts both into a report.

mod show;

use std::path::PathBuf;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::rule::GateRule;
use crate::base::words::counted;
use crate::commands::explain::rule_info;
use crate::commands::scratch::some_migrations;
use crate::commands::{Context, scratch};
use crate::migrations::testing::{self, TestFile};
use crate::migrations::{Migration, MigrationSet};
use crate::report::{Outcome, Report};

pub use crate::verify::test::migration_tests::TestResult;
pub use crate::verify::test::tried::{Trial, Tried, try_out};
pub use crate::verify::test::trip::{RoundTrip, TripOutcome};

/// What `migrate test` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestRequest {
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// The folder of migration tests.
    pub tests: PathBuf,
    /// Whether the folder of tests was named on the command line, and so has to be there.
    pub tests_named: bool,
    /// Only tests whose file name, and round trips of migrations whose name, has this in it.
    pub filter: Option<String>,
    /// What the generated rows are made from: the same seed gives the same rows.
    pub seed: u64,
}

/// The seed when nobody asks for another.
pub const DEFAULT_SEED: u64 = 1;

/// What the tests and the round trips came to.
#[derive(Default, Debug)]
pub struct Results {
    /// In the order of versions and names.
    pub tests: Vec<TestResult>,
    /// In the order of versions.
    pub trips: Vec<RoundTrip>,
}

/// Runs the migration tests and the round trips. The JSON document has `tests` (each `file, version, outcome, took_ms,
/// expectations, failures`) and `round_trips` (each `version, name, outcome, took_ms, rows, tables, not_seeded, lost,
/// notes`).
///
/// # Errors
/// When the migrations or the tests cannot be read; `Interrupted`.
pub fn run(ctx: &mut Context<'_>, request: &TestRequest) -> Result<Report> {
    let set = some_migrations(&request.migrations)?;
    let folder = request.tests.is_dir();
    let all = if folder || request.tests_named || request.tests.exists() {
        read_tests(&set, &request.tests)?
    } else {
        Vec::new()
    };
    let filter = request.filter.as_deref();
    let tests: Vec<&TestFile> = all.iter().filter(|test| has(&test.name(), filter)).collect();
    let migrations: Vec<&Migration> =
        set.migrations.iter().filter(|migration| has(&migration.label(), filter)).collect();
    if let Some(filter) = filter.filter(|_| tests.is_empty() && migrations.is_empty()) {
        let message = format!("nothing matches `{filter}`");
        return Err(Error::new(ErrorKind::Usage, message)
            .help("a filter is a part of the name of a migration or of a test file"));
    }
    let trial = Trial { trips: migrations, tests, examples: &all, seed: request.seed, all_apply: false };
    let Tried { tests, trips, of_application } = try_out(ctx, &set, &trial)?;
    let results = Results { tests, trips };
    let mut report = Report::new("migrate test");
    report.is_about("Migrations", request.migrations.display());
    report.rules = Some([GateRule::MigrationTest, GateRule::RoundTrip].map(rule_info).into());
    report.findings = results.findings();
    report.document.findings(&report.findings);
    results.fill(&mut report, all.is_empty().then(|| format!("no tests in {}", request.tests.display())));
    if let Some(filter) = filter {
        let left_out = all.len() - results.tests.len();
        let trips = set.migrations.len() - results.trips.len();
        let (tests, trips) = (counted(left_out, "test"), counted(trips, "round trip"));
        report.document.line(format!("`{filter}` left out {tests} and {trips}"));
    }
    if let Some(sentence) = scratch::stood_in(&of_application) {
        report.document.line(sentence);
    }
    if !report.findings.is_empty() {
        report.outcome = Outcome::Findings;
    }
    Ok(report)
}

fn has(name: &str, filter: Option<&str>) -> bool {
    filter.is_none_or(|filter| name.contains(filter))
}

/// Reads the tests of a folder, each of which must test a migration of `set`.
///
/// # Errors
/// As [`testing::load`], and `Migration` for a test of a version that no migration has.
pub fn read_tests(set: &MigrationSet, dir: &std::path::Path) -> Result<Vec<TestFile>> {
    let tests = testing::load(dir)?;
    for test in &tests {
        if set.get(test.version).is_none() {
            let path = test.file.path().display();
            return Err(Error::new(
                ErrorKind::Migration,
                format!("{path}: no migration has version {}", test.version),
            )
            .help("name the test after the migration that it tests: V<version>__<what>.test.sql"));
        }
    }
    Ok(tests)
}
