//! What a backfill costs, against the floor: `UPDATE t SET root = id` over the same rows in the same run.
//!
//! ```text
//! cargo bench --bench backfill -- [ROWS…] [WORD…]          default: 1000 20000
//! ```
//!
//! Words (`ULID`, `Scattered`, `All`, …) leave only the lines that have all of them. Every line is one shape of tree, one kind of key and one share of missing roots; each figure is the best of three
//! runs on a fresh copy of the same file, opened anew, with a transaction from BEGIN to COMMIT. `bytes/row` is the
//! growth of the peak resident set over that of a run on an empty table (Linux only).

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use planctl::backfill::{BackfillSpec, OnCycle, OnOrphan};
use planctl::engine::sqlite::backfill::run_alone;
use planctl::progress::{Interrupt, Silent};
use rusqlite::Connection;

#[derive(Clone, Copy, Debug)]
enum Shape {
    TreesOf100,
    ChainsOf1000,
    OneChain,
    /// One chain, the children stored before their parents.
    ChainUpward,
    /// Trees whose rows lie scattered over the table.
    Scattered,
}

#[derive(Clone, Copy, Debug)]
enum Missing {
    All,
    OnePercent,
    None,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let mut sizes: Vec<u64> = arguments.iter().filter_map(|arg| arg.parse().ok()).collect();
    let words: Vec<&String> = arguments.iter().filter(|arg| arg.parse::<u64>().is_err()).collect();
    if sizes.is_empty() {
        sizes = vec![1_000, 20_000];
    }
    let folder = tempfile::tempdir().unwrap();
    println!(
        "{:>9} {:8} {:13} {:11} {:>9} {:>9} {:>6} {:>8} {:>10}",
        "rows", "key", "shape", "missing", "floor", "planctl", "ratio", "ns/row", "bytes/row"
    );
    let mut worst: f64 = 0.0;
    for rows in sizes {
        for text in [true, false] {
            for shape in [
                Shape::TreesOf100,
                Shape::ChainsOf1000,
                Shape::OneChain,
                Shape::ChainUpward,
                Shape::Scattered,
            ] {
                for missing in [Missing::All, Missing::OnePercent, Missing::None] {
                    let line = [key(text), &format!("{shape:?}"), &format!("{missing:?}")];
                    if !words.iter().all(|word| line.contains(&word.as_str())) {
                        continue;
                    }
                    worst = worst.max(measure(folder.path(), rows, text, shape, missing));
                }
            }
        }
    }
    println!("worst ratio {worst:.2}, to be at most 1.50");
}

fn key(text: bool) -> &'static str {
    if text { "ULID" } else { "INTEGER" }
}

fn measure(folder: &Path, rows: u64, text: bool, shape: Shape, missing: Missing) -> f64 {
    let original = folder.join("original.db");
    create(&original, 0, text, shape, missing);
    let empty = peak(&original, folder);
    create(&original, rows, text, shape, missing);
    let grown = peak(&original, folder);
    let memory = match (empty, grown) {
        (Some(empty), Some(grown)) => format!("{:.1}", (grown.saturating_sub(empty)) as f64 / rows as f64),
        _ => "-".to_owned(),
    };
    let floor = best(&original, folder, |conn| {
        conn.execute_batch("BEGIN IMMEDIATE; UPDATE t SET root = id; COMMIT").unwrap();
    });
    let ours = best(&original, folder, backfill);
    let ratio = ours.as_secs_f64() / floor.as_secs_f64();
    println!(
        "{rows:>9} {:8} {:13} {:11} {:>7.1}ms {:>7.1}ms {ratio:>6.2} {:>8.0} {memory:>10}",
        key(text),
        format!("{shape:?}"),
        format!("{missing:?}"),
        floor.as_secs_f64() * 1e3,
        ours.as_secs_f64() * 1e3,
        ours.as_nanos() as f64 / rows as f64,
    );
    ratio
}

fn backfill(conn: &Connection) {
    let spec = BackfillSpec {
        table: "t".into(),
        id: "id".into(),
        parent: "parent".into(),
        root: "root".into(),
        on_cycle: OnCycle::Abort,
        on_orphan: OnOrphan::Abort,
        recompute: true,
    };
    let outcome = run_alone(conn, &spec, false, Duration::ZERO, &mut Silent, &Interrupt::new()).unwrap();
    assert_eq!(outcome.refused, None);
}

fn copy(original: &Path, folder: &Path) -> PathBuf {
    let copy = folder.join("copy.db");
    std::fs::copy(original, &copy).unwrap();
    copy
}

fn best(original: &Path, folder: &Path, work: impl Fn(&Connection)) -> Duration {
    let run = || {
        let conn = Connection::open(copy(original, folder)).unwrap();
        let start = Instant::now();
        work(&conn);
        start.elapsed()
    };
    (0..3).map(|_| run()).min().unwrap()
}

/// The peak of the resident set, in bytes, of one backfill.
fn peak(original: &Path, folder: &Path) -> Option<u64> {
    let conn = Connection::open(copy(original, folder)).unwrap();
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    backfill(&conn);
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Rows of about 300 bytes.
fn create(path: &Path, rows: u64, text: bool, shape: Shape, missing: Missing) {
    let _ = std::fs::remove_file(path);
    let conn = Connection::open(path).unwrap();
    let kind = if text { "TEXT" } else { "INTEGER" };
    conn.execute_batch(&format!(
        "PRAGMA synchronous = OFF; CREATE TABLE t(id {kind} PRIMARY KEY, parent {kind}, root {kind}, body TEXT); BEGIN"
    ))
    .unwrap();
    // A key is written by its number: in order, as ULIDs made one after the other are.
    let key = if text { "printf('01J%023d', ?)" } else { "?" };
    let keys: Vec<String> = (1..=3).map(|i| key.replace('?', &format!("?{i}"))).collect();
    let width = if text { 215 } else { 280 };
    let sql = format!(
        "INSERT INTO t VALUES({}, CASE WHEN ?2 IS NULL THEN NULL ELSE {} END, CASE WHEN ?3 IS NULL THEN NULL ELSE {} END, ?4)",
        keys[0], keys[1], keys[2]
    );
    let mut insert = conn.prepare(&sql).unwrap();
    let body = "b".repeat(width);
    for n in 0..rows {
        let (parent, root) = family(n, rows, shape);
        let root = match missing {
            Missing::All => None,
            Missing::OnePercent if n % 100 == 0 => None,
            Missing::OnePercent | Missing::None => Some(root),
        };
        insert.execute((n as i64, parent.map(|n| n as i64), root.map(|n| n as i64), &body)).unwrap();
    }
    drop(insert);
    conn.execute_batch("COMMIT").unwrap();
}

/// The parent and the root of row `n`.
fn family(n: u64, rows: u64, shape: Shape) -> (Option<u64>, u64) {
    let within = |size: u64, fan: u64| {
        let (root, place) = (n - n % size, n % size);
        ((place > 0).then(|| root + (place - 1) / fan), root)
    };
    match shape {
        Shape::TreesOf100 => within(100, 3),
        Shape::ChainsOf1000 => within(1000, 1),
        Shape::OneChain => (n.checked_sub(1), 0),
        Shape::ChainUpward => ((n + 1 < rows).then_some(n + 1), rows - 1),
        Shape::Scattered => {
            // A step of about 0.6 · rows that shares no factor with it: a permutation of the rows.
            let gcd = |mut a: u64, mut b: u64| {
                while b > 0 {
                    (a, b) = (b, a % b);
                }
                a
            };
            let step = (rows * 3 / 5 + 1..).find(|&step| gcd(step, rows) == 1).unwrap();
            let at = |place: u64| (u128::from(place) * u128::from(step) % u128::from(rows)) as u64;
            // The place of row n: the inverse of `at`.
            let place = (u128::from(n) * u128::from(inverse(step, rows)) % u128::from(rows)) as u64;
            let (first, place) = (place - place % 100, place % 100);
            ((place > 0).then(|| at(first + (place - 1) / 3)), at(first))
        }
    }
}

/// The number that, multiplied by `a`, leaves 1 modulo `m`.
fn inverse(a: u64, m: u64) -> u64 {
    let (mut old, mut r) = (i128::from(a), i128::from(m));
    let (mut s_old, mut s) = (1_i128, 0_i128);
    while r != 0 {
        let q = old / r;
        (old, r) = (r, old - q * r);
        (s_old, s) = (s, s_old - q * s);
    }
    s_old.rem_euclid(i128::from(m)) as u64
}
