//! The lint's case folder: each file of `tests/lint_cases` is named after a rule, and holds migrations that break it and
//! migrations that do not.
//!
//! A line `-- case` begins a migration; it may say which SQLite is the oldest to be supported (`sqlite 3.53`), where it must run (`target d1`), and that the
//! migration has a test (`tested`). Its up file stands below, and behind `-- down` its down file; without that the down
//! file does something, and `-- no down` means that there is none. `-- expect: RULE in line N` is a finding in the up file,
//! with `of the down` behind it one in the down file.
//!
//! Law: of all rules, exactly those that a case expects find something, at these lines.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use planctl::internals::base::rule::LintRule;
use planctl::internals::base::source::SourceFile;
use planctl::internals::migrations::lint::{LintOptions, lint, rule};
use planctl::internals::migrations::{Migration, MigrationSet};
use planctl::internals::sql::{SqliteVersion, Target};

use crate::harness::{entries, repository};

/// The rules about directives have one file for all of them.
const OF_DIRECTIVES: &str = "allow";

struct Case {
    /// The file's name without `.sql`.
    page: String,
    up: String,
    down: Option<String>,
    sqlite: SqliteVersion,
    target: Target,
    tested: bool,
    /// As in the file, sorted.
    expected: Vec<String>,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for file in entries(&repository("tests/lint_cases")) {
        let page = file.file_stem().unwrap().to_string_lossy().into_owned();
        let mut in_down = false;
        for line in fs::read_to_string(&file).unwrap().lines() {
            if let Some(said) = line.strip_prefix("-- case") {
                let word = |key: &str| {
                    let (_, rest) = said.split_once(key)?;
                    rest.split([' ', ',']).next()
                };
                cases.push(Case {
                    page: page.clone(),
                    up: String::new(),
                    down: Some("SELECT 1;".to_owned()),
                    sqlite: word("sqlite ").unwrap_or("3.35").parse().unwrap(),
                    target: word("target ").unwrap_or("sqlite").parse().unwrap(),
                    tested: said.contains("tested"),
                    expected: Vec::new(),
                });
                in_down = false;
                continue;
            }
            let case = cases.last_mut().unwrap();
            match line {
                "-- down" => (in_down, case.down) = (true, Some(String::new())),
                "-- no down" => case.down = None,
                _ => match (line.strip_prefix("-- expect: "), &mut case.down) {
                    (Some(finding), _) => case.expected.push(finding.to_owned()),
                    (None, Some(down)) if in_down => down.push_str(&format!("{line}\n")),
                    (None, _) => case.up.push_str(&format!("{line}\n")),
                },
            }
        }
    }
    cases
}

fn found(case: &Case) -> Vec<String> {
    let set = MigrationSet {
        dir: PathBuf::from("m"),
        migrations: vec![Migration {
            version: 1,
            name: "a".to_owned(),
            up: SourceFile::new("m/V1__a.sql", case.up.as_str()),
            down: case.down.as_deref().map(|down| SourceFile::new("m/V1__a.down.sql", down)),
        }],
    };
    let tested = case.tested.then_some(1).into_iter().collect();
    let findings = lint(&set, &LintOptions { sqlite_version: case.sqlite, target: case.target, tested });
    let line = |finding: &planctl::internals::audit::Finding| {
        let at = finding.location.as_ref().unwrap();
        let of = if at.file.ends_with("V1__a.down.sql") { " of the down" } else { "" };
        format!("{} in line {}{of}", finding.rule, at.line)
    };
    findings.iter().map(line).collect()
}

#[test]
fn each_case_has_exactly_the_findings_that_it_expects() {
    for case in cases() {
        let (mut found, mut expected) = (found(&case), case.expected);
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "a case of {}: {}", case.page, case.up);
    }
}

#[test]
fn each_rule_has_a_case_that_breaks_it_and_one_that_does_not() {
    let cases = cases();
    for of in LintRule::all().filter(|of| !rule(*of).needs_schema()) {
        let breaks = |case: &&Case| case.expected.iter().any(|line| line.starts_with(&format!("{of} in ")));
        assert!(cases.iter().any(|case| breaks(&case)), "no case breaks {of}");
        let mut of_page =
            cases.iter().filter(|case| [of.as_str(), OF_DIRECTIVES].contains(&case.page.as_str()));
        assert!(of_page.any(|case| !breaks(&case)), "no case of {of} is good");
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
        let options = LintOptions { sqlite_version: SqliteVersion::new(20, 0), target: Target::Sqlite, tested: BTreeSet::new() };
        for finding in lint(&set, &options) {
            proptest::prop_assert!(finding.location.unwrap().line <= text.lines().count().max(1));
        }
    }
}
