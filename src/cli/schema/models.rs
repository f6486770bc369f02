//! `planctl schema models`.

use clap::ValueEnum;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::TextOutputArgs;
use crate::commands::schema::models::{ModelFiles, ModelsRequest};
use crate::models::{Language, Made, NamesFrom};

/// Write classes for the tables of the spec
///
/// The same spec, ledger and migrations always give the same file, so you can commit it; `planctl check --models FILE` fails
/// when it is out of date.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl schema models --lang python -o models.py
  planctl schema models --lang rust --names spec")]
pub struct ModelsArgs {
    /// Language of the classes
    #[arg(long, value_name = "LANGUAGE")]
    lang: LanguageArg,
    /// Whose names tables and columns have
    #[arg(long, value_name = "NAMES", default_value = "live")]
    names: NamesArg,
    /// Form and place of the result
    #[command(flatten)]
    pub output: TextOutputArgs,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum LanguageArg {
    /// SQLAlchemy 2 declarative classes
    Python,
    /// Structs and enums for rusqlite
    Rust,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum NamesArg {
    /// The database's, with everything that the ledger excuses
    Live,
    /// The spec's
    Spec,
}

impl ModelsArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<ModelsRequest> {
        let spec = settings.spec()?;
        let files = ModelFiles {
            deviations: settings.deviations(&spec)?,
            migrations: settings.migrations_if_any()?,
            spec,
        };
        let made = Made {
            language: match self.lang {
                LanguageArg::Python => Language::Python,
                LanguageArg::Rust => Language::Rust,
            },
            names: match self.names {
                NamesArg::Live => NamesFrom::Live,
                NamesArg::Spec => NamesFrom::Spec,
            },
            named: settings.sources_on_the_command_line(),
        };
        Ok(ModelsRequest { files, made })
    }
}
