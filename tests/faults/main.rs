//! The law: whatever write, truncation, synchronisation or deletion fails or is the last one that the process gets to, the
//! database is exactly as after one of the migrations, never between two, and the next run completes.
//!
//! A VFS of our own (<https://www.sqlite.org/vfs.html>) counts what SQLite does to database, journal and log, and at the
//! Nth operation fails, kills the process (SIGKILL), or writes half and kills it. `PLANCTL_FAULTS=all` tries every N
//! (hours, most of them for power failures), `PLANCTL_FAULTS=30` some thirty of them per case; else each test takes a small
//! sample, another one each time.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../harness/mod.rs"]
mod harness;

mod cases;
mod commands;
mod disk;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod judge;
#[cfg(target_os = "linux")]
mod system;
mod vfs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use planctl::internals::base::job::Job;
use planctl::internals::engine;
use planctl::internals::engine::{Access, DownOptions, DownTarget, OnLoss, OpenOptions, Run, UpOptions};
use planctl::internals::migrations::MigrationSet;
use rusqlite::Connection;

use harness::{column, form, in_memory, repository};
use vfs::Fault;

/// How many of the operations of a run are tried, unless all are: in the short form, and in the long one.
const SAMPLE: (u64, u64) = (10, 24);

const CHILD: &str = "PLANCTL_FAULTS_CHILD";

/// Rows for a database at version 6: an action, plans five deep, decisions.
const ROWS: &str = "
    INSERT INTO actions(namespaced_name, namespace, name, state, strategy_actor, execution_actor, description,
        definition_of_done, created_at, updated_at)
    VALUES('ns/a', 'ns', 'a', 'available', 's', 'e', 'd', 'dod', '2026', '2026');
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
    INSERT INTO v3_plans(plan_id, parent_plan_id, namespaced_name, namespace, action_name, processing_state,
        automation_profile, created_at, updated_at)
    SELECT printf('01%024d', i), CASE WHEN (i - 1) % 5 > 0 THEN printf('01%024d', i - 1) END, 'ns/' || i, 'ns',
        'ns/a', 'queued', CASE i % 2 WHEN 0 THEN 'supervised' END, '2026', '2026' FROM n;
    INSERT INTO decisions(decision_id, plan_id, kind, question, chosen_option, created_at)
    SELECT '02' || substr(plan_id, 3), plan_id, 'k', 'q', 'o', '2026' FROM v3_plans LIMIT 40;";

fn is_all() -> bool {
    std::env::var("PLANCTL_FAULTS").is_ok_and(|which| which == "all")
}

/// The operations to try: all, as many as `PLANCTL_FAULTS` says, or as the form has it. A sample begins elsewhere each time.
fn sample(operations: u64, (short, long): (u64, u64)) -> Vec<u64> {
    let asked = std::env::var("PLANCTL_FAULTS").ok().and_then(|number| number.parse().ok());
    let step = if is_all() { 1 } else { operations.div_ceil(asked.unwrap_or(form(short, long)).max(1)) };
    let first = 1 + u64::from(std::process::id()) % step;
    (first..=operations).step_by(usize::try_from(step).unwrap()).collect()
}

fn chain() -> MigrationSet {
    MigrationSet::load(&repository("migrations")).unwrap()
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Direction {
    Up,
    Down,
}

/// As far as it goes; or, `to` a version.
fn migrate(db: &Path, direction: Direction, to: Option<i64>) -> Run {
    let set = chain();
    let open = OpenOptions { lock_timeout: Duration::from_millis(50) };
    let mut engine = match engine::open(db, Access::ReadWrite { create: true }, open, Job::quiet()) {
        Ok(engine) => engine,
        Err(error) => return Run { error: Some(error), ..Run::default() },
    };
    match direction {
        Direction::Up => {
            let options = UpOptions { to, ..UpOptions::of(ulid::Ulid::nil()) };
            engine.migrate_up(&set, &options, Job::quiet())
        }
        Direction::Down => {
            let options = DownOptions {
                target: DownTarget::Above(to.unwrap_or(0)),
                from_files: false,
                on_loss: OnLoss::Allow,
                backup: None,
            };
            engine.migrate_down(&set, &options, Job::quiet())
        }
    }
}

/// The newest recorded version, and all that the database holds but the two tables of the history.
fn state(db: &Path) -> (i64, Vec<String>) {
    let conn = Connection::open(db).unwrap();
    assert_eq!(column(&conn, "PRAGMA integrity_check"), ["ok"]);
    assert_eq!(column(&conn, "SELECT \"table\" FROM pragma_foreign_key_check"), [] as [&str; 0]);
    let own = "('refinery_schema_history', 'planctl_migrations')";
    let mut all = column(
        &conn,
        &format!(
            "SELECT name || coalesce(sql, '') FROM sqlite_schema WHERE tbl_name NOT IN {own} ORDER BY 1"
        ),
    );
    for table in column(
        &conn,
        &format!("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN {own} ORDER BY 1"),
    ) {
        let columns = column(
            &conn,
            &format!("SELECT group_concat('quote(' || name || ')', '||') FROM pragma_table_info('{table}')"),
        );
        all.extend(column(&conn, &format!("SELECT {} FROM {table} ORDER BY rowid", columns.join(""))));
    }
    let exists = "SELECT name FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    if column(&conn, exists).is_empty() {
        return (0, all);
    }
    let versions =
        |table: &str| column(&conn, &format!("SELECT version || '' FROM {table} ORDER BY version"));
    let recorded = versions("refinery_schema_history");
    assert_eq!(recorded, versions("planctl_migrations"), "both tables say the same");
    assert!(recorded.iter().zip(1..).all(|(version, n)| *version == n.to_string()), "{recorded:?}");
    (i64::try_from(recorded.len()).unwrap(), all)
}

/// A database with rows where the run begins, and what it must hold at each version.
struct Bench {
    dir: tempfile::TempDir,
    direction: Direction,
    states: Vec<Option<Vec<String>>>,
    last: i64,
    operations: u64,
}

impl Bench {
    /// `cache` pages of memory are all that SQLite has, so that it also writes in the middle of a transaction.
    fn new(direction: Direction, mode: &str, cache: u32) -> Bench {
        vfs::register();
        let dir = in_memory();
        let start = dir.path().join("start.db");
        assert!(migrate(&start, Direction::Up, Some(6)).error.is_none());
        let conn = Connection::open(&start).unwrap();
        conn.execute_batch(&format!(
            "PRAGMA journal_mode = {mode}; PRAGMA default_cache_size = {cache};
             {ROWS}"
        ))
        .unwrap();
        drop(conn);
        let end = dir.path().join("end.db");
        fs::copy(&start, &end).unwrap();
        assert!(migrate(&end, Direction::Up, None).error.is_none());
        let (first, last) = match direction {
            Direction::Up => (6, 9),
            Direction::Down => (9, 0),
        };
        if direction == Direction::Down {
            fs::copy(&end, &start).unwrap();
        }
        let mut bench = Bench { dir, direction, states: vec![None; 10], last, operations: 0 };
        let walk = bench.fresh("walk");
        let versions: Vec<i64> =
            if first < last { (first..=last).collect() } else { (last..=first).rev().collect() };
        for version in versions {
            assert!(migrate(&walk, direction, Some(version)).error.is_none());
            let (recorded, all) = state(&walk);
            assert_eq!(recorded, version);
            bench.states[usize::try_from(version).unwrap()] = Some(all);
        }
        let counted = bench.fresh("counted");
        vfs::arm(Fault::None, 0);
        assert!(migrate(&counted, direction, None).error.is_none());
        bench.operations = vfs::disarm();
        assert!(bench.operations > 20, "the VFS is not in use");
        bench
    }

    /// The start in a folder of its own.
    fn fresh(&self, name: &str) -> PathBuf {
        let dir = self.dir.path().join(name);
        drop(fs::remove_dir_all(&dir));
        fs::create_dir(&dir).unwrap();
        let db = dir.join("plan.db");
        fs::copy(self.dir.path().join("start.db"), &db).unwrap();
        db
    }

    /// Holds the database against what it must hold, and runs again. Gives the version that the fault left.
    fn settle(&self, db: &Path, what: &str) -> i64 {
        let (recorded, all) = state(db);
        let expected = &self.states[usize::try_from(recorded).unwrap()];
        assert!(expected.as_ref() == Some(&all), "{what}: not the state at version {recorded}");
        let again = migrate(db, self.direction, None);
        assert!(again.error.is_none(), "{what}: {:?}", again.error);
        let (finally, all) = state(db);
        assert_eq!(finally, self.last, "{what}");
        assert!(self.states[usize::try_from(finally).unwrap()].as_ref() == Some(&all), "{what}: the end");
        recorded
    }

    fn sample(&self) -> Vec<u64> {
        sample(self.operations, SAMPLE)
    }

    fn tell(&self, label: &str, fault: Fault, tried: usize, left: &[u32; 10]) {
        let all = self.operations;
        eprintln!("{label}: {fault:?} at {tried} of {all} operations; left at version 0, 1, …: {left:?}");
    }

    /// One operation after the other fails.
    fn fail_at(&self, fault: Fault, label: &str) {
        let mut left = [0; 10];
        let first = migrate_start(self.direction);
        let sample = self.sample();
        for &n in &sample {
            let db = self.fresh("fault");
            vfs::arm(fault, n);
            let run = migrate(&db, self.direction, None);
            vfs::disarm();
            let what = format!("{label}, {fault:?} at {n}");
            let (recorded, _) = state(&db);
            left[usize::try_from(self.settle(&db, &what)).unwrap()] += 1;
            let moved = usize::try_from(first.abs_diff(recorded)).unwrap();
            assert!(
                run.done.len() <= moved,
                "{what}: it says that {} were done, and {moved} were",
                run.done.len()
            );
            if fault == Fault::IoError {
                assert_eq!(run.done.len(), moved, "{what}: the report says what is in the database");
            }
            assert!(run.error.is_some() || recorded == self.last, "{what}: it stopped without a word");
        }
        self.tell(label, fault, sample.len(), &left);
    }

    /// The process is killed at one operation after the other.
    fn kill_at(&self, fault: Fault, label: &str) {
        let mut left = [0; 10];
        let sample = self.sample();
        for &n in &sample {
            let db = self.fresh("killed");
            let order = format!("{}\n{:?}\n{fault:?}\n{n}", db.display(), self.direction);
            let status = Command::new(std::env::current_exe().unwrap())
                .args(["the_process_that_is_killed", "--exact", "--ignored"])
                .env(CHILD, order)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap();
            assert_eq!(
                std::os::unix::process::ExitStatusExt::signal(&status),
                Some(9),
                "{label} {n}: {status}"
            );
            left[usize::try_from(self.settle(&db, &format!("{label}, {fault:?} at {n}"))).unwrap()] += 1;
        }
        self.tell(label, fault, sample.len(), &left);
    }
}

fn migrate_start(direction: Direction) -> i64 {
    match direction {
        Direction::Up => 6,
        Direction::Down => 9,
    }
}

/// Not a test of its own: the process that [`Bench::kill_at`] starts.
#[test]
#[ignore = "it is started by the tests that kill it"]
fn the_process_that_is_killed() {
    let order = std::env::var(CHILD).expect("it is started by other tests");
    let [db, direction, fault, n] = order.lines().collect::<Vec<_>>().try_into().unwrap();
    let direction = if direction == "Up" { Direction::Up } else { Direction::Down };
    let fault = if fault == "Kill" { Fault::Kill } else { Fault::Torn };
    vfs::register();
    vfs::arm(fault, n.parse().unwrap());
    drop(migrate(Path::new(db), direction, None));
}

fn benches(mut each: impl FnMut(&Bench, &str)) {
    let started = Instant::now();
    for direction in [Direction::Up, Direction::Down] {
        for (mode, cache) in [("DELETE", 2000), ("DELETE", 10), ("WAL", 2000), ("WAL", 10)] {
            let bench = Bench::new(direction, mode, cache);
            each(&bench, &format!("{direction:?}, {mode}, {cache} pages of cache"));
        }
    }
    eprintln!("in {:.1} s", started.elapsed().as_secs_f64());
}

#[test]
fn an_operation_that_fails_leaves_the_state_of_one_migration() {
    benches(|bench, label| bench.fail_at(Fault::IoError, label));
}

#[test]
fn a_disk_that_stays_full_leaves_the_state_of_one_migration() {
    benches(|bench, label| bench.fail_at(Fault::FullFromHere, label));
}

#[test]
fn a_process_that_is_killed_leaves_the_state_of_one_migration() {
    benches(|bench, label| bench.kill_at(Fault::Kill, label));
}

#[test]
fn a_write_that_is_torn_leaves_the_state_of_one_migration() {
    benches(|bench, label| bench.kill_at(Fault::Torn, label));
}
