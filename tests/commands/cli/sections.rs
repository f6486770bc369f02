//! `[lint]` and `[audit]` of planctl.toml: what a project that was taken over can settle without an edit of what was
//! applied.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::run;
use crate::harness::{folder, stderr, stdout};

/// A project that was taken over: an old file that lint has much to say about, a database with tables of others.
fn taken_over() -> tempfile::TempDir {
    let dir = folder(&[
        (
            "migrations/V1__old.sql",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); DROP TABLE IF EXISTS x;",
        ),
        ("migrations/V2__new.sql", "CREATE TABLE u (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t);"),
        ("migrations/V2__new.down.sql", "DROP TABLE u;"),
        (
            "spec/ddl.sql",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);\n\
             CREATE TABLE u (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t);",
        ),
    ]);
    assert_eq!(status(dir.path(), &["-q", "migrate", "up"]), 0);
    dir
}

fn settings(dir: &Path, text: &str) {
    fs::write(dir.join("planctl.toml"), text).unwrap();
}

fn status(dir: &Path, args: &[&str]) -> i32 {
    run(dir, args).status.code().unwrap()
}

fn json(dir: &Path, args: &[&str]) -> Value {
    let output = run(dir, &[args, &["--format", "json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)))
}

/// `rule at file`, sorted.
fn found(dir: &Path, args: &[&str]) -> Vec<String> {
    let document = json(dir, args);
    let mut found: Vec<String> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            format!("{} {} {}", finding["severity"], finding["rule"], finding["object"]["name"])
                .replace('"', "")
        })
        .collect();
    found.sort();
    found
}

#[test]
fn files_that_were_applied_long_ago_need_not_be_red_for_ever() {
    let dir = taken_over();
    let dir = dir.path();
    let new = "warning foreign-key-without-index V2__new.sql".to_owned();
    for command in [&["migrate", "lint"][..], &["check"]] {
        fs::write(dir.join("planctl.toml"), "").unwrap();
        let all = found(dir, command);
        assert!(all.iter().filter(|line| line.ends_with("V1__old.sql")).count() >= 2, "{all:?}");
        settings(dir, "[lint]\nfrom = 2");
        assert_eq!((found(dir, command), status(dir, command)), (vec![new.clone()], 1));
        settings(dir, "[lint]\nfrom = 2\nrules = { foreign-key-without-index = 'error' }");
        assert_eq!(found(dir, command), [new.replace("warning", "error")]);
        settings(dir, "[lint]\nfrom = 2\n[lint.rules]\nforeign-key-without-index = 'off'");
        assert_eq!((found(dir, command), status(dir, command)), (Vec::new(), 0));
        settings(dir, "[lint]\nrules = { missing-down = 'off', destructive-statement = 'off' }");
        assert_eq!(found(dir, command), std::slice::from_ref(&new));
    }
}

#[test]
fn tables_of_others_are_no_drift_and_are_said_once() {
    let dir = taken_over();
    let dir = dir.path();
    let db = rusqlite::Connection::open(dir.join("planctl.db")).unwrap();
    db.execute_batch(
        "CREATE TABLE _sqlx_migrations (version); CREATE TABLE django_log (id, t REFERENCES t);
         CREATE INDEX django_i ON django_log (id); CREATE VIEW Django_v AS SELECT * FROM django_log;
         CREATE TRIGGER django_t AFTER INSERT ON django_log BEGIN DELETE FROM t; END;",
    )
    .unwrap();
    // The history tables of other tools need no setting.
    assert_eq!(found(dir, &["audit"]), ["error extra-table django_log", "error extra-view Django_v"]);
    settings(dir, "[audit]\nignore = ['django_*']");
    let output = run(dir, &["audit"]);
    let said = "no drift; 3 tables ignored (-v lists them)\n";
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), said));
    let document = json(dir, &["audit"]);
    assert_eq!(document["summary"]["ignored"], 3);
    assert_eq!(document["ignored"], serde_json::json!(["_sqlx_migrations", "django_log", "Django_v"]));
    assert!(stdout(&run(dir, &["-v", "audit"])).contains("Ignored tables\ntable"));
    // What a migration left is theirs no more than what the spec states.
    assert_eq!(json(dir, &["migrate", "status"])["drift"], serde_json::json!([]));
    db.execute_batch("DELETE FROM planctl_migrations; DELETE FROM refinery_schema_history;").unwrap();
    let baseline = run(dir, &["migrate", "baseline", "--to", "2"]);
    assert_eq!(baseline.status.code(), Some(0), "{}{}", stdout(&baseline), stderr(&baseline));
    // A table that the spec states is nobody else's, whatever its name.
    settings(dir, "[audit]\nignore = ['*']");
    db.execute_batch("ALTER TABLE u ADD COLUMN mine").unwrap();
    assert_eq!(found(dir, &["audit"]), ["error extra-column mine"]);
}

#[test]
fn what_fails_a_run_is_a_setting_and_a_flag_beats_it() {
    let dir = taken_over();
    let dir = dir.path();
    let quiet = "[lint]\nfrom = 3\n";
    settings(dir, quiet);
    fs::write(dir.join("spec/ddl.sql"), "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);").unwrap();
    for (more, args, expected) in [
        ("", &["audit"][..], 1),
        ("[audit]\nfail-on = 'never'", &["audit"], 0),
        ("[audit]\nfail-on = 'never'", &["audit", "--fail-on", "error"], 1),
        ("", &["check"], 1),
        ("[audit]\nfail-on = 'never'", &["check"], 0),
        ("[audit]\nfail-on = 'never'", &["check", "--fail-on", "warning"], 1),
        ("", &["check", "--fail-on", "never"], 0),
    ] {
        settings(dir, &format!("{quiet}{more}"));
        assert_eq!(status(dir, args), expected, "{more} {args:?}");
    }
    // The setting is about the audit: lint fails a check all the same. The flag is about all of it.
    settings(dir, "[audit]\nfail-on = 'never'\n[lint]\nfrom = 2");
    assert_eq!(status(dir, &["check"]), 1);
    assert_eq!(status(dir, &["check", "--fail-on", "never"]), 0);
    fs::write(dir.join("spec/ddl.sql"), "nonsense").unwrap();
    assert_eq!(status(dir, &["check", "--fail-on", "never"]), 2, "trouble is no finding");
}

#[test]
fn a_slip_in_a_table_of_the_settings_is_trouble_that_names_the_nearest() {
    let dir = taken_over();
    for (text, place, help) in [
        ("[lint]\nrule = {}", "planctl.toml:2:1", "did you mean `rules`?"),
        ("[lint.rules]\nmissing_dwn = 'off'", "planctl.toml:2:1", "did you mean `missing-down`?"),
        ("[audit]\nignored = []", "planctl.toml:2:1", "did you mean `ignore`?"),
        ("[audit]\nfail-on = 'nevr'", "planctl.toml:2:11", "did you mean `never`?"),
    ] {
        settings(dir.path(), text);
        let output = run(dir.path(), &["audit"]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(stderr(&output).contains(place) && stderr(&output).contains(help), "{}", stderr(&output));
    }
}
