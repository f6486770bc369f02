//! `planctl schema diff`.

use std::ffi::OsString;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::FindingsOutputArgs;
use crate::commands::schema::diff::{DiffRequest, ScriptRequest};
use crate::engine::DatabaseName;

/// Show how two schemas differ
///
/// FROM and TO are each a database, a DDL file or a migrations folder.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl schema diff planctl.db migrations
  planctl schema diff planctl.db old.db --sql > to-old.sql")]
pub struct DiffArgs {
    /// Schema to start from
    #[arg(value_name = "FROM", value_hint = clap::ValueHint::AnyPath)]
    from: OsString,
    /// Schema to end with
    #[arg(value_name = "TO", value_hint = clap::ValueHint::AnyPath)]
    to: OsString,
    /// Print a script for the sqlite3 shell that leads from FROM to TO and keeps the rows
    #[arg(long)]
    sql: bool,
    /// Allow losing data: dropped tables and columns, values that are overwritten or that a new type changes
    #[arg(long, requires = "sql")]
    allow_destructive: bool,
    /// Form and place of the result
    #[command(flatten)]
    pub output: FindingsOutputArgs,
}

impl DiffArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// When a side is a URL of something that is not SQLite, and those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<DiffRequest> {
        let script = if self.sql {
            let sqlite_version = settings.sqlite_version()?;
            Some(ScriptRequest { sqlite_version, allow_destructive: self.allow_destructive })
        } else {
            None
        };
        let side = |name| DatabaseName::parse(name).and_then(|name| settings.reads_schema(name));
        Ok(DiffRequest { from: side(&self.from)?, to: side(&self.to)?, others: settings.others(), script })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, settings};

    #[test]
    fn both_sides_may_be_paths_or_urls() {
        let resolve = |line: &str| parse::<DiffArgs>(line).resolve(&settings(&[]));
        let request = resolve("sqlite:a.db migrations").unwrap();
        assert_eq!(
            request,
            DiffRequest {
                from: "a.db".into(),
                to: "migrations".into(),
                others: Default::default(),
                script: None
            }
        );
        assert!(resolve("a.db mysql://x/y").is_err());
        assert!(!resolve("a b --sql").unwrap().script.unwrap().allow_destructive);
        assert!(refused::<DiffArgs>("a b --allow-destructive").contains("--sql"));
        assert!(refused::<DiffArgs>("a.db").contains("<TO>"));
    }
}
