//! Every rule on every fixture of all rules: exactly the findings that the fixture expects, and no other.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::migrations::{Migration, MigrationSet};
use crate::source::SourceFile;
use crate::sql::SqliteVersion;

use super::rules::FIXTURES;
use super::{LintOptions, RULES, lint};

/// A migration, and the lines at which rules find something.
pub(super) struct Fixture {
    up: &'static str,
    down: Option<&'static str>,
    sqlite: SqliteVersion,
    tested: bool,
    /// Rule, and line of the up file.
    in_up: &'static [(&'static str, usize)],
    /// Rule, and line of the down file.
    in_down: &'static [(&'static str, usize)],
}

impl Fixture {
    pub(super) const fn good(up: &'static str) -> Fixture {
        Fixture {
            up,
            down: Some("SELECT 1;"),
            sqlite: SqliteVersion::new(35, 0),
            tested: false,
            in_up: &[],
            in_down: &[],
        }
    }

    pub(super) const fn bad(up: &'static str, in_up: &'static [(&'static str, usize)]) -> Fixture {
        Fixture { in_up, ..Fixture::good(up) }
    }

    pub(super) const fn down(self, down: Option<&'static str>) -> Fixture {
        Fixture { down, ..self }
    }

    pub(super) const fn bad_down(self, in_down: &'static [(&'static str, usize)]) -> Fixture {
        Fixture { in_down, ..self }
    }

    pub(super) const fn sqlite(self, minor: u16) -> Fixture {
        Fixture { sqlite: SqliteVersion::new(minor, 0), ..self }
    }

    pub(super) const fn tested(self) -> Fixture {
        Fixture { tested: true, ..self }
    }

    fn found(&self, in_down: bool) -> Vec<(&'static str, usize)> {
        let set = MigrationSet {
            dir: PathBuf::from("m"),
            migrations: vec![Migration {
                version: 1,
                name: "a".to_owned(),
                up: SourceFile::new("m/V1__a.sql", self.up),
                down: self.down.map(|down| SourceFile::new("m/V1__a.down.sql", down)),
            }],
        };
        let tested = self.tested.then_some(1).into_iter().collect();
        let findings = lint(&set, &LintOptions { sqlite_version: self.sqlite, tested });
        findings
            .iter()
            .filter(|finding| finding.location.file.ends_with("V1__a.down.sql") == in_down)
            .map(|finding| (finding.rule, finding.location.line))
            .collect()
    }
}

#[test]
fn each_fixture_has_exactly_the_findings_that_it_expects() {
    for (rule, fixtures) in FIXTURES {
        for fixture in *fixtures {
            assert_eq!(fixture.found(false), fixture.in_up, "a fixture of {rule}: {}", fixture.up);
            let down = fixture.down.unwrap_or_default();
            assert_eq!(fixture.found(true), fixture.in_down, "a fixture of {rule}: {down}");
        }
    }
}

#[test]
fn each_rule_has_fixtures_that_break_it_and_fixtures_that_do_not() {
    for rule in RULES.iter().filter(|rule| !rule.needs_schema()) {
        let fixtures: Vec<_> =
            FIXTURES.iter().filter(|(code, _)| *code == rule.code).flat_map(|(_, f)| *f).collect();
        let breaks = |f: &&Fixture| f.in_up.iter().chain(f.in_down).any(|(code, _)| *code == rule.code);
        assert!(fixtures.iter().any(breaks), "{} has no bad fixture", rule.code);
        assert!(fixtures.iter().any(|f| !breaks(f)), "{} has no good fixture", rule.code);
    }
}

#[test]
fn codes_are_kebab_case_and_given_once() {
    let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len());
    for rule in RULES {
        assert!(rule.code.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.code);
        assert!(!rule.summary.ends_with('.') && rule.explanation.ends_with('.'), "{}", rule.code);
    }
}

proptest::proptest! {
    /// Any text at all: the rules are total, and what they report lies in the text.
    #[test]
    fn no_text_makes_a_rule_panic(words in proptest::collection::vec(proptest::sample::select(vec![
        "CREATE", "TABLE", "ALTER", "DROP", "ADD", "COLUMN", "t", "\"x\"", "(", ")", ",", ";", "RENAME", "TO", "INSERT",
        "INTO", "SELECT", "FROM", "VALUES", "NOT", "NULL", "DEFAULT", "REFERENCES", "ON", "DELETE", "SET", "CHECK", "IN",
        "=", ".", "PRAGMA", "foreign_keys", "UPDATE", "WITH", "AS", "1", "FOREIGN", "KEY", "CONSTRAINT", "PRIMARY",
        "WITHOUT", "ROWID", "STRICT", "RIGHT", "JOIN", "->", "concat", "RETURNING", "TRIGGER", "BEGIN", "END", "IS",
        "\n-- planctl:allow destructive-statement\n", "'", "/*", "é", "FOREIGN", "ALTER", "IF", "EXISTS",
    ]), 0..40)) {
        let text = words.join(" ");
        let migration = Migration {
            version: 1,
            name: "a".to_owned(),
            up: SourceFile::new("a", text.as_str()),
            down: Some(SourceFile::new("b", text.as_str())),
        };
        let set = MigrationSet { dir: PathBuf::new(), migrations: vec![migration] };
        let options = LintOptions { sqlite_version: SqliteVersion::new(20, 0), tested: BTreeSet::new() };
        for finding in lint(&set, &options) {
            proptest::prop_assert!(finding.location.line <= text.lines().count().max(1));
        }
    }
}
