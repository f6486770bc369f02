//! The ledger and the baseline, through the binary.
//!
//! Laws: an entry excuses exactly what it states; what a run drafts, the next run refuses until it has a reason, and
//! then accepts; a baseline never grows by itself.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Run, folder, planctl};

struct Project {
    dir: TempDir,
}

impl Project {
    fn new(spec: &str, live: &str, ledger: &str) -> Project {
        let project = Project { dir: folder(&[("spec.sql", spec), ("deviations.toml", ledger)]) };
        project.live(live);
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Makes the database anew.
    fn live(&self, sql: &str) {
        let path = self.path("planctl.db");
        if path.exists() {
            fs::remove_file(&path).unwrap();
        }
        rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Exit status, JSON document and messages of `audit`.
    fn audit(&self, args: &[&str]) -> (i32, Value, String) {
        let run = Run::of(
            planctl(self.dir.path(), &["audit", "--spec", "spec.sql", "--format", "json"]).args(args),
        );
        (run.status, run.document(), run.stderr)
    }
}

fn rules(document: &Value) -> Vec<&str> {
    document["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

const SPEC: &str = "CREATE TABLE a(x TEXT, y TEXT CHECK (y <> x));
    CREATE TABLE b(x TEXT REFERENCES a(x));
    CREATE INDEX i ON a(x);
    CREATE VIEW v AS SELECT a.x, b.x AS other FROM a JOIN b ON b.x = a.x;
    CREATE TRIGGER r AFTER INSERT ON a BEGIN UPDATE b SET x = new.y; END;";

fn rename(table: &str, column: Option<&str>, live: &str) -> String {
    let column = column.map_or(String::new(), |column| format!("column = \"{column}\"\n"));
    format!("[[rename]]\ntable = \"{table}\"\n{column}live = \"{live}\"\nreason = \"meant\"\n")
}

#[test]
fn swapped_names_are_carried_into_keys_checks_indexes_views_and_triggers() {
    let live = "CREATE TABLE b(y TEXT, x TEXT CHECK (x <> y));
        CREATE TABLE a(x TEXT REFERENCES b(y));
        CREATE INDEX i ON b(y);
        CREATE VIEW v AS SELECT b.y, a.x AS other FROM b JOIN a ON a.x = b.y;
        CREATE TRIGGER r AFTER INSERT ON b BEGIN UPDATE a SET x = new.x; END;";
    let ledger = [
        rename("a", None, "b"),
        rename("b", None, "a"),
        rename("a", Some("x"), "y"),
        rename("a", Some("y"), "x"),
    ];
    let project = Project::new(SPEC, live, &ledger.concat());
    let (status, document, _) = project.audit(&[]);
    assert_eq!((status, rules(&document)), (0, vec![]), "{document:#}");
    let (status, document, _) = project.audit(&["--strict"]);
    assert_eq!(status, 1);
    assert_eq!(
        rules(&document),
        ["missing-table", "missing-column", "missing-column", "missing-table"],
        "with --strict each rename counts once"
    );
}

#[test]
fn a_rename_that_the_database_does_not_follow_any_more_is_stale() {
    let project = Project::new(SPEC, SPEC, &rename("a", None, "old_a"));
    let (status, document, _) = project.audit(&[]);
    assert_eq!((status, rules(&document)), (1, vec!["stale-deviation"]));
    assert_eq!(document["summary"]["stale_deviations"], 1);
}

#[test]
fn an_entry_about_what_does_not_exist_is_refused_with_its_line() {
    for (ledger, line, message) in [
        (rename("aa", None, "c"), 1, "the spec has no table `aa`"),
        (rename("a", Some("z"), "c"), 1, "the spec's table a has no column `z`"),
        (
            "\n[[deviation]]\nrule = \"extra-tabel\"\nreason = \"x\"\n".to_owned(),
            3,
            "there is no rule `extra-tabel`",
        ),
        (
            "[[deviation]]\nrule = \"extra-table\"\ntable = \"c\"\nreason = \"\"\n".to_owned(),
            1,
            "an empty reason",
        ),
        (rename("a", None, "b"), 1, "already another table"),
    ] {
        let project = Project::new(SPEC, SPEC, &ledger);
        let renamed = ledger.contains("live = \"b\"");
        if renamed {
            project.live("CREATE TABLE b(x)");
        }
        let (status, document, stderr) = project.audit(&[]);
        assert_eq!((status, document["outcome"].as_str()), (2, Some("trouble")), "{ledger}");
        assert_eq!(document["error"]["location"]["line"], line, "{stderr}");
        assert!(stderr.contains(message) && stderr.contains("deviations.toml"), "{message}: {stderr}");
    }
}

/// Any text could stand there, and excused nothing.
#[test]
fn a_rule_of_known_drift_that_does_not_exist_is_refused_with_its_line() {
    let project = Project::new(SPEC, "CREATE TABLE c(x)", "");
    let known = project.path("known.toml");
    let known = known.to_str().unwrap();
    assert_eq!(project.audit(&["--write-baseline", known]).0, 0);
    assert_eq!(project.audit(&["--baseline", known]).0, 0);
    let text = fs::read_to_string(known).unwrap();
    fs::write(known, text.replace("extra-table", "extra-tabel")).unwrap();
    let (status, document, stderr) = project.audit(&["--baseline", known]);
    assert_eq!((status, document["error"]["location"]["column"].as_u64()), (2, Some(8)), "{stderr}");
    assert!(stderr.contains("there is no rule `extra-tabel`") && stderr.contains("did you mean"), "{stderr}");
}

#[test]
fn what_a_run_drafts_is_refused_until_it_has_a_reason_and_then_accepted() {
    let live = "CREATE TABLE a(x TEXT DEFAULT 'q\"''\\', y TEXT CHECK (y <> x)); CREATE TABLE extra(z);
        CREATE TABLE b(x TEXT REFERENCES a(x) ON DELETE CASCADE);
        CREATE VIEW v AS SELECT a.x, b.x AS other FROM a JOIN b ON b.x = a.x;
        CREATE TRIGGER r AFTER INSERT ON a BEGIN UPDATE b SET x = new.y || '
'; END; PRAGMA user_version = 3;";
    let project = Project::new(&format!("{SPEC} PRAGMA user_version = 4;"), live, "# ours\n");
    let (status, document, _) = project.audit(&["--write-deviations"]);
    let found = rules(&document).len();
    assert_eq!((status, found), (1, 6), "{document:#}");
    assert!(project.text("deviations.toml").starts_with("# ours\n"), "what was there stays");

    let (status, _, stderr) = project.audit(&[]);
    assert!(status == 2 && stderr.contains("an empty reason"), "{stderr}");

    let with_reasons = project.text("deviations.toml").replace("reason = \"\"", "reason = \"meant\"");
    fs::write(project.path("deviations.toml"), with_reasons).unwrap();
    let (status, document, _) = project.audit(&[]);
    assert_eq!((status, document["summary"]["documented"].as_u64()), (0, Some(found as u64)), "{document:#}");

    let (status, _, _) = project.audit(&["--write-deviations"]);
    assert_eq!(status, 0);
    assert_eq!(
        project.text("deviations.toml").matches("[[deviation]]").count(),
        found,
        "nothing is added twice"
    );

    // The difference becomes another one: it is drift again, and its entry is stale.
    project.live(&live.replace("ON DELETE CASCADE", "ON DELETE SET NULL"));
    let (status, document, _) = project.audit(&[]);
    let open: Vec<&str> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["deviation"].is_null())
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert_eq!((status, open), (1, vec!["foreign-key-action", "stale-deviation"]));
}

#[test]
fn an_entry_that_has_expired_excuses_nothing() {
    let entry = |expires: &str| {
        format!(
            "[[deviation]]\nrule = \"extra-table\"\ntable = \"extra\"\nactual = \"extra (z)\"\nreason = \"until then\"\nexpires = {expires}\n"
        )
    };
    let project = Project::new(SPEC, &format!("{SPEC} CREATE TABLE extra(z);"), &entry("2999-12-31"));
    assert_eq!(project.audit(&[]).0, 0);
    fs::write(project.path("deviations.toml"), entry("2020-01-31")).unwrap();
    let (status, document, _) = project.audit(&[]);
    assert_eq!((status, rules(&document)), (1, vec!["extra-table", "expired-deviation"]));
}

#[test]
fn a_baseline_lets_the_old_pass_fails_on_the_new_and_only_shrinks() {
    let two = format!("{SPEC} CREATE TABLE extra(z); CREATE TABLE other(z);");
    let project = Project::new(SPEC, &two, "");
    let (status, document, _) = project.audit(&["--write-baseline", "base.toml"]);
    assert_eq!((status, document["summary"]["baseline"].as_u64()), (0, Some(2)), "{document:#}");
    let recorded = project.text("base.toml");
    assert_eq!(recorded.matches("[[finding]]").count(), 2);

    assert_eq!(project.audit(&[]).0, 1, "without the baseline they count");
    let (status, document, _) = project.audit(&["--baseline", "base.toml"]);
    assert_eq!((status, document["summary"]["errors"].as_u64()), (0, Some(0)));

    // One more: only that one counts, and writing again does not take it in.
    project.live(&format!("{two} CREATE TABLE third(z);"));
    let (status, document, _) = project.audit(&["--baseline", "base.toml"]);
    let summary = &document["summary"];
    assert_eq!((status, summary["errors"].as_u64(), summary["baseline"].as_u64()), (1, Some(1), Some(2)));
    let (status, document, _) = project.audit(&["--write-baseline", "base.toml"]);
    assert_eq!(status, 1);
    assert!(document["notes"][0].as_str().unwrap().contains("--accept-new"), "{document:#}");
    assert_eq!(project.text("base.toml"), recorded, "the file is the same, byte for byte");
    assert_eq!(project.audit(&["--write-baseline", "base.toml", "--accept-new"]).0, 0);
    assert_eq!(project.text("base.toml").matches("[[finding]]").count(), 3);

    // Mended: the entry is told, and goes with the next writing.
    project.live(SPEC);
    let (status, document, _) = project.audit(&["--baseline", "base.toml"]);
    assert_eq!(status, 0);
    assert!(document["notes"][0].as_str().unwrap().contains("3 entries no longer match"), "{document:#}");
    assert_eq!(project.audit(&["--write-baseline", "base.toml"]).0, 0);
    assert_eq!(project.text("base.toml").matches("[[finding]]").count(), 0);
    assert_eq!(project.audit(&["--baseline", "base.toml"]).0, 0);
}

/// An audit without `--data` said that they had been fixed, and wrote the file without them.
#[test]
fn known_drift_of_rows_stays_while_nobody_looks_at_rows() {
    let spec = "CREATE TABLE a(x TEXT NOT NULL CHECK (x <> ''));";
    let live = "CREATE TABLE a(x TEXT NOT NULL CHECK (x <> '')); CREATE TABLE extra(z);
        PRAGMA ignore_check_constraints = ON; INSERT INTO a VALUES ('')";
    let project = Project::new(spec, live, "");
    assert_eq!(project.audit(&["--data", "--write-baseline", "base.toml"]).0, 0);
    let recorded = project.text("base.toml");
    assert_eq!((recorded.matches("value-check").count(), recorded.matches("extra-table").count()), (1, 1));
    for command in [&["--baseline", "base.toml"][..], &["--write-baseline", "base.toml"]] {
        let (status, document, _) = project.audit(command);
        assert_eq!(status, 0, "{document:#}");
        assert!(!document["notes"].to_string().contains("no longer"), "{document:#}");
    }
    assert_eq!(project.text("base.toml"), recorded);
    let (_, document, _) = project.audit(&["--baseline", "base.toml"]);
    assert_eq!(
        document["notes"][0], "base.toml: 1 entry is about rows; add --data to check it",
        "{document:#}"
    );
    // What is added beside them, and what is fixed.
    project.live(&live.replace("CREATE TABLE extra(z)", "CREATE TABLE other(z)"));
    assert_eq!(project.audit(&["--write-baseline", "base.toml", "--accept-new"]).0, 0);
    let (status, document, _) = project.audit(&["--data", "--baseline", "base.toml"]);
    assert_eq!((status, document["summary"]["baseline"].as_u64()), (0, Some(2)), "{document:#}");
    project.live(spec);
    let (_, document, _) = project.audit(&["--data", "--baseline", "base.toml"]);
    assert!(document["notes"][0].as_str().unwrap().contains("2 entries no longer match"), "{document:#}");
    assert_eq!(project.audit(&["--data", "--write-baseline", "base.toml"]).0, 0);
    assert_eq!(project.text("base.toml").matches("[[finding]]").count(), 0);
}

/// `audit` asked for the entry, and `check` for its removal.
#[test]
fn what_only_a_database_has_is_known_drift_and_no_deviation() {
    let whole = "CREATE TABLE a(x TEXT); CREATE INDEX i ON a(x);";
    let entry = "[[deviation]]\nrule = \"missing-index\"\ntable = \"a\"\nname = \"i\"\nexpected = \"(x)\"\nreason = \"meant\"\n";
    let project = Project::new(whole, "CREATE TABLE a(x TEXT)", entry);
    fs::create_dir(project.path("migrations")).unwrap();
    fs::write(project.path("migrations/V1__a.sql"), whole).unwrap();
    assert_eq!(project.audit(&[]).0, 0);
    let (_, document, _) = project.audit(&["--scratch"]);
    let message = document["findings"][0]["message"].as_str().unwrap();
    assert!(message.ends_with("known drift (`planctl audit --write-baseline FILE`)"), "{document:#}");
    fs::write(project.path("deviations.toml"), "").unwrap();
    assert_eq!(project.audit(&["--write-baseline", "base.toml"]).0, 0);
    assert_eq!(project.audit(&["--baseline", "base.toml"]).0, 0);
    assert_eq!(project.audit(&["--scratch"]).0, 0);
}

#[test]
fn every_format_counts_the_baseline_apart_from_the_ledger() {
    let ledger = "[[deviation]]\nrule = \"extra-table\"\ntable = \"extra\"\nactual = \"extra (z)\"\nreason = \"meant\"\n";
    let live = format!("{SPEC} CREATE TABLE extra(z); CREATE TABLE other(z);");
    let project = Project::new(SPEC, &live, ledger);
    assert_eq!(project.audit(&["--write-baseline", "base.toml"]).0, 0);
    for format in ["table", "markdown", "github", "html"] {
        let args = ["audit", "--spec", "spec.sql", "--baseline", "base.toml", "--format", format];
        let run = Run::of(&mut planctl(project.dir.path(), &args));
        assert_eq!(run.status, 0, "{format}");
        assert!(run.stdout.contains("1 deviation, 1 known"), "{format}: {}", run.stdout);
    }
}

/// An entry of the ledger, with its sides as TOML literal strings.
fn deviation(rule: &str, [table, name]: [&str; 2], expected: &str, actual: Option<&str>) -> String {
    let actual = actual.map_or(String::new(), |actual| format!("actual = '''{actual}'''\n"));
    format!(
        "[[deviation]]\nrule = \"{rule}\"\ntable = \"{table}\"\nname = \"{name}\"\nexpected = '''{expected}'''\n{actual}reason = \"meant\"\n"
    )
}

#[test]
fn an_entry_quotes_the_spec_as_it_is_written_also_where_a_rename_changes_it() {
    let spec =
        "CREATE TABLE a (x TEXT, y TEXT, n INT CHECK (n > length(x)), g AS (x || y), z, UNIQUE (x, y));
        CREATE TABLE b (k INTEGER PRIMARY KEY, x TEXT REFERENCES a (x), q TEXT CHECK (q <> x));
        CREATE INDEX i ON a (x) WHERE y > x;
        CREATE INDEX moved ON a (x);
        CREATE VIEW v AS SELECT a.x FROM a;
        CREATE TRIGGER r AFTER UPDATE OF x ON a BEGIN UPDATE b SET x = new.x; END;
        CREATE TRIGGER gone AFTER INSERT ON a BEGIN DELETE FROM b WHERE x = new.x; END;";
    let live = "CREATE TABLE live (y TEXT, name TEXT, n INT, g AS (name));
        CREATE TABLE b (k INTEGER PRIMARY KEY, x TEXT, q TEXT);
        CREATE INDEX i ON live (name);
        CREATE INDEX moved ON b (x);
        CREATE VIEW v AS SELECT 1 AS name;
        CREATE TRIGGER r AFTER UPDATE ON live BEGIN SELECT 1; END;
        INSERT INTO b VALUES (1, 'orphan', 'q');";
    let renames = rename("a", None, "live") + &rename("a", Some("x"), "name");
    let entries = |[a, x, in_a, in_x]: [&str; 4]| {
        let of =
            |text: &str| text.replace("{a}", a).replace("{A}", in_a).replace("{x}", x).replace("{X}", in_x);
        let entry = |rule: &str, [table, name]: [&str; 2], expected: &str, actual: Option<&str>| {
            deviation(rule, [table, name], &of(expected), actual)
        };
        [
            entry("missing-column", ["a", "z"], "z", None),
            entry("column-generated", ["a", "g"], "({X} || y) VIRTUAL", Some("(name) VIRTUAL")),
            entry("column-order", ["a", "a"], "{x}, y, n, g", Some("y, name, n, g")),
            entry("missing-unique", ["a", "x, y"], "UNIQUE ({x}, y)", None),
            entry("missing-check", ["a", "n, x"], "n > length({X})", None),
            entry("missing-check", ["b", "q, x"], "q <> x", None),
            entry("missing-foreign-key", ["b", "x"], "FOREIGN KEY (x) REFERENCES {a} ({x})", None),
            entry("index-definition", ["a", "i"], "({x}) WHERE y > {X}", Some("(name)")),
            entry("index-definition", ["a", "moved"], "ON {a} ({x})", Some("ON b (x)")),
            entry("view-definition", ["v", "v"], "SELECT {A}.{X} FROM {A}", Some("SELECT 1 AS name")),
            entry(
                "trigger-definition",
                ["a", "r"],
                "AFTER UPDATE OF {x} ON {a} BEGIN UPDATE b SET x = new.{X}; END",
                Some("AFTER UPDATE ON live BEGIN SELECT 1; END"),
            ),
            entry(
                "missing-trigger",
                ["a", "gone"],
                "AFTER INSERT ON {a} BEGIN DELETE FROM b WHERE x = new.{X}; END",
                None,
            ),
            entry("value-foreign-key", ["b", "x"], "FOREIGN KEY (x) REFERENCES {a} ({x})", None),
        ]
        .concat()
    };
    // In the spec's names, and in the database's as SQLite carries them.
    for names in [["a", "x", "a", "x"], ["live", "name", "\"live\"", "\"name\""]] {
        let project = Project::new(spec, live, &(renames.clone() + &entries(names)));
        let (status, document, _) = project.audit(&["--data"]);
        assert_eq!((status, document["summary"]["documented"].as_u64()), (0, Some(13)), "{document:#}");
    }
    // In neither, an entry that names a.x excuses nothing.
    let project = Project::new(spec, live, &(renames.clone() + &entries(["a", "other", "a", "other"])));
    let (_, document, _) = project.audit(&["--data"]);
    let stale = rules(&document).iter().filter(|rule| **rule == "stale-deviation").count();
    assert_eq!((document["summary"]["documented"].as_u64(), stale), (Some(2), 11), "{document:#}");
}

#[test]
fn an_entry_about_conflict_clauses_and_keys_that_are_new_is_held_against_renamed_names() {
    let spec = "CREATE TABLE a (x TEXT NOT NULL, y TEXT, z TEXT, w INT, PRIMARY KEY (x, y), UNIQUE (x, z));
        CREATE TABLE c (k INTEGER PRIMARY KEY, x TEXT UNIQUE, p TEXT);
        CREATE TABLE o (x TEXT, y TEXT, UNIQUE (x) ON CONFLICT FAIL, UNIQUE (y, x) ON CONFLICT IGNORE);";
    let live = "CREATE TABLE live (name TEXT NOT NULL ON CONFLICT IGNORE, y TEXT, z TEXT, w INT,
            PRIMARY KEY (name, y) ON CONFLICT REPLACE, UNIQUE (name, z) ON CONFLICT FAIL, UNIQUE (name, w));
        CREATE TABLE c (k INTEGER PRIMARY KEY, name TEXT UNIQUE ON CONFLICT ROLLBACK, p TEXT UNIQUE);
        CREATE TABLE o (name TEXT, y TEXT, UNIQUE (y, name) ON CONFLICT IGNORE, UNIQUE (name) ON CONFLICT FAIL);";
    let renames =
        rename("a", None, "live") + &["a", "c", "o"].map(|table| rename(table, Some("x"), "name")).concat();
    let clause = |[table, name]: [&str; 2], what: &str, now: &str| {
        let [expected, actual] = ["ABORT", now].map(|action| format!("{what} ON CONFLICT {action}"));
        deviation("conflict-clause", [table, name], &expected, Some(&actual))
    };
    let extra = |table: &str, name: &str, actual: &str| {
        format!(
            "[[deviation]]\nrule = \"extra-unique\"\ntable = \"{table}\"\nname = \"{name}\"\nactual = \"{actual}\"\nreason = \"meant\"\n"
        )
    };
    for name in ["x", "name"] {
        let entries = [
            clause(["a", "a"], "PRIMARY KEY", "REPLACE"),
            clause(["a", "x"], "NOT NULL", "IGNORE"),
            clause(["a", "x, z"], "UNIQUE", "FAIL"),
            clause(["c", "x"], "UNIQUE", "ROLLBACK"),
            extra("a", "x, w", "UNIQUE (name, w)"),
            extra("c", "p", "UNIQUE (p)"),
            deviation(
                "conflict-clause",
                ["o", "x"],
                &format!("UNIQUE ({name}) ON CONFLICT FAIL before UNIQUE (y, {name}) ON CONFLICT IGNORE"),
                Some("UNIQUE (y, name) ON CONFLICT IGNORE before UNIQUE (name) ON CONFLICT FAIL"),
            ),
        ];
        let project = Project::new(spec, live, &(renames.clone() + &entries.concat()));
        let (status, document, _) = project.audit(&[]);
        assert_eq!((status, document["summary"]["documented"].as_u64()), (0, Some(7)), "{document:#}");
    }
}

#[test]
fn a_view_that_does_not_compile_is_a_finding_and_keeps_no_rename_from_being_done() {
    let schema = |users: &str, orders: &str| {
        format!(
            "CREATE TABLE {users} (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE {orders} (id INTEGER PRIMARY KEY); \
             CREATE VIEW bad AS SELECT gone FROM nowhere; CREATE VIEW good AS SELECT name FROM {users}; \
             CREATE TRIGGER ib INSTEAD OF INSERT ON bad BEGIN SELECT 1; END; \
             CREATE TRIGGER tr AFTER UPDATE OF name ON {users} BEGIN INSERT INTO missing VALUES (1); END;"
        )
    };
    let rename = |table: &str, live: &str| {
        format!("[[rename]]\ntable = \"{table}\"\nlive = \"{live}\"\nreason = \"older\"\n")
    };
    // One name, and two that are swapped.
    for (live, ledger) in [
        (schema("members", "orders"), rename("users", "members")),
        (schema("orders", "users"), rename("users", "orders") + &rename("orders", "users")),
    ] {
        let project = Project::new(&schema("users", "orders"), &live, &ledger);
        let (status, document, messages) = project.audit(&[]);
        assert_eq!(status, 1, "{messages}");
        assert_eq!(rules(&document), ["broken-view", "broken-trigger"], "{document}");
    }
}

/// It was told as another definition, too, for SQLite renames nothing in what it cannot compile.
#[test]
fn a_broken_view_or_trigger_that_names_a_renamed_table_is_one_finding() {
    let with = |table: &str, column: &str| {
        format!(
            "CREATE TABLE {table}(id INTEGER PRIMARY KEY, {column} TEXT);
             CREATE VIEW v AS SELECT t.nope, {column} FROM {table} t;
             CREATE TRIGGER r AFTER INSERT ON {table} BEGIN SELECT nope, {column} FROM {table}; END;"
        )
    };
    let ledger = rename("a", None, "live_a") + &rename("a", Some("x"), "live_x");
    let project = Project::new(&with("a", "x"), &with("live_a", "live_x"), &ledger);
    let (status, document, _) = project.audit(&[]);
    assert_eq!((status, rules(&document)), (1, vec!["broken-trigger", "broken-view"]), "{document:#}");
    for finding in document["findings"].as_array().unwrap() {
        let said = |side: &str| finding[side].as_str().unwrap().to_owned();
        assert!(
            said("expected").contains("no such column") && said("expected") == said("actual"),
            "{finding:#}"
        );
    }
    // Another definition is one all the same.
    project.live(&with("live_a", "live_x").replace("t.nope", "t.nope, 1"));
    assert_eq!(rules(&project.audit(&[]).1), ["broken-trigger", "view-definition", "broken-view"]);
}

/// What a table shows in words for people is no part of what a difference is: files that were written before keep matching.
#[test]
fn known_drift_and_deviations_say_what_the_database_has_whatever_a_table_makes_of_it() {
    let spec = "CREATE TABLE t (a TEXT NOT NULL, b TEXT);";
    let known = "[[finding]]\ntable = \"t\"\nrule = \"column-nullability\"\nkind = \"column\"\nname = \"a\"\n\
                 expected = \"NOT NULL\"\nactual = \"NULL\"\n\n[[finding]]\ntable = \"t\"\nrule = \"missing-column\"\n\
                 kind = \"column\"\nname = \"b\"\nexpected = \"b TEXT\"\n";
    let ledger =
        known.replace("[[finding]]", "[[deviation]]").replace("kind = \"column\"\n", "reason = \"r\"\n");
    let project = Project::new(spec, "CREATE TABLE t (a TEXT)", "");
    let table = |args: &[&str]| {
        let args = [&["audit", "--spec", "spec.sql"], args].concat();
        let output = planctl(project.dir.path(), &args).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (status, shown) = table(&[]);
    assert!(status == Some(1) && shown.contains("spec NOT NULL, database nullable"), "{shown}");
    assert!(shown.contains("missing-column b: TEXT"), "{shown}");
    table(&["--write-baseline", "written.toml"]);
    assert!(
        project.text("written.toml").ends_with(&format!("\n{known}")),
        "{}",
        project.text("written.toml")
    );
    fs::write(project.path("before.toml"), known).unwrap();
    assert_eq!(
        table(&["--baseline", "before.toml"]),
        (Some(0), "no new drift; 2 known (-v lists them)\n".to_owned())
    );
    fs::write(project.path("deviations.toml"), ledger).unwrap();
    assert_eq!(table(&[]), (Some(0), "no drift; 2 deviations (-v lists them)\n".to_owned()));
}
