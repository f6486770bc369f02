//! What applications name or hand over as their database.

use std::ffi::{OsStr, OsString};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::error::Result;
use crate::base::job::Job;
use crate::engine::file::{Connection, Reader, lend};
use crate::engine::{self, Access, DatabaseName, Engine, OpenOptions};

/// A database that is to be written, as an application has it: by its name, or as a connection that is open.
///
/// A name is a path, `sqlite:PATH`, `sqlite://PATH` or `file:URI`, as for `planctl --db`; a database in memory has none that
/// would lead to it again, and is handed over as a connection.
///
/// A connection is given back as it was, also when an observer panics, but for an authorizer, a progress handler or a busy
/// handler, which are removed. It must not be inside a transaction.
pub enum Database<'a> {
    /// A name.
    Path(PathBuf),
    /// A connection of the application's own.
    Connection(&'a mut Connection),
}

/// A database that is only read, as an application has it: by its name, or as a connection that is open, which may be inside
/// a transaction.
pub enum Source<'a> {
    /// A name, as of a [`Database`].
    Path(PathBuf),
    /// A connection of the application's own.
    Connection(&'a Connection),
}

macro_rules! named_by {
    ($($name:ty),*) => { $(
        impl From<$name> for Database<'_> {
            fn from(name: $name) -> Self {
                Database::Path(PathBuf::from(name))
            }
        }
        impl From<$name> for Source<'_> {
            fn from(name: $name) -> Self {
                Source::Path(PathBuf::from(name))
            }
        }
    )* };
}

named_by!(&str, &String, String, &OsStr, &OsString, OsString, &Path, &PathBuf, PathBuf);

impl<'a> From<&'a mut Connection> for Database<'a> {
    fn from(connection: &'a mut Connection) -> Self {
        Database::Connection(connection)
    }
}

impl<'a> From<&'a Connection> for Source<'a> {
    fn from(connection: &'a Connection) -> Self {
        Source::Connection(connection)
    }
}

impl<'a> From<&'a mut Connection> for Source<'a> {
    fn from(connection: &'a mut Connection) -> Self {
        Source::Connection(connection)
    }
}

impl<'a> From<Database<'a>> for Source<'a> {
    fn from(database: Database<'a>) -> Self {
        match database {
            Database::Path(path) => Source::Path(path),
            Database::Connection(connection) => Source::Connection(connection),
        }
    }
}

/// How something becomes a [`Database`] or a [`Source`]; there is nothing to do with these types but to let them be
/// inferred.
pub mod how {
    /// By a conversion of its own.
    #[derive(Debug)]
    pub enum Converted {}
    /// It leads to a connection, as the guards of connection pools do.
    #[derive(Debug)]
    pub enum Guarded {}
}

/// Everything that is a [`Database`]: names of all types, `&mut Connection`, and `&mut` of whatever leads to a connection, as
/// the guards of connection pools do.
pub trait IntoDatabase<'a, How> {
    /// The database.
    fn into_database(self) -> Database<'a>;
}

impl<'a, T: Into<Database<'a>>> IntoDatabase<'a, how::Converted> for T {
    fn into_database(self) -> Database<'a> {
        self.into()
    }
}

impl<'a, C: DerefMut<Target = Connection>> IntoDatabase<'a, how::Guarded> for &'a mut C {
    fn into_database(self) -> Database<'a> {
        Database::Connection(self)
    }
}

/// Everything that is a [`Source`]: names of all types, `&Connection`, and `&` of whatever leads to a connection, as
/// transactions and the guards of connection pools do.
pub trait IntoSource<'a, How> {
    /// The source.
    fn into_source(self) -> Source<'a>;
}

impl<'a, T: Into<Source<'a>>> IntoSource<'a, how::Converted> for T {
    fn into_source(self) -> Source<'a> {
        self.into()
    }
}

impl<'a, C: Deref<Target = Connection>> IntoSource<'a, how::Guarded> for &'a C {
    fn into_source(self) -> Source<'a> {
        Source::Connection(self)
    }
}

impl Database<'_> {
    /// Does `work` with the database; `access` counts for a name, a connection has its own.
    pub(super) fn with<T>(
        self,
        access: Access,
        lock_timeout: Duration,
        job: Job<'_>,
        work: impl FnOnce(&mut dyn Engine) -> Result<T>,
    ) -> Result<T> {
        let options = OpenOptions { lock_timeout };
        match self {
            Database::Path(path) => {
                let name = DatabaseName::parse(path.as_os_str())?;
                work(&mut *engine::open(&name, access, options, job)?)
            }
            Database::Connection(connection) => lend(connection, options, job, work)?,
        }
    }
}

impl<'a> Source<'a> {
    /// Whether it is the name of a file that is not there, and that a run which writes would make.
    pub(super) fn would_be_made(&self) -> bool {
        let Source::Path(path) = self else { return false };
        DatabaseName::parse(path.as_os_str()).is_ok_and(|name| {
            let folder = || name.file()?.parent();
            let may_be_made = name.permitted(Access::ReadWrite { create: true });
            may_be_made.is_ok_and(|access| access == Access::ReadWrite { create: true })
                && name
                    .file()
                    .is_some_and(|file| matches!(file.try_exists(), Ok(false)) && !file.is_symlink())
                && folder().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir())
        })
    }

    /// Opens it for reading.
    pub(super) fn open(self, lock_timeout: Duration, job: Job<'_>) -> Result<Opened<'a>> {
        let options = OpenOptions { lock_timeout };
        Ok(match self {
            Source::Path(path) => {
                let name = DatabaseName::parse(path.as_os_str())?;
                Opened::Engine(engine::open(&name, Access::ReadOnly, options, job)?)
            }
            Source::Connection(connection) => Opened::Reader(Reader::of(connection, options, job)?),
        })
    }
}

/// A source that is open.
pub(super) enum Opened<'a> {
    /// A database that was opened for it.
    Engine(Box<dyn Engine>),
    /// A connection of the application's own.
    Reader(Reader<'a>),
}
