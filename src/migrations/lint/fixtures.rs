//! Every rule on every fixture of all rules: exactly the findings that the fixture expects, and no other.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::base::source::SourceFile;
use crate::migrations::{Migration, MigrationSet};
use crate::sql::SqliteVersion;

use super::fixture::Fixture;
use super::rules::fixtures;
use super::{LintOptions, lint, rule};
use crate::base::rule::LintRule;

fn found(fixture: &Fixture, in_down: bool) -> Vec<(&'static str, usize)> {
    let set = MigrationSet {
        dir: PathBuf::from("m"),
        migrations: vec![Migration {
            version: 1,
            name: "a".to_owned(),
            up: SourceFile::new("m/V1__a.sql", fixture.up),
            down: fixture.down.map(|down| SourceFile::new("m/V1__a.down.sql", down)),
        }],
    };
    let tested = fixture.tested.then_some(1).into_iter().collect();
    let findings = lint(&set, &LintOptions { sqlite_version: fixture.sqlite, tested });
    findings
        .iter()
        .map(|finding| (finding.rule.as_str(), finding.location.as_ref().unwrap()))
        .filter(|(_, at)| at.file.ends_with("V1__a.down.sql") == in_down)
        .map(|(rule, at)| (rule, at.line))
        .collect()
}

#[test]
fn each_fixture_has_exactly_the_findings_that_it_expects() {
    for of in LintRule::all() {
        for fixture in fixtures(of) {
            assert_eq!(found(fixture, false), fixture.in_up, "a fixture of {of}: {}", fixture.up);
            let down = fixture.down.unwrap_or_default();
            assert_eq!(found(fixture, true), fixture.in_down, "a fixture of {of}: {down}");
        }
    }
}

#[test]
fn each_rule_has_fixtures_that_break_it_and_fixtures_that_do_not() {
    for of in LintRule::all().filter(|of| !rule(*of).needs_schema()) {
        let mut fixtures = fixtures(of).iter();
        let breaks = |f: &Fixture| f.in_up.iter().chain(f.in_down).any(|(code, _)| *code == of.as_str());
        assert!(fixtures.clone().any(breaks), "{of} has no bad fixture");
        assert!(fixtures.any(|f| !breaks(f)), "{of} has no good fixture");
    }
}

#[test]
fn a_summary_is_no_sentence_and_an_explanation_is_one() {
    for of in LintRule::all() {
        assert!(!rule(of).summary.ends_with('.') && rule(of).explanation.ends_with('.'), "{of}");
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
            proptest::prop_assert!(finding.location.unwrap().line <= text.lines().count().max(1));
        }
    }
}
