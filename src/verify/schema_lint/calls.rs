//! `unknown-function`: what stood in for a function when a migration ran.

use crate::base::rule::LintRule;
use crate::migrations::lint::{Raised, UpText};

pub(crate) fn raised(function: &str, text: &UpText<'_>) -> Raised {
    Raised::new(
        LintRule::UnknownFunction,
        text.call(function),
        format!(
            "{function}() is none of SQLite's functions: planctl cannot run this on a file, and checks it with NULL in the \
             place of what {function}() gives"
        ),
        format!(
            "correct a slip; where {function}() is the application's, write `-- planctl:allow unknown-function REASON` above \
             the statement, or for a file that was applied `rules = {{ unknown-function = \"off\" }}` below [lint] in \
             planctl.toml, and have the application run the migration (`planctl::migrate`)"
        ),
    )
}
