//! `planctl backfill` through the real binary: exit status, JSON, the file before and after.

use std::path::{Path, PathBuf};
use std::process::Output;

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::planctl;

const COLUMNS: [&str; 8] = ["--table", "plans", "--id", "id", "--parent", "parent", "--root", "root"];

struct Database {
    dir: TempDir,
}

impl Database {
    fn new(sql: &str) -> Database {
        let database = Database { dir: tempfile::tempdir().unwrap() };
        database.open().execute_batch(sql).unwrap();
        database
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("planctl.db")
    }

    fn open(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.path()).unwrap()
    }

    fn run(&self, args: &[&str]) -> Output {
        run(self.dir.path(), args)
    }

    /// The JSON document, and the exit status.
    fn json(&self, args: &[&str]) -> (Value, i32) {
        let output = self.run(&[args, &["--format", "json"]].concat());
        let document = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
        (document, output.status.code().unwrap())
    }

    fn roots(&self) -> Vec<Option<String>> {
        let conn = self.open();
        let mut statement = conn.prepare("SELECT root FROM plans ORDER BY id").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}

fn run(dir: &Path, args: &[&str]) -> Output {
    planctl(dir, &[&["backfill"], &COLUMNS[..], args].concat()).output().unwrap()
}

fn some(roots: &[&str]) -> Vec<Option<String>> {
    roots.iter().map(|&root| (!root.is_empty()).then(|| root.to_owned())).collect()
}

const TABLE: &str =
    "CREATE TABLE plans(id TEXT PRIMARY KEY, parent TEXT REFERENCES plans, root TEXT REFERENCES plans);";

/// Three levels deep, stored in no order, with the roots that earlier tries left behind.
fn tree() -> Database {
    Database::new(&format!(
        "{TABLE} PRAGMA foreign_keys = OFF;
         INSERT INTO plans VALUES ('c', 'b', ''), ('d', 'c', 'c'), ('a', NULL, NULL), ('b', 'a', NULL), ('r', '', 'r')"
    ))
}

fn tangle() -> Database {
    Database::new(&format!(
        "{TABLE} PRAGMA foreign_keys = OFF;
         INSERT INTO plans VALUES ('a', NULL, NULL), ('b', 'a', NULL), ('o', 'gone', NULL), ('p', 'o', NULL),
         ('x', 'y', NULL), ('y', 'z', NULL), ('z', 'x', NULL), ('zz', 'z', NULL)"
    ))
}

#[test]
fn every_row_gets_its_true_root_and_a_wrong_one_is_told() {
    let database = tree();
    let (document, status) = database.json(&[]);
    assert_eq!(status, 0);
    assert_eq!(document["command"], "backfill");
    assert_eq!(document["outcome"], "clean");
    let counts = ["rows", "roots", "filled", "corrected", "wrong", "unchanged", "max_depth"];
    assert_eq!(counts.map(|key| document[key].as_u64().unwrap()), [5, 2, 3, 0, 1, 2, 3]);
    assert_eq!(database.roots(), some(&["a", "a", "a", "c", "r"]));

    let (document, status) = database.json(&["--recompute"]);
    assert_eq!(counts.map(|key| document[key].as_u64().unwrap()), [5, 2, 0, 1, 1, 4, 3]);
    assert_eq!(status, 0);
    assert_eq!(database.roots(), some(&["a", "a", "a", "a", "r"]));

    let before = database.bytes();
    let (document, _) = database.json(&["--recompute"]);
    assert_eq!((document["unchanged"].as_u64(), document["wrong"].as_u64()), (Some(5), Some(0)));
    assert_eq!(database.bytes(), before, "a second run writes nothing");
}

#[test]
fn a_dry_run_reports_what_the_run_would_do_and_leaves_the_file_alone() {
    let database = tree();
    let before = database.bytes();
    let (mut dry, status) = database.json(&["--recompute", "--dry-run"]);
    assert_eq!(status, 0);
    assert_eq!(database.bytes(), before);
    let (mut real, _) = database.json(&["--recompute"]);
    for document in [&mut dry, &mut real] {
        document["run_id"] = Value::Null;
        document["dry_run"] = Value::Null;
        // The envelope may hold times.
        document.as_object_mut().unwrap().retain(|key, _| !key.contains("start") && !key.contains("took"));
    }
    assert_eq!(dry, real);
}

#[test]
fn cycles_and_orphans_stop_the_run_and_are_reported_separately() {
    let database = tangle();
    let before = database.bytes();
    let (document, status) = database.json(&[]);
    assert_eq!(status, 1);
    assert_eq!(document["outcome"], "findings");
    assert_eq!(document["refused"], json!(["cycles", "orphans"]));
    assert_eq!(document["orphans"], json!({"count": 1, "ids": ["o"], "rows_below": 1}));
    assert_eq!(
        document["cycles"],
        json!({"count": 1, "rows": 3, "examples": [["x", "y", "z"]], "examples_cut": false, "rows_below": 1})
    );
    assert_eq!((document["filled"].as_u64(), document["unchanged"].as_u64()), (Some(0), Some(8)));
    assert_eq!(database.bytes(), before);

    let text = database.run(&[]);
    let shown = String::from_utf8(text.stdout).unwrap();
    assert_eq!(text.status.code(), Some(1));
    for part in [
        "x → y → z → x",
        "1 row whose parent does not exist, and 1 row below",
        "--on-cycle skip",
        "--on-orphan",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn each_policy_does_what_it_says() {
    let database = tangle();
    let (document, status) = database.json(&["--on-cycle", "skip"]);
    assert_eq!((status, &document["refused"]), (1, &json!(["orphans"])));
    let (document, status) = database.json(&["--on-cycle", "skip", "--on-orphan", "skip"]);
    assert_eq!((status, document["filled"].as_u64()), (0, Some(2)));
    assert_eq!(database.roots(), some(&["a", "a", "", "", "", "", "", ""]));
    let (document, status) = database.json(&["--on-cycle", "skip", "--on-orphan", "self"]);
    assert_eq!((status, document["filled"].as_u64()), (0, Some(2)));
    assert_eq!(database.roots(), some(&["a", "a", "o", "o", "", "", "", ""]));
}

#[test]
fn long_lists_are_cut_at_fifty() {
    let database = Database::new(&format!(
        "{TABLE} PRAGMA foreign_keys = OFF; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
         INSERT INTO plans SELECT 'k' || i, CASE WHEN i % 2 THEN 'gone' || i ELSE 'k' || i END, NULL FROM n"
    ));
    let (document, _) = database.json(&[]);
    assert_eq!(document["orphans"]["count"], 150);
    assert_eq!(document["orphans"]["ids"].as_array().unwrap().len(), 50);
    assert_eq!(document["cycles"]["examples"].as_array().unwrap().len(), 50);
    assert_eq!(document["cycles"]["examples_cut"], true);
    let shown = String::from_utf8(database.run(&[]).stdout).unwrap();
    assert!(shown.contains("first 50 of 150 cycles") && shown.contains("first 50 of 150 orphans"), "{shown}");
}

#[test]
fn trouble_is_told_with_what_to_do_and_exits_with_2() {
    let database = tree();
    let before = database.bytes();
    let output = database.run(&["--root", "rot"]);
    assert_eq!(output.status.code(), Some(2), "an option given twice");
    let names = ["backfill", "--table", "plan", "--id", "id", "--parent", "parent", "--root", "root"];
    let output = planctl(database.dir.path(), &names).output().unwrap();
    let shown = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(shown.contains("there is no table plan") && shown.contains("did you mean `plans`?"), "{shown}");
    assert_eq!(database.bytes(), before);
    let nowhere = tempfile::tempdir().unwrap();
    assert_eq!(run(nowhere.path(), &[]).status.code(), Some(2));
    assert!(!nowhere.path().join("planctl.db").exists());
}

#[test]
fn a_database_that_is_locked_is_left_alone() {
    let database = tree();
    let other = database.open();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let output = database.run(&["--lock-timeout", "0s"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("locked"));
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(database.json(&[]).1, 0);
}

#[test]
fn a_wal_database_is_filled_too() {
    let database = tree();
    database.open().pragma_update(None, "journal_mode", "wal").unwrap();
    assert_eq!(database.json(&["--dry-run"]).1, 0);
    assert_eq!(database.json(&["--recompute"]).1, 0);
    assert_eq!(database.roots(), some(&["a", "a", "a", "a", "r"]));
}

/// An R*Tree that was written holds its shadow table open until the transaction ends, which SQLite takes for a statement that
/// runs: the backfill could then not take its functions away.
#[test]
fn a_backfill_ends_where_a_trigger_has_written_to_an_rtree() {
    let database = Database::new(
        "CREATE TABLE plans (id INTEGER PRIMARY KEY, parent INTEGER, root INTEGER);
         INSERT INTO plans (id, parent) VALUES (1, NULL), (2, 1), (3, 2);
         CREATE VIRTUAL TABLE spans USING rtree(id, low, high);
         CREATE TRIGGER t AFTER UPDATE OF root ON plans BEGIN INSERT INTO spans VALUES (new.id, 0, new.root); END;",
    );
    let (report, status) = database.json(&[]);
    assert_eq!((status, &report["filled"]), (0, &json!(3)), "{report}");
    let spans: i64 = database.open().query_row("SELECT count(*) FROM spans", [], |row| row.get(0)).unwrap();
    assert_eq!(spans, 3);
}
