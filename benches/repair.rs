//! Migration 7 of the shipped schema on a full table: the backfill of all roots, the rebuild, its indexes, the check of
//! every foreign key and the record, against the bare copy: the same statements on the same rows, whose roots are
//! set already, in one transaction of SQLite's own.
//!
//! ```text
//! cargo bench --bench repair -- [PLANS…]          default: 1000000
//! ```
//!
//! Both get a fresh copy of their file and take turns, three rounds: the medians of CPU time and of time on the wall, and
//! the ratio with the lowest and the highest. The goal is at most 1.4. A second line has the same work as the floor: one
//! UPDATE that knows the roots, the same statements, and `PRAGMA foreign_key_check`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a bench fails by panicking"
)]

mod support;

use std::path::{Path, PathBuf};
use std::time::Duration;

use planctl::internals::base::job::Job;
use planctl::internals::engine;
use planctl::internals::engine::{Access, OpenOptions, UpOptions};
use planctl::internals::migrations::MigrationSet;
use rusqlite::Connection;

use self::support::within::{Pair, Took, took};

const REPAIR: i64 = 7;
const ROUNDS: usize = 3;

fn main() {
    let arguments = std::env::args().skip(1).filter(|arg| !arg.starts_with('-'));
    let mut sizes: Vec<u64> = arguments.filter_map(|arg| arg.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![1_000_000];
    }
    let set = MigrationSet::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).unwrap();
    let repair = set.get(REPAIR).unwrap().up.text();
    let folder = tempfile::tempdir().unwrap();
    for plans in sizes {
        let (missing, whole) = (folder.path().join("missing.db"), folder.path().join("whole.db"));
        create(&missing, &set, plans, "NULL");
        create(&whole, &set, plans, "printf('01J%023d', i - i % 100)");
        let bare = format!("BEGIN IMMEDIATE; {repair}; COMMIT");
        let same = format!(
            "BEGIN IMMEDIATE; UPDATE v3_plans SET root_plan_id = printf('01J%023d', rowid - 1 - (rowid - 1) % 100);
             {repair}; PRAGMA foreign_key_check; COMMIT"
        );
        for (what, original, floor) in
            [("a bare copy", &whole, bare), ("the same work by SQLite", &missing, same)]
        {
            let pair = Pair::in_turns(
                ROUNDS,
                || {
                    let conn = Connection::open(copy(original, folder.path())).unwrap();
                    conn.pragma_update(None, "foreign_keys", false).unwrap();
                    took(|| conn.execute_batch(&floor).unwrap())
                },
                || {
                    let file = copy(&missing, folder.path());
                    took(|| up(&file, &set, REPAIR))
                },
            );
            let told = |by: fn(&Took) -> Duration| {
                let (floor, ours) = pair.medians(by);
                let [low, middle, high] = pair.ratios(by);
                format!("{ours:.2?} and {floor:.2?}, ratio {middle:.2} ({low:.2}–{high:.2})")
            };
            println!(
                "{plans} plans, migration 7 and {what}: CPU {}; wall {}",
                told(|t| t.cpu),
                told(|t| t.wall)
            );
        }
    }
}

fn copy(original: &Path, folder: &Path) -> PathBuf {
    let copy = folder.join("copy.db");
    std::fs::copy(original, &copy).unwrap();
    copy
}

fn up(file: &Path, set: &MigrationSet, to: i64) {
    let mut engine =
        engine::open(file, Access::ReadWrite { create: true }, OpenOptions::default(), Job::quiet()).unwrap();
    let options = UpOptions { to: Some(to), ..UpOptions::of(ulid::Ulid::from_parts(0, 0)) };
    let run = engine.migrate_up(set, &options, Job::quiet());
    assert!(run.error.is_none(), "{:?}", run.error);
}

/// A database before the repair with plans in trees of 100, of about 300 bytes each.
fn create(file: &Path, set: &MigrationSet, plans: u64, root: &str) {
    let _ = std::fs::remove_file(file);
    up(file, set, REPAIR - 1);
    let conn = Connection::open(file).unwrap();
    conn.execute_batch(&format!(
        "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {plans})
         INSERT INTO v3_plans (plan_id, parent_plan_id, root_plan_id, namespaced_name, namespace, description, phase,
             processing_state, automation_profile, created_at, updated_at)
         SELECT printf('01J%023d', i),
             CASE WHEN i % 100 THEN printf('01J%023d', i - i % 100 + (i % 100 - 1) / 3) END,
             {root}, 'team/plan-' || i, 'team', printf('%.100c', 'd'), 'execute', 'complete', 'supervised',
             '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z'
         FROM n"
    ))
    .unwrap();
}
