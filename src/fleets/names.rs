//! The databases of a fleet, each once, in the order in which they were named.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::glob;
use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::{DatabaseName, FileIdentity};

/// Databases as they are named, one after the other.
#[derive(Default, Debug)]
pub struct Roster {
    databases: Vec<DatabaseName>,
    known: HashSet<Which>,
    excluded: HashSet<Which>,
    linked: Vec<PathBuf>,
}

/// What makes a database that database, whatever it is called.
#[derive(PartialEq, Eq, Hash, Debug)]
enum Which {
    File(FileIdentity),
    Path(PathBuf),
    Server(String),
}

impl Which {
    /// That of a name, and whether it is a file that has other names, too.
    fn of(name: &DatabaseName) -> (Which, bool) {
        let Some(file) = name.file() else { return (Which::Server(name.to_string()), false) };
        match FileIdentity::with_links(file) {
            Some((identity, is_linked)) => (Which::File(identity), is_linked),
            None => {
                let path = fs::canonicalize(file).or_else(|_| std::path::absolute(file));
                (Which::Path(path.unwrap_or_else(|_| file.to_path_buf())), false)
            }
        }
    }
}

impl Roster {
    /// Leaves out what `given` names: a database or a glob, whenever it is named. There need be none of that kind.
    ///
    /// # Errors
    /// `Usage` for a name that is none; `File` when a folder cannot be read.
    pub fn exclude(&mut self, given: &str, base: &Path) -> Result<()> {
        let names = named(given.as_ref(), base)?;
        self.excluded.extend(names.iter().map(|name| Which::of(name).0));
        Ok(())
    }

    /// Adds a path, a URL, or the files of a glob; relative ones start from `base`. A file that is named like a glob is that
    /// file.
    ///
    /// # Errors
    /// `Usage` for a name that is none, and for a glob that matches nothing.
    pub fn add(&mut self, given: &OsStr, base: &Path) -> Result<()> {
        let names = named(given, base)?;
        if names.is_empty() {
            let message = format!("no file matches `{}`", given.display());
            return Err(Error::new(ErrorKind::Usage, message)
                .help("check the pattern, and the folder that it starts from"));
        }
        names.into_iter().for_each(|name| self.add_name(name));
        Ok(())
    }

    /// Adds a name that is no glob, whatever it looks like.
    ///
    /// # Errors
    /// As [`DatabaseName::parse`].
    pub fn add_plain(&mut self, given: &OsStr, base: &Path) -> Result<()> {
        self.add_name(DatabaseName::parse(given)?.relative_to(base));
        Ok(())
    }

    fn add_name(&mut self, name: DatabaseName) {
        let (which, is_linked) = Which::of(&name);
        if self.excluded.contains(&which) {
            return;
        }
        if self.known.insert(which) {
            self.linked.extend(name.file().filter(|_| is_linked).map(Path::to_owned));
            self.databases.push(name);
        }
    }

    /// The databases, and the files among them that have other names, too.
    pub fn named(self) -> (Vec<DatabaseName>, Vec<PathBuf>) {
        (self.databases, self.linked)
    }
}

/// What a name stands for: nothing where it is a glob that matches nothing.
fn named(given: &OsStr, base: &Path) -> Result<Vec<DatabaseName>> {
    let glob = given.to_str().filter(|name| glob::is_glob(name) && !name.contains("://"));
    let Some(glob) = glob.filter(|name| !base.join(name).exists()) else {
        return Ok(vec![DatabaseName::parse(given)?.relative_to(base)]);
    };
    // Where the names start from is no pattern.
    let from = base.to_string_lossy();
    let whole = if glob.starts_with('/') || from.is_empty() {
        glob.to_owned()
    } else {
        format!("{}/{glob}", from.trim_end_matches('/').replace('[', "[[]").replace(['*', '?', '{'], "?"))
    };
    Ok(glob::files(&whole)?.into_iter().map(DatabaseName::from).collect())
}
