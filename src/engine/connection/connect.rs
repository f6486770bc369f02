//! Opening a database file: without surprises for writing, without traces for reading.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::lock::{Patience, wait_for_locks};
use super::stamp::{Stamp, size};
use crate::base::error::{Advice, Error, ErrorKind, Result};
use crate::base::escape::uri_path;
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::engine::contract::database_name::{Identity, beside, has_other_names};
use crate::engine::diagnosis::errors;
use crate::engine::{Access, OpenOptions};

/// An open connection and what must be known about its file.
pub(crate) struct Opened {
    pub(crate) conn: Connection,
    /// Which file it is.
    pub(crate) identity: Option<Identity>,
    /// Whether the file did not exist before.
    pub(crate) created: bool,
    /// Set when the file is read without locks: what must still hold after reading.
    pub(crate) unlocked: Option<Stamp>,
}

/// Opens `file`.
pub(crate) fn open(file: &Path, access: Access, options: OpenOptions, job: Job<'_>) -> Result<Opened> {
    let create = match access {
        Access::ReadOnly | Access::ReadFirst => return read_only(file, Reader::Beside, access, options, job),
        Access::ReadWrite { create } => create,
    };
    let mut refused = None;
    for _ in 0..OPENINGS {
        let exists = look(file, access, job)? != Found::Nothing;
        // Two processes may find the file missing at once: only the one that makes it may remove it again.
        let created = create && !exists && create_new(file)?;
        let before = Identity::of(file);
        let opened = Connection::open_with_flags(plain(file), writing(file, create));
        // Whoever made it may have removed it just now, and others may have made another.
        if cfg!(unix) && (before.is_none() || Identity::of(file) != before) {
            refused = opened.err();
            continue;
        }
        let conn = opened.map_err(|e| unreadable(e, file))?;
        wait_for_locks(&conn, options.lock_timeout).map_err(|e| cannot_open(e, file))?;
        return Ok(Opened { conn, identity: before, created, unlocked: None });
    }
    // A link to where no file can be made.
    Err(match refused {
        Some(error) => unreadable(error, file),
        None => changed_meanwhile(&file.display().to_string()),
    })
}

/// Opens `file` for reading, which nobody else in this process has open. The transaction of the first read is left open.
pub(crate) fn open_alone(file: &Path, access: Access, options: OpenOptions, job: Job<'_>) -> Result<Opened> {
    read_only(file, Reader::Alone, access, options, job)
}

/// How often to open a file that others make and remove meanwhile.
const OPENINGS: usize = 1000;

/// Files are made by [`create_new`]; only what a link names that leads to nothing SQLite has to make.
fn writing(file: &Path, create: bool) -> OpenFlags {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let is_link = || fs::symlink_metadata(file).is_ok_and(|meta| meta.is_symlink());
    if create && is_link() { flags | OpenFlags::SQLITE_OPEN_CREATE } else { flags }
}

/// The path as SQLite takes it for that of a file: what begins with `file:` would be a URI, `:memory:` no file at all.
pub(crate) fn plain(file: &Path) -> Cow<'_, Path> {
    let name = file.as_os_str().as_encoded_bytes();
    if name.starts_with(b"file:") || name.starts_with(b":") {
        return Path::new(".").join(file).into();
    }
    file.into()
}

/// Makes an in-memory database for the job.
pub(crate) fn scratch(job: Job<'_>) -> Result<Connection> {
    let open = || {
        let mut conn = Connection::open_in_memory()?;
        watch(&mut conn, job)?;
        Ok(conn)
    };
    open().map_err(errors::scratch)
}

/// How many operations of SQLite's machine run between two looks at the interrupt flag: some microseconds of work.
const OPERATIONS: i32 = 2000;

/// Has a connection stop whatever it does when the job is to end. SQLite looks while it runs a statement.
pub(crate) fn watch(conn: &mut Connection, job: Job<'_>) -> rusqlite::Result<()> {
    let interrupt = job.interrupt();
    conn.progress_handler(OPERATIONS, Some(move || interrupt.is_raised()))
}

/// Takes back what [`watch`] did.
pub(crate) fn unwatch(conn: &mut Connection) -> rusqlite::Result<()> {
    conn.progress_handler(0, None::<fn() -> bool>)
}

/// What a path leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    File,
    /// A file under another name.
    Linked,
}

/// Says what is wrong with the path before SQLite does, which only says "unable to open database file", or of a file with
/// several names nothing at all.
fn look(file: &Path, access: Access, job: Job<'_>) -> Result<Found> {
    let trouble = |message: String| Error::new(ErrorKind::File, message).about(file);
    let itself = fs::symlink_metadata(file);
    let is_link = itself.as_ref().is_ok_and(fs::Metadata::is_symlink);
    match if is_link { fs::metadata(file) } else { itself } {
        Ok(meta) if meta.is_dir() => Err(trouble(format!("{} is a folder, not a database", file.display()))
            .help("name the database file in it")),
        // Opening a named pipe waits for whoever writes to it, and a device has no end.
        Ok(meta) if !meta.is_file() => {
            Err(trouble(format!("{} is not a regular file", file.display())).help("name the database file"))
        }
        Ok(meta) => {
            if has_other_names(&meta) {
                job.tell(Event::HardLinked { file, more: 0 });
            }
            Ok(if is_link { Found::Linked } else { Found::File })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(folder) = missing_folder(file) {
                return Err(trouble(format!("the folder {} does not exist", folder.display()))
                    .help(Advice::MakeFolder));
            }
            match access {
                Access::ReadWrite { create: true } => Ok(Found::Nothing),
                _ => {
                    Err(trouble(format!("there is no database {}", file.display()))
                        .help(Advice::MakeDatabase))
                }
            }
        }
        Err(error) => Err(Error::file(file, error)),
    }
}

/// The folder that lacks where a file is to be made: its own, or that of what a link to it names.
fn missing_folder(file: &Path) -> Option<PathBuf> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder
        && !folder.is_dir()
    {
        return Some(folder.to_owned());
    }
    // Links that lead in a circle are another error than that nothing is there.
    let named = fs::read_link(file).ok()?;
    missing_folder(&folder.map_or_else(|| named.clone(), |folder| folder.join(&named)))
}

fn create_new(file: &Path) -> Result<bool> {
    match fs::File::options().write(true).create_new(true).open(file) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Error::file(file, error)),
    }
}

fn cannot_open(error: rusqlite::Error, file: &Path) -> Error {
    errors::database(error, &file.display().to_string())
}

/// Who reads a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// Perhaps one of several in this process.
    Beside,
    /// Nobody else in this process: a file of our own on it closes no lock of others.
    Alone,
}

/// Opens for reading. What a killed process left in the middle of a write cannot be read: whoever writes afterwards has
/// SQLite take it back first.
fn read_only(
    file: &Path,
    reader: Reader,
    access: Access,
    options: OpenOptions,
    job: Job<'_>,
) -> Result<Opened> {
    let name = file.display().to_string();
    let mut taken_back = false;
    let mut patience = Patience::new(options.lock_timeout);
    for _ in 0..OPENINGS {
        match as_it_is(file, reader, options, job)? {
            Seen::Open(opened) => return Ok(*opened),
            Seen::Overtaken => job.check()?,
            Seen::InUse(error) => {
                let waited = patience.once_more(job.quietly());
                job.check()?;
                if !waited {
                    return Err(error);
                }
            }
            Seen::HalfWritten if access == Access::ReadFirst && !taken_back => {
                taken_back = true;
                take_back_half_a_write(file, options).map_err(|error| errors::database(error, &name))?;
            }
            Seen::HalfWritten => {
                let message =
                    format!("{name} was left in the middle of a write by a process that was killed");
                return Err(Error::new(ErrorKind::Database, message)
                    .about(&name)
                    .help(Advice::RepairByWriting));
            }
        }
    }
    Err(changed_meanwhile(&name))
}

/// What came of opening a file for reading.
enum Seen {
    Open(Box<Opened>),
    /// It was left in the middle of a write.
    HalfWritten,
    /// Somebody began to write while it was opened without locks.
    Overtaken,
    /// Its log had no index, and somebody has it open all the same: who is about to make one, or to remove the log. Nobody
    /// waits for all of them to be gone, as in a moment it can be read beside them.
    InUse(Error),
}

/// Opens for reading what others write to, as each of them has it open: with a log, and an index of it, which SQLite removes
/// when the last of them is done. What was committed before a transaction began can then be read in it, however long that takes.
pub(crate) fn open_beside_others(file: &Path, options: OpenOptions, job: Job<'_>) -> Result<Opened> {
    look(file, Access::ReadOnly, job)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn =
        Connection::open_with_flags(plain(file), flags).map_err(|error| unreadable(error, file))?;
    let mut prepare = || {
        wait_for_locks(&conn, options.lock_timeout)?;
        watch(&mut conn, job)?;
        harden(&conn)?;
        conn.pragma_update(None, "query_only", true)?;
        first_read(&conn, Reader::Beside)
    };
    prepare().map_err(|error| match error.sqlite_error_code() {
        // There is no place for a log, so that it can be read only while nobody writes.
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => changed_meanwhile(&file.display().to_string()),
        _ => cannot_open(error, file),
    })?;
    Ok(Opened { conn, identity: Identity::of(file), created: false, unlocked: None })
}

/// What SQLite does with a journal that it finds when it opens a file for writing.
fn take_back_half_a_write(file: &Path, options: OpenOptions) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(plain(file), flags)?;
    wait_for_locks(&conn, options.lock_timeout)?;
    harden(&conn)?;
    match conn.query_row("PRAGMA main.schema_version", [], |_| Ok(())) {
        // Write-protected: what it was left as is what there is to say.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ReadOnly) => Ok(()),
        read => read,
    }
}

/// Opens for reading, as the file is. In rollback mode SQLite's own
/// read-only mode leaves no trace. A write-ahead log is another matter: a read-only connection makes `-wal` and `-shm` and
/// cannot remove them, so that
///
/// - a log that is in use (both files are there) is read in the ordinary way: both were there before;
/// - a database whose log is gone or empty holds everything in its file. It is read as `immutable`, without locks, and a
///   [`Stamp`] shows afterwards that nobody wrote meanwhile;
/// - an empty file is an empty database, and SQLite removes a log that it finds beside it, also when it only reads. That
///   is read as `immutable`, too, for which it does not look beside the file;
/// - a log without its index is what a copy of two files gives. It is read under an exclusive lock, for which SQLite
///   keeps the index in its own memory.
fn as_it_is(file: &Path, reader: Reader, options: OpenOptions, job: Job<'_>) -> Result<Seen> {
    let found = look(file, Access::ReadOnly, job)?;
    let name = file.display().to_string();
    let whole = |file: &Path| fs::canonicalize(file).map_err(|error| Error::file(file, error));
    // SQLite keeps its files beside the database itself, not beside a link to it.
    let file = &if found == Found::Linked { Cow::Owned(whole(file)?) } else { Cow::Borrowed(file) };
    let ordinary = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let log = size(&beside(file, "-wal"));
    let in_use = log.is_some() && beside(file, "-shm").exists();
    let stray_log = log.is_some() && size(file) == Some(0);
    let there = |error| errors::database(error, &name);
    let mut unlocked = None;
    let lacks_index = !stray_log && log.unwrap_or(0) > 0 && !in_use;
    let mut conn = if stray_log {
        immutable(file).map_err(there)?
    } else if lacks_index {
        exclusive(file)?
    } else if !in_use && needs_log(file, reader)? {
        let stamp = Stamp::take(&whole(file)?).map_err(|e| Error::file(file, e))?;
        if !stamp.holds() {
            return Ok(Seen::Overtaken);
        }
        unlocked = Some(stamp);
        immutable(file).map_err(there)?
    } else {
        Connection::open_with_flags(plain(file), ordinary).map_err(there)?
    };
    let waits = if lacks_index { Duration::ZERO } else { options.lock_timeout };
    wait_for_locks(&conn, waits).map_err(there)?;
    watch(&mut conn, job).map_err(there)?;
    harden(&conn).map_err(there)?;
    if let Err(error) = first_read(&conn, reader) {
        if lacks_index && errors::is_busy(&error) {
            return Ok(Seen::InUse(there(error)));
        }
        // Half of what a writer was at may look like damage.
        if unlocked.is_some_and(|stamp| !stamp.holds()) {
            return Ok(Seen::Overtaken);
        }
        let code = error.sqlite_error_code();
        let unwritable =
            matches!(code, Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::SystemIoFailure));
        if unwritable && log.unwrap_or(0) > 0 && !errors::lacks_files() {
            return Err(unreadable_log(file, &name));
        }
        return if code == Some(ErrorCode::ReadOnly) { Ok(Seen::HalfWritten) } else { Err(there(error)) };
    }
    if lacks_index {
        wait_for_locks(&conn, options.lock_timeout).map_err(there)?;
    }
    let opened = Opened { conn, identity: Identity::of(file), created: false, unlocked };
    Ok(Seen::Open(Box::new(opened)))
}

/// Why a write-ahead log cannot be read: it is another user's, or its index would have to be made.
fn unreadable_log(file: &Path, name: &str) -> Error {
    let closed = "close the database properly first, which removes the log";
    let another = ["-wal", "-shm"].map(|suffix| beside(file, suffix));
    let (message, help) = match another.iter().find(|file| is_forbidden(file)) {
        Some(kept) => (
            format!("{name} cannot be read without {}: permission denied", kept.display()),
            format!("allow reading that file, too, or {closed}"),
        ),
        None => (
            format!("{name} has a write-ahead log that cannot be read without writing to its folder"),
            format!("allow writing to file and folder, or {closed}"),
        ),
    };
    Error::new(ErrorKind::Database, message).about(name).help(help)
}

/// Whether a file is there that we may not read. It is not opened for that: to close it would drop the locks that SQLite
/// holds on it in this process.
#[cfg(unix)]
fn is_forbidden(file: &Path) -> bool {
    file.exists() && rustix::fs::access(file, rustix::fs::Access::READ_OK).is_err()
}

#[cfg(not(unix))]
fn is_forbidden(_: &Path) -> bool {
    false
}

/// The first read finds out what is wrong with the file. One that is alone reads on in the same transaction, and with it the
/// schema.
fn first_read(conn: &Connection, reader: Reader) -> rusqlite::Result<()> {
    conn.execute_batch("BEGIN")?;
    // Before the schema is read, for which SQLite would lock the file by itself.
    conn.query_row("PRAGMA main.schema_version", [], |_| Ok(()))?;
    if reader == Reader::Beside {
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        conn.execute_batch("COMMIT")?;
    }
    Ok(())
}

/// Opens a file that nobody writes to: without locks, and without a look at what is beside it.
fn immutable(file: &Path) -> rusqlite::Result<Connection> {
    with_parameter(file, "immutable=1")
}

/// Opens a file for reading, with a parameter of its URI.
fn with_parameter(file: &Path, parameter: &str) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri(file, parameter), flags)
}

pub(crate) fn changed_meanwhile(name: &str) -> Error {
    Error::new(ErrorKind::Locked, format!("{name} was changed by another process while it was read"))
        .about(name)
        .help("try again")
}

/// Whether the file's header asks for a write-ahead log.
fn needs_log(file: &Path, reader: Reader) -> Result<bool> {
    if beside(file, "-journal").exists() {
        return Ok(false);
    }
    match reader {
        Reader::Beside => is_refused_without_locks(file),
        Reader::Alone => asks_for_log(file).map_err(|error| Error::file(file, error)),
    }
}

/// The read version of <https://www.sqlite.org/fileformat2.html#file_format_version_numbers>.
fn asks_for_log(file: &Path) -> io::Result<bool> {
    let mut header = Vec::with_capacity(HEADER);
    fs::File::open(file)?.take(HEADER as u64).read_to_end(&mut header)?;
    Ok(header.starts_with(b"SQLite format 3\0") && header.get(19) == Some(&2))
}

/// As much of a file's header as says how it is written.
const HEADER: usize = 20;

/// The same asked of SQLite, which opens and closes files without losing the locks that this process has on them: without
/// locking, it refuses a file with a log before it makes any.
fn is_refused_without_locks(file: &Path) -> Result<bool> {
    let probe = with_parameter(file, "nolock=1").map_err(|e| unreadable(e, file))?;
    match probe.query_row("PRAGMA schema_version", [], |_| Ok(())) {
        Err(error) => Ok(error.sqlite_error_code() == Some(ErrorCode::CannotOpen)),
        Ok(()) => Ok(false),
    }
}

/// The operating system's reason why a file cannot be opened, where it has one.
fn unreadable(error: rusqlite::Error, file: &Path) -> Error {
    // SQLite could not open it, so that no lock of ours can be lost by opening it here.
    match fs::File::open(file) {
        Err(reason) => Error::file(file, reason),
        Ok(_) => cannot_open(error, file),
    }
}

fn exclusive(file: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags(plain(file), flags)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        conn.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(()))?;
        conn.pragma_update(None, "query_only", true)?;
        Ok(conn)
    };
    open().map_err(|e| unreadable(e, file))
}

/// The settings for a database whose content is not trusted
/// (<https://www.sqlite.org/security.html#untrusted_sqlite_database_files>).
fn harden(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    Ok(())
}

/// Between two statements, what [`watch`] is while one runs: SQLite does not look in a short one, nor in the middle of most
/// that it compiles.
///
/// # Errors
/// `SQLITE_INTERRUPT` when the job is to end.
pub(crate) fn check(job: Job<'_>) -> rusqlite::Result<()> {
    if job.is_stopped() { Err(errors::interrupt()) } else { Ok(()) }
}

/// `file` as a URI filename (<https://www.sqlite.org/uri.html>).
fn uri(file: &Path, parameters: &str) -> String {
    let file = file.as_os_str().as_encoded_bytes();
    // `//name` would name a host.
    let host = if file.starts_with(b"//") { "//" } else { "" };
    format!("file:{host}{}?{parameters}", uri_path(file))
}
