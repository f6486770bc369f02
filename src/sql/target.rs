//! The places where SQL has to run.

use std::fmt;
use std::str::FromStr;

/// A place that speaks SQLite.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Target {
    /// A file, by SQLite itself.
    #[default]
    Sqlite,
    /// A libSQL server: sqld, Turso.
    Libsql,
    /// An rqlite cluster.
    Rqlite,
    /// Cloudflare D1.
    D1,
}

impl Target {
    /// All of them.
    pub const ALL: [Target; 4] = [Target::Sqlite, Target::Libsql, Target::Rqlite, Target::D1];

    /// Its name in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Target::Sqlite => "sqlite",
            Target::Libsql => "libsql",
            Target::Rqlite => "rqlite",
            Target::D1 => "d1",
        }
    }

    /// Its name in sentences.
    pub fn title(self) -> &'static str {
        match self {
            Target::Sqlite => "SQLite",
            Target::Libsql => "libSQL",
            Target::Rqlite => "rqlite",
            Target::D1 => "D1",
        }
    }

    /// Whether foreign keys may be enforced there while a migration runs.
    pub fn enforces_keys(self) -> bool {
        self != Target::Sqlite
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text names no target.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is not a target; the targets are sqlite, libsql, rqlite and d1")]
pub struct NotATarget(String);

impl FromStr for Target {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Target, NotATarget> {
        let found = Target::ALL.into_iter().find(|target| target.as_str() == text);
        found.ok_or_else(|| NotATarget(text.to_owned()))
    }
}
