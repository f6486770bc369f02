//! What a backfill costs, against the floor: `UPDATE t SET root = id` over the same rows in the same run.
//!
//! ```text
//! cargo bench --bench backfill -- [ROWS…] [WORD…] [--peers] [--rounds N] [--quick]
//! ```
//!
//! Without ROWS it takes 1,000, 100,000, 1 million and 5 million; with `--quick` 1,000 and 20,000. Words (`ULID`,
//! `Scattered`, `All`, …) leave only the lines that have all of them. Every line is one shape of tree, one kind of key
//! and one share of missing roots. Both sides get a fresh copy of the same file, opened anew with SQLite's own settings,
//! and one transaction from BEGIN to COMMIT; they take turns, 5 rounds, or 3 from a million rows on. `cpu` is the ratio
//! of the CPU times, median and in brackets the lowest and the highest of the rounds; `wall` the same of the time on the
//! wall; `ns/row` the CPU time per row, and `bytes/row` the growth of the peak resident set over that of a run on an
//! empty table, SQLite's page cache included (Linux only).
//!
//! `--peers` adds what is written by hand in the place of a backfill: an UPDATE of a recursive query, and a loop that
//! fills one level of the trees after the other; the loop ends after 60 seconds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a bench fails by panicking"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use planctl::internals::base::job::Job;
use planctl::internals::engine::backfill::run_alone;
use planctl::roots::{BackfillSpec, OnCycle, OnOrphan};
use rusqlite::Connection;

use self::support::within::{Pair, Took, took};

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

const SHAPES: [Shape; 5] =
    [Shape::TreesOf100, Shape::ChainsOf1000, Shape::OneChain, Shape::ChainUpward, Shape::Scattered];

/// Fills the roots; whether it came to its end.
type Peer = fn(&Connection) -> bool;

struct Line {
    rows: u64,
    text: bool,
    shape: Shape,
    missing: Missing,
}

fn main() {
    if let [_, first, file] = std::env::args().collect::<Vec<_>>().as_slice()
        && first == PEAK
    {
        return print_peak(Path::new(file));
    }
    let mut rounds = None;
    let (mut peers, mut quick) = (false, false);
    let (mut sizes, mut words) = (Vec::new(), Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), argument.parse::<u64>()) {
            ("--peers", _) => peers = true,
            ("--quick", _) => quick = true,
            ("--rounds", _) => rounds = arguments.next().and_then(|n| n.parse().ok()),
            (_, Ok(size)) => sizes.push(size),
            (other, _) if !other.starts_with('-') => words.push(argument),
            _ => {}
        }
    }
    if sizes.is_empty() {
        sizes = if quick { vec![1_000, 20_000] } else { vec![1_000, 100_000, 1_000_000, 5_000_000] };
    }
    let folder = tempfile::tempdir().unwrap();
    println!(
        "{:>8} {:7} {:12} {:10} {:>9} {:>9} {:>17} {:>17} {:>6} {:>9}",
        "rows", "key", "shape", "missing", "floor", "planctl", "cpu", "wall", "ns/row", "bytes/row"
    );
    let mut worst: f64 = 0.0;
    for rows in sizes {
        let rounds = rounds.unwrap_or(if rows < 1_000_000 && !quick { 5 } else { 3 });
        for text in [true, false] {
            for shape in SHAPES {
                for missing in [Missing::All, Missing::OnePercent, Missing::None] {
                    let names = [key(text), &format!("{shape:?}"), &format!("{missing:?}")];
                    if words.iter().all(|word| names.contains(&word.as_str())) {
                        let line = Line { rows, text, shape, missing };
                        worst = worst.max(measure(folder.path(), &line, rounds, peers));
                    }
                }
            }
        }
    }
    println!("worst median of the CPU ratios {worst:.2}, to be at most 1.25");
}

fn key(text: bool) -> &'static str {
    if text { "ULID" } else { "INTEGER" }
}

fn measure(folder: &Path, line: &Line, rounds: usize, peers: bool) -> f64 {
    let original = folder.join("original.db");
    create(&original, 0, line);
    let empty = peak(&original, folder);
    create(&original, line.rows, line);
    let grown = peak(&original, folder);
    let memory = match (empty, grown) {
        (Some(empty), Some(grown)) => {
            format!("{:.1}", (grown.saturating_sub(empty)) as f64 / line.rows as f64)
        }
        _ => "-".to_owned(),
    };
    let floor = |conn: &Connection| {
        conn.execute_batch("BEGIN IMMEDIATE; UPDATE t SET root = id; COMMIT").unwrap();
    };
    let pair =
        Pair::in_turns(rounds, || on_copy(&original, folder, floor), || on_copy(&original, folder, backfill));
    let (least, ours) = pair.medians(|took| took.cpu);
    let ratio = |by: fn(&Took) -> Duration| {
        let [low, middle, high] = pair.ratios(by);
        format!("{middle:.2} ({low:.2}–{high:.2})")
    };
    println!(
        "{:>8} {:7} {:12} {:10} {:>7.1}ms {:>7.1}ms {:>17} {:>17} {:>6.0} {memory:>9}",
        line.rows,
        key(line.text),
        format!("{:?}", line.shape),
        format!("{:?}", line.missing),
        least.as_secs_f64() * 1e3,
        ours.as_secs_f64() * 1e3,
        ratio(|took| took.cpu),
        ratio(|took| took.wall),
        ours.as_nanos() as f64 / line.rows as f64,
    );
    if peers {
        let peers: [(&str, Peer); 2] = [("recursive query", recursive), ("level by level", levels)];
        for (name, peer) in peers {
            let mut ended = true;
            let took = on_copy(&original, folder, |conn| ended = peer(conn));
            let more = if ended { "" } else { ", stopped there" };
            println!(
                "         by a {name}: {:.1} ms of CPU, {:.1} times planctl{more}",
                took.cpu.as_secs_f64() * 1e3,
                took.cpu.as_secs_f64() / ours.as_secs_f64(),
            );
        }
    }
    pair.ratios(|took| took.cpu)[1]
}

/// The UPDATE of somebody who knows recursive queries. The temporary table gives the join an index.
fn recursive(conn: &Connection) -> bool {
    conn.execute_batch(
        "BEGIN IMMEDIATE;
         CREATE TEMP TABLE found(id PRIMARY KEY, root);
         CREATE INDEX t_parent ON t(parent);
         WITH RECURSIVE down(id, root) AS (
             SELECT id, id FROM t WHERE parent IS NULL
             UNION ALL SELECT t.id, down.root FROM down JOIN t ON t.parent = down.id)
         INSERT INTO found SELECT id, root FROM down;
         UPDATE t SET root = (SELECT root FROM found WHERE found.id = t.id);
         DROP INDEX t_parent;
         COMMIT",
    )
    .unwrap();
    true
}

/// One UPDATE for each level, until none changes a row; given up after a minute.
fn levels(conn: &Connection) -> bool {
    let start = Instant::now();
    conn.execute_batch("BEGIN IMMEDIATE; UPDATE t SET root = CASE WHEN parent IS NULL THEN id END").unwrap();
    let sql = "UPDATE t SET root = (SELECT p.root FROM t p WHERE p.id = t.parent)
               WHERE root IS NULL AND (SELECT p.root FROM t p WHERE p.id = t.parent) IS NOT NULL";
    loop {
        if conn.execute(sql, []).unwrap() == 0 {
            conn.execute_batch("COMMIT").unwrap();
            return true;
        }
        if start.elapsed() > Duration::from_secs(60) {
            conn.execute_batch("ROLLBACK").unwrap();
            return false;
        }
    }
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
    let outcome = run_alone(conn, None, &spec, false, Duration::ZERO, Job::quiet()).unwrap();
    assert_eq!(outcome.refused, None);
}

fn copy(original: &Path, folder: &Path) -> PathBuf {
    let copy = folder.join("copy.db");
    std::fs::copy(original, &copy).unwrap();
    copy
}

fn on_copy(original: &Path, folder: &Path, work: impl FnOnce(&Connection)) -> Took {
    let conn = Connection::open(copy(original, folder)).unwrap();
    took(|| work(&conn))
}

/// The argument with which this program starts itself, for a peak of memory that nothing ran before.
const PEAK: &str = "--peak-of";

/// The peak of the resident set, in bytes, of a process that does one backfill.
fn peak(original: &Path, folder: &Path) -> Option<u64> {
    let copy = copy(original, folder);
    let output = Command::new(std::env::current_exe().ok()?).arg(PEAK).arg(copy).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn print_peak(file: &Path) {
    backfill(&Connection::open(file).unwrap());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    if let Some(kib) = line.and_then(|kib| kib.trim().parse::<u64>().ok()) {
        println!("{}", kib * 1024);
    }
}

/// Rows of about 300 bytes.
fn create(path: &Path, rows: u64, line: &Line) {
    let Line { text, shape, missing, .. } = *line;
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
