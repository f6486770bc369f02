//! `-- planctl:assert REASON`: wherever a migration runs, what its query finds stops it, and nothing of it stays.

use super::offline::{has_shell, shell};
use super::production::dump;
use super::*;

const UP: &str = "\
CREATE TABLE u(id INTEGER PRIMARY KEY);
-- planctl:assert every row has an owner
SELECT id, owner -- the ones to mend
FROM t WHERE owner IS NULL;
-- planctl:assert \"addresses\" are unique
WITH e AS (SELECT email, count(*) AS n FROM t GROUP BY 1 HAVING count(*) > 1)
SELECT email, n FROM e ORDER BY 1
";
const DOWN: &str = "-- planctl:assert u has no rows\nSELECT * FROM u;\nDROP TABLE u;";

fn asserting() -> Project {
    let project = Project::new();
    project
        .write("V1__t.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY, owner TEXT, email TEXT);")
        .write("V1__t.down.sql", "DROP TABLE t;")
        .write("V2__u.sql", UP)
        .write("V2__u.down.sql", DOWN);
    project.expect(0, &["migrate", "up", "--to", "1"]);
    project
}

const WRONG: &str = "INSERT INTO t(owner, email) VALUES (NULL, 'a'), ('x', 'b'), (NULL, 'c'), ('y', 'b')";

#[test]
fn what_an_assertion_finds_stops_the_migration_and_nothing_of_it_stays() {
    let project = asserting();
    project.sql(WRONG);
    let before = dump(&project.db());
    let said = stderr(&project.expect(2, &["migrate", "up"]));
    insta::assert_snapshot!(said);
    assert!(dump(&project.db()) == before);
    let rehearsed = stderr(&project.expect(2, &["migrate", "up", "--rehearse"]));
    assert_eq!(rehearsed.replace(" on the copy", ""), said);
    // Without rows nobody knows.
    project.expect(0, &["migrate", "up", "--dry-run"]);
    project.sql("UPDATE t SET owner = 'z' WHERE owner IS NULL");
    let said = stderr(&project.expect(2, &["migrate", "up"]));
    assert!(
        said.contains("error: \"addresses\" are unique (1 row)\n --> migrations/V2__u.sql:6:1\n"),
        "{said}"
    );
    assert!(said.contains("row 1 of 1: email = 'b', n = 2\n"), "{said}");
    project.sql("UPDATE t SET email = id");
    project.expect(0, &["migrate", "up"]);
    project.sql("INSERT INTO u VALUES (7)");
    let said = stderr(&project.expect(2, &["migrate", "down", DESTROY]));
    assert!(said.contains("u has no rows (1 row)") && said.contains("id = 7"), "{said}");
    assert_eq!(project.column("SELECT 'id ' || id FROM u"), ["id 7"]);
    project.sql("DELETE FROM u");
    project.expect(0, &["migrate", "down"]);
}

#[test]
fn only_the_first_of_many_rows_are_named() {
    let project = asserting();
    project.sql(
        "INSERT INTO t(email) WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 1000) SELECT n FROM n",
    );
    let error = &project.json(2, &["migrate", "up"])["error"];
    assert_eq!(error["message"], "every row has an owner (1,000 rows)");
    assert_eq!(error["location"]["line"], 3);
    let notes = error["notes"].as_array().unwrap();
    assert_eq!((notes.len(), &notes[4]), (6, &"row 5 of 1000: id = 5, owner = NULL".into()));
}

/// The script asserts it in the shell as well; what a migration counted on is still known there.
#[test]
fn a_script_stops_in_the_shell_where_the_run_stops() {
    if !has_shell() {
        return;
    }
    let project = asserting();
    project.write(
        "V3__one.sql",
        "PRAGMA ignore_check_constraints = ON;\nUPDATE t SET email = email WHERE id = 1;\n\
         -- planctl:assert one row was changed\nSELECT changes() WHERE changes() <> 1;",
    );
    let script = project.script(&["migrate", "up", "--sql", "--from", "1"]);
    project.sql(WRONG);
    let said = project.stopped_script(&script);
    assert!(
        said.contains("row 1 of 2|1|\nrow 2 of 2|3|\n") && said.contains("every row has an owner"),
        "{said}"
    );
    project.sql("DELETE FROM t");
    let said = project.stopped_script(&script);
    assert!(said.contains("row 1 of 1|0\n") && said.contains("one row was changed"), "{said}");
    project.sql("INSERT INTO t(owner, email) VALUES ('x', 'y')");
    let output = shell(&project.db(), &script, true);
    assert!(output.status.success() && output.stdout.is_empty(), "{}", stderr(&output));
    assert_eq!(stderr(&project.expect(0, &["migrate", "status", "--check"])), "");
}

/// A fault of rows that planctl itself makes is none of the migration's; what else is wrong is still found.
#[test]
fn a_round_trip_runs_with_the_generated_rows_of_which_it_holds() {
    let project = asserting();
    project.write(
        "V2__u.sql",
        "-- planctl:assert few\nSELECT count(*) FROM t HAVING count(*) > 4;\nCREATE TABLE u(a);",
    );
    let trip = |status| {
        let mut report = project.json(status, &["migrate", "test", "V2"]);
        report["round_trips"][0].take()
    };
    let passed = trip(0);
    assert_eq!(passed["outcome"], "passed");
    assert_eq!(passed["rows"], 4, "as many as may be: {passed}");
    assert_eq!(
        passed["notes"][0],
        "it was tried with the generated rows of which holds what it asserts: few (1 row)"
    );
    project.write("V2__u.sql", "-- planctl:assert none\nSELECT 1 FROM t;\nCREATE TABLE u(a);");
    assert_eq!(
        trip(0)["notes"][0],
        "it was tried without generated rows, of none of which holds what it asserts: none (12 rows)"
    );
    project.write("V2__u.sql", "-- planctl:assert none\nSELECT 1 FROM t;\nCREATE TABLE v(a);");
    assert_eq!(trip(1)["outcome"], "failed", "its down drops u");
    project.write(
        "V2__u.sql",
        "-- planctl:assert some\nSELECT 1 WHERE NOT EXISTS (SELECT 1 FROM t);\nCREATE TABLE u(a);",
    );
    project.write("V2__u.down.sql", "DROP TABLE u;");
    let new = stderr(&project.expect(1, &["migrate", "test", "V2"]));
    assert_eq!(new, "", "no database begins with rows");
}

#[test]
fn an_assertion_without_a_select_of_its_own_is_refused_before_anything_runs() {
    let project = asserting();
    for text in ["DELETE FROM t RETURNING id;", "-- planctl:assert b\nSELECT 1;", ""] {
        project.write("V2__u.sql", &format!("SELECT 1;\n-- planctl:assert a\n{text}"));
        for command in [&["migrate", "lint"][..], &["migrate", "up"], &["check"], &["migrate", "up", "--sql"]]
        {
            let said = stderr(&project.expect(2, command));
            assert!(
                said.contains(
                    "an assertion is not before a SELECT of its own\n --> migrations/V2__u.sql:2:1\n"
                ),
                "{said}"
            );
        }
    }
    project.write("V2__u.sql", "-- planctl:asert a\nSELECT 1;");
    assert!(stderr(&project.expect(2, &["migrate", "lint"])).contains("did you mean `assert`?"));
}
