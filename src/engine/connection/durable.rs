//! Work on a connection that is set up for it and set back behind it, with commits that are on the disk when they are
//! reported.
//!
//! In rollback mode the deletion of the journal is the commit, and `synchronous = FULL`, SQLite's default, does not wait
//! until the disk has it: when the power goes just then, the journal is back and the transaction is rolled back. `EXTRA`
//! synchronises the folder as well (<https://www.sqlite.org/pragma.html#pragma_synchronous>).

use std::borrow::Borrow;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ffi};

use super::lock;
use crate::base::error::{Error, Result};
use crate::base::job::Job;
use crate::engine::contract::database_name::Identity;
use crate::engine::diagnosis::errors;

const FULL: i64 = 2;

/// What the work needs of the connection.
pub(crate) struct TransactionTerms<'a> {
    /// Whether foreign keys are enforced meanwhile.
    pub(crate) foreign_keys: bool,
    /// Whether what is committed is to stay.
    pub(crate) lasting: bool,
    /// How long to wait for a lock.
    pub(crate) timeout: Duration,
    /// The path by which the file was opened, where it is known: SQLite knows what a link led to then.
    pub(crate) named: Option<&'a Path>,
    /// What an error of SQLite's is to whoever asked for the work.
    pub(crate) told: &'a dyn Fn(&Connection, rusqlite::Error, Doing) -> Error,
}

/// What SQLite was to do when it failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Doing {
    SettingUp,
    Beginning,
    Committing,
    RollingBack,
    SettingBack,
}

/// Runs `work` on a connection that is set up for it, and sets the connection back: see [`and_back`]. Not inside a
/// transaction; what `work` leaves open is rolled back.
pub(crate) fn durably<C: Borrow<Connection>, T>(
    on: &mut C,
    terms: &TransactionTerms<'_>,
    job: Job<'_>,
    work: impl FnOnce(&mut C) -> Result<T>,
) -> Result<T> {
    let TransactionTerms { foreign_keys, lasting, timeout, told, .. } = *terms;
    let switch = |conn: &Connection, on, doing| {
        let job = if doing == Doing::SettingBack { Job::quiet() } else { job };
        lock::reading(timeout, job, || {
            switch_foreign_keys(conn, on).map_err(|error| told(conn, error, doing))
        })
    };
    let enforced = switch(connection(on), foreign_keys, Doing::SettingUp)?;
    let work = |on: &mut C| {
        let conn = connection(on);
        let raised =
            lasting && raise(conn, timeout, job).map_err(|error| told(conn, error, Doing::SettingUp))?;
        and_back(on, work, |on| {
            let conn = connection(on);
            roll_back(conn);
            let lowered = if raised { conn.execute_batch("PRAGMA main.synchronous = FULL") } else { Ok(()) };
            lowered.map_err(|error| told(conn, error, Doing::SettingBack))
        })
    };
    and_back(on, work, |on| switch(connection(on), enforced, Doing::SettingBack).map(drop))
}

/// Runs `work`, then `set_back`, whatever came of it: a panic (of an observer, or of a function of an application, which are
/// the code of others) ends the work as an error does, and is handed on. The work's own error is the one that is told; that
/// something could not be set back is one only where the work was done.
pub(crate) fn and_back<S, T>(
    on: &mut S,
    work: impl FnOnce(&mut S) -> Result<T>,
    set_back: impl FnOnce(&mut S) -> Result<()>,
) -> Result<T> {
    let result = panic::catch_unwind(AssertUnwindSafe(|| work(on)));
    let back = set_back(on);
    match result {
        Ok(result) => result.and_then(|done| back.map(|()| done)),
        Err(panic) => panic::resume_unwind(panic),
    }
}

/// One transaction: `begin`, then `work`, which also says whether there is something to commit; if there is not, or if it
/// fails, nothing of it stays. `is_there` looks whether the work is in the database after all: see [`commit`].
pub(crate) fn transaction<C: Borrow<Connection>, T>(
    on: &mut C,
    terms: &TransactionTerms<'_>,
    begin: &str,
    job: Job<'_>,
    work: impl FnOnce(&mut C) -> Result<(T, bool)>,
    is_there: impl FnOnce(&mut C, &T) -> bool,
) -> Result<T> {
    let conn = connection(on);
    let place = Place::of(conn, terms.named);
    let begun = lock::patiently(conn, begin, terms.timeout, job);
    begun.map_err(|error| (terms.told)(conn, error, Doing::Beginning))?;
    let result = work(on).and_then(|(done, commits)| {
        if commits {
            commit(on, &place, terms.timeout, job, |on| is_there(on, &done))
                .map_err(|error| (terms.told)(connection(on), error, Doing::Committing))?;
        } else {
            let conn = connection(on);
            conn.execute_batch("ROLLBACK").map_err(|error| (terms.told)(conn, error, Doing::RollingBack))?;
        }
        Ok(done)
    });
    roll_back(connection(on));
    result
}

/// Commits what is written to the file that `place` still leads to. A reader can hold it up in rollback mode, the transaction
/// stays open then, and trying again helps. Where COMMIT fails, nothing of the transaction stays on the connection, and
/// `is_there` looks for it in the database: a disk that fails behind the last write fails the COMMIT of what is written. What
/// counts is what is there, not what COMMIT answered.
///
/// # Errors
/// SQLite's, when the transaction is not there.
pub(crate) fn commit<C: Borrow<Connection>>(
    on: &mut C,
    place: &Place,
    timeout: Duration,
    job: Job<'_>,
    is_there: impl FnOnce(&mut C) -> bool,
) -> rusqlite::Result<()> {
    if place.is_left() {
        return Err(errors::moved());
    }
    let Err(error) = lock::patiently(connection(on), "COMMIT", timeout, job) else { return Ok(()) };
    // Of a COMMIT that was refused nobody needs to look; and a deferred key is told by the rows, while they are there.
    if is_refusal(&error) {
        return Err(error);
    }
    roll_back(connection(on));
    if is_there(on) { Ok(()) } else { Err(error) }
}

/// Whether SQLite has left the transaction open, and says so.
fn is_refusal(error: &rusqlite::Error) -> bool {
    let constraint = error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation);
    constraint || errors::is_busy(error) || errors::is_interrupt(error)
}

/// Where the file of a connection was when a transaction began. SQLite goes on writing to a file that was moved, removed or
/// replaced, with a write-ahead log even beside the file that came in its place, and answers that all is well
/// (<https://www.sqlite.org/howtocorrupt.html#_unlinking_or_renaming_a_database_file_while_in_use>).
#[derive(Default)]
pub(crate) struct Place {
    file: Option<(PathBuf, Identity)>,
    /// The path by which it was opened. A link may lead elsewhere by now: whoever opens the database finds another one.
    named: Option<PathBuf>,
}

impl Place {
    /// That of a connection; nowhere for one in memory, and where files have no numbers.
    pub(crate) fn of(conn: &Connection, named: Option<&Path>) -> Place {
        let file = conn.path().filter(|path| !path.is_empty()).map(PathBuf::from);
        let file = file.and_then(|file| Identity::of(&file).map(|identity| (file, identity)));
        Place { file, named: named.map(Path::to_owned) }
    }

    /// Whether one of its paths leads to another file by now, or to none.
    fn is_left(&self) -> bool {
        let Some((file, identity)) = &self.file else { return false };
        let mut paths = [Some(file), self.named.as_ref()].into_iter().flatten();
        paths.any(|path| Identity::of(path) != Some(*identity))
    }
}

fn connection<C: Borrow<Connection>>(on: &C) -> &Connection {
    on.borrow()
}

/// Rolls back what is open. Where SQLite cannot even do that, the journal stays, and whoever opens the database next rolls
/// it back.
pub(crate) fn roll_back(conn: &Connection) {
    if !conn.is_autocommit() {
        drop(conn.execute_batch("ROLLBACK"));
    }
}

/// Switches the enforcement of foreign keys; gives what it was. Inside a transaction the pragma would do nothing.
pub(crate) fn switch_foreign_keys(conn: &Connection, on: bool) -> rusqlite::Result<bool> {
    let read = || conn.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY);
    let was = read()?;
    if was != on {
        conn.pragma_update(None, "foreign_keys", on)?;
    }
    if read()? == on {
        return Ok(was);
    }
    let said = "foreign keys cannot be switched inside a transaction".to_owned();
    Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_MISUSE), Some(said)))
}

/// Raises `synchronous` from FULL to EXTRA; gives whether it did. Whoever has set it lower has chosen speed, and keeps it.
fn raise(conn: &Connection, timeout: Duration, job: Job<'_>) -> rusqlite::Result<bool> {
    // To read the setting, SQLite reads the schema, for which it may have to wait.
    let read = || conn.pragma_query_value(Some("main"), "synchronous", |row| row.get::<_, i64>(0));
    let is_full = lock::patient(conn, timeout, job, read)? == FULL;
    if is_full {
        conn.execute_batch("PRAGMA main.synchronous = EXTRA")?;
    }
    Ok(is_full)
}

#[cfg(test)]
mod tests {
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

    use super::*;
    use crate::base::error::ErrorKind;

    type Told = dyn Fn(&Connection, rusqlite::Error, Doing) -> Error;

    fn terms<'a>(named: Option<&'a Path>, told: &'a Told) -> TransactionTerms<'a> {
        TransactionTerms { foreign_keys: false, lasting: true, timeout: Duration::ZERO, named, told }
    }

    fn error(what: &str) -> Error {
        Error::new(ErrorKind::Database, what.to_owned())
    }

    fn run<T>(
        conn: &mut Connection,
        foreign_keys: bool,
        work: impl FnOnce(&mut Connection) -> Result<T>,
    ) -> Result<T> {
        let told = |_: &Connection, _, doing| error(&format!("{doing:?}"));
        let terms = TransactionTerms { foreign_keys, ..terms(None, &told) };
        durably(conn, &terms, Job::quiet(), work)
    }

    fn setting(conn: &Connection, name: &str) -> i64 {
        conn.pragma_query_value(None, name, |row| row.get(0)).unwrap()
    }

    #[test]
    fn settings_are_raised_and_set_back_and_what_is_lower_was_chosen() {
        let dir = tempfile::tempdir().unwrap();
        let mut conn = Connection::open(dir.path().join("plan.db")).unwrap();
        for (before, meanwhile) in [(0, 0), (1, 1), (2, 3), (3, 3)] {
            for keys in [false, true] {
                conn.execute_batch(&format!("PRAGMA synchronous = {before}; PRAGMA foreign_keys = {keys}"))
                    .unwrap();
                run(&mut conn, !keys, |conn| {
                    assert_eq!(setting(conn, "synchronous"), meanwhile);
                    assert_eq!(setting(conn, "foreign_keys"), i64::from(!keys));
                    Ok(())
                })
                .unwrap();
                assert_eq!(setting(&conn, "synchronous"), before);
                assert_eq!(setting(&conn, "foreign_keys"), i64::from(keys));
            }
        }
    }

    /// Nobody may touch a setting any more.
    fn forbid(conn: &mut Connection) {
        let judge = |context: AuthContext<'_>| match context.action {
            AuthAction::Pragma { .. } => Authorization::Deny,
            _ => Authorization::Allow,
        };
        conn.authorizer(Some(judge)).unwrap();
    }

    #[test]
    fn the_error_of_the_work_is_told_and_that_of_setting_back_only_where_the_work_was_done() {
        let mut conn = Connection::open_in_memory().unwrap();
        let failed: Result<()> = run(&mut conn, false, |conn| {
            forbid(conn);
            Err(error("the work"))
        });
        assert_eq!(failed.unwrap_err().message(), "the work");
        conn.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).unwrap();
        let done = run(&mut conn, true, |conn| {
            forbid(conn);
            Ok(())
        });
        assert_eq!(done.unwrap_err().message(), "SettingBack");
    }

    #[test]
    fn a_panic_in_a_transaction_leaves_nothing_of_it_and_the_settings_as_they_were() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; CREATE TABLE t (x)")
            .unwrap();
        let panicked = panic::catch_unwind(AssertUnwindSafe(|| {
            run(&mut conn, false, |conn| {
                conn.execute_batch("BEGIN; INSERT INTO t VALUES (1)").unwrap();
                panic::resume_unwind(Box::new("the caller's"))
            })
        }));
        let panicked: Result<()> = panicked.unwrap_or_else(|panic| {
            assert_eq!(panic.downcast_ref(), Some(&"the caller's"));
            Ok(())
        });
        panicked.unwrap();
        assert!(conn.is_autocommit());
        assert_eq!((setting(&conn, "foreign_keys"), setting(&conn, "synchronous")), (1, FULL));
        let rows: i64 = conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0);
    }

    #[test]
    fn what_is_not_to_be_committed_does_not_stay() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE t (x)").unwrap();
        let told = |_: &Connection, _, doing| error(&format!("{doing:?}"));
        let terms = terms(None, &told);
        for (commits, fails, rows) in [(false, false, 0), (true, true, 0), (true, false, 1)] {
            let work = |conn: &mut Connection| {
                conn.execute_batch("INSERT INTO t VALUES (1)").unwrap();
                if fails { Err(error("the work")) } else { Ok(((), commits)) }
            };
            let done = transaction(&mut conn, &terms, "BEGIN", Job::quiet(), work, |_, ()| false);
            assert_eq!(done.is_err(), fails);
            assert!(conn.is_autocommit());
            let count: i64 = conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
            assert_eq!(count, rows);
        }
    }

    #[test]
    #[cfg(unix)]
    fn nothing_is_committed_once_the_link_by_which_the_file_was_opened_leads_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::os::unix::fs::symlink(at("first.db"), at("link.db")).unwrap();
        let mut conn = Connection::open(at("link.db")).unwrap();
        conn.execute_batch("CREATE TABLE t (x)").unwrap();
        let told = |_: &Connection, _, doing| error(&format!("{doing:?}"));
        for (named, rows) in [(Some(at("link.db")), 0), (None, 1)] {
            let terms = terms(named.as_deref(), &told);
            let work = |conn: &mut Connection| {
                conn.execute_batch("INSERT INTO t VALUES (1)").unwrap();
                drop(std::fs::remove_file(at("link.db")));
                Ok(((), true))
            };
            let done = transaction(&mut conn, &terms, "BEGIN", Job::quiet(), work, |_, ()| false);
            assert_eq!(done.is_err(), rows == 0);
            let count: i64 = conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
            assert_eq!(count, rows);
        }
    }
}
