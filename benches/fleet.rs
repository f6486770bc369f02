//! `planctl fleet` beside a bare loop in Rust with rusqlite: the same databases, the same SQL, the same durability, the same
//! number of threads.
//!
//! ```text
//! cargo bench --bench fleet -- [--databases N] [--jobs N] [--rounds N] [--quick]
//! ```
//!
//! The databases have the shipped schema. `up` applies its last migration to each: the loop opens each file, begins, reads
//! the history, runs the script, checks the foreign keys, writes the two rows that planctl writes, and commits. `status`, an
//! `up` with nothing to do and `audit` are held against a loop that opens each file and reads its history and its schema.
//! Each is a process of its own, so that its memory can be told; they take turns.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a bench fails by panicking")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use planctl::fleet::Fleet;
use planctl::migrate::Migrator;
use rusqlite::{Connection, OpenFlags};

use self::support::process::{Runs, Usage, ms, planctl, run};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let number = |name: &str, default: usize| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let jobs = number("--jobs", std::thread::available_parallelism().map_or(1, usize::from));
    if let Some(at) = arguments.iter().position(|argument| argument == "--bare") {
        return bare(&arguments[at + 1], Path::new(&arguments[at + 2]), jobs);
    }
    let databases = number("--databases", if quick { 200 } else { 10_000 });
    let rounds = number("--rounds", if quick { 1 } else { 3 });
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["migrations", "spec"] {
        copy_folder(&root.join(name), &folder.path().join(name));
    }
    let template = |version: &str| {
        let file = folder.path().join(format!("at{version}"));
        let mut up = planctl();
        up.current_dir(&folder).args(["-q", "migrate", "up", "--to", version, "--db"]).arg(&file);
        assert_eq!(run(&mut up).status, Some(0));
        fs::read(file).unwrap()
    };
    let (before, after) = (template("8"), template("9"));
    let tenants = folder.path().join("tenants");
    fs::create_dir(&tenants).unwrap();
    let fill = |bytes: &[u8]| {
        (0..databases).for_each(|n| fs::write(tenants.join(format!("{n:05}.db")), bytes).unwrap())
    };
    let fleet = |command: &str| {
        let mut of = planctl();
        of.current_dir(&folder).args(["-q", "fleet", command, "tenants/*.db", "--jobs", &jobs.to_string()]);
        of
    };
    let own = std::env::current_exe().unwrap();
    let looped = |what: &str| {
        let mut of = Command::new(&own);
        of.args(["--bare", what]).arg(&tenants).args(["--jobs", &jobs.to_string()]);
        of
    };
    println!("{databases} databases of {} bytes, {jobs} threads", before.len());

    let mut up = [Runs::default(), Runs::default()];
    for _ in 0..rounds {
        for (runs, command) in up.iter_mut().zip([looped("up"), fleet("up")]) {
            fill(&before);
            measure(runs, command);
        }
    }
    tell("up of one migration", &up[0], &up[1]);
    fill(&after);
    let commands = ["status", "up", "audit"];
    let (mut floor, mut looks) = (Runs::default(), commands.map(|_| Runs::default()));
    for round in 0..=rounds {
        // The first round warms the system's cache.
        if round == 1 {
            (floor, looks) = (Runs::default(), commands.map(|_| Runs::default()));
        }
        measure(&mut floor, looped("look"));
        for (runs, command) in looks.iter_mut().zip(commands) {
            measure(runs, fleet(command));
        }
    }
    for (runs, name) in looks.iter().zip(["status", "up with nothing to do", "audit"]) {
        tell(name, &floor, runs);
    }
    first_use(&tenants.join("00000.db"), &folder.path().join("migrations"));
}

/// What an application waits for when it hands out the connection of a tenant that is current, beside a read of its history.
fn first_use(tenant: &Path, migrations: &Path) {
    let fleet = Fleet::new(Migrator::from_dir(migrations).unwrap());
    let mut conn = Connection::open(tenant).unwrap();
    let micros = |work: &mut dyn FnMut()| {
        let mut all: Vec<f64> = (0..2_000)
            .map(|_| {
                let started = Instant::now();
                work();
                started.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let history = micros(&mut || assert!(read(&conn, HISTORY) > 0));
    let by_connection = micros(&mut || assert!(fleet.ensure(&mut conn).unwrap().done.is_empty()));
    let by_path = micros(&mut || assert!(fleet.ensure(tenant).unwrap().done.is_empty()));
    let opened = micros(&mut || look(tenant));
    println!(
        "ensure of a tenant that is current: {by_connection:.0} µs by its connection (reading its history: {history:.0} µs), \
         {by_path:.0} µs by its path (opening it and reading history and schema: {opened:.0} µs)"
    );
}

fn measure(runs: &mut Runs, mut command: Command) {
    let usage = run(&mut command);
    assert_eq!(usage.status, Some(0), "{command:?}");
    runs.0.push(usage);
}

/// The medians, and the ratio of each two runs that had the same turn, lowest and highest beside their median.
fn tell(what: &str, floor: &Runs, ours: &Runs) {
    let ratios = |by: &dyn Fn(&Usage) -> f64| {
        let mut ratios: Vec<f64> =
            ours.0.iter().zip(&floor.0).map(|(ours, floor)| by(ours) / by(floor)).collect();
        ratios.sort_by(f64::total_cmp);
        format!("{:.2} ({:.2}–{:.2})", ratios[ratios.len() / 2], ratios[0], ratios[ratios.len() - 1])
    };
    let wall = |runs: &Runs| ms(runs.spread(|run| run.wall)[1]);
    println!(
        "{what}: loop {:.0} ms, planctl {:.0} ms, {} times; CPU {:.0} and {:.0} ms, {} times; {:.1} MiB",
        wall(floor),
        wall(ours),
        ratios(&|run| run.wall.as_secs_f64()),
        floor.cpu_ms(),
        ours.cpu_ms(),
        ratios(&|run| run.cpu.as_secs_f64()),
        ours.peak_mib(),
    );
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// The loop that somebody would write.
fn bare(what: &str, tenants: &Path, jobs: usize) {
    let mut files: Vec<PathBuf> = fs::read_dir(tenants).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort_unstable();
    let script = fs::read_to_string(tenants.join("../migrations").join(newest(tenants))).unwrap();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match what {
                        "up" => migrate(file, &script),
                        _ => look(file),
                    }
                }
            });
        }
    });
}

fn newest(tenants: &Path) -> String {
    let names = fs::read_dir(tenants.join("../migrations")).unwrap();
    let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.find(|name| name.starts_with("V9__") && !name.ends_with(".down.sql")).unwrap()
}

fn read(conn: &Connection, sql: &str) -> usize {
    let mut statement = conn.prepare(sql).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut bytes = 0;
    while let Some(row) = rows.next().unwrap() {
        bytes += (0..columns)
            .map(|column| row.get_ref(column).unwrap().as_str().map_or(8, str::len))
            .sum::<usize>();
    }
    bytes
}

const HISTORY: &str =
    "SELECT version, name, applied_on, checksum FROM refinery_schema_history ORDER BY version";

fn look(file: &Path) {
    let conn =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .unwrap();
    assert!(read(&conn, HISTORY) > 0);
    assert!(read(&conn, "SELECT type, name, tbl_name, sql FROM sqlite_schema") > 0);
}

fn migrate(file: &Path, script: &str) {
    let conn = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .unwrap();
    conn.execute_batch("PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE").unwrap();
    assert!(read(&conn, HISTORY) > 0);
    conn.execute_batch(script).unwrap();
    assert_eq!(read(&conn, "PRAGMA foreign_key_check"), 0);
    conn.execute_batch(
        "INSERT INTO refinery_schema_history VALUES (9, 'execution_logs', '2026-01-01T00:00:00Z', '1');
         INSERT INTO planctl_migrations (version, applied_on, checksum, run_id, took_ms, rows_backfilled, down_sql,
             down_checksum, schema_before, schema_after)
         VALUES (9, '2026-01-01T00:00:00Z', '1', '01M8KF4G04NNZEW8E8MF0CKG5T', 1, 0, 'DROP TABLE x', '1', 'a', 'b');
         COMMIT",
    )
    .unwrap();
}
