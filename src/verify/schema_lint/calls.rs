//! `unknown-function`: what stood in for a function when a migration ran.

use crate::base::rule::LintRule;
use crate::migrations::lint::{Raised, UpText};

pub(crate) fn raised(function: &str, text: &UpText<'_>) -> Raised {
    Raised::new(
        LintRule::UnknownFunction,
        text.call(function),
        format!(
            "{function}() is not a SQLite function: planctl cannot run this on a file, and checks it with NULL in place of its result"
        ),
        format!(
            "correct the name if it is misspelt; if {function}() is the application's, write `-- planctl:allow unknown-function REASON` above \
             the statement, or for a file that was applied `rules = {{ unknown-function = \"off\" }}` below [lint] in \
             planctl.toml, and have the application run the migration (`planctl::migrate`)"
        ),
    )
}
