//! Where a fleet's databases are named, and the reading of it.

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::str;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::source::{SourceFile, bytes_of};
use crate::engine::{self, Access, DatabaseName, OpenOptions};
use crate::fleets::Roster;
use crate::queries::{Query, Rows, Value};

/// Where a fleet's databases are named.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Sources {
    /// Paths, URLs and globs.
    pub databases: Vec<OsString>,
    /// A file with a name on each line; `-` is standard input.
    pub from: Option<PathBuf>,
    /// A database, and a SELECT whose first column has the names.
    pub registry: Option<(DatabaseName, String)>,
    /// Paths and globs of those that are left out.
    pub exclude: Vec<String>,
    /// The folder that relative names start from; empty for the working directory.
    pub base: PathBuf,
}

/// The databases of a fleet.
#[derive(Clone, Debug)]
pub struct Named {
    /// Each once, in the order in which they were named.
    pub databases: Vec<DatabaseName>,
    /// The files among them that have other names, too.
    pub linked: Vec<PathBuf>,
}

/// Each database that is named, once, in the order in which they are named.
///
/// # Errors
/// `Usage` when none is named, for a name that is none, and for a glob that matches nothing; those of reading.
pub fn databases(sources: &Sources) -> Result<Named> {
    let base = sources.base.as_path();
    let mut roster = Roster::default();
    for glob in &sources.exclude {
        roster.exclude(glob, base)?;
    }
    for name in &sources.databases {
        roster.add(name, base)?;
    }
    if let Some(file) = &sources.from {
        let (file, bytes) = read(file)?;
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                roster.add_plain(&os(line), base).map_err(|error| {
                    error.note(format!("it is named on line {} of {}", number + 1, file.display()))
                })?;
            }
        }
    }
    if let Some((registry, select)) = &sources.registry {
        let mut names = Names { roster: &mut roster, base, rows: 0 };
        let query = query(select)?;
        let mut engine = engine::open(registry, Access::ReadOnly, OpenOptions::default(), Job::quiet())?;
        engine.run_query(&query, &[], &mut names, Job::quiet())?;
    }
    let (databases, linked) = roster.named();
    if databases.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "no database is named").help(
            "name paths, URLs or quoted globs, a file with --from, or a SELECT with --registry and --query; or put them \
             under [fleet] in planctl.toml",
        ));
    }
    Ok(Named { databases, linked })
}

fn read(file: &Path) -> Result<(PathBuf, Vec<u8>)> {
    if file != Path::new("-") {
        let bytes = bytes_of(file).map_err(|error| Error::file(file, error))?;
        return Ok((file.to_path_buf(), bytes));
    }
    let (stdin, mut bytes) = (PathBuf::from("standard input"), Vec::new());
    io::stdin().lock().read_to_end(&mut bytes).map_err(|error| Error::file(&stdin, error))?;
    Ok((stdin, bytes))
}

#[cfg(unix)]
fn os(name: &[u8]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(name.to_vec())
}

#[cfg(not(unix))]
fn os(name: &[u8]) -> OsString {
    String::from_utf8_lossy(name).into_owned().into()
}

/// A SELECT of the command line, as the query of a report: with the same limits.
fn query(select: &str) -> Result<Query> {
    Query::parse("query", SourceFile::new("--query", format!("-- title: the databases of a fleet\n{select}")))
}

struct Names<'a> {
    roster: &'a mut Roster,
    base: &'a Path,
    rows: usize,
}

impl Rows for Names<'_> {
    fn columns(&mut self, _: &[String]) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, values: &[Value<'_>]) -> Result<ControlFlow<()>> {
        self.rows += 1;
        match values.first() {
            Some(Value::Text(name)) if !name.is_empty() => {
                let added = self.roster.add_plain(name.as_ref().as_ref(), self.base);
                let told =
                    |error: Error| error.note(format!("it is named by row {} of the query", self.rows));
                added.map_err(told).map(|()| ControlFlow::Continue(()))
            }
            _ => {
                let message = format!("row {} of the query names no database", self.rows);
                let help = "its first column has to be a path or a URL; leave out what has none, with WHERE … IS NOT NULL";
                Err(Error::new(ErrorKind::Usage, message).help(help))
            }
        }
    }
}
