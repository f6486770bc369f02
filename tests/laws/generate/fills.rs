//! Values that rows get on the way: nothing of the application's takes part in it, whatever the rows are.

use super::binary::Project;
use super::*;

const TABLES: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, touched TEXT);
CREATE TABLE log (what TEXT);
";

const ROWS: &str = "INSERT INTO t VALUES (1, 'open', 'x', '2020'), (2, NULL, 'paid in full', '2021'), (3, NULL, NULL, '2022');";

/// Triggers on `t`, and whether an UPDATE of `a`, and one of a column that is new, could fire them.
const TRIGGERS: &[(&str, bool, bool)] = &[
    (
        "AFTER UPDATE ON t WHEN new.b = 'paid in full' BEGIN UPDATE t SET touched = 'now' WHERE id = new.id; INSERT INTO log VALUES ('u'); END",
        true,
        true,
    ),
    ("AFTER UPDATE ON t BEGIN UPDATE t SET touched = 'now'; END", true, true),
    ("BEFORE UPDATE ON t WHEN old.touched > '2020' BEGIN DELETE FROM t WHERE id = 1; END", true, true),
    ("BEFORE UPDATE ON t WHEN new.b = 'paid in full' BEGIN SELECT RAISE(IGNORE); END", true, true),
    ("BEFORE UPDATE ON t WHEN new.b = 'paid in full' BEGIN SELECT RAISE(ABORT, 'paid'); END", true, true),
    (
        "AFTER UPDATE OF b, a ON t WHEN new.touched = '2021' BEGIN INSERT INTO log VALUES ('of'); END",
        true,
        false,
    ),
    ("AFTER UPDATE OF b ON t BEGIN INSERT INTO log VALUES ('other'); END", false, false),
    ("AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.id); END", false, false),
    ("AFTER DELETE ON t BEGIN INSERT INTO log VALUES (old.id); END", false, false),
];

/// What of [`TABLES`] becomes what; whether it is in place, with which version of SQLite.
const CHANGES: &[(&str, &str, &str, bool)] = &[
    ("touched TEXT", "touched TEXT, d TEXT -- planctl:fill value=upper(b)\n", "3.35.0", true),
    ("a TEXT", "a TEXT NOT NULL -- planctl:fill value='none'\n", "3.53.0", true),
    ("a TEXT", "a TEXT NOT NULL -- planctl:fill value='none'\n", "3.35.0", false),
    (
        "touched TEXT",
        "touched TEXT, d TEXT NOT NULL -- planctl:fill value=coalesce(b,'?')\n",
        "3.53.0",
        false,
    ),
];

/// The rows in what no fill is about, what was written elsewhere, and the triggers.
fn untouched(project: &Project) -> String {
    project.value(
        "SELECT (SELECT group_concat(quote(id) || coalesce(a, 'none') || quote(b) || touched, x'0A') FROM t)
             || (SELECT coalesce(group_concat(what), '') FROM log)
             || (SELECT coalesce(group_concat(name || sql), '') FROM sqlite_schema WHERE type = 'trigger')",
    )
}

#[test]
fn a_fill_fired_triggers_on_rows_such_as_the_proof_had_none_of() {
    for (trigger, fires_for_a, fires_for_new) in TRIGGERS {
        for (before, after, sqlite, in_place) in CHANGES {
            let trigger = format!("CREATE TRIGGER g {trigger};\n");
            let project = Project::with_rows(&format!("{TABLES}{trigger}"), ROWS);
            let was = untouched(&project);
            project.write("spec.sql", &format!("{}{trigger}", TABLES.replacen(before, after, 1)));
            let what = format!("{trigger}{after}");
            project.ok(&format!("migrate generate second --sqlite-version {sqlite}"));
            let up = fs::read_to_string(project.path("migrations/V2__second.sql")).unwrap();
            let fires = if *before == "a TEXT" { fires_for_a } else { fires_for_new };
            assert_eq!(up.contains("DROP TRIGGER"), *in_place && *fires, "{what}: {up}");
            assert_eq!(up.contains("DROP TABLE"), !in_place, "{what}: {up}");
            project.ok("migrate up");
            assert_eq!(untouched(&project), was, "{what}: {up}");
            let unfilled = if after.contains("upper") {
                "upper(b) IS NOT d"
            } else if after.contains("coalesce") {
                "coalesce(b, '?') IS NOT d"
            } else {
                "a IS NULL"
            };
            assert_eq!(
                project.value(&format!("SELECT count(*) FROM t WHERE {unfilled}")),
                "0",
                "{what}: {up}"
            );
            project.ok("audit");
            project.ok("migrate down --allow-destructive");
            assert_eq!(untouched(&project), was, "{what}: down");
        }
    }
}

#[test]
fn a_fill_was_passed_on_by_a_foreign_key_and_fired_the_triggers_of_another_table() {
    let spec =
        "CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT, g TEXT AS (coalesce(a, '-') || id) STORED UNIQUE);
CREATE TABLE c (x INT, of TEXT REFERENCES p (g) ON UPDATE CASCADE, n INT);
CREATE TABLE log (what TEXT);
CREATE TRIGGER r AFTER UPDATE OF of ON c WHEN new.x = 4711 BEGIN INSERT INTO log VALUES ('c'); END;
CREATE TRIGGER n AFTER UPDATE OF n ON c WHEN new.x = 4711 BEGIN INSERT INTO log VALUES ('n'); END;
";
    let project = Project::new(spec);
    project.ok("migrate generate first");
    project.write("spec.sql", &spec.replacen("a TEXT", "a TEXT NOT NULL -- planctl:fill value='q'\n", 1));
    project.ok("migrate generate second --sqlite-version 3.53.0 --target d1");
    let up = fs::read_to_string(project.path("migrations/V2__second.sql")).unwrap();
    assert!(up.contains("DROP TRIGGER r;") && !up.contains("DROP TRIGGER n;"), "{up}");
}

#[test]
fn a_fill_deleted_rows_where_a_constraint_replaces_and_skipped_them_where_it_ignores() {
    let made = |a: &str, d: &str| {
        format!(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT{a}, b TEXT{d}\n, UNIQUE (a) ON CONFLICT REPLACE);"
        )
    };
    for (a, d) in [
        (" NOT NULL -- planctl:fill value='none'\n", ""),
        ("", ", d TEXT NOT NULL ON CONFLICT IGNORE DEFAULT 'new' -- planctl:fill value=upper(b)"),
    ] {
        let project = Project::new(&made("", ""));
        project.ok("migrate generate first");
        project.write("spec.sql", &made(a, d));
        project.ok("migrate generate second --sqlite-version 3.53.0");
        project.ok("migrate up --to 1");
        let rows = "INSERT INTO t VALUES (1, NULL, NULL), (2, NULL, NULL), (3, 'x', 'y')";
        project.conn().execute_batch(rows).unwrap();
        let error = project.refused("migrate up");
        assert!(error.contains("constraint failed"), "{error}");
        assert_eq!(project.value("SELECT count(*) FROM t"), "3");
    }
}

#[test]
fn rows_that_a_fill_does_not_fit_need_another_fill() {
    for (column, wrong, right) in [
        ("n INTEGER", "a||'1'", "length(a)"),
        ("n INTEGER NOT NULL", "length(nullif(a,'x'))", "length(a)"),
        ("n INTEGER CHECK (n > 1)", "length(a)", "length(a)+1"),
    ] {
        let spec =
            |fill: &str| format!("CREATE TABLE t (a TEXT, {column} -- planctl:fill value={fill}\n) STRICT;");
        let project =
            Project::with_rows("CREATE TABLE t (a TEXT) STRICT;", "INSERT INTO t VALUES ('x'), ('yz')");
        project.write("spec.sql", &spec(wrong));
        let error = project.refused("migrate generate second");
        let help = "or let the fill of n say a value that fits them, too";
        assert!(error.contains("1 row in the way") || error.contains("2 rows in the way"), "{error}");
        assert!(error.contains(help), "{column}: {error}");
        project.write("spec.sql", &spec(right));
        project.ok("migrate generate second");
        project.ok("migrate up");
        assert_eq!(project.value("SELECT count(*) FROM t"), "2");
    }
}
