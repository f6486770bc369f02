//! `planctl fleet …`: many databases with one folder of migrations. What is the same for all of them is prepared once, and
//! shared by the threads that look at them and migrate them.

pub mod audit;
mod clean;
mod crew;
pub mod down;
mod judge;
mod names;
mod room;
mod rows;
mod run;
mod show;
pub mod status;
mod totals;
pub mod up;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::DatabaseName;

pub use names::{Named, Sources, databases};
pub use run::Course;

/// What every command of a fleet is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FleetRequest {
    /// The databases, each once, in their order.
    pub databases: Arc<[DatabaseName]>,
    /// The files among them that have other names, too.
    pub linked: Vec<PathBuf>,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// How many databases are worked on at the same time.
    pub jobs: usize,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
}
