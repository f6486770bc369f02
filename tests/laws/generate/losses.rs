//! Nothing is lost that nobody allowed, and no value is made up that nobody gave.

use super::binary::{Project, shell};
use super::*;

/// What is overwritten is lost like what is dropped, also where the schema still has a column of that name.
#[test]
fn a_plain_column_that_becomes_generated_loses_its_values() {
    for version in ["3.35", "3.53"] {
        let project = Project::with_rows(
            "CREATE TABLE t (a INT, b INT);",
            "INSERT INTO t VALUES (1, 5), (2, 7), (3, NULL)",
        );
        project.write("spec.sql", "CREATE TABLE t (a INT, b INT AS (a * 2));");
        let said = project.refused(&format!("migrate generate second --sqlite-version {version}"));
        assert!(said.contains("would overwrite the values of t.b") && said.contains("(2 values)"), "{said}");
        assert_eq!(project.files(), 2);
        let said = project.ok("migrate generate second --allow-destructive");
        assert!(said.contains("Hazard: the 2 values of t.b are lost"), "{said}");
        let down = fs::read_to_string(project.path("migrations/V2__second.down.sql")).unwrap();
        assert!(
            down.contains("-- Cannot bring back the values of t.b, which becomes a generated column."),
            "{down}"
        );
        // The other way round, the plain column keeps what was computed.
        project.ok("migrate up");
        project.ok("migrate down");
        assert_eq!(project.value("SELECT group_concat(b) FROM t"), "2,4,6");
    }
}

/// Types before and after, what the column holds, and how many of it would not come back the same.
pub(super) const CONVERSIONS: &[(&str, &str, &str, u32)] = &[
    ("TEXT", "INTEGER", "('00123'), ('5'), ('x'), (NULL)", 1),
    ("TEXT", "INTEGER", "('5'), ('x'), (NULL)", 0),
    ("TEXT", "REAL", "('1.50'), ('2.5')", 1),
    ("INTEGER", "REAL", "(9007199254740993), (5)", 1),
    ("", "TEXT", "(5), ('5'), (x'35')", 1),
    ("REAL", "TEXT", "(0.5), (1e300)", 0),
    ("INTEGER", "TEXT", "(5), ('x'), (1.5)", 0),
    ("DATETIME", "INTEGER", "('2026-01-01'), (5)", 0),
    ("TEXT", "BLOB", "('00123')", 0),
];

#[test]
fn a_conversion_that_some_value_does_not_survive_is_a_loss_with_a_count() {
    for (old, new, values, lost) in CONVERSIONS {
        let (before, after) = (format!("CREATE TABLE t (v {old});"), format!("CREATE TABLE t (v {new});"));
        let project = Project::with_rows(&before, &format!("INSERT INTO t VALUES {values}"));
        project.write("spec.sql", &after);
        if *lost > 0 {
            let said = project.refused("migrate generate second");
            assert!(said.contains("would lose data") && said.contains("becomes"), "{old} {new}: {said}");
            assert!(said.contains(&format!("({lost} value)")), "{old} {new}: {said}");
            assert_eq!(project.files(), 2);
        }
        project.ok("migrate generate second --allow-destructive");
        let up = fs::read(project.path("migrations/V2__second.sql")).unwrap();
        // Without a database it is written, and said. The file is the same whatever rows there are.
        let other = Project::new(&before);
        other.ok("migrate generate first");
        other.write("spec.sql", &after);
        let said = other.ok("migrate generate second");
        let is_said = said.contains("are changed for good");
        let changes = *new != "BLOB" && *old != "DATETIME";
        assert_eq!(is_said, changes || *new == "BLOB", "{old} {new}: {said}");
        assert_eq!(said.contains("Hazard: t.v changes"), changes, "{old} {new}: {said}");
        assert_eq!(fs::read(other.path("migrations/V2__second.sql")).unwrap(), up, "{old} {new}");
    }
}

/// A default is for rows to come.
#[test]
fn a_null_gets_a_value_only_where_somebody_said_which() {
    for version in ["3.35", "3.53"] {
        let project =
            Project::with_rows("CREATE TABLE t (a INT, b INT);", "INSERT INTO t VALUES (1, NULL), (2, 7)");
        project.write("spec.sql", "CREATE TABLE t (a INT, b INT NOT NULL DEFAULT 9);");
        let said = project.refused(&format!("migrate generate second --sqlite-version {version}"));
        assert!(said.contains("NULL in b") && said.contains("planctl:fill column=b"), "{said}");
        // Made where no row is in the way, it stops where one is.
        project.conn().execute_batch("UPDATE t SET b = 3 WHERE b IS NULL").unwrap();
        let said = project.ok(&format!("migrate generate second --sqlite-version {version}"));
        assert!(said.contains("Hazard: stops at NULL in b"), "{said}");
        project.conn().execute_batch("UPDATE t SET b = NULL WHERE a = 1").unwrap();
        assert!(project.refused("migrate up").contains("NULL"));
        assert_eq!(project.value("SELECT count(*) FROM t WHERE b IS NULL"), "1");
        fs::remove_file(project.path("migrations/V2__second.sql")).unwrap();
        fs::remove_file(project.path("migrations/V2__second.down.sql")).unwrap();
        project.write(
            "spec.sql",
            "CREATE TABLE t (a INT, b INT NOT NULL DEFAULT 9 -- planctl:fill value=a+10\n);",
        );
        project.ok(&format!("migrate generate second --sqlite-version {version}"));
        project.ok("migrate up");
        assert_eq!(project.value("SELECT group_concat(b) FROM t"), "11,7");
    }
}

#[test]
fn a_row_without_an_id_gets_none_that_nobody_gave() {
    let (before, after) =
        ("CREATE TABLE t (a INT PRIMARY KEY, b INT);", "CREATE TABLE t (a INTEGER PRIMARY KEY, b INT);");
    let project = Project::with_rows(before, "INSERT INTO t VALUES (5, 1)");
    project.write("spec.sql", after);
    let said = project.ok("migrate generate second");
    assert!(said.contains("Hazard: stops at NULL in a"), "{said}");
    project.conn().execute_batch("INSERT INTO t VALUES (NULL, 2)").unwrap();
    project.refused("migrate up");
    assert_eq!(project.value("SELECT count(*) FROM t WHERE a IS NULL"), "1");
    project.conn().execute_batch("DELETE FROM t WHERE a IS NULL").unwrap();
    project.ok("migrate up");
    assert_eq!(project.value("SELECT a FROM t"), "5");
    // Where they are there already, they are named; a value that is given is taken.
    let project = Project::with_rows(before, "INSERT INTO t VALUES (5, 1), (NULL, 2)");
    project.write("spec.sql", after);
    assert!(project.refused("migrate generate second").contains("NULL in a"));
    project.write("spec.sql", "CREATE TABLE t (a INTEGER PRIMARY KEY, -- planctl:fill value=b+100\n b INT);");
    project.ok("migrate generate second");
    project.ok("migrate up");
    assert_eq!(project.value("SELECT group_concat(a) FROM t"), "5,102");
}

/// With an empty database at hand, a column without a value would be written as if it were fine everywhere.
#[test]
fn what_is_written_does_not_depend_on_the_rows_at_hand() {
    let refused = [
        "CREATE TABLE t (a INT, b INT NOT NULL);",
        "CREATE TABLE t (a INT, b TEXT PRIMARY KEY) WITHOUT ROWID;",
    ];
    let written = [
        "CREATE TABLE t (a TEXT);",
        "CREATE TABLE t (a INT NOT NULL);",
        "CREATE TABLE t (a INT CHECK (a < 100), b INT NOT NULL DEFAULT 3);",
        "CREATE TABLE t (a INT UNIQUE);",
    ];
    for goal in refused.iter().chain(&written) {
        let mut texts = Vec::new();
        for rows in [None, Some("SELECT 1"), Some("INSERT INTO t VALUES (1), (2), (3)")] {
            let project = match rows {
                Some(rows) => Project::with_rows("CREATE TABLE t (a INT);", rows),
                None => Project::new("CREATE TABLE t (a INT);"),
            };
            if rows.is_none() {
                project.ok("migrate generate first");
            }
            project.write("spec.sql", goal);
            if refused.contains(goal) {
                let said = project.refused("migrate generate second");
                assert!(said.contains("nothing says which value existing rows get in t.b"), "{goal}: {said}");
                assert_eq!(project.files(), 2);
                continue;
            }
            project.ok("migrate generate second");
            let text = |name: &str| fs::read_to_string(project.path(name)).unwrap();
            texts.push([text("migrations/V2__second.sql"), text("migrations/V2__second.down.sql")]);
        }
        assert!(texts.windows(2).all(|pair| pair[0] == pair[1]), "{goal}: {texts:#?}");
    }
}

/// What the files say is said where it can still be thought over.
#[test]
fn hazards_of_both_ways_are_said_when_they_are_written() {
    let project = Project::new("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (a TEXT, n INT);");
    let said = project.ok("migrate generate first");
    for table in ["c", "p"] {
        assert!(said.contains(&format!("Hazard on down: the rows of {table} are lost")), "{said}");
    }
    project.ok("migrate up");
    project.conn().execute_batch("INSERT INTO c VALUES ('x', 1), ('y', NULL)").unwrap();
    project.write("spec.sql", "CREATE TABLE c (a TEXT UNIQUE);");
    let text = project.ok("migrate generate second --allow-destructive --format json");
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let hazards: Vec<String> = report["hazards"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| {
            let text = |key: &str| h[key].as_str().unwrap_or("-").to_owned();
            format!("{} {} {}.{} {}", text("way"), text("hazard"), text("table"), text("column"), h["rows"])
        })
        .collect();
    assert_eq!(
        hazards,
        [
            "up loses-rows p.- 0",
            "up copies c.- 2",
            "up loses-values c.n 1",
            "up stops-at c.- null",
            "down copies c.- null",
        ]
    );
    assert_eq!(
        report["lost"],
        serde_json::json!(["the table p with its rows", "the column c.n with its values"])
    );
    let script = project.ok("schema diff planctl.db spec.sql --sql --allow-destructive --format json");
    let report: serde_json::Value = serde_json::from_str(&script).unwrap();
    assert!(report["hazards"].as_array().unwrap().iter().any(|h| h["hazard"] == "loses-rows"), "{script}");
}

/// A table's name was cut out of a sentence at the first `(` or `:`.
#[test]
fn a_name_is_a_name_whatever_stands_in_it() {
    for name in
        ["ch:ild", "a(b", "it's", "say \"so\"", "a, b", "x.y", "stops at", "a b: c", "[x", "lost;", "li\nne"]
    {
        let child = quote(name);
        let before = format!(
            "CREATE TABLE p (id INTEGER PRIMARY KEY, k TEXT NOT NULL UNIQUE);\nCREATE TABLE {child} (a INT NOT NULL REFERENCES p, b TEXT);\n\
             CREATE VIEW {} AS SELECT b FROM {child};\n",
            quote(&format!("{name} v"))
        );
        let project = Project::new(&before);
        project.ok("migrate generate first");
        project
            .write("spec.sql", &format!("CREATE TABLE {child} (a INT NOT NULL, b TEXT COLLATE NOCASE);\n"));
        project.ok("migrate generate second --allow-destructive");
        let trip = project.planctl("migrate test");
        assert_eq!(trip.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&trip.stdout));
        project.ok("migrate up");
        project.ok("migrate down --to 0");
    }
}

/// What SQLite says holds names as they are, and was taken apart at the first mark that looked like the end of one.
#[test]
fn whatever_stands_in_a_name_sqlites_refusal_is_understood() {
    for name in ["ch:ild", "a(b", "x.y", "q\"\"uote", "it's", "no such column", "a, b"] {
        let n = quote(name);
        let first = format!(
            "CREATE TABLE {n} (id INTEGER PRIMARY KEY, {n} TEXT);\nINSERT INTO {n} VALUES (1, 'a'), (2, 'a'), (3, NULL);\n\
             CREATE VIEW {} AS SELECT * FROM gone;\n",
            quote(&format!("{name} v"))
        );
        let project = Project::new("");
        project.write("migrations/V1__a.sql", &first);
        project.ok("migrate up");
        let told = |second: String, parts: &[String]| {
            project.write("migrations/V2__b.sql", &second);
            let said = project.refused("migrate up");
            parts.iter().for_each(|part| assert!(said.contains(part.as_str()), "{name}: {part}\n{said}"));
        };
        let make = |column: &str| format!("CREATE TABLE t (id INTEGER PRIMARY KEY, {n} TEXT {column});\n");
        told(
            format!("{}INSERT INTO t SELECT * FROM {n} WHERE {n} IS NOT NULL;", make("UNIQUE")),
            &[format!("t({name}): 2 rows share 1 value: 'a' (2 rows)")],
        );
        told(
            format!("{}INSERT INTO t SELECT * FROM {n};", make("NOT NULL")),
            &[
                format!("t: 1 row with NULL in {name}: id 3"),
                format!("coalesce({}, …)", planctl::internals::sql::display_name(name)),
            ],
        );
        told(
            format!("UPDATE {n} SET {n} = NULL, {} = 1;", quote(&format!("{name}e"))),
            &[format!("did you mean `{name}`?")],
        );
        told(format!("DELETE FROM {};", quote(&format!("{name}e"))), &[format!("did you mean `{name}`?")]);
        told(
            format!(
                "PRAGMA foreign_keys = ON;\nCREATE TABLE t (a REFERENCES {n});\nINSERT INTO t VALUES (4);"
            ),
            &[format!("t(a): 1 row has no parent in {name}")],
        );
        fs::remove_file(project.path("migrations/V2__b.sql")).unwrap();

        // SQLite renames nothing beside a view that does not compile, and names that view.
        let now = quote(&format!("{name} now"));
        project.write(
            "spec.sql",
            &format!(
                "-- planctl:renamed-from {n}\nCREATE TABLE {now} (id INTEGER PRIMARY KEY, {n} TEXT);\n\
                 CREATE VIEW {} AS SELECT * FROM gone;\n",
                quote(&format!("{name} v"))
            ),
        );
        project.ok("migrate generate b");
        project.ok("migrate test");
        let script = project.ok("migrate up --sql --from 1");
        assert!(shell(&project.path("planctl.db"), "", &script).unwrap_or(true), "{name}: {script}");
    }
}
