//! The script of `--sql` ends where the run ends: schema, rows and history.

use std::io::Write;

use super::production::{dump, shipped};
use super::*;

/// Whether the shell is there; a word when it is not.
pub(crate) fn has_shell() -> bool {
    let found = Command::new("sqlite3").arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: there is no sqlite3 shell on PATH");
    }
    found
}

/// Runs a script as its header says, on a connection whose foreign keys are on or off to begin with.
pub(crate) fn shell(db: &Path, script: &str, foreign_keys: bool) -> Output {
    let enforce = format!("PRAGMA foreign_keys = {foreign_keys}");
    let mut child = Command::new("sqlite3")
        .args(["-batch", "-cmd", &enforce])
        .arg(db)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let script = script.to_owned();
    // The shell ends early where a statement fails.
    let writer = std::thread::spawn(move || drop(stdin.write_all(script.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

impl Project {
    pub(crate) fn script(&self, args: &[&str]) -> String {
        String::from_utf8(self.expect(0, args).stdout).unwrap()
    }

    /// Runs a script that must go through without a word.
    pub(crate) fn run_script(&self, args: &[&str], foreign_keys: bool) {
        let output = shell(&self.db(), &self.script(args), foreign_keys);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.is_empty(), "{args:?} {said} {}", stderr(&output));
    }

    /// Runs a script that must end with a message, and change nothing.
    pub(crate) fn stopped_script(&self, script: &str) -> String {
        let before = dump(&self.db());
        let output = shell(&self.db(), script, false);
        assert!(!output.status.success(), "it must stop");
        assert!(dump(&self.db()) == before, "nothing is left behind");
        format!("{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output))
    }

    /// Everything that the run leaves but times and its own name.
    pub(crate) fn state(&self) -> Vec<String> {
        let mut all = dump(&self.db());
        all.extend(
            self.column("SELECT version || name || checksum FROM refinery_schema_history ORDER BY version"),
        );
        all.extend(self.column(
            "SELECT p.version || ' ' || p.checksum || ' ' || rows_backfilled || coalesce(backfilled, '-') || ' ' ||
             coalesce(down_sql, '-') || coalesce(down_checksum, '-') || ' ' || coalesce(tokens_checksum, '-') || schema_after || (p.applied_on = h.applied_on)
             FROM planctl_migrations p JOIN refinery_schema_history h USING (version) ORDER BY 1",
        ));
        all
    }

    pub(crate) fn copy(&self) -> Project {
        let copy = Project::new();
        for entry in fs::read_dir(self.path("migrations")).unwrap().map(Result::unwrap) {
            fs::copy(entry.path(), copy.path("migrations").join(entry.file_name())).unwrap();
        }
        if self.db().exists() {
            fs::copy(self.db(), copy.db()).unwrap();
        }
        copy
    }
}

#[test]
fn the_script_of_the_shipped_chain_ends_where_the_run_ends() {
    if !has_shell() {
        return;
    }
    let real = shipped(1000);
    for foreign_keys in [true, false] {
        let (real, scripted) = (real.copy(), real.copy());
        real.expect(0, &["migrate", "up"]);
        scripted.run_script(&["migrate", "up", "--sql", "--from", "6"], foreign_keys);
        assert!(real.state() == scripted.state());
        let status = scripted.json(0, &["migrate", "status", "--check"]);
        assert_eq!(status["schema"], "as-left");
        let files = refinery::load_sql_migrations(scripted.path("migrations")).unwrap();
        let report = refinery::Runner::new(&files).run(&mut scripted.conn()).unwrap();
        assert!(report.applied_migrations().is_empty(), "stock refinery agrees");

        real.expect(0, &["migrate", "down", "--to", "3", DESTROY]);
        scripted.run_script(&["migrate", "down", "--sql", "--to", "3", DESTROY], foreign_keys);
        assert!(real.state() == scripted.state());
        assert_eq!(scripted.json(0, &["migrate", "status"])["schema"], "as-left");
        scripted.expect(0, &["migrate", "down", DESTROY]);
        scripted
            .run_script(&["migrate", "down", "--sql", "--from", "2", "--steps", "2", DESTROY], foreign_keys);
        assert_eq!(scripted.column(TABLES), [] as [&str; 0]);
        scripted.run_script(&["migrate", "up", "--sql", "--to", "4"], foreign_keys);
        scripted.run_script(&["migrate", "up", "--sql", "--from", "4"], foreign_keys);
        assert_eq!(scripted.json(0, &["migrate", "status", "--check"])["version"], 9);
    }
}

#[test]
fn the_script_needs_no_database_and_is_json_for_programs() {
    let project = Project::two_tables();
    let script = project.script(&["migrate", "up", "--sql", "--db", "nowhere/x.db"]);
    assert!(script.contains("CREATE TABLE a(") && script.contains(".bail on\n"), "{script}");
    assert_eq!(project.files().len(), 0);
    let report = project.json(0, &["migrate", "down", "--sql"]);
    assert!(report["sql"].as_str().unwrap().contains("DROP TABLE b;"));
    project.write("V3__c.sql", "oops;");
    project.expect(2, &["migrate", "up", "--sql"]);
    project.expect(2, &["migrate", "up", "--sql", "--from", "7"]);
}

#[test]
fn the_script_refuses_cycles_and_orphans_and_shows_them() {
    if !has_shell() {
        return;
    }
    let project = shipped(60);
    let script = project.script(&["migrate", "up", "--sql", "--from", "6"]);
    let foreign = "PRAGMA foreign_keys = OFF; UPDATE v3_plans SET parent_plan_id";
    project.sql(&format!("{foreign} = 'gone' WHERE rowid = 9"));
    let said = project.stopped_script(&script);
    assert!(said.contains(&format!("its parent does not exist: 01{:024}", 9)), "{said}");
    assert!(said.contains("v3_plans: rows name a parent that does not exist"), "{said}");
    let below = format!("01{:024}", 12);
    project.sql(&format!("{foreign} = '{below}' WHERE rowid = 9"));
    let said = project.stopped_script(&script);
    assert!(said.contains(&format!("on a cycle of parents, or below one: {below}")), "{said}");
    project.sql(&format!("{foreign} = NULL WHERE rowid = 9"));
    assert!(shell(&project.db(), &script, true).status.success());
}

#[test]
fn the_script_stops_where_the_database_is_not_where_it_should_be() {
    if !has_shell() {
        return;
    }
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up", "--to", "1"]);
    for from in ["0", "2"] {
        let script = project.script(&["migrate", "up", "--sql", "--from", from]);
        let said = project.stopped_script(&script);
        assert!(said.contains("the database's history does not match the files"), "{said}");
    }
    let script = project.script(&["migrate", "up", "--sql", "--from", "1"]);
    project.sql("UPDATE refinery_schema_history SET checksum = '1'");
    project.stopped_script(&script);

    let other = Project::two_tables();
    other.expect(0, &["migrate", "up"]);
    other.write("V2__b.down.sql", "DROP TABLE b; SELECT 1;");
    let said = other.stopped_script(&other.script(&["migrate", "down", "--sql"]));
    assert!(said.contains("the down script of V2__b in the database differs from the file"), "{said}");
    other.run_script(&["migrate", "down", "--sql", "--from-files", "--from", "2", "--to", "2"], false);
}

#[test]
fn the_script_checks_foreign_keys_and_blames_no_migration_for_what_was_there_before() {
    if !has_shell() {
        return;
    }
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up"]);
    project.sql("PRAGMA foreign_keys = OFF; INSERT INTO b VALUES(1, 70)");
    project
        .write("V3__c.sql", "INSERT INTO a(x) VALUES('/'), ('go');\nCREATE TABLE c(x CHECK (x\n/\n2 > 1));");
    let args = ["migrate", "up", "--sql", "--from", "2"];
    let fine = project.copy();
    fine.run_script(&args, true);
    assert_eq!(fine.json(0, &["migrate", "status"])["schema"], "as-left");
    project.write("V3__c.sql", "INSERT INTO b VALUES(2, 71);");
    let said = stderr(&project.expect(2, &["migrate", "up", "--sql", "--from", "2"]));
    assert!(said.contains("1 row without its parent"), "seen on scratch already: {said}");
    project.write("V3__c.sql", "INSERT INTO b SELECT id + 1, 71 FROM b;");
    let said = project.stopped_script(&project.script(&args));
    assert!(said.contains("no parent for 1 of b(a) → a: 71"), "{said}");
    assert!(said.contains("V3__c leaves rows without their parents"), "{said}");
}

#[test]
fn what_a_migration_leaves_in_the_connection_does_not_reach_the_next() {
    if !has_shell() {
        return;
    }
    let project = Project::new();
    project
        .write(
            "V1__a.sql",
            "CREATE TABLE a(x CHECK (x > 0)); CREATE TEMP TABLE b(y); PRAGMA ignore_check_constraints = ON;
            PRAGMA legacy_alter_table = ON; INSERT INTO a VALUES(-1); DELETE FROM a;",
        )
        .write(
            "V2__b.sql",
            "CREATE TABLE b(x); INSERT INTO b VALUES('it''s
two lines');",
        );
    let copy = project.copy();
    project.expect(0, &["migrate", "up"]);
    copy.run_script(&["migrate", "up", "--sql"], true);
    assert_eq!(project.state(), copy.state());
    for project in [project, copy] {
        project.write("V3__c.sql", "CREATE TABLE c AS SELECT * FROM b; INSERT INTO a VALUES(0);");
        project.expect(2, &["migrate", "up"]);
        project.expect(2, &["migrate", "up", "--sql"]);
    }
}

#[test]
fn a_history_with_64_bit_versions_keeps_its_checksums() {
    if !has_shell() {
        return;
    }
    let project = Project::two_tables();
    project.sql(
        "CREATE TABLE refinery_schema_history(version int8 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255),
         checksum VARCHAR(255))",
    );
    let copy = project.copy();
    project.expect(0, &["migrate", "up"]);
    copy.run_script(&["migrate", "up", "--sql", "--to", "1"], true);
    copy.run_script(&["migrate", "up", "--sql", "--from", "1"], true);
    assert_eq!(project.state(), copy.state());
}

/// What is compared is the values that have no parent: tables get other names, rows other ids.
#[test]
fn the_script_blames_no_migration_for_old_violations_of_a_table_that_was_renamed_or_rebuilt() {
    if !has_shell() {
        return;
    }
    let chain = "CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT UNIQUE);
        CREATE TABLE b(id INTEGER PRIMARY KEY, a_id REFERENCES a);
        CREATE TABLE w(k TEXT PRIMARY KEY, t TEXT COLLATE NOCASE REFERENCES a(t)) WITHOUT ROWID;
        CREATE TABLE two(x, y, FOREIGN KEY (x, y) REFERENCES pair(x, y));
        CREATE TABLE pair(x, y TEXT, PRIMARY KEY (x, y));";
    let rows = "PRAGMA foreign_keys = OFF; INSERT INTO a VALUES(1, 'one');
        INSERT INTO b VALUES(1, 70), (2, 70), (3, 1), (4, NULL);
        INSERT INTO w VALUES('x', 'none'), ('y', 'ONE'), ('z', 'one');
        INSERT INTO two VALUES(1, 2), (1, NULL), (3, 3); INSERT INTO pair VALUES(1, '2');";
    let renamed =
        "ALTER TABLE b RENAME TO bb; ALTER TABLE w RENAME TO ww; ALTER TABLE two RENAME COLUMN x TO z;";
    let rebuilt = "CREATE TABLE n(id INTEGER PRIMARY KEY, a_id REFERENCES a); INSERT INTO n SELECT id + 10, a_id FROM b;
        DROP TABLE b; ALTER TABLE n RENAME TO b;";
    for (second, blamed) in [
        (renamed.to_owned(), None),
        (rebuilt.to_owned(), None),
        (format!("{renamed} INSERT INTO bb SELECT 9, 71 FROM a;"), Some("bb(a_id) → a: 71")),
        (
            format!("{renamed} DELETE FROM ww WHERE k = 'x'; UPDATE ww SET t = 'gone' WHERE k = 'z';"),
            Some("'gone'"),
        ),
        (format!("{rebuilt} INSERT INTO b SELECT 90, 70 FROM a;"), Some("3 of b(a_id) → a: 70")),
        ("DELETE FROM two WHERE x = 3; INSERT INTO two SELECT 4, '4' FROM a;".to_owned(), Some("4, '4'")),
        ("DROP TABLE w; DELETE FROM b; DELETE FROM two; DELETE FROM a;".to_owned(), None),
    ] {
        let project = Project::new();
        project.write("V1__a.sql", chain).write("V2__b.sql", &second);
        project.expect(0, &["migrate", "up", "--to", "1"]);
        project.sql(rows);
        // A table of somebody else, which no migration knows.
        project.sql("PRAGMA foreign_keys = OFF; CREATE TABLE other(x REFERENCES \"nothing\"); INSERT INTO other VALUES(1)");
        let copy = project.copy();
        let script = copy.script(&["migrate", "up", "--sql", "--from", "1"]);
        match blamed {
            None => {
                project.expect(0, &["migrate", "up"]);
                let output = shell(&copy.db(), &script, true);
                assert!(output.status.success(), "{second}: {}", stderr(&output));
                assert_eq!(dump(&project.db()), dump(&copy.db()), "{second}");
            }
            Some(blamed) => {
                let said = copy.stopped_script(&script);
                assert!(
                    said.contains(blamed) && said.contains("leaves rows without their parents"),
                    "{second}: {said}"
                );
            }
        }
    }
}

/// Which keys those are: also through triggers and views, and with what was there before.
#[test]
fn behind_a_file_the_script_asks_the_keys_that_the_file_can_have_reached() {
    if !has_shell() {
        return;
    }
    let chain =
        "CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(id INTEGER PRIMARY KEY, a_id REFERENCES a);
        CREATE TABLE c(x REFERENCES b); CREATE TABLE gone(x); CREATE VIEW v AS SELECT x FROM gone;
        CREATE TRIGGER r AFTER INSERT ON gone BEGIN DELETE FROM a WHERE id = new.x; END;
        CREATE TRIGGER s INSTEAD OF INSERT ON v BEGIN INSERT INTO gone VALUES(new.x); END;";
    let rows = "PRAGMA foreign_keys = OFF; INSERT INTO a VALUES(1), (2); INSERT INTO b VALUES(1, 70), (2, 70), (3, 1);
        INSERT INTO c VALUES(9); CREATE TABLE other(x REFERENCES a); INSERT INTO other VALUES(2), (8)";
    for (third, blamed) in [
        ("INSERT INTO a VALUES(9);", None),
        ("INSERT INTO gone SELECT id FROM a WHERE id = 1;", Some("1 of b(a_id) → a: 1")),
        ("INSERT INTO \"V\" SELECT min(id) FROM [A] WHERE id < 9;", Some("1 of b(a_id) → a: 1")),
        ("DELETE FROM a WHERE id = 2;", Some("other → a")),
        ("DROP VIEW v; ALTER TABLE b RENAME TO bb; DELETE FROM gone;", None),
        ("ALTER TABLE b RENAME TO bb; INSERT INTO bb SELECT id + 10, 70 FROM a;", Some("bb(a_id) → a: 70")),
        ("DELETE FROM b WHERE id = 1;", None),
    ] {
        let project = Project::new();
        project
            .write("V1__a.sql", chain)
            .write("V2__b.sql", "CREATE TABLE unrelated(id INTEGER PRIMARY KEY, y REFERENCES unrelated);");
        project.write("V3__c.sql", third).write("V4__d.sql", "CREATE INDEX i ON unrelated(y);");
        let last =
            if third.contains("bb") { "SELECT 1;" } else { "INSERT INTO b SELECT 20, 70 FROM b LIMIT 1;" };
        project.write("V5__e.sql", last);
        project.expect(0, &["migrate", "up", "--to", "1"]);
        project.sql(rows);
        let copy = project.copy();
        let to = |to: usize| copy.script(&["migrate", "up", "--sql", "--from", "1", "--to", &to.to_string()]);
        let asked: Vec<bool> =
            to(5).split("\n-- V").skip(1).map(|file| file.contains("FROM main.\"b\" c")).collect();
        assert!(matches!(asked[..], [false, _, false, _]), "{third}: {asked:?}");
        if let Some(blamed) = blamed {
            let said = copy.stopped_script(&to(3));
            assert!(said.contains(blamed) && said.contains("V3__c leaves rows"), "{third}: {said}");
            project.expect(2, &["migrate", "up"]);
            continue;
        }
        let output = shell(&copy.db(), &to(4), true);
        assert!(output.status.success(), "{third}: {}", stderr(&output));
        project.expect(0, &["migrate", "up", "--to", "4"]);
        assert_eq!(dump(&project.db()), dump(&copy.db()), "{third}");
        // One row more is one too many, also where it had been one less.
        if last != "SELECT 1;" {
            project.expect(2, &["migrate", "up"]);
            let args = ["migrate", "up", "--sql", "--from", "4"];
            assert!(copy.stopped_script(&copy.script(&args)).contains("V5__e leaves rows"), "{third}");
        }
    }
}

/// The script keeps its own tables in the place that the setting is about.
#[test]
fn settings_that_a_migration_makes_stop_no_script_and_change_nothing_of_its_own() {
    if !has_shell() {
        return;
    }
    let project = Project::new();
    project
        .write(
            "V1__a.sql",
            "PRAGMA temp_store = 2; PRAGMA max_page_count = 4000; PRAGMA analysis_limit = 3; PRAGMA trusted_schema = OFF;
             CREATE TABLE t(id INTEGER PRIMARY KEY, up, root, x TEXT CHECK (x LIKE 'A%'));",
        )
        .write(
            "V2__b.sql",
            "PRAGMA ignore_check_constraints = ON; PRAGMA case_sensitive_like = ON;
             INSERT INTO t SELECT 1, NULL, NULL, 'no' WHERE NOT EXISTS (SELECT 1 FROM t);
             -- planctl:backfill root-ancestor table=t id=id parent=up root=root
             INSERT INTO t SELECT 100, NULL, 100, 'a' WHERE NOT EXISTS (SELECT 1 FROM t WHERE id = 3);",
        );
    let copy = project.copy();
    project.expect(0, &["migrate", "up"]);
    // What a setting is now is printed, as the shell does it.
    let output = shell(&copy.db(), &copy.script(&["migrate", "up", "--sql"]), true);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(project.state(), copy.state());
    // The data step refuses orphans though the migration has switched CHECK off.
    for project in [project, copy] {
        project.expect(0, &["migrate", "down", "--from-files", "--sql", "--from", "2", "--to", "2"]);
        fs::remove_file(project.db()).unwrap();
        project.expect(0, &["migrate", "up", "--to", "1"]);
        project.sql("INSERT INTO t VALUES(3, 2, NULL, 'A')");
        let said = project.stopped_script(&project.script(&["migrate", "up", "--sql", "--from", "1"]));
        assert!(said.contains("rows name a parent that does not exist"), "{said}");
        project.expect(2, &["migrate", "up"]);
    }
}

#[test]
fn version_0_is_a_version_where_there_is_one() {
    if !has_shell() {
        return;
    }
    let project = Project::new();
    project
        .write("V0__zero.sql", "CREATE TABLE zero(x);")
        .write("V0__zero.down.sql", "DROP TABLE zero;")
        .write("V1__one.sql", "CREATE TABLE one(x);")
        .write("V1__one.down.sql", "DROP TABLE one;");
    let copy = project.copy();
    copy.run_script(&["migrate", "up", "--sql", "--to", "0"], true);
    copy.stopped_script(&copy.script(&["migrate", "up", "--sql"]));
    copy.run_script(&["migrate", "up", "--sql", "--from", "0"], true);
    project.expect(0, &["migrate", "up"]);
    assert_eq!(project.state(), copy.state());
    copy.run_script(&["migrate", "down", "--sql"], true);
    copy.run_script(&["migrate", "down", "--sql", "--from", "0"], true);
    assert_eq!(copy.column(TABLES), [] as [&str; 0]);
    copy.run_script(&["migrate", "up", "--sql"], true);
    assert_eq!(project.state(), copy.state());
}

/// The reader of the shell is not SQLite's: what a line of a migration says must not reach it.
#[test]
fn whatever_lines_a_migration_has_the_shell_makes_the_schema_of_the_run() {
    if !has_shell() {
        return;
    }
    let project = Project::new();
    project.write(
        "V1__a.sql",
        "CREATE TABLE t(\r\n  go TEXT DEFAULT 'a\r\ngo\r\n/\r\n.quit\r\n# x\r\n',\n  b, /* c\n.exit\n*/ -- '\n  c);\n\
         INSERT INTO t(b, c) VALUES('\r\n\r\r\n', 1);\n\
         CREATE VIEW v AS SELECT b,\ngo FROM t; CREATE TRIGGER r AFTER INSERT ON t BEGIN\n  SELECT\n  go\n  FROM t;\nEND;\n\
         CREATE INDEX i ON t(b) -- ;\n  ;",
    );
    let copy = project.copy();
    project.expect(0, &["migrate", "up"]);
    copy.run_script(&["migrate", "up", "--sql"], true);
    assert_eq!(project.state(), copy.state());
    assert_eq!(project.column("SELECT hex(go || b) FROM t"), copy.column("SELECT hex(go || b) FROM t"));

    // A line of its own ends a statement for the shell; what keeps it from that is in the text then, and all else is equal.
    let project = Project::new();
    project
        .write("V1__a.sql", "CREATE TABLE t(\n  go\n  TEXT, CHECK (1 > 2\n/\n4));")
        .write("V2__b.sql", "ALTER TABLE t ADD COLUMN b; INSERT INTO t SELECT\n'x',\ngo\nFROM t;");
    project.run_script(&["migrate", "up", "--sql"], true);
    assert_eq!(project.json(0, &["migrate", "status", "--check"])["schema"], "as-left");
    assert_eq!(project.column("SELECT name FROM pragma_table_info('t')"), ["go", "b"]);
}

/// Shells since SQLite 3.41 take `"x"` for a name, and planctl's own connections for a string, if there is no such name.
#[test]
fn a_script_asks_for_double_quoted_strings_where_a_migration_has_one() {
    let project = Project::two_tables();
    assert!(!project.script(&["migrate", "up", "--sql"]).contains("dqs"));
    project.write("V3__c.sql", "INSERT INTO a(x) SELECT \"text\";");
    let script = project.script(&["migrate", "up", "--sql"]);
    assert!(
        script.contains("\n.dbconfig dqs_dml on\n") && script.contains("\n.dbconfig dqs_ddl on\n"),
        "{script}"
    );
}

/// Law: data steps as SQL write the rows that the engine writes, whatever the keys' type and collation and whatever the
/// shape of the graph, or both refuse.
#[test]
fn data_steps_in_sql_write_what_the_engine_writes() {
    if !has_shell() {
        return;
    }
    let tables = [
        "t(id TEXT PRIMARY KEY, up TEXT, root TEXT)",
        "t(id INTEGER PRIMARY KEY, up INTEGER, root INTEGER)",
        "t(id TEXT COLLATE NOCASE PRIMARY KEY, up TEXT, root TEXT) WITHOUT ROWID",
        "t(id, up, root, x, UNIQUE(id))",
        "t(\"id\" INT PRIMARY KEY, up TEXT, root)",
        "t(id REAL PRIMARY KEY, up, root TEXT)",
        "t(up BLOB, root BLOB, id BLOB NOT NULL UNIQUE)",
    ];
    let rows: [&[(&str, &str, &str)]; 5] = [
        &[
            ("1", "NULL", "NULL"),
            ("2", "1", "''"),
            ("3", "2", "NULL"),
            ("4", "''", "4"),
            ("5", "4", "1"),
            ("6", "3", "9"),
        ],
        &[
            ("5", "4", "NULL"),
            ("4", "3", "NULL"),
            ("3", "2", "''"),
            ("2", "1", "NULL"),
            ("1", "NULL", "NULL"),
        ],
        &[("1", "NULL", "NULL"), ("2", "77", "NULL"), ("3", "2", "''"), ("4", "3", "3"), ("5", "NULL", "1")],
        &[
            ("1", "2", "NULL"),
            ("2", "1", "NULL"),
            ("3", "2", ""),
            ("4", "4", "NULL"),
            ("5", "NULL", "NULL"),
            ("6", "5", "''"),
        ],
        &[],
    ];
    let options = [
        "",
        "on-orphan=self",
        "on-orphan=skip on-cycle=skip",
        "on-orphan=self on-cycle=skip recompute=true",
        "recompute=true",
    ];
    let (mut wrote, mut refused) = (0, 0);
    for (t, table) in tables.into_iter().enumerate() {
        for (r, rows) in rows.into_iter().enumerate() {
            let text = table.contains("TEXT P") || table.contains("NOCASE");
            let value = |value: &str, upper: bool| match value.parse::<u8>() {
                Ok(n) if text => {
                    format!("'{}{n}'", if upper && table.contains("NOCASE") { 'K' } else { 'k' })
                }
                Ok(n) => n.to_string(),
                Err(_) if value.is_empty() => "''".to_owned(),
                Err(_) => value.to_owned(),
            };
            let inserts: String = rows
                .iter()
                .map(|(id, up, root)| {
                    let (id, up, root) = (value(id, false), value(up, true), value(root, true));
                    format!("INSERT INTO t(id, up, root) VALUES({id}, {up}, {root});")
                })
                .collect();
            // In the short form the options take turns.
            let step = form(3, 1);
            for option in options.into_iter().skip((t + r) % step).step_by(step) {
                let project = Project::new();
                project.write("V1__t.sql", &format!("CREATE TABLE {table};")).write(
                    "V2__fill.sql",
                    &format!("-- planctl:backfill root-ancestor table=t id=id parent=up root=root {option}"),
                );
                project.expect(0, &["migrate", "up", "--to", "1"]);
                project.sql(&inserts);
                let copy = project.copy();
                let real = project.run(&["migrate", "up"]);
                let script = copy.script(&["migrate", "up", "--sql", "--from", "1"]);
                let scripted = shell(&copy.db(), &script, false);
                let what = format!("{table} {option} {rows:?}: {}", stderr(&scripted));
                assert_eq!(real.status.success(), scripted.status.success(), "{what} {}", stderr(&real));
                assert_eq!(project.state(), copy.state(), "{what}");
                wrote += usize::from(real.status.success());
                refused += usize::from(!real.status.success());
            }
        }
    }
    assert!(wrote > form(20, 60) && refused > form(10, 30), "{wrote} written, {refused} refused");
}
