//! The servers that a database can be on, and what lets one in there.

use std::fmt;

use percent_encoding::percent_decode_str;

use crate::base::error::{Error, ErrorKind, Result};
use crate::sql::Target;

/// A server that speaks SQLite, as a URL names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerName {
    /// What program it is.
    pub kind: ServerKind,
    /// Its name or address; an IPv6 address stands in brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// What lets one in.
    pub credentials: Credentials,
}

/// The programs that are spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServerKind {
    /// rqlite, by its HTTP API (<https://rqlite.io/docs/api/>).
    Rqlite,
    /// A libSQL server (sqld, Turso), by Hrana over HTTP
    /// (<https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md>).
    Libsql,
}

/// What lets one in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Credentials {
    /// Nothing is asked for.
    Open,
    /// A user, with a password.
    Basic(String, Secret),
    /// A token.
    Bearer(Secret),
}

/// A text that is sent to its server and shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text, for the one request that needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl ServerKind {
    /// What SQL is written for there.
    pub fn target(self) -> Target {
        match self {
            ServerKind::Rqlite => Target::Rqlite,
            ServerKind::Libsql => Target::Libsql,
        }
    }
}

impl fmt::Display for ServerName {
    /// The URL without what is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match (self.kind, self.tls) {
            (ServerKind::Rqlite, false) => "rqlite",
            (ServerKind::Rqlite, true) => "rqlites",
            (ServerKind::Libsql, _) => "libsql",
        };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port != self.usual_port() {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(if self.kind == ServerKind::Libsql && !self.tls { "?tls=0" } else { "" })
    }
}

impl ServerName {
    fn usual_port(&self) -> u16 {
        match self.kind {
            ServerKind::Rqlite => 4001,
            ServerKind::Libsql => 443,
        }
    }

    /// Reads a URL; `None` when its scheme is none of a server's that planctl knows.
    ///
    /// # Errors
    /// `Usage` when there is no host, or something in it means nothing here. What it says shows no secret.
    pub(crate) fn parse(scheme: &str, rest: &str) -> Option<Result<ServerName>> {
        let (kind, tls) = match scheme.to_ascii_lowercase().as_str() {
            "rqlite" => (ServerKind::Rqlite, false),
            "rqlites" => (ServerKind::Rqlite, true),
            "libsql" => (ServerKind::Libsql, true),
            _ => return None,
        };
        Some(read(kind, tls, scheme, rest))
    }

    /// Whether the URL has no token, or names a user without a password.
    pub fn lacks_secret(&self) -> bool {
        match &self.credentials {
            Credentials::Open => self.kind == ServerKind::Libsql,
            Credentials::Basic(_, password) => password.0.is_empty(),
            Credentials::Bearer(_) => false,
        }
    }

    /// The same with a token or password that was named elsewhere, where the URL has none.
    #[must_use]
    pub fn with_secret(mut self, secret: Option<Secret>) -> ServerName {
        if let Some(secret) = secret.filter(|_| self.lacks_secret()) {
            self.credentials = match self.credentials {
                Credentials::Basic(user, _) => Credentials::Basic(user, secret),
                _ => Credentials::Bearer(secret),
            };
        }
        self
    }
}

fn usage(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, message)
}

fn read(kind: ServerKind, mut tls: bool, scheme: &str, rest: &str) -> Result<ServerName> {
    let form = match kind {
        ServerKind::Rqlite => "rqlite://[USER[:PASSWORD]@]HOST[:PORT]",
        ServerKind::Libsql => "libsql://HOST[:PORT][?tls=0]",
    };
    let wrong = |what: &str| usage(format!("the {scheme} URL {what}")).help(format!("write it as {form}"));
    let rest = rest.strip_prefix("//").ok_or_else(|| wrong("has no `//` after its colon"))?;
    let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    // A password may hold an `@` that nobody has encoded.
    let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
    let (address, path) = place.split_once('/').unwrap_or((place, ""));
    if !path.is_empty() {
        return Err(wrong("has a path; a server has one database"));
    }
    let mut token = None;
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        match (kind, parameter.split_once('=').unwrap_or((parameter, ""))) {
            (ServerKind::Libsql, ("tls", "0")) => tls = false,
            (ServerKind::Libsql, ("tls", "1")) => {}
            (ServerKind::Libsql, ("authToken", value)) => token = Some(plain(value).ok_or_else(not_text)?),
            (_, (name, _)) => {
                return Err(wrong(&format!("has a parameter `{name}` that is not supported")));
            }
        }
    }
    let colon = match address.rfind(']') {
        Some(bracket) => address.get(bracket..).and_then(|rest| rest.find(':')).map(|at| bracket + at),
        None => address.rfind(':'),
    };
    let (host, port) = match colon.and_then(|at| Some((address.get(..at)?, address.get(at + 1..)?))) {
        Some((host, port)) => {
            let port = port.parse().ok().filter(|port| *port > 0);
            (host, Some(port.ok_or_else(|| wrong("has a port that is not a number from 1 to 65535"))?))
        }
        None => (address, None),
    };
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if host.is_empty() || !host.chars().all(is_host) || host.contains(':') && !host.starts_with('[') {
        return Err(wrong("names no host"));
    }
    let credentials = match (kind, user, token) {
        (ServerKind::Rqlite, Some(user), _) => {
            let (user, password) = user.split_once(':').unwrap_or((user, ""));
            let (user, password) = (plain(user).ok_or_else(not_text)?, plain(password).ok_or_else(not_text)?);
            Credentials::Basic(user, Secret(password))
        }
        (ServerKind::Libsql, Some(_), _) => {
            return Err(wrong("has a user, and libSQL takes a token")
                .help("leave the user out, and give the token in the environment as PLANCTL_AUTH_TOKEN"));
        }
        (_, None, Some(token)) => Credentials::Bearer(Secret(token)),
        (_, None, None) => Credentials::Open,
    };
    let mut name = ServerName { kind, host: host.to_owned(), port: 0, tls, credentials };
    name.port = match port {
        Some(port) => port,
        None if kind == ServerKind::Libsql && !tls => {
            return Err(
                wrong("has `tls=0` and no port").help("name the port, as in libsql://localhost:8080?tls=0")
            );
        }
        None => name.usual_port(),
    };
    Ok(name)
}

fn plain(text: &str) -> Option<String> {
    percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(|text| text.into_owned())
        .filter(|text| !text.contains(['\r', '\n', '\0']))
}

fn not_text() -> Error {
    usage("a user, password or token in the URL is not text")
        .help("write `%` as `%25`, and other odd bytes as `%` and two hex digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Result<ServerName> {
        let (scheme, rest) = url.split_once(':').unwrap();
        ServerName::parse(scheme, rest).unwrap()
    }

    #[test]
    fn a_url_names_a_server_and_is_shown_without_its_secrets() {
        for (url, shown, port, tls) in [
            ("rqlite://h", "rqlite://h", 4001, false),
            ("rqlite://u:p%40ss@h:4001/", "rqlite://h", 4001, false),
            ("RQLITES://u:p@ss@db.example.org:9", "rqlites://db.example.org:9", 9, true),
            ("rqlite://[::1]:5000", "rqlite://[::1]:5000", 5000, false),
            ("rqlite://[::1]", "rqlite://[::1]", 4001, false),
            ("libsql://a-b.turso.io", "libsql://a-b.turso.io", 443, true),
            ("libsql://localhost:8080?tls=0&authToken=abc", "libsql://localhost:8080?tls=0", 8080, false),
        ] {
            let name = parsed(url).unwrap();
            assert_eq!((name.to_string().as_str(), name.port, name.tls), (shown, port, tls), "{url}");
            assert!(!format!("{name:?}").contains("ss"), "{name:?}");
        }
        let name = parsed("rqlite://u:p%40ss@h").unwrap();
        assert_eq!(name.credentials, Credentials::Basic("u".to_owned(), Secret::new("p@ss")));
    }

    #[test]
    fn what_means_nothing_is_refused_and_no_secret_is_shown() {
        for url in [
            "rqlite:h",
            "rqlite://",
            "rqlite://u:hush@",
            "rqlite://u:hush@h:0",
            "rqlite://u:hush@h:port",
            "rqlite://u:hush@h/db",
            "rqlite://u:hush@h?level=none",
            "rqlite://u:hush@h h",
            "rqlite://u:%ffhush@h",
            "libsql://u:hush@h",
            "libsql://h?authToken=hush&x=1",
            "libsql://h?tls=0&authToken=hush",
            "libsql://h?tls=2",
        ] {
            let error = parsed(url).unwrap_err();
            let all = format!("{error:?}");
            assert!(error.kind() == ErrorKind::Usage && !all.contains("hush"), "{url}: {all}");
        }
    }
}
