//! The settings: each with its name, its variable and its default.

/// A setting's names and default.
#[derive(Debug)]
pub struct Key {
    /// The key in `planctl.toml`; the flag is `--name`.
    pub name: &'static str,
    /// The environment variable.
    pub env: &'static str,
    /// The default; empty where it is computed.
    pub default: &'static str,
    /// What it means, in one line.
    pub about: &'static str,
    /// What a value of it is.
    pub kind: KeyKind,
}

/// What the values of a setting are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyKind {
    /// A text.
    Text,
    /// Several texts: an array in `planctl.toml`, and in the environment a list as PATH is one.
    List,
    /// On or off.
    Switch,
}

pub(crate) const fn key(
    name: &'static str,
    env: &'static str,
    default: &'static str,
    about: &'static str,
) -> Key {
    Key { name, env, default, about, kind: KeyKind::Text }
}

/// The variables that hold the token of a libSQL server, and the name of a file with it.
pub(crate) const AUTH_TOKEN: &str = "PLANCTL_AUTH_TOKEN";
pub(crate) const AUTH_TOKEN_FILE: &str = "PLANCTL_AUTH_TOKEN_FILE";

/// The same for the password of a user whom the URL of an rqlite server names.
pub(crate) const PASSWORD: &str = "PLANCTL_PASSWORD";
pub(crate) const PASSWORD_FILE: &str = "PLANCTL_PASSWORD_FILE";

pub(crate) const DB: Key =
    key("db", "PLANCTL_DB", "planctl.db", "Database: a path, sqlite:PATH or the URL of a server");

pub(crate) const MIGRATIONS: Key =
    key("migrations", "PLANCTL_MIGRATIONS", "migrations", "Folder of migration files");

pub(crate) const SPEC: Key =
    key("spec", "PLANCTL_SPEC", "spec/ddl.sql", "Spec: DDL file that says what the schema should be");

pub(crate) const DEVIATIONS: Key = key(
    "deviations",
    "PLANCTL_DEVIATIONS",
    "",
    "Ledger of intended deviations; by default deviations.toml beside the spec, if there is one",
);

pub(crate) const SQLITE_VERSION: Key = key(
    "sqlite-version",
    "PLANCTL_SQLITE_VERSION",
    "3.35",
    "Oldest SQLite that must be able to run the migrations and what is generated",
);

pub(crate) const TARGET: Key = key(
    "target",
    "PLANCTL_TARGET",
    "",
    "Where migrations and scripts must run: sqlite, libsql, rqlite or d1; by default where the database is",
);

pub(crate) const TESTS: Key = key("tests", "PLANCTL_TESTS", "tests/migrations", "Folder of migration tests");

pub(crate) const REPORTS: Key =
    key("reports", "PLANCTL_REPORTS", "", "Folder of reports; by default the folder reports beside the spec");

pub(crate) const DOCS: Key =
    key("docs", "PLANCTL_DOCS", "", "Schema page that check compares with the schema");

pub(crate) const MODELS: Key = Key {
    kind: KeyKind::List,
    ..key(
        "models",
        "PLANCTL_MODELS",
        "",
        "Files of classes that check compares with what schema models writes",
    )
};

pub(crate) const REQUIRE_CLEAN: Key = Key {
    kind: KeyKind::Switch,
    ..key(
        "require-clean",
        "PLANCTL_REQUIRE_CLEAN",
        "false",
        "Whether up, down and redo refuse a database whose schema is not what the last migration left",
    )
};

/// The ledger that stands beside a spec.
pub(crate) const LEDGER: &str = "deviations.toml";

/// Every setting, in the order of the documentation.
pub const KEYS: &[Key] =
    &[DB, MIGRATIONS, SPEC, DEVIATIONS, SQLITE_VERSION, TARGET, TESTS, REPORTS, DOCS, MODELS, REQUIRE_CLEAN];

/// The table of the tables of several databases.
pub(crate) const DATABASES: &str = "databases";

/// The variable in which other programs are told of their database.
pub(crate) const DATABASE_URL: &str = "DATABASE_URL";

/// The name of the file that is looked for.
pub(crate) const FILE_NAME: &str = "planctl.toml";

/// What the help calls the flags that each command has.
pub(crate) const GLOBAL: &str = "Global options";
