//! What a folder of many migrations costs: `migrate lint` and `migrate up --sql`, against SQLite alone.
//!
//! ```text
//! cargo bench --bench files -- [FILES…] [--rounds=N]      default: 500 2000, 5 rounds
//! ```
//!
//! The first hundred files create a table with an index each; those behind them add a column, update rows, and add and
//! drop an index in turn. The floor is SQLite in this process: the same statements in a database in memory, one transaction
//! and one `PRAGMA foreign_key_check` for each file. The contestants take turns; the medians of their CPU times (user and
//! system) are printed, with the lowest and the highest of their ratios to the floor.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rusqlite::Connection;
use support::process::{planctl, run, size};
use support::within::{Pair, Took, took};

/// Tables that the files are about.
const TABLES: usize = 100;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut sizes: Vec<usize> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![500, 2000];
    }
    let rounds = args.iter().find_map(|arg| arg.strip_prefix("--rounds=")?.parse().ok()).unwrap_or(5);
    for files in sizes {
        let folder = tempfile::tempdir().unwrap();
        let texts: Vec<String> = (0..files).map(text).collect();
        std::fs::create_dir(folder.path().join("migrations")).unwrap();
        for (version, text) in (1..).zip(&texts) {
            std::fs::write(folder.path().join(format!("migrations/V{version}__file.sql")), text).unwrap();
        }
        println!("{files} files, {rounds} rounds");
        for words in [&["migrate", "lint"][..], &["migrate", "up", "--sql", "-o", "up.sql"]] {
            let pair = Pair::in_turns(rounds, || took(|| floor(&texts)), || command(folder.path(), words));
            let (floor, ours) = pair.medians(|took| took.cpu);
            let [low, middle, high] = pair.ratios(|took| took.cpu);
            println!(
                "  planctl {:<32} {ours:>8.2?}, floor {floor:.2?}: {middle:.1} ({low:.1}–{high:.1})",
                words.join(" ")
            );
        }
        println!("  the script has {:.1} MB", size(&folder.path().join("up.sql")) as f64 / 1e6);
    }
}

/// One file.
fn text(number: usize) -> String {
    let (table, turn) = (number % TABLES, number / TABLES);
    match (turn, turn % 4) {
        (0, _) => format!(
            "CREATE TABLE t{table} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, other INTEGER REFERENCES t{}(id));\n\
             CREATE INDEX t{table}_other ON t{table} (other);\n",
            table.saturating_sub(1)
        ),
        (_, 1) => format!("ALTER TABLE t{table} ADD COLUMN c{turn} TEXT;\n"),
        (_, 2) => format!("CREATE INDEX t{table}_{turn} ON t{table} (name, id);\n"),
        (_, 3) => format!("UPDATE t{table} SET name = trim(name) WHERE name <> trim(name);\n"),
        _ => format!("DROP INDEX t{table}_{};\n", turn - 2),
    }
}

fn floor(texts: &[String]) {
    let conn = Connection::open_in_memory().unwrap();
    for text in texts {
        conn.execute_batch(&format!("BEGIN; {text}")).unwrap();
        let mut check = conn.prepare("PRAGMA foreign_key_check").unwrap();
        assert!(check.query([]).unwrap().next().unwrap().is_none());
        drop(check);
        conn.execute_batch("COMMIT").unwrap();
    }
}

/// A run of planctl that neither fails nor stops at what lint finds.
fn command(folder: &Path, words: &[&str]) -> Took {
    let mut command: Command = planctl();
    let used = run(command.args(words).current_dir(folder));
    assert!(matches!(used.status, Some(0 | 1)), "{words:?}: {:?}", used.status);
    let (cpu, wall): (Duration, Duration) = (used.cpu, used.wall);
    Took { cpu, wall }
}
