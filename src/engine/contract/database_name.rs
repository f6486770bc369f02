//! The forms in which a database can be named: the one reader of them, for the command line, its settings and
//! applications.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::options::Access;
use super::server_name::{Credentials, ServerName};
use crate::base::error::{Advice, Error, ErrorKind, Result};

/// Where a database is, and what whoever named it permits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DatabaseName {
    /// In a file.
    File(FileName),
    /// On a server. Most databases are files, and a fleet has many.
    Server(Box<ServerName>),
}

/// A file that is a database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileName {
    path: PathBuf,
    mode: Option<Mode>,
}

/// `mode` of a database's URL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    /// `ro`: it is not written.
    ReadOnly,
    /// `rw`: it is not made.
    ReadWrite,
    /// `rwc`: it is made where it is missing, if the command makes databases.
    Create,
}

/// Schemes of other programs that a name can begin with without `//`.
const FOREIGN: [&str; 14] = [
    "jdbc",
    "sqlite3",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mssql",
    "sqlserver",
    "oracle",
    "mongodb",
    "redis",
    "d1",
    "http",
    "https",
];

const FILES: &str =
    "it works on SQLite files (PATH or sqlite:PATH) and on servers (rqlite://HOST, libsql://HOST)";

/// Servers of whose protocols planctl knows none.
const SERVERS: [&str; 4] = ["turso", "ws", "wss", "d1"];

impl DatabaseName {
    /// Reads a name: a path, `sqlite:PATH`, `sqlite://PATH` or `file:URI` (<https://sqlite.org/uri.html>). In the URL forms `%41`
    /// stands for a byte, and `?mode=ro`, `rw` or `rwc` says what may be done with the file. A file whose own name looks like
    /// a URL is named as `./sqlite:odd.db`.
    ///
    /// # Errors
    /// `Usage` when it names a database in memory, another program's kind of database, a host, or has parameters that mean
    /// nothing here.
    pub fn parse(given: &OsStr) -> Result<DatabaseName> {
        // A name that is not UTF-8 can only be a path.
        let Some(text) = given.to_str() else { return Ok(PathBuf::from(given).into()) };
        let name = match text.split_once(':') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("sqlite") => {
                let rest = rest.strip_prefix("//").unwrap_or(rest);
                // SQLite's own URIs may end in a fragment, which it skips; in a URL of this form nobody does.
                if rest.contains('#') {
                    return Err(usage(format!("`{text}` holds a `#`"))
                        .help("write `%23` where it belongs to the file's name"));
                }
                url(text, rest)?
            }
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") => {
                let rest = local(text, rest)?;
                url(text, rest.split_once('#').map_or(rest.as_str(), |(before, _)| before))?
            }
            Some((scheme, rest)) => {
                if let Some(server) = ServerName::parse(scheme, rest) {
                    return server.map(|server| DatabaseName::Server(Box::new(server)));
                }
                if let Some(error) = foreign(scheme, rest) {
                    return Err(error);
                }
                PathBuf::from(text).into()
            }
            None => PathBuf::from(text).into(),
        };
        match name.file().map(Path::as_os_str) {
            Some(path) if path == ":memory:" => Err(memory()),
            Some(path) if path.is_empty() => {
                Err(usage("the database has no name".to_owned()).help(Advice::NameDatabase))
            }
            _ => Ok(name),
        }
    }

    /// Says of an error that this database is what it is about, as [`Error::about`] does. A server is no path.
    pub fn about(&self, error: Error) -> Error {
        match self.file() {
            Some(file) => error.about(file),
            None => error,
        }
    }

    /// What of `wanted` the name permits.
    ///
    /// # Errors
    /// `Usage` when it permits reading only, and something is to be written.
    pub fn permitted(&self, wanted: Access) -> Result<Access> {
        let DatabaseName::File(FileName { path, mode }) = self else { return Ok(wanted) };
        match (mode, wanted) {
            (Some(Mode::ReadOnly), Access::ReadWrite { .. }) => {
                let message = format!("{} was named with `mode=ro`, for reading only", path.display());
                Err(usage(message).about(path).help("leave `mode=ro` out of its name"))
            }
            (Some(Mode::ReadOnly), Access::ReadFirst) => Ok(Access::ReadOnly),
            (Some(Mode::ReadWrite), Access::ReadWrite { .. }) => Ok(Access::ReadWrite { create: false }),
            _ => Ok(wanted),
        }
    }
}

impl fmt::Display for DatabaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseName::File(file) => write!(f, "{}", file.path.display()),
            DatabaseName::Server(server) => write!(f, "{server}"),
        }
    }
}

impl FileName {
    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl<P: Into<PathBuf>> From<P> for DatabaseName {
    /// A file, whatever its name looks like.
    fn from(path: P) -> DatabaseName {
        DatabaseName::File(FileName { path: path.into(), mode: None })
    }
}

impl From<&DatabaseName> for DatabaseName {
    fn from(name: &DatabaseName) -> DatabaseName {
        name.clone()
    }
}

impl DatabaseName {
    /// Its file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            DatabaseName::File(file) => Some(&file.path),
            DatabaseName::Server(_) => None,
        }
    }

    /// Whether its name holds a password or a token.
    pub fn has_credentials(&self) -> bool {
        matches!(self, DatabaseName::Server(server) if server.credentials != Credentials::Open)
    }

    /// Whether it is there, as far as that can be known without opening it.
    pub fn exists(&self) -> bool {
        self.file().is_none_or(Path::exists)
    }

    /// How messages name it: without anything that is secret.
    pub fn display(&self) -> impl fmt::Display + '_ {
        self
    }

    /// The same, for a path that starts from the folder `base`.
    #[must_use]
    pub fn relative_to(self, base: &Path) -> DatabaseName {
        match self {
            DatabaseName::File(file) => {
                DatabaseName::File(FileName { path: base.join(file.path), mode: file.mode })
            }
            server => server,
        }
    }
}

fn usage(message: String) -> Error {
    Error::new(ErrorKind::Usage, message)
}

fn memory() -> Error {
    usage("a database in memory would be empty in each run".to_owned()).help(Advice::NoMemory)
}

/// The path of a `file:` URI, without the host.
fn local(text: &str, rest: &str) -> Result<String> {
    let Some(after) = rest.strip_prefix("//") else { return Ok(rest.to_owned()) };
    after
        .strip_prefix("localhost/")
        .map(|path| format!("/{path}"))
        .or_else(|| after.starts_with('/').then(|| after.to_owned()))
        .ok_or_else(|| {
            usage(format!("`{text}` names a host")).help("a file URL has one slash or three after `file:`")
        })
}

/// Path and parameters of a URL.
fn url(text: &str, rest: &str) -> Result<DatabaseName> {
    let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let mut mode = None;
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        mode = Some(match parameter {
            "mode=ro" => Mode::ReadOnly,
            "mode=rw" => Mode::ReadWrite,
            "mode=rwc" => Mode::Create,
            "mode=memory" => return Err(memory()),
            _ => {
                return Err(usage(format!("`{parameter}` in `{text}` is not supported"))
                    .help("leave it out, or use `mode=ro`, `mode=rw` or `mode=rwc`"));
            }
        });
    }
    let path = decoded(path).ok_or_else(|| {
        usage(format!("`{text}` holds a `%` that does not stand for a byte of a file's name"))
            .help("write two hex digits after it; a `%` itself is `%25`")
    })?;
    Ok(DatabaseName::File(FileName { path: path.into(), mode }))
}

/// Why a name that begins with `scheme:` is none of ours; `None` when it is a path.
fn foreign(scheme: &str, rest: &str) -> Option<Error> {
    let is = |known: &&str| scheme.eq_ignore_ascii_case(known);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let is_url = is_scheme && rest.starts_with("//");
    if SERVERS.iter().any(is) && is_url {
        return Some(
            usage(format!("planctl cannot open `{scheme}:` databases"))
                .help("of servers it knows rqlite (rqlite://HOST) and libSQL with Turso (libsql://HOST)"),
        );
    }
    if !is_url && !FOREIGN.iter().any(is) {
        return None;
    }
    // What other programs call a SQLite file.
    let file = rest.rsplit("sqlite:").next().unwrap_or(rest).trim_start_matches("//");
    let error = usage(format!("planctl cannot open `{scheme}:` databases"));
    Some(if scheme.to_ascii_lowercase().contains("sqlite") || rest.starts_with("sqlite:") {
        error.help(format!("name the file by its path, or as `sqlite:{file}`"))
    } else {
        error.help(FILES)
    })
}

/// `None` when a `%` is not followed by two hex digits, or the bytes are no file name of this system.
fn decoded(text: &str) -> Option<OsString> {
    let is_byte = |text: &str| text.get(..2).is_some_and(|hex| hex.bytes().all(|c| c.is_ascii_hexdigit()));
    let bytes: Vec<u8> = percent_decode_str(text).collect();
    let is_name = text.split('%').skip(1).all(is_byte) && !bytes.contains(&0);
    is_name.then(|| name_of(bytes)).flatten()
}

#[cfg(unix)]
fn name_of(bytes: Vec<u8>) -> Option<OsString> {
    use std::os::unix::ffi::OsStringExt as _;
    Some(OsString::from_vec(bytes))
}

#[cfg(not(unix))]
fn name_of(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

/// What SQLite keeps beside a database, by what it puts behind its name.
pub(crate) const KEPT_BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

/// `plan.db` and `-wal` give `plan.db-wal`.
pub(crate) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Whether another name leads to the same file, which is no link that could be followed.
#[cfg(unix)]
pub(crate) fn has_other_names(file: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(file) > 1
}

#[cfg(not(unix))]
pub(crate) fn has_other_names(_: &std::fs::Metadata) -> bool {
    false
}

/// Which file a path leads to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// That of a path. `None` where there is no file, and on systems that do not number files.
    pub fn of(file: &Path) -> Option<Identity> {
        Identity::with_links(file).map(|(identity, _)| identity)
    }

    /// The same, and whether other names lead to the file, too: one look tells both.
    #[cfg(unix)]
    pub fn with_links(file: &Path) -> Option<(Identity, bool)> {
        use std::os::unix::fs::MetadataExt;
        let meta = std::fs::metadata(file).ok()?;
        Some((Identity { device: meta.dev(), inode: meta.ino() }, has_other_names(&meta)))
    }

    #[cfg(not(unix))]
    pub fn with_links(_: &Path) -> Option<(Identity, bool)> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(name: &str) -> Result<DatabaseName> {
        DatabaseName::parse(OsStr::new(name))
    }

    #[test]
    fn every_form_of_a_sqlite_database_names_its_file() {
        for (value, path) in [
            ("plan.db", "plan.db"),
            ("/a/b.db", "/a/b.db"),
            ("C:\\plans.db", "C:\\plans.db"),
            ("odd:name.db", "odd:name.db"),
            ("./sqlite:odd.db", "./sqlite:odd.db"),
            ("sqlite:plan.db", "plan.db"),
            ("sqlite:///a/b.db", "/a/b.db"),
            ("SQLite://rel/b.db", "rel/b.db"),
            ("sqlite:plan.db?mode=rwc", "plan.db"),
            ("sqlite://a%20b.db?mode=ro", "a b.db"),
            ("sqlite:100%25%23.db", "100%#.db"),
            ("sqlite:a%3Fb.db", "a?b.db"),
            ("file:plan.db", "plan.db"),
            ("file:plan.db?mode=rw&", "plan.db"),
            ("file:/a/b%20c.db", "/a/b c.db"),
            ("file:///a/%C3%A9.db#x", "/a/é.db"),
            ("file://localhost/a.db", "/a.db"),
        ] {
            assert_eq!(parsed(value).unwrap().file(), Some(Path::new(path)), "{value}");
        }
    }

    #[test]
    fn mode_says_what_may_be_done_with_the_file() {
        let create = Access::ReadWrite { create: true };
        let write = Access::ReadWrite { create: false };
        for (mode, wanted, permitted) in [
            ("", create, Some(create)),
            ("?mode=rwc", create, Some(create)),
            ("?mode=rwc", write, Some(write)),
            ("?mode=rw", create, Some(write)),
            ("?mode=ro", create, None),
            ("?mode=ro", write, None),
            ("?mode=ro", Access::ReadOnly, Some(Access::ReadOnly)),
            ("?mode=ro", Access::ReadFirst, Some(Access::ReadOnly)),
            ("?mode=rw", Access::ReadOnly, Some(Access::ReadOnly)),
        ] {
            let name = parsed(&format!("sqlite:a.db{mode}")).unwrap();
            assert_eq!(name.permitted(wanted).ok(), permitted, "{mode} {wanted:?}");
        }
    }

    proptest::proptest! {
        /// Law: any path, written for a URI, names that path.
        #[test]
        fn a_path_in_a_uri_is_that_path(path in "[^\\\\\0]{1,20}") {
            let uri = crate::base::escape::uri_path(path.as_bytes());
            proptest::prop_assert!(uri.is_ascii() && !uri.contains(['?', '#', ' ']), "{uri}");
            proptest::prop_assert_eq!(decoded(&uri), Some(OsString::from(path)));
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_to_do() {
        for (value, part, help) in [
            ("postgres://localhost/plans", "planctl cannot open `", "sqlite:PATH"),
            ("postgresql+psycopg://h/p", "planctl cannot open `", "sqlite:PATH"),
            ("mysql:plans", "planctl cannot open `", "sqlite:PATH"),
            ("jdbc:sqlite:app.db", "planctl cannot open `", "`sqlite:app.db`"),
            ("sqlite3:db/app.db", "planctl cannot open `", "`sqlite:db/app.db`"),
            ("sqlite+aiosqlite:///app.db", "planctl cannot open `", "by its path"),
            (
                "file:a.db?cache=shared",
                "`cache=shared` in `file:a.db?cache=shared` is not supported",
                "leave it out",
            ),
            ("sqlite:a.db?mode=rwx", "`mode=rwx`", "`mode=rwc`"),
            ("sqlite:a.db#b", "holds a `#`", "%23"),
            ("file://host/a.db", "names a host", "one slash or three"),
            ("file:a%2.db", "does not stand for a byte", "%25"),
            ("file:a%00.db", "does not stand for a byte", "%25"),
            ("sqlite:100%.db", "does not stand for a byte", "%25"),
            ("sqlite:100%", "does not stand for a byte", "%25"),
            ("sqlite:%1é", "does not stand for a byte", "%25"),
            (":memory:", "would be empty in each run", "name a file"),
            ("sqlite::memory:", "would be empty in each run", "name a file"),
            ("sqlite://:memory:", "would be empty in each run", "name a file"),
            ("file::memory:?mode=rwc", "would be empty in each run", "name a file"),
            ("file:plans?mode=memory", "would be empty in each run", "name a file"),
            ("", "has no name", "name a file"),
            ("sqlite:", "has no name", "name a file"),
            ("file:?mode=rwc", "has no name", "name a file"),
        ] {
            let error = parsed(value).unwrap_err();
            assert!(error.message().contains(part), "{value}: {error}");
            assert!(error.help_text().unwrap().contains(help), "{value}: {:?}", error.help_text());
            assert_eq!(error.kind(), ErrorKind::Usage);
        }
    }
}
