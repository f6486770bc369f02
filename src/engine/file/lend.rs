//! A connection of the caller's, used as a database of ours for a while.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;

use super::row_checks;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Interrupt;
use crate::engine::catalog::inspect;
use crate::engine::connection::{Sqlite, connect, durable, lock};
use crate::engine::contract::database_name::Identity;
use crate::engine::diagnosis::errors;
use crate::engine::migrate::history;
use crate::engine::{Engine, History, OpenOptions};
use crate::row_checks::{Checked, ValuePlan};
use crate::schema::Schema;

/// Lets `work` use a connection of the caller's as a database of ours, and gives it back, whatever happens.
///
/// The settings that a run changes (foreign keys, `synchronous`, the busy timeout) are set back; an authorizer, a progress handler and a
/// busy handler of the caller's are removed.
///
/// # Errors
/// `Usage` when a transaction is open; `Database` when the connection cannot be read.
pub fn lend<T>(
    conn: &mut Connection,
    options: OpenOptions,
    job: Job<'_>,
    work: impl FnOnce(&mut dyn Engine) -> T,
) -> Result<T> {
    let path = conn.path().filter(|path| !path.is_empty()).map(PathBuf::from);
    let name = name_of(conn);
    if !conn.is_autocommit() {
        let message = format!("the connection to {name} has a transaction open");
        return Err(Error::new(ErrorKind::Usage, message).help("commit it or roll it back first"));
    }
    let trouble = |error| errors::database(error, &name);
    let timeout = busy_timeout(conn, &name, options, job)?;
    lock::wait_for_locks(conn, options.lock_timeout).map_err(trouble)?;
    let identity = path.as_deref().and_then(Identity::of);
    let theirs = std::mem::replace(conn, connect::scratch(job)?);
    let sqlite = Sqlite { file: path, identity, ..Sqlite::on(theirs, name, options, job) };
    let mut lent = Lent { home: conn, sqlite, timeout };
    Ok(work(&mut lent.sqlite))
}

/// A connection that goes home when this goes away.
struct Lent<'a> {
    home: &'a mut Connection,
    sqlite: Sqlite,
    /// Its busy timeout.
    timeout: Duration,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        std::mem::swap(self.home, &mut self.sqlite.conn);
        durable::roll_back(self.home);
        // It was accepted before, and there is nothing else that this could fail on.
        drop(lock::wait_for_locks(self.home, self.timeout));
    }
}

/// A connection of the caller's that is only read, through a reference that others may have, too. It may be inside a
/// transaction.
pub struct Reader<'c> {
    conn: &'c Connection,
    name: String,
    lock_timeout: Duration,
    interrupt: Interrupt,
    /// Its busy timeout.
    timeout: Duration,
}

impl<'c> Reader<'c> {
    /// Reads `conn`. Its busy timeout is set back when this goes away.
    ///
    /// # Errors
    /// `Database` when the connection cannot be read.
    pub fn of(conn: &'c Connection, options: OpenOptions, job: Job<'_>) -> Result<Reader<'c>> {
        let name = name_of(conn);
        let timeout = busy_timeout(conn, &name, options, job)?;
        let reader =
            Reader { conn, name, lock_timeout: options.lock_timeout, interrupt: job.interrupt(), timeout };
        lock::wait_for_locks(conn, options.lock_timeout)
            .map_err(|error| errors::database(error, &reader.name))?;
        Ok(reader)
    }

    /// As [`Engine::history`].
    ///
    /// # Errors
    /// As there.
    pub fn history(&self) -> Result<History> {
        lock::reading(self.lock_timeout, Job::stopped_by(&self.interrupt), || {
            history::read_all(self.conn, &self.name)
        })
    }

    /// The history without planctl's own records.
    ///
    /// # Errors
    /// As [`Engine::history`].
    pub fn plain_history(&self) -> Result<History> {
        lock::reading(self.lock_timeout, Job::stopped_by(&self.interrupt), || {
            history::read(self.conn, &self.name)
        })
    }

    /// As [`Engine::inspect`].
    ///
    /// # Errors
    /// As there.
    pub fn inspect(&self) -> Result<Schema> {
        lock::reading(self.lock_timeout, Job::stopped_by(&self.interrupt), || {
            inspect::inspect(self.conn).map_err(|error| errors::database(error, &self.name))
        })
    }

    /// As [`Engine::check_values`]; the interrupt is looked at between two statements.
    ///
    /// # Errors
    /// As there.
    pub fn check_values(&self, plan: &ValuePlan, job: Job<'_>) -> Result<Checked> {
        lock::reading(self.lock_timeout, job, || row_checks::check(self.conn, &self.name, plan, job))
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        // It was accepted before, and there is nothing else that this could fail on.
        drop(lock::wait_for_locks(self.conn, self.timeout));
    }
}

fn name_of(conn: &Connection) -> String {
    conn.path().filter(|path| !path.is_empty()).unwrap_or("the database").to_owned()
}

/// The connection's busy timeout. In a shared cache nothing can be compiled while another connection writes the schema.
fn busy_timeout(conn: &Connection, name: &str, options: OpenOptions, job: Job<'_>) -> Result<Duration> {
    let read = || conn.pragma_query_value(None, "busy_timeout", |row| row.get::<_, u32>(0));
    let milliseconds =
        lock::reading(options.lock_timeout, job, || read().map_err(|error| errors::database(error, name)))?;
    Ok(Duration::from_millis(milliseconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lent_connection_comes_back_as_it_was_even_from_a_panic() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE TEMP TABLE mine(x); PRAGMA foreign_keys = OFF; PRAGMA busy_timeout = 1234",
        )
        .unwrap();
        let options = OpenOptions::default();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            lend(&mut conn, options, Job::quiet(), |_| panic!("a program's own trouble"))
        }));
        assert!(panicked.is_err());
        assert!(
            lend(&mut conn, options, Job::quiet(), |engine| engine.history().unwrap().applied.is_empty())
                .unwrap()
        );
        let setting = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!((setting("foreign_keys"), setting("busy_timeout")), (0, 1234));
        conn.execute_batch("INSERT INTO temp.mine VALUES(1); BEGIN").unwrap();
        let error = lend(&mut conn, options, Job::quiet(), |_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
    }
}
