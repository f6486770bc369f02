//! The audit's case folder: each file of `tests/audit_cases` is one pair of schemas and what the audit says of it.
//!
//! Law: it reports exactly what the file expects; a pair that expects nothing is clean both ways; every schema is
//! clean against itself.
//!
//! A file has the sections `-- spec`, `-- live` and, for each finding expected, a line
//! `-- expect: SEVERITY RULE OBJECT` (OBJECT is the finding's table, or table and name with a dot between).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use planctl::audit::{Audit, Ledger};
use planctl::commands::audit::compare;
use planctl::engine;
use planctl::report::Severity;
use planctl::source::SourceFile;

struct Case {
    name: String,
    spec: SourceFile,
    live: SourceFile,
    expected: Vec<String>,
}

fn cases() -> Vec<Case> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit_cases");
    let mut cases: Vec<Case> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .map(|path| read(&path))
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

fn read(path: &Path) -> Case {
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let text = fs::read_to_string(path).unwrap();
    let (mut spec, mut live, mut expected) = (String::new(), String::new(), Vec::new());
    let mut section: Option<&mut String> = None;
    for line in text.lines() {
        if line == "-- spec" {
            section = Some(&mut spec);
        } else if line == "-- live" {
            section = Some(&mut live);
        } else if let Some(finding) = line.strip_prefix("-- expect: ") {
            expected.push(finding.trim().to_owned());
        } else if let Some(section) = &mut section {
            section.push_str(line);
            section.push('\n');
        }
    }
    expected.sort();
    Case { spec: SourceFile::new("spec.sql", spec), live: SourceFile::new("live.sql", live), expected, name }
}

fn run(spec: &SourceFile, live: &SourceFile) -> Audit {
    let live = engine::reference(live).unwrap().schema().unwrap();
    let today = time::Date::from_calendar_date(2026, time::Month::January, 1).unwrap();
    compare(spec, &Ledger::default(), &live, false, today).unwrap()
}

fn lines(audit: &Audit) -> Vec<String> {
    let mut lines: Vec<String> = audit
        .findings
        .iter()
        .map(|finding| {
            let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
            let object = &finding.object;
            let name = object.name.as_ref().filter(|name| object.table.as_ref() != Some(name));
            let parts: Vec<&str> =
                [object.table.as_ref(), name].into_iter().flatten().map(String::as_str).collect();
            format!("{severity} {} {}", finding.rule.code, parts.join("."))
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn each_case_gives_exactly_the_findings_that_it_expects() {
    let cases = cases();
    let mut wrong = Vec::new();
    for case in &cases {
        let audit = run(&case.spec, &case.live);
        let found = lines(&audit);
        if found != case.expected {
            let details: Vec<String> = audit
                .findings
                .iter()
                .map(|f| format!("      {} [{:?} / {:?}]", f.message, f.expected, f.actual))
                .collect();
            wrong.push(format!(
                "{}\n    expected {:?}\n    found    {found:?}\n{}",
                case.name,
                case.expected,
                details.join("\n")
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn equal_pairs_are_clean_both_ways_and_every_schema_is_clean_against_itself() {
    for case in cases() {
        if case.expected.is_empty() {
            assert_eq!(
                lines(&run(&case.live, &case.spec)),
                Vec::<String>::new(),
                "{} the other way",
                case.name
            );
        }
        for schema in [&case.spec, &case.live] {
            assert_eq!(lines(&run(schema, schema)), Vec::<String>::new(), "{} against itself", case.name);
        }
    }
}
