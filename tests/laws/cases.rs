//! The audit's case folder: each file of `tests/audit_cases` is one pair of schemas and what the audit says of it.
//!
//! Law: it reports exactly what the file expects; a pair that expects nothing is clean both ways; every schema is
//! clean against itself but for what does not compile; exchanging the sides mirrors the findings; a second run says the same.
//!
//! `tests/harness/cases.rs` says what a file holds.

use std::collections::BTreeSet;

use planctl::internals::audit::{Audit, Finding, Ledger, compare};
use planctl::internals::base::job::Job;
use planctl::internals::base::rule::Difference;
use planctl::internals::base::source::SourceFile;
use planctl::internals::engine;
use planctl::internals::report::Severity;

use crate::harness;

/// A case, ready to be run.
struct Case {
    name: String,
    spec: SourceFile,
    live: SourceFile,
    expected: Vec<String>,
    notes: Vec<String>,
}

fn cases() -> Vec<Case> {
    let ready = |case: harness::cases::Case| Case {
        name: case.name,
        spec: SourceFile::new("spec.sql", case.spec),
        live: SourceFile::new("live.sql", case.live),
        expected: case.expected,
        notes: case.notes,
    };
    harness::cases::cases().into_iter().map(ready).collect()
}

fn run(spec: &SourceFile, live: &SourceFile) -> Audit {
    let live = engine::spec_database(live, Job::quiet()).unwrap().schema().unwrap();
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
            format!("{severity} {} {}", finding.rule.as_str(), parts.join(".")).replace('\n', "\\n")
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
        let told = |note: &String| audit.findings.iter().any(|finding| finding.message.contains(note));
        if found != case.expected || !case.notes.iter().all(told) {
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
    let mut wrong = Vec::new();
    for case in cases() {
        let mut clean = |spec, live, how: &str| {
            let audit = run(spec, live);
            // What does not compile is wrong by itself, and the same on both sides.
            let differs = |f: &&Finding| !(f.rule.as_str().starts_with("broken-") && f.expected == f.actual);
            let messages: Vec<&str> =
                audit.findings.iter().filter(differs).map(|finding| finding.message.as_str()).collect();
            if !messages.is_empty() {
                wrong.push(format!("{} {how}: {messages:?}", case.name));
            }
        };
        if case.expected.is_empty() {
            clean(&case.live, &case.spec, "the other way");
        }
        clean(&case.spec, &case.spec, "the spec against itself");
        clean(&case.live, &case.live, "the database against itself");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The kind of finding when spec and database change places.
fn mirrored(finding: &Finding) -> String {
    let code = finding.rule.as_str();
    let both_sides = finding.expected.is_some() && finding.actual.is_some();
    match code.split_once('-') {
        // A table where the other side has a view.
        Some(("missing", "table")) if both_sides => "missing-view".to_owned(),
        Some(("missing", "view")) if both_sides => "missing-table".to_owned(),
        // Something else of the same kind: it stays one finding about what the spec says.
        Some(("missing", "check" | "foreign-key")) if both_sides => code.to_owned(),
        Some(("missing", "unique")) if finding.actual.as_deref().is_some_and(|a| a.starts_with("UNIQUE")) => {
            code.to_owned()
        }
        Some(("missing", kind)) => format!("extra-{kind}"),
        Some(("extra", kind)) => format!("missing-{kind}"),
        _ => code.to_owned(),
    }
}

#[test]
fn spec_and_database_exchanged_give_the_mirrored_findings() {
    for case in cases() {
        let kinds = |audit: &Audit, of: &dyn Fn(&Finding) -> String| {
            let mut kinds: Vec<String> =
                audit.findings.iter().map(|f| format!("{} {:?}", of(f), f.severity)).collect();
            kinds.sort();
            kinds
        };
        let (one, other) = (run(&case.spec, &case.live), run(&case.live, &case.spec));
        let own = |finding: &Finding| finding.rule.as_str().to_owned();
        assert_eq!(kinds(&one, &mirrored), kinds(&other, &own), "{}", case.name);
    }
}

#[test]
fn a_second_run_gives_the_same_findings_byte_for_byte() {
    for case in cases() {
        let [one, other] = [(); 2].map(|()| format!("{:?}", run(&case.spec, &case.live)));
        assert_eq!(one, other, "{}", case.name);
    }
}

#[test]
fn every_rule_about_schemas_has_a_case_that_raises_it() {
    let cases = cases();
    let raised: BTreeSet<&str> =
        cases.iter().flat_map(|case| &case.expected).filter_map(|line| line.split(' ').nth(1)).collect();
    let unproven: Vec<&str> =
        Difference::all().map(Difference::as_str).filter(|code| !raised.contains(code)).collect();
    assert!(unproven.is_empty(), "no case raises {unproven:?}");
    assert!(cases.iter().filter(|case| case.expected.is_empty()).count() > 80, "equal spellings are gone");
}

#[test]
fn every_finding_has_a_place_in_the_spec_or_is_about_what_the_spec_does_not_have() {
    for case in cases() {
        for finding in run(&case.spec, &case.live).findings {
            let code = finding.rule.as_str();
            let is_extra =
                code.starts_with("extra-") || code.starts_with("broken-") && finding.expected.is_none();
            assert!(is_extra || finding.location.is_some(), "{}: {}", case.name, finding.message);
        }
    }
}

#[test]
fn a_file_whose_modules_and_tokenizers_are_not_here_is_read_with_its_shadow_tables_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("live.db");
    let statements = [
        "CREATE VIRTUAL TABLE known USING fts5(a, tokenize='nowhere')",
        "CREATE VIRTUAL TABLE docs USING vec0(e float[768])",
        "CREATE VIRTUAL TABLE \"o'brien\" USING nosuch(\"a b\", 'x''y')",
    ];
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .execute_batch(
            "CREATE VIRTUAL TABLE known USING fts5(a);
             CREATE TABLE docs_chunks(x); CREATE TABLE docs_vector_chunks00(x);
             PRAGMA writable_schema = ON;
             DELETE FROM sqlite_schema WHERE name = 'known';",
        )
        .unwrap();
    for sql in statements {
        let name = planctl::internals::ddl::created(sql).unwrap().1;
        let enter =
            "INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES ('table', ?1, ?1, 0, ?2)";
        connection.execute(enter, [name.as_str(), sql]).unwrap();
    }
    drop(connection);
    let mut opened =
        engine::open(&file, engine::Access::ReadOnly, engine::OpenOptions::default(), Job::quiet()).unwrap();
    let live = opened.inspect().unwrap();
    let spec = SourceFile::new("spec.sql", statements.map(|sql| format!("{sql};\n")).concat());
    let today = time::Date::from_calendar_date(2026, time::Month::January, 1).unwrap();
    let audit = compare(&spec, &Ledger::default(), &live, false, today).unwrap();
    assert_eq!(lines(&audit), Vec::<String>::new());
    assert_eq!(live.tables.len(), 3, "{:?}", live.tables.keys());
}
