//! Nothing is destroyed that nobody allowed: what `down` and `redo` say and do where rows or values would be lost.

use serde_json::json;

use super::*;

/// A database that has tables and rows already, taken over as docs/getting-started.md has it.
fn taken_over() -> Project {
    let project = Project::two_tables();
    project.sql(
        "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT);
         CREATE TABLE b(id INTEGER PRIMARY KEY, a REFERENCES a(id));
         INSERT INTO a(x) VALUES('p'), ('q'), ('r'); INSERT INTO b(a) VALUES(1)",
    );
    project.expect(0, &["migrate", "baseline", "--to", "2"]);
    project
}

#[test]
fn a_down_after_a_baseline_asks_before_it_destroys() {
    let project = taken_over();
    let before = project.files();
    for args in [
        &["migrate", "down"][..],
        &["migrate", "down", "--to", "0"],
        &["migrate", "down", "--steps", "2", "--backup", "b.db"],
        &["migrate", "redo"],
    ] {
        let output = project.expect(2, args);
        let said = stderr(&output);
        assert!(said.contains("nothing was changed"), "{args:?}: {said}");
        assert!(said.contains("V2__b: 1 row of b is lost"), "{args:?}: {said}");
        assert!(said.contains("V2__b was recorded as applied and never ran here"), "{args:?}: {said}");
        assert!(said.contains("--allow-destructive"), "{args:?}: {said}");
        assert!(project.files() == before, "{args:?}");
        assert!(!project.path("b.db").exists(), "{args:?}");
    }
    let report = project.json(2, &["migrate", "down", "--to", "0"]);
    let rows =
        |table: &str, count: u64| json!({"kind": "rows", "table": table, "column": null, "count": count});
    let expected = json!([
        {"version": 2, "name": "b", "recorded": true, "losses": [rows("b", 1)]},
        {"version": 1, "name": "a", "recorded": true, "losses": [rows("a", 3)]},
    ]);
    assert_eq!(report["lost"], expected);
    assert_eq!((&report["migrations"], &report["after"]), (&json!([]), &2.into()));
    // What does not run for real says the same, and is no trouble.
    for mode in ["--dry-run", "--rehearse"] {
        let report = project.json(0, &["migrate", "down", "--to", "0", mode]);
        assert_eq!(report["lost"], expected, "{mode}");
        let text = project.expect(0, &["migrate", "down", "--to", "0", mode]).stdout;
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("V1__a: 3 rows of a are lost"), "{text}");
        assert!(text.contains("for real, this needs --allow-destructive"), "{text}");
    }
    assert!(project.files() == before);
    let report = project.json(0, &["migrate", "down", "--to", "0", DESTROY]);
    assert_eq!((&report["lost"], report["migrations"].as_array().unwrap().len()), (&expected, 2));
    assert_eq!(project.column(TABLES), [] as [&str; 0]);
}

#[test]
fn a_version_that_was_only_recorded_is_taken_back_only_when_that_is_allowed() {
    let project = taken_over();
    project.sql("DELETE FROM b; DELETE FROM a");
    let said = stderr(&project.expect(2, &["migrate", "down"]));
    assert!(said.contains("V2__b was recorded as applied and never ran here"), "{said}");
    project.expect(0, &["migrate", "down", DESTROY]);
    // What was applied here, and is empty, needs nobody's word.
    project.expect(0, &["migrate", "up"]);
    project.expect(0, &["migrate", "down"]);
}

#[test]
fn a_down_of_several_is_refused_before_the_first_of_them() {
    let project = Project::two_tables();
    project.write("V3__c.sql", "CREATE TABLE c(x); ALTER TABLE a ADD COLUMN y;");
    project.write("V3__c.down.sql", "DROP TABLE c; ALTER TABLE a DROP COLUMN y;");
    project.expect(0, &["migrate", "up"]);
    project.sql("INSERT INTO a(x, y) VALUES('p', NULL), (NULL, 2)");
    let before = project.files();
    let report = project.json(2, &["migrate", "down", "--to", "0"]);
    let found: Vec<String> = report["error"]["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found, ["V3__c: 1 value of a.y is lost", "V1__a: 2 rows of a are lost"]);
    assert!(project.files() == before);
    // A step that loses nothing goes.
    project.sql("UPDATE a SET y = NULL");
    project.expect(0, &["migrate", "down", "--steps", "2"]);
    project.expect(2, &["migrate", "down"]);
    let said = stderr(&project.expect(2, &["migrate", "redo"]));
    assert!(said.contains("V1__a: 2 rows of a are lost"), "{said}");
    assert_eq!(project.json(0, &["migrate", "redo", DESTROY])["lost"][0]["losses"][0]["count"], 2);
}

#[test]
fn rows_that_a_down_deletes_or_writes_over_are_counted() {
    let project = Project::two_tables();
    project.write("V3__rows.sql", "INSERT INTO a(x) VALUES('seed'); INSERT INTO b(a) VALUES(1);");
    project.write(
        "V3__rows.down.sql",
        "DELETE FROM b; UPDATE a SET x = 'other' WHERE x = 'seed'; UPDATE a SET x = 'filled' WHERE x IS NULL;",
    );
    project.expect(0, &["migrate", "up"]);
    project.sql("INSERT INTO a(x) VALUES(NULL)");
    let before = project.files();
    let report = project.json(2, &["migrate", "down"]);
    let loss = |kind: &str, table: &str, column: Value| json!({"kind": kind, "table": table, "column": column, "count": 1});
    assert_eq!(
        report["lost"][0]["losses"],
        json!([loss("deleted-rows", "b", Value::Null), loss("overwritten-values", "a", "x".into())])
    );
    assert!(project.files() == before);
    // Without rows nobody can say how many.
    let report = project.json(0, &["migrate", "down", "--dry-run"]);
    assert_eq!(report["lost"][0]["losses"][0]["count"], Value::Null);
    project.expect(0, &["migrate", "down", DESTROY]);
}

#[test]
fn a_script_refuses_what_a_down_refuses() {
    if !offline::has_shell() {
        return;
    }
    let project = Project::two_tables();
    project.write("V3__rows.sql", "CREATE TABLE c(x); ALTER TABLE a ADD COLUMN y;");
    project.write(
        "V3__rows.down.sql",
        "DROP TABLE c; DELETE FROM b WHERE a = 1; UPDATE a SET x = 'z' WHERE id = 1; ALTER TABLE a DROP COLUMN y;",
    );
    project.expect(0, &["migrate", "up"]);
    let down = ["migrate", "down", "--sql", "--from", "3"];
    for (rows, reason) in [
        ("INSERT INTO c VALUES(1)", "the rows of c are lost"),
        ("INSERT INTO a(y) VALUES(1)", "the values of a.y are lost"),
        ("INSERT INTO a(id) VALUES(1); INSERT INTO b(a) VALUES(1)", "rows of b may be deleted"),
        ("INSERT INTO a(id, x) VALUES(1, 'x')", "values of a.x may be overwritten"),
    ] {
        let copy = project.copy();
        copy.sql(rows);
        let said = copy.stopped_script(&copy.script(&down));
        assert!(said.contains(reason), "{said}");
        copy.run_script(&["migrate", "down", "--sql", "--from", "3", DESTROY], false);
    }
    project.sql("INSERT INTO a(id) VALUES(2); INSERT INTO b(a) VALUES(2)");
    project.run_script(&down, false);
    let recorded = taken_over();
    let said = recorded.stopped_script(&recorded.script(&["migrate", "down", "--sql"]));
    assert!(said.contains("V2__b, down: it was recorded as applied and never ran here"), "{said}");
}

/// Virtual tables take no triggers, and the script was refused for one of its own.
#[test]
fn a_script_refuses_to_empty_a_virtual_table_that_holds_rows() {
    if !offline::has_shell() {
        return;
    }
    let project = Project::new();
    project.write("V1__a.sql", "CREATE VIRTUAL TABLE f USING fts5(x, y);");
    project.write("V1__a.down.sql", "DROP TABLE f;");
    project.write("V2__b.sql", "CREATE TABLE b(x);");
    project.write(
        "V2__b.down.sql",
        "UPDATE f SET y = 'z' WHERE x = 'w'; DELETE FROM f WHERE x = 'word'; DROP TABLE b;",
    );
    project.expect(0, &["migrate", "up"]);
    let down = ["migrate", "down", "--sql", "--from", "2"];
    project.copy().run_script(&down, false);
    project.sql("INSERT INTO f VALUES ('word', 'more')");
    let said = project.copy().stopped_script(&project.script(&down));
    assert!(said.contains("V2__b, down: rows of f may be deleted; with --allow-destructive"), "{said}");
    project.run_script(&["migrate", "down", "--sql", "--from", "2", DESTROY], false);
}

#[test]
fn status_says_what_the_downs_of_what_is_applied_destroy() {
    let project = Project::new();
    project.sql("CREATE TABLE users(id INTEGER PRIMARY KEY); INSERT INTO users VALUES(1)");
    fs::create_dir(project.path("spec")).unwrap();
    project.expect(0, &["schema", "dump", "planctl.db", "-o", "spec/ddl.sql"]);
    project.expect(0, &["migrate", "generate", "start"]);
    assert_eq!(
        project.json(0, &["migrate", "status"])["migrations"][0]["hazards"],
        json!([]),
        "it is pending"
    );
    project.expect(0, &["migrate", "baseline", "--to", "1"]);
    let status = project.json(0, &["migrate", "status"]);
    assert_eq!(status["migrations"][0]["hazards"], json!(["the rows of users are lost"]));
    let text = String::from_utf8(project.expect(0, &["migrate", "status"]).stdout).unwrap();
    assert!(text.contains("V1__start: hazard on down: the rows of users are lost"), "{text}");
}
