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
        Some(["2 rows in the way: a value in id that is no whole number", "'x'"]),
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
