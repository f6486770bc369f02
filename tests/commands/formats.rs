//! Every format of one real audit, through the real binary: what it looks like, that all say the same, that `-o` writes
//! what stdout would have, and that a closed pipe is no error.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::harness::{folder, planctl};

const FORMATS: [&str; 7] = ["table", "json", "markdown", "github", "sarif", "junit", "html"];

const SPEC: &str = "\
PRAGMA user_version = 7;
CREATE TABLE plans (
  plan_id TEXT PRIMARY KEY,
  phase TEXT NOT NULL DEFAULT 'strategize' CHECK (phase IN ('strategize', 'execute', 'apply', 'applied')),
  state TEXT NOT NULL,
  effective_profile_snapshot TEXT NOT NULL,
  parent_plan_id TEXT REFERENCES plans (plan_id)
);
CREATE TABLE tags (plan_id TEXT REFERENCES plans, name TEXT COLLATE NOCASE, UNIQUE (plan_id, name));
CREATE INDEX idx_plans_phase ON plans (phase);
CREATE VIEW open_plans AS SELECT plan_id FROM plans WHERE phase <> 'applied';
CREATE TABLE tasks (id INTEGER PRIMARY KEY AUTOINCREMENT, request TEXT NOT NULL);
";

const MIGRATION: &str = "\
CREATE TABLE v3_plans (
  phase TEXT DEFAULT 'action' CHECK (phase IN ('action', 'strategize', 'execute', 'apply', 'applied')),
  plan_id TEXT PRIMARY KEY,
  processing_state TEXT NOT NULL,
  effective_profile_snapshot TEXT NOT NULL DEFAULT '{}',
  parent_plan_id TEXT REFERENCES v3_plans (plan_id) ON DELETE SET NULL
);
CREATE TABLE tags (plan_id TEXT REFERENCES v3_plans, name TEXT, UNIQUE (plan_id, name));
CREATE INDEX idx_phase ON v3_plans (phase);
CREATE VIEW open_plans AS SELECT plan_id FROM v3_plans WHERE phase <> 'Applied';
CREATE TABLE \"jobs & <b>more</b>\" (id INTEGER PRIMARY KEY AUTOINCREMENT, request TEXT NOT NULL);
";

const LEDGER: &str = "\
[[rename]]
table = \"plans\"
live = \"v3_plans\"
reason = \"its writers use the name\"

[[rename]]
table = \"plans\"
column = \"state\"
live = \"processing_state\"
reason = \"a phase is a state as well\"

[[deviation]]
rule = \"column-default\"
table = \"plans\"
name = \"effective_profile_snapshot\"
actual = \"'{}'\"
reason = \"writers that do not know the column leave it out; the default keeps them working\"
link = \"https://example.org/decisions/7\"

[[deviation]]
rule = \"column-default\"
table = \"tags\"
name = \"name\"
actual = \"'x'\"
reason = \"it was so once\"
";

/// A folder with a spec, a ledger and a migration that strays from both.
fn project() -> tempfile::TempDir {
    folder(&[
        ("spec/ddl.sql", SPEC),
        ("spec/deviations.toml", LEDGER),
        ("migrations/V1__plans.sql", MIGRATION),
    ])
}

fn audit(dir: &Path, args: &[&str], columns: &str) -> Command {
    let mut command = planctl(dir, &[&["audit", "--scratch"], args].concat());
    command.env("COLUMNS", columns);
    command
}

fn run(dir: &Path, args: &[&str]) -> Output {
    audit(dir, args, "80").output().unwrap()
}

fn text(output: &Output) -> &str {
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    std::str::from_utf8(&output.stdout).unwrap()
}

/// Compares with a snapshot in which everything that changes from run to run is replaced.
fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("[0-9A-HJKMNP-TV-Z]{26}", "[ULID]");
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[TIME]");
    settings.add_filter(&regex_of(env!("CARGO_PKG_VERSION")), "[VERSION]");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn regex_of(version: &str) -> String {
    format!(r"\b{}\b", version.replace('.', r"\."))
}

#[test]
fn each_format_of_a_strict_audit() {
    let dir = project();
    for format in FORMATS {
        let output = run(dir.path(), &["--strict", "--format", format]);
        assert_eq!(output.status.code(), Some(1), "{format}");
        let text = text(&output).replace(include_str!("../../src/report/format/html.css"), "…\n");
        // Whoever hosts planctl changes the address.
        let text = text.replace(env!("CARGO_PKG_HOMEPAGE"), "HOMEPAGE");
        snapshot(&format!("strict_{format}"), &text);
    }
}

/// A page is passed on without the command line that made it.
#[test]
fn a_page_says_what_was_compared() {
    let dir = project();
    let of = |args: &[&str]| {
        let run = planctl(dir.path(), &[args, &["--format", "html"]].concat()).output().unwrap();
        let page = text(&run).to_owned();
        let list = page.split_once("<dl>").unwrap().1.split_once("</dl>").unwrap().0;
        let list = list.replace("</dt>", ": ").replace("</dd></div>", ";");
        let list: String =
            list.split('<').map(|part| part.split_once('>').map_or(part, |part| part.1)).collect();
        (page, list.replace('\n', " "))
    };
    let (page, audit) = of(&["audit", "--scratch"]);
    assert_eq!(audit.trim(), "Migrations: migrations; Spec: spec/ddl.sql; Deviations: spec/deviations.toml;");
    assert!(page.contains("<title>planctl audit: migrations</title>"));
    assert_eq!(of(&["check"]).1, audit);
    rusqlite::Connection::open(dir.path().join("a&b.db")).unwrap().execute_batch(MIGRATION).unwrap();
    std::fs::remove_file(dir.path().join("spec/deviations.toml")).unwrap();
    run(dir.path(), &["--write-baseline", "known.json"]);
    let (page, audit) = of(&["audit", "--db", "a&b.db", "--baseline", "known.json"]);
    assert_eq!(audit.trim(), "Database: a&amp;b.db; Spec: spec/ddl.sql; Known drift: known.json;");
    assert!(page.contains("<title>planctl audit: a&amp;b.db</title>"));
    assert_eq!(
        of(&["schema", "diff", "migrations", "spec/ddl.sql"]).1.trim(),
        "From: migrations; To: spec/ddl.sql;"
    );
    assert_eq!(of(&["migrate", "lint"]).1.trim(), "Migrations: migrations;");
}

#[test]
fn a_table_on_a_wide_terminal_and_with_colours() {
    let dir = project();
    snapshot("table_160", text(&audit(dir.path(), &[], "160").output().unwrap()));
    let coloured = audit(dir.path(), &["--color", "always"], "80").output().unwrap();
    snapshot("table_coloured", &text(&coloured).replace('\u{1b}', "^"));
}

/// Law: all formats speak of the same findings, with the ledger and without it.
#[test]
fn every_format_gives_the_same_counts() {
    let dir = project();
    for strict in [&[][..], &["--strict"]] {
        let run = |format: &str| {
            let output = run(dir.path(), &[strict, &["--format", format]].concat());
            assert_eq!(output.status.code(), Some(1), "{format}");
            text(&output).to_owned()
        };
        let json: Value = serde_json::from_str(&run("json")).unwrap();
        let count = |key: &str| usize::try_from(json["summary"][key].as_u64().unwrap()).unwrap();
        let (errors, warnings, documented) = (count("errors"), count("warnings"), count("documented"));
        assert_eq!(json["findings"].as_array().unwrap().len(), errors + warnings + documented);
        assert_eq!((documented, count("stale_deviations")), if strict.is_empty() { (1, 1) } else { (0, 0) });

        let sentence = format!("{errors} errors, {warnings} warning");
        for format in ["table", "markdown", "github", "html"] {
            assert!(run(format).contains(&sentence), "{format}: {sentence}");
        }
        let github = run("github");
        let lines = |start: &str| github.lines().filter(|line| line.starts_with(start)).count();
        assert_eq!([lines("::error "), lines("::warning "), lines("::notice ")], [errors, warnings, 0]);
        let all = text(
            &audit(dir.path(), &[strict, &["-v", "--format", "github"]].concat(), "80").output().unwrap(),
        )
        .matches("::notice ")
        .count();
        assert_eq!(all, documented, "those who want to know everything get what is excused, too");

        let sarif: Value = serde_json::from_str(&run("sarif")).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let excused = results.iter().filter(|result| !result["suppressions"].as_array().unwrap().is_empty());
        assert_eq!((results.len(), excused.count()), (errors + warnings + documented, documented));

        let junit = run("junit");
        let junit = roxmltree::Document::parse(&junit).unwrap();
        let nodes = |name: &str| junit.descendants().filter(|node| node.has_tag_name(name)).count();
        assert_eq!((nodes("failure"), nodes("skipped")), (errors + warnings, documented));

        let rows = |page: &str, start: &str| page.matches(start).count();
        let html = run("html");
        let (by_rule, differences) = html.split_once("</table>").unwrap();
        assert_eq!(rows(differences, "<tr><td"), errors + warnings + documented, "{differences}");
        let counts = by_rule.split("data-title=\"findings\"><div>").skip(1);
        let counts = counts.map(|cell| cell.split('<').next().unwrap().parse::<usize>().unwrap());
        assert_eq!(counts.sum::<usize>(), errors + warnings);
        let markdown = run("markdown");
        let titles = rows(&markdown, "\n| rule |") + rows(&markdown, "\n| line |");
        assert_eq!(rows(&markdown, "\n| ") - titles, errors + warnings + documented);
    }
}

/// They were one annotation without a file: `2 problems in the migrations folder`, and not which.
#[test]
fn each_problem_of_the_folder_is_an_annotation_at_its_file() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("V1__a.sql", "CREATE TABLE a (x);\n"),
        ("V1__b.sql", "CREATE TABLE b (x);\n"),
        ("V2__c.sql", "-- planctl:backfil x\nSELECT 1;\n"),
        ("V3__d.down.sql", "DROP TABLE d;\n"),
    ] {
        std::fs::create_dir_all(dir.path().join("migrations")).unwrap();
        std::fs::write(dir.path().join("migrations").join(name), text).unwrap();
    }
    let output = planctl(dir.path(), &["check", "--format", "github"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let lines: Vec<&str> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
    for start in [
        "::error file=migrations/V1__b.sql,title=planctl::migrations/V1__a.sql and migrations/V1__b.sql both have version 1%0Ahelp: ",
        "::error file=migrations/V2__c.sql,line=1,col=12,title=planctl::there is no directive `backfil`%0Ahelp: ",
        "::error file=migrations/V3__d.down.sql,title=planctl::migrations/V3__d.down.sql reverts version 3, ",
    ] {
        assert!(lines.iter().any(|line| line.starts_with(start)), "{start}\n{lines:#?}");
    }
    assert_eq!(lines.len(), 4, "{lines:#?}");
}

/// Law: no line of a table is wider than the terminal, and no name is broken.
#[test]
fn a_table_fits_the_terminal_and_breaks_no_name() {
    let dir = project();
    for columns in [80, 100, 120, 160, 200] {
        let output = audit(dir.path(), &["--strict"], &columns.to_string()).output().unwrap();
        let table = text(&output);
        assert!(table.lines().all(|line| line.chars().count() <= columns), "{columns}\n{table}");
        for name in
            ["effective_profile_snapshot", "processing_state", "idx_plans_phase", "column-nullability"]
        {
            assert!(table.contains(name), "{columns}: {name}\n{table}");
        }
    }
}

#[test]
fn a_file_gets_what_stdout_would_have_got() {
    let dir = project();
    // The lines that name the run or its time.
    let changing = ["run ", "run_id", "Time", "timestamp", "planctl/audit/"];
    let steady = |text: &str| -> String {
        text.lines().filter(|line| !changing.iter().any(|word| line.contains(word))).collect()
    };
    for format in FORMATS {
        let path = dir.path().join(format);
        let written = run(dir.path(), &["--format", format, "-o", path.to_str().unwrap()]);
        assert_eq!((written.status.code(), text(&written)), (Some(1), ""), "{format}");
        let file = std::fs::read_to_string(path).unwrap();
        let stdout = run(dir.path(), &["--format", format]);
        assert_eq!(steady(&file), steady(text(&stdout)), "{format}");
    }
}

#[test]
fn one_run_writes_the_same_result_in_several_forms() {
    let dir = project();
    let also: Vec<String> = FORMATS.iter().map(|format| format!("--also={format}=out.{format}")).collect();
    let also: Vec<&str> = also.iter().map(String::as_str).collect();
    let output = run(dir.path(), &[&["--format", "json"], &also[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let file = |format: &str| std::fs::read_to_string(dir.path().join(format!("out.{format}"))).unwrap();
    assert_eq!(file("json"), text(&output));
    let json: Value = serde_json::from_str(&file("json")).unwrap();
    let run_id = json["run_id"].as_str().unwrap();
    assert!(file("sarif").contains(run_id), "all forms are of one run");
    for format in FORMATS {
        let alone = run(dir.path(), &["--format", format]);
        assert_eq!(file(format).lines().count(), text(&alone).lines().count(), "{format}");
    }
}

#[test]
fn a_form_that_cannot_be_written_is_trouble_and_the_others_are_there() {
    let dir = project();
    let output = run(dir.path(), &["--also=json=missing/out.json", "--also=junit=out.xml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("missing/out.json"));
    assert!(!output.stdout.is_empty() && dir.path().join("out.xml").is_file());
    for (value, said) in
        [("json", "FORMAT=FILE"), ("json=", "FORMAT=FILE"), ("jsn=x", "there is no format `jsn`")]
    {
        let output = run(dir.path(), &["--also", value]);
        assert_eq!(output.status.code(), Some(2), "{value}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(said), "{value}");
    }
}

#[test]
fn a_closed_pipe_is_no_error_and_changes_no_exit_status() {
    let dir = project();
    for format in FORMATS {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = audit(dir.path(), &["--format", format], "80");
        let child = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(1), &b""[..]), "{format}");
    }
}

#[test]
fn a_rule_is_explained_beside_a_broken_settings_file_and_an_unknown_one_is_trouble() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("planctl.toml"), "nonsense = 1").unwrap();
    let output = run(dir.path(), &["--explain", "column-default"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output).starts_with("column-default\nerror: the default differs"), "{}", text(&output));
    let unknown = run(dir.path(), &["--explain", "column-defualt"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean `column-default`?"));
}
