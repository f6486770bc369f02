//! Laws of every format, on one report whose every text is hostile.

use proptest::prelude::*;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::wire::audit::Audit;
use super::*;
use crate::base::error::{Error, ErrorKind};
use crate::base::finding::{Excuse, Object};
use crate::base::rule::{AuditRule, Difference, LedgerRule};
use crate::base::source::SourceFile;

const HOSTILE: &str = "a|b\"c'<script>alert(1)</script>`d`\n::error::x\u{1b}[31m]]>&amp;\u{202e}@octocat #1 100%,https://x.y\\|";

const COLUMN_DEFAULT: AuditRule = AuditRule::Schema(Difference::ColumnDefault);
const STALE: AuditRule = AuditRule::Ledger(LedgerRule::Stale);

const RULES: &[RuleInfo] = &[
    RuleInfo {
        code: RuleCode::Audit(COLUMN_DEFAULT),
        summary: "A column's default is another one than the spec's",
        help: "Change the default, or write the deviation into the ledger.",
    },
    RuleInfo {
        code: RuleCode::Audit(STALE),
        summary: "A ledger entry matches nothing",
        help: "Remove the entry.",
    },
];

fn finding(rule: AuditRule, severity: Severity, name: &str) -> Finding {
    let object = Object { kind: "column", table: Some("plans".into()), name: Some(name.into()) };
    let spec = SourceFile::new("spec/d d,l:l.sql", format!("{}    x", "\n".repeat(11)));
    Finding {
        expected: Some("'strategize'".into()),
        actual: Some(HOSTILE.into()),
        location: Some(spec.location(15)),
        ..Finding::new(rule, severity, object, format!("the default of {name} is another one"))
    }
}

/// Two errors, one of them from a rule that the report does not explain; a stale entry; one documented; one in the baseline.
fn report() -> Report {
    let mut report = Report::new("audit");
    report.outcome = Outcome::Findings;
    report.rules = Some(RULES.to_vec());
    report.files = vec![(None, "spec/ddl.sql".to_owned())];
    report.body = Some(Audit { ignored: Vec::new(), notes: vec![HOSTILE.to_owned()] }.into());
    report.findings = vec![
        Finding {
            note: Some(HOSTILE.into()),
            live_object: Some(Object {
                kind: "column",
                table: Some(HOSTILE.into()),
                name: Some("live".into()),
            }),
            ..finding(COLUMN_DEFAULT, Severity::Error, "phase")
        },
        Finding {
            location: None,
            expected: None,
            ..finding(Difference::Pragma.into(), Severity::Error, HOSTILE)
        },
        Finding {
            message: HOSTILE.into(),
            expected: None,
            actual: None,
            ..finding(STALE, Severity::Warning, "phase")
        },
        Finding {
            excuse: Some(Excuse { reason: HOSTILE.into(), link: Some("https://example.org/1".into()) }),
            ..finding(COLUMN_DEFAULT, Severity::Error, "state")
        },
        Finding { in_baseline: true, ..finding(COLUMN_DEFAULT, Severity::Error, "state") },
    ];
    let mut document = Document::default();
    document.heading(HOSTILE);
    document.line("- no list");
    document.line(Span::new(HOSTILE, Style::Bad));
    document.findings(&report.findings);
    document.blocks.push(Block::Code { language: "sql", text: format!("SELECT '```';\n{HOSTILE}\n") });
    report.document = document;
    report
}

fn troubled() -> Report {
    let file = SourceFile::new("V1__a.sql", format!("SELECT 1;\n{}", HOSTILE.replace('\n', " ")));
    let error = Error::new(ErrorKind::Sql, format!("no such table: {HOSTILE}"))
        .at(file.location(12))
        .note("earlier migrations stay")
        .help(HOSTILE);
    Report { rules: Some(RULES.to_vec()), ..Report::trouble("migrate up", error) }
}

fn clean() -> Report {
    Report { rules: Some(RULES.to_vec()), ..Report::new("check") }
}

fn envelope(width: usize, color: bool) -> Envelope {
    Envelope {
        version: "1.2.3",
        run_id: ulid::Ulid::nil(),
        started: time::OffsetDateTime::UNIX_EPOCH,
        canvas: Canvas { width, color, whole: true, wraps: false },
    }
}

fn rendered(format: &str, report: &Report) -> String {
    let mut out = Vec::new();
    let format = Format::named(format).unwrap();
    format.renderer.render(report, &envelope(100, false), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn all(format: &str) -> String {
    [report(), troubled(), clean()].iter().map(|report| rendered(format, report)).collect()
}

#[test]
fn table_snapshot() {
    insta::assert_snapshot!(all("table"));
}

#[test]
fn json_snapshot() {
    insta::assert_snapshot!(all("json"));
}

#[test]
fn markdown_snapshot() {
    insta::assert_snapshot!(all("markdown"));
}

#[test]
fn github_snapshot() {
    insta::assert_snapshot!(all("github"));
}

#[test]
fn sarif_snapshot() {
    // Whoever hosts planctl changes the address.
    insta::assert_snapshot!(all("sarif").replace(env!("CARGO_PKG_HOMEPAGE"), "HOMEPAGE"));
}

#[test]
fn junit_snapshot() {
    insta::assert_snapshot!(all("junit"));
}

#[test]
fn html_snapshot() {
    let html = rendered("html", &report()).replace(include_str!("format/html.css"), "…\n");
    insta::assert_snapshot!(html);
}

#[test]
fn every_format_gives_the_same_counts() {
    let report = report();
    let summary = report.summary().unwrap();
    assert_eq!(
        summary,
        Summary { errors: 2, warnings: 1, documented: 1, baseline: 1, stale_deviations: 1, ignored: 0 }
    );
    let sentence = "2 errors, 1 warning; 1 deviation, 1 known";
    for format in ["table", "markdown", "github", "html"] {
        assert!(rendered(format, &report).contains(sentence), "{format}");
    }

    let json: Value = serde_json::from_str(&rendered("json", &report)).unwrap();
    assert_eq!(json["summary"], serde_json::to_value(summary).unwrap());
    assert_eq!(json["findings"].as_array().unwrap().len(), 5);

    let github = rendered("github", &report);
    let lines = |start: &str| github.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!([lines("::error "), lines("::warning "), lines("::notice ")], [2, 1, 2]);

    let sarif: Value = serde_json::from_str(&rendered("sarif", &report)).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let open = |level: &str| {
        let suppressed = |result: &Value| !result["suppressions"].as_array().unwrap().is_empty();
        results.iter().filter(|result| result["level"] == level && !suppressed(result)).count()
    };
    assert_eq!((open("error"), open("warning"), results.len()), (2, 1, 5));

    let xml = rendered("junit", &report);
    let xml = roxmltree::Document::parse(&xml).unwrap();
    let count = |name: &str| xml.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!((count("failure"), count("skipped"), count("testcase")), (3, 2, 5));
    let suite = xml.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
    for (attribute, count) in [("tests", "5"), ("failures", "3"), ("skipped", "2"), ("errors", "0")] {
        assert_eq!(suite.attribute(attribute), Some(count), "{attribute}");
    }
}

#[test]
fn what_a_person_reads_cannot_be_forged() {
    for format in ["table", "markdown", "github", "junit", "html"] {
        let all = all(format);
        let forged = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!all.contains(forged), "{format}");
        // A line of a log that begins so is a command. Markdown and HTML hold it in a block of code, where it is text.
        assert!(!all.contains("\n::error::x") || matches!(format, "markdown" | "html"), "{format}");
        let markup = matches!(format, "markdown" | "html" | "junit");
        assert!(!markup || !outside_of_fences(&all).contains("<script"), "{format}");
    }
}

fn outside_of_fences(markdown: &str) -> String {
    let mut inside = false;
    let mut outside = String::new();
    for line in markdown.lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if !inside {
            outside.push_str(line);
            outside.push('\n');
        }
    }
    outside
}

#[test]
fn a_page_loads_nothing_and_runs_nothing() {
    let html = all("html");
    for active in ["<script", "src=", "href=", "@import", "url("] {
        assert!(!html.contains(active), "{active}");
    }
}

#[test]
fn a_table_in_markdown_keeps_its_columns_and_a_fence_its_text() {
    let markdown = rendered("markdown", &report());
    let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with("| ")).collect();
    assert_eq!(rows.len(), 9, "four tables: their titles, and a row per finding");
    for row in rows {
        assert!(matches!(row.matches('|').count(), 4..=6), "{row}");
    }
    assert!(markdown.contains("\n````sql\n") && markdown.contains("\n````\n"));
    assert!(!markdown.contains("\n- no list"));
    assert!(!outside_of_fences(&markdown).contains("@octocat"), "outside of code nobody is mentioned");
}

#[test]
fn a_comment_stays_below_the_length_that_github_accepts() {
    let mut report = report();
    report.findings = vec![finding(COLUMN_DEFAULT, Severity::Error, HOSTILE); 2_000];
    report.document.findings(&report.findings);
    report.document.blocks.push(Block::Code { language: "sql", text: "é;\n".repeat(50_000) });
    let markdown = rendered("markdown", &report);
    assert!(markdown.chars().count() < 65_536, "{}", markdown.len());
    assert!(markdown.contains("more rows, omitted for length"));
}

#[test]
fn sarif_has_what_the_standard_and_code_scanning_require() {
    let sarif: Value = serde_json::from_str(&rendered("sarif", &report())).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let mut fingerprints = std::collections::HashSet::new();
    for rule in rules {
        for text in [&rule["id"], &rule["shortDescription"]["text"], &rule["help"]["text"]] {
            assert!(!text.as_str().unwrap().is_empty());
        }
    }
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(fingerprints.insert(result["partialFingerprints"]["planctlFinding/v1"].clone()));
    }
    let uri = &run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "spec/d%20d%2Cl%3Al.sql");
    let unplaced = &run["results"][1]["locations"][0]["physicalLocation"];
    assert_eq!(*unplaced, serde_json::json!({ "artifactLocation": { "uri": "spec/ddl.sql" } }));
    let trouble: Value = serde_json::from_str(&rendered("sarif", &troubled())).unwrap();
    assert_eq!(trouble["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn json_keeps_every_text_as_it_is_and_its_envelope_first() {
    let text = rendered("json", &report());
    let json: Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["planctl", "run_id", "command", "outcome", "ignored", "notes", "summary", "findings"]);
    assert_eq!(json["notes"][0], HOSTILE);
    assert_eq!(json["findings"][0]["actual"], HOSTILE);
    let json: Value = serde_json::from_str(&rendered("json", &troubled())).unwrap();
    assert_eq!(json["error"]["location"]["line"], 2);
    assert_eq!(json["error"]["help"], HOSTILE);
    let json: Value = serde_json::from_str(&rendered("json", &Report::new("backfill"))).unwrap();
    assert!(json.get("findings").is_none() && json.get("error").is_none());
}

#[test]
fn colours_change_nothing_but_colours() {
    let mut coloured = anstream::StripStream::new(Vec::new());
    let format = Format::named("table").unwrap();
    format.renderer.render(&report(), &envelope(100, true), &mut coloured).unwrap();
    let mut raw = Vec::new();
    format.renderer.render(&report(), &envelope(100, true), &mut raw).unwrap();
    assert!(raw.contains(&0x1b), "colours were asked for");
    assert_eq!(String::from_utf8(coloured.into_inner()).unwrap(), rendered("table", &report()));
}

proptest! {
    #[test]
    fn any_text_at_all_gives_well_formed_output(text in any::<String>(), width in 1_usize..200) {
        let mut report = report();
        report.findings = vec![finding(COLUMN_DEFAULT, Severity::Error, &text)];
        report.document.blocks.clear();
        report.document.line(text.as_str());
        report.document.findings(&report.findings);
        report.document.blocks.push(Block::Code { language: "text", text: text.clone() });
        let json: Value = serde_json::from_str(&rendered("json", &report)).unwrap();
        prop_assert_eq!(&json["findings"][0]["object"]["name"], &Value::from(text));
        prop_assert!(roxmltree::Document::parse(&rendered("junit", &report)).is_ok());
        prop_assert_eq!(rendered("github", &report).lines().count(), 2);
        rendered("html", &report);
        rendered("markdown", &report);
        let mut out = Vec::new();
        report.document.blocks.remove(0);
        report.document.blocks.pop();
        Format::named("table").unwrap().renderer.render(&report, &envelope(width, false), &mut out).unwrap();
        let least = 5 * 8 + 4 * 2;
        for line in String::from_utf8(out).unwrap().lines().filter(|line| !line.starts_with("1 error")) {
            // A name stays in one piece, however long it is: somebody may copy it.
            let is_one_word = !line.trim().contains(' ');
            prop_assert!(line.width() <= width.max(least) || is_one_word, "{:?}", line);
        }
    }

    /// Law: on 80 columns, findings that can each be said in one line take one line each, and nothing else is said but how
    /// many there are.
    #[test]
    fn a_finding_takes_one_line_where_one_line_does(
        found in prop::collection::vec(("[a-z]{1,6}", "[a-z]{1,6}", "[a-z]{1,6}"), 1..40),
    ) {
        let mut report = Report::new("audit");
        for (table, (column, expected, actual)) in found.iter().enumerate() {
            let table = Some(format!("t{table}"));
            let object = Object { kind: "column", table, name: Some(column.clone()) };
            report.findings.push(Finding {
                expected: Some(expected.clone()),
                actual: Some(actual.clone()),
                ..Finding::new(COLUMN_DEFAULT, Severity::Error, object, String::new())
            });
        }
        report.document.findings(&report.findings);
        let mut out = Vec::new();
        Format::named("table").unwrap().renderer.render(&report, &envelope(80, false), &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        // Findings, an empty line, and the sentence that counts them.
        prop_assert_eq!(out.lines().count(), found.len() + 2, "{}", out);
        for (table, (column, ..)) in found.iter().enumerate() {
            let name = format!("t{table}.{column}");
            let lines = out.lines().filter(|line| line.contains(&format!(" {name}")));
            prop_assert!(lines.count() >= 1, "{} in {}", name, out);
        }
    }
}
