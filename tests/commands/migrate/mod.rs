//! Migrations as users and scripts meet them: through the real binary, next to real refinery, on real chains.
mod assertions;
mod by_hand;
mod clean;
mod corpus;
mod embedding;
mod foreign;
mod history;
mod import;
mod lent;
mod losses;
mod offline;
mod opening;
mod production;
mod renumber;
#[cfg(unix)]
mod signals;
mod since;
mod squash;
mod statistics;
mod take_over;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use rusqlite::Connection;
use serde_json::Value;

use crate::harness::{self, column, expect, form, in_memory, planctl, round_count};

/// What lets a way back destroy rows and values.
const DESTROY: &str = "--allow-destructive";

/// A folder with migrations and a database.
struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    fn new() -> Project {
        let project = Project { dir: in_memory() };
        fs::create_dir(project.path("migrations")).unwrap();
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn db(&self) -> PathBuf {
        self.path("planctl.db")
    }

    fn write(&self, name: &str, sql: &str) -> &Project {
        fs::write(self.path("migrations").join(name), sql).unwrap();
        self
    }

    /// Two tables, each with its down.
    fn two_tables() -> Project {
        let project = Project::new();
        project
            .write("V1__a.sql", "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT);")
            .write("V1__a.down.sql", "DROP TABLE a;")
            .write("V2__b.sql", "CREATE TABLE b(id INTEGER PRIMARY KEY, a REFERENCES a(id));")
            .write("V2__b.down.sql", "DROP TABLE b;");
        project
    }

    fn command(&self, args: &[&str]) -> Command {
        planctl(self.dir.path(), args)
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command that must end with `status`.
    fn expect(&self, status: i32, args: &[&str]) -> Output {
        expect(&mut self.command(args), &[status])
    }

    fn json(&self, status: i32, args: &[&str]) -> Value {
        let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
        serde_json::from_slice(&self.expect(status, &args).stdout).unwrap()
    }

    fn conn(&self) -> Connection {
        Connection::open(self.db()).unwrap()
    }

    fn sql(&self, sql: &str) {
        self.conn().execute_batch(sql).unwrap();
    }

    fn column(&self, sql: &str) -> Vec<String> {
        column(&self.conn(), sql)
    }

    /// Every file of the folder with its bytes and the time of its last change.
    fn files(&self) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
        let entries = fs::read_dir(self.dir.path()).unwrap().map(Result::unwrap);
        entries
            .filter(|entry| entry.path().is_file())
            .map(|entry| {
                let changed = entry.metadata().unwrap().modified().unwrap();
                (entry.file_name().into_string().unwrap(), (fs::read(entry.path()).unwrap(), changed))
            })
            .collect()
    }
}

fn stderr(output: &Output) -> String {
    harness::stderr(output).to_owned()
}

const TABLES: &str =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\\_%' ESCAPE '\\' ORDER BY 1";

#[test]
fn up_and_down_report_each_migration_in_json() {
    let project = Project::two_tables();
    let up = project.json(0, &["migrate", "up"]);
    let keys: Vec<&String> = up.as_object().unwrap().keys().collect();
    let expected =
        ["planctl", "run_id", "command", "outcome", "database", "dry_run", "before", "after", "migrations"];
    assert_eq!(keys, expected);
    assert_eq!((&up["before"], &up["after"], &up["outcome"]), (&Value::Null, &2.into(), &"clean".into()));
    let first = up["migrations"][0].as_object().unwrap();
    assert_eq!(
        first.keys().collect::<Vec<_>>(),
        ["version", "name", "took_ms", "statements", "rows_backfilled"]
    );
    assert_eq!((&first["version"], &first["name"]), (&1.into(), &"a".into()));

    let down = project.json(0, &["migrate", "down"]);
    assert_eq!((&down["before"], &down["after"]), (&2.into(), &1.into()));
    assert_eq!(down["migrations"][0]["script"], "stored");
    assert_eq!(project.json(0, &["migrate", "down", "--to", "0"])["after"], Value::Null);
    assert_eq!(project.column(TABLES), [] as [&str; 0]);
    assert_eq!(project.json(0, &["migrate", "up", "--to", "1"])["after"], 1);
    project.expect(2, &["migrate", "up", "--to", "9"]);
}

#[test]
fn a_run_that_fails_midway_reports_what_stays_and_exits_with_2() {
    let project = Project::two_tables();
    project.write("V3__c.sql", "CREATE TABLE c(x);\nINSERT INTO\n  c(y) VALUES(1);\n");
    let report = project.json(2, &["migrate", "up"]);
    assert_eq!(report["outcome"], "trouble");
    assert_eq!(report["migrations"].as_array().unwrap().len(), 2);
    assert_eq!(report["after"], 2);
    let said = stderr(&project.expect(2, &["migrate", "up"]));
    assert!(
        said.contains("migrations/V3__c.sql:3:5") && said.contains("3 |   c(y) VALUES(1);\n  |     ^\n"),
        "{said}"
    );
    assert!(said.contains("table c has no column named y"), "{said}");
    assert_eq!(project.column(TABLES), ["a", "b"]);
}

#[test]
fn status_reads_only_and_its_check_finds_what_is_not_settled() {
    let project = Project::two_tables();
    let status = project.json(0, &["migrate", "status"]);
    assert_eq!(
        (&status["exists"], &status["pending"], &status["version"]),
        (&false.into(), &2.into(), &Value::Null)
    );
    project.expect(1, &["migrate", "status", "--check"]);
    assert!(!project.db().exists());
    project.expect(0, &["migrate", "up"]);
    let before = project.files();
    let status = project.json(0, &["migrate", "status", "--check"]);
    assert_eq!(
        (&status["applied"], &status["problems"], &status["schema"]),
        (&2.into(), &0.into(), &"as-left".into())
    );
    let keys: Vec<&String> = status["migrations"][0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "version",
            "name",
            "state",
            "difference",
            "applied_on",
            "took_ms",
            "rows_backfilled",
            "backfilled",
            "run_id",
            "down",
            "down_differs",
            "lost",
            "hazards",
            "file"
        ]
    );
    assert_eq!(project.files(), before);
    project.sql("CREATE INDEX by_hand ON b(a)");
    assert_eq!(project.json(1, &["migrate", "status", "--check"])["schema"], "changed");
    project.sql("DROP INDEX by_hand");
    project.write("V1__a.sql", "CREATE TABLE a(id);");
    fs::remove_file(project.path("migrations/V2__b.sql")).unwrap();
    fs::remove_file(project.path("migrations/V2__b.down.sql")).unwrap();
    let status = project.json(1, &["migrate", "status", "--check"]);
    let states: Vec<&str> =
        status["migrations"].as_array().unwrap().iter().map(|m| m["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["changed", "missing"]);
    project.expect(0, &["migrate", "status"]);
}

#[test]
fn after_a_down_the_schema_is_what_the_last_migration_left() {
    let project = Project::two_tables();
    project.write("V2__b.down.sql", "DROP TABLE b; ALTER TABLE a ADD COLUMN left_over;");
    project.expect(0, &["migrate", "up"]);
    project.expect(0, &["migrate", "down"]);
    assert_eq!(project.json(0, &["migrate", "status"])["schema"], "as-left");
}

#[test]
fn an_up_with_nothing_to_do_writes_no_byte_and_takes_no_lock() {
    for mode in ["DELETE", "WAL"] {
        let project = Project::two_tables();
        project.sql(&format!("PRAGMA journal_mode = {mode}; CREATE TABLE seed(x)"));
        project.expect(0, &["migrate", "up"]);
        let before = project.files();
        project.expect(0, &["migrate", "up"]);
        assert_eq!(project.files(), before, "{mode}");
        let holder = project.conn();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        project.expect(0, &["migrate", "up", "--lock-timeout", "10ms"]);
        project.write("V3__c.sql", "CREATE TABLE c(x);");
        let said = stderr(&project.expect(2, &["migrate", "up", "--lock-timeout", "10ms"]));
        assert!(said.contains("still held the write lock of planctl.db after 10ms"), "{said}");
    }
    let project = Project::new();
    project.expect(0, &["migrate", "up"]);
    assert!(!project.db().exists(), "nothing to apply makes no database");
}

#[test]
fn a_dry_run_runs_on_a_copy_of_the_whole_schema_and_changes_nothing() {
    let project = Project::two_tables();
    let report = project.json(0, &["migrate", "up", "--dry-run"]);
    assert_eq!(report["migrations"][1]["sql"], "CREATE TABLE b(id INTEGER PRIMARY KEY, a REFERENCES a(id));");
    assert!(!project.db().exists());
    project.expect(0, &["migrate", "up"]);
    project.sql(
        "INSERT INTO a(x) VALUES('r'); DELETE FROM a;
         CREATE VIRTUAL TABLE f USING fts5(t); INSERT INTO f VALUES('word');
         CREATE VIEW v AS SELECT * FROM gone; CREATE INDEX i ON b(a);
         CREATE TRIGGER g AFTER INSERT ON a BEGIN INSERT INTO f VALUES(new.x); END;
         PRAGMA user_version = 7;",
    );
    project.write(
        "V3__c.sql",
        "CREATE TABLE proof AS SELECT seq FROM sqlite_sequence; INSERT INTO a(x) VALUES('new');
         DROP VIEW v; DROP INDEX i; SELECT 1 FROM f WHERE f MATCH 'new';",
    );
    let before = project.files();
    let report = project.json(0, &["migrate", "up", "--dry-run"]);
    assert_eq!(
        (&report["before"], &report["after"], &report["dry_run"]),
        (&2.into(), &3.into(), &true.into())
    );
    let down = project.json(0, &["migrate", "down", "--to", "0", "--dry-run"]);
    assert_eq!(down["migrations"][0]["sql"], "DROP TABLE b;");
    project.write("V3__c.sql", "DROP TABLE nowhere;");
    project.expect(2, &["migrate", "up", "--dry-run"]);
    assert_eq!(project.files(), before);
}

#[test]
fn files_that_manage_their_own_transaction_are_refused_by_name() {
    let project = Project::two_tables();
    project.write("V3__c.sql", "CREATE TABLE c(x);\nCOMMIT;\nBEGIN;\n");
    let said = stderr(&project.expect(2, &["migrate", "up"]));
    assert!(said.contains("migrations/V3__c.sql:2:1") && said.contains("COMMIT"), "{said}");
    assert!(!project.db().exists(), "it is seen before anything is written");
}

#[test]
fn concurrent_processes_apply_each_migration_once_and_all_succeed() {
    let rounds = round_count(4, 4);
    for mode in [None, Some("DELETE"), Some("WAL")].into_iter().cycle().take(3 * rounds) {
        let project = Project::new();
        for version in 1..=8 {
            let sql = format!("CREATE TABLE IF NOT EXISTS log(n); INSERT INTO log VALUES({version});");
            project.write(&format!("V{version}__m.sql"), &sql);
        }
        if let Some(mode) = mode {
            project.sql(&format!("PRAGMA journal_mode = {mode}; CREATE TABLE seed(x)"));
        }
        let mut args = vec!["migrate", "up", "-q"];
        args.extend(["--format", "json"]);
        let runs: Vec<_> = (0..8)
            .map(|_| project.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
            .collect();
        let mut applied = 0;
        for run in runs {
            let output = run.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{mode:?} {}", stderr(&output));
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            applied += report["migrations"].as_array().unwrap().len();
            assert_eq!(report["after"], 8);
        }
        assert_eq!(applied, 8, "{mode:?}");
        assert_eq!(project.column("SELECT n || '' FROM log ORDER BY n").join(""), "12345678", "{mode:?}");
        let left: Vec<String> = project.files().into_keys().collect();
        assert_eq!(left, ["planctl.db"], "{mode:?}");
    }
}

#[test]
fn refinery_takes_over_what_planctl_migrated_and_back() {
    let project = Project::two_tables();
    let refinery = |conn: &mut Connection| {
        let files = refinery::load_sql_migrations(project.path("migrations")).unwrap();
        let report = refinery::Runner::new(&files).run(conn).unwrap();
        report.applied_migrations().iter().map(refinery::Migration::version).collect::<Vec<_>>()
    };
    project.expect(0, &["migrate", "up", "--to", "1"]);
    assert_eq!(refinery(&mut project.conn()), [2]);
    project.write("V3__c.sql", "CREATE TABLE c(x);").write("V3__c.down.sql", "DROP TABLE c;");
    assert_eq!(project.json(0, &["migrate", "up"])["migrations"][0]["version"], 3);
    assert_eq!(refinery(&mut project.conn()), [] as [i32; 0]);
    // 3 by its stored down, 2 by the file's, for refinery stores none.
    let down = project.json(0, &["migrate", "down", "--steps", "2"]);
    let scripts: Vec<&Value> = down["migrations"].as_array().unwrap().iter().map(|m| &m["script"]).collect();
    assert_eq!(scripts, ["stored", "file"]);
    assert_eq!(refinery(&mut project.conn()), [2, 3]);
    project.expect(0, &["migrate", "down", "--to", "0"]);
    assert_eq!(refinery(&mut project.conn()), [1, 2, 3]);
    assert_eq!(project.json(0, &["migrate", "status", "--check"])["problems"], 0);
}

/// refinery with the feature `int8-versions` makes its table so, and hashes the version as 64 bits.
#[test]
fn a_history_of_refinery_with_64_bit_versions_goes_up_and_down_and_stays_one() {
    let project = Project::two_tables();
    project.write("V3__c.sql", "CREATE TABLE c(x);").write("V3__c.down.sql", "DROP TABLE c;");
    let checksum = |version: i64, name: &str, sql: &str| {
        use std::hash::{Hash, Hasher};
        let mut hasher = siphasher::sip::SipHasher13::new();
        (name, version, sql).hash(&mut hasher);
        hasher.finish().to_string()
    };
    let file = |name: &str| fs::read_to_string(project.path("migrations").join(name)).unwrap();
    let a = file("V1__a.sql");
    project.sql(&format!(
        "CREATE TABLE refinery_schema_history(version int8 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255),
             checksum VARCHAR(255));
         INSERT INTO refinery_schema_history VALUES(1, 'a', '2026-01-01T00:00:00.123456789Z', '{}'); {a}",
        checksum(1, "a", &a)
    ));
    assert_eq!(project.json(0, &["migrate", "up", "--to", "2"])["migrations"][0]["version"], 2);
    // refinery goes on: its row, and no record of ours.
    let c = file("V3__c.sql");
    project.sql(&format!(
        "INSERT INTO refinery_schema_history VALUES(3, 'c', '2026-01-02T00:00:00Z', '{}'); {c}",
        checksum(3, "c", &c)
    ));
    assert_eq!(project.json(0, &["migrate", "status", "--check"])["problems"], 0);
    let sums = project.column("SELECT checksum FROM refinery_schema_history ORDER BY version");
    assert_eq!(sums[1], checksum(2, "b", &file("V2__b.sql")), "what refinery would have written");
    let down = project.json(0, &["migrate", "down", "--to", "0"]);
    let scripts: Vec<&str> =
        down["migrations"].as_array().unwrap().iter().map(|m| m["script"].as_str().unwrap()).collect();
    assert_eq!(scripts, ["file", "stored", "file"]);
    assert_eq!(
        project.json(0, &["migrate", "baseline", "--to", "1", "--force"])["recorded"][0]["version"],
        1
    );
    assert_eq!(project.column("SELECT checksum FROM refinery_schema_history"), sums[..1]);
}

#[test]
fn what_refinery_alone_migrated_can_be_read_and_taken_back() {
    let project = Project::two_tables();
    let files = refinery::load_sql_migrations(project.path("migrations")).unwrap();
    refinery::Runner::new(&files).run(&mut project.conn()).unwrap();
    let status = project.json(0, &["migrate", "status", "--check"]);
    assert_eq!((&status["applied"], &status["schema"]), (&2.into(), &"unknown".into()));
    assert_eq!(status["migrations"][0]["down"], "file");
    project.expect(0, &["migrate", "down", "--to", "0"]);
    assert_eq!(
        project.column("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite%'"),
        ["refinery_schema_history"]
    );
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

/// SQLite quotes the whole of a check, and names each column of a key.
#[test]
fn of_a_long_check_or_key_the_message_has_the_beginning_and_the_help_is_the_same() {
    let list =
        |each: &dyn Fn(usize) -> String, between: &str| (0..900).map(each).collect::<Vec<_>>().join(between);
    let (check, columns) = (list(&|n| format!("x = {n}"), " OR "), list(&|n| format!("c{n}"), ", "));
    let (values, correct) =
        (list(&|_| "1".to_owned(), ", "), "correct the rows that do not satisfy the check first");
    for (statement, begins, help) in [
        (
            "INSERT INTO t VALUES (5000)".to_owned(),
            "error: CHECK constraint failed: x = 0 OR x = 1 OR",
            correct,
        ),
        (
            format!("INSERT INTO u VALUES ({values}), ({values})"),
            "error: UNIQUE constraint failed: u.c0, u.c1,",
            "decide which of these rows to keep",
        ),
    ] {
        let project = Project::new();
        let tables =
            format!("CREATE TABLE t(x CHECK ({check})); CREATE TABLE u({columns}, UNIQUE ({columns}));");
        project.write("V1__a.sql", &tables).write("V2__b.sql", &format!("{statement};"));
        let said = stderr(&project.expect(2, &["migrate", "up"]));
        assert!(said.contains(begins) && said.contains(help), "{said}");
        let longest = said.lines().map(|line| line.chars().count()).max();
        assert!(longest < Some(600), "{said}");
    }
}
