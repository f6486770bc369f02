//! What a project makes of the rules: which it does not want, which are more or less to it, and from which version on.

use std::collections::BTreeMap;

use crate::base::finding::Finding;
use crate::base::rule::{LintRule, RuleCode};
use crate::base::severity::Severity;
use crate::migrations::{MigrationSet, Version};

/// What a project makes of the rules.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Policy {
    /// The oldest version whose files are linted; all when absent. A file that was applied can't be changed any more, not
    /// even by an `allow`.
    pub from: Option<Version>,
    /// Severity of a rule, in place of its default.
    pub levels: BTreeMap<LintRule, Level>,
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
    /// What is left of the findings on files of `set`.
    pub fn apply(&self, set: &MigrationSet, findings: Vec<Finding>) -> Vec<Finding> {
        let squash = set.squash().map(|squash| squash.file.version);
        if *self == Policy::default() && squash.is_none() {
            return findings;
        }
        // What a squashed file makes was there before: it was proven, and cannot be changed any more.
        let is_old = |version| !self.concerns(version) || squash == Some(version);
        let old = set.migrations.iter().filter(|migration| is_old(migration.version));
        let old: Vec<_> =
            old.flat_map(|migration| std::iter::once(&migration.up).chain(&migration.down)).collect();
        let is_old = |finding: &Finding| {
            finding.location.as_ref().is_some_and(|at| old.iter().any(|file| file.path() == at.file))
        };
        let level = |rule| match rule {
            RuleCode::Lint(rule) => self.levels.get(&rule),
            _ => None,
        };
        let judged = findings.into_iter().filter_map(|finding| match level(finding.rule) {
            Some(Level::Off) => None,
            Some(Level::As(severity)) => Some(Finding { severity: *severity, ..finding }),
            None => Some(finding),
        });
        judged.filter(|finding| !is_old(finding)).collect()
    }

    /// Whether files of a version are linted, and tried up and down by `check`.
    pub fn concerns(&self, version: Version) -> bool {
        self.from.is_none_or(|from| version >= from)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::migrations::lint::{LintOptions, lint};
    use crate::sql::{SqliteVersion, Target};

    #[test]
    fn old_files_and_rules_that_are_off_say_nothing_and_a_rule_is_as_severe_as_the_project_has_it() {
        let files = [("V1__a.sql", "DROP TABLE a;"), ("V2__b.sql", "DROP TABLE b;")];
        let set = MigrationSet::from_texts(Path::new("m"), files).unwrap();
        let options = LintOptions {
            sqlite_version: SqliteVersion::new(35, 0),
            target: Target::Sqlite,
            tested: BTreeSet::new(),
        };
        let found = lint(&set, &options);
        let of = |from, levels: &[(LintRule, Level)]| -> Vec<String> {
            let policy = Policy { from, levels: levels.iter().copied().collect() };
            let left = policy.apply(&set, found.clone());
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
}
