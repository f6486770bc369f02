//! What generate has proven passes check: a constraint that is new on an old table is no fault of the migration's.

use super::binary::Project;
use super::*;

/// What the spec says before and after, and what `generate` is given besides.
const TIGHTER: &[(&str, &str, &str, &str)] = &[
    (
        "a list of values",
        "CREATE TABLE t (a TEXT, b INT);",
        "CREATE TABLE t (a TEXT CHECK (a IN ('x', 'y')), b INT);",
        "",
    ),
    (
        "many at once",
        "CREATE TABLE t (a TEXT, b INT, c TEXT, d REAL, e TEXT);",
        "CREATE TABLE t (a TEXT NOT NULL DEFAULT 'x' CHECK (a IN ('x', 'y')), b INT CHECK (b BETWEEN 3 AND 9), \
         c TEXT CHECK (length(c) = 12), d REAL NOT NULL DEFAULT 1 CHECK (d > 0), e TEXT CHECK (e LIKE 'k-%'));",
        "",
    ),
    ("two columns", "CREATE TABLE t (a INT, b INT);", "CREATE TABLE t (a INT, b INT, CHECK (a < b));", ""),
    (
        "JSON",
        "CREATE TABLE t (a TEXT);",
        "CREATE TABLE t (a TEXT CHECK (json_valid(a) AND json_type(a) = 'array'));",
        "",
    ),
    (
        "NOT NULL with a default",
        "CREATE TABLE t (a TEXT);",
        "CREATE TABLE t (a TEXT NOT NULL DEFAULT '?');",
        "",
    ),
    (
        "NOT NULL with a fill",
        "CREATE TABLE t (a TEXT, b TEXT);",
        "CREATE TABLE t (a TEXT, b TEXT NOT NULL -- planctl:fill value=coalesce(a,'?')\n);",
        "",
    ),
    (
        "a new column that is computed and checked",
        "CREATE TABLE t (a TEXT NOT NULL);",
        "CREATE TABLE t (a TEXT NOT NULL, n INT NOT NULL CHECK (n > 0) -- planctl:fill value=length(a)+1\n);",
        "",
    ),
    ("UNIQUE", "CREATE TABLE t (a TEXT, b);", "CREATE TABLE t (a TEXT UNIQUE, b);", ""),
    (
        "UNIQUE over two",
        "CREATE TABLE t (a BOOLEAN, b BOOLEAN, c);",
        "CREATE TABLE t (a BOOLEAN, b BOOLEAN, c, UNIQUE (a, b));",
        "",
    ),
    (
        "a unique index",
        "CREATE TABLE t (a BOOLEAN);",
        "CREATE TABLE t (a BOOLEAN); CREATE UNIQUE INDEX i ON t (a);",
        "",
    ),
    (
        "a unique index of some rows",
        "CREATE TABLE t (a BOOLEAN, b INT);",
        "CREATE TABLE t (a BOOLEAN, b INT); CREATE UNIQUE INDEX i ON t (a) WHERE b > 0;",
        "",
    ),
    ("a primary key", "CREATE TABLE t (a TEXT, b);", "CREATE TABLE t (a TEXT PRIMARY KEY, b);", ""),
    (
        "a foreign key",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT, b TEXT); CREATE INDEX i ON t (a);",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT REFERENCES p, b TEXT); CREATE INDEX i ON t (a);",
        "",
    ),
    (
        "a foreign key that must be",
        "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE t (a TEXT NOT NULL, b TEXT);",
        "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE t (a TEXT NOT NULL REFERENCES p, b TEXT); CREATE INDEX i ON t (a);",
        "",
    ),
    (
        "a foreign key to itself",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, up INT);",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, up INT REFERENCES t); CREATE INDEX i ON t (up);",
        "",
    ),
    (
        "foreign keys in a circle",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b INT); CREATE TABLE b (id INTEGER PRIMARY KEY, a INT);",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b INT REFERENCES b); CREATE INDEX i ON a (b); CREATE TABLE b (id INTEGER PRIMARY KEY, a INT REFERENCES a); CREATE INDEX j ON b (a);",
        "",
    ),
    ("STRICT", "CREATE TABLE t (a, b);", "CREATE TABLE t (a INT, b ANY) STRICT;", ""),
    (
        "another type, and STRICT",
        "CREATE TABLE t (a TEXT, b TEXT);",
        "CREATE TABLE t (a INTEGER, b BLOB) STRICT;",
        "",
    ),
    (
        "WITHOUT ROWID",
        "CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b);",
        "CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b) WITHOUT ROWID;",
        "",
    ),
    (
        "a collation under a key",
        "CREATE TABLE t (a TEXT UNIQUE);",
        "CREATE TABLE t (a TEXT COLLATE NOCASE UNIQUE);",
        "",
    ),
    (
        "a column under another name",
        "CREATE TABLE t (a TEXT, b INT);",
        "CREATE TABLE t (\n    -- planctl:renamed-from a\n    state TEXT NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'off')), b INT);",
        "",
    ),
    (
        "a table under another name",
        "CREATE TABLE t (a TEXT, b INT);",
        "-- planctl:renamed-from t\nCREATE TABLE u (a TEXT CHECK (a IN ('x')), b INT);",
        "",
    ),
    (
        "a key that no down can bring back",
        "CREATE TABLE t (a INT, k TEXT NOT NULL UNIQUE);",
        "CREATE TABLE t (a INT);",
        "--allow-destructive",
    ),
];

#[test]
fn a_generated_tightening_passes_the_gate() {
    let mut wrong = Vec::new();
    for (name, before, after, flags) in TIGHTER {
        // STRICT tables came with 3.37.
        for version in [if after.contains("STRICT") { "3.37" } else { "3.35" }, "3.53"] {
            let project = Project::new(before);
            project.ok("migrate generate first");
            project.write("spec.sql", after);
            project.ok(&format!("migrate generate second --sqlite-version {version} {flags}"));
            let up = fs::read_to_string(project.path("migrations/V2__second.sql")).unwrap();
            assert!(!up.contains("it had none"), "{name}: {up}");
            let gate = project.planctl(&format!("check --sqlite-version {version}"));
            if gate.status.code() != Some(0) {
                wrong.push(format!("{name} {version}: {}\n{up}", String::from_utf8_lossy(&gate.stdout)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Migrations that a person might write, and what is wrong with them.
const WRONG: &[(&str, &str, &str)] = &[
    (
        "no row has a value",
        "CREATE TABLE t_new (a TEXT, n INT NOT NULL); INSERT INTO t_new (a) SELECT a FROM t; DROP TABLE t; \
         ALTER TABLE t_new RENAME TO t;",
        "the up fails on generated rows: NOT NULL constraint failed",
    ),
    (
        "a rule that nothing keeps",
        "-- Hazard: stops at all rows\nCREATE TABLE t_new (a TEXT CHECK (a IS NULL AND a IS NOT NULL)); INSERT INTO t_new SELECT a FROM t; DROP TABLE t; \
         ALTER TABLE t_new RENAME TO t;",
        "no row of t could be generated that the schema after it accepts, too",
    ),
    (
        "the values come in the wrong place",
        "CREATE TABLE t_new (a TEXT, b TEXT NOT NULL CHECK (b IN ('x', 'y'))); \
         INSERT INTO t_new SELECT a, a || '!' FROM t; DROP TABLE t; ALTER TABLE t_new RENAME TO t;",
        "the up fails on generated rows",
    ),
    (
        "a rule that is new, and nobody says that it stops anything",
        "CREATE TABLE t_new (a TEXT CHECK (length(a) < 3)); INSERT INTO t_new SELECT a FROM t; DROP TABLE t; \
         ALTER TABLE t_new RENAME TO t;",
        "the up fails on generated rows: CHECK constraint failed",
    ),
];

#[test]
fn a_migration_that_no_row_gets_past_is_still_a_finding() {
    for (name, up, said) in WRONG {
        let project = Project::new("CREATE TABLE t (a TEXT);");
        project.ok("migrate generate first");
        project.write("migrations/V2__wrong.sql", up);
        project.write("migrations/V2__wrong.down.sql", "SELECT 1;");
        let gate = project.planctl("check --format json");
        let report: serde_json::Value = serde_json::from_slice(&gate.stdout).unwrap();
        let trips =
            report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == "round-trip");
        let text: String = trips.map(serde_json::Value::to_string).collect();
        assert!(text.contains(said), "{name}: {text}");
    }
}

/// The check was looked up by its text, from which everything up to the first parenthesis had been cut.
#[test]
fn a_check_is_dropped_by_its_name_whatever_its_condition_begins_with() {
    for condition in ["abs(a) > length(b)", "(a > 0)", "a > 0", "b IN ('x', 'y')"] {
        let schema = |check: &str| {
            schema_of(&SourceFile::new("s.sql", format!("CREATE TABLE t (a INT, b TEXT{check});")))
        };
        let (with, without) = (schema(&format!(", CONSTRAINT k CHECK ({condition})")), schema(""));
        let scripts = generate(&with, &without, NEWEST).unwrap().unwrap();
        let text = up_text("V2__b", &scripts);
        assert!(text.contains("ALTER TABLE t DROP CONSTRAINT k;"), "{condition}: {text}");
    }
}
