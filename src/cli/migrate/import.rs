//! `planctl migrate import`.

use std::ffi::OsString;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::OutputArgs;
use crate::commands::migrate::import::ImportRequest;
use crate::import::Tool;

/// Take over the folder of another tool
///
/// Writes its migrations as planctl's into a new folder, after running both on shadow databases. Nothing of the other tool
/// is changed.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate import drizzle
  planctl --migrations db/planctl migrate import db/migrations --from sqlx")]
pub struct ImportArgs {
    /// The other tool's folder
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: OsString,
    /// Whose folder it is [default: whose it looks like]
    #[arg(long, value_name = "LAYOUT", value_parser = tool())]
    from: Option<Tool>,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
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
        Ok(ImportRequest {
            from: settings.reads((&self.dir).into()),
            tool: self.from,
            migrations: settings.migrations()?,
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
    }
}
