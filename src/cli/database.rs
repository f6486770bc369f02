//! The forms in which a database can be named.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::error::{Error, ErrorKind, Result};

/// The file that a `--db` value names: a path, `sqlite:PATH`, `sqlite://PATH` or `file:PATH`, where the last one is
/// percent-decoded as SQLite does it (<https://sqlite.org/uri.html>).
///
/// # Errors
/// [`ErrorKind::Usage`] when the URL names another kind of database, a host, or parameters.
pub fn path_of(value: &OsStr) -> Result<PathBuf> {
    let usage = |message: String| Error::new(ErrorKind::Usage, message);
    // A name that is not UTF-8 can only be a path.
    let Some(text) = value.to_str() else { return Ok(PathBuf::from(value)) };
    if text == ":memory:" {
        return Err(usage("an in-memory database would be empty in each run".to_owned())
            .help("name a file; `audit --scratch` and `check` need no database at all"));
    }
    let path = if let Some(rest) = strip_scheme(text, "sqlite") {
        OsString::from(rest.strip_prefix("//").unwrap_or(rest))
    } else if let Some(rest) = strip_scheme(text, "file") {
        let rest = match rest.strip_prefix("//") {
            Some(after) => after
                .strip_prefix("localhost/")
                .map(|path| format!("/{path}"))
                .or_else(|| after.starts_with('/').then(|| after.to_owned()))
                .ok_or_else(|| {
                    usage(format!("`{text}` names a host"))
                        .help("a file URL has one slash or three after `file:`")
                })?,
            None => rest.to_owned(),
        };
        let rest = rest.split_once('#').map_or(rest.as_str(), |(before, _)| before);
        if let Some((before, parameters)) = rest.split_once('?') {
            return Err(usage(format!(
                "the parameters `?{parameters}` of the database URL are not supported"
            ))
            .help(format!("use `file:{before}`; a command that only reads opens the database read-only")));
        }
        percent_decoded(rest)
            .ok_or_else(|| usage(format!("`{text}` holds a `%` that is not followed by two hex digits")))?
    } else if let Some((scheme, _)) = text.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) {
        return Err(usage(format!("planctl cannot open `{scheme}://` databases"))
            .help("it works on SQLite files: name one by its path, or as sqlite:PATH"));
    } else {
        OsString::from(text)
    };
    if path.is_empty() {
        return Err(usage("the database has no name".to_owned()).help("name a file: --db PATH"));
    }
    Ok(PathBuf::from(path))
}

fn strip_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (before, after) = text.split_once(':')?;
    before.eq_ignore_ascii_case(scheme).then_some(after)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// `None` when a `%` is not followed by two hex digits, or the bytes are no file name of this system.
fn percent_decoded(text: &str) -> Option<OsString> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |digit: Option<u8>| digit.and_then(|digit| char::from(digit).to_digit(16));
        match byte {
            b'%' => bytes.push(u8::try_from(hex(rest.next())? * 16 + hex(rest.next())?).ok()?),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok().filter(|name| !name.contains('\0')).map(OsString::from)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_form_of_a_sqlite_database_names_its_file() {
        for (value, path) in [
            ("plan.db", "plan.db"),
            ("/a/b.db", "/a/b.db"),
            ("C:\\plans.db", "C:\\plans.db"),
            ("odd:name.db", "odd:name.db"),
            ("sqlite:plan.db", "plan.db"),
            ("sqlite:///a/b.db", "/a/b.db"),
            ("SQLite://rel/b.db", "rel/b.db"),
            ("sqlite:100%.db", "100%.db"),
            ("file:plan.db", "plan.db"),
            ("file:/a/b%20c.db", "/a/b c.db"),
            ("file:///a/%C3%A9.db#x", "/a/é.db"),
            ("file://localhost/a.db", "/a.db"),
        ] {
            assert_eq!(path_of(OsStr::new(value)).unwrap(), Path::new(path), "{value}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_to_do() {
        for (value, part) in [
            ("postgres://localhost/plans", "planctl cannot open `postgres://` databases"),
            ("postgresql+psycopg://h/p", "planctl cannot open `postgresql+psycopg://` databases"),
            ("file:a.db?mode=ro", "the parameters `?mode=ro`"),
            ("file://host/a.db", "names a host"),
            ("file:a%2.db", "two hex digits"),
            ("file:a%00.db", "two hex digits"),
            (":memory:", "would be empty in each run"),
            ("", "has no name"),
            ("sqlite:", "has no name"),
        ] {
            let error = path_of(OsStr::new(value)).unwrap_err();
            assert!(error.message().contains(part), "{value}: {error}");
            assert_eq!(error.kind(), ErrorKind::Usage);
        }
    }
}
