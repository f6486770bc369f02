//! `planctl sample load` through the real binary: what is loaded, what is refused, and the database afterwards.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::{Value, json};

use crate::harness::{Project, process, rows};

const BACKFILL: [&str; 10] = [
    "backfill",
    "--table",
    "v3_plans",
    "--id",
    "plan_id",
    "--parent",
    "parent_plan_id",
    "--root",
    "root_plan_id",
    "--recompute",
];

/// The shipped project with its database.
fn migrated() -> Project {
    let project = Project::shipped();
    project.ok(&["migrate", "up"]);
    project
}

fn count(project: &Project, table: &str) -> i64 {
    project.open().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// Every row of the sample's tables.
fn content(conn: &Connection) -> Vec<Vec<Vec<Sql>>> {
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'refinery%' \
                  AND name NOT LIKE 'planctl%' ORDER BY name";
    let tables = rows(conn, tables);
    let names = tables.iter().map(|row| match &row[0] {
        Sql::Text(name) => name,
        other => panic!("{other:?}"),
    });
    names.map(|name| rows(conn, &format!("SELECT * FROM \"{name}\" ORDER BY rowid"))).collect()
}

/// Whether `args` end with `status` and a message that has all of `parts`, and leave everything as it was.
fn assert_refused(project: &Project, args: &[&str], parts: &[&str]) {
    let before = project.picture();
    let run = project.run(args);
    assert_eq!(run.status, 2, "{args:?}\n{}{}", run.stdout, run.stderr);
    for part in parts {
        assert!(run.stderr.contains(part), "{args:?}: `{part}` is not in\n{}", run.stderr);
    }
    before.assert_same(&project.picture(), &format!("{args:?}"));
}

#[test]
fn the_sample_rows_keep_every_promise_of_the_specification() {
    let project = migrated();
    let (document, status) = project.json(&["sample", "load"]);
    assert_eq!((status, &document["outcome"], &document["plans"]), (0, &json!("clean"), &Value::Null));
    assert_eq!(document["source"], "spec/sample.sql");
    let loaded = |table: &str| {
        let found = document["tables"].as_array().unwrap().iter().find(|entry| entry["table"] == table);
        found.unwrap_or_else(|| panic!("no rows in {table}"))["rows"].as_i64().unwrap()
    };
    for table in [
        "actions",
        "action_arguments",
        "action_invariants",
        "v3_plans",
        "plan_projects",
        "plan_arguments",
        "plan_invariants",
        "decisions",
        "correction_attempts",
        "tasks",
        "execution_logs",
    ] {
        assert_eq!(loaded(table), count(&project, table), "{table}");
    }
    assert_eq!(loaded("tasks"), 8);
    assert!(loaded("execution_logs") > 20);

    let (audit, status) = project.json(&["audit", "--data"]);
    assert_eq!((status, &audit["outcome"]), (0, &json!("clean")), "{audit}");
    let conn = project.open();
    assert_eq!(rows(&conn, "PRAGMA foreign_key_check"), Vec::<Vec<Sql>>::new());
    let (backfill, status) = project.json(&[&BACKFILL[..], &["--dry-run"]].concat());
    assert_eq!((status, &backfill["wrong"], &backfill["orphans"]["count"]), (0, &json!(0), &json!(0)));
}

/// What reports can ask for is there: each value of each list, models with their cost, and the days that count.
#[test]
fn the_sample_rows_have_every_value_and_the_days_that_reports_ask_for() {
    let project = migrated();
    project.ok(&["sample", "load"]);
    let conn = project.open();
    for (table, column, values) in [
        ("tasks", "status", 6),
        ("execution_logs", "status", 3),
        ("execution_logs", "agent_type", 5),
        ("v3_plans", "phase", 5),
        ("v3_plans", "processing_state", 5),
        ("plan_invariants", "source_scope", 4),
        ("action_arguments", "arg_type", 5),
        ("actions", "state", 2),
        ("correction_attempts", "state", 4),
        ("correction_attempts", "mode", 2),
        ("tasks", "external_ai_used ->> 'model'", 3),
    ] {
        let sql = format!("SELECT count(DISTINCT {column}) FROM {table}");
        assert_eq!(conn.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap(), values, "{table}.{column}");
    }
    let days = "SELECT sum(status = 'failed' AND completed_at >= '2026-11-13T12:00:00Z'),
                       sum(status = 'failed' AND completed_at < '2026-11-13T12:00:00Z'),
                       sum(external_ai_used ->> 'cost' > 0), sum(actual_resources ->> 'cpu_seconds' > 0),
                       round(julianday('2026-11-20T12:00:00Z') - julianday(min(created_at))),
                       max(created_at) < '2026-11-20T12:00:00Z' FROM tasks";
    let expected: Vec<Sql> =
        [1, 1, 5, 4].into_iter().map(Sql::Integer).chain([Sql::Real(39.0), Sql::Integer(1)]).collect();
    assert_eq!(rows(&conn, days), [expected]);
}

#[test]
fn the_same_rows_are_loaded_every_time() {
    let (first, second) = (migrated(), migrated());
    for args in [
        &["sample", "load"][..],
        &["sample", "load", "--plans", "500", "--orphans", "5", "--cycles", "4", "--append"],
    ] {
        first.ok(args);
        std::thread::sleep(Duration::from_millis(5));
        second.ok(args);
        assert!(content(&first.open()) == content(&second.open()), "{args:?}");
    }
    let other = migrated();
    other.ok(&["sample", "load"]);
    other.ok(&[
        "sample",
        "load",
        "--plans",
        "500",
        "--orphans",
        "5",
        "--cycles",
        "4",
        "--append",
        "--seed",
        "2",
    ]);
    assert!(content(&first.open()) != content(&other.open()));
}

#[test]
fn rows_that_are_there_are_refused_with_their_number_unless_told() {
    let project = migrated();
    project.sql(
        "INSERT INTO tasks (task_id, request_text) VALUES ('7f8ac3bc-a13c-4779-9768-aa210b4f2357', 'x')",
    );
    let said = ["planctl.db has rows already, nothing was loaded", "note: 1 row in tasks\n", "--append"];
    for args in
        [&["sample", "load"][..], &["sample", "load", "--plans", "9"], &["sample", "load", "--dry-run"]]
    {
        assert_refused(&project, args, &said);
    }
    project.ok(&["sample", "load", "--append"]);
    project.ok(&["sample", "load", "--plans", "9", "--append"]);
    assert_eq!((count(&project, "tasks"), count(&project, "v3_plans")), (9, 25));
    let again = ["sample", "load", "--append"];
    assert_refused(
        &project,
        &again,
        &["UNIQUE constraint failed", "--> spec/sample.sql:10:1", "already there?"],
    );
    let again = ["sample", "load", "--plans", "9", "--append"];
    assert_refused(&project, &again, &["UNIQUE constraint failed: v3_plans.plan_id", "another --seed"]);
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    for args in
        [&["sample", "load"][..], &["sample", "load", "--plans", "20000", "--orphans", "7", "--cycles", "3"]]
    {
        let project = migrated();
        let before = project.picture();
        let (mut dry, status) = project.json(&[args, &["--dry-run"]].concat());
        assert_eq!(status, 0, "{dry}");
        before.assert_same(&project.picture(), &format!("{args:?}"));
        let (mut real, _) = project.json(args);
        assert_eq!((&dry["dry_run"], &real["dry_run"]), (&json!(true), &json!(false)));
        for document in [&mut dry, &mut real] {
            document["dry_run"].take();
            document["run_id"].take();
        }
        assert_eq!(dry, real);
    }
}

#[test]
fn a_database_without_the_schema_is_refused_and_gets_none() {
    let project = Project::shipped();
    assert_refused(&project, &["sample", "load"], &["there is no database planctl.db", "planctl migrate up"]);
    project.sql("CREATE TABLE other (x)");
    let at = ["no such table: actions", "--> spec/sample.sql:10:1", "`planctl migrate up` first"];
    assert_refused(&project, &["sample", "load"], &at);
    let plans = ["sample", "load", "--plans", "5"];
    assert_refused(&project, &plans, &["no table v3_plans to load 5 plans into", "planctl migrate up"]);
    project.sql("CREATE TABLE V3_plans (plan_id, parent_plan_id, root_plan_id, phase, processing_state, created_at, updated_at)");
    let missing =
        ["v3_plans in planctl.db has no columns namespaced_name, namespace", "planctl migrate up", "ledger"];
    assert_refused(&project, &plans, &missing);
    project.sql("DROP TABLE v3_plans; CREATE VIEW v3_plans AS SELECT 1");
    assert_refused(&project, &plans, &["no table v3_plans"]);
}

#[test]
fn a_specification_without_sample_rows_is_refused_with_what_to_do() {
    let project = migrated();
    std::fs::remove_file(project.path("spec/sample.sql")).unwrap();
    let said = ["spec/sample.sql: no such file", "beside the spec, spec/ddl.sql", "--spec"];
    assert_refused(&project, &["sample", "load"], &said);
    project.write(
        "other/sample.sql",
        "INSERT INTO actions (namespaced_name, namespace, name, created_at, updated_at)
        VALUES ('a', 'a', 'a', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')",
    );
    project.ok(&["sample", "load", "--spec", "other/ddl.sql"]);
    assert_eq!(count(&project, "actions"), 1);
}

#[test]
fn a_file_may_hold_rows_and_nothing_else() {
    let good = "INSERT INTO actions (namespaced_name, namespace, name, created_at, updated_at)
        VALUES ('a', 'a', 'a', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z');\n";
    for (statement, parts) in [
        ("SELEC 1", &["near \"SELEC\": syntax error", ":3:1"][..]),
        ("INSERT INTO actions (nam) VALUES (1)", &["has no column named nam", ":3:1", "migrate up"]),
        ("SELECT 1,\n  missing", &["no such column: missing", ":4:3"]),
        ("CREATE TABLE more (x)", &["may only INSERT, UPDATE and DELETE", ":3:1", "in a migration"]),
        ("DROP TABLE tasks", &["may only INSERT, UPDATE and DELETE"]),
        ("PRAGMA foreign_keys = OFF", &["may only INSERT, UPDATE and DELETE"]),
        ("ATTACH 'other.db' AS o", &["may only INSERT, UPDATE and DELETE"]),
        ("CREATE TEMP TABLE t (x)", &["may only INSERT, UPDATE and DELETE"]),
        ("COMMIT", &["one transaction", "planctl begins and commits"]),
        ("SAVEPOINT s", &["one transaction"]),
        ("DELETE FROM refinery_schema_history", &["the table that records migrations"]),
        (
            "INSERT INTO action_arguments (action_name, name, arg_type, position) VALUES ('a', '', 'list', 1)",
            &["CHECK constraint failed"],
        ),
        (
            "INSERT INTO action_arguments (action_name, name, arg_type, position) VALUES ('b', 'n', 'list', 1)",
            &[
                "rows refer to others that do not exist",
                "action_arguments(action_name): 1 row has no parent in actions",
            ],
        ),
    ] {
        let project = migrated();
        project.write("spec/sample.sql", format!("{good}{statement};\n"));
        assert_refused(&project, &["sample", "load"], parts);
        assert_refused(&project, &["sample", "load", "--dry-run"], parts);
    }
}

#[test]
fn rows_of_every_kind_of_table_are_counted() {
    let project = Project::empty();
    project.sql(
        "CREATE TABLE wr (a PRIMARY KEY) WITHOUT ROWID; CREATE TABLE \"odd \"\" name\" (a); CREATE VIEW v AS SELECT 1;
         CREATE VIRTUAL TABLE ft USING fts5(x); PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema VALUES ('table', 'vt', 'vt', 0, 'CREATE VIRTUAL TABLE vt USING unknown(x)')",
    );
    project.write("spec/sample.sql", "INSERT INTO wr VALUES (1), (2); INSERT INTO ft VALUES ('a'); INSERT INTO \"odd \"\" name\" VALUES (1)");
    let (document, status) = project.json(&["sample", "load"]);
    let tables =
        json!([{"table": "ft", "rows": 1}, {"table": "odd \" name", "rows": 1}, {"table": "wr", "rows": 2}]);
    assert_eq!((status, &document["tables"], &document["rows"]), (0, &tables, &json!(4)), "{document}");
    assert_refused(&project, &["sample", "load"], &["note: 4 rows in 3 tables\n"]);
}

#[test]
fn a_row_may_come_before_the_one_that_it_refers_to() {
    let project = migrated();
    project.write(
        "spec/sample.sql",
        "INSERT INTO action_arguments (action_name, name, arg_type, position) VALUES ('a', 'n', 'list', 1);
         INSERT INTO actions (namespaced_name, namespace, name, created_at, updated_at)
         VALUES ('a', 'a', 'a', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'); -- that is all",
    );
    project.ok(&["sample", "load"]);
    assert_eq!(rows(&project.open(), "PRAGMA foreign_key_check"), Vec::<Vec<Sql>>::new());
}

/// The backfill, which knows nothing of the generator, sees what was asked for.
#[test]
fn generated_plans_are_what_was_asked_for() {
    for (asked, roots, depth, cycle_rows) in [
        (["1", "1", "1", "0", "0"], 1, 1, 0),
        (["1000", "6", "3", "0", "0"], 3, 6, 0),
        (["1000", "3", "2", "40", "12"], 132, 3, 36),
        (["500", "300", "1", "5", "5"], 2, 300, 14),
        (["10", "1", "9", "4", "3"], 0, 0, 6),
    ] {
        let [plans, levels, fan_out, orphans, cycles] = asked;
        let project = migrated();
        let args = [
            "sample",
            "load",
            "--plans",
            plans,
            "--depth",
            levels,
            "--fan-out",
            fan_out,
            "--orphans",
            orphans,
            "--cycles",
            cycles,
        ];
        let (document, status) = project.json(&args);
        assert_eq!(status, 0, "{document}");
        let number = |text: &str| text.parse::<u64>().unwrap();
        let expected = json!({
            "roots": roots, "depth": depth, "fan_out": number(fan_out), "orphans": number(orphans),
            "cycles": number(cycles), "cycle_rows": cycle_rows, "seed": 1, "root_values": "true",
        });
        assert_eq!((&document["plans"], &document["rows"]), (&expected, &json!(number(plans))));
        let (seen, _) = project.json(&[&BACKFILL[..], &["--dry-run"]].concat());
        assert_eq!(seen["rows"], number(plans));
        assert_eq!((&seen["roots"], &seen["wrong"]), (&json!(roots), &json!(0)));
        assert_eq!(seen["max_depth"], json!(u64::saturating_sub(depth, 1)));
        assert_eq!(seen["orphans"]["count"], number(orphans));
        assert_eq!(
            (&seen["cycles"]["count"], &seen["cycles"]["rows"]),
            (&json!(number(cycles)), &json!(cycle_rows))
        );
    }
}

#[test]
fn generated_plans_keep_every_promise_but_for_their_orphans() {
    let project = migrated();
    project.ok(&["sample", "load", "--plans", "3000", "--cycles", "9"]);
    let (audit, status) = project.json(&["audit", "--data"]);
    assert_eq!((status, &audit["outcome"]), (0, &json!("clean")), "{audit}");
    project.ok(&["sample", "load", "--plans", "300", "--orphans", "3", "--seed", "2", "--append"]);
    let (audit, status) = project.json(&["audit", "--data"]);
    assert_eq!(status, 1);
    let open = audit["findings"].as_array().unwrap().iter().filter(|finding| finding["deviation"].is_null());
    let rules: Vec<&Value> = open.map(|finding| &finding["rule"]).collect();
    assert_eq!(rules, ["value-foreign-key"]);
    assert_eq!(rows(&project.open(), "PRAGMA foreign_key_check").len(), 3);
    // Later migrations do not take the orphans for their own fault.
    project.ok(&["migrate", "redo"]);
}

#[test]
fn each_choice_of_wrong_roots_is_one_that_the_backfill_repairs() {
    for (roots, filled) in [("none", true), ("self", false), ("parent", false)] {
        let project = migrated();
        project.ok(&["sample", "load", "--plans", "400", "--depth", "5", "--roots", roots]);
        let (before, _) = project.json(&[&BACKFILL[..], &["--dry-run"]].concat());
        assert!(before["wrong"].as_u64().unwrap() > 200 || filled, "{before}");
        let (after, status) = project.json(&BACKFILL);
        let key = if filled { "filled" } else { "corrected" };
        assert_eq!(status, 0);
        assert!(after[key].as_u64().unwrap() > 200, "{after}");
        let wrong = "WITH RECURSIVE truth(id, root) AS (SELECT plan_id, plan_id FROM v3_plans WHERE parent_plan_id IS NULL
            UNION ALL SELECT plan_id, root FROM v3_plans JOIN truth ON parent_plan_id = id)
            SELECT count(*) FROM v3_plans JOIN truth ON plan_id = id WHERE root IS NOT root_plan_id";
        assert_eq!(rows(&project.open(), wrong), [[Sql::Integer(0)]]);
    }
}

/// Before the repair the roots can be NULL and there is no snapshot: the rows on which the migration is to be tried.
#[test]
fn plans_can_be_loaded_before_the_repair_for_trying_it() {
    let project = Project::shipped();
    project.ok(&["migrate", "up", "--to", "6"]);
    project.ok(&["sample", "load", "--plans", "2000", "--roots", "none"]);
    let nulls = "SELECT count(*) FROM v3_plans WHERE root_plan_id IS NULL";
    assert_eq!(rows(&project.open(), nulls), [[Sql::Integer(2000)]]);
    project.ok(&["migrate", "up"]);
    let (backfill, _) = project.json(&[&BACKFILL[..], &["--dry-run"]].concat());
    assert_eq!((&backfill["rows"], &backfill["wrong"]), (&json!(2000), &json!(0)));
}

#[test]
fn names_are_the_ledgers() {
    let project = Project::shipped();
    let ddl = std::fs::read_to_string(project.path("spec/ddl.sql")).unwrap();
    project.sql(&ddl);
    assert_refused(&project, &["sample", "load", "--plans", "7"], &["no table v3_plans"]);
    project.write("none.toml", "");
    project.ok(&["sample", "load", "--plans", "7", "--deviations", "none.toml"]);
    assert_eq!(count(&project, "plans"), 7);
    project.write("bad.toml", "[[rename]]\ntable = 1\n");
    let bad = ["sample", "load", "--plans", "7", "--deviations", "bad.toml"];
    assert_refused(&project, &bad, &["bad.toml:2:"]);
}

#[test]
fn numbers_that_make_no_sense_are_refused() {
    let project = migrated();
    for (args, part) in [
        (&["--plans", "0"][..], "0 is not in 1.."),
        (&["--plans", "5", "--depth", "0"], "0 is not in 1.."),
        (&["--plans", "5", "--fan-out", "0"], "0 is not in 1.."),
        (&["--plans", "-5"], "unexpected argument"),
        (&["--plans", "5", "--depth", "6"], "5 plans cannot be 6 levels deep"),
        (&["--plans", "5", "--cycles", "6"], "ask for --plans 12 or more"),
        (&["--plans", "5", "--orphans", "6"], "ask for --plans 6 or more"),
        (&["--plans", "99999999999999999999"], "invalid value"),
        (&["--orphans", "1"], "--plans <N>"),
        (&["--plans", "5", "--roots", "wrong"], "possible values: true, none, self, parent"),
    ] {
        assert_refused(&project, &[&["sample", "load"], args].concat(), &[part]);
    }
}

#[test]
fn a_trigger_that_keeps_rows_back_is_noticed() {
    let project = migrated();
    project.sql("CREATE TRIGGER keep BEFORE INSERT ON v3_plans WHEN NEW.parent_plan_id IS NULL BEGIN SELECT RAISE(IGNORE); END");
    let said = ["39 of 40 plans were written, a trigger skipped the others", "drop the trigger"];
    assert_refused(&project, &["sample", "load", "--plans", "40"], &said);
    let project = migrated();
    project.sql("CREATE TRIGGER no BEFORE INSERT ON v3_plans WHEN NEW.parent_plan_id IS NOT NULL BEGIN SELECT RAISE(ABORT, 'not today'); END");
    assert_refused(
        &project,
        &["sample", "load", "--plans", "40"],
        &["plan 2 cannot be loaded into v3_plans: not today"],
    );
}

#[test]
fn a_lock_that_stays_taken_is_an_error() {
    let project = migrated();
    let holder = project.open();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let run = project.run(&["sample", "load", "--lock-timeout", "50ms"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("planctl.db is locked by another process"), "{}", run.stderr);
    holder.execute_batch("ROLLBACK").unwrap();
    project.ok(&["sample", "load"]);
}

/// Starts a load that takes minutes, and waits until the file has grown.
fn endless(project: &Project) -> Child {
    let file = project.path("planctl.db");
    let before = std::fs::metadata(&file).unwrap().len();
    let mut command = project.command(&["sample", "load", "--plans", "900000000"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let length = || std::fs::metadata(&file).unwrap().len();
    process::wait_for("rows in the file", || (length() != before).then_some(()));
    child
}

fn assert_untouched(project: &Project) {
    let conn = project.open();
    assert_eq!(rows(&conn, "SELECT count(*) FROM v3_plans"), [[Sql::Integer(0)]]);
    assert_eq!(rows(&conn, "PRAGMA integrity_check"), [[Sql::Text("ok".to_owned())]]);
    assert_eq!(rows(&conn, "PRAGMA foreign_key_check"), Vec::<Vec<Sql>>::new());
    drop(conn);
    let left =
        |suffix: &str| Path::new(&format!("{}-{suffix}", project.path("planctl.db").display())).exists();
    assert!(!left("journal") && !left("wal"), "a log is left");
    project.ok(&["sample", "load"]);
}

#[test]
#[cfg(unix)]
fn a_load_that_is_stopped_leaves_the_database_as_it_was() {
    for (signal, status) in [("-INT", 130), ("-TERM", 143)] {
        let project = migrated();
        let before = std::fs::read(project.path("planctl.db")).unwrap();
        let child = endless(&project);
        process::send(&child, signal);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{signal}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("error: interrupted\n = note: unfinished changes were rolled back"), "{said}");
        assert!(std::fs::read(project.path("planctl.db")).unwrap() == before, "{signal}: the bytes differ");
        assert_untouched(&project);
    }
}

#[test]
fn a_load_that_is_killed_leaves_the_database_as_it_was() {
    let project = migrated();
    let mut child = endless(&project);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_untouched(&project);
}
