//! Lint rules over migration files: what their text says they will do wrong.
//!
//! A rule is a name, [`LintRule`], and one file in `rules/`. It reads a [`View`] of a script (tokens and the shape of
//! each statement, never a database) and reports places. [`lint`] runs all of them, and then lets
//! `-- planctl:allow RULE REASON` silence what its author has thought about.
//!
//! A few rules need the schemas before and after a migration ([`Rule::needs_schema`]). Whoever has a database to run the
//! migrations on finds what breaks them, with the places that [`UpText`] gives, and [`judge`] makes findings of it.

mod allow;
mod cursor;
mod policy;
mod references;
mod rules;
mod schema;
mod shape;
mod view;

#[cfg(test)]
mod fixtures;

use std::collections::BTreeSet;
use std::path::Path;

use crate::base::error::{Error, Result};
use crate::base::finding::{Finding, Object};
use crate::base::rule::LintRule;
use crate::base::severity::Severity;
use crate::base::source::SourceFile;
use crate::sql::{SqliteVersion, is_rowid_name};

use super::name::is_word;
use super::{MigrationSet, Version};
use cursor::Name;
use shape::Stmt;
use view::{Names, View};

pub use policy::{Level, Policy};
pub use rules::rule;
pub use schema::{SchemaRaised, UpText, judge};
pub use shape::{Alteration, alteration};

/// What the rules are measured against.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LintOptions {
    /// The oldest SQLite that must be able to run the migrations.
    pub sqlite_version: SqliteVersion,
    /// The versions that have a migration test, as [`tested_versions`] finds them.
    pub tested: BTreeSet<Version>,
}

/// One lint rule.
pub struct Rule {
    /// How bad what it finds is.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Why that is wrong and what to do, in a few sentences.
    pub explanation: &'static str,
    check: Check,
}

/// Who finds what breaks a rule.
enum Check {
    /// The rule itself, in the text.
    Text(fn(&View<'_>, &Context<'_>, &mut Sink<'_>)),
    /// Whoever has the schemas before and after.
    Schema,
    /// [`allow::apply`], of the directives.
    Directive,
}

impl Rule {
    /// Whether the text alone does not show what breaks the rule. An `allow` of such a rule is for its whole file.
    pub fn needs_schema(&self) -> bool {
        matches!(self.check, Check::Schema)
    }
}

/// What a rule may know besides the script.
struct Context<'a> {
    options: &'a LintOptions,
    names: &'a Names,
}

impl Context<'_> {
    /// Whether `name` can be a column in a statement: one of the set, or one that the files do not tell of.
    fn may_be_column(&self, name: &Name, stmt: &Stmt<'_>) -> bool {
        // SQLite's own besides the rowid: the columns of sqlite_schema, sqlite_sequence, json_each and the pragmas' functions.
        const BUILT_IN: [&str; 28] = [
            "type",
            "name",
            "tbl_name",
            "rootpage",
            "sql",
            "seq",
            "key",
            "value",
            "atom",
            "id",
            "parent",
            "fullkey",
            "path",
            "json",
            "root",
            "rank",
            "cid",
            "notnull",
            "dflt_value",
            "pk",
            "hidden",
            "unique",
            "origin",
            "partial",
            "seqno",
            "table",
            "from",
            "to",
        ];
        let lower = name.as_str().to_ascii_lowercase();
        let knows_table = || {
            let mut words = stmt.tokens.iter().filter(|token| token.can_be_name());
            words.any(|token| self.names.tables.contains(&token.unquoted().to_ascii_lowercase()))
        };
        self.names.columns.contains(&lower)
            || is_rowid_name(&lower)
            || BUILT_IN.contains(&lower.as_str())
            || !knows_table()
    }
}

/// What a rule reports goes here.
struct Sink<'a> {
    rule: LintRule,
    raised: &'a mut Vec<Raised>,
}

/// A finding before its place is looked up.
struct Raised {
    rule: LintRule,
    /// The rule's, as a rule.
    severity: Severity,
    at: usize,
    message: String,
    help: String,
}

impl Sink<'_> {
    /// Reports what stands at a byte offset of the script.
    fn report(&mut self, at: usize, message: impl Into<String>, help: impl Into<String>) {
        self.report_as(rule(self.rule).severity, at, message, help);
    }

    /// The same, where it is not as bad as the rule says, or worse.
    fn report_as(
        &mut self,
        severity: Severity,
        at: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.raised.push(Raised { severity, at, ..Raised::new(self.rule, message.into(), help.into()) });
    }
}

impl Raised {
    /// At the beginning of the script.
    fn new(of: LintRule, message: String, help: String) -> Raised {
        Raised { rule: of, severity: rule(of).severity, at: 0, message, help }
    }

    fn finding(self, file: &SourceFile) -> Finding {
        let location = Some(file.location(self.at));
        let object = Object::file(location.as_ref());
        let finding = Finding::new(self.rule, self.severity, object, self.message);
        Finding { help: Some(self.help), location, ..finding }
    }
}

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
    let mut raised = allow::apply(view, raised);
    raised.sort_by_key(|finding| (finding.at, finding.rule));
    raised.into_iter().map(|finding| finding.finding(view.file)).collect()
}

/// The versions that have a test, `V<version>__<what>.test.sql`, in a folder. A folder that does not exist has none.
///
/// # Errors
/// When the folder cannot be read.
pub fn tested_versions(dir: &Path) -> Result<BTreeSet<Version>> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(Error::file(dir, error)),
    };
    let mut tested = BTreeSet::new();
    for entry in entries {
        let name = entry.map_err(|error| Error::file(dir, error))?.file_name();
        tested.extend(name.to_str().and_then(tested_version));
    }
    Ok(tested)
}

fn tested_version(file_name: &str) -> Option<Version> {
    let (version, what) = file_name.strip_suffix(".test.sql")?.strip_prefix('V')?.split_once("__")?;
    let plain = version.bytes().all(|byte| byte.is_ascii_digit()) && what.chars().any(is_word);
    plain.then(|| version.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

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
