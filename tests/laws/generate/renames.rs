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

/// Nothing tells a reader that a comment is passed over.
#[test]
fn what_looks_like_a_directive_and_is_none_is_an_error_in_specs_and_migrations_alike() {
    for near in [
        "-- planctl fill value=7",
        "---- planctl:fill value=7",
        "/* planctl:fill value=7 */",
        "-- planctl:renamed_from a",
        "-- planctl:fil value=7",
        "-- plantcl:fill value=7",
    ] {
        let project = Project::with_rows("CREATE TABLE t (a INT);", "INSERT INTO t VALUES (1)");
        project.write("spec.sql", &format!("CREATE TABLE t (a INT,\n{near}\nb INT);"));
        let error = project.refused("migrate generate second");
        assert!(error.contains("directive") && error.contains("spec.sql:2:"), "{near}: {error}");
        assert_eq!(project.files(), 2);
    }
    for near in [
        "-- planctl backfill root-ancestor table=t id=a parent=a root=a",
        "---- planctl:backfill root-ancestor table=t id=a parent=a root=a",
        "/* planctl:irreversible gone */",
        "-- planctl:back_fill root-ancestor",
        "-- planctl:fill value=7",
        "-- planctl:irreversible gone -- planctl:allow missing-down so",
    ] {
        let project = Project::with_rows("CREATE TABLE t (a INT);", "INSERT INTO t VALUES (1)");
        project.write("migrations/V2__x.sql", &format!("CREATE TABLE u (a INT);\n{near}\nDELETE FROM t;\n"));
        let error = project.refused("migrate up");
        assert!(error.contains("directive") || error.contains("in the spec"), "{near}: {error}");
        assert!(error.contains("V2__x.sql:2:"), "{near}: {error}");
        assert_eq!(project.value("SELECT count(*) FROM t"), "1");
        project.refused("check");
    }
}

/// The expression in quotes became a string that every row got.
#[test]
fn a_fill_in_quotes_is_the_expression_in_them() {
    for (fill, rows) in [
        ("value=\"coalesce(a, 'none')\"", "x,none"),
        ("value='coalesce(a)'", "coalesce(a),coalesce(a)"),
        ("value=coalesce(a, 'none')", "x,none"),
    ] {
        let project = Project::with_rows("CREATE TABLE t (a TEXT);", "INSERT INTO t VALUES ('x'), (NULL)");
        project.write(
            "spec.sql",
            &format!("CREATE TABLE t (a TEXT, b TEXT NOT NULL -- planctl:fill {fill}\n);"),
        );
        project.ok("migrate generate second");
        project.ok("migrate up");
        assert_eq!(project.value("SELECT group_concat(b) FROM t"), rows, "{fill}");
    }
}

/// Two directives, the schema before, and what it says; wherever they stand, both are obeyed.
#[test]
fn two_directives_on_one_column_are_both_obeyed() {
    for columns in [
        "\n-- planctl:renamed-from a\n-- planctl:fill value=7\nb TEXT NOT NULL, c INT",
        "b TEXT NOT NULL, -- planctl:renamed-from a -- planctl:fill value=7\nc INT",
        "\n-- planctl:fill value=7\nb TEXT NOT NULL, -- planctl:renamed-from a\nc INT",
    ] {
        let project =
            Project::with_rows("CREATE TABLE t (a TEXT, c INT);", "INSERT INTO t VALUES ('x', 1), (NULL, 2)");
        project.write("spec.sql", &format!("CREATE TABLE t ({columns});"));
        project.ok("migrate generate second");
        project.ok("migrate up");
        assert_eq!(project.value("SELECT group_concat(b) FROM t"), "x,7", "{columns}");
    }
}

/// A value may name columns as the spec has them, or as the rows had them so far.
#[test]
fn a_fill_may_use_the_old_names_and_the_new_ones() {
    for fill in ["a + 1", "b + 1", "t.a + 1", "u.b + 1", "\"a\" + 1", "abs(a) + 1"] {
        let project = Project::with_rows("CREATE TABLE t (a INT);", "INSERT INTO t VALUES (1), (5)");
        project.write(
            "spec.sql",
            &format!(
                "-- planctl:renamed-from t\nCREATE TABLE u (\n-- planctl:renamed-from a\nb INT NOT NULL, \
                 c INT NOT NULL -- planctl:fill value={fill}\n);"
            ),
        );
        project.conn().execute_batch("UPDATE t SET a = a").unwrap();
        project.ok("migrate generate second");
        project.ok("migrate up");
        assert_eq!(project.value("SELECT group_concat(c) FROM u"), "2,6", "{fill}");
        assert!(project.ok("migrate generate third").contains("nothing to do"), "{fill}");
    }
    // By the name of the rowid, too, and by the spec's name where the ledger has another one for the database.
    let project = Project::with_rows("CREATE TABLE t (oid INT, y INT);", "INSERT INTO t VALUES (1, 5)");
    project.write(
        "spec.sql",
        "CREATE TABLE t (\n-- planctl:renamed-from oid\no INT, x INT, c INT NOT NULL, -- planctl:fill value=\"o + x\"\n\
         d INT NOT NULL -- planctl:fill value=oid+y\n);",
    );
    project.write(
        "deviations.toml",
        "[[rename]]\ntable = \"t\"\ncolumn = \"x\"\nlive = \"y\"\nreason = \"old\"\n",
    );
    project.ok("migrate generate second");
    project.ok("migrate up");
    assert_eq!(project.value("SELECT c || ' ' || d FROM t"), "6 6");
    // What means two columns is no guess.
    let project = Project::with_rows("CREATE TABLE t (a INT, b INT);", "INSERT INTO t VALUES (1, 2)");
    project.write(
        "spec.sql",
        "CREATE TABLE t (\n-- planctl:renamed-from a\nb INT,\n-- planctl:renamed-from b\nc INT, \
         d INT NOT NULL -- planctl:fill value=b\n);",
    );
    let error = project.refused("migrate generate second");
    assert!(
        error.contains("names b, which is one column in the spec and another one in the rows"),
        "{error}"
    );
}

/// What does not compile and has nothing to do with any name that changes.
const BROKEN: &str = "CREATE TABLE log (m TEXT); CREATE VIEW bad AS SELECT gone FROM nowhere; \
     CREATE VIEW \"bad: worse\" AS SELECT gone FROM bad; \
     CREATE TRIGGER ib INSTEAD OF INSERT ON bad BEGIN INSERT INTO log VALUES ('x'); END; \
     CREATE TRIGGER tr AFTER INSERT ON log BEGIN INSERT INTO missing VALUES (new.m); END;";

#[test]
fn an_unrelated_view_that_does_not_compile_stops_no_rename() {
    for (before, after) in [
        (
            "CREATE TABLE t (a TEXT); CREATE VIEW good AS SELECT a FROM t;",
            "-- planctl:renamed-from t\nCREATE TABLE u (\n-- planctl:renamed-from a\nb TEXT); \
             CREATE VIEW good AS SELECT b FROM u;",
        ),
        (
            "CREATE TABLE t (a TEXT);",
            "-- planctl:renamed-from t\nCREATE TABLE u (\n-- planctl:renamed-from a\nb TEXT NOT NULL CHECK (b <> ''));",
        ),
    ] {
        let project = Project::with_rows(before, "INSERT INTO t VALUES ('x')");
        project.write("migrations/V2__by_hand.sql", BROKEN);
        project.ok("migrate up");
        let broken = "SELECT group_concat(sql, '; ') FROM (SELECT sql FROM sqlite_schema \
             WHERE name IN ('bad', 'bad: worse', 'ib', 'tr') ORDER BY name)";
        let was = project.value(broken);
        project.write("spec.sql", &format!("{after} {BROKEN}"));
        project.ok("migrate generate third");
        project.ok("migrate up");
        assert_eq!(project.value("SELECT b FROM u"), "x", "{after}");
        assert_eq!(project.value(broken), was, "{after}");
        assert!(project.ok("migrate generate fourth").contains("nothing to do"), "{after}");
        project.ok("migrate down");
        assert_eq!(project.value("SELECT a FROM t"), "x", "{after}");
        assert_eq!(project.value(broken), was, "{after}");
    }
}
