//! `DATABASE_URL`, in which other programs are told of their database: in the environment, or in a file `.env`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::config::variable;
use super::keys::DATABASE_URL;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::{Location, SourceFile};

/// The file's name.
const FILE_NAME: &str = ".env";

/// Where Prisma has its schema, from whose folder it reads relative paths.
const PRISMA: &str = "prisma/schema.prisma";

/// The value in the `.env` of one of the folders, the first that has one, and where it stands. Other lines of such a file,
/// whatever is wrong with them, are none of ours.
///
/// # Errors
/// `File` when there is a `.env` that cannot be read; `Config` when the value is to be put together from variables.
pub(super) fn in_files<'f>(
    folders: impl IntoIterator<Item = &'f Path>,
) -> Result<Option<(String, Location)>> {
    for folder in folders {
        let path = folder.join(FILE_NAME);
        if !path.is_file() {
            continue;
        }
        let file = SourceFile::read(&path)?;
        let mut found = None;
        let mut start = 0;
        for line in file.text().split_inclusive('\n') {
            if let Some((value, at)) = assigned(line) {
                found = Some((value, file.location(start + at)));
            }
            start += line.len();
        }
        let Some((value, at)) = found else { continue };
        if let Value::Expanded(text) = &value
            && let Some(name) = variable(text)
        {
            let message = format!("{DATABASE_URL} holds the variable {name}, and planctl expands none");
            return Err(Error::new(ErrorKind::Config, message)
                .at(Location { text: String::new(), ..at })
                .help("set PLANCTL_DB in the environment, or `db` in planctl.toml"));
        }
        let (Value::Expanded(text) | Value::Literal(text)) = value;
        if !text.is_empty() {
            return Ok(Some((text, at)));
        }
    }
    Ok(None)
}

/// A value, and whether a shell would expand it.
enum Value {
    Expanded(String),
    Literal(String),
}

/// What a line assigns to the variable, and where in the line that stands: `[export ]DATABASE_URL=…`, in quotes or up to a
/// comment.
fn assigned(line: &str) -> Option<(Value, usize)> {
    let text = line.trim_start().trim_start_matches('\u{feff}');
    let text = text.strip_prefix("export ").map_or(text, str::trim_start);
    let rest = text.strip_prefix(DATABASE_URL)?.trim_start().strip_prefix('=')?.trim();
    let at = rest.as_ptr().addr().saturating_sub(line.as_ptr().addr());
    let within = |quote| rest.strip_prefix(quote).and_then(|rest| Some(rest.split_once(quote)?.0.to_owned()));
    let value = if let Some(text) = within('\'') {
        Value::Literal(text)
    } else if let Some(text) = within('"') {
        Value::Expanded(text)
    } else {
        Value::Expanded(rest.split_once(" #").map_or(rest, |(text, _)| text.trim_end()).to_owned())
    };
    Some((value, at))
}

/// The database in planctl's terms: the settings of the connection that other programs have in their URLs are left out. A
/// relative `file:` path is Prisma's, which starts from the folder of its schema where `folder` has one.
pub(super) fn understood(url: &OsStr, folder: &Path) -> OsString {
    let Some((text, scheme)) = url.to_str().and_then(|text| Some((text, text.split_once(':')?.0))) else {
        return url.to_owned();
    };
    let is = |known: &str| scheme.eq_ignore_ascii_case(known);
    if !is("sqlite") && !is("file") {
        return url.to_owned();
    }
    let (path, parameters) = text.split_once('?').unwrap_or((text, ""));
    let mode = parameters.split('&').find(|parameter| parameter.starts_with("mode="));
    let path = match path.split_once(':') {
        Some((scheme, path)) if is("file") && !path.starts_with('/') && folder.join(PRISMA).is_file() => {
            let base = PathBuf::from(PRISMA);
            let base = base.parent().unwrap_or(Path::new(""));
            format!("{scheme}:{}/{}", base.display(), path.trim_start_matches("./"))
        }
        _ => path.to_owned(),
    };
    mode.map_or(path.clone(), |mode| format!("{path}?{mode}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_a_file_is_read_and_no_other_one_matters() {
        let dir = tempfile::tempdir().unwrap();
        let read = |text: &str| {
            std::fs::write(dir.path().join(".env"), text).unwrap();
            in_files([dir.path()]).map(|found| found.map(|(value, at)| (value, at.line, at.column)))
        };
        let url = |line| Some(("sqlite:a.db".to_owned(), line, 14));
        assert_eq!(read("MSG=it's \"broken\n= =\nDATABASE_URL=sqlite:a.db # main\n").unwrap(), url(3));
        assert_eq!(read("DATABASE_URL='sqlite:a.db'").unwrap(), url(1));
        assert_eq!(read("DATABASE_URL=x\r\nDATABASE_URL=\"sqlite:a.db\"\r\n").unwrap(), url(2));
        assert_eq!(read("export DATABASE_URL=sqlite:a.db").unwrap().unwrap().0, "sqlite:a.db");
        for none in ["", "# DATABASE_URL=x", "DATABASE_URL=", "DATABASE_URL_2=x", "MY_DATABASE_URL=x"] {
            assert_eq!(read(none).unwrap(), None, "{none}");
        }
        assert_eq!(read("DATABASE_URL='a$X.db'").unwrap().unwrap().0, "a$X.db");
        let error = read("DATABASE_URL=postgres://me:secret@${HOST}/x").unwrap_err();
        assert!(error.message().contains("the variable HOST") && error.location().unwrap().text.is_empty());
    }

    #[test]
    fn what_other_programs_write_is_understood() {
        let dir = tempfile::tempdir().unwrap();
        let read = |text: &str| understood(text.as_ref(), dir.path()).into_string().unwrap();
        assert_eq!(read("sqlite://a.db?cache=shared&mode=rwc"), "sqlite://a.db?mode=rwc");
        assert_eq!(read("file:./dev.db?connection_limit=1"), "file:./dev.db");
        assert_eq!(read("postgres://a?b=c"), "postgres://a?b=c");
        assert_eq!(read("a?b.db"), "a?b.db");
        std::fs::create_dir(dir.path().join("prisma")).unwrap();
        std::fs::write(dir.path().join(PRISMA), "").unwrap();
        assert_eq!(read("file:./dev.db?connection_limit=1"), "file:prisma/dev.db");
        assert_eq!(
            (read("file:/a/dev.db"), read("sqlite:dev.db")),
            ("file:/a/dev.db".into(), "sqlite:dev.db".into())
        );
    }
}
