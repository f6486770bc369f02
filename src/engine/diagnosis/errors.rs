//! SQLite's errors in the words of this program.

use std::fs;
use std::io;
use std::path::{self, Path};

use rusqlite::{ErrorCode, ffi};

use crate::base::error::{Advice, Error, ErrorKind, OPEN_FEWER, is_out_of_files};
use crate::base::words::{abridged, thousands};
use crate::engine::contract::database_name::{KEPT_BESIDE, beside};
use crate::sql::LONGEST_PATH;

/// How many characters of a message are told.
const TOLD: usize = 500;

/// SQLite's own message, without the code and the statement that rusqlite adds. It may quote an expression of any length, or
/// name all the columns of a key.
pub(crate) fn message(error: &rusqlite::Error) -> String {
    as_told(&whole_message(error))
}

/// Of a message as much as is told.
pub(super) fn as_told(message: &str) -> String {
    abridged(message, TOLD).into_owned()
}

/// The same, all of it.
pub(super) fn whole_message(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::SqliteFailure(code, Some(message)) if code.code == ErrorCode::SystemIoFailure => {
            format!("{message} (code {})", code.extended_code)
        }
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}

/// Where in the statement that was compiled it stands, in bytes, when SQLite says it.
pub(crate) fn offset(error: &rusqlite::Error) -> Option<usize> {
    match error {
        rusqlite::Error::SqlInputError { offset, .. } => usize::try_from(*offset).ok(),
        _ => None,
    }
}

/// Whether another connection is in the way, so that trying again can help.
pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Whether a connection of this process is in the way that shares its cache with ours. SQLite itself does not wait for it.
fn is_shared(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_LOCKED_SHAREDCACHE)
}

/// As [`is_shared`], of an error that is already in the words of this program.
pub(crate) fn is_shared_cache(error: &Error) -> bool {
    let Some(source) = std::error::Error::source(error) else { return false };
    match (source.downcast_ref::<Sqlite>(), source.downcast_ref::<rusqlite::Error>()) {
        (Some(error), _) => error.shared_cache,
        (None, Some(error)) => is_shared(error),
        (None, None) => false,
    }
}

/// Whether a disk has no room left, of an error that is already in the words of this program.
pub(crate) fn is_disk_full(error: &Error) -> bool {
    let source = std::error::Error::source(error).and_then(<dyn std::error::Error>::downcast_ref::<Sqlite>);
    source.is_some_and(|error| error.code == Some(ErrorCode::DiskFull))
}

/// Who holds the lock that `error` is about.
pub(crate) fn holder(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseLocked) => "another connection of this process",
        _ => "another process",
    }
}

/// Whether a row breaks a constraint, or a trigger refuses it.
pub(crate) fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

/// Whether the statement was interrupted.
pub(crate) fn is_interrupt(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

/// Whether the file, the disk or a lock is the cause, not the statement.
pub(crate) fn is_about_the_file(error: &rusqlite::Error) -> bool {
    use ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseCorrupt, DiskFull, NotADatabase, ReadOnly, SystemIoFailure,
    };
    is_shared(error)
        || matches!(
            error.sqlite_error_code(),
            Some(
                CannotOpen
                    | DatabaseBusy
                    | DatabaseCorrupt
                    | DiskFull
                    | NotADatabase
                    | ReadOnly
                    | SystemIoFailure
            )
        )
}

/// What came of it, nothing where SQLite refuses. To be stopped is no answer, and stays an error.
pub(crate) fn answer<T>(result: rusqlite::Result<T>) -> rusqlite::Result<Option<T>> {
    match result {
        Err(error) if is_interrupt(&error) => Err(error),
        other => Ok(other.ok()),
    }
}

/// What SQLite says of a statement that was interrupted.
pub(crate) fn interrupt() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_INTERRUPT), None)
}

/// What SQLite says of a database whose file is no longer where it was opened, when it begins to write to it.
pub(crate) fn moved() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_READONLY_DBMOVED), None)
}

fn is_moved(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_READONLY_DBMOVED)
}

/// The error that ends a run which the user stopped.
pub(crate) use crate::base::job::stopped as interrupted;

/// Trouble with the database `db` itself, as opposed to a statement of the user's.
pub(crate) fn database(error: rusqlite::Error, db: &str) -> Error {
    let code = error.sqlite_error_code();
    let said = message(&error);
    let shared_cache = is_shared(&error);
    let error = match code {
        Some(ErrorCode::NotADatabase) => {
            Error::new(ErrorKind::Database, format!("{db} is not a SQLite database"))
                .note(said.clone())
                .help("check the path; an encrypted database looks like this, too")
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            Error::new(ErrorKind::Database, format!("{db} is damaged: {said}"))
                .help("`sqlite3 FILE \".recover\"` saves what can be read; restore a backup if there is one")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            let holder = holder(&error);
            Error::new(ErrorKind::Locked, format!("{db} is locked by {holder}")).help(Advice::WaitLonger)
        }
        Some(ErrorCode::OperationInterrupted) => return interrupted(),
        Some(ErrorCode::ReadOnly) if is_moved(&error) => Error::new(
            ErrorKind::Database,
            format!("{db} was moved, removed or replaced while planctl wrote to it"),
        )
        .help("nothing of that was committed: see that the right file is in its place, and try again"),
        Some(ErrorCode::ReadOnly) => {
            Error::new(ErrorKind::Database, format!("{db} cannot be written: {said}")).help(in_the_way(db))
        }
        Some(ErrorCode::DiskFull) => Error::new(ErrorKind::Database, format!("{db}: the disk is full"))
            .help("free some space; the database is unchanged"),
        Some(ErrorCode::CannotOpen) if lacks_files() => {
            Error::new(ErrorKind::Database, format!("{db} cannot be opened: too many files are open"))
                .help(OPEN_FEWER)
        }
        Some(ErrorCode::CannotOpen) => {
            Error::new(ErrorKind::Database, format!("{db} cannot be opened: {said}")).help(in_the_way(db))
        }
        Some(ErrorCode::SystemIoFailure) => Error::new(ErrorKind::Database, format!("{db}: {said}"))
            .help("see whether the disk is full or damaged, or files may not become larger (`ulimit -f`); what was committed is in the database"),
        _ => Error::new(ErrorKind::Database, format!("{db}: {said}")),
    };
    error.about(db).caused_by(Sqlite { code, said, shared_cache })
}

/// An error that was told without the name of its database: where the file is the cause, as [`database`] tells it.
pub(crate) fn of_file(error: Error, db: &str) -> Error {
    let source = std::error::Error::source(&error).and_then(<dyn std::error::Error>::downcast_ref);
    let cause = match source {
        Some(rusqlite::Error::SqliteFailure(code, said)) => {
            rusqlite::Error::SqliteFailure(*code, said.clone())
        }
        _ => return error,
    };
    if is_about_the_file(&cause) && !is_busy(&cause) {
        return database(cause, db).note(error.message().to_owned());
    }
    error
}

/// How many files SQLite opens for a database: itself, a log, its index, and what it puts aside.
const FILES: usize = 4;

/// Whether as many files cannot be opened as SQLite needs: it does not say why it could not, and has closed some again. The
/// root is a folder that is always there, and one on which SQLite has no locks that could be lost.
pub(crate) fn lacks_files() -> bool {
    let opened: io::Result<Vec<fs::File>> = (0..FILES).map(|_| fs::File::open("/")).collect();
    opened.is_err_and(|error| is_out_of_files(&error))
}

/// What may keep SQLite from opening a file, which it does not say.
fn in_the_way(db: &str) -> String {
    let file = fs::canonicalize(db).or_else(|_| path::absolute(db)).unwrap_or_else(|_| db.into());
    let length = file.as_os_str().len();
    if cfg!(unix) && length > LONGEST_PATH {
        let most = format!(
            "SQLite opens paths of up to {LONGEST_PATH} bytes, and this one has {}",
            thousands(length)
        );
        return format!("{most}: move the database to a folder that is less deep, or give it a shorter name");
    }
    let too_long = |suffix| {
        let found = fs::symlink_metadata(beside(&file, suffix));
        found.is_err_and(|error| error.kind() == io::ErrorKind::InvalidFilename)
    };
    if KEPT_BESIDE.into_iter().any(too_long) {
        return "give it a shorter name: SQLite keeps a file beside it that is called the same and `-journal`".to_owned();
    }
    permissions(&file)
}

/// Which files have to be readable and writable. Those that SQLite keeps beside the database may be another user's.
fn permissions(file: &Path) -> String {
    let kept = KEPT_BESIDE.map(|suffix| beside(file, suffix)).into_iter().filter(|file| file.exists());
    let kept = kept.filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned()));
    match kept.collect::<Vec<_>>().join(" and ") {
        none if none.is_empty() => {
            "check the permissions of the file and of its folder, where SQLite keeps its journal".to_owned()
        }
        kept => format!("check the permissions of the file, of {kept} beside it, and of their folder"),
    }
}

/// Trouble with a database in memory that planctl made for itself.
pub(crate) fn scratch(error: rusqlite::Error) -> Error {
    database(error, "the shadow database")
}

/// The error underneath, with the code that scripts may look for.
#[derive(Debug, thiserror::Error)]
#[error("SQLite: {said}{}", .code.map(|code| format!(" ({code:?})")).unwrap_or_default())]
struct Sqlite {
    code: Option<ErrorCode>,
    said: String,
    /// Whether it is about a lock of a shared cache.
    shared_cache: bool,
}
