//! Rows that the goal refuses are counted in the database, named with the first of them, and nothing is written.

use super::binary::Project;
use super::*;

/// The table before and after, its rows, and what is said of them: nothing where none is in the way.
pub(super) const KEYS: &[(&str, &str, &str, Option<[&str; 2]>)] = &[
    (
        "t (a TEXT, b)",
        "t (a TEXT PRIMARY KEY, b)",
        "('x', 1), ('x', 2), ('y', 3)",
        Some(["2 rows in the way: the same a twice", "'x'"]),
    ),
    ("t (a TEXT, b)", "t (a TEXT PRIMARY KEY, b)", "('x', 1), ('X', 2), (NULL, 3), (NULL, 4)", None),
    (
        "t (a, b, PRIMARY KEY (a, b))",
        "t (a, b, PRIMARY KEY (b))",
        "(1, 9), (2, 9)",
        Some(["2 rows in the way: the same b twice", "9"]),
    ),
    (
        "t (a TEXT UNIQUE)",
        "t (a TEXT COLLATE NOCASE UNIQUE)",
        "('x'), ('X'), ('y')",
        Some(["2 rows in the way: the same a twice", "'X'"]),
    ),
    ("t (a TEXT UNIQUE)", "t (a TEXT UNIQUE CHECK (a <> ''))", "('x'), ('X')", None),
    (
        "t (a TEXT); CREATE UNIQUE INDEX i ON t (a)",
        "t (a TEXT COLLATE NOCASE); CREATE UNIQUE INDEX i ON t (a)",
        "('x'), ('X')",
        Some(["2 rows in the way: the same key of i twice", "'X'"]),
    ),
    (
        "t (a TEXT, b)",
        "t (a TEXT, b); CREATE UNIQUE INDEX i ON t (lower(a)) WHERE b > 1",
        "('x', 1), ('X', 2), ('x', 3)",
        Some(["2 rows in the way: the same key of i twice", "'x'"]),
    ),
    (
        "t (a TEXT, b)",
        "t (a TEXT, b); CREATE UNIQUE INDEX i ON t (lower(a)) WHERE b > 1",
        "('x', 1), ('X', 2)",
        None,
    ),
    (
        "t (id TEXT PRIMARY KEY)",
        "t (id INTEGER PRIMARY KEY)",
        "('x'), ('7'), (x'01')",
        Some(["2 rows in the way: a value in id that is not a whole number", "'x'"]),
    ),
    ("t (id TEXT PRIMARY KEY)", "t (id INTEGER PRIMARY KEY)", "('8'), ('7')", None),
];

#[test]
fn rows_in_the_way_of_a_key_are_counted_whatever_the_key_is() {
    for (before, after, rows, said) in KEYS {
        let project = Project::new(&format!("CREATE TABLE {before};"));
        project.ok("migrate generate first");
        project.ok("migrate up");
        let conn = Connection::open(project.path("planctl.db")).unwrap();
        conn.execute_batch(&format!("INSERT INTO t VALUES {rows}")).unwrap();
        project.write("spec.sql", &format!("CREATE TABLE {after};"));
        let Some([counted, first]) = said else {
            project.ok("migrate generate second");
            project.ok("migrate up");
            continue;
        };
        let error = project.refused("migrate generate second");
        assert!(error.contains(counted) && error.contains(first), "{before} → {after}: {error}");
        assert_eq!(project.files(), 2);
    }
}

/// The table before and after, its rows, and which of them its types do not take: nothing where all fit.
const TYPES: &[(&str, &str, &str, Option<&str>)] = &[
    (
        "t (a TEXT) STRICT",
        "t (a INTEGER) STRICT",
        "('x'), ('12'), (NULL)",
        Some("1 row in the way: a value in a that is not of type INTEGER"),
    ),
    ("t (a TEXT) STRICT", "t (a INT) STRICT", "('12'), (' 7 '), (NULL)", None),
    (
        "t (a TEXT) STRICT",
        "t (a REAL) STRICT",
        "('x'), ('1.5')",
        Some("1 row in the way: a value in a that is not of type REAL"),
    ),
    (
        "t (a TEXT) STRICT",
        "t (a BLOB) STRICT",
        "('x'), (NULL)",
        Some("1 row in the way: a value in a that is not of type BLOB"),
    ),
    (
        "t (a ANY) STRICT",
        "t (a TEXT) STRICT",
        "(x'00'), (1), ('y')",
        Some("1 row in the way: a value in a that is not of type TEXT"),
    ),
    (
        "t (a ANY) STRICT",
        "t (a INTEGER) STRICT",
        "(x'00'), (1.5), (1.0)",
        Some("2 rows in the way: a value in a that is not of type INTEGER"),
    ),
    (
        "t (a REAL) STRICT",
        "t (a INT) STRICT",
        "(1.5), (2.0)",
        Some("1 row in the way: a value in a that is not of type INT"),
    ),
    ("t (a INTEGER) STRICT", "t (a ANY) STRICT", "(1), (NULL)", None),
    (
        "t (a)",
        "t (a INTEGER) STRICT",
        "('x'), (1)",
        Some("1 row in the way: a value in a that is not of type INTEGER"),
    ),
    // Computed values fit as little as others, and those that are computed of computed ones.
    (
        "t (a TEXT, g INTEGER AS (a) STORED)",
        "t (a TEXT, g INTEGER AS (a) STORED) STRICT",
        "('x'), ('12')",
        Some("1 row in the way: a value in g that is not of type INTEGER"),
    ),
    (
        "t (a TEXT, g INTEGER AS (a))",
        "t (a TEXT, g INTEGER AS (a)) STRICT",
        "('x'), ('12')",
        Some("1 row in the way: a value in g that is not of type INTEGER"),
    ),
    (
        "t (a TEXT) STRICT",
        "t (a TEXT, h TEXT AS (a || '0'), g INTEGER AS (h || 1 || h) STORED) STRICT",
        "('x'), ('12')",
        Some("1 row in the way: a value in g that is not of type INTEGER"),
    ),
    (
        "t (a TEXT) STRICT",
        "t (a TEXT, g INTEGER AS (a)) STRICT",
        "('x'), ('12')",
        Some("1 row in the way: a value in g that is not of type INTEGER"),
    ),
    ("t (a TEXT) STRICT", "t (a TEXT, g INTEGER AS (length(a)) STORED) STRICT", "('x'), ('12')", None),
    (
        "t (a TEXT) STRICT",
        "t (a TEXT, n INTEGER -- planctl:fill value=a||'1'\n) STRICT",
        "('x'), ('12')",
        Some("1 row in the way: a value in n that is not of type INTEGER"),
    ),
];

#[test]
fn rows_that_another_type_does_not_take_did_not_stop_generate_where_the_table_was_strict_before() {
    for (before, after, rows, said) in TYPES {
        let columns = if before.contains("g INTEGER") { "t (a)" } else { "t" };
        let project = Project::with_rows(
            &format!("CREATE TABLE {before};"),
            &format!("INSERT INTO {columns} VALUES {rows}"),
        );
        project.write("spec.sql", &format!("CREATE TABLE {after};"));
        let generate = "migrate generate second --allow-destructive --sqlite-version 3.53.0";
        let Some(counted) = said else {
            project.ok(generate);
            project.ok("migrate up");
            continue;
        };
        let error = project.refused(generate);
        assert!(error.contains(counted), "{before} → {after}: {error}");
        assert_eq!(project.files(), 2);
        // The script for the shell says so, too.
        let error = project.refused("audit --sql --allow-destructive --sqlite-version 3.53.0");
        assert!(error.contains(counted), "{before} → {after}: audit: {error}");
    }
}
