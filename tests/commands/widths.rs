//! What a person reads fits into 80 columns: no line is wider unless it is one long word, and none ends in a blank.

use std::path::Path;

use unicode_width::UnicodeWidthStr;

use crate::harness::{entries, folder, planctl, shared, stdout};

const WIDTH: usize = 80;

fn fits(dir: &Path, args: &[&str]) -> String {
    let output = planctl(dir, args).env("COLUMNS", WIDTH.to_string()).output().unwrap();
    let text = stdout(&output).to_owned();
    for line in text.lines() {
        assert!(!line.ends_with(' '), "{args:?} ends a line in a blank: {line:?}");
        assert!(line.width() <= WIDTH || !line.trim().contains(' '), "{args:?}: {line:?}\n{text}");
    }
    text
}

/// Names and texts that are long, wide, or want to be something else.
const HOSTILE: &str = "\
CREATE TABLE \"a table whose name has so many words that no terminal of eighty columns can show it in one line of its own\"
  (\"計画の名前がとても長いので一行に収まらない列の名前はこのようにして続いていくのであるがまだ終わらない\" TEXT DEFAULT 'x', b);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_of_a_very_long_name_indeed_that_goes_on INTEGER REFERENCES child (id));
CREATE TABLE \"::error::\u{202e}\u{1b}[31m\" (a CHECK (a <> 'one two three four five six seven eight nine ten eleven twelve thirteen'));
CREATE VIEW v AS SELECT 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', id FROM child;
";

#[test]
fn every_report_fits_into_eighty_columns() {
    let other =
        HOSTILE.replace("'twelve'", "'12'").replace("'ten'", "'10'").replace("DEFAULT 'x'", "NOT NULL");
    let dir = folder(&[
        (
            "migrations/V1__a_migration_with_a_name_that_says_more_than_it_has_to_say_of_what_it_does.sql",
            HOSTILE,
        ),
        ("migrations/V2__b.sql", "ALTER TABLE child ADD COLUMN kind TEXT;\nUPDATE child SET kind = \"x\";"),
        ("migrations/V2__b.down.sql", "ALTER TABLE child DROP COLUMN kind;"),
        ("spec/ddl.sql", &other),
        ("spec/reports/all.sql", "-- title: All\nSELECT * FROM child"),
        ("tests/migrations/V2__b.test.sql", "-- then\n-- expect: 1 row\nSELECT 'a', 'b' FROM child;"),
    ]);
    let dir = dir.path();
    let rehearsed = fits(dir, &["migrate", "up", "--rehearse"]);
    assert!(rehearsed.contains("rehearsed on a copy"), "{rehearsed}");
    for args in [
        &["migrate", "up"][..],
        &["migrate", "up"],
        &["migrate", "status"],
        &["migrate", "lint"],
        &["migrate", "test"],
        &["-v", "migrate", "test"],
        &["check"],
        &["-v", "check"],
        &["audit"],
        &["audit", "--data"],
        &["audit", "--explain"],
        &["audit", "--explain", "column-default"],
        &["migrate", "lint", "--explain"],
        &["migrate", "lint", "--explain", "round-trip"],
        &["report", "list"],
        &["report", "run", "all"],
        &["migrate", "down", "--rehearse"],
        &["migrate", "redo", "--allow-destructive"],
        &["schema", "diff", "planctl.db", "spec/ddl.sql"],
        &["schema", "diff", "spec/ddl.sql", "planctl.db"],
        &["migrate", "new", "another_name_that_says_more_than_it_has_to_say_of_what_it_does"],
        &[
            "backfill",
            "--table=child",
            "--id=id",
            "--parent=parent_of_a_very_long_name_indeed_that_goes_on",
            "--root=kind",
        ],
        &["migrate", "down"],
    ] {
        assert!(!fits(dir, args).is_empty(), "{args:?} says nothing");
    }
}

#[test]
fn how_real_schemas_differ_fits_into_eighty_columns() {
    let Some(schemas) = shared("corpus/schemas") else { return };
    let files: Vec<_> =
        entries(&schemas).into_iter().filter(|file| file.extension().is_some_and(|e| e == "sql")).collect();
    for (one, other) in files.iter().zip(files.iter().cycle().skip(1)) {
        fits(&schemas, &["schema", "diff", &one.display().to_string(), &other.display().to_string()]);
    }
}

/// What the commands say of real schemas, as migrations that somebody wrote without planctl.
#[test]
fn what_is_said_of_real_schemas_fits_into_eighty_columns() {
    let Some(schemas) = shared("corpus/schemas") else { return };
    for file in entries(&schemas).into_iter().filter(|file| file.extension().is_some_and(|e| e == "sql")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let dir = folder(&[("migrations/V1__all.sql", &text), ("spec/ddl.sql", &text)]);
        for args in [
            &["migrate", "up"][..],
            &["migrate", "status"],
            &["-v", "check"],
            &["check"],
            &["audit", "--data"],
        ] {
            fits(dir.path(), args);
        }
    }
}
