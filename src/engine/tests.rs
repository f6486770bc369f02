//! The laws of a run, on real databases.

mod failing_rows;
mod guarding;
mod judging;
mod keys;
mod locks;
mod looks;
mod moved;
mod overtaken;
mod unread_indexes;
mod versions;

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;
use ulid::Ulid;

use super::*;
use crate::base::error::{Error, ErrorKind};
use crate::base::job::Job;
use crate::base::progress::{Interrupt, Observer};
use crate::base::source::SourceFile;
use crate::migrations::{Migration, MigrationSet, Version};

/// A folder with a database in it, and ways to look at it from outside.
struct Bench {
    _dir: tempfile::TempDir,
    db: PathBuf,
}

impl Bench {
    fn new() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let db = dir.path().join("plan.db");
        Bench { _dir: dir, db }
    }

    fn with(sql: &str) -> Bench {
        let bench = Bench::new();
        bench.conn().execute_batch(sql).unwrap();
        bench
    }

    fn conn(&self) -> Connection {
        let conn = Connection::open(&self.db).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        conn
    }

    fn engine(&self) -> Box<dyn Engine> {
        open(&self.db, Access::ReadWrite { create: true }, OpenOptions::default(), Job::quiet()).unwrap()
    }

    fn up(&self, set: &MigrationSet) -> Run {
        up(&mut *self.engine(), set)
    }

    fn down(&self, set: &MigrationSet, target: DownTarget) -> Run {
        let options = DownOptions { target, from_files: false, on_loss: OnLoss::Allow, backup: None };
        self.engine().migrate_down(set, &options, Job::quiet())
    }

    /// Schema and rows of everything but planctl's own table.
    fn dump(&self) -> Vec<String> {
        let conn = self.conn();
        let mut all =
            strings(&conn, "SELECT type || name || coalesce(sql, '') FROM sqlite_schema ORDER BY 1");
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'planctl_migrations'";
        for table in strings(&conn, tables) {
            let columns = format!(
                "SELECT group_concat('quote(' || name || ')', '||') FROM pragma_table_info('{table}')"
            );
            let columns = strings(&conn, &columns).remove(0);
            all.extend(strings(&conn, &format!("SELECT {columns} FROM \"{table}\"")));
        }
        all
    }
}

fn strings(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn up(engine: &mut dyn Engine, set: &MigrationSet) -> Run {
    let options = UpOptions::of(Ulid::nil());
    engine.migrate_up(set, &options, Job::quiet())
}

/// Migrations 1, 2, 3, … with these ups and downs; an empty down is none.
fn set(scripts: &[(&str, &str)]) -> MigrationSet {
    let migrations = scripts.iter().zip(1..).map(|(&(up, down), version)| {
        let file = |suffix: &str, text: &str| {
            SourceFile::new(format!("migrations/V{version}__m{version}{suffix}"), text)
        };
        Migration {
            version,
            name: format!("m{version}"),
            up: file(".sql", up),
            down: (!down.is_empty()).then(|| file(".down.sql", down)),
        }
    });
    MigrationSet { dir: "migrations".into(), migrations: migrations.collect() }
}

fn ok(run: &Run) -> Vec<Version> {
    assert!(run.error.is_none(), "{:?}", run.error);
    run.done.iter().map(|executed| executed.version).collect()
}

fn refused(run: Run) -> Error {
    run.error.expect("the run must fail")
}

const A: (&str, &str) = ("CREATE TABLE a(id INTEGER PRIMARY KEY, x TEXT);", "DROP TABLE a;");
const B: (&str, &str) = ("CREATE TABLE b(id INTEGER PRIMARY KEY, a REFERENCES a(id));", "DROP TABLE b;");

/// `.cargo/config.toml` says so: counting memory takes a lock of the whole process at every allocation, and the threads of a
/// fleet do one database at a time then.
#[test]
fn sqlite_is_built_to_allocate_without_a_lock() {
    let options = strings(&Connection::open_in_memory().unwrap(), "SELECT * FROM pragma_compile_options");
    assert!(options.iter().any(|option| option == "DEFAULT_MEMSTATUS=0"), "{options:?}");
}

#[test]
fn up_then_down_then_up_gives_the_same_schema() {
    let bench = Bench::new();
    let set = set(&[A, B]);
    assert_eq!(ok(&bench.up(&set)), [1, 2]);
    let first = bench.engine().schema_fingerprint().unwrap();
    assert_eq!(ok(&bench.down(&set, DownTarget::Above(0))), [2, 1]);
    assert_eq!(bench.engine().history().unwrap().applied, []);
    assert_eq!(ok(&bench.up(&set)), [1, 2]);
    assert_eq!(bench.engine().schema_fingerprint().unwrap(), first);
    assert_eq!(ok(&bench.up(&set)), [] as [Version; 0]);
}

#[test]
fn a_failing_migration_leaves_the_database_as_the_one_before_left_it() {
    for bad in [
        "CREATE TABLE c(x); INSERT INTO c VALUES(1); SELEC 1;",
        "CREATE TABLE c(x); INSERT INTO nowhere VALUES(1);",
        "DROP TABLE b; COMMIT;",
        "DROP TABLE b; ROLLBACK; BEGIN;",
        "DROP TABLE b; SAVEPOINT x;",
        "DROP TABLE b; ATTACH ':memory:' AS x;",
        "DROP TABLE b; DELETE FROM refinery_schema_history;",
        "DROP TABLE b; DROP TABLE Planctl_Migrations;",
        "DROP TABLE b; PRAGMA journal_mode = OFF;",
        "DROP TABLE b; PRAGMA locking_mode = EXCLUSIVE;",
        "INSERT INTO b VALUES(1, 99);",
        "CREATE UNIQUE INDEX u ON a(x); INSERT OR ROLLBACK INTO a(x) VALUES('s'), ('s');",
        "CREATE TABLE c(x REFERENCES a(x)); INSERT INTO c VALUES('r');",
    ] {
        let bench = Bench::new();
        ok(&bench.up(&set(&[A, B])));
        bench.conn().execute_batch("INSERT INTO a(x) VALUES('r')").unwrap();
        let before = bench.dump();
        let error = refused(bench.up(&set(&[A, B, (bad, "")])));
        assert_eq!(bench.dump(), before, "{bad}: {error}");
        assert_eq!(ok(&bench.up(&set(&[A, B, ("DROP TABLE b;", "")]))), [3], "{bad}");
    }
}

#[test]
fn earlier_migrations_of_a_failing_run_stay() {
    let bench = Bench::new();
    let run = bench.up(&set(&[A, ("oops", "")]));
    assert_eq!(run.done.len(), 1);
    assert_eq!((run.before, run.after), (None, Some(1)));
    let error = refused(run);
    assert_eq!(error.to_string(), "migrations/V2__m2.sql:1:1: near \"oops\": syntax error");
}

#[test]
fn a_file_that_a_failed_run_created_is_removed() {
    let bench = Bench::new();
    refused(bench.up(&set(&[("oops", "")])));
    assert!(!bench.db.exists());
    let other = Bench::with("");
    std::fs::write(&other.db, "").unwrap();
    refused(other.up(&set(&[("oops", "")])));
    assert!(other.db.exists(), "a file that was there stays");
}

#[test]
fn children_with_cascading_keys_survive_the_rebuild_of_their_parent() {
    let bench = Bench::new();
    let child = ("CREATE TABLE b(id INTEGER PRIMARY KEY, a REFERENCES a(id) ON DELETE CASCADE);", "");
    ok(&bench.up(&set(&[A, child])));
    bench.conn().execute_batch("INSERT INTO a VALUES(1, 'x'); INSERT INTO b VALUES(1, 1), (2, 1)").unwrap();
    let rebuild = "PRAGMA foreign_keys = ON;
        CREATE TABLE a_new(id INTEGER PRIMARY KEY, x TEXT NOT NULL);
        INSERT INTO a_new SELECT * FROM a; DROP TABLE a; ALTER TABLE a_new RENAME TO a;";
    ok(&bench.up(&set(&[A, child, (rebuild, "")])));
    assert_eq!(strings(&bench.conn(), "SELECT count(*) || '' FROM b"), ["2"]);
}

#[test]
fn violations_that_were_there_before_are_not_blamed_on_a_migration() {
    let bench = Bench::new();
    let keyed = ("CREATE TABLE c(k TEXT PRIMARY KEY, a REFERENCES a(id)) WITHOUT ROWID;", "");
    let base = [A, B, keyed];
    ok(&bench.up(&set(&base)));
    let broken = "INSERT INTO b VALUES(1, 7), (2, 7), (3, 8); INSERT INTO c VALUES('k', 9);
                  CREATE TABLE d(x REFERENCES a(x));";
    bench.conn().execute_batch(broken).unwrap();
    // The rebuild gives the rows other rowids, and the rename another name.
    let rebuild = "CREATE TABLE b2(id INTEGER PRIMARY KEY, a REFERENCES a(id));
        INSERT INTO b2 SELECT id + 10, a FROM b; DROP TABLE b; ALTER TABLE b2 RENAME TO b;";
    let rename = "ALTER TABLE b RENAME TO bees;";
    let good = [base[0], base[1], base[2], (rebuild, ""), (rename, "")];
    assert_eq!(ok(&bench.up(&set(&good))), [4, 5]);
    let mut bad = good.to_vec();
    bad.push(("INSERT INTO bees VALUES(20, 7), (21, 5);", ""));
    let error = refused(bench.up(&set(&bad)));
    assert_eq!(error.kind(), ErrorKind::Data);
    assert_eq!(error.message(), "V6__m6 leaves 2 rows without their parents");
    assert!(error.notes()[0].starts_with("bees(a): 2 rows have no parent in a: "), "{:?}", error.notes());
}

#[test]
fn an_edited_renamed_removed_or_inserted_file_stops_the_run_before_it_writes() {
    let bench = Bench::new();
    let good = set(&[A, B]);
    ok(&bench.up(&good));
    let before = bench.dump();
    let pending = ("CREATE TABLE z(x);", "");
    let refuse = |changed: &MigrationSet, message: &str| {
        let error = refused(bench.up(changed));
        assert!(error.message().contains(message), "{error}");
        assert_eq!(error.kind(), ErrorKind::Migration);
        assert_eq!(bench.dump(), before);
    };
    refuse(&set(&[A, ("CREATE TABLE b(x);", ""), pending]), "V2__m2.sql was edited after it was applied on");
    let windows = format!("{}\r\n", A.0);
    refuse(
        &set(&[(&windows, ""), B, pending]),
        "V1__m1.sql ended with no line break, and ends with one line break now",
    );
    let mut missing = set(&[A, B, pending]);
    missing.migrations.remove(0);
    refuse(&missing, "V1__m1 was applied on");
    let mut renamed = set(&[A, B, pending]);
    renamed.migrations[1].name = "other".into();
    refuse(&renamed, "version 2 was applied as V2__m2 on");
    let late = Bench::new();
    let mut sparse = set(&[A, B, pending]);
    sparse.migrations.remove(1);
    ok(&late.up(&sparse));
    let error = refused(late.up(&set(&[A, B, pending])));
    assert_eq!(error.message(), "migrations/V2__m2.sql was never applied, but newer migrations were");
}

#[test]
fn a_stored_down_takes_back_what_an_older_checkout_does_not_know() {
    let bench = Bench::new();
    ok(&bench.up(&set(&[A, B])));
    assert_eq!(ok(&bench.down(&set(&[A]), DownTarget::Steps(1))), [2]);
    // What refinery applied has no stored down: the file's is used.
    bench.conn().execute_batch("DELETE FROM planctl_migrations").unwrap();
    assert_eq!(ok(&bench.down(&set(&[A]), DownTarget::Steps(9))), [1]);
    ok(&bench.up(&set(&[A])));
    bench.conn().execute_batch("UPDATE planctl_migrations SET down_sql = 'DROP TABLE x'").unwrap();
    let error = refused(bench.down(&set(&[A]), DownTarget::Steps(1)));
    assert!(error.message().contains("edited there"), "{error}");
}

#[test]
fn all_downs_must_be_there_before_the_first_one_runs() {
    let bench = Bench::new();
    let chain = set(&[A, ("CREATE TABLE n(x);", ""), B]);
    ok(&bench.up(&chain));
    let before = bench.dump();
    let error = refused(bench.down(&chain, DownTarget::Above(0)));
    assert_eq!(error.message(), "V2__m2 has no down file");
    assert_eq!(bench.dump(), before);
}

#[test]
fn malformed_history_rows_are_named_and_never_panic() {
    for (row, message) in [
        ("NULL, 'm1', '2024-01-01T00:00:00Z', '1'", "row 1, column version: it is NULL"),
        ("'x', 'm1', '2024-01-01T00:00:00Z', '1'", "row 1, column version: it is the text 'x'"),
        ("99999999999, 'm1', '2024-01-01T00:00:00Z', '1'", "column version: 99999999999 is too large"),
        ("1, NULL, '2024-01-01T00:00:00Z', '1'", "the row of version 1, column name: it is NULL"),
        ("1, 'm1', '2024-01-01', '1'", "column applied_on: '2024-01-01' is not an RFC 3339 time"),
        ("1, 'm1', CAST(x'ff' AS TEXT), '1'", "column applied_on: it is not UTF-8 text"),
        ("1, 'm1', '2024-01-01T00:00:00Z', 'x'", "column checksum: it is not a number"),
        ("1, 'm1', '2024-01-01T00:00:00Z', NULL", "column checksum: it is NULL"),
        ("1, 'm1', '2024-01-01T00:00:00Z', '-5'", "column checksum: it is not a number"),
        ("1, x'00', '2024-01-01T00:00:00Z', '5'", "column name: it is a blob"),
    ] {
        let bench = Bench::with(&format!(
            "CREATE TABLE refinery_schema_history(version int4, name VARCHAR(255), applied_on VARCHAR(255),
             checksum VARCHAR(255)); INSERT INTO refinery_schema_history VALUES({row})"
        ));
        for error in [bench.engine().history().unwrap_err(), refused(bench.up(&set(&[A])))] {
            assert_eq!(error.kind(), ErrorKind::History, "{row}");
            assert!(error.message().contains(message), "{row}: {error}");
        }
    }
    let other = Bench::with("CREATE TABLE refinery_schema_history(x)");
    assert_eq!(other.engine().history().unwrap_err().kind(), ErrorKind::History);
}

#[test]
fn a_history_with_64_bit_versions_stays_one() {
    let bench = Bench::with(
        "CREATE TABLE refinery_schema_history(version int8 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255),
         checksum VARCHAR(255))",
    );
    let chain = set(&[A, B]);
    assert_eq!(ok(&bench.up(&chain)), [1, 2]);
    assert_eq!(ok(&bench.up(&chain)), [] as [Version; 0]);
    let wide = chain.migrations[0].checksum(crate::migrations::VersionWidth::Int8);
    assert_eq!(bench.engine().history().unwrap().applied[0].checksum, wide);
}

#[test]
fn settings_and_temporary_objects_of_a_migration_do_not_reach_the_next() {
    let leaky =
        "PRAGMA legacy_alter_table = ON; PRAGMA ignore_check_constraints = ON; PRAGMA recursive_triggers = 1;
        PRAGMA case_sensitive_like = ON; PRAGMA writable_schema = ON;
        CREATE TEMP TABLE t(x); CREATE TEMP VIEW v AS SELECT * FROM t; CREATE TEMP TABLE a(fake);
        CREATE TEMP TRIGGER g AFTER INSERT ON main.k BEGIN SELECT 1; END;";
    let proof = "CREATE TABLE t(x); CREATE VIEW v AS SELECT 1; INSERT INTO a(x) VALUES('A');
        CREATE TABLE proof AS SELECT (SELECT count(*) FROM a WHERE x LIKE 'a') AS n,
        (SELECT legacy_alter_table FROM pragma_legacy_alter_table) AS l, (SELECT count(*) FROM temp.sqlite_schema) AS m;
        INSERT INTO k VALUES(1);";
    let bench = Bench::new();
    let chain = set(&[
        A,
        ("CREATE TABLE k(x CHECK(x > 0));", ""),
        (leaky, ""),
        (proof, ""),
        ("INSERT INTO k VALUES(0);", ""),
    ]);
    let run = bench.up(&chain);
    assert_eq!(run.done.len(), 4, "{:?}", run.error);
    assert!(refused(run).message().contains("CHECK constraint failed"));
    assert_eq!(strings(&bench.conn(), "SELECT n || l || m FROM proof"), ["100"]);
}

#[test]
fn raising_the_interrupt_stops_a_long_statement_and_rolls_back() {
    let bench = Bench::new();
    let endless = "CREATE TABLE e(x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                   INSERT INTO e SELECT i FROM n WHERE i < 0;";
    /// Raises the flag a little after the endless statement has begun.
    struct Timer(Interrupt);
    impl Observer for Timer {
        fn event(&mut self, event: crate::base::progress::Event<'_>) {
            if matches!(event, crate::base::progress::Event::Statement { sql } if sql.starts_with("WITH")) {
                let flag = self.0.flag();
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_millis(200));
                    flag.store(true, std::sync::atomic::Ordering::Relaxed);
                });
            }
        }
    }
    let interrupt = Interrupt::new();
    let options = UpOptions::of(Ulid::nil());
    let timer = RefCell::new(Timer(interrupt.clone()));
    let run = bench.engine().migrate_up(&set(&[A, (endless, "")]), &options, Job::new(&timer, &interrupt));
    assert_eq!(run.done.len(), 1);
    assert_eq!(refused(run).kind(), ErrorKind::Interrupted);
    assert_eq!(strings(&bench.conn(), "SELECT name FROM sqlite_schema WHERE name IN ('a', 'e')"), ["a"]);
}

#[test]
fn a_data_step_runs_in_the_migrations_transaction() {
    let step = "-- planctl:backfill root-ancestor table=p id=id parent=up root=root";
    let make = "CREATE TABLE p(id TEXT PRIMARY KEY, up TEXT, root TEXT);";
    let bench = Bench::new();
    ok(&bench.up(&set(&[(make, "")])));
    bench
        .conn()
        .execute_batch("INSERT INTO p VALUES('a', NULL, NULL), ('b', 'a', NULL), ('c', 'b', '')")
        .unwrap();
    let fill = format!("{step}\nALTER TABLE p ADD COLUMN done;");
    let run = bench.up(&set(&[(make, ""), (&fill, "")]));
    assert_eq!(ok(&run), [2]);
    assert_eq!((run.done[0].rows_backfilled, run.done[0].statements), (3, 2));
    assert_eq!(strings(&bench.conn(), "SELECT DISTINCT root FROM p"), ["a"]);
    bench.conn().execute_batch("INSERT INTO p(id, up) VALUES('x', 'y'), ('y', 'x')").unwrap();
    let before = bench.dump();
    let again = format!("CREATE TABLE z(x);\n{step}");
    let error = refused(bench.up(&set(&[(make, ""), (&fill, ""), (&again, "")])));
    assert_eq!(error.to_string(), "migrations/V3__m3.sql:2:1: the roots of p cannot be filled");
    assert_eq!(error.notes()[0], "2 rows of p are on 1 cycle of parents");
    assert_eq!(bench.dump(), before);
}

#[test]
fn an_older_checkout_takes_the_newest_back_one_by_one() {
    let bench = Bench::new();
    let third = ("CREATE TABLE c(x);", "DROP TABLE c;");
    ok(&bench.up(&set(&[A, B, third])));
    assert_eq!(ok(&bench.down(&set(&[A]), DownTarget::Steps(1))), [3]);
    assert_eq!(ok(&bench.down(&set(&[A]), DownTarget::Steps(1))), [2]);
    let edited = ("CREATE TABLE other(x);", "DROP TABLE other;");
    ok(&bench.up(&set(&[A, B])));
    let error = refused(bench.down(&set(&[edited, B]), DownTarget::Steps(1)));
    assert!(error.message().contains("V1__m1.sql was edited"), "what stays must be as it was: {error}");
    assert_eq!(
        ok(&bench.down(&set(&[edited, B]), DownTarget::Steps(2))),
        [2, 1],
        "what goes has its stored down"
    );
}
