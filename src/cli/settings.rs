//! Settings: flag, else environment, else `planctl.toml`, else default; each value knows where it comes from.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use self::files::{Kept, What, Written, settings_file};
pub use self::flags::GlobalFlags;
use self::keys::{
    AUTH_TOKEN, AUTH_TOKEN_FILE, DB, DEVIATIONS, DOCS, Key, LEDGER, MIGRATIONS, MODELS, PASSWORD,
    PASSWORD_FILE, REPORTS, REQUIRE_CLEAN, SPEC, SQLITE_VERSION, TARGET, TESTS,
};
pub use self::said::{Env, Origin};
use self::said::{Said, default_of};
use crate::audit::Others;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::text_of;
use crate::commands::audit::FailOn;
use crate::commands::sample;
use crate::engine::{DatabaseName, Secret, ServerKind};
use crate::migrations::lint::Policy;
use crate::sql::{SqliteVersion, Target};

/// A value and where it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// All that settings are made from.
#[derive(Clone)]
pub struct Settings<'e> {
    said: Said<'e>,
    asked: Rc<Asked>,
}

/// What a command has asked for.
#[derive(Default)]
struct Asked {
    paths: RefCell<Vec<(What, Setting<PathBuf>)>>,
    /// Files and folders that were named on the command line to be read.
    inputs: RefCell<Vec<PathBuf>>,
    /// The databases of a fleet.
    fleet: RefCell<Arc<[DatabaseName]>>,
    /// Files that options of the command have written.
    written: RefCell<Vec<Written>>,
}

impl<'e> Settings<'e> {
    /// Reads the settings file: the one of `--config`, which must exist, or the nearest `planctl.toml` from `cwd` upwards.
    ///
    /// # Errors
    /// As [`ConfigFile::read`](config::ConfigFile::read); `Usage` when the file has no database of the name that was asked
    /// for.
    pub fn load(flags: GlobalFlags, env: &'e Env<'e>, cwd: &Path) -> Result<Settings<'e>> {
        Ok(Settings { said: Said::read(flags, env, cwd)?, asked: Rc::default() })
    }

    /// The settings of each database of the file, with its name; where one was chosen, or there is but one, those alone.
    pub fn of_each(&self) -> Vec<(Option<String>, Settings<'e>)> {
        let each = self.said.each().into_iter();
        each.map(|(name, said)| (name, Settings { said, asked: Rc::clone(&self.asked) })).collect()
    }

    /// The name of the database that was chosen among several.
    pub fn chosen(&self) -> Option<&str> {
        self.said.database.as_deref()
    }

    /// The database.
    ///
    /// # Errors
    /// As [`DatabaseName::parse`], with the place of a value in a settings file.
    pub fn db(&self) -> Result<DatabaseName> {
        let (value, origin) = match (self.said.named_db()?, &self.said.database) {
            (Some(named), _) => named,
            (None, Some(name)) => {
                let message = format!("[databases.{name}] does not say which database it is");
                return Err(
                    Error::new(ErrorKind::Config, message).help("add `db` to it, or name one with --db")
                );
            }
            (None, None) => (DB.default.into(), default_of(&DB)),
        };
        let name = DatabaseName::parse(&value).map_err(|error| blame(error, &origin))?;
        let name = self.let_in(name.relative_to(self.said.base(&origin)))?;
        if let Some(file) = name.file() {
            self.asked
                .paths
                .borrow_mut()
                .push((What::Database, Setting { value: file.to_path_buf(), origin }));
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
        match self.said.raw(&DEVIATIONS)? {
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
        let (value, origin) = match self.said.raw(&REPORTS)? {
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

    /// The files of classes that are to be up to date: those of the command line, else those of the setting.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when it depends on which database is meant.
    pub fn models(&self, flag: &[PathBuf]) -> Result<Vec<PathBuf>> {
        if !flag.is_empty() {
            return Ok(flag.iter().map(|file| self.reads(file.clone())).collect());
        }
        let Some((files, origin)) = self.said.list(&MODELS)? else { return Ok(Vec::new()) };
        Ok(files.into_iter().map(|file| self.remember(What::Models, file.into(), origin.clone())).collect())
    }

    /// The database, when the command line or the environment names one, or the project's is there.
    ///
    /// # Errors
    /// As [`Settings::db`].
    pub fn db_if_any(&self) -> Result<Option<DatabaseName>> {
        match self.said.named_db()? {
            Some((_, Origin::Flag(_) | Origin::Env(_))) => self.db().map(Some),
            // A project names its database before it has one.
            Some(_) => Ok(Some(self.db()?).filter(DatabaseName::exists)),
            None => {
                let is_there = self.said.database.is_none() && self.said.root.join(DB.default).exists();
                is_there.then(|| self.db()).transpose()
            }
        }
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
        self.said.flags.db.is_some().then(|| self.db()).transpose()
    }

    /// Whether the command line itself says where the migration tests are.
    pub fn tests_are_named(&self) -> bool {
        self.said.flags.tests.is_some()
    }

    /// Whether the command line itself says which file the spec is.
    pub fn spec_is_named(&self) -> bool {
        self.said.flags.spec.is_some()
    }

    /// What the project makes of the lint rules.
    pub fn lint(&self) -> Policy {
        self.said.sections().lint
    }

    /// Which tables are somebody else's.
    pub fn others(&self) -> Others {
        self.said.sections().ignore.unwrap_or_default()
    }

    /// A database that an option of the command names, to be read.
    ///
    /// # Errors
    /// As [`DatabaseName::parse`].
    pub(crate) fn named(&self, name: &OsStr) -> Result<DatabaseName> {
        self.reads_schema(DatabaseName::parse(name)?)
    }

    /// Which findings of the audit give exit status 1.
    pub fn fail_on(&self, flag: Option<FailOn>) -> FailOn {
        flag.or_else(|| self.said.sections().fail_on).unwrap_or_default()
    }

    /// Whether a database has to be as the last migration left it before it is migrated: then, which tables are somebody
    /// else's.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the environment has another word than yes or no.
    pub fn clean(&self, flag: Option<bool>) -> Result<Option<Others>> {
        let wanted = match flag {
            Some(flag) => flag,
            None => {
                let (value, origin) = self.said.value(&REQUIRE_CLEAN)?;
                match value.to_str().map(str::to_ascii_lowercase).as_deref() {
                    Some("true" | "yes" | "on" | "1") => true,
                    Some("false" | "no" | "off" | "0") => false,
                    _ => {
                        let message = format!("`{}` is neither true nor false", value.display());
                        return Err(
                            blame(Error::new(ErrorKind::Usage, message), &origin).help("write true or false")
                        );
                    }
                }
            }
        };
        Ok(wanted.then(|| self.others()))
    }

    /// The oldest SQLite that must be able to run what is generated.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] or [`ErrorKind::Config`] when the value is no version.
    pub fn sqlite_version(&self) -> Result<SqliteVersion> {
        let (value, origin) = self.said.value(&SQLITE_VERSION)?;
        value.to_string_lossy().parse().map_err(|error: crate::sql::NotAVersion| {
            blame(Error::new(ErrorKind::Usage, error.to_string()).caused_by(error), &origin)
        })
    }

    /// Where generated SQL must run: what was said, else where the database is.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] or [`ErrorKind::Config`] when the value is no target, or the database is somewhere else.
    pub fn target(&self) -> Result<Target> {
        // What is wrong with the name of a database is for whoever needs that database.
        let there = self.said.named_db()?.and_then(|(value, _)| DatabaseName::parse(&value).ok());
        self.target_for(there.as_ref())
    }

    /// The same, where the SQL is for `db`.
    ///
    /// # Errors
    /// As [`Settings::target`].
    pub fn target_for(&self, db: Option<&DatabaseName>) -> Result<Target> {
        let there = match db {
            Some(DatabaseName::Server(server)) => Some(server.kind.target()),
            _ => None,
        };
        let Some((value, origin)) = self.said.raw(&TARGET)? else { return Ok(there.unwrap_or_default()) };
        let said: Target = value.to_string_lossy().parse().map_err(|error: crate::sql::NotATarget| {
            blame(Error::new(ErrorKind::Usage, error.to_string()).caused_by(error), &origin)
        })?;
        match (there, db) {
            (Some(there), Some(db)) if there != said => {
                let message = format!("the target is {said}, and the database is {}", db.display());
                let help = "leave the target out, or name another database";
                Err(blame(Error::new(ErrorKind::Usage, message).help(help), &origin))
            }
            _ => Ok(said),
        }
    }

    /// A database, file or folder that was named on the command line for its schema.
    ///
    /// # Errors
    /// [`ErrorKind::File`] when the file with what lets one in cannot be read.
    pub fn reads_schema(&self, name: DatabaseName) -> Result<DatabaseName> {
        if let Some(file) = name.file() {
            self.reads(file.to_path_buf());
        }
        self.let_in(name)
    }

    /// Whether the command line names a database together with what lets one in.
    pub fn shows_secret(&self) -> bool {
        let named = self.said.flags.db.as_deref().and_then(|db| DatabaseName::parse(db).ok());
        named.is_some_and(|name| name.has_credentials())
    }

    /// The name of a server, with the token or password that the environment has for it, or a file that it names.
    fn let_in(&self, name: DatabaseName) -> Result<DatabaseName> {
        let server = match name {
            DatabaseName::Server(server) if server.lacks_secret() => server,
            other => return Ok(other),
        };
        let set = |name: &str| (self.said.env)(name).filter(|value| !value.is_empty());
        let (variable, file) = match server.kind {
            ServerKind::Libsql => (AUTH_TOKEN, AUTH_TOKEN_FILE),
            ServerKind::Rqlite => (PASSWORD, PASSWORD_FILE),
        };
        let secret = match (set(variable), set(file)) {
            (Some(secret), _) => secret.into_string().ok(),
            (None, Some(file)) => {
                let text = text_of(Path::new(&file)).map_err(|error| Error::file(Path::new(&file), error))?;
                Some(text.trim_end_matches(['\r', '\n']).to_owned())
            }
            (None, None) => None,
        };
        Ok(DatabaseName::Server(Box::new(server.with_secret(secret.map(Secret::new)))))
    }

    /// A file or folder that was named on the command line, to be read.
    pub fn reads(&self, path: PathBuf) -> PathBuf {
        self.asked.inputs.borrow_mut().push(path.clone());
        path
    }

    /// A file that an option of the command names, to be written; what it is, when that is one of the project's own.
    pub fn writes(&self, option: &'static str, path: PathBuf, is: Option<What>) -> PathBuf {
        self.asked.written.borrow_mut().push(Written { option, path: path.clone(), is });
        path
    }

    /// The files that options of the command have written, as far as it has asked.
    pub(super) fn written(&self) -> Vec<Written> {
        self.asked.written.borrow().clone()
    }

    /// The files and folders whose place no result may take: what the command reads, as far as it has asked, and what
    /// belongs to the project, whether this command reads it or not.
    pub(super) fn kept(&self) -> Vec<Kept> {
        let kept = |what, path| Kept { what, path };
        let mut all: Vec<Kept> = self
            .asked
            .paths
            .borrow()
            .iter()
            .map(|(what, setting)| kept(*what, setting.value.clone()))
            .collect();
        all.push(settings_file(self.said.flags.config.as_deref(), &self.said.root));
        let each = self.of_each();
        // What is wrong with a setting that the command does not ask for is none of its business.
        let named = each.iter().filter_map(|(_, settings)| settings.said.named_db().ok().flatten());
        for (value, origin) in named.chain([(DB.default.into(), default_of(&DB))]) {
            if let Ok(name) = DatabaseName::parse(&value)
                && let Some(file) = name.file()
            {
                all.push(kept(What::Database, self.located(file.to_path_buf(), &origin)));
            }
        }
        for (what, key) in [
            (What::Migrations, &MIGRATIONS),
            (What::Spec, &SPEC),
            (What::Tests, &TESTS),
            (What::Ledger, &DEVIATIONS),
            (What::Reports, &REPORTS),
            (What::Page, &DOCS),
            (What::Models, &MODELS),
        ] {
            let by_default =
                || (!key.default.is_empty()).then(|| (vec![key.default.into()], default_of(key)));
            for (_, settings) in &each {
                let said = settings.said.list(key).map(|said| said.or_else(by_default));
                let Ok(Some((files, origin))) = said else { continue };
                all.extend(files.into_iter().map(|file| kept(what, self.located(file.into(), &origin))));
            }
        }
        let specs: Vec<PathBuf> =
            all.iter().filter(|kept| kept.what == What::Spec).map(|kept| kept.path.clone()).collect();
        let beside = [(What::Ledger, LEDGER), (What::Sample, sample::FILE), (What::Reports, REPORTS.name)];
        all.extend(specs.iter().flat_map(|spec| {
            beside.into_iter().map(move |(what, name)| kept(what, spec.with_file_name(name)))
        }));
        // What it is besides says more.
        all.extend(self.asked.inputs.borrow().iter().map(|path| kept(What::Input, path.clone())));
        let fleet = self.asked.fleet.borrow();
        all.extend(fleet.iter().filter_map(|name| Some(kept(What::Database, name.file()?.to_path_buf()))));
        all
    }

    fn path(&self, what: What, key: &Key) -> Result<PathBuf> {
        let (value, origin) = self.said.value(key)?;
        Ok(self.remember(what, value.into(), origin))
    }

    /// A path that is named, or the default when something is there.
    fn if_any(&self, what: What, key: &Key) -> Result<Option<PathBuf>> {
        let is_named = self.said.raw(key)?.is_some();
        let is_there = !key.default.is_empty() && self.said.root.join(key.default).exists();
        if is_named || is_there { self.path(what, key).map(Some) } else { Ok(None) }
    }

    fn remember(&self, what: What, path: PathBuf, origin: Origin) -> PathBuf {
        let value = self.located(path, &origin);
        self.asked.paths.borrow_mut().push((what, Setting { value: value.clone(), origin }));
        value
    }

    /// From where the value was said.
    fn located(&self, path: PathBuf, origin: &Origin) -> PathBuf {
        self.said.base(origin).join(path)
    }
}

fn blame(error: Error, origin: &Origin) -> Error {
    match origin {
        Origin::Flag(_) | Origin::Default(_) => error,
        Origin::Env(_) | Origin::DotEnv(_) => error.note(format!("the value comes from {origin}")),
        Origin::File(location) => error.at(location.clone()),
    }
}

pub(crate) mod config;
mod database_url;
pub(crate) mod duration;
pub(crate) mod files;
pub(crate) mod flags;
pub(crate) mod fleet;
pub(crate) mod fresh;
mod given;
pub mod keys;
mod many;
pub(crate) mod number;
mod said;
pub(crate) mod sections;
#[cfg(test)]
mod tests;
pub(crate) mod values;
