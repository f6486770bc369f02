//! The way back of what drops a column: what rows get there, and what is said where nothing fits.

use super::binary::Project;
use super::*;

/// A column that goes, rows of its table, and what the down gives each of them: none where its rows stop it.
const LOST: &[(&str, &str, Option<&str>)] = &[
    ("a TEXT NOT NULL CHECK (length(a) >= 2)", "('abc')", Some("'??'")),
    ("a TEXT NOT NULL CHECK (length(a) = 12)", "('abcdefghijkl')", Some("'????????????'")),
    ("a INT NOT NULL CHECK (a > 0)", "(5)", Some("1")),
    ("a INT NOT NULL CHECK (a < -3)", "(-5)", Some("-4")),
    ("a INT NOT NULL CHECK (a BETWEEN 30 AND 90)", "(55)", Some("30")),
    ("a INT CHECK (a IS NOT NULL AND a % 7 = 3)", "(10)", Some("3")),
    ("a TEXT NOT NULL CHECK (a <> '')", "('x')", Some("'?'")),
    ("a TEXT NOT NULL DEFAULT '' CHECK (a <> '')", "('x')", Some("'?'")),
    ("a TEXT NOT NULL CHECK (a GLOB '[a-z][0-9]*')", "('x1')", Some("'a00'")),
    ("a TEXT NOT NULL CHECK (a LIKE 'k-%')", "('k-1')", Some("'k-0'")),
    ("a REAL NOT NULL CHECK (a > 0 AND a < 1)", "(0.25)", Some("0.5")),
    ("a TEXT NOT NULL CHECK (json_valid(a))", "('[1]')", Some("'{}'")),
    ("a TEXT NOT NULL CHECK (json_type(a) = 'array')", "('[1]')", Some("'[]'")),
    ("a TEXT NOT NULL CHECK (date(a) IS NOT NULL)", "('2026-01-01')", Some("'1970-01-01'")),
    ("a TEXT NOT NULL CHECK (a IN ('on', 'off'))", "('off')", Some("'on'")),
    ("a BLOB NOT NULL CHECK (length(a) = 3)", "(x'010203')", Some("x'000000'")),
    ("a TEXT NOT NULL", "('x')", Some("''")),
    ("a BLOB NOT NULL DEFAULT 7) STRICT; CREATE TABLE u (x", "(x'00')", Some("x''")),
    ("a INT NOT NULL CHECK (a >= k)", "(9)", Some("k")),
    ("a TEXT NOT NULL UNIQUE", "('x')", None),
    ("a TEXT NOT NULL); CREATE UNIQUE INDEX i ON t (lower(a)", "('x')", None),
];

fn project(column: &str) -> Project {
    let project = Project::new(&format!("CREATE TABLE t (k INT NOT NULL, {column});"));
    project.ok("migrate generate first");
    let strict = if column.contains("STRICT") { "STRICT; CREATE TABLE u (x)" } else { "" };
    project.write("spec.sql", &format!("CREATE TABLE t (k INT NOT NULL) {strict};"));
    project
}

fn down_of(project: &Project) -> String {
    fs::read_to_string(project.path("migrations/V2__second.down.sql")).unwrap()
}

#[test]
fn a_down_gives_lost_columns_values_that_every_row_takes_or_says_that_it_stops() {
    for (column, value, given) in LOST {
        let project = project(column);
        let said = project.ok("migrate generate second --allow-destructive");
        let down = down_of(&project);
        let stops = "top, and changes nothing, where t has rows".replace("top", "tops");
        assert_eq!(said.contains(&stops), given.is_none(), "{column}: {said}");
        assert_eq!(down.contains(&stops), given.is_none(), "{column}: {down}");
        project.ok("migrate up --to 1");
        let conn = Connection::open(project.path("planctl.db")).unwrap();
        let value = value.trim_matches(['(', ')']);
        conn.execute_batch(&format!("INSERT INTO t VALUES (0, {value})")).unwrap();
        if !column.contains("UNIQUE") {
            conn.execute_batch(&format!("INSERT INTO t VALUES (0, {value})")).unwrap();
        }
        project.ok("migrate up");
        let Some(given) = given else {
            project.refused("migrate down");
            continue;
        };
        assert!(down.contains(&format!("every row gets {given} in a")), "{column}: {down}");
        project.ok("migrate down");
        let rows: i64 = conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 2, "{column}");
    }
}

#[test]
fn a_down_gives_lost_columns_what_rows_of_the_database_hold_most_often() {
    let project = project("a TEXT NOT NULL CHECK (a <> ''), b TEXT NOT NULL UNIQUE");
    project.ok("migrate up");
    let conn = Connection::open(project.path("planctl.db")).unwrap();
    conn.execute_batch("INSERT INTO t VALUES (1, 'seldom', 'x'), (2, 'it''s', 'y'), (3, 'it''s', 'z')")
        .unwrap();
    project.write("spec.sql", "CREATE TABLE t (k INT NOT NULL, b TEXT NOT NULL UNIQUE);");
    project.ok("migrate generate second --allow-destructive");
    assert!(down_of(&project).contains("every row gets 'it''s' in a"), "{}", down_of(&project));
    project.ok("migrate up");
    project.ok("migrate down");
    let held: String = conn.query_row("SELECT group_concat(a || b) FROM t", [], |row| row.get(0)).unwrap();
    assert_eq!(held, "it'sx,it'sy,it'sz");
}

/// No row that is made has such a value.
const ODD: &str = "TEXT NOT NULL CHECK (length(a) = 5 AND substr(a, 2, 1) = 'q' AND substr(a, 4, 1) = 'w')";

#[test]
fn rows_of_the_database_take_part_in_the_proof_with_those_that_they_refer_to() {
    let tables = |more: &str| {
        format!(
            "CREATE TABLE p (id INT PRIMARY KEY, up INT REFERENCES p (id), a {ODD}{more}); \
             CREATE TABLE t (p INT NOT NULL REFERENCES p (id), a {ODD}{more});"
        )
    };
    // The row of t refers to one in the middle, and that one to each seventh before it.
    let rows = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 7 FROM n WHERE i < 140) \
         INSERT INTO p SELECT i, nullif(i - 7, -6), 'aqbwc' FROM n; INSERT INTO t VALUES (71, 'xqywz');";
    for rows in ["", rows] {
        let project = Project::new(&tables(""));
        project.ok("migrate generate first");
        project.ok("migrate up");
        let conn = Connection::open(project.path("planctl.db")).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        conn.execute_batch(rows).unwrap();
        project.write("spec.sql", &tables(", b INT"));
        let said = project.ok("migrate generate second");
        assert_eq!(said.contains("Of t it had none"), rows.is_empty(), "{said}");
        assert_eq!(said.contains("proven on a shadow database with rows"), !rows.is_empty(), "{said}");
    }
}

#[test]
fn only_tables_of_which_rows_took_part_are_proven_with_rows() {
    let project = Project::new("CREATE TABLE t (a INT CHECK (a > 0 AND a < 0) NOT NULL);");
    let first = project.ok("migrate generate first");
    assert!(first.contains("proven on a shadow database: up, down, the same schema as before"), "{first}");
    project.write("spec.sql", "CREATE TABLE t (a INT CHECK (a > 0 AND a < 0) NOT NULL, b);");
    let second = project.ok("migrate generate second");
    assert!(second.contains("proven on a shadow database: up"), "{second}");
    assert!(
        second.contains("Of t it had none: no row could be generated that both schemas accept"),
        "{second}"
    );
    let up = fs::read_to_string(project.path("migrations/V2__second.sql")).unwrap();
    assert!(up.contains("proven on a shadow database.\n-- Of t it had none"), "{up}");
    project
        .write("spec.sql", "CREATE TABLE t (a INT CHECK (a > 0 AND a < 0) NOT NULL, b); CREATE TABLE u (x);");
    project.ok("migrate generate third");
    project.write(
        "spec.sql",
        "CREATE TABLE t (a INT CHECK (a > 0 AND a < 0) NOT NULL, b, c); CREATE TABLE u (x, y);",
    );
    let fourth = project.ok("migrate generate fourth");
    assert!(fourth.contains("proven on a shadow database with rows: up, the same rows"), "{fourth}");
    assert!(fourth.contains("Of t it had none"), "{fourth}");
}

/// A rowid beside as many columns as a table may have is one column more than a query may: SQLite itself rebuilds a table
/// of 2,000 columns with its rows only where one of them is the rowid, or there is none.
#[test]
fn a_table_as_wide_as_can_be_rebuilt_was_too_wide_for_the_proof() {
    for (count, first, end) in [
        (1_999, "c0 INT", ")"),
        (2_000, "c0 INTEGER PRIMARY KEY", ")"),
        (2_000, "c0 INT", ", PRIMARY KEY (c3, c1)) WITHOUT ROWID"),
    ] {
        let columns: Vec<String> = (1..count).map(|n| format!("c{n} INT DEFAULT {n}")).collect();
        let spec = format!("CREATE TABLE wide ({first}, {}{end};", columns.join(", "));
        let project = Project::with_rows(&spec, "INSERT INTO wide (c1) VALUES (1), (2)");
        project.write("spec.sql", &spec.replace("c5 INT", "c5 TEXT"));
        assert!(project.ok("migrate generate second").contains("with rows"));
        project.ok("migrate up");
        project.ok("migrate down");
        assert_eq!(project.value("SELECT sum(c1) FROM wide WHERE typeof(c5) = 'integer'"), "3");
    }
}

/// The whole statement was quoted, with each name twice.
#[test]
fn a_table_of_2000_columns_beside_their_rowid_is_refused_in_a_sentence_and_copied_by_hand() {
    let columns: Vec<String> = (0..2_000).map(|n| format!("c{n} INT DEFAULT {n}")).collect();
    let spec = format!("CREATE TABLE wide ({});", columns.join(", "));
    let project = Project::with_rows(&spec, "INSERT INTO wide (c1) VALUES (1), (2)");
    let goal = spec.replace("c5 INT", "c5 TEXT");
    project.write("spec.sql", &goal);
    let said = project.refused("migrate generate second");
    for part in [
        "wide cannot be rebuilt: its rowid and 2,000 columns are one more than the 2,000 that SQLite copies at once",
        "its rows can be copied without their rowids",
        "`planctl migrate new NAME`",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(said.len() < 500, "{said}");
    let made = goal.replace("TABLE wide", "TABLE new_wide");
    let copied =
        "INSERT INTO new_wide SELECT * FROM wide; DROP TABLE wide; ALTER TABLE new_wide RENAME TO wide;";
    project.write("migrations/V2__second.sql", &format!("{made}\n{copied}"));
    project.ok("migrate up");
    project.ok("audit");
    assert_eq!(project.value("SELECT sum(c1) FROM wide WHERE typeof(c5) = 'text'"), "3");
}

/// What leaves such a table as it is needs no copy of it.
#[test]
fn an_index_on_a_table_of_2000_columns_beside_their_rowid_is_proven() {
    let columns: Vec<String> = (0..2_000).map(|n| format!("c{n} INT DEFAULT {n}")).collect();
    let spec = format!("CREATE TABLE wide ({});", columns.join(", "));
    let project = Project::with_rows(&spec, "INSERT INTO wide (c1) VALUES (1), (2)");
    project.write("spec.sql", &format!("{spec}\nCREATE UNIQUE INDEX one ON wide (c1);"));
    assert!(project.ok("migrate generate second").contains("with rows"));
    project.ok("migrate test");
    project.ok("migrate up");
}
