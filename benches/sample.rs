//! What `planctl sample load --plans N` costs, against the floor: a bare loop over one prepared INSERT with the same rows,
//! made beforehand, in one transaction on the same schema in the same run.
//!
//! ```text
//! cargo bench --bench sample -- [PLANS…]          default: 100000
//! ```
//!
//! Each figure is the best of three on a fresh file with the shipped schema and its indexes, from BEGIN to COMMIT.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::Path;
use std::time::{Duration, Instant};

use planctl::internals::base::job::Job;
use planctl::internals::engine;
use planctl::internals::engine::{Access, LoadOptions, OpenOptions, SampleRows};
use planctl::internals::sample::{Asked, Field, PlanRow, PlanTable, Plans, Shape};
use planctl::migrate::Migrator;
use rusqlite::Connection;

const RUNS: usize = 3;

fn main() {
    let arguments = std::env::args().skip(1).filter(|arg| !arg.starts_with('-'));
    let mut sizes: Vec<u64> = arguments.filter_map(|arg| arg.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![100_000];
    }
    println!(
        "{:>9} {:>11} {:>9} {:>9} {:>6} {:>9}",
        "plans", "generating", "floor", "planctl", "ratio", "plans/s"
    );
    for plans in sizes {
        let shape = Shape::new(&Asked { plans, depth: Some(6), ..Asked::default() }).unwrap();
        let generating = best(|| {
            let started = Instant::now();
            for row in Plans::new(&shape) {
                std::hint::black_box(row);
            }
            started.elapsed()
        });
        let rows: Vec<PlanRow> = Plans::new(&shape).collect();
        let floor = best(|| on_fresh_file(|file| bare(file, &rows)));
        drop(rows);
        let planctl = best(|| on_fresh_file(|file| load(file, &shape)));
        println!(
            "{plans:>9} {:>8} ms {:>6} ms {:>6} ms {:>6.2} {:>9.0}",
            generating.as_millis(),
            floor.as_millis(),
            planctl.as_millis(),
            planctl.as_secs_f64() / floor.as_secs_f64(),
            plans as f64 / planctl.as_secs_f64()
        );
    }
}

fn best(mut run: impl FnMut() -> Duration) -> Duration {
    (0..RUNS).map(|_| run()).min().unwrap()
}

fn on_fresh_file(run: impl FnOnce(&Path) -> Duration) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("planctl.db");
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let _ = Migrator::from_dir(&migrations).unwrap().up(&file).unwrap();
    run(&file)
}

fn table() -> PlanTable {
    PlanTable::live(|_, column| match column {
        None => Some("v3_plans".to_owned()),
        Some("state") => Some("processing_state".to_owned()),
        Some("automation_profile_name") => Some("automation_profile".to_owned()),
        Some(_) => None,
    })
}

fn bare(file: &Path, rows: &[PlanRow]) -> Duration {
    const COLUMNS: [Field; 11] = [
        Field::Id,
        Field::Parent,
        Field::Root,
        Field::Name,
        Field::Namespace,
        Field::Phase,
        Field::State,
        Field::CreatedAt,
        Field::UpdatedAt,
        Field::Profile,
        Field::Snapshot,
    ];
    let table = table();
    let conn = Connection::open(file).unwrap();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    let names = COLUMNS.map(|field| table.column(field).to_owned()).join(", ");
    let sql = format!("INSERT INTO {} ({names}) VALUES (?,?,?,?,?,?,?,?,?,?,?)", table.name);
    let started = Instant::now();
    conn.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut insert = conn.prepare(&sql).unwrap();
    for row in rows {
        for (place, field) in COLUMNS.into_iter().enumerate() {
            insert.raw_bind_parameter(place + 1, row.value(field)).unwrap();
        }
        insert.raw_execute().unwrap();
    }
    conn.execute_batch("COMMIT").unwrap();
    started.elapsed()
}

fn load(file: &Path, shape: &Shape) -> Duration {
    let table = table();
    let mut engine =
        engine::open(file, Access::ReadWrite { create: false }, OpenOptions::default(), Job::quiet())
            .unwrap();
    let options = LoadOptions { append: false, dry_run: false };
    let started = Instant::now();
    engine.load_sample(SampleRows::Plans { table: &table, shape }, options, Job::quiet()).unwrap();
    started.elapsed()
}
