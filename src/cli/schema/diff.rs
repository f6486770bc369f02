//! `planctl schema diff`.

use std::ffi::OsString;

use crate::cli::database;
use crate::cli::output::FindingsOutputArgs;
use crate::commands::schema::diff::DiffRequest;
use crate::error::Result;

/// Show how two schemas differ
///
/// FROM and TO are each a database, a DDL file or a migrations folder.
#[derive(clap::Args, Clone, Debug)]
pub struct DiffArgs {
    /// Where one starts
    #[arg(value_name = "FROM", value_hint = clap::ValueHint::AnyPath)]
    from: OsString,
    /// Where one wants to be
    #[arg(value_name = "TO", value_hint = clap::ValueHint::AnyPath)]
    to: OsString,
    /// Form and place of the result
    #[command(flatten)]
    pub output: FindingsOutputArgs,
}

impl DiffArgs {
    /// Arguments → request.
    ///
    /// # Errors
    /// When a side is a URL of something that is not SQLite.
    pub fn resolve(&self) -> Result<DiffRequest> {
        Ok(DiffRequest { from: database::path_of(&self.from)?, to: database::path_of(&self.to)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, refused};

    #[test]
    fn both_sides_may_be_paths_or_urls() {
        let request = parse::<DiffArgs>("sqlite:a.db migrations").resolve().unwrap();
        assert_eq!(request, DiffRequest { from: "a.db".into(), to: "migrations".into() });
        assert!(parse::<DiffArgs>("a.db mysql://x/y").resolve().is_err());
        assert!(refused::<DiffArgs>("a.db").contains("<TO>"));
    }
}
