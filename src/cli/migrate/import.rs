//! `planctl migrate import`.

use std::ffi::OsString;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::FindingsOutputArgs;
use crate::cli::settings::duration;
use crate::commands::migrate::import::{ImportRequest, TakenOver};
use crate::import::Tool;

/// Take over the folder of another tool
///
/// Writes its migrations as planctl's into a new folder, after running both on shadow databases. Nothing of the other tool
/// is changed.
/// With --db on the command line, records there what the tool's own history says is applied, if the schema is what these
/// migrations make; if it differs, shows the differences and writes nothing.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate import theirs --migrations ours
  planctl migrate import theirs --from sqlx --migrations ours
  planctl --db shop.db migrate import theirs --migrations ours")]
pub struct ImportArgs {
    /// The other tool's folder
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: OsString,
    /// Whose folder it is [default: whose it looks like]
    #[arg(long, value_name = "LAYOUT", value_parser = tool())]
    from: Option<Tool>,
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
        let taken_over = |db| TakenOver { db, others: settings.others(), lock_timeout: self.lock_timeout };
        Ok(ImportRequest {
            from: settings.reads((&self.dir).into()),
            tool: self.from,
            migrations: settings.migrations()?,
            db: settings.db_if_flagged()?.map(taken_over),
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
    }
}
