//! `planctl migrate import`.

use std::ffi::OsString;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::base::error::{Error, ErrorKind, Result};
use crate::cli::Settings;
use crate::cli::output::FindingsOutputArgs;
use crate::cli::settings::duration;
use crate::commands::migrate::import::{ImportRequest, TakenOver};
use crate::import::Tool;

/// Convert the migrations of another tool
///
/// Reads the migrations in DIR and writes them, as planctl's, to the folder that --migrations names, which must be empty
/// or hold the same import. Both are run in memory first, and must produce the same schema. DIR stays as it is.
///
/// With --db on the command line, also records as applied what the other tool's history table lists. The database's schema
/// must be the one that these migrations produce; if it is not, shows the differences and records nothing.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate import theirs --migrations ours
  planctl migrate import theirs --from sqlx --migrations ours
  planctl --db shop.db migrate import theirs --migrations ours")]
pub struct ImportArgs {
    /// The folder of the other tool's migrations
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: OsString,
    /// The other tool [default: recognised by its files]
    #[arg(long, value_name = "LAYOUT", value_parser = tool())]
    from: Option<Tool>,
    /// The history table, where the other tool was given another name for it
    #[arg(long, value_name = "NAME")]
    history_table: Option<String>,
    /// How long to wait for another process's lock (500ms, 30s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    lock_timeout: Duration,
    /// Form and place of the result
    #[command(flatten)]
    pub output: FindingsOutputArgs,
}

fn tool() -> impl TypedValueParser<Value = Tool> {
    let named = |name: String| Tool::ALL.into_iter().find(|tool| tool.name() == name);
    PossibleValuesParser::new(Tool::ALL.map(Tool::name))
        .try_map(move |name| named(name).ok_or("no such layout"))
}

impl ImportArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<ImportRequest> {
        let taken_over = |db| TakenOver {
            db,
            history: self.history_table.clone(),
            others: settings.others(),
            lock_timeout: self.lock_timeout,
        };
        let db = settings.db_if_flagged()?.map(taken_over);
        if db.is_none() && self.history_table.is_some() {
            return Err(Error::new(
                ErrorKind::Usage,
                "--history-table is a table of a database, and none is named",
            )
            .help("name the database with --db"));
        }
        Ok(ImportRequest {
            from: settings.reads((&self.dir).into()),
            tool: self.from,
            migrations: settings.migrations()?,
            db,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, settings};

    #[test]
    fn the_folder_must_be_named_and_the_layout_is_one_that_is_known() {
        assert!(refused::<ImportArgs>("").contains("<DIR>"));
        assert!(refused::<ImportArgs>("x --from rails").contains("golang-migrate"));
        let request = parse::<ImportArgs>("x --from goose").resolve(&settings(&[])).unwrap();
        assert_eq!((request.from.to_str(), request.tool), (Some("x"), Some(Tool::Goose)));
        assert_eq!(request.db, None, "a database is touched when it is named");
        let said =
            parse::<ImportArgs>("x --history-table y").resolve(&settings(&[])).unwrap_err().to_string();
        assert!(said.contains("none is named"), "{said}");
    }
}
