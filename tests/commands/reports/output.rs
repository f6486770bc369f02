//! The forms in which rows come out, and what becomes of them when something goes wrong midway.

use std::fs;
use std::io::Read as _;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use super::{NOW, csv, report, sample, with_report};
#[cfg(unix)]
use crate::harness::process::{send, wait_for_handlers};
#[cfg(target_os = "linux")]
use crate::harness::{PLANCTL, form, program};
use crate::harness::{Project, Run};

/// Each type, and each text that a format could take for something else.
const VALUES: &str = "-- title: Values
SELECT 7 AS \"integer\", 2.0 AS \"real\", 'it''s' AS \"text\", NULL AS \"null\", '' AS \"empty\", x'00ff' AS \"blob\"
UNION ALL SELECT -9223372036854775808, 0.1, 'a,\"b\"' || char(13, 10), NULL, '=1+1', x''
UNION ALL SELECT 9007199254740993, 9e999, 'NULL', 1, 'null', zeroblob(1)";

#[test]
fn types_are_kept() {
    let project = with_report(VALUES);
    let (document, status) = project.json(&["report", "run", "r"]);
    assert_eq!((status, &document["outcome"], &document["row_count"]), (0, &json!("clean"), &json!(3)));
    assert_eq!(
        document["rows"],
        json!([
            {"integer": 7, "real": 2.0, "text": "it's", "null": null, "empty": "", "blob": "x'00ff'"},
            {"integer": i64::MIN, "real": 0.1, "text": "a,\"b\"\r\n", "null": null, "empty": "=1+1", "blob": "x''"},
            {"integer": 9_007_199_254_740_993_i64, "real": "Inf", "text": "NULL", "null": 1, "empty": "null", "blob": "x'00'"},
        ])
    );
    assert!(document["rows"][0]["real"].is_f64(), "2.0 is no integer");
    assert_eq!(document["columns"], json!(["integer", "real", "text", "null", "empty", "blob"]));
    let run = report(&project, "r", &[], &["--format", "csv"]);
    assert_eq!(
        run.stdout,
        "integer,real,text,null,empty,blob\r\n\
         7,2.0,it's,,\"\",x'00ff'\r\n\
         -9223372036854775808,0.1,\"a,\"\"b\"\"\r\n\",,=1+1,x''\r\n\
         9007199254740993,Inf,NULL,1,null,x'00'\r\n"
    );
    let run = report(&project, "r", &[], &["--color", "always"]);
    assert!(
        run.stdout.contains("\u{1b}[2mNULL\u{1b}[0m"),
        "NULL is told from the text by its colour: {:?}",
        run.stdout
    );
}

#[test]
fn a_document_has_what_was_asked_and_of_what() {
    let project = sample();
    let (document, _) = project.json(&["report", "run", "failed-tasks", "--param", NOW]);
    for (key, value) in [
        ("command", json!("report run")),
        ("report", json!("failed-tasks")),
        ("title", json!("Failed tasks")),
        ("database", json!("planctl.db")),
        ("parameters", json!({"days": 7, "now": "2026-11-20T12:00:00Z"})),
        ("row_count", json!(1)),
    ] {
        assert_eq!(document[key], value, "{key}");
    }
    let empty = with_report("-- title: None\nSELECT a FROM t WHERE a > 9");
    let (document, _) = empty.json(&["report", "run", "r"]);
    assert_eq!((&document["rows"], &document["columns"]), (&json!([]), &json!(["a"])));
    assert_eq!(report(&empty, "r", &[], &[]).stdout, "None\nno rows\n");
}

/// The default of `now` is the moment of the run.
#[test]
fn now_is_now() {
    let project = with_report(
        "-- title: T\n-- param: now datetime = now\nSELECT unixepoch(:now) - unixepoch() AS off, typeof(:now) AS type",
    );
    let (document, _) = project.json(&["report", "run", "r"]);
    let off = document["rows"][0]["off"].as_i64().unwrap();
    assert!((-60..=0).contains(&off), "{document:#}");
}

/// As text, `12:00:00.123Z` is less than `12:00:00Z`: with a fraction, a row of this second would be in the future.
#[test]
fn now_is_no_less_than_a_row_of_the_same_second() {
    let project = with_report(
        "-- title: T\n-- param: now datetime = now\n\
         SELECT :now AS now, strftime('%Y-%m-%dT%H:%M:%SZ', :now) <= :now AS whole, strftime('%Y-%m-%dT%H:%M:%fZ', :now) <= :now AS parts",
    );
    for given in [&[][..], &["now=now"]] {
        let args: Vec<&str> = given.iter().flat_map(|given| ["--param", given]).collect();
        let (document, _) = project.json(&[&["report", "run", "r"], &args[..]].concat());
        let row = &document["rows"][0];
        assert_eq!((&row["whole"], &row["parts"]), (&json!(1), &json!(1)), "{document:#}");
        assert_eq!(row["now"].as_str().map(str::len), Some("2026-11-20T12:00:00Z".len()), "{document:#}");
    }
}

#[test]
fn an_id_that_overflows_is_refused_and_never_becomes_another_one() {
    let project = with_report("-- title: T\n-- param: u ulid\nSELECT :u AS u");
    for (given, row) in [
        ("u=7zzzzzzzzzzzzzzzzzzzzzzzzz", Some("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")),
        ("u=8ZZZZZZZZZZZZZZZZZZZZZZZZZ", None),
        ("u=ZZZZZZZZZZZZZZZZZZZZZZZZZZ", None),
        ("u=01M4QNE6M0GKK9BFA4FSRR9NIL", None),
    ] {
        let run = report(&project, "r", &[given], &["--format", "csv"]);
        match row {
            Some(row) => assert_eq!(run.stdout, format!("u\r\n{row}\r\n")),
            None => {
                assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{given}");
                assert!(run.stderr.contains("it takes a ULID: 26 digits and letters"), "{}", run.stderr);
            }
        }
    }
}

#[test]
fn a_cell_that_a_spreadsheet_would_calculate_stays_a_text() {
    let project = with_report("-- title: T\nSELECT '=1+1' AS a, -1 AS b, '-1' AS \"+c\"");
    let rows = |more: &[&str]| report(&project, "r", &[], more);
    assert_eq!(rows(&["--format", "csv"]).stdout, "a,b,+c\r\n=1+1,-1,-1\r\n");
    assert_eq!(rows(&["--format", "csv", "--escape-formulas"]).stdout, "a,b,'+c\r\n'=1+1,-1,'-1\r\n");
    for other in [&["--escape-formulas"][..], &["--format", "json", "--escape-formulas"]] {
        let run = rows(other);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains("--escape-formulas is about --format csv"), "{}", run.stderr);
    }
}

#[test]
fn nothing_in_a_name_or_a_value_can_forge_output() {
    let project = with_report(
        "-- title: T\nSELECT 'a' || char(27) || '[2Jb' || char(10) || 'c' || char(8238) AS \"x\u{1b}[31m\", 'd|e<f>' AS \"y|z\"",
    );
    let table = report(&project, "r", &[], &[]).stdout;
    assert!(table.contains("x\\u{1b}[31m") && table.contains("a\\u{1b}[2Jb\\nc\\u{202e}"), "{table}");
    assert!(!table.contains('\u{1b}'));
    let markdown = report(&project, "r", &[], &["--format", "markdown"]).stdout;
    assert!(!markdown.contains('\u{1b}') && markdown.contains("| d&#124;e&#60;f&#62; |"), "{markdown}");
    assert!(!report(&project, "r", &["x\u{1b}[2J=1"], &[]).stderr.contains('\u{1b}'));
}

fn at(width: &str, project: &Project, args: &[&str]) -> String {
    let run = Run::of(project.command(args).env("COLUMNS", width));
    assert_eq!(run.status, 0, "{}", run.stderr);
    run.stdout
}

#[test]
fn rows_that_do_not_fit_side_by_side_are_lists() {
    let project = sample();
    let args = ["report", "run", "failed-steps", "--param", NOW];
    let narrow = at("80", &project, &args);
    assert!(narrow.contains("\n\nat         2026-11-17T08:25:00Z\ntask_id    fe2fbd72-"), "{narrow}");
    let wide = at("160", &project, &args);
    assert!(wide.contains("at                    task_id  ") && wide.lines().count() == 9, "{wide}");
    let many: Vec<String> = (0..40).map(|n| format!("'value {n}' AS column_{n}")).collect();
    let project = with_report(&format!("-- title: Wide\nSELECT {}", many.join(", ")));
    for width in ["20", "80"] {
        let page = at(width, &project, &["report", "run", "r"]);
        assert!(page.contains("column_39  value"), "{page}");
        assert!(page.lines().all(|line| line.width() <= width.parse().unwrap()), "{page}");
    }
    // Wrapped here and there, a table is still shorter than a list.
    let project =
        with_report("-- title: T\nSELECT 'one' AS a, 'two' AS b, 'a sentence that is somewhat longer' AS c");
    assert!(at("30", &project, &["report", "run", "r"]).contains("a    b    c\n"));
}

#[test]
fn bars_fill_the_line_and_are_to_scale() {
    let project = with_report(
        "-- title: T\n-- bar: n\nSELECT column1 AS day, column2 AS n FROM (VALUES ('a', 4), ('b', 2), ('c', NULL), ('d', 0), ('e', -3))",
    );
    for (width, room) in [("60", 49), ("160", 149)] {
        let page = at(width, &project, &["report", "run", "r"]);
        let bars: Vec<usize> = page.lines().skip(3).take(5).map(|line| line.matches('█').count()).collect();
        assert_eq!(bars, [room, room / 2, 0, 0, 0], "{page}");
        assert!(page.contains("\nc    NULL\n") && page.contains("\ne      -3\n"), "{page}");
    }
    // Where there is no room, there is no bar, and nothing else changes.
    assert!(!at("18", &project, &["report", "run", "r"]).contains('█'));
    let project = with_report("-- title: T\n-- bar: p of 100\nSELECT 50.0 AS p");
    let page = at("86", &project, &["report", "run", "r"]);
    assert_eq!(page.matches('█').count(), 40, "half of what a whole bar is: {page}");
}

/// 25 MB of rows, in the long form 70, in 20 MB of memory of its own: data, not the program.
#[test]
#[cfg(target_os = "linux")]
fn rows_are_written_as_they_come() {
    let thousands = form(25, 70);
    let project = with_report(&format!(
        "-- title: Many
WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {thousands}000)
SELECT n, printf('%01000d', n) AS text FROM n"
    ));
    let all = thousands * 1_000_000;
    for (format, bytes) in [("csv", all), ("json", all), ("table", 1_000_000)] {
        let script = format!("ulimit -d 20000 && exec {} report run r --format {format}", PLANCTL);
        let mut child = program("sh")
            .args(["-c", &script])
            .current_dir(project.dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut read = 0;
        let mut buffer = vec![0; 1 << 20];
        let mut last = Vec::new();
        let out = child.stdout.as_mut().unwrap();
        loop {
            let count = out.read(&mut buffer).unwrap();
            if count == 0 {
                break;
            }
            read += count;
            last = buffer[..count].to_vec();
        }
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(read > bytes, "{format}: {read}");
        let end = String::from_utf8_lossy(&last);
        match format {
            "csv" => assert!(end.ends_with(&format!("{thousands}000\r\n"))),
            "json" => {
                let last = format!("\"row_count\": {thousands}000,\n  \"outcome\": \"clean\"\n}}\n");
                assert!(end.ends_with(&last), "{end}");
            }
            _ => assert!(end.contains(&format!(
                "first 1,000 of {thousands},000 rows; --format csv and --format json write them all"
            ))),
        }
    }
}

const ENDLESS: &str = "-- title: Endless
WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n)
SELECT n FROM n WHERE n % 1000 = 0";

#[test]
fn a_reader_that_has_enough_ends_the_query() {
    let project = with_report(ENDLESS);
    for format in ["csv", "json"] {
        let mut command = project.command(&["report", "run", "r", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 100];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), errors.as_str()), (Some(0), ""), "{format}");
    }
}

/// In each format, while rows come and while none does.
#[test]
#[cfg(unix)]
fn ctrl_c_stops_a_query_and_leaves_nothing_behind() {
    for text in [
        ENDLESS,
        "-- title: T\nWITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT max(n) AS n FROM n",
    ] {
        let project = with_report(text);
        project.write("out", "as it was");
        let before = project.picture();
        for format in ["table", "csv", "json"] {
            let mut command = project.command(&["report", "run", "r", "--format", format, "-o", "out"]);
            let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            wait_for_handlers(&child);
            // Long enough for rows to come on most machines; wherever it is, the law is the same.
            std::thread::sleep(Duration::from_millis(400));
            send(&child, "-INT");
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(130), "{format}");
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(errors.lines().next(), Some("error: interrupted"), "{format}");
            if format == "csv" {
                assert_eq!(
                    fs::read_to_string(project.path("out")).unwrap(),
                    "as it was",
                    "half of it is not all"
                );
            } else {
                let written = fs::read_to_string(project.path("out")).unwrap();
                if format == "json" {
                    let document: serde_json::Value = serde_json::from_str(&written).unwrap();
                    assert_eq!(document["outcome"], "trouble");
                }
                project.write("out", "as it was");
            }
            before.assert_same(&project.picture(), format);
        }
    }
}

#[test]
fn a_query_that_fails_on_a_row_says_so_behind_those_that_it_gave() {
    let project = with_report(
        "-- title: T\nSELECT json_extract(column1, '$.a') AS a FROM (VALUES ('{\"a\":1}'), ('oops'))",
    );
    project.write("out", "as it was");
    let run = report(&project, "r", &[], &["--format", "csv"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, "a\r\n1\r\n"));
    assert!(run.stderr.starts_with("error: malformed JSON\n --> spec/reports/r.sql:2:1"), "{}", run.stderr);
    let (document, status) = project.json(&["report", "run", "r"]);
    assert_eq!((status, &document["outcome"], &document["rows"]), (2, &json!("trouble"), &json!([{"a": 1}])));
    assert_eq!(document["error"]["message"], "malformed JSON");
    assert_eq!(report(&project, "r", &[], &["--format", "csv", "-o", "out"]).status, 2);
    assert_eq!(fs::read_to_string(project.path("out")).unwrap(), "as it was");
    assert_eq!(report(&project, "r", &[], &["--format", "json", "-o", "out"]).status, 2);
    let written: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(project.path("out")).unwrap()).unwrap();
    assert_eq!(written["rows"], json!([{"a": 1}]));
    assert_eq!(fs::read_dir(project.dir.path()).unwrap().count(), 3, "nothing is left beside it");
}

#[test]
fn trouble_before_the_first_row_is_told_as_of_any_command() {
    let project = with_report("-- title: T\nSELECT a FROM t");
    project.write("out", "as it was");
    for args in [
        &["report", "run", "r", "--db", "none.db"][..],
        &["report", "run", "q"],
        &["report", "run", "r", "-p", "x=1"],
        &["report", "run", "../reports/r"],
    ] {
        let (document, status) = project.json(args);
        assert_eq!((status, &document["outcome"]), (2, &json!("trouble")));
        assert!(document["rows"].is_null() && !document["error"]["message"].as_str().unwrap().is_empty());
        let run = project.run(&[args, &["--format", "csv", "-o", "out"]].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        assert_eq!(fs::read_to_string(project.path("out")).unwrap(), "as it was");
    }
}

#[test]
fn a_file_takes_what_stdout_would_show() {
    let project = sample();
    let id = regex::Regex::new("[0-9A-HJKMNP-TV-Z]{26}").unwrap();
    let redact = |text: &str| id.replace_all(text, "ID").into_owned();
    for format in ["table", "json", "csv", "markdown"] {
        let stdout = report(&project, "agent-types", &[], &["--format", format]).stdout;
        let run = report(&project, "agent-types", &[], &["--format", format, "-o", "out"]);
        assert_eq!((run.status, run.stdout.as_str()), (0, ""));
        assert_eq!(redact(&fs::read_to_string(project.path("out")).unwrap()), redact(&stdout), "{format}");
    }
}

#[test]
fn a_report_is_added_by_adding_a_file_and_a_broken_one_hides_no_other() {
    let project = sample();
    project.write("spec/reports/mine.sql", "-- title: Mine\n-- param: like text = '%'\nSELECT count(*) AS n FROM tasks WHERE request_text LIKE :like");
    let list = project.ok(&["report", "list"]).stdout;
    assert!(
        list.contains("\nmine                 Mine                                     like='%'\n"),
        "{list}"
    );
    assert_eq!(csv(&project, "mine", &["like=Import%"]), "n\n3\n");
    project.write("spec/reports/broken.sql", "-- titel: Broken\nSELECT 1");
    let run = project.run(&["report", "list"]);
    assert_eq!(run.status, 2);
    assert!(run.stdout.contains("\nmine ") && run.stdout.contains("\nbroken  "), "{}", run.stdout);
    assert!(run.stderr.contains("spec/reports/broken.sql:1:4"), "{}", run.stderr);
    assert_eq!(csv(&project, "mine", &[]), "n\n8\n", "the others run");
    let show = project.ok(&["report", "show", "mine"]).stdout;
    assert!(show.contains("like       text  '%'") && show.contains("    SELECT count(*) AS n"), "{show}");
    let (document, _) = project.json(&["report", "show", "mine"]);
    assert_eq!(
        document["parameters"],
        json!([{"name": "like", "type": "text", "required": false, "default": "'%'", "description": null}])
    );
}
