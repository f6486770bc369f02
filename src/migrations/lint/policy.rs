//! What a project makes of the rules: which it does not want, which are more or less to it, and from which version on.

use std::collections::BTreeMap;
use std::path::Path;

use super::rules::rule;
use crate::base::finding::{Finding, Object};
use crate::base::rule::{LintRule, RuleCode};
use crate::base::severity::Severity;
use crate::base::source::Location;
use crate::migrations::{MigrationSet, Version};

/// What a project makes of the rules.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Policy {
    /// The oldest version whose files are linted; all when absent. A file that was applied can't be changed any more, not
    /// even by an `allow`.
    pub from: Option<Version>,
    /// Severity of a rule, in place of its default.
    pub levels: BTreeMap<LintRule, Level>,
    /// What is allowed in files that cannot say so themselves.
    pub allowed: Vec<Allowed>,
}

/// A rule that one migration may break: what an `allow` in its files would say, had they not been applied already.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allowed {
    /// The migration.
    pub version: Version,
    /// The rule.
    pub rule: LintRule,
    /// Where that is said.
    pub at: Location,
}

/// What a rule is to a project.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// Nothing at all.
    Off,
    /// A finding of this severity.
    As(Severity),
}

impl Level {
    /// Each with its name in planctl.toml.
    pub const ALL: [(&'static str, Level); 3] = [
        ("off", Level::Off),
        ("warning", Level::As(Severity::Warning)),
        ("error", Level::As(Severity::Error)),
    ];
}

impl Policy {
    /// What is left of the findings on files of `set`, and what is allowed there without need. `known`: the rules that need
    /// the schema of which these are all the findings that there can be.
    pub fn apply(&self, set: &MigrationSet, findings: Vec<Finding>, known: &[LintRule]) -> Vec<Finding> {
        let squash = set.squash().map(|squash| squash.file.version);
        if *self == Policy::default() && squash.is_none() {
            return findings;
        }
        let files = set.migrations.iter().flat_map(|migration| {
            let files = std::iter::once(&migration.up).chain(&migration.down);
            files.map(|file| (file.path(), migration.version))
        });
        let versions: BTreeMap<&Path, Version> = files.collect();
        // What a squashed file makes was there before: it was proven, and cannot be changed any more.
        let is_old = |version| !self.concerns(version) || squash == Some(version);
        let version = |finding: &Finding| {
            finding.location.as_ref().and_then(|at| versions.get(at.file.as_path())).copied()
        };
        let allowed = |finding: &Finding| {
            let of_file = version(finding);
            self.allowed.iter().find(|of| finding.rule == of.rule.into() && of_file == Some(of.version))
        };
        let needed: Vec<&Allowed> = findings.iter().filter_map(allowed).collect();
        let is_known = |of: &Allowed| !rule(of.rule).needs_schema() || known.contains(&of.rule);
        let unneeded = self.allowed.iter().filter(|of| is_known(of) && !needed.contains(of));
        let level = |of| match of {
            RuleCode::Lint(rule) => self.levels.get(&rule),
            _ => None,
        };
        let left = findings
            .into_iter()
            .filter(|found| allowed(found).is_none() && !version(found).is_some_and(is_old));
        let judged = left.chain(unneeded.map(Allowed::unneeded));
        judged
            .filter_map(|finding| match level(finding.rule) {
                Some(Level::Off) => None,
                Some(Level::As(severity)) => Some(Finding { severity: *severity, ..finding }),
                None => Some(finding),
            })
            .collect()
    }

    /// Whether files of a version are linted, and tried up and down by `check`.
    pub fn concerns(&self, version: Version) -> bool {
        self.from.is_none_or(|from| version >= from)
    }
}

impl Allowed {
    fn unneeded(&self) -> Finding {
        let message = format!("nothing in V{} breaks the rule `{}`", self.version, self.rule);
        let (of, location) = (LintRule::UnusedAllow, Some(self.at.clone()));
        let finding = Finding::new(of, rule(of).severity, Object::file(location.as_ref()), message);
        Finding { help: Some("delete the entry".to_owned()), location, ..finding }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::base::source::SourceFile;
    use crate::migrations::lint::{LintOptions, lint};
    use crate::sql::{SqliteVersion, Target};

    /// Two files, and what lint finds in them.
    fn linted() -> (MigrationSet, Vec<Finding>) {
        let files = [("V1__a.sql", "DROP TABLE a;"), ("V2__b.sql", "DROP TABLE b;")];
        let set = MigrationSet::from_texts(Path::new("m"), files).unwrap();
        let options = LintOptions {
            sqlite_version: SqliteVersion::new(35, 0),
            target: Target::Sqlite,
            tested: BTreeSet::new(),
        };
        let found = lint(&set, &options);
        (set, found)
    }

    #[test]
    fn old_files_and_rules_that_are_off_say_nothing_and_a_rule_is_as_severe_as_the_project_has_it() {
        let (set, found) = linted();
        let of = |from, levels: &[(LintRule, Level)]| -> Vec<String> {
            let policy = Policy { from, levels: levels.iter().copied().collect(), allowed: Vec::new() };
            let left = policy.apply(&set, found.clone(), &[]);
            left.iter()
                .map(|finding| {
                    let version = finding.location.as_ref().unwrap().file.to_string_lossy()[2..4].to_owned();
                    format!("{version} {} {:?}", finding.rule, finding.severity)
                })
                .collect()
        };
        let all = of(None, &[]);
        assert!(
            all.len() >= 4 && all.iter().any(|line| line.starts_with("V1 destructive-statement")),
            "{all:?}"
        );
        let new: Vec<String> = all.iter().filter(|line| line.starts_with("V2")).cloned().collect();
        assert_eq!(of(Some(2), &[]), new);
        assert_eq!(of(Some(3), &[]), [""; 0]);
        let off = of(Some(2), &[(LintRule::DestructiveStatement, Level::Off)]);
        assert_eq!(off.len(), new.len() - 1);
        for severity in [Severity::Warning, Severity::Error] {
            let line = format!("V2 missing-down {severity:?}");
            assert!(of(Some(2), &[(LintRule::MissingDown, Level::As(severity))]).contains(&line), "{line}");
        }
    }

    #[test]
    fn what_is_allowed_in_a_file_is_not_reported_there_and_an_entry_that_nothing_needs_is() {
        let (set, found) = linted();
        let toml = SourceFile::new("planctl.toml", "1\n2\n3\n4\n");
        let entries = [
            (2, LintRule::DestructiveStatement),
            (2, LintRule::EmptyUp),
            (3, LintRule::DestructiveStatement),
            (1, LintRule::RebuildLoses),
        ];
        let allowed = entries.iter().enumerate();
        let allowed =
            allowed.map(|(n, &(version, rule))| Allowed { version, rule, at: toml.location(2 * n) });
        let policy = Policy { allowed: allowed.collect(), ..Policy::default() };
        let left = |known: &[LintRule]| -> Vec<String> {
            let left = policy.apply(&set, found.clone(), known).into_iter();
            let of = |finding: &Finding| {
                [LintRule::DestructiveStatement, LintRule::UnusedAllow]
                    .map(RuleCode::from)
                    .contains(&finding.rule)
            };
            left.filter(of)
                .map(|of| format!("{} {}: {}", of.location.unwrap(), of.rule, of.message))
                .collect()
        };
        let expected = [
            "m/V1__a.sql:1:1 destructive-statement: the rows of a are deleted with the table",
            "planctl.toml:2:1 unused-allow: nothing in V2 breaks the rule `empty-up`",
            "planctl.toml:3:1 unused-allow: nothing in V3 breaks the rule `destructive-statement`",
            "planctl.toml:4:1 unused-allow: nothing in V1 breaks the rule `rebuild-loses`",
        ];
        assert_eq!(left(&[LintRule::RebuildLoses]), expected);
        assert_eq!(left(&[]), expected[..3]);
    }
}
