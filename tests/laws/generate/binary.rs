//! Through the binary: files, exit statuses, and scripts in the plain sqlite3 shell.

use std::process::{Command, Output, Stdio};

use super::*;
use crate::harness::planctl;

pub(crate) struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    pub(crate) fn new(spec: &str) -> Project {
        let dir = in_memory();
        fs::create_dir(dir.path().join("migrations")).unwrap();
        let project = Project { dir };
        project.write("spec.sql", spec);
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn planctl(&self, args: &str) -> Output {
        let args: Vec<&str> = args.split_whitespace().collect();
        planctl(self.dir.path(), &args).env("PLANCTL_SPEC", "spec.sql").output().unwrap()
    }

    pub(crate) fn ok(&self, args: &str) -> String {
        let output = self.planctl(args);
        assert_eq!(output.status.code(), Some(0), "{args}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn refused(&self, args: &str) -> String {
        let output = self.planctl(args);
        assert_eq!(output.status.code(), Some(2), "{args}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    /// A database that has what the spec says, and these rows.
    pub(crate) fn with_rows(spec: &str, rows: &str) -> Project {
        let project = Project::new(spec);
        project.ok("migrate generate first");
        project.ok("migrate up");
        project.conn().execute_batch(rows).unwrap();
        project
    }

    pub(crate) fn conn(&self) -> Connection {
        Connection::open(self.path("planctl.db")).unwrap()
    }

    /// What a query gives, as one text.
    pub(crate) fn value(&self, sql: &str) -> String {
        let value = self.conn().query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
        match value {
            rusqlite::types::Value::Integer(n) => n.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn files(&self) -> usize {
        fs::read_dir(self.path("migrations")).unwrap().count()
    }
}

#[test]
fn a_spec_grows_and_the_migrations_follow_it() {
    let project = Project::new("CREATE TABLE t (a TEXT);\nCREATE VIEW v AS SELECT a FROM t;\n");
    project.ok("migrate generate first");
    project.ok("migrate up");
    let conn = Connection::open(project.path("planctl.db")).unwrap();
    conn.execute_batch("INSERT INTO t VALUES ('x'), ('y')").unwrap();
    project.write(
        "spec.sql",
        "CREATE TABLE t (\n    -- planctl:renamed-from a\n    name TEXT NOT NULL, -- planctl:fill value='?'\n    \
         size INTEGER NOT NULL -- planctl:fill value=length(name)\n);\nCREATE VIEW v AS SELECT name FROM t;\n",
    );
    let audit = project.planctl("audit");
    assert_eq!(audit.status.code(), Some(1));
    let text = String::from_utf8(audit.stdout).unwrap();
    assert!(text.contains("planctl migrate generate NAME"), "{text}");
    let said = project.ok("migrate generate second");
    assert!(said.contains("copies all 2 rows of t"), "{said}");
    let up = fs::read_to_string(project.path("migrations/V2__second.sql")).unwrap();
    assert!(!up.contains("planctl:fill") && up.contains("RENAME COLUMN a TO name"), "{up}");
    project.ok("migrate up");
    let row: (String, i64) = conn
        .query_row("SELECT name, size FROM t WHERE rowid = 2", [], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap();
    assert_eq!(row, ("y".to_owned(), 1));
    project.ok("audit");
    assert!(project.ok("migrate generate third").contains("nothing to do"));
    assert_eq!(project.files(), 4, "what is nothing to do writes nothing");
    project.ok("migrate down --steps 1 --allow-destructive");
    let kept: String = conn.query_row("SELECT group_concat(a) FROM v", [], |r| r.get(0)).unwrap();
    assert_eq!(kept, "x,y");
}

#[test]
fn what_needs_a_decision_is_refused_and_writes_nothing() {
    let project = Project::new("CREATE TABLE t (a TEXT, old INT);\n");
    project.ok("migrate generate first");
    project.ok("migrate up");
    let conn = Connection::open(project.path("planctl.db")).unwrap();
    conn.execute_batch("INSERT INTO t VALUES ('x', 1), (NULL, 2), (NULL, 3)").unwrap();
    for (spec, parts) in [
        ("CREATE TABLE t (a TEXT);", &["would lose data", "t.old", "--allow-destructive"][..]),
        ("CREATE TABLE t (a TEXT, fresh INT);", &["planctl:renamed-from old", "planctl:new"]),
        ("CREATE TABLE t (a TEXT NOT NULL, old INT);", &["2 rows in the way", "NULL in a", "planctl:fill"]),
        ("CREATE TABLE t (a TEXT, old INT CHECK (old < 3));", &["1 row in the way", "CHECK"]),
        (
            "CREATE TABLE t (a TEXT, old INT, b INT NOT NULL);",
            &["which value existing rows get in t.b", "planctl:fill column=b"],
        ),
    ] {
        project.write("spec.sql", spec);
        let said = project.refused("migrate generate more");
        for part in parts {
            assert!(said.contains(part), "{spec}: no `{part}` in\n{said}");
        }
    }
    assert_eq!(project.files(), 2);
    project.write("spec.sql", "CREATE TABLE t (a TEXT);");
    project.ok("migrate generate drop_old --allow-destructive");
    let down = fs::read_to_string(project.path("migrations/V2__drop_old.down.sql")).unwrap();
    assert!(down.contains("Cannot bring back the column t.old"), "{down}");
    let status = project.ok("migrate status");
    assert!(status.contains("V2__drop_old: its down cannot bring back the column t.old"), "{status}");
    let lint = project.ok("migrate lint");
    assert!(lint.contains("nothing found"), "{lint}");
}

/// Filled NULLs and values that another affinity stores otherwise are lost like what is dropped.
#[test]
fn a_down_says_which_values_nobody_can_tell_apart_any_more() {
    for version in ["3.35", "3.53"] {
        let project = Project::new("CREATE TABLE t (a TEXT, b TEXT, c TEXT);\n");
        project.ok("migrate generate first");
        let fill = "-- planctl:fill column=a value='x'\n";
        let spec = format!("{fill}CREATE TABLE t (a TEXT NOT NULL DEFAULT 'x', b INTEGER, c TEXT);");
        project.write("spec.sql", &spec);
        project.ok(&format!("migrate generate second --sqlite-version {version}"));
        let down = fs::read_to_string(project.path("migrations/V2__second.down.sql")).unwrap();
        let said: Vec<&str> = down.lines().filter(|line| line.starts_with("-- Cannot bring back")).collect();
        assert_eq!(
            said,
            [
                "-- Cannot bring back which rows of t had NULL in a.",
                "-- Cannot bring back values of t.b that do not convert from TEXT to INTEGER and back."
            ],
            "{version}"
        );
        project.ok("migrate up");
        let status = project.ok("-v migrate status");
        assert!(status.contains("cannot bring back which rows of t had NULL in a"), "{status}");
    }
    let project = Project::new("CREATE TABLE t (a TEXT);\n");
    project.ok("migrate generate first");
    project.write("spec.sql", "CREATE TABLE t (a TEXT NOT NULL DEFAULT 'x' -- planctl:fill value='x'\n);");
    project.ok("migrate generate second --sqlite-version 3.53");
    let down = fs::read_to_string(project.path("migrations/V2__second.down.sql")).unwrap();
    assert!(down.contains("-- Cannot bring back which rows of t had NULL in a."), "{down}");
}

#[test]
fn the_ledger_gives_rows_their_value_too() {
    let project = Project::new("CREATE TABLE t (a TEXT);\n");
    project.ok("migrate generate first");
    project.ok("migrate up");
    let conn = Connection::open(project.path("planctl.db")).unwrap();
    conn.execute_batch("INSERT INTO t VALUES ('x'), ('yz')").unwrap();
    project.write("spec.sql", "CREATE TABLE t (a TEXT, size INT NOT NULL);\n");
    let entry = |column: &str, value: &str| {
        let text = format!(
            "[[fill]]\ntable = \"T\"\ncolumn = \"{column}\"\nvalue = \"{value}\"\nreason = \"as long as its text\"\n"
        );
        project.write("deviations.toml", &text);
    };
    for (column, value, said) in [
        ("sise", "1", "did you mean `size`?"),
        ("size", "1; DROP TABLE t", "deviations.toml:4:9"),
        ("size", "nowhere", "the value given for t.size"),
        ("size", "NULL", "2 rows in the way: no value for size"),
    ] {
        entry(column, value);
        let error = project.refused("migrate generate size");
        assert!(error.contains(said), "{value}: {error}");
    }
    project.write("spec.sql", "CREATE TABLE t (a TEXT, size INT NOT NULL -- planctl:fill value=0\n);\n");
    entry("size", "length(a)");
    let error = project.refused("migrate generate size");
    assert!(error.contains("another value: 0") && error.contains("deviations.toml:1:1"), "{error}");
    project.write("spec.sql", "CREATE TABLE t (a TEXT, size INT NOT NULL);\n");
    assert_eq!(project.files(), 2);
    project.ok("migrate generate size");
    project.ok("migrate up");
    let sizes: String = conn.query_row("SELECT group_concat(size) FROM t", [], |r| r.get(0)).unwrap();
    assert_eq!(sizes, "1,2");
    // What has served stays, and is in nobody's way.
    project.ok("audit");
    project.ok("check");
    assert!(project.ok("migrate generate more").contains("nothing to do"));
}

#[test]
fn a_finding_that_one_statement_closes_carries_it() {
    let project = Project::new(
        "CREATE TABLE t (a TEXT, b TEXT DEFAULT 'x', c INT);\nCREATE INDEX i ON t (a);\nCREATE TABLE u (x UNIQUE);\n",
    );
    let conn = Connection::open(project.path("planctl.db")).unwrap();
    conn.execute_batch("CREATE TABLE t (a TEXT, b TEXT DEFAULT 'x'); CREATE TABLE u (x);").unwrap();
    let output = project.planctl("audit --format json");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let fixes: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|f| (&f["rule"], &f["fix"])).collect();
    for (_, fix) in &fixes {
        for statement in fix.as_array().into_iter().flatten() {
            conn.execute_batch(statement.as_str().unwrap()).unwrap();
        }
    }
    let without: Vec<_> =
        fixes.iter().filter(|(_, fix)| fix.is_null()).map(|(rule, _)| rule.as_str()).collect();
    assert_eq!(without, [Some("missing-unique")], "{fixes:?}");
    let output = project.planctl("audit --format json");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_full_text_table_keeps_its_rows_under_another_tokenizer() {
    let project = Project::new("");
    let db = project.path("live.db");
    let conn = Connection::open(&db).unwrap();
    conn.execute_batch(
        "CREATE VIRTUAL TABLE f USING fts5(a, b); INSERT INTO f(rowid, a, b) VALUES (5, 'x', 'running'), (9, NULL, 'fox');",
    )
    .unwrap();
    project.write("goal.sql", "CREATE VIRTUAL TABLE f USING fts5(a, b, tokenize = 'porter');");
    let script = project.ok("schema diff live.db goal.sql --sql");
    assert!(script.contains("copies and indexes all rows of f"), "{script}");
    if shell(&db, "", &script).is_none() {
        println!("skipped: there is no sqlite3 here");
        return;
    }
    let found = |sql: &str| conn.query_row(sql, [], |r| r.get::<_, String>(0)).unwrap();
    assert_eq!(found("SELECT group_concat(rowid || quote(a) || b) FROM f"), "5'x'running,9NULLfox");
    assert_eq!(found("SELECT b FROM f('runs')"), "running", "the new tokenizer knows them");
    project.ok("schema diff live.db goal.sql");
    // A column less is a loss.
    project.write("goal.sql", "CREATE VIRTUAL TABLE f USING fts5(b);");
    assert!(project.refused("schema diff live.db goal.sql --sql").contains("the column f.a with its values"));
}

/// What the ledger excuses in a table stays as it is when something else in it changes.
#[test]
fn what_is_excused_stays_in_a_table_that_changes() {
    let parent = "CREATE TABLE p (id INTEGER PRIMARY KEY);\n";
    // The live table, the specified one, and the rule whose finding is excused; the column n is open.
    for (live, spec, rule) in [
        ("a INT", "a INT DEFAULT 3", "column-default"),
        ("a INT UNIQUE", "a INT", "extra-unique"),
        ("a INT", "a INT UNIQUE", "missing-unique"),
        ("a INT, b INT, UNIQUE (a, b)", "a INT, b INT", "extra-unique"),
        ("a INT, b INT", "a INT, b INT, CONSTRAINT u UNIQUE (a, b)", "missing-unique"),
        ("a INT", "a INT REFERENCES p ON DELETE CASCADE", "missing-foreign-key"),
        ("a INT REFERENCES p", "a INT", "extra-foreign-key"),
        ("a INT REFERENCES p ON DELETE SET NULL", "a INT REFERENCES p", "foreign-key-action"),
        ("a INT CHECK (a > 0)", "a INT", "extra-check"),
        ("a INT", "a INT CHECK (a > 0)", "missing-check"),
        ("a INT", "a INT, z TEXT", "missing-column"),
        ("a INT, z TEXT", "a INT", "extra-column"),
    ] {
        let project = Project::new(&format!("{parent}CREATE TABLE t ({live});\n"));
        project.ok("migrate generate first");
        let spec = spec.replacen("a INT", "n TEXT, a INT", 1);
        project.write("spec.sql", &format!("{parent}CREATE TABLE t ({spec});\n"));
        // The draft of the tool itself, with a reason: all but what is to change.
        project.planctl("audit --scratch --write-deviations");
        let draft = fs::read_to_string(project.path("deviations.toml")).unwrap();
        let entries: Vec<&str> = draft.split("[[deviation]]").filter(|text| text.contains(rule)).collect();
        let kept: Vec<&&str> = entries.iter().filter(|text| !text.contains("name = \"n\"")).collect();
        assert_eq!(kept.len(), 1, "{live} | {spec}: {draft}");
        let text = format!("[[deviation]]{}", kept[0].replace("reason = \"\"", "reason = \"so it is\""));
        project.write("deviations.toml", &text);
        project.ok("migrate generate second");
        let audit = project.planctl("audit --scratch --format json");
        let report: serde_json::Value = serde_json::from_slice(&audit.stdout).unwrap();
        let open: Vec<&serde_json::Value> =
            report["findings"].as_array().unwrap().iter().filter(|f| f["deviation"].is_null()).collect();
        assert!(open.is_empty(), "{live} | {spec}: {open:#?}\n{text}");
        assert_eq!(report["summary"]["documented"], 1, "{live} | {spec}");
    }
}

/// So do whole objects that the ledger excuses: those that differ, those that are not there, those that should not be.
#[test]
fn objects_that_are_excused_stay_when_something_else_changes() {
    let live = "CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
        CREATE TABLE only_live (x);
        CREATE TRIGGER on_live AFTER INSERT ON only_live BEGIN SELECT 1; END;
        CREATE INDEX i ON p (a);
        CREATE INDEX extra_i ON p (b);
        CREATE VIEW v AS SELECT a FROM p;
        CREATE VIEW extra_v AS SELECT b FROM p;
        CREATE TRIGGER r AFTER INSERT ON p BEGIN SELECT 1; END;
        CREATE TRIGGER extra_r AFTER INSERT ON p BEGIN SELECT 2; END;
        PRAGMA user_version = 3;\n";
    let spec = "CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT, n TEXT, b TEXT);
        CREATE TABLE only_spec (y);
        CREATE TRIGGER on_spec AFTER INSERT ON only_spec BEGIN SELECT 1; END;
        CREATE INDEX i ON p (b);
        CREATE INDEX missing_i ON p (a, b);
        CREATE VIEW v AS SELECT b FROM p;
        CREATE VIEW missing_v AS SELECT a, b FROM p;
        CREATE TRIGGER r AFTER DELETE ON p BEGIN SELECT 1; END;
        CREATE TRIGGER missing_r AFTER DELETE ON p BEGIN SELECT 2; END;
        PRAGMA user_version = 4;\n";
    let project = Project::new(live);
    project.ok("migrate generate first");
    project.write("spec.sql", spec);
    project.planctl("audit --scratch --write-deviations");
    let draft = fs::read_to_string(project.path("deviations.toml")).unwrap();
    let all: Vec<&str> = draft.split("[[deviation]]").filter(|text| text.contains("reason = \"\"")).collect();
    let kept: Vec<String> = all
        .iter()
        .filter(|text| !text.contains("name = \"n\""))
        .map(|text| text.replace("reason = \"\"", "reason = \"so it is\""))
        .collect();
    assert_eq!(kept.len(), all.len() - 1, "{draft}");
    project.write("deviations.toml", &format!("[[deviation]]{}", kept.join("[[deviation]]")));
    let text = project.ok("migrate generate second");
    let written = fs::read_to_string(project.path("migrations/V2__second.sql")).unwrap();
    assert!(written.contains("\n  n TEXT") || written.contains(" n TEXT"), "{text}\n{written}");
    for untouched in ["only_live", "only_spec", "missing", "AFTER DELETE", "user_version"] {
        assert!(!written.contains(untouched), "{untouched}: {written}");
    }
    let audit = project.planctl("audit --scratch --format json");
    let report: serde_json::Value = serde_json::from_slice(&audit.stdout).unwrap();
    let open: Vec<&serde_json::Value> =
        report["findings"].as_array().unwrap().iter().filter(|f| f["deviation"].is_null()).collect();
    assert!(open.is_empty(), "{open:#?}");
    assert_eq!(report["summary"]["documented"], kept.len());
}

/// Runs a script in the shell that is installed here, if one is.
pub(crate) fn shell(db: &Path, before: &str, script: &str) -> Option<bool> {
    use std::io::Write;
    let mut child = Command::new("sqlite3")
        .arg(db)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // A shell that has stopped at an error reads no further.
    let _ = child.stdin.take().unwrap().write_all(format!("{before}\n{script}").as_bytes());
    Some(child.wait().unwrap().success())
}

#[test]
fn a_script_runs_in_the_plain_shell_whatever_its_settings_or_leaves_nothing_behind() {
    let project = Project::new("");
    let live = "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT);
         CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, p_id REFERENCES p ON DELETE CASCADE);
         CREATE VIEW v AS SELECT n FROM p;
         INSERT INTO p VALUES (1, 'a'), (2, 'b');
         INSERT INTO c (p_id) VALUES (1), (2), (2); DELETE FROM c WHERE id = 3; ANALYZE;";
    let goal = "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT COLLATE NOCASE);
         CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, p_id INTEGER REFERENCES p ON DELETE CASCADE);
         CREATE VIEW v AS SELECT n FROM p;";
    project.write("goal.sql", goal);
    for (before, orphan) in [
        ("PRAGMA foreign_keys = ON;", false),
        ("PRAGMA foreign_keys = OFF;", false),
        ("PRAGMA legacy_alter_table = ON; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;", false),
        ("", true),
    ] {
        let db = project.path("live.db");
        let _ = fs::remove_file(&db);
        let conn = Connection::open(&db).unwrap();
        conn.execute_batch(live).unwrap();
        if orphan {
            conn.execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO c (p_id) VALUES (77);").unwrap();
        }
        drop(conn);
        let script = project.ok("schema diff live.db goal.sql --sql");
        let Some(done) = shell(&db, before, &script) else {
            println!("skipped: there is no sqlite3 here");
            return;
        };
        assert!(done, "{before}\n{script}");
        project.ok("schema diff live.db goal.sql");
        let conn = Connection::open(&db).unwrap();
        let (rows, seq): (i64, i64) = conn
            .query_row(
                "SELECT (SELECT count(*) FROM c), (SELECT seq FROM sqlite_sequence WHERE name = 'c')",
                [],
                |r| Ok((r.get(0)?, r.get(1)?)),
            )
            .unwrap();
        assert_eq!((rows, seq), if orphan { (3, 4) } else { (2, 3) });
        let analyzed =
            "SELECT group_concat(tbl || '=' || stat) FROM (SELECT * FROM sqlite_stat1 ORDER BY tbl)";
        let analyzed: String = conn.query_row(analyzed, [], |r| r.get(0)).unwrap();
        assert_eq!(analyzed, "c=2,p=2", "what ANALYZE found is kept");
        assert!(project.ok("schema diff live.db goal.sql --sql").starts_with("-- Nothing to do"));
    }
    // A row in the way that came after the script was made.
    let db = project.path("live.db");
    fs::remove_file(&db).unwrap();
    let conn = Connection::open(&db).unwrap();
    conn.execute_batch(live).unwrap();
    project.write("goal.sql", &goal.replace("n TEXT COLLATE NOCASE", "n TEXT CHECK (n <> 'c')"));
    let script = project.ok("schema diff live.db goal.sql --sql");
    conn.execute_batch("INSERT INTO p VALUES (3, 'c')").unwrap();
    let state = |conn: &Connection| -> String {
        let sql = "SELECT group_concat(sql, ';') || (SELECT group_concat(n) FROM p) || (SELECT count(*) FROM c) FROM sqlite_schema";
        conn.query_row(sql, [], |r| r.get(0)).unwrap()
    };
    let before = state(&conn);
    assert_eq!(shell(&db, "", &script), Some(false));
    assert_eq!(state(&conn), before, "nothing of it is left");
}

#[test]
fn a_view_or_trigger_that_does_not_compile_is_not_written_and_not_clean() {
    let tables = "CREATE TABLE t (a TEXT);\n";
    let broken = "CREATE VIEW v AS SELECT nope FROM t;\nCREATE VIEW ok AS SELECT my_function(a) FROM t;\n\
        CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END;\n";
    let project = Project::new(&format!("{tables}{broken}"));
    let said = project.refused("migrate generate first");
    assert!(
        said.contains("trigger r on t does not compile: no such table: log\n --> spec.sql:4:1"),
        "{said}"
    );
    assert!(said.contains("note: view v does not compile: no such column: nope"), "{said}");
    assert_eq!(project.files(), 0);
    // Written by hand it is found by all who look.
    project.ok("migrate new first");
    project.write("migrations/V1__first.sql", &format!("{tables}{broken}"));
    let downs = "DROP TRIGGER r;\nDROP VIEW ok;\nDROP VIEW v;\nDROP TABLE t;\n";
    project.write("migrations/V1__first.down.sql", downs);
    project.ok("migrate up");
    for command in ["check", "audit", "audit --scratch", "schema diff spec.sql planctl.db"] {
        let output = project.planctl(command);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{command}: {said}");
        assert!(said.contains("broken-view") && said.contains("broken-trigger"), "{command}: {said}");
        assert!(!said.contains("my_function"), "{command}: {said}");
    }
    // What is there already is no reason not to go on with the rest.
    project.write("spec.sql", &format!("CREATE TABLE t (a TEXT, b TEXT);\n{broken}"));
    project.ok("migrate generate second");
    // The ledger lets it be.
    project.write("deviations.toml", "[[deviation]]\nrule = \"broken-view\"\ntable = \"v\"\nreason = \"kept for the old client\"\n\
        expected = \"no such column: nope\"\nactual = \"no such column: nope\"\n[[deviation]]\nrule = \"broken-trigger\"\n\
        table = \"t\"\nname = \"r\"\nreason = \"the other program has a log\"\nexpected = \"no such table: log\"\n\
        actual = \"no such table: log\"\n");
    project.ok("audit --scratch");
    let fresh = Project::new(&format!("{tables}{broken}"));
    fs::copy(project.path("deviations.toml"), fresh.path("deviations.toml")).unwrap();
    fresh.ok("migrate generate first");
    fresh.ok("check");
    // A script from one schema to another has no ledger.
    fresh.write("empty.sql", "");
    let said = fresh.refused("schema diff empty.sql spec.sql --sql");
    assert!(
        said.contains("trigger r on t does not compile: no such table: log\n --> spec.sql:4:1"),
        "{said}"
    );
}

#[test]
fn a_full_text_table_over_a_view_is_made_after_it_and_goes_before_it() {
    let spec = "CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT);\nCREATE VIEW v AS SELECT id AS ident, body FROM t;\n\
        CREATE VIRTUAL TABLE a USING fts4(content=v);\n\
        CREATE VIRTUAL TABLE b USING fts5(body, content='v', content_rowid=ident);\n\
        CREATE VIRTUAL TABLE c USING fts5vocab(b, row);\nCREATE VIEW found AS SELECT b.body FROM b;\n";
    let project = Project::new("CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT);\n");
    project.ok("migrate generate first");
    project.ok("migrate up");
    let conn = Connection::open(project.path("planctl.db")).unwrap();
    conn.execute_batch("INSERT INTO t VALUES (7, 'seven')").unwrap();
    project.write("spec.sql", spec);
    let said = project.ok("migrate generate second");
    assert!(said.contains("not indexed: its content is a view without a rowid"), "{said}");
    project.ok("check");
    project.ok("migrate up");
    let found: i64 =
        conn.query_row("SELECT rowid FROM b WHERE b MATCH 'seven'", [], |row| row.get(0)).unwrap();
    assert_eq!(found, 7);
    project.ok("audit");
    project.write("spec.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT);\n");
    project.ok("migrate generate third --allow-destructive");
    project.ok("check");
}
