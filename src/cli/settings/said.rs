//! What was said of a setting, and by whom: on the command line, in the environment, in `planctl.toml`.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::config;
use super::config::{ConfigFile, Table};
use super::database_url;
use super::flags::GlobalFlags;
use super::keys::{DATABASE_URL, DB, DEVIATIONS, FILE_NAME, Key, KeyKind, REPORTS};
use super::sections::Sections;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::escape::shell_word;
use crate::base::nearest::did_you_mean;
use crate::base::source::{Location, SourceFile};

/// Where a value comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The command line.
    Flag(&'static str),
    /// An environment variable.
    Env(&'static str),
    /// A settings file.
    File(Location),
    /// `DATABASE_URL` of a file `.env`.
    DotEnv(Location),
    /// Nobody said anything.
    Default(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) => write!(f, "--{name}"),
            Origin::Env(name) => write!(f, "the environment variable {name}"),
            Origin::File(location) => write!(f, "{location}"),
            Origin::DotEnv(location) => write!(f, "{DATABASE_URL} in {location}"),
            Origin::Default(name) => write!(f, "the default of --{name}"),
        }
    }
}

/// Reads an environment variable.
pub type Env<'e> = dyn Fn(&str) -> Option<OsString> + 'e;

/// All that was said, by whomever.
#[derive(Clone)]
pub(super) struct Said<'e> {
    pub(super) env: &'e Env<'e>,
    file: Option<Rc<ConfigFile>>,
    pub(super) flags: GlobalFlags,
    /// The name of the database that was chosen among those of the file.
    pub(super) database: Option<String>,
    /// Where the defaults start from: the folder of the `planctl.toml` that was found, as a project's root.
    pub(super) root: PathBuf,
}

impl<'e> Said<'e> {
    /// Reads the settings file: the one of `--config`, which must exist, or the nearest `planctl.toml` from `cwd` upwards.
    ///
    /// # Errors
    /// As [`ConfigFile::read`].
    pub(super) fn read(flags: GlobalFlags, env: &'e Env<'e>, cwd: &Path) -> Result<Said<'e>> {
        let (file, root) = match &flags.config {
            // A file that is named says which settings; it does not say where the project is.
            Some(path) => {
                let file = ConfigFile::read(path).map_err(|error| match error.help_text() {
                    None if error.kind() == ErrorKind::File => {
                        error.help("check the path that --config names")
                    }
                    _ => error,
                })?;
                (Some(file), PathBuf::new())
            }
            None => match config::find(cwd) {
                Some(path) => {
                    let file = ConfigFile::parse(SourceFile::read_as(&cwd.join(&path), path)?)?;
                    let root = file.dir().to_owned();
                    (Some(file), root)
                }
                None => (None, PathBuf::new()),
            },
        };
        let database = flags.database.clone();
        let said = Said { env, file: file.map(Rc::new), flags, database, root };
        said.verify_known()?;
        Ok(said)
    }

    /// Whether there is a settings file.
    pub(super) fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// The folder that relative paths in the settings file start from; empty for the working directory.
    pub(super) fn file_dir(&self) -> &Path {
        self.file.as_ref().map_or(Path::new(""), |file| file.dir())
    }

    /// Whether there is a database of the name that was asked for.
    fn verify_known(&self) -> Result<()> {
        let Some(name) = self.database.as_ref().filter(|_| self.chosen().is_none()) else { return Ok(()) };
        let message = match &self.file {
            Some(file) => format!("{} has no database `{name}`", file.dir().join(FILE_NAME).display()),
            None => format!("there is no {FILE_NAME} that names a database `{name}`"),
        };
        Err(Error::new(ErrorKind::Usage, message).help(match self.names() {
            _ if Path::new(name).is_file() => {
                format!("--database takes such a name; to name a file, write --db {}", shell_word(name))
            }
            names if names.is_empty() => {
                "name a path with --db, or add a table [databases.NAME] with `db` in it".to_owned()
            }
            names => did_you_mean(name, names),
        }))
    }

    /// The databases of the file, by name.
    fn names(&self) -> Vec<&str> {
        self.file.iter().flat_map(|file| file.databases().keys()).map(String::as_str).collect()
    }

    /// What the file says of the chosen database itself.
    pub(super) fn chosen(&self) -> Option<&Table> {
        self.file.as_ref()?.databases().get(self.database.as_ref()?)
    }

    /// The databases of the file, by name; first the one that its top level names, beside others.
    pub(super) fn each(&self) -> Vec<(Option<String>, Said<'e>)> {
        let names = self.names();
        if self.database.is_some() || names.is_empty() {
            return vec![(None, self.clone())];
        }
        let named = names
            .into_iter()
            .map(|name| (Some(name.to_owned()), Said { database: Some(name.to_owned()), ..self.clone() }));
        let top = self.file.as_ref().is_some_and(|file| file.top().get(&DB).is_some());
        top.then(|| (Some(TOP.to_owned()), self.clone())).into_iter().chain(named).collect()
    }

    /// What names the database: a setting, else what other programs are told.
    pub(super) fn named_db(&self) -> Result<Option<(OsString, Origin)>> {
        let said = self.raw(&DB)?;
        if said.is_some() || self.database.is_some() {
            return Ok(said);
        }
        if let Some(url) = (self.env)(DATABASE_URL).filter(|url| !url.is_empty()) {
            return Ok(Some((database_url::understood(&url, Path::new("")), Origin::Env(DATABASE_URL))));
        }
        let found = database_url::in_files([self.root.as_path(), Path::new("")])?;
        Ok(found.map(|(url, at)| {
            let folder = at.file.parent().unwrap_or(Path::new(""));
            (database_url::understood(OsStr::new(&url), folder), Origin::DotEnv(at))
        }))
    }

    /// What the tables of the file say.
    pub(super) fn sections(&self) -> Sections {
        let top = self.file.as_ref().map(|file| file.top().sections.clone()).unwrap_or_default();
        self.chosen().map_or(top.clone(), |own| own.sections.over(&top))
    }

    /// What was said, else the default.
    pub(super) fn value(&self, key: &Key) -> Result<(OsString, Origin)> {
        Ok(self.raw(key)?.unwrap_or((key.default.into(), default_of(key))))
    }

    /// What was said, if anything was.
    ///
    /// # Errors
    /// `Usage` when a flag is empty, or when it depends on which database is meant.
    pub(super) fn raw(&self, key: &Key) -> Result<Option<(OsString, Origin)>> {
        let said = self.list(key)?;
        Ok(said.and_then(|(values, origin)| Some((values.into_iter().next()?, origin))))
    }

    /// The same, where several values can be said.
    ///
    /// # Errors
    /// As [`Said::raw`].
    pub(super) fn list(&self, key: &Key) -> Result<Option<(Vec<OsString>, Origin)>> {
        if let Some(value) = self.flags.of(key) {
            if value.is_empty() {
                return Err(Error::new(ErrorKind::Usage, format!("the value of --{} is empty", key.name))
                    .help("name a path, or leave the option out to have the setting's value"));
            }
            return Ok(Some((vec![value.to_owned()], Origin::Flag(key.name))));
        }
        let in_file = |table: &Table| {
            let (values, at) = table.get(key)?;
            Some((values.iter().map(OsString::from).collect(), Origin::File(at.clone())))
        };
        // Whoever chose a database on the command line means what stands there of it.
        if let Some(own) = self.chosen().and_then(in_file) {
            return Ok(Some(own));
        }
        // Shells and CI systems hand on empty variables for "not set".
        if let Some(value) = (self.env)(key.env).filter(|value| !value.is_empty()) {
            let values = match key.kind {
                KeyKind::List => std::env::split_paths(&value).map(PathBuf::into_os_string).collect(),
                KeyKind::Text | KeyKind::Switch => vec![value],
            };
            return Ok(Some((values, Origin::Env(key.env))));
        }
        // Which database it is, no other one says.
        let Some(file) = self.file.as_ref().filter(|_| self.database.is_none() || key.name != DB.name) else {
            return Ok(None);
        };
        match in_file(file.top()) {
            None if self.database.is_none() => {
                let says = file.databases().values().any(|database| database.get(key).is_some());
                if says { Err(self.which(key)) } else { Ok(None) }
            }
            found => Ok(found),
        }
    }

    /// Several databases have a setting, and none of them was chosen.
    fn which(&self, key: &Key) -> Error {
        let names = self.names().iter().map(|name| format!("-d {name}")).collect::<Vec<_>>().join(" or ");
        let message = format!("planctl.toml has several databases, and none was chosen for `{}`", key.name);
        Error::new(ErrorKind::Usage, message).help(format!("choose one with {names}"))
    }

    /// The folder that a path starts from.
    pub(super) fn base<'s>(&'s self, origin: &'s Origin) -> &'s Path {
        match (origin, &self.file) {
            (Origin::File(_), Some(file)) => file.dir(),
            (Origin::DotEnv(at), _) => at.file.parent().unwrap_or(Path::new("")),
            // What is beside the spec by default has the spec's own base already.
            (Origin::Default(name), _) if ![DEVIATIONS.name, REPORTS.name].contains(name) => &self.root,
            _ => Path::new(""),
        }
    }
}

/// How a report names what the top level of the file says, among databases that have names.
const TOP: &str = "(top level)";

pub(super) fn default_of(key: &Key) -> Origin {
    Origin::Default(key.name)
}
