//! `planctl fleet` for applications that have a database for each tenant: [`Fleet`].
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use planctl::fleet::Fleet;
//! use planctl::migrate::Migrator;
//!
//! let migrator = Migrator::from_texts([("V1__plans.sql", "CREATE TABLE plans (id TEXT PRIMARY KEY);")])?;
//! let fleet = Fleet::new(migrator).canary(1).max_failures(3);
//!
//! let dir = tempfile::tempdir()?;
//! let tenants = ["a", "b", "c"].map(|name| dir.path().join(name));
//! // At start, all of them …
//! let done = fleet.up(&tenants);
//! assert_eq!((done.migrated, done.failed.len()), (3, 0));
//! // … or each on first use, before its connection is handed out: one that is current is only read.
//! let mut connection = planctl::rusqlite::Connection::open(&tenants[0])?;
//! assert!(fleet.ensure(&mut connection)?.done.is_empty());
//! # Ok(())
//! # }
//! ```

use std::path::{Path, PathBuf};

use super::database::{Database, IntoDatabase};
use super::migrate::{FailedRun, Migrator, Run};
use crate::base::error::{ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Interrupt;
use crate::engine::file::Reader;
use crate::engine::{self, Access, DatabaseName, History, OpenOptions};
use crate::fleets::{End, Limits, Standings, Verdict, turns};

/// Migrations for many databases. Threads may share it: what is the same for all databases is prepared once.
#[derive(Debug)]
pub struct Fleet {
    migrator: Migrator,
    standings: Standings,
    jobs: usize,
    canary: usize,
    max_failures: usize,
}

/// What became of many databases.
#[derive(Default, Debug)]
#[must_use = "it says which of them failed"]
#[non_exhaustive]
pub struct FleetRun {
    /// How many were migrated.
    pub migrated: usize,
    /// How many had nothing to be applied.
    pub current: usize,
    /// Those that failed, in their order; each is as after one of its migrations.
    pub failed: Vec<(PathBuf, FailedRun)>,
    /// Those whose turn it was not, since a canary or too many failed, or the user asked to stop. The same call again goes on
    /// with them.
    pub not_begun: Vec<PathBuf>,
}

impl Fleet {
    /// A fleet with these migrations. A backup that the migrator is to make is made by none of its runs.
    pub fn new(migrator: Migrator) -> Fleet {
        let jobs = std::thread::available_parallelism().map_or(1, usize::from);
        Fleet {
            migrator: migrator.without_backup(),
            standings: Standings::default(),
            jobs,
            canary: 1,
            max_failures: 1,
        }
    }

    /// How many databases are migrated at the same time; the cores unless it is said.
    #[must_use]
    pub fn jobs(mut self, jobs: usize) -> Fleet {
        self.jobs = jobs.max(1);
        self
    }

    /// How many go first, one by one, a failure of which ends the run; 1 unless it is said.
    #[must_use]
    pub fn canary(mut self, canary: usize) -> Fleet {
        self.canary = canary;
        self
    }

    /// How many may fail before no further one starts; 1 unless it is said.
    #[must_use]
    pub fn max_failures(mut self, failures: usize) -> Fleet {
        self.max_failures = failures.max(1);
        self
    }

    /// Applies what one database lacks; makes the file when there is none. One that lacks nothing is only read, and takes
    /// microseconds where it is a connection.
    ///
    /// # Errors
    /// As [`Migrator::up`].
    pub fn ensure<'a, How>(&self, database: impl IntoDatabase<'a, How>) -> Result<Run, FailedRun> {
        let database = database.into_database();
        match self.current(&database) {
            Some(run) => Ok(run),
            // What is wrong is told by the run, which can also mend what a crash left.
            None => self.migrator.up(database),
        }
    }

    /// [`Fleet::ensure`] for each of them: canaries one by one, then the rest in parallel, those that are locked once more at
    /// the end.
    ///
    /// Raising the migrator's interrupt begins no further one; those that run come to an end.
    pub fn up<P: AsRef<Path>>(&self, databases: impl IntoIterator<Item = P>) -> FleetRun {
        let paths: Vec<PathBuf> = databases.into_iter().map(|path| path.as_ref().to_path_buf()).collect();
        let order: Vec<usize> = (0..paths.len()).collect();
        let limits = Limits {
            canary: self.canary,
            jobs: self.jobs,
            failures: self.max_failures,
            patience: self.migrator.patience(),
        };
        let mut results: Vec<Option<Result<bool, FailedRun>>> = paths.iter().map(|_| None).collect();
        let work = |number: usize, wait| {
            let path = paths.get(number).map_or(Path::new(""), PathBuf::as_path);
            if self.current(&Database::from(path)).is_some() {
                return (Ok(false), Verdict::Done);
            }
            let migrator = self.migrator.clone().lock_timeout(wait).interrupt(Interrupt::new());
            let result = migrator.up(path).map(|run| !run.done.is_empty());
            let verdict = match &result {
                Ok(_) => Verdict::Done,
                Err(failed) if failed.error.kind() == ErrorKind::Locked => Verdict::Locked,
                Err(_) => Verdict::Failed,
            };
            (result, verdict)
        };
        let _: End = turns(&order, limits, 0, self.migrator.stop(), work, |number, result, _| {
            if let Some(place) = results.get_mut(number) {
                *place = Some(result);
            }
        });
        let mut run = FleetRun::default();
        for (path, result) in paths.into_iter().zip(results) {
            match result {
                Some(Ok(true)) => run.migrated += 1,
                Some(Ok(false)) => run.current += 1,
                Some(Err(failed)) => run.failed.push((path, failed)),
                None => run.not_begun.push(path),
            }
        }
        run
    }

    /// The run of a database that lacks nothing; `None` for another one, and for one that cannot be read.
    fn current(&self, database: &Database<'_>) -> Option<Run> {
        let options = OpenOptions { lock_timeout: self.migrator.patience() };
        let job = Job::stopped_by(self.migrator.stop());
        let read = || -> Result<History> {
            match database {
                Database::Connection(connection) => Reader::of(connection, options, job)?.plain_history(),
                Database::Path(path) => {
                    let name = DatabaseName::parse(path.as_os_str())?;
                    Ok(engine::open(&name, Access::ReadOnly, options, job)?.glance(false)?.history)
                }
            }
        };
        let (set, to) = self.migrator.plan();
        let standing = self.standings.of(set, &read().ok()?, to).ok()?;
        let version = standing.version;
        standing.is_current().then(|| Run { before: version, after: version, ..Run::default() })
    }
}
