//! SQL functions of the backfill: through them SQLite hands over rows, and asks about them, while one statement runs.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ToSql;

use super::trouble::sql_error;
use crate::base::error::{Error, Result};
use crate::engine::catalog::registered;

/// Functions that are there for as long as this lives.
pub(crate) struct Functions<'a> {
    conn: &'a Connection,
    /// Names, and how many arguments they take.
    there: Vec<(&'static str, i32)>,
}

impl<'a> Functions<'a> {
    /// None yet.
    pub(crate) fn new(conn: &'a Connection) -> Functions<'a> {
        Functions { conn, there: Vec::new() }
    }

    /// Adds one.
    pub(crate) fn add<T: ToSql + 'static>(
        &mut self,
        name: &'static str,
        arguments: i32,
        function: impl Fn(&Context<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<()> {
        self.conn
            .create_scalar_function(name, arguments, FunctionFlags::SQLITE_UTF8, move |context| {
                function(context)
            })
            .map_err(|e| sql_error(e, "the backfill cannot begin"))?;
        self.there.push((name, arguments));
        Ok(())
    }

    /// Removes them, and says so when SQLite does not let them go.
    pub(crate) fn remove(mut self) -> Result<()> {
        self.take_away().map_err(|e| sql_error(e, "the backfill cannot end"))
    }

    fn take_away(&mut self) -> rusqlite::Result<()> {
        self.there
            .drain(..)
            .try_for_each(|(name, arguments)| registered::remove_function(self.conn, name, arguments))
    }
}

impl Drop for Functions<'_> {
    /// After an error, which is what the caller hears of.
    fn drop(&mut self) {
        let _ = self.take_away();
    }
}

/// Keeps the error for whoever runs the statement, and tells SQLite to stop, which carries no more than its text.
pub(crate) fn stop(error: Error, failure: &mut Option<Error>) -> rusqlite::Error {
    let text = error.to_string();
    *failure = Some(error);
    rusqlite::Error::UserFunctionError(text.into())
}

/// What a function works on. It lies where no other thread can see it, so that no row waits for a lock, and is left where
/// whoever registered the function finds it when SQLite lets go of that.
pub(crate) struct Keeper<T> {
    kept: RefCell<Option<T>>,
    left: Left<T>,
}

/// Where a [`Keeper`] leaves what it kept.
pub(crate) struct Left<T>(Arc<Mutex<Option<T>>>);

impl<T> Keeper<T> {
    /// Keeps `kept`.
    pub(crate) fn new(kept: T) -> (Keeper<T>, Left<T>) {
        let left = Arc::new(Mutex::new(None));
        (Keeper { kept: RefCell::new(Some(kept)), left: Left(Arc::clone(&left)) }, Left(left))
    }

    /// Works on it; `None` once it is left.
    #[inline]
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.kept.borrow_mut().as_mut().map(work)
    }
}

impl<T> Left<T> {
    /// What was kept, once the functions are removed.
    pub(crate) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Drop for Keeper<T> {
    fn drop(&mut self) {
        *self.left.0.lock().unwrap_or_else(PoisonError::into_inner) = self.kept.take();
    }
}
