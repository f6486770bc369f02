//! A generated rebuild of a million rows against the same copy written by hand, in one run.
//!
//! Bar: at most 1.15 times the copy by hand, and memory that does not grow with the table.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a bench fails by panicking")]

use std::path::Path;
use std::time::{Duration, Instant};

use planctl::internals::base::job::Job;
use planctl::internals::base::source::SourceFile;
use planctl::internals::engine;
use planctl::internals::engine::{Access, OpenOptions, UpOptions};
use planctl::internals::generate::{Terms, script_pair, up_text};
use planctl::internals::migrations::{Migration, MigrationSet};
use planctl::internals::plan::Hints;
use planctl::internals::sql::{SqliteVersion, Target};
use rusqlite::Connection;

const BEFORE: &str =
    "CREATE TABLE plans (id INTEGER PRIMARY KEY, name TEXT, state TEXT, parent INTEGER, body TEXT);
    CREATE INDEX plans_state ON plans (state);
    CREATE INDEX plans_parent ON plans (parent);";

const AFTER: &str = "CREATE TABLE plans (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '', state TEXT, parent INTEGER, body TEXT);
    CREATE INDEX plans_state ON plans (state);
    CREATE INDEX plans_parent ON plans (parent);";

const BY_HAND: &str = "PRAGMA foreign_keys = OFF;
    BEGIN IMMEDIATE;
    CREATE TABLE plans_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '', state TEXT, parent INTEGER, body TEXT);
    INSERT INTO plans_new (id, name, state, parent, body) SELECT id, coalesce(name, ''), state, parent, body FROM plans;
    DROP TABLE plans;
    ALTER TABLE plans_new RENAME TO plans;
    CREATE INDEX plans_state ON plans (state);
    CREATE INDEX plans_parent ON plans (parent);
    COMMIT;";

fn main() {
    let rows: u64 = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    let dir = tempfile::tempdir().unwrap();
    let master = dir.path().join("master.db");
    fill(&master, rows);
    let set = generated(dir.path());
    let (mut ours, mut by_hand) = (Vec::new(), Vec::new());
    for round in 0..3 {
        // Whoever comes second finds a warmer disk: each begins in turn.
        for first in [round % 2 == 0, round % 2 != 0] {
            let db = dir.path().join("copy.db");
            std::fs::copy(&master, &db).unwrap();
            if first {
                ours.push(timed(|| migrate(&db, &set)));
            } else {
                by_hand.push(timed(|| Connection::open(&db).unwrap().execute_batch(BY_HAND).unwrap()));
            }
            std::fs::remove_file(&db).unwrap();
        }
    }
    let (ours, by_hand) = (ours.into_iter().min().unwrap(), by_hand.into_iter().min().unwrap());
    let ratio = ours.as_secs_f64() / by_hand.as_secs_f64();
    println!("{rows} rows: generated {ours:.2?}, by hand {by_hand:.2?}, ratio {ratio:.3} (bar 1.15)");
    if let Some(peak) = peak_memory() {
        println!("peak memory of the process: {peak} KiB");
    }
}

fn fill(db: &Path, rows: u64) {
    let conn = Connection::open(db).unwrap();
    conn.execute_batch(BEFORE).unwrap();
    conn.execute_batch(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
         INSERT INTO plans SELECT i, CASE WHEN i % 10 THEN 'plan ' || i END, 'state ' || (i % 5), i / 7, hex(randomblob(40)) FROM n"
    ))
    .unwrap();
}

fn generated(dir: &Path) -> MigrationSet {
    let schema = |text: &str| {
        engine::spec_database(&SourceFile::new("x.sql", text), Job::quiet()).unwrap().schema().unwrap()
    };
    let terms = Terms {
        sqlite: SqliteVersion::new(35, 0),
        target: Target::Sqlite,
        allow_destructive: false,
        hints: Hints::default(),
        spec: None,
        db: None,
        job: Job::quiet(),
    };
    let scripts = script_pair(&schema(BEFORE), &schema(AFTER), &terms, &mut |_| None).unwrap().unwrap();
    let up = SourceFile::new("V1__rebuild.sql", up_text("V1__rebuild", &scripts));
    let migration = Migration { version: 1, name: "rebuild".to_owned(), up, down: None };
    MigrationSet { dir: dir.to_owned(), migrations: vec![migration] }
}

fn migrate(db: &Path, set: &MigrationSet) {
    let mut engine =
        engine::open(db, Access::ReadWrite { create: false }, OpenOptions::default(), Job::quiet()).unwrap();
    let options = UpOptions::of(ulid::Ulid::from_parts(0, 0));
    let run = engine.migrate_up(set, &options, Job::quiet());
    assert!(run.error.is_none(), "{:?}", run.error);
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The most that the process ever held in memory, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok())
}
