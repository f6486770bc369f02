//! `planctl migrate test`: the migration tests, and every migration up, down and up again on seeded rows.
//!
//! `check` runs the same: [`migration_tests`] and [`round_trips`], and [`Results::fill`] puts both into a report.

mod bases;
mod common;
mod rows;
mod rows_diff;
mod sentence;
mod show;
mod tests_run;
mod trip;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::commands::explain::rule_info;
use crate::commands::{Context, scratch};
use crate::error::{Error, ErrorKind, Result};
use crate::job::Job;
use crate::migrations::testing::{self, TestFile};
use crate::migrations::{MigrationSet, Version};
use crate::report::{Outcome, Report};
use crate::rule::GateRule;

pub use rows::{Loss, Lost};
pub use tests_run::{Failure, TestResult, migration_tests};
pub use trip::{RoundTrip, TripOutcome, round_trips};

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
    let set = MigrationSet::load(&request.migrations)?;
    if set.migrations.is_empty() {
        let message = format!("{} holds no migrations", request.migrations.display());
        return Err(Error::new(ErrorKind::Migration, message)
            .help("`planctl migrate new NAME` writes the first; --migrations names another folder"));
    }
    let folder = request.tests.is_dir();
    let all = if folder || request.tests_named || request.tests.exists() {
        read_tests(&set, &request.tests)?
    } else {
        Vec::new()
    };
    let filter = request.filter.as_deref();
    let chosen: Vec<TestFile> = all.iter().filter(|test| has(&test.name(), filter)).cloned().collect();
    let results = Results {
        tests: migration_tests(ctx, &set, &chosen)?,
        trips: round_trips(ctx, &set, &all, request.seed, |label| has(label, filter))?,
    };
    let mut report = Report::new("migrate test");
    report.rules = Some([GateRule::MigrationTest, GateRule::RoundTrip].map(rule_info).into());
    report.findings = results.findings();
    report.document.findings(&report.findings);
    results.fill(&mut report);
    if !folder {
        report
            .document
            .line(format!("there is no folder {}: no migration tests ran", request.tests.display()));
    }
    if let Some(filter) = filter {
        let left_out = all.len() - results.tests.len();
        let trips = set.migrations.len() - results.trips.len();
        report.document.line(format!("`{filter}` left out {left_out} tests and {trips} round trips"));
    }
    if let Some(sentence) = scratch::stood_in(&scratch::of_application(ctx, &set)?) {
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

/// Why nothing could be run at a version.
fn unreached(broken: Option<&(Version, Error)>) -> String {
    match broken {
        Some((version, error)) => {
            format!("not run: version {version} cannot be applied to an empty database: {error}")
        }
        None => "not run: the version below it was not reached".to_owned(),
    }
}

/// An error's notes; that a scratch database is as it was is of no interest to anybody.
fn background(error: &Error) -> Option<String> {
    let notes: Vec<&str> = error.notes_on_cause().collect();
    (!notes.is_empty()).then(|| notes.join("\n"))
}

/// Does `work` for each task, on as many threads as there are cores; the results are in the order of the tasks. Each thread
/// has a job of its own that ends with `job`.
fn in_parallel<T: Send, R: Send>(
    job: Job<'_>,
    tasks: Vec<T>,
    work: impl Fn(Job<'_>, T) -> R + Sync,
) -> Vec<R> {
    let interrupt = job.interrupt();
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = cores.min(tasks.len());
    let queue = Mutex::new(tasks.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        let mut done = Vec::new();
        while let Some((at, task)) = next() {
            done.push((at, work(Job::stopped_by(&interrupt), task)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let results = workers.into_iter().map(|worker| match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        results.flatten().collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::progress::Interrupt;

    #[test]
    fn results_are_in_the_order_of_the_jobs_whoever_finishes_first() {
        let tasks: Vec<u64> = (0..40).collect();
        let results = in_parallel(Job::quiet(), tasks.clone(), |_, task| {
            std::thread::sleep(std::time::Duration::from_micros((task * 7919) % 300));
            task
        });
        assert_eq!(results, tasks);
        assert!(in_parallel(Job::quiet(), Vec::<u64>::new(), |_, task| task).is_empty());
    }

    #[test]
    fn an_interrupt_reaches_every_thread() {
        let interrupt = Interrupt::new();
        let results = in_parallel(Job::stopped_by(&interrupt), (0..40).collect(), |job, task| {
            if task == 0 {
                interrupt.flag().store(true, Ordering::Relaxed);
            }
            while !job.is_stopped() {
                std::thread::yield_now();
            }
            job.check().map_err(|error| error.kind())
        });
        assert_eq!(results, [Err(ErrorKind::Interrupted); 40]);
    }
}
