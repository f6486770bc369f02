//! `planctl migrate generate`.

use std::path::PathBuf;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::OutputArgs;
use crate::commands::migrate::generate::GenerateRequest;

/// Write the migration that leads from the schema of the migrations to the spec
///
/// Runs up and down on a shadow database with rows before it writes a file. Comments in the spec say what existing rows
/// get (`-- planctl:fill column=C value=SQL`), what was renamed (`-- planctl:renamed-from NAME`), and what only looks
/// renamed (`-- planctl:new`).
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate generate follow_the_spec")]
pub struct GenerateArgs {
    /// What the migration does, as in add_plan_owner
    #[arg(value_name = "NAME")]
    name: String,
    /// Spec: DDL file that says what the schema should be [env: PLANCTL_SPEC] [default: spec/ddl.sql]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    spec: Option<PathBuf>,
    /// Ledger of intended deviations [env: PLANCTL_DEVIATIONS] [default: deviations.toml beside the spec]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    deviations: Option<PathBuf>,
    /// Oldest SQLite that must be able to run it [env: PLANCTL_SQLITE_VERSION] [default: 3.35]
    #[arg(long, value_name = "VERSION")]
    sqlite_version: Option<String>,
    /// Allow losing data: dropped tables and columns, values that are overwritten or that a new type changes
    #[arg(long)]
    allow_destructive: bool,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

impl GenerateArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<GenerateRequest> {
        let spec = settings.spec(self.spec.as_deref())?;
        Ok(GenerateRequest {
            migrations: settings.migrations()?,
            name: self.name.clone(),
            deviations: settings.deviations(self.deviations.as_deref(), &spec)?,
            spec,
            sqlite_version: settings.sqlite_version(self.sqlite_version.as_deref())?,
            allow_destructive: self.allow_destructive,
            db: settings.db()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, settings};
    use crate::sql::SqliteVersion;

    #[test]
    fn the_settings_say_where_everything_is_and_data_is_safe_by_default() {
        let request = parse::<GenerateArgs>("add_owner").resolve(&settings(&[])).unwrap();
        assert_eq!((request.name.as_str(), request.allow_destructive), ("add_owner", false));
        assert_eq!(request.spec, PathBuf::from("spec/ddl.sql"));
        assert_eq!(request.sqlite_version, SqliteVersion::new(35, 0));
        let line = "x --allow-destructive --spec s.sql --sqlite-version 3.53";
        let request = parse::<GenerateArgs>(line).resolve(&settings(&[("PLANCTL_DB", "p.db")])).unwrap();
        assert!(request.allow_destructive);
        assert_eq!((request.spec, request.db), ("s.sql".into(), "p.db".into()));
        assert_eq!(request.sqlite_version, SqliteVersion::new(53, 0));
        assert!(refused::<GenerateArgs>("").contains("<NAME>"));
    }
}
