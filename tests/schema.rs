//! `schema dump` and `schema diff` through the binary.
//!
//! Laws: dump, load, dump is a fixed point; a schema and its dump do not differ, in either direction.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

fn planctl(args: &[&str]) -> Output {
    Command::cargo_bin("planctl").unwrap().args(args).output().unwrap()
}

fn dump(of: &Path) -> String {
    let output = planctl(&["schema", "dump", of.to_str().unwrap()]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}: {}",
        of.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The findings of `schema diff`, and its exit status.
fn diff(from: &Path, to: &Path) -> (Option<i32>, serde_json::Value) {
    let output =
        planctl(&["schema", "diff", from.to_str().unwrap(), to.to_str().unwrap(), "--format", "json"]);
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

fn assert_dump_is_faithful(dir: &TempDir, of: &Path) {
    let copy = dir.path().join("dump.sql");
    let first = dump(of);
    fs::write(&copy, &first).unwrap();
    assert_eq!(dump(&copy), first, "{}: dump, load, dump", of.display());
    for (from, to) in [(of, copy.as_path()), (&copy, of)] {
        let (status, report) = diff(from, to);
        assert_eq!(status, Some(0), "{} → {}: {report:#}", from.display(), to.display());
    }
}

fn shared(what: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PLANCTL_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = root.join(what);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: {what} is not here");
    None
}

fn repository(what: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(what)
}

#[test]
fn the_dump_of_the_shipped_schema_is_a_fixed_point_and_differs_in_nothing() {
    let dir = tempfile::tempdir().unwrap();
    assert_dump_is_faithful(&dir, &repository("migrations"));
    assert_dump_is_faithful(&dir, &repository("spec/ddl.sql"));
}

#[test]
fn a_database_is_told_from_a_ddl_file_by_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("looks-like.sql");
    let connection = rusqlite::Connection::open(&db).unwrap();
    connection
        .execute_batch(
            "PRAGMA user_version = 7; PRAGMA application_id = 42;
             CREATE TABLE \"o'brien\"(a TEXT COLLATE NOCASE, -- ULID\n b INT AS (a || 'x') STORED);
             CREATE INDEX i ON \"o'brien\"(lower(a) DESC) WHERE b > 0;
             CREATE VIEW v(x) AS SELECT a FROM \"o'brien\";
             CREATE TRIGGER r INSTEAD OF INSERT ON v BEGIN SELECT 1; END;
             CREATE VIRTUAL TABLE f USING fts5(body, content='');",
        )
        .unwrap();
    drop(connection);
    assert_dump_is_faithful(&dir, &db);
    let text = dump(&db);
    for kept in ["user_version = 7", "application_id = 42", "-- ULID", "INSTEAD OF", "fts5"] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert!(!text.contains("f_data"), "shadow tables come with their virtual table: {text}");
}

#[test]
fn a_difference_is_found_in_both_directions() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a.sql"), dir.path().join("b.sql"));
    fs::write(&a, "CREATE TABLE t(a TEXT, b TEXT);").unwrap();
    fs::write(&b, "CREATE TABLE t(a TEXT);").unwrap();
    for (from, to, rule) in [(&a, &b, "extra-column"), (&b, &a, "missing-column")] {
        let (status, report) = diff(from, to);
        assert_eq!((status, report["findings"][0]["rule"].as_str()), (Some(1), Some(rule)));
        assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn every_schema_of_the_corpus_has_a_faithful_dump() {
    let Some(schemas) = shared("corpus/schemas") else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut count = 0;
    for entry in fs::read_dir(schemas).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            assert_dump_is_faithful(&dir, &path);
            count += 1;
        }
    }
    assert!(count > 0);
}
