//! What is declared is done, or refused: never passed over.

use super::binary::Project;

/// The schema before, its rows, the schema after, and what a query gives then.
const DONE: &[(&str, &str, &str, &str, &str)] = &[
    (
        "CREATE TABLE t (a INT, b INT);",
        "INSERT INTO t VALUES (1, 2)",
        "CREATE TABLE t (\n-- planctl:renamed-from a\nb INT,\n-- planctl:renamed-from b\nc INT);",
        "SELECT b || ' ' || c FROM t",
        "1 2",
    ),
    (
        "CREATE TABLE t (a INT, b INT, c TEXT);",
        "INSERT INTO t VALUES (1, 2, '3')",
        "CREATE TABLE t (\n-- planctl:renamed-from b\nc INT,\n-- planctl:renamed-from c\nd TEXT, a INT CHECK (a > 0));",
        "SELECT a || ' ' || c || ' ' || d FROM t",
        "1 2 3",
    ),
    (
        "CREATE TABLE t (a INT); CREATE TABLE u (a INT);",
        "INSERT INTO t VALUES (1); INSERT INTO u VALUES (2)",
        "-- planctl:renamed-from t\nCREATE TABLE u (a INT);\n-- planctl:renamed-from u\nCREATE TABLE v (a INT);",
        "SELECT (SELECT a FROM u) || ' ' || (SELECT a FROM v)",
        "1 2",
    ),
    (
        "CREATE TABLE t (rowid TEXT, b INT); CREATE INDEX i ON t (rowid); CREATE VIEW w AS SELECT rowid FROM t;",
        "INSERT INTO t VALUES ('x', 5), (NULL, 6)",
        "CREATE TABLE t (\n-- planctl:renamed-from rowid\nr TEXT, b INT); CREATE INDEX i ON t (r); CREATE VIEW w AS SELECT r FROM t;",
        "SELECT group_concat(coalesce(r, '?') || b, ' ') FROM t",
        "x5 ?6",
    ),
    (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, oid TEXT, b INT);",
        "INSERT INTO t VALUES (3, 'x', 5), (7, NULL, 6)",
        "-- planctl:renamed-from t\nCREATE TABLE u (id INTEGER PRIMARY KEY,\n-- planctl:renamed-from oid\n\
         -- planctl:fill value='none'\no TEXT NOT NULL, b INT);",
        "SELECT group_concat(id || o || b, ' ') FROM u",
        "3x5 7none6",
    ),
];

#[test]
fn chains_and_names_of_the_rowid_are_followed_there_and_back() {
    for (before, rows, after, query, expected) in DONE {
        let project = Project::with_rows(before, rows);
        project.write("spec.sql", after);
        project.ok("migrate generate second");
        project.ok("migrate up");
        assert_eq!(project.value(query), *expected, "{after}");
        // What has served may stay.
        assert!(project.ok("migrate generate third").contains("nothing to do"), "{after}");
        project.ok("migrate down");
        project.ok("migrate up");
        assert_eq!(project.value(query), *expected, "{after}");
        project.ok("audit");
    }
}

/// The schema before, the one after, and where and why it is refused.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "CREATE TABLE t (a INT, b INT);",
        "CREATE TABLE t (a INT,\n-- planctl:renamed-from a\nc INT);",
        "a is still in the spec",
    ),
    (
        "CREATE TABLE t (a INT, b INT);",
        "CREATE TABLE t (a INT,\n-- planctl:renamed-from bb\nc INT);",
        "t has no column bb",
    ),
    (
        "CREATE TABLE t (a INT, b INT);",
        "CREATE TABLE t (\n-- planctl:renamed-from b\na INT,\n-- planctl:renamed-from a\nb INT);",
        "exchange their names",
    ),
    (
        "CREATE TABLE t (a INT); CREATE TABLE u (a INT);",
        "\n-- planctl:renamed-from t\nCREATE TABLE u (a INT);\n-- planctl:renamed-from u\nCREATE TABLE t (a INT);",
        "exchange their names",
    ),
    (
        "CREATE TABLE t (a INT);",
        "\n-- planctl:renamed-from tt\nCREATE TABLE u (a INT);",
        "the schema so far has no table tt",
    ),
    (
        "CREATE TABLE t (a INT);",
        "\n-- planctl:renamed-from t\nCREATE TABLE u (a INT); CREATE TABLE t (a INT);",
        "t is still in the spec",
    ),
    (
        "CREATE TABLE t (a INT);",
        "CREATE TABLE t (a INT);\nCREATE TABLE u (b TEXT -- planctl:renamed-from a\n);",
        "u has no column a",
    ),
];

#[test]
fn a_rename_that_cannot_be_done_is_refused_with_its_line() {
    for (before, after, said) in REFUSED {
        let project = Project::with_rows(before, "SELECT 1");
        project.write("spec.sql", after);
        let error = project.refused("migrate generate second --allow-destructive");
        assert!(error.contains(said) && error.contains("spec.sql:2:"), "{after}: {error}");
        assert_eq!(project.files(), 2);
    }
}
