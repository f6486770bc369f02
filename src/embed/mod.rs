//! What an application embeds: the commands without the command line.

mod auditing;
mod filling;
pub mod migrate;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use auditing::audit;
pub use filling::backfill;

use crate::engine::sqlite::{Connection, lend};
use crate::engine::{self, Access, Engine, OpenOptions};
use crate::error::Result;

/// A database, as an application has it: the path of its file, or a connection that is open.
///
/// A connection is given back as it was, but for an authorizer, a progress handler or a busy handler, which are removed.
/// It must not be inside a transaction.
pub enum Database<'a> {
    /// A file.
    Path(PathBuf),
    /// A connection of the application's own.
    Connection(&'a mut Connection),
}

impl From<&str> for Database<'_> {
    fn from(path: &str) -> Self {
        Database::Path(path.into())
    }
}

impl From<&Path> for Database<'_> {
    fn from(path: &Path) -> Self {
        Database::Path(path.into())
    }
}

impl From<PathBuf> for Database<'_> {
    fn from(path: PathBuf) -> Self {
        Database::Path(path)
    }
}

impl From<&PathBuf> for Database<'_> {
    fn from(path: &PathBuf) -> Self {
        Database::Path(path.clone())
    }
}

impl<'a> From<&'a mut Connection> for Database<'a> {
    fn from(connection: &'a mut Connection) -> Self {
        Database::Connection(connection)
    }
}

impl Database<'_> {
    /// Does `work` with the database; `access` counts for a file, a connection has its own.
    fn with<T>(
        self,
        access: Access,
        lock_timeout: Duration,
        work: impl FnOnce(&mut dyn Engine) -> Result<T>,
    ) -> Result<T> {
        let options = OpenOptions { lock_timeout };
        match self {
            Database::Path(path) => work(&mut *engine::open(&path, access, options)?),
            Database::Connection(connection) => lend(connection, options, work)?,
        }
    }
}
