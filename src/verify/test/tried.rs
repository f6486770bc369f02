//! Migration tests and round trips, several at once, in the order of the versions: each on the database below its version.

use std::collections::VecDeque;

use super::bases::{Base, Climb};
use super::migration_tests::{TestResult, migration_test};
use super::round_trip::round_trip;
use super::trip::{RoundTrip, TripFailure, TripOutcome};
use super::{in_parallel, unreached};
use crate::base::context::Context;
use crate::base::error::{Error, Result};
use crate::base::job::Job;
use crate::engine::{Registered, Scratch};
use crate::migrations::testing::TestFile;
use crate::migrations::{Migration, MigrationSet, Version};

/// What is to be tried.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The migrations that go up, down and up again, by version.
    pub trips: Vec<&'a Migration>,
    /// The tests that are run, by version and name.
    pub tests: Vec<&'a TestFile>,
    /// All tests, which say what rows look like.
    pub examples: &'a [TestFile],
    /// What the generated rows are made from: the same seed gives the same rows.
    pub seed: u64,
    /// Whether all migrations have just been applied to an empty database.
    pub all_apply: bool,
}

/// What it came to.
#[derive(Debug)]
pub struct Tried {
    /// In the order of versions and names.
    pub tests: Vec<TestResult>,
    /// In the order of versions.
    pub trips: Vec<RoundTrip>,
    /// What the migrations name of the application's, as far as they were applied.
    pub of_application: Registered,
}

enum Task<'a> {
    Test(&'a TestFile, Box<dyn Scratch>),
    Trip(&'a Migration, Base),
}

enum Done {
    Test(TestResult),
    Trip(RoundTrip),
}

/// Tries it, as the databases below the versions come: no more of them are there at once than are worked on.
///
/// # Errors
/// `Interrupted`, and `Database` when a shadow database cannot be made. What a test or a migration does wrong is part of its
/// result.
pub fn try_out(ctx: &Context<'_>, set: &MigrationSet, trial: &Trial<'_>) -> Result<Tried> {
    let of_trips = trial.trips.iter().map(|migration| migration.version);
    let wanted = of_trips.chain(trial.tests.iter().map(|test| test.version)).collect();
    let mut climb = Climb::new(ctx, set, wanted, trial.all_apply)?;
    let interrupt = ctx.job.interrupt();
    let mut ahead = VecDeque::new();
    let tasks = std::iter::from_fn(|| {
        loop {
            if let Some(task) = ahead.pop_front() {
                return Some(Ok(task));
            }
            let (version, base) = match climb.next(Job::stopped_by(&interrupt)) {
                Ok(next) => next?,
                Err(error) => return Some(Err(error)),
            };
            match trial.tasks(version, base) {
                Ok(tasks) => ahead = tasks,
                Err(error) => return Some(Err(error)),
            }
        }
    });
    let run_id = ctx.run_id;
    let done = in_parallel(ctx.job, tasks, |job, task: Result<Task<'_>>| match task? {
        Task::Test(test, scratch) => migration_test(test, set, scratch, run_id, job).map(Done::Test),
        Task::Trip(migration, base) => {
            let tests = trial.examples.iter().filter(|test| test.version == migration.version).collect();
            round_trip(migration, set, base, tests, (run_id, trial.seed), job).map(Done::Trip)
        }
    });
    let (mut tests, mut trips) = (Vec::new(), Vec::new());
    for done in done {
        match done? {
            Done::Test(test) => tests.push(test),
            Done::Trip(trip) => trips.push(trip),
        }
    }
    let broken = climb.broken.as_ref();
    // What was not reached is above all that was.
    let tests_left = trial.tests.iter().skip(tests.len());
    tests.extend(tests_left.map(|test| TestResult::not_run(test, unreached(broken))));
    let trips_left = trial.trips.iter().skip(trips.len());
    trips.extend(trips_left.map(|trip| RoundTrip::of(trip, TripOutcome::NotRun(unreached(broken)))));
    tell_break(&mut trips, set, broken);
    Ok(Tried { tests, trips, of_application: climb.of_application()? })
}

impl<'a> Trial<'a> {
    /// What there is to do below a version.
    fn tasks(&self, version: Version, mut base: Base) -> Result<VecDeque<Task<'a>>> {
        let tests = self.tests.iter().filter(|test| test.version == version);
        let mut tasks: VecDeque<_> =
            tests.map(|test| Ok(Task::Test(test, base.scratch.copy()?))).collect::<Result<_>>()?;
        let trip = self.trips.iter().find(|migration| migration.version == version);
        tasks.extend(trip.map(|migration| Task::Trip(migration, base)));
        Ok(tasks)
    }
}

/// Where the chain breaks is said once: by that migration, or by the first one chosen if that one was not.
fn tell_break(trips: &mut [RoundTrip], set: &MigrationSet, broken: Option<&(Version, Error)>) {
    let Some((version, error)) = broken else { return };
    if let Some(trip) = trips.iter_mut().find(|trip| trip.version >= *version)
        && trip.failures().is_empty()
        && let Some(migration) = set.get(*version)
    {
        let location = error.location().cloned().unwrap_or_else(|| migration.up.location(0));
        let message =
            format!("{} cannot be applied to an empty database: {}", migration.label(), error.message());
        trip.outcome = TripOutcome::Failed(vec![TripFailure { location, message, detail: None }]);
    }
}
