//! `planctl schema dump`.

use std::ffi::OsString;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::TextOutputArgs;
use crate::commands::schema::dump::DumpRequest;
use crate::engine::DatabaseName;

/// Print the canonical DDL of a database: sorted, formatted, ready to run
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl schema dump -o ddl.sql
  planctl schema dump migrations   # what the migrations produce")]
pub struct DumpArgs {
    /// Database, DDL file or migrations folder [default: the database of --db]
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    file: Option<OsString>,
    /// Form and place of the result
    #[command(flatten)]
    pub output: TextOutputArgs,
}

impl DumpArgs {
    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<DumpRequest> {
        let source = match &self.file {
            Some(file) => settings.reads_schema(DatabaseName::parse(file)?)?,
            None => settings.db()?,
        };
        // A dump needs no spec: of several databases of which none was chosen, it asks for none.
        let spec = settings.spec_if_any().unwrap_or_default();
        Ok(DumpRequest { source, others: settings.others(), spec })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, settings};

    #[test]
    fn without_a_file_the_database_of_the_settings_is_dumped() {
        let source = |line: &str| {
            parse::<DumpArgs>(line).resolve(&settings(&[("PLANCTL_DB", "p.db")])).unwrap().source
        };
        assert_eq!(source(""), "p.db".into());
        assert_eq!(source("spec/ddl.sql"), "spec/ddl.sql".into());
    }
}
