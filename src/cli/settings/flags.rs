//! The flags of settings. They mean the same wherever they stand: before the command, and behind it.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::keys::{
    DB, DEVIATIONS, DOCS, GLOBAL, Key, MIGRATIONS, REPORTS, SPEC, SQLITE_VERSION, TARGET, TESTS,
};

/// A flag for each setting, and the settings file.
#[derive(clap::Args, Clone, Default, Debug)]
#[command(next_help_heading = GLOBAL)]
pub struct GlobalFlags {
    /// Database: a path, sqlite:PATH or the URL of a server [env: PLANCTL_DB] [default: planctl.db]
    #[arg(long, global = true, value_name = "PATH|URL", value_hint = clap::ValueHint::FilePath)]
    pub db: Option<OsString>,
    /// The database of planctl.toml to work on: that of the table [databases.NAME]
    #[arg(short, long, global = true, value_name = "NAME")]
    pub database: Option<String>,
    /// Folder of migration files [env: PLANCTL_MIGRATIONS] [default: migrations]
    #[arg(long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub migrations: Option<OsString>,
    /// Spec: DDL file that says what the schema should be [env: PLANCTL_SPEC] [default: spec/ddl.sql]
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub spec: Option<OsString>,
    /// Ledger of intended deviations [env: PLANCTL_DEVIATIONS] [default: deviations.toml beside the spec]
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub deviations: Option<OsString>,
    /// Oldest SQLite that must be able to run migrations and scripts [env: PLANCTL_SQLITE_VERSION] [default: 3.35]
    #[arg(long, global = true, hide_short_help = true, value_name = "VERSION")]
    pub sqlite_version: Option<OsString>,
    /// Where migrations and scripts must run: sqlite, libsql, rqlite or d1 [env: PLANCTL_TARGET] [default: where the database is]
    #[arg(long, global = true, hide_short_help = true, value_name = "TARGET")]
    pub target: Option<OsString>,
    /// Folder of migration tests [env: PLANCTL_TESTS] [default: tests/migrations]
    #[arg(long, global = true, hide_short_help = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub tests: Option<OsString>,
    /// Folder of reports, NAME.sql each [env: PLANCTL_REPORTS] [default: reports beside the spec]
    #[arg(long, global = true, hide_short_help = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub reports: Option<OsString>,
    /// Page of `planctl schema docs` that must be up to date [env: PLANCTL_DOCS]
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub docs: Option<OsString>,
    /// Settings file [default: the nearest planctl.toml]
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub config: Option<PathBuf>,
}

impl GlobalFlags {
    /// What was said on the command line of a setting.
    pub(super) fn of(&self, key: &Key) -> Option<&OsStr> {
        let GlobalFlags {
            db,
            migrations,
            spec,
            deviations,
            sqlite_version,
            target,
            tests,
            reports,
            docs,
            config: _,
            database: _,
        } = self;
        let flags = [
            (DB, db),
            (MIGRATIONS, migrations),
            (SPEC, spec),
            (DEVIATIONS, deviations),
            (SQLITE_VERSION, sqlite_version),
            (TARGET, target),
            (TESTS, tests),
            (REPORTS, reports),
            (DOCS, docs),
        ];
        flags.into_iter().find(|(known, _)| known.name == key.name)?.1.as_deref()
    }
}
