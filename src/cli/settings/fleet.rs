//! The table `[fleet]` of `planctl.toml`: which databases a fleet has, and how it is worked on.

use std::num::NonZeroU32;
use std::ops::Range;
use std::path::Path;

use serde_json::{Value, json};
use toml::de::DeValue;

use super::number::Share;
use super::values::{Item, Place, of_type, wrong};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::did_you_mean;
use crate::base::source::Location;
use crate::commands::fleet::Sources;
use crate::engine::DatabaseName;

/// What the table says; nothing of what it does not say.
#[derive(Clone, Default, Debug)]
pub(crate) struct FleetSection {
    /// Paths, URLs and globs.
    pub databases: Vec<String>,
    /// Those that are left out.
    pub exclude: Vec<String>,
    /// A file with a name on each line.
    pub from: Option<String>,
    /// A database that has the names, and where it is named.
    pub registry: Option<(String, Location)>,
    /// The query that gives them.
    pub query: Option<String>,
    /// How many at a time.
    pub jobs: Option<NonZeroU32>,
    /// How many go first.
    pub canary: Option<u32>,
    /// How many may fail.
    pub max_failures: Option<Share>,
}

/// The name of the table.
pub(crate) const FLEET: &str = "fleet";

const DATABASES: &str = "databases";
const EXCLUDE: &str = "exclude";
const FROM: &str = "from";
const REGISTRY: &str = "registry";
const QUERY: &str = "query";
const JOBS: &str = "jobs";
const CANARY: &str = "canary";
const MAX_FAILURES: &str = "max-failures";

const KEYS: [&str; 8] = [DATABASES, EXCLUDE, FROM, REGISTRY, QUERY, JOBS, CANARY, MAX_FAILURES];

impl FleetSection {
    /// Where the databases are; names are relative to the file's folder. `let_in`: gives a server's name what lets one in.
    ///
    /// # Errors
    /// As [`DatabaseName::parse`], with the place in the file; `Config` when there is a registry and no query, or the other
    /// way round; those of `let_in`.
    pub(crate) fn sources(
        self,
        base: &Path,
        let_in: impl Fn(DatabaseName) -> Result<DatabaseName>,
    ) -> Result<Sources> {
        let registry = match (self.registry, self.query) {
            (Some((db, at)), Some(query)) => {
                let name = DatabaseName::parse(db.as_ref()).map_err(|error| error.at(at))?;
                Some((let_in(name.relative_to(base))?, query))
            }
            (None, None) => None,
            _ => {
                return Err(Error::new(ErrorKind::Config, "[fleet] needs both `registry` and `query`, or neither")
                    .help("registry = \"app.db\" names a database, query = \"SELECT path FROM tenants\" says what in it"));
            }
        };
        Ok(Sources {
            databases: self.databases.into_iter().map(Into::into).collect(),
            from: self.from.map(|file| base.join(file)),
            registry,
            exclude: self.exclude,
            base: base.to_owned(),
        })
    }

    /// Reads one key of the table.
    ///
    /// # Errors
    /// `Config` with the place of what is not known or of another type.
    pub(super) fn read(
        &mut self,
        (key, span): (&str, Range<usize>),
        value: &Item<'_>,
        place: &Place<'_>,
    ) -> Result<()> {
        match key {
            DATABASES => self.databases = texts(DATABASES, value, place)?,
            EXCLUDE => self.exclude = texts(EXCLUDE, value, place)?,
            FROM => self.from = Some(text(FROM, value, place)?),
            REGISTRY => self.registry = Some((text(REGISTRY, value, place)?, place(value.span()))),
            QUERY => self.query = Some(text(QUERY, value, place)?),
            JOBS => {
                let jobs = NonZeroU32::new(number(JOBS, value, place)?);
                let zero = || wrong("`jobs` has to be a whole number from 1 up", place(value.span()));
                self.jobs = Some(jobs.ok_or_else(zero)?);
            }
            CANARY => self.canary = Some(number(CANARY, value, place)?),
            MAX_FAILURES => {
                let said = match value.get_ref() {
                    DeValue::String(text) => text.parse(),
                    _ => number(MAX_FAILURES, value, place)?.to_string().parse(),
                };
                self.max_failures = Some(said.map_err(|what: String| {
                    wrong(format!("`{MAX_FAILURES}`: {what}"), place(value.span()))
                })?);
            }
            _ => {
                let error = wrong(format!("[{FLEET}] has no key `{key}`"), place(span));
                return Err(error.help(did_you_mean(key, KEYS)));
            }
        }
        Ok(())
    }
}

pub(super) fn text(key: &str, value: &Item<'_>, place: &Place<'_>) -> Result<String> {
    match value.get_ref() {
        DeValue::String(text) if text.is_empty() => {
            Err(wrong(format!("`{key}` is empty"), place(value.span())))
        }
        DeValue::String(text) => Ok(text.as_ref().to_owned()),
        _ => Err(of_type(&format!("`{key}`"), "a string", value, place)),
    }
}

fn texts(key: &str, value: &Item<'_>, place: &Place<'_>) -> Result<Vec<String>> {
    match value.get_ref() {
        DeValue::Array(items) => items.iter().map(|item| text(key, item, place)).collect(),
        _ => Err(of_type(&format!("`{key}`"), "a list of names", value, place)
            .help(format!("write it as {key} = [\"tenants/*.db\"]"))),
    }
}

fn number(key: &str, value: &Item<'_>, place: &Place<'_>) -> Result<u32> {
    match value.get_ref() {
        DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix())
            .map_err(|_| wrong(format!("`{key}` has to be a whole number from 0 up"), place(value.span()))),
        _ => Err(of_type(&format!("`{key}`"), "a number", value, place)),
    }
}

/// What an editor is told of the table.
pub(super) fn properties() -> Value {
    let texts = |about: &str| json!({ "description": about, "type": "array", "items": { "type": "string", "minLength": 1 } });
    let text = |about: &str| json!({ "description": about, "type": "string", "minLength": 1 });
    let number =
        |about: &str, least: u32| json!({ "description": about, "type": "integer", "minimum": least });
    json!({
        DATABASES: texts("Paths, URLs and globs"),
        EXCLUDE: texts("Paths and globs of databases that are left out"),
        FROM: text("A file with the name of a database on each line"),
        REGISTRY: text("A database that has the names of the others"),
        QUERY: text("The query in it whose first column has the names"),
        JOBS: number("Databases to work on at the same time (flag: --jobs)", 1),
        CANARY: number("Databases that go first, one by one (flag: --canary)", 0),
        MAX_FAILURES: json!({
            "description": "How many may fail before no further one starts: a number, or a share as in \"5%\" (flag: --max-failures)",
            "type": ["integer", "string"],
            "minimum": 1,
        }),
    })
}
