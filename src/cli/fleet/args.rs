//! The flags in which the commands of a fleet agree.

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::base::error::Result;
use crate::cli::settings::number::Share;
use crate::cli::settings::{Settings, duration, number};
use crate::commands::fleet::{Course, FleetRequest, Named, Sources, databases};

/// Which databases, and how many at a time.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct FleetArgs {
    /// Databases: paths, URLs, or globs in quotes [default: [fleet] in planctl.toml]
    #[arg(value_name = "DB", value_hint = clap::ValueHint::FilePath)]
    databases: Vec<OsString>,
    /// Read names of databases from FILE, one on each line; - is standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    from: Option<PathBuf>,
    /// Read names of databases from this database, with --query
    #[arg(long, value_name = "DB", requires = "query", value_hint = clap::ValueHint::FilePath)]
    registry: Option<OsString>,
    /// With --registry: the query whose first column has the names
    #[arg(long, value_name = "SELECT", requires = "registry")]
    query: Option<String>,
    /// Leave out these databases: a path, or a glob in quotes (repeatable)
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Databases to work on at the same time [default: the cores]
    #[arg(long, value_name = "N", value_parser = number::count)]
    jobs: Option<NonZeroU32>,
    /// How long to wait for another process's lock (500ms, 30s, 2m); a locked database is tried again at the end
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
}

impl FleetArgs {
    /// Arguments and settings → the databases, and how many at a time.
    ///
    /// # Errors
    /// Those of the settings; as [`databases`].
    pub(super) fn resolve(&self, settings: &Settings<'_>) -> Result<FleetRequest> {
        settings.verify_many()?;
        let in_file = settings.fleet();
        let is_named = !self.databases.is_empty() || self.from.is_some() || self.registry.is_some();
        let sources = if is_named {
            Sources {
                databases: self.databases.clone(),
                from: self.from.clone(),
                registry: match (&self.registry, &self.query) {
                    (Some(db), Some(query)) => Some((settings.named(db)?, query.clone())),
                    _ => None,
                },
                exclude: self.exclude.clone(),
                base: PathBuf::new(),
            }
        } else {
            let mut sources = settings.fleet_sources()?;
            sources.exclude.extend(self.exclude.iter().cloned());
            sources
        };
        let Named { databases, linked } = databases(&sources)?;
        let databases = settings.of_fleet(databases)?;
        let jobs = self.jobs.or(in_file.and_then(|fleet| fleet.jobs)).map(|jobs| jobs.get() as usize);
        Ok(FleetRequest {
            databases,
            linked,
            migrations: settings.migrations()?,
            jobs: jobs.unwrap_or_else(|| available_parallelism().map_or(1, usize::from)),
            lock_timeout: self.lock_timeout,
        })
    }
}

/// How a run that writes goes about it.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct CourseArgs {
    /// Databases that go first, one by one; a failure among them ends the run [default: 1]
    #[arg(long, value_name = "N")]
    canary: Option<u32>,
    /// Start no further database once N have failed, or a share of all [default: 1]
    #[arg(long, value_name = "N|N%")]
    max_failures: Option<Share>,
    /// Run on copies of the canaries first, in DIR or beside them
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, value_hint = clap::ValueHint::DirPath)]
    rehearse: Option<Option<PathBuf>>,
}

impl CourseArgs {
    /// Arguments and settings → course.
    pub(super) fn resolve(&self, settings: &Settings<'_>, fleet: &FleetRequest) -> Course {
        let in_file = settings.fleet();
        let canary = self.canary.or(in_file.as_ref().and_then(|fleet| fleet.canary)).unwrap_or(1);
        let failures = self.max_failures.or(in_file.and_then(|fleet| fleet.max_failures));
        Course {
            canary: canary as usize,
            failures: failures.unwrap_or(Share::Count(1)).of(fleet.databases.len()),
            rehearse: self.rehearse.clone(),
        }
    }
}
