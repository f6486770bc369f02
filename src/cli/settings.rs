//! Settings: flag, else environment, else `planctl.toml`, else default; each value knows where it comes from.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use self::config::ConfigFile;
use self::files::{Kept, What, Written, settings_file};
pub use self::flags::GlobalFlags;
use self::fleet::FleetSection;
use self::keys::{
    AUTH_TOKEN, DB, DEVIATIONS, DOCS, KEYS, Key, LEDGER, MIGRATIONS, REPORTS, SPEC, SQLITE_VERSION, TESTS,
};
use self::sections::Sections;
use crate::audit::Others;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::{Location, SourceFile};
use crate::commands::audit::FailOn;
use crate::commands::fleet::Sources;
use crate::commands::sample;
use crate::engine::{DatabaseName, Secret};
use crate::migrations::lint::Policy;
use crate::sql::SqliteVersion;

/// Where a value comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The command line.
    Flag(&'static str),
    /// An environment variable.
    Env(&'static str),
    /// A settings file.
    File(Location),
    /// Nobody said anything.
    Default(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) => write!(f, "--{name}"),
            Origin::Env(name) => write!(f, "the environment variable {name}"),
            Origin::File(location) => write!(f, "{location}"),
            Origin::Default(name) => write!(f, "the default of --{name}"),
        }
    }
}

/// A value and where it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// Reads an environment variable.
pub type Env<'e> = dyn Fn(&str) -> Option<OsString> + 'e;

/// All that settings are made from.
pub struct Settings<'e> {
    env: &'e Env<'e>,
    file: Option<ConfigFile>,
    flags: GlobalFlags,
    /// Where the defaults start from: the folder of the `planctl.toml` that was found, as a project's root.
    root: PathBuf,
    paths: RefCell<Vec<(What, Setting<PathBuf>)>>,
    /// Files and folders that were named on the command line to be read.
    inputs: RefCell<Vec<PathBuf>>,
    /// Files that options of the command have written.
    written: RefCell<Vec<Written>>,
}

impl<'e> Settings<'e> {
    /// Reads the settings file: the one of `--config`, which must exist, or the nearest `planctl.toml` from `cwd` upwards.
    ///
    /// # Errors
    /// As [`ConfigFile::read`].
    pub fn load(flags: GlobalFlags, env: &'e Env<'e>, cwd: &Path) -> Result<Settings<'e>> {
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
        let (paths, inputs, written) = Default::default();
        Ok(Settings { env, file, flags, root, paths, inputs, written })
    }

    /// The database.
    ///
    /// # Errors
    /// As [`DatabaseName::parse`], with the place of a value in a settings file.
    pub fn db(&self) -> Result<DatabaseName> {
        let (value, origin) = self.value(&DB)?;
        let name = DatabaseName::parse(&value).map_err(|error| blame(error, &origin))?;
        let name = self.let_in(name.relative_to(self.base(&origin)));
        if let Some(file) = name.file() {
            self.paths.borrow_mut().push((What::Database, Setting { value: file.to_path_buf(), origin }));
        }
        Ok(name)
    }

    /// The folder of migration files.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the flag is empty.
    pub fn migrations(&self) -> Result<PathBuf> {
        self.path(What::Migrations, &MIGRATIONS)
    }

    /// The spec's DDL file.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the flag is empty.
    pub fn spec(&self) -> Result<PathBuf> {
        self.path(What::Spec, &SPEC)
    }

    /// The deviation ledger; without a setting the `deviations.toml` beside the spec, when it is there.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the flag is empty.
    pub fn deviations(&self, spec: &Path) -> Result<Option<PathBuf>> {
        match self.raw(&DEVIATIONS)? {
            Some((value, origin)) => Ok(Some(self.remember(What::Ledger, value.into(), origin))),
            None => {
                let beside = spec.with_file_name(LEDGER);
                let there = beside.is_file();
                Ok(there.then(|| self.remember(What::Ledger, beside, default_of(&DEVIATIONS))))
            }
        }
    }

    /// The folder of migration tests.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the flag is empty.
    pub fn tests(&self) -> Result<PathBuf> {
        self.path(What::Tests, &TESTS)
    }

    /// The folder of reports; without a setting the folder `reports` beside the spec.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the flag is empty.
    pub fn reports(&self, spec: &Path) -> Result<PathBuf> {
        let (value, origin) = match self.raw(&REPORTS)? {
            Some((value, origin)) => (value.into(), origin),
            None => (spec.with_file_name(REPORTS.name), default_of(&REPORTS)),
        };
        Ok(self.remember(What::Reports, value, origin))
    }

    /// The page about the schema that is to be up to date, if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the flag is empty.
    pub fn docs(&self) -> Result<Option<PathBuf>> {
        self.if_any(What::Page, &DOCS)
    }

    /// The database file, when one is named or the default is there.
    ///
    /// # Errors
    /// As [`Settings::db`].
    pub fn db_if_any(&self) -> Result<Option<DatabaseName>> {
        let is_named = self.raw(&DB)?.is_some();
        if is_named || self.root.join(DB.default).exists() { self.db().map(Some) } else { Ok(None) }
    }

    /// The folder of migration files, when one is named or the default is there.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the flag is empty.
    pub fn migrations_if_any(&self) -> Result<Option<PathBuf>> {
        self.if_any(What::Migrations, &MIGRATIONS)
    }

    /// The spec's DDL file, when one is named or the default is there.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the flag is empty.
    pub fn spec_if_any(&self) -> Result<Option<PathBuf>> {
        self.if_any(What::Spec, &SPEC)
    }

    /// The database, when the command line itself names one.
    ///
    /// # Errors
    /// Those of [`Settings::db`].
    pub fn db_if_flagged(&self) -> Result<Option<DatabaseName>> {
        self.flags.db.is_some().then(|| self.db()).transpose()
    }

    /// Whether the command line itself says where the migration tests are.
    pub fn tests_are_named(&self) -> bool {
        self.flags.tests.is_some()
    }

    /// Whether the command line itself says which file the spec is.
    pub fn spec_is_named(&self) -> bool {
        self.flags.spec.is_some()
    }

    /// What the command line itself names of spec, ledger and migrations, each with its option.
    pub fn sources_on_the_command_line(&self) -> Vec<(&'static str, String)> {
        let keys = [("--spec", &SPEC), ("--deviations", &DEVIATIONS), ("--migrations", &MIGRATIONS)];
        let shown = |(option, key)| Some((option, self.flags.of(key)?.to_string_lossy().into_owned()));
        keys.into_iter().filter_map(shown).collect()
    }

    /// What the project makes of the lint rules.
    pub fn lint(&self) -> Policy {
        self.sections().map(|sections| sections.lint.clone()).unwrap_or_default()
    }

    /// Which tables are somebody else's.
    pub fn others(&self) -> Others {
        self.sections().map(|sections| sections.ignore.clone()).unwrap_or_default()
    }

    /// What `[fleet]` says.
    pub(crate) fn fleet(&self) -> Option<&FleetSection> {
        self.sections()?.fleet.as_ref()
    }

    /// Where `[fleet]` says that the databases are; its names are relative to the file.
    ///
    /// # Errors
    /// As [`DatabaseName::parse`], with the place in the file; `Config` when there is a registry and no query, or the other
    /// way round.
    pub(crate) fn fleet_sources(&self) -> Result<Sources> {
        let Some(fleet) = self.fleet().cloned() else { return Ok(Sources::default()) };
        let base = self.file.as_ref().map(|file| file.dir().to_path_buf()).unwrap_or_default();
        let registry = match (fleet.registry, fleet.query) {
            (Some((db, at)), Some(query)) => {
                let name = DatabaseName::parse(db.as_ref()).map_err(|error| error.at(at))?;
                Some((self.let_in(name.relative_to(&base)), query))
            }
            (None, None) => None,
            _ => {
                return Err(Error::new(ErrorKind::Config, "[fleet] needs both `registry` and `query`, or neither")
                    .help("registry = \"app.db\" names a database, query = \"SELECT path FROM tenants\" says what in it"));
            }
        };
        Ok(Sources {
            databases: fleet.databases.into_iter().map(Into::into).collect(),
            from: fleet.from.map(|file| base.join(file)),
            registry,
            exclude: fleet.exclude,
            base,
        })
    }

    /// A database that an option of the command names, to be read.
    ///
    /// # Errors
    /// As [`DatabaseName::parse`].
    pub(crate) fn named(&self, name: &OsStr) -> Result<DatabaseName> {
        Ok(self.reads_schema(DatabaseName::parse(name)?))
    }

    /// Which findings of the audit give exit status 1.
    pub fn fail_on(&self, flag: Option<FailOn>) -> FailOn {
        flag.or_else(|| self.sections()?.fail_on).unwrap_or_default()
    }

    fn sections(&self) -> Option<&Sections> {
        self.file.as_ref().map(ConfigFile::sections)
    }

    /// The oldest SQLite that must be able to run what is generated.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] or [`ErrorKind::Config`] when the value is no version.
    pub fn sqlite_version(&self) -> Result<SqliteVersion> {
        let (value, origin) = self.value(&SQLITE_VERSION)?;
        value.to_string_lossy().parse().map_err(|error: crate::sql::NotAVersion| {
            blame(Error::new(ErrorKind::Usage, error.to_string()).caused_by(error), &origin)
        })
    }

    /// A database, file or folder that was named on the command line for its schema.
    pub fn reads_schema(&self, name: DatabaseName) -> DatabaseName {
        if let Some(file) = name.file() {
            self.reads(file.to_path_buf());
        }
        self.let_in(name)
    }

    /// Whether the command line names a database together with what lets one in.
    pub fn shows_secret(&self) -> bool {
        let named = self.flags.db.as_deref().and_then(|db| DatabaseName::parse(db).ok());
        named.is_some_and(|name| name.has_credentials())
    }

    /// The name of a server, with the token that the environment has for it.
    fn let_in(&self, name: DatabaseName) -> DatabaseName {
        let token = || {
            (self.env)(AUTH_TOKEN)
                .and_then(|token| token.into_string().ok())
                .filter(|token| !token.is_empty())
        };
        match name {
            DatabaseName::Server(server) => DatabaseName::Server(server.with_token(token().map(Secret::new))),
            file => file,
        }
    }

    /// A file or folder that was named on the command line, to be read.
    pub fn reads(&self, path: PathBuf) -> PathBuf {
        self.inputs.borrow_mut().push(path.clone());
        path
    }

    /// A file that an option of the command names, to be written; what it is, when that is one of the project's own.
    pub fn writes(&self, option: &'static str, path: PathBuf, is: Option<What>) -> PathBuf {
        self.written.borrow_mut().push(Written { option, path: path.clone(), is });
        path
    }

    /// The files that options of the command have written, as far as it has asked.
    pub(super) fn written(&self) -> Vec<Written> {
        self.written.borrow().clone()
    }

    /// The files and folders whose place no result may take: what the command reads, as far as it has asked, and what
    /// belongs to the project, whether this command reads it or not.
    pub(super) fn kept(&self) -> Vec<Kept> {
        let kept = |what, path| Kept { what, path };
        let mut all: Vec<Kept> =
            self.paths.borrow().iter().map(|(what, setting)| kept(*what, setting.value.clone())).collect();
        all.push(settings_file(self.flags.config.as_deref(), &self.root));
        // What is wrong with a setting that the command does not ask for is none of its business.
        if let Ok((value, origin)) = self.value(&DB)
            && let Ok(name) = DatabaseName::parse(&value)
            && let Some(file) = name.file()
        {
            all.push(kept(What::Database, self.located(file.to_path_buf(), &origin)));
        }
        for (what, key) in [(What::Migrations, &MIGRATIONS), (What::Spec, &SPEC), (What::Tests, &TESTS)] {
            if let Ok((value, origin)) = self.value(key) {
                all.push(kept(what, self.located(value.into(), &origin)));
            }
        }
        for (what, key) in [(What::Ledger, &DEVIATIONS), (What::Reports, &REPORTS), (What::Page, &DOCS)] {
            if let Ok(Some((value, origin))) = self.raw(key) {
                all.push(kept(what, self.located(value.into(), &origin)));
            }
        }
        let specs: Vec<PathBuf> =
            all.iter().filter(|kept| kept.what == What::Spec).map(|kept| kept.path.clone()).collect();
        let beside = [(What::Ledger, LEDGER), (What::Sample, sample::FILE), (What::Reports, REPORTS.name)];
        all.extend(specs.iter().flat_map(|spec| {
            beside.into_iter().map(move |(what, name)| kept(what, spec.with_file_name(name)))
        }));
        // What it is besides says more.
        all.extend(self.inputs.borrow().iter().map(|path| kept(What::Input, path.clone())));
        all
    }

    /// Adds to an error about a path that was not typed on this command line where the path comes from.
    #[must_use]
    pub fn explain(&self, error: Error) -> Error {
        let paths = self.paths.borrow();
        let is_about = |setting: &&Setting<PathBuf>| error.path() == Some(setting.value.as_path());
        let Some(setting) = paths.iter().map(|(_, setting)| setting).rev().find(is_about) else {
            return error;
        };
        let path = setting.value.display();
        match &setting.origin {
            Origin::Flag(name) if error.help_text().is_none() => {
                error.help(format!("check the path that --{name} names"))
            }
            Origin::Flag(_) => error,
            Origin::Default(name) if error.help_text().is_none() => {
                let note = format!("{path} is {}", setting.origin);
                let env = KEYS.iter().find(|key| key.name == *name).map_or("", |key| key.env);
                error
                    .note(note)
                    .help(format!("name another with --{name}, {env} or `{name}` in planctl.toml"))
            }
            Origin::Default(_) => error.note(format!("{path} is {}", setting.origin)),
            origin => error.note(format!("{path} comes from {origin}")),
        }
    }

    fn path(&self, what: What, key: &Key) -> Result<PathBuf> {
        let (value, origin) = self.value(key)?;
        Ok(self.remember(what, value.into(), origin))
    }

    /// A path that is named, or the default when something is there.
    fn if_any(&self, what: What, key: &Key) -> Result<Option<PathBuf>> {
        let is_named = self.raw(key)?.is_some();
        let is_there = !key.default.is_empty() && self.root.join(key.default).exists();
        if is_named || is_there { self.path(what, key).map(Some) } else { Ok(None) }
    }

    /// What was said, else the default.
    fn value(&self, key: &Key) -> Result<(OsString, Origin)> {
        Ok(self.raw(key)?.unwrap_or((key.default.into(), default_of(key))))
    }

    fn raw(&self, key: &Key) -> Result<Option<(OsString, Origin)>> {
        if let Some(value) = self.flags.of(key) {
            if value.is_empty() {
                return Err(Error::new(ErrorKind::Usage, format!("the value of --{} is empty", key.name))
                    .help("name a path, or leave the option out to have the setting's value"));
            }
            return Ok(Some((value.to_owned(), Origin::Flag(key.name))));
        }
        // Shells and CI systems hand on empty variables for "not set".
        if let Some(value) = (self.env)(key.env).filter(|value| !value.is_empty()) {
            return Ok(Some((value, Origin::Env(key.env))));
        }
        let in_file = self.file.as_ref().and_then(|file| file.get(key.name));
        Ok(in_file.map(|(value, location)| (value.into(), Origin::File(location.clone()))))
    }

    fn remember(&self, what: What, path: PathBuf, origin: Origin) -> PathBuf {
        let value = self.located(path, &origin);
        self.paths.borrow_mut().push((what, Setting { value: value.clone(), origin }));
        value
    }

    /// From where the value was said.
    fn located(&self, path: PathBuf, origin: &Origin) -> PathBuf {
        self.base(origin).join(path)
    }

    /// The folder that a path starts from.
    fn base(&self, origin: &Origin) -> &Path {
        match (origin, &self.file) {
            (Origin::File(_), Some(file)) => file.dir(),
            // What is beside the spec by default has the spec's own base already.
            (Origin::Default(name), _) if ![DEVIATIONS.name, REPORTS.name].contains(name) => &self.root,
            _ => Path::new(""),
        }
    }
}

fn default_of(key: &Key) -> Origin {
    Origin::Default(key.name)
}

fn blame(error: Error, origin: &Origin) -> Error {
    match origin {
        Origin::Flag(_) | Origin::Default(_) => error,
        Origin::Env(_) => error.note(format!("the value comes from {origin}")),
        Origin::File(location) => error.at(location.clone()),
    }
}

pub(crate) mod config;
pub(crate) mod duration;
pub(crate) mod files;
pub(crate) mod flags;
pub(crate) mod fleet;
pub(crate) mod fresh;
pub mod keys;
pub(crate) mod number;
pub(crate) mod sections;
#[cfg(test)]
mod tests;
pub(crate) mod values;
