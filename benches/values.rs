//! What `audit --data` costs, against one scan written by hand with the same conditions in the same run.
//!
//! ```text
//! cargo bench --bench values -- [ROWS…] [--quick]          default: 1000000, or 20000 with --quick
//! ```
//!
//! Eight rules (and the types) on one table of rows of about 300 bytes; both sides take turns, five rounds, on
//! connections opened anew; the figures are medians of CPU time, the ratio with the lowest and the highest of the rounds.
//! The floor counts the rows that break any of them: `SELECT count(*) … WHERE e1 OR e2 …`. Where all rows are bad such a
//! query stops at the first condition of each; the floor is then one that counts them one by one. The bar of 1.5 is for
//! all three. Foreign keys and duplicates are measured against their own hand-written queries. In the line "progress" the
//! floor is the same check without anybody who hears how far it is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a bench fails by panicking"
)]

mod support;

use std::cell::RefCell;
use std::path::Path;

use planctl::internals::audit::Names;
use planctl::internals::audit::values::{Spec, plan};
use planctl::internals::base::job::Job;
use planctl::internals::base::source::SourceFile;
use planctl::internals::engine::{Access, OpenOptions, open, spec_database};
use planctl::progress::{Event, Interrupt, Observer};
use rusqlite::Connection;

use self::support::within::{Pair, Took, took};

const ROUNDS: usize = 5;

const ROW_RULES: &str = "CREATE TABLE t (
    id TEXT PRIMARY KEY, -- ULID
    parent TEXT,
    name TEXT NOT NULL,
    state TEXT NOT NULL, -- 'queued' | 'processing' | 'done'
    tags TEXT, -- JSON
    created_at TEXT, -- ISO-8601 UTC
    attempt INTEGER CHECK (attempt >= 0),
    body TEXT
);";

/// What the row rules say, one by one, as somebody would write it.
const CONDITIONS: [&str; 15] = [
    "length(id) <> 26 OR id GLOB '*[^0-9A-HJKMNP-TV-Z]*' OR id > '8'",
    "name IS NULL",
    "state IS NULL",
    "state NOT IN ('queued', 'processing', 'done')",
    "NOT json_valid(tags)",
    "NOT (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*Z' \
     AND datetime(created_at) IS NOT NULL)",
    "typeof(attempt) NOT IN ('integer', 'null')",
    "NOT (attempt >= 0)",
    "typeof(id) = 'blob'",
    "typeof(parent) = 'blob'",
    "typeof(name) = 'blob'",
    "typeof(state) = 'blob'",
    "typeof(tags) = 'blob'",
    "typeof(created_at) = 'blob'",
    "typeof(body) = 'blob'",
];

fn main() {
    let mut sizes: Vec<u64> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![if std::env::args().any(|arg| arg == "--quick") { 20_000 } else { 1_000_000 }];
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.db");
    println!("{:>9} {:22} {:>10} {:>10} {:>17} {:>7}", "rows", "what", "floor", "planctl", "ratio", "ns/row");
    let mut worst: f64 = 0.0;
    for rows in sizes {
        let any = format!("SELECT count(*) FROM t WHERE {}", CONDITIONS.join(" OR "));
        let each: Vec<String> =
            CONDITIONS.iter().map(|condition| format!("count(*) FILTER (WHERE {condition})")).collect();
        let each = format!("SELECT {} FROM t", each.join(", "));
        for (label, bad, floor) in
            [("no bad row", 0, &any), ("1 in 1000 bad", 1000, &any), ("all bad, each counted", 1, &each)]
        {
            create(&file, rows, bad);
            worst = worst.max(measure(&file, rows, label, ROW_RULES, floor));
        }
        create(&file, rows, 0);
        progress(&file, rows);
        create(&file, rows, 1000);
        measure(
            &file,
            rows,
            "duplicates",
            "CREATE TABLE t (id, parent, name, state, tags, created_at, attempt, body, UNIQUE (name, state))",
            "SELECT count(*) FROM (SELECT 1 FROM t GROUP BY name, state HAVING count(*) > 1)",
        );
        measure(
            &file,
            rows,
            "foreign key",
            "CREATE TABLE t (id PRIMARY KEY, parent REFERENCES t, name, state, tags, created_at, attempt, body)",
            "SELECT count(*) FROM t c WHERE parent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM t p WHERE p.id = c.parent)",
        );
    }
    println!("worst ratio of the row rules {worst:.2}, to be at most 1.50");
}

/// Writes down what it hears, as a terminal would.
struct Heard(String);

impl Observer for Heard {
    fn event(&mut self, event: Event<'_>) {
        self.0 = format!("{event:?}");
    }
}

/// What it costs that somebody hears how far a check is.
fn progress(file: &Path, rows: u64) {
    let spec = SourceFile::new("spec.sql", ROW_RULES);
    let interrupt = Interrupt::new();
    let heard = RefCell::new(Heard(String::new()));
    let pair = Pair::in_turns(
        ROUNDS,
        || check(file, &spec, Job::quiet()),
        || check(file, &spec, Job::new(&heard, &interrupt)),
    );
    assert!(heard.borrow().0.contains("checking t"), "{}", heard.borrow().0);
    print(rows, "progress", &pair);
}

fn measure(file: &Path, rows: u64, label: &str, spec: &str, floor: &str) -> f64 {
    let spec = SourceFile::new("spec.sql", spec);
    let floor = || {
        let conn = Connection::open(file).unwrap();
        took(|| {
            conn.query_row(floor, [], |row| row.get::<_, i64>(0)).unwrap();
        })
    };
    let pair = Pair::in_turns(ROUNDS, floor, || check(file, &spec, Job::quiet()));
    print(rows, label, &pair)
}

/// All checks of the specification.
fn check(file: &Path, spec: &SourceFile, job: Job<'_>) -> Took {
    let mut engine = open(file, Access::ReadOnly, OpenOptions::default(), Job::quiet()).unwrap();
    took(|| {
        let (expected, live) =
            (spec_database(spec, Job::quiet()).unwrap().schema().unwrap(), engine.inspect().unwrap());
        let names = Names::default();
        let plan = plan(Spec { source: spec, schema: &expected, written: None, names: &names }, &live, &[]);
        let checked = engine.check_values(&plan.checks, job).unwrap();
        assert!(checked.unchecked.is_empty());
    })
}

/// Prints a line, and gives the ratio.
fn print(rows: u64, label: &str, pair: &Pair) -> f64 {
    let (floor, ours) = pair.medians(|took| took.cpu);
    let [low, ratio, high] = pair.ratios(|took| took.cpu);
    println!(
        "{rows:>9} {label:22} {:>8.1}ms {:>8.1}ms {:>17} {:>7.0}",
        floor.as_secs_f64() * 1e3,
        ours.as_secs_f64() * 1e3,
        format!("{ratio:.2} ({low:.2}–{high:.2})"),
        ours.as_nanos() as f64 / rows as f64,
    );
    ratio
}

/// Rows of about 300 bytes, of which one in `bad` breaks every rule; none when it is 0.
fn create(file: &Path, rows: u64, bad: u64) {
    let _ = std::fs::remove_file(file);
    let conn = Connection::open(file).unwrap();
    conn.execute_batch(
        "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, name TEXT, state TEXT, tags TEXT,
         created_at TEXT, attempt, body TEXT); BEGIN",
    )
    .unwrap();
    let sql = "INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let mut insert = conn.prepare(sql).unwrap();
    let body = "b".repeat(150);
    for n in 0..rows {
        let id = format!("01J{n:023}");
        if bad > 0 && n % bad == 0 {
            let null: Option<&str> = None;
            insert
                .execute((format!("plan-{n}"), "gone", null, "on hold", "[1, 2", "yesterday", "x", &body))
                .unwrap();
        } else {
            let parent = format!("01J{:023}", n / 3);
            let (name, tags) = (format!("name {n}"), r#"{"owner": "me", "tags": ["a", "b"]}"#);
            insert
                .execute((id, parent, name, "processing", tags, "2027-06-30T08:00:00.000Z", n as i64, &body))
                .unwrap();
        }
    }
    drop(insert);
    conn.execute_batch("COMMIT").unwrap();
}
