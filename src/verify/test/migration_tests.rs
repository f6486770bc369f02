//! Runs migration tests, each on a database of its own.

use std::time::{Duration, Instant};

use super::background;
use super::rows_diff::{diff, shown};
use crate::base::error::Result;
use crate::base::job::{Job, failure};
use crate::base::source::Location;
use crate::base::words::counted;
use crate::engine::{Answer, DownOptions, DownTarget, OnLoss, Refused, Scratch, UpOptions};
use crate::migrations::MigrationSet;
use crate::migrations::testing::{Check, Expectation, ExpectedRow, TestFile};

/// How many rows beyond the expected ones are shown.
const EXTRA_ROWS: usize = 20;

/// What one test file came to.
#[derive(Debug)]
pub struct TestResult {
    /// The file, as it was named by the user.
    pub file: String,
    /// The file's name.
    pub name: String,
    /// The migration that it tests.
    pub version: crate::migrations::Version,
    /// Statements that state what they must come to.
    pub expectations: usize,
    /// What was found; empty when it passed.
    pub failures: Vec<Failure>,
    /// From the given rows to the last check.
    pub took: Duration,
}

/// One thing that is not as a test expects it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Where.
    pub location: Location,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The statement.
    pub sql: Option<String>,
    /// What it must come to.
    pub expected: Option<String>,
    /// What it came to.
    pub actual: Option<String>,
    /// Expected and actual rows, or lines of background.
    pub detail: Option<String>,
}

impl TestResult {
    /// Whether all was as expected.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    fn of(test: &TestFile, failures: Vec<Failure>, took: Duration) -> TestResult {
        TestResult {
            file: test.file.path().display().to_string(),
            name: test.name(),
            version: test.version,
            expectations: test.then.len() + test.after_down.as_ref().map_or(0, Vec::len),
            failures,
            took,
        }
    }

    /// Of a test that could not be run.
    pub(crate) fn not_run(test: &TestFile, why: String) -> TestResult {
        TestResult::of(test, vec![Failure::at(test.file.location(0), why)], Duration::ZERO)
    }
}

/// Runs a test on the database below its version.
///
/// # Errors
/// `Interrupted`, and `Database` when the shadow database cannot be worked on. What a test or a migration does wrong is a
/// failure in its result.
pub(crate) fn migration_test(
    test: &TestFile,
    set: &MigrationSet,
    scratch: Box<dyn Scratch>,
    run_id: ulid::Ulid,
    job: Job<'_>,
) -> Result<TestResult> {
    let started = Instant::now();
    let mut failures = Vec::new();
    Running { test, set, scratch, job, run_id, failures: &mut failures }.run()?;
    job.check()?;
    Ok(TestResult::of(test, failures, started.elapsed()))
}

impl Failure {
    fn at(location: Location, message: String) -> Failure {
        Failure { location, message, sql: None, expected: None, actual: None, detail: None }
    }
}

struct Running<'a> {
    test: &'a TestFile,
    set: &'a MigrationSet,
    scratch: Box<dyn Scratch>,
    job: Job<'a>,
    run_id: ulid::Ulid,
    failures: &'a mut Vec<Failure>,
}

impl Running<'_> {
    fn run(&mut self) -> Result<()> {
        let test = self.test;
        self.scratch.begin_section()?;
        for statement in &test.given {
            if let Err(refused) = self.scratch.run(&statement.sql, 0) {
                let message = format!("the rows cannot be given: {}", refused.message);
                let failure = Failure::at(test.place(statement, refused.offset), message);
                self.failures.push(Failure { sql: Some(statement.sql.clone()), ..failure });
                return Ok(());
            }
        }
        if self.left_open("given") || !self.migrate(false)? {
            return Ok(());
        }
        self.checks(&test.then)?;
        if self.left_open("then") {
            return Ok(());
        }
        let Some(after_down) = &test.after_down else { return Ok(()) };
        if self.migrate(true)? {
            self.checks(after_down)?;
            self.left_open("after down");
        }
        Ok(())
    }

    /// A transaction that a section does not end would swallow the migration.
    fn left_open(&mut self, section: &str) -> bool {
        let open = self.scratch.in_transaction();
        if open {
            let message = format!("the section `{section}` begins a transaction and does not end it");
            self.failures.push(Failure::at(self.test.file.location(0), message));
        }
        open
    }

    fn migrate(&mut self, down: bool) -> Result<bool> {
        let version = self.test.version;
        let run = if down {
            let options = DownOptions {
                target: DownTarget::Steps(1),
                from_files: false,
                on_loss: OnLoss::Allow,
                backup: None,
            };
            self.scratch.migrate_down(self.set, &options, self.job.quietly())
        } else {
            let options = UpOptions { to: Some(version), ..UpOptions::of(self.run_id) };
            self.scratch.migrate_up(self.set, &options, self.job.quietly())
        };
        let Some(error) = failure(run.error)? else { return Ok(true) };
        let what = if down { "down" } else { "up" };
        let message = format!("the {what} of V{version} fails: {error}");
        let failure = Failure::at(self.test.file.location(0), message);
        self.failures.push(Failure { detail: background(&error), ..failure });
        Ok(false)
    }

    fn checks(&mut self, checks: &[Check]) -> Result<()> {
        self.scratch.begin_section()?;
        for check in checks {
            let keep = match &check.expect {
                Expectation::Rows(rows) => rows.len() + EXTRA_ROWS,
                Expectation::Count(_) | Expectation::Error(_) => EXTRA_ROWS,
            };
            let came = self.scratch.run(&check.statement.sql, keep);
            if came.as_ref().is_err_and(|refused| refused.interrupted) {
                return Ok(());
            }
            if let Some(failure) = self.compare(check, &came) {
                self.failures.push(failure);
            }
        }
        Ok(())
    }

    fn compare(&self, check: &Check, came: &Result<Answer, Refused>) -> Option<Failure> {
        let statement = &check.statement;
        let actual = match came {
            Ok(answer) => rows_text(answer),
            Err(refused) => format!("error: {}", refused.message),
        };
        let (message, detail) = match (&check.expect, came) {
            (Expectation::Error(text), Err(refused)) => {
                if refused.message.to_lowercase().contains(&text.to_lowercase()) {
                    return None;
                }
                (format!("it fails for another reason than expected: {}", refused.message), None)
            }
            (Expectation::Error(text), Ok(_)) => {
                (format!("it should fail with `{text}`, and does not"), None)
            }
            (_, Err(refused)) => (format!("it fails: {}", refused.message), None),
            (Expectation::Count(count), Ok(answer)) if answer.count == *count => return None,
            (Expectation::Count(count), Ok(answer)) => {
                let more = answer.count.saturating_sub(u64::try_from(answer.rows.len()).unwrap_or(0));
                let message =
                    format!("{} expected, {} found", counted(*count, "row"), counted(answer.count, "row"));
                (message, Some(diff(&[], &answer.rows, more)).filter(|text| !text.is_empty()))
            }
            (Expectation::Rows(expected), Ok(answer)) => {
                let kept = u64::try_from(answer.rows.len()).unwrap_or(u64::MAX);
                let pairs = expected.iter().zip(&answer.rows);
                let differs = pairs.clone().position(|(row, found)| !row.matches(found));
                let first = match differs {
                    None if answer.count == u64::try_from(expected.len()).unwrap_or(u64::MAX) => return None,
                    Some(first) => first,
                    None => expected.len().min(answer.rows.len()),
                };
                let width = expected.get(first).map(|row| row.cells.len());
                let found = answer.rows.get(first).map(Vec::len);
                let message = match (width, found) {
                    (Some(width), Some(found)) if width != found => {
                        format!("row {} has {found} columns, {width} are expected", first + 1)
                    }
                    (Some(_), Some(_)) => format!("row {} is not as expected", first + 1),
                    _ => {
                        let count = u64::try_from(expected.len()).unwrap_or(u64::MAX);
                        format!("{} expected, {} found", counted(count, "row"), counted(answer.count, "row"))
                    }
                };
                (message, Some(diff(expected, &answer.rows, answer.count - kept.min(answer.count))))
            }
        };
        let offset = came.as_ref().err().map_or(0, |refused| refused.offset);
        Some(Failure {
            sql: Some(statement.sql.clone()),
            expected: Some(expectation_text(&check.expect)),
            actual: Some(actual),
            detail,
            ..Failure::at(self.test.place(statement, offset), message)
        })
    }
}

fn expectation_text(expect: &Expectation) -> String {
    match expect {
        Expectation::Rows(rows) => rows.iter().map(ExpectedRow::text).collect::<Vec<_>>().join("\n"),
        Expectation::Count(count) => counted(*count, "row"),
        Expectation::Error(text) => format!("error: {text}"),
    }
}

fn rows_text(answer: &Answer) -> String {
    if answer.count == 0 {
        return counted(0, "row");
    }
    let mut lines: Vec<String> = answer.rows.iter().map(|row| shown(row)).collect();
    let more = answer.count.saturating_sub(u64::try_from(lines.len()).unwrap_or(0));
    if more > 0 {
        lines.push(format!("… {more} more"));
    }
    lines.join("\n")
}
