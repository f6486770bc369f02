//! Lint rules over migration files: what their text says they will do wrong.
//!
//! A rule is a name, [`LintRule`], and a [`Rule`] below `rules/`. It reads a [`View`] of a script (tokens and the shape of
//! each statement, never a database) and reports places. [`lint`] runs all of them, and then lets
//! `-- planctl:allow RULE REASON` silence what its author has thought about.
//!
//! A few rules need the schemas before and after a migration ([`Rule::needs_schema`]). Whoever has a database to run the
//! migrations on finds what breaks them, with the places that [`UpText`] gives, and [`judge`] makes findings of it.

mod allow;
mod for_nothing;
mod policy;
mod rebuilt;
mod rule;
mod rules;
mod schema;
mod shape;
mod view;

use std::collections::BTreeSet;
use std::path::Path;

use crate::base::error::Result;
use crate::base::finding::Finding;
use crate::base::rule::LintRule;

use super::testing::by_version;
use super::{MigrationSet, Version};
use allow::{apply, findings};
use rule::{Check, Context, Sink};
use view::{Names, View};

pub use for_nothing::{ForNothing, Gone, updated_for_nothing};
pub use policy::{Allowed, Level, Policy};
pub use rebuilt::{DroppedTable, dropped, rebuilt};
pub use rule::{LintOptions, Raised};
pub use rules::rule;
pub use schema::{RaisedIn, UpText, judge, swept_by};

/// Runs all rules over all scripts. Findings are sorted by version, up before down, and by their place in the file.
pub fn lint(set: &MigrationSet, options: &LintOptions) -> Vec<Finding> {
    let views: Vec<View<'_>> = set
        .migrations
        .iter()
        .flat_map(|migration| {
            let down = migration.down.iter().map(move |down| View::read(migration, down, true));
            std::iter::once(View::read(migration, &migration.up, false)).chain(down)
        })
        .collect();
    let mut names = Names::default();
    views.iter().for_each(|view| view.collect_names(&mut names));
    let context = Context { options, names: &names };
    views.iter().flat_map(|view| lint_view(view, &context)).collect()
}

fn lint_view(view: &View<'_>, context: &Context<'_>) -> Vec<Finding> {
    let mut raised = Vec::new();
    for of in LintRule::all() {
        if let Check::Text(check) = rule(of).check {
            check(view, context, &mut Sink { rule: of, raised: &mut raised });
        }
    }
    findings(view, apply(view, raised))
}

/// The versions that have a test, `V<version>__<what>.test.sql`, in a folder. A folder that does not exist has none.
///
/// # Errors
/// When the folder cannot be read.
pub fn tested_versions(dir: &Path) -> Result<BTreeSet<Version>> {
    if !dir.exists() {
        return Ok(BTreeSet::new());
    }
    Ok(by_version(dir)?.into_iter().map(|(version, _)| version).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::name::tested_version;

    #[test]
    fn a_test_file_names_the_version_that_it_tests() {
        assert_eq!(tested_version("V07__roots-of-orphans.test.sql"), Some(7));
        for name in ["V7__x.sql", "7__x.test.sql", "V7__.test.sql", "V+7__x.test.sql", "V7_x.test.sql"] {
            assert_eq!(tested_version(name), None, "{name}");
        }
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("V2__x.test.sql"), "").unwrap();
        assert_eq!(tested_versions(dir.path()).unwrap(), BTreeSet::from([2]));
        assert!(tested_versions(&dir.path().join("none")).unwrap().is_empty());
    }
}
