//! `planctl migrate generate`.

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
        let spec = settings.spec()?;
        Ok(GenerateRequest {
            migrations: settings.migrations()?,
            name: self.name.clone(),
            deviations: settings.deviations(&spec)?,
            spec,
            sqlite_version: settings.sqlite_version()?,
            target: settings.target()?,
            allow_destructive: self.allow_destructive,
            db: settings.db()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{refused, with_settings};
    use crate::sql::SqliteVersion;

    #[test]
    fn the_settings_say_where_everything_is_and_data_is_safe_by_default() {
        let resolve = |line: &str, env: &[(&str, &str)]| {
            let (args, settings) = with_settings::<GenerateArgs>(line, env);
            args.resolve(&settings).unwrap()
        };
        let request = resolve("add_owner", &[]);
        assert_eq!((request.name.as_str(), request.allow_destructive), ("add_owner", false));
        assert_eq!(request.spec, std::path::Path::new("spec/ddl.sql"));
        assert_eq!(request.sqlite_version, SqliteVersion::new(35, 0));
        let line = "x --allow-destructive --spec s.sql --sqlite-version 3.53";
        let request = resolve(line, &[("PLANCTL_DB", "p.db")]);
        assert!(request.allow_destructive);
        assert_eq!((request.spec, request.db), ("s.sql".into(), "p.db".into()));
        assert_eq!(request.sqlite_version, SqliteVersion::new(53, 0));
        assert!(refused::<GenerateArgs>("").contains("<NAME>"));
    }
}
