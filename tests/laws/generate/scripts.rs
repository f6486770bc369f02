//! Scripts of `schema diff --sql` on databases that are not what they were, and what the shell reads of them.

use super::binary::{Project, shell};
use super::*;

/// The schema was looked at when the script was made, and may have become another one until it is run.
#[test]
fn a_script_that_meets_another_schema_than_its_own_changes_nothing() {
    let project = Project::new("");
    let live = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT CHECK (a <> 'X'), b [odd name] -- note
        );\nCREATE INDEX i ON t (a);\nCREATE VIEW v AS SELECT a FROM t;
        CREATE VIRTUAL TABLE f USING fts5(x);";
    project.write("goal.sql", &live.replace("b [odd name]", "b [odd name] NOT NULL DEFAULT 1"));
    let db = project.path("live.db");
    let make = |sql: &str| {
        let _ = fs::remove_file(&db);
        Connection::open(&db).unwrap().execute_batch(sql).unwrap();
    };
    make(live);
    let script = project.ok("schema diff live.db goal.sql --sql");
    let dumped = project.ok("schema dump live.db");
    for (other, runs) in [
        (live.to_owned(), true),
        (dumped, true),
        (live.replace("TABLE t (id", "table  T/* x */(\n\tID"), true),
        (format!("{live} CREATE TABLE planctl_migrations(x); ANALYZE;"), true),
        (live.replace(", b", ", extra, b"), false),
        (live.replace("'X'", "'x'"), false),
        (live.replace("'X'", "'X '"), false),
        (live.replace("[odd name]", "[odd  name]"), false),
        (live.replace(" CHECK (a <> 'X')", ""), false),
        (format!("{live} CREATE INDEX j ON t (b);"), false),
        (format!("{live} CREATE TABLE other(x);"), false),
        (format!("{live} CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;"), false),
        (live.replace("CREATE INDEX i ON t (a);", ""), false),
        (live.replace("AS SELECT a", "AS SELECT b"), false),
        (live.replace("fts5(x)", "fts5(x, y)"), false),
        (String::new(), false),
    ] {
        make(&other);
        let before = fs::read(&db).unwrap();
        let Some(done) = shell(&db, "", &script) else {
            println!("skipped: there is no sqlite3 here");
            return;
        };
        assert_eq!(done, runs, "{other}\n{script}");
        assert_eq!(fs::read(&db).unwrap() == before, !runs, "{other}");
    }
}

/// Orphans of before have other row ids in a rebuilt table, and a renamed one is not unknown.
#[test]
fn a_script_blames_itself_for_no_row_that_had_no_parent_before() {
    let project = Project::new("");
    let live = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (x PRIMARY KEY, p INT REFERENCES p) WITHOUT ROWID;
        CREATE TABLE d (p REFERENCES p);";
    project.write(
        "goal.sql",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, n);
         -- planctl:renamed-from c\nCREATE TABLE e (x PRIMARY KEY, p INT REFERENCES p, y NOT NULL DEFAULT 0) WITHOUT ROWID;
         CREATE TABLE d (p REFERENCES p, z INT CHECK (z > 0));",
    );
    let db = project.path("live.db");
    Connection::open(&db)
        .unwrap()
        .execute_batch(&format!(
            "{live} PRAGMA foreign_keys = OFF; INSERT INTO c VALUES (1, 70); INSERT INTO d VALUES (71), (71);"
        ))
        .unwrap();
    let script = project.ok("schema diff live.db goal.sql --sql");
    let Some(done) = shell(&db, "PRAGMA foreign_keys = ON;", &script) else {
        println!("skipped: there is no sqlite3 here");
        return;
    };
    assert!(done, "{script}");
    project.ok("schema diff live.db goal.sql");
}

/// The reader of the shell is not SQLite's.
#[test]
fn a_script_says_to_the_shell_what_it_says_to_sqlite() {
    let project = Project::new("CREATE TABLE t (id INTEGER PRIMARY KEY);");
    let goal = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x\r\ngo\r\n.quit\r\n');
        CREATE VIEW v AS SELECT\n  a,\n  id\n/\n2 AS half FROM t;\nCREATE VIEW w AS SELECT half AS\ngo\nFROM v;\n";
    project.write("goal.sql", goal);
    let db = project.path("live.db");
    Connection::open(&db)
        .unwrap()
        .execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (4)")
        .unwrap();
    let script = project.ok("schema diff live.db goal.sql --sql");
    let Some(done) = shell(&db, "", &script) else {
        println!("skipped: there is no sqlite3 here");
        return;
    };
    assert!(done, "{script}");
    project.ok("schema diff live.db goal.sql");
    let conn = Connection::open(&db).unwrap();
    let found: (String, i64) =
        conn.query_row("SELECT a, go FROM v, w", [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
    assert_eq!(found, ("x\r\ngo\r\n.quit\r\n".to_owned(), 2));
}

#[test]
fn a_script_that_the_plain_shell_cannot_run_is_not_written() {
    let project = Project::new("");
    project.write("from.sql", "CREATE TABLE t (a TEXT COLLATE app UNIQUE, b);");
    project.write("goal.sql", "CREATE TABLE t (a TEXT COLLATE app UNIQUE, b NOT NULL DEFAULT 1);");
    let said = project.refused("schema diff from.sql goal.sql --sql");
    assert!(
        said.contains("no such collation sequence: app") && said.contains("application registers"),
        "{said}"
    );
}

/// What the steps endanger of the statistics was tried with foreign keys on, where no parent with rows can be dropped.
#[test]
fn a_script_may_make_a_parent_anew_whose_children_have_rows() {
    let project = Project::new("");
    let live = "CREATE TABLE p (id INTEGER PRIMARY KEY, gone TEXT, name TEXT);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p INT NOT NULL REFERENCES p (id));
        INSERT INTO p VALUES (1, 'g', 'n'); INSERT INTO c VALUES (1, 1);";
    let db = project.path("live.db");
    Connection::open(&db).unwrap().execute_batch(live).unwrap();
    project.write(
        "goal.sql",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT CHECK (name <> ''));
         CREATE TABLE c (id INTEGER PRIMARY KEY, p INT NOT NULL REFERENCES p (id));",
    );
    let script = project.ok("schema diff live.db goal.sql --sql --allow-destructive");
    let Some(done) = shell(&db, "", &script) else {
        println!("skipped: there is no sqlite3 here");
        return;
    };
    assert!(done, "{script}");
    let rows = "SELECT p.id || p.name || c.id FROM p JOIN c ON c.p = p.id";
    let kept: String = Connection::open(&db).unwrap().query_row(rows, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "1n1");
}
