//! `fleet up`: canaries, then the rest; who is done is not touched again.

use std::fs;
use std::path::Path;

use super::*;

#[test]
fn all_are_migrated_and_the_second_run_touches_none() {
    let tenants = Tenants::at(2, 5);
    tenants.make("t90", 3);
    tenants.make("t91", 0);
    let run = tenants.project.ok(&["fleet", "up", "tenants/*.db"]);
    assert!(run.stdout.contains("7 databases: 6 migrated to 3 · 1 at 3 already"), "{}", run.stdout);
    let before = tenants.project.picture();
    let document = tenants.json(0, &["up"]);
    assert!(states(&document).iter().all(|state| state.ends_with("current 3")), "{document:#}");
    assert!(tenants.project.picture() == before, "nothing to do, nothing touched");
    assert_eq!(tenants.json(0, &["status"])["groups"].as_array().unwrap().len(), 1);
}

/// Nothing was pending in them, so they were passed over.
#[test]
fn databases_that_have_all_of_a_squashed_migration_follow_and_others_are_told() {
    let tenants = Tenants::at(3, 2);
    tenants.make("t90", 1);
    tenants.project.ok(&["migrate", "squash", "--to", "2"]);
    let document = tenants.json(2, &["status"]);
    assert_eq!(states(&document)[..2], ["t00 behind 3", "t01 behind 3"], "{document:#}");
    let run = tenants.project.run(&["fleet", "up", "tenants/*.db", "--max-failures", "2"]);
    assert!(run.status == 2 && run.stderr.contains("as it was before the squash"), "{}", run.stderr);
    for tenant in ["t00", "t01"] {
        let versions = "SELECT group_concat(version) FROM refinery_schema_history";
        let versions: String = tenants.open(tenant).query_row(versions, [], |row| row.get(0)).unwrap();
        assert_eq!(versions, "2,3");
    }
    let document = tenants.json(2, &["status"]);
    assert_eq!(states(&document)[..2], ["t00 current 3", "t01 current 3"], "{document:#}");
}

#[test]
fn to_stops_there_and_a_version_that_is_none_stops_before_anything() {
    let tenants = Tenants::at(1, 3);
    let document = tenants.json(0, &["up", "--to", "2"]);
    assert_eq!(document["databases"][0]["migrations"], serde_json::json!([2]));
    let run = tenants.project.run(&["fleet", "up", "tenants/*.db", "--to", "9"]);
    assert!(
        run.status == 2 && run.stderr.contains("no migration in migrations has version 9"),
        "{}",
        run.stderr
    );
    assert_eq!(tenants.version("t00"), 2);
}

#[test]
fn a_canary_that_fails_is_the_only_one_that_was_begun() {
    let tenants = Tenants::at(2, 6);
    // V3 fails where the name of its index is taken.
    for tenant in ["t00", "t04"] {
        tenants.sql(tenant, "CREATE TABLE users_by_name(x)");
    }
    let document = tenants.json(2, &["up", "--max-failures", "100%"]);
    let states = states(&document);
    assert_eq!(states[..2], ["t00 failed 2", "t01 not-begun 2"], "{document:#}");
    assert_eq!(document["failures"][0]["databases"], 1);
    let error = document["error"]["message"].as_str().unwrap();
    assert_eq!(error, "1 of 6 databases failed; it was a canary: 5 databases were not started");
    // Without canaries, so many may fail.
    let document = tenants.json(2, &["up", "--canary", "0", "--max-failures", "3"]);
    assert_eq!(document["failures"][0]["databases"], 2);
    assert!(document["failures"][0]["cause"].as_str().unwrap().starts_with("migrations/V3__by_name.sql:1:"));
    assert_eq!(document["groups"][0]["databases"], 4);
    // And the same command goes on where that ended.
    for tenant in ["t00", "t04"] {
        tenants.sql(tenant, "DROP TABLE users_by_name");
    }
    let document = tenants.json(0, &["up"]);
    let migrated =
        document["groups"].as_array().unwrap().iter().find(|group| group["state"] == "migrated").unwrap();
    assert_eq!(migrated["databases"], 2);
}

#[test]
fn once_so_many_have_failed_no_further_one_begins() {
    let tenants = Tenants::at(2, 12);
    for tenant in ["t01", "t02"] {
        tenants.sql(tenant, "CREATE TABLE users_by_name(x)");
    }
    let document = tenants.json(2, &["up", "--jobs", "1"]);
    assert_eq!(states(&document)[..3], ["t00 migrated 3", "t01 failed 2", "t02 not-begun 2"]);
    let error = document["error"]["message"].as_str().unwrap();
    assert_eq!(error, "1 of 12 databases failed; 10 databases were not started (--max-failures 1)");
    assert_eq!(tenants.version("t02"), 2);
}

#[test]
fn what_cannot_be_read_counts_before_anything_is_begun() {
    let tenants = Tenants::at(2, 3);
    std::fs::write(tenants.path("bad"), "no database at all, whatever").unwrap();
    let document = tenants.json(2, &["up"]);
    assert_eq!(
        states(&document),
        ["bad failed null", "t00 not-begun 2", "t01 not-begun 2", "t02 not-begun 2"]
    );
    let document = tenants.json(2, &["up", "--max-failures", "2"]);
    assert_eq!(states(&document)[1..], ["t00 migrated 3", "t01 migrated 3", "t02 migrated 3"]);
}

#[test]
fn a_rehearsal_of_the_canary_keeps_a_failure_from_every_database() {
    let tenants = Tenants::at(2, 3);
    tenants.sql("t00", "CREATE TABLE users_by_name(x)");
    let before = tenants.project.picture();
    let document = tenants.json(2, &["up", "--rehearse"]);
    assert_eq!(states(&document)[..2], ["t00 failed 2", "t01 not-begun 2"]);
    assert!(document["error"]["message"].as_str().unwrap().contains("no database was touched"));
    assert!(tenants.project.picture() == before);
    tenants.sql("t00", "DROP TABLE users_by_name");
    let run = tenants.project.ok(&["fleet", "up", "tenants/*.db", "--rehearse"]);
    assert!(run.stdout.contains("rehearsed on a copy of the canary first"), "{}", run.stdout);
    assert_eq!(tenants.version("t02"), 3);
}

/// What is kept from one database is the same for all of them: each ends as it would by itself.
#[test]
fn each_database_of_a_mixed_fleet_ends_as_it_would_alone() {
    let tenants = Tenants::new();
    for (name, version) in [("old", 1), ("pending", 2), ("pending2", 2), ("current", 3), ("new", 0)] {
        tenants.make(name, version);
    }
    let other = |name: &str, sql: &str| {
        tenants.make(name, 2);
        tenants.sql(name, sql);
    };
    other("another_schema", "CREATE TABLE rollouts(x); CREATE VIEW names AS SELECT name FROM users");
    other("rows", "INSERT INTO users VALUES (1, 'ada', NULL), (2, 'bob', 'b@x')");
    other("logged", "PRAGMA journal_mode = WAL");
    other("no_records", "DROP TABLE planctl_migrations");
    let older =
        ["tokens_checksum", "backfilled"].map(|c| format!("ALTER TABLE planctl_migrations DROP COLUMN {c};"));
    other("older_records", &older.concat());
    other(
        "wide",
        "CREATE TABLE h(version int8 PRIMARY KEY, name, applied_on, checksum);
         INSERT INTO h SELECT * FROM refinery_schema_history; DROP TABLE refinery_schema_history;
         ALTER TABLE h RENAME TO refinery_schema_history",
    );
    // V3 fails in the one, and the other two cannot be planned.
    other("failing", "CREATE TABLE users_by_name(x)");
    other("edited", "UPDATE refinery_schema_history SET checksum = '1' WHERE version = 1");
    other("strange", "DROP TABLE planctl_migrations; CREATE VIEW planctl_migrations AS SELECT 1 AS version");
    let all: Vec<String> = fs::read_dir(tenants.project.path("tenants"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let alone = |name: &str| tenants.project.path(format!("alone/{name}.db"));
    fs::create_dir(tenants.project.path("alone")).unwrap();
    for name in &all {
        fs::copy(tenants.path(name), alone(name)).unwrap();
        tenants.project.run(&["migrate", "up", "-q", "--db", alone(name).to_str().unwrap()]);
    }
    tenants.project.run(&["fleet", "up", "tenants/*.db", "--max-failures", "9", "--canary", "0"]);
    for name in &all {
        assert_eq!(picture(&tenants.path(name)), picture(&alone(name)), "{name}");
    }
    assert_eq!((tenants.version("another_schema"), tenants.version("failing")), (3, 2));
}

/// Schema, rows and what is recorded, but for times and the run.
fn picture(db: &Path) -> Vec<String> {
    let conn = Connection::open(db).unwrap();
    let rows = |sql: &str| -> Vec<String> {
        let Ok(mut statement) = conn.prepare(sql) else { return vec![format!("cannot {sql}")] };
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let is_told = |column: &str| !["applied_on", "run_id", "took_ms"].contains(&column);
        let row = |row: &rusqlite::Row<'_>| {
            let told = columns.iter().enumerate().filter(|(_, column)| is_told(column));
            Ok(told
                .map(|(at, column)| format!("{column}={:?} ", row.get_ref(at).unwrap()))
                .collect::<String>())
        };
        statement.query_map([], row).unwrap().map(Result::unwrap).collect()
    };
    let tables = ["users", "refinery_schema_history", "planctl_migrations"];
    let tables = tables.map(|table| format!("SELECT * FROM {table} ORDER BY 1"));
    let mut found = rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2");
    found.extend(rows("PRAGMA journal_mode"));
    found.extend(tables.iter().flat_map(|sql| rows(sql)));
    found
}

#[test]
fn a_fleet_may_be_one_database_or_two() {
    for count in [1, 2] {
        let tenants = Tenants::at(2, count);
        let document = tenants.json(0, &["up", "--jobs", "4"]);
        assert!(states(&document).iter().all(|state| state.ends_with("migrated 3")), "{document:#}");
        assert_eq!(document["databases"].as_array().unwrap().len(), count);
        let document = tenants.json(0, &["up"]);
        assert!(states(&document).iter().all(|state| state.ends_with("current 3")), "{document:#}");
    }
}
