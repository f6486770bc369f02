//! `planctl migrate new`.

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::OutputArgs;
use crate::commands::migrate::new::NewRequest;

/// Create the next pair of migration files from a template
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl migrate new add_owner_to_plans")]
pub struct NewArgs {
    /// What the migration does, as in add_plan_owner
    #[arg(value_name = "NAME")]
    name: String,
    /// Form and place of the result
    #[command(flatten)]
    pub output: OutputArgs,
}

impl NewArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<NewRequest> {
        Ok(NewRequest { migrations: settings.migrations()?, name: self.name.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused, settings};

    #[test]
    fn the_name_is_handed_on_as_typed() {
        assert_eq!(parse::<NewArgs>("add_Owner").resolve(&settings(&[])).unwrap().name, "add_Owner");
        assert!(refused::<NewArgs>("").contains("<NAME>"));
    }
}
