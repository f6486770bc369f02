//! The law: whenever a run of migrations is killed, the database is exactly as after one of its migrations, and the next
//! run completes. The processes here are really killed (SIGKILL), at random moments.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::harness::{PLANCTL, column, form, in_memory, planctl, program};

/// How many processes may end before their kill, while others are killed.
const MISSES: usize = 2_000;

/// Each migration changes schema and rows, and enough of them that a kill can hit any part of it.
fn write_migrations(folder: &Path) -> usize {
    let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)";
    let scripts = [
        format!("CREATE TABLE p(id INTEGER PRIMARY KEY, up INT, root INT, x TEXT); {fill}
                 INSERT INTO p SELECT i, CASE WHEN i % 10 <> 1 THEN i - 1 END, NULL, hex(i) || printf('%060d', i) FROM n;"),
        "CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p(id) ON DELETE CASCADE);
         INSERT INTO c SELECT id, id FROM p; CREATE INDEX cp ON c(p);".to_owned(),
        "-- planctl:backfill root-ancestor table=p id=id parent=up root=root\nCREATE INDEX pr ON p(root);".to_owned(),
        "CREATE TABLE p_new(id INTEGER PRIMARY KEY, up INT, root INT NOT NULL, x TEXT NOT NULL);
         INSERT INTO p_new SELECT * FROM p; DROP TABLE p; ALTER TABLE p_new RENAME TO p;
         CREATE INDEX pr ON p(root);".to_owned(),
        "UPDATE p SET x = 'v5 ' || x; ALTER TABLE p ADD COLUMN extra DEFAULT 5;".to_owned(),
        "DELETE FROM c WHERE id % 3 = 0; CREATE VIEW v AS SELECT * FROM c;".to_owned(),
    ];
    fs::create_dir(folder).unwrap();
    for (number, script) in (1..).zip(&scripts) {
        fs::write(folder.join(format!("V{number}__m.sql")), script).unwrap();
    }
    scripts.len()
}

struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn db(&self) -> PathBuf {
        self.dir.path().join("planctl.db")
    }

    fn spawn(&self, to: Option<usize>) -> Child {
        let mut command = planctl(self.dir.path(), &["-q", "migrate", "up"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(to) = to {
            command.args(["--to", &to.to_string()]);
        }
        command.spawn().unwrap()
    }

    /// Starts over with an empty database.
    fn reset(&self, mode: &str) {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            drop(fs::remove_file(format!("{}{suffix}", self.db().display())));
        }
        let conn = Connection::open(self.db()).unwrap();
        conn.execute_batch(&format!("PRAGMA journal_mode = {mode}; CREATE TABLE seed(x)")).unwrap();
    }

    /// How many migrations are recorded, and all that the database holds but times.
    fn state(&self) -> (usize, Vec<String>) {
        let conn = Connection::open(self.db()).unwrap();
        assert_eq!(column(&conn, "PRAGMA integrity_check"), ["ok"]);
        assert_eq!(column(&conn, "SELECT \"table\" FROM pragma_foreign_key_check"), [] as [&str; 0]);
        let mut all = column(&conn, "SELECT name || coalesce(sql, '') FROM sqlite_schema ORDER BY 1");
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('refinery_schema_history', 'planctl_migrations')";
        for table in column(&conn, tables) {
            let columns = column(
                &conn,
                &format!(
                    "SELECT group_concat('quote(' || name || ')', '||') FROM pragma_table_info('{table}')"
                ),
            );
            all.extend(column(&conn, &format!("SELECT {} FROM {table} ORDER BY rowid", columns.join(""))));
        }
        let versions =
            |table: &str| column(&conn, &format!("SELECT version || '' FROM {table} ORDER BY version"));
        if !all.iter().any(|object| object.starts_with("refinery_schema_history")) {
            return (0, all);
        }
        let recorded = versions("refinery_schema_history");
        assert_eq!(recorded, versions("planctl_migrations"));
        assert!(recorded.iter().zip(1..).all(|(version, n)| *version == n.to_string()), "{recorded:?}");
        (recorded.len(), all)
    }
}

/// <https://en.wikipedia.org/wiki/Xorshift>; the seed is shown, so that a failure can be repeated roughly.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        limit.mul_f64((self.0 % 10_000) as f64 / 10_000.0)
    }
}

fn killed_runs_leave_the_state_of_one_migration(mode: &str) {
    let bench = Bench { dir: in_memory() };
    let count = write_migrations(&bench.dir.path().join("migrations"));
    // What the database must hold after each migration.
    let mut states = Vec::new();
    bench.reset(mode);
    states.push(bench.state().1);
    let started = Instant::now();
    for version in 1..=count {
        assert!(bench.spawn(Some(version)).wait().unwrap().success());
        let (recorded, state) = bench.state();
        assert_eq!(recorded, version);
        states.push(state);
    }
    let whole_run = started.elapsed();

    let seed = std::process::id().into();
    let mut random = Random(seed);
    let (mut kills, mut misses, mut hits) = (0, 0, vec![0; count + 1]);
    bench.reset(mode);
    while kills < form(20, 40) {
        let mut run = bench.spawn(None);
        std::thread::sleep(random.below(whole_run.div_f64(2.0)));
        let finished = run.try_wait().unwrap();
        run.kill().unwrap();
        run.wait().unwrap();
        let (recorded, state) = bench.state();
        assert!(
            state == states[recorded],
            "{mode}, seed {seed}, kill {kills}: not the state after {recorded}"
        );
        if finished.is_some() {
            assert_eq!(recorded, count, "a run that ended by itself had all to do");
            bench.reset(mode);
            misses += 1;
            assert!(misses < MISSES, "{mode}: {kills} kills, and {misses} runs were faster than theirs");
            continue;
        }
        kills += 1;
        hits[recorded] += 1;
    }
    assert!(bench.spawn(None).wait().unwrap().success());
    assert!(bench.state().1 == states[count]);
    eprintln!("{mode}: killed {kills} times, after 0, 1, 2, … migrations: {hits:?}");
}

#[test]
fn killed_in_rollback_mode() {
    killed_runs_leave_the_state_of_one_migration("DELETE");
}

#[test]
fn killed_in_write_ahead_mode() {
    killed_runs_leave_the_state_of_one_migration("WAL");
}

#[test]
fn a_run_whose_writes_fail_leaves_the_state_of_one_migration() {
    for mode in ["DELETE", "WAL"] {
        let bench = Bench { dir: in_memory() };
        let count = write_migrations(&bench.dir.path().join("migrations"));
        let mut states = Vec::new();
        bench.reset(mode);
        states.push(bench.state().1);
        for version in 1..=count {
            assert!(bench.spawn(Some(version)).wait().unwrap().success());
            states.push(bench.state().1);
        }
        let mut failed = 0;
        // No file may grow beyond so many kilobytes, which is felt as a full disk.
        for limit in (16..1200).step_by(97) {
            bench.reset(mode);
            let script = format!("trap '' XFSZ; ulimit -f {limit}; exec '{PLANCTL}' -q migrate up");
            let run = program("bash").args(["-c", &script]).current_dir(bench.dir.path()).output().unwrap();
            let (recorded, state) = bench.state();
            assert!(state == states[recorded], "{mode}, {limit} kB: not the state after {recorded}");
            let expected = if recorded == count { 0 } else { 2 };
            let said = String::from_utf8_lossy(&run.stderr);
            assert_eq!(run.status.code(), Some(expected), "{mode}, {limit} kB, after {recorded}: {said}");
            assert!(expected == 0 || said.starts_with("error: "), "{said}");
            failed += expected;
        }
        assert!(failed > 4, "{mode}: the limit was not felt");
        assert!(bench.spawn(None).wait().unwrap().success());
        assert!(bench.state().1 == states[count]);
    }
}
