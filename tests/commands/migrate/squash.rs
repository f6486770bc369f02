//! One migration in the place of many: the same database, followed by those that have all of it, refused by the others.

use super::*;
use crate::harness::{Picture, stdout};

/// A chain whose migrations put rows of every kind into tables: values of each type, rowids with gaps, counters, a trigger
/// that must not see the rows again, a column that is computed, one table that goes again.
fn with_rows() -> Project {
    let project = Project::new();
    project
        .write(
            "V1__kinds.sql",
            "CREATE TABLE kinds (name TEXT PRIMARY KEY, value, long AS (length(name)), at INTEGER DEFAULT 3) WITHOUT ROWID;
             INSERT INTO kinds (name, value) VALUES ('it''s', 1), ('null', NULL), ('real', 0.1), ('big', 1e300),
               ('far', -9223372036854775808), ('blob', x'00ff'), ('é\n', 'two\nlines'), ('nul', 'a' || char(0) || 'b'),
               ('inf', 9e999), ('one', 1.0);",
        )
        .write("V1__kinds.down.sql", "DROP TABLE kinds;")
        .write(
            "V2__queue.sql",
            "CREATE TABLE queue (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT REFERENCES kinds);
             CREATE TABLE log (what);
             CREATE TABLE \"odd \"\"name\" (\"a b\", rowid);
             INSERT INTO \"odd \"\"name\" VALUES (1, 2), (1, 2), (3, 4);
             DELETE FROM \"odd \"\"name\" WHERE oid = 2;
             INSERT INTO queue (kind) VALUES ('it''s'), ('real'), ('big');
             DELETE FROM queue WHERE id > 1;
             INSERT INTO log VALUES ('x'), ('y'), ('z'); DELETE FROM log WHERE what = 'y';
             CREATE VIEW v AS SELECT kind FROM queue;
             CREATE TRIGGER tr AFTER INSERT ON queue BEGIN INSERT INTO log VALUES ('again'); END;
             PRAGMA user_version = 4;",
        )
        .write("V2__queue.down.sql", "DROP VIEW v; DROP TABLE queue; DROP TABLE log; DROP TABLE \"odd \"\"name\";")
        .write("V3__gone.sql", "CREATE TABLE gone (a); INSERT INTO gone VALUES (1); DROP TABLE gone; CREATE INDEX i ON log (what);")
        .write("V3__gone.down.sql", "DROP INDEX i;")
        .write("V4__next.sql", "CREATE TABLE next (a INTEGER PRIMARY KEY); INSERT INTO queue (kind) VALUES ('one');")
        .write("V4__next.down.sql", "DELETE FROM queue WHERE kind = 'one'; DROP TABLE next;");
    project
}

/// Everything in a database but its history and the texts of its schema.
fn content(db: &Path) -> Vec<String> {
    let conn = Connection::open(db).unwrap();
    let tables = column(
        &conn,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\\_migrations' ESCAPE '\\'
                                AND name <> 'refinery_schema_history' ORDER BY 1",
    );
    let mut all = vec![
        conn.query_row("SELECT user_version FROM pragma_user_version", [], |row| row.get::<_, i64>(0))
            .unwrap()
            .to_string(),
    ];
    for table in tables {
        let quoted = table.replace('"', "\"\"");
        let columns = column(
            &conn,
            &format!(
                "SELECT quote(name) FROM pragma_table_xinfo({})",
                planctl::internals::sql::quote_string(&table)
            ),
        );
        let values = columns.iter().map(|column| {
            let name = format!("\"{}\"", column.trim_matches('\'').replace("''", "'").replace('"', "\"\""));
            format!("typeof({name}) || ' ' || hex({name})")
        });
        let row = values.collect::<Vec<_>>().join(" || ' | ' || ");
        all.extend(
            column(&conn, &format!("SELECT {row} FROM \"{quoted}\" ORDER BY 1"))
                .iter()
                .map(|row| format!("{table}: {row}")),
        );
    }
    all
}

fn refinery(project: &Project, db: &str) -> Result<Vec<i32>, String> {
    let files = refinery::load_sql_migrations(project.path("migrations")).unwrap();
    let mut conn = Connection::open(project.path(db)).unwrap();
    let report = refinery::Runner::new(&files).run(&mut conn).map_err(|error| error.to_string())?;
    Ok(report.applied_migrations().iter().map(refinery::Migration::version).collect())
}

/// Law: what a squashed migration makes is what the migrations make, to the last value; a database that has all of them
/// follows, and refinery goes on with either.
#[test]
fn a_squashed_migration_makes_the_same_database_and_refinery_goes_on_with_it() {
    let project = with_rows();
    project.expect(0, &["migrate", "up", "--to", "3"]);
    project.expect(0, &["migrate", "up", "--db", "whole.db"]);
    assert_eq!(refinery(&project, "theirs.db").unwrap(), [1, 2, 3, 4]);
    let said = project.json(0, &["migrate", "squash", "--to", "3"]);
    assert_eq!((said["rows"].as_u64(), said["replaced"].as_array().unwrap().len()), (Some(15), 3), "{said}");
    project.expect(0, &["migrate", "up", "--db", "fresh.db"]);
    assert_eq!(content(&project.path("fresh.db")), content(&project.path("whole.db")));
    assert!(
        stdout(&project.expect(0, &["schema", "diff", "fresh.db", "whole.db"])).contains("nothing found")
    );
    assert_eq!(refinery(&project, "fresh.db").unwrap(), [] as [i32; 0], "of the same checksum");

    // refinery alone cannot follow; planctl can, with its own records or without.
    assert!(refinery(&project, "whole.db").is_err());
    for db in ["whole.db", "theirs.db"] {
        let status = project.json(1, &["migrate", "status", "--check", "--db", db]);
        assert_eq!((&status["migrations"][0]["state"], &status["problems"]), (&"squashed".into(), &0.into()));
        let before = content(&project.path(db));
        let up = project.json(0, &["migrate", "up", "--db", db]);
        assert_eq!(up["squashed"]["replaced"], 3, "{up}");
        assert_eq!(up["migrations"].as_array().unwrap().len(), 0);
        assert_eq!(content(&project.path(db)), before, "no row changes");
        project.expect(0, &["migrate", "status", "--check", "--db", db]);
        assert_eq!(refinery(&project, db).unwrap(), [] as [i32; 0], "{db}");
        assert!(project.json(0, &["migrate", "up", "--db", db])["squashed"].is_null(), "once is enough");
    }
    // What is pending comes in the same run, and the backup is from before all of it.
    let up = project.json(0, &["migrate", "up", "--backup", "before.db"]);
    assert_eq!((&up["squashed"]["version"], &up["migrations"][0]["version"]), (&3.into(), &4.into()));
    assert_eq!(content(&project.db()), content(&project.path("fresh.db")));
    let history = |db: &str| {
        column(
            &Connection::open(project.path(db)).unwrap(),
            "SELECT name FROM refinery_schema_history ORDER BY version",
        )
    };
    assert_eq!(history("before.db"), ["kinds", "queue", "gone"]);
    assert_eq!(history("planctl.db"), ["squashed", "next"]);

    // And the way back leads to nothing, by the script that was stored when it followed.
    let down = project.json(0, &["migrate", "down", "--to", "0", DESTROY]);
    let scripts: Vec<&Value> = down["migrations"].as_array().unwrap().iter().map(|m| &m["script"]).collect();
    assert_eq!(scripts, ["stored", "stored"]);
    assert_eq!(content(&project.db()), ["0"]);
    project.expect(0, &["migrate", "up"]);
    assert_eq!(content(&project.db()), content(&project.path("fresh.db")));
}

/// Whatever a database has followed meanwhile, it follows the last squash, by a run as by a script.
#[test]
fn a_squash_of_a_squash_is_followed_from_each_history_that_led_there() {
    let project = with_rows();
    let up = |db: &str| drop(project.expect(0, &["migrate", "up", "--db", db]));
    let history = |db: &str| {
        let names = "SELECT name FROM refinery_schema_history ORDER BY version";
        column(&Connection::open(project.path(db)).unwrap(), names).join(" ")
    };
    project.expect(0, &["migrate", "up", "--to", "1", "--db", "one.db"]);
    assert_eq!(refinery(&project, "theirs.db").unwrap(), [1, 2, 3, 4]);
    up("singles.db");
    up("first.db");
    up("second.db");
    project.expect(0, &["migrate", "squash", "--to", "2"]);
    up("first.db");
    up("second.db");
    project.expect(0, &["migrate", "up", "--to", "2", "--db", "two.db"]);
    project.expect(0, &["migrate", "squash", "--to", "3"]);
    up("second.db");
    project.expect(0, &["migrate", "squash", "--to", "4"]);
    let ways = [
        ("singles.db", "kinds queue gone next", 4),
        ("theirs.db", "kinds queue gone next", 4),
        ("first.db", "squashed gone next", 3),
        ("second.db", "squashed_2 next", 2),
    ];
    up("fresh.db");
    for (db, was, replaced) in ways {
        assert_eq!(history(db), was);
        let copy = format!("script_{db}");
        fs::copy(project.path(db), project.path(&copy)).unwrap();
        let up = project.json(0, &["migrate", "up", "--db", db]);
        assert_eq!(up["squashed"]["replaced"], replaced, "{db}: {up}");
        assert_eq!(
            (history(db), content(&project.path(db))),
            ("squashed_3".to_owned(), content(&project.path("fresh.db")))
        );
        project.expect(0, &["migrate", "status", "--check", "--db", db]);
        if offline::has_shell() {
            fs::copy(project.path(&copy), project.db()).unwrap();
            project.run_script(&["migrate", "up", "--sql", "--from", "4"], false);
            assert_eq!(history("planctl.db"), "squashed_3", "{db}");
            project.expect(0, &["migrate", "status", "--check"]);
            let records = "SELECT version || rows_backfilled || took_ms || coalesce(down_checksum, '-') || schema_before \
                           || schema_after FROM planctl_migrations";
            let recorded = |db: &str| column(&Connection::open(project.path(db)).unwrap(), records);
            if db != "theirs.db" {
                assert_eq!(recorded("planctl.db"), recorded(db), "{db}");
            }
        }
    }
    for (db, said) in [
        ("one.db", "replaces 4 migrations, of which 3 are not"),
        ("two.db", "replaces 3 migrations, of which 2 are not"),
    ] {
        let error = stderr(&project.expect(2, &["migrate", "up", "--db", db]));
        assert!(error.contains(said), "{db}: {error}");
    }
}

/// Law: a database that has only some of what was squashed, or something else, is told and not touched, whatever the
/// command; with the files as they were it gets to where it can follow.
#[test]
fn a_database_that_has_only_some_of_it_is_told_what_to_do_first() {
    let project = with_rows();
    let was = project.path("was");
    let copy = || {
        fs::create_dir_all(&was).unwrap();
        for file in harness::entries(&project.path("migrations")) {
            fs::copy(&file, was.join(file.file_name().unwrap())).unwrap();
        }
    };
    copy();
    project.expect(0, &["migrate", "up", "--to", "2"]);
    project.expect(0, &["migrate", "up", "--to", "3", "--db", "edited.db"]);
    Connection::open(project.path("edited.db"))
        .unwrap()
        .execute_batch("UPDATE refinery_schema_history SET checksum = '1' WHERE version = 2")
        .unwrap();
    project.expect(0, &["migrate", "up", "--to", "3", "--db", "other.db"]);
    Connection::open(project.path("other.db")).unwrap()
        .execute_batch("INSERT INTO refinery_schema_history SELECT 0, name, applied_on, checksum FROM refinery_schema_history WHERE version = 2").unwrap();
    // Whoever squashes has none of them open; one that has only some would be left without the files that it needs.
    let files = harness::entries(&project.path("migrations"));
    let refused = project.expect(2, &["migrate", "squash", "--to", "3"]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("planctl.db is at version 2, and needs the files up to version 3"), "{told}");
    assert!(told.contains("run `planctl migrate up --to 3` first; no file was changed"), "{told}");
    assert_eq!(harness::entries(&project.path("migrations")), files);
    project.expect(0, &["migrate", "squash", "--to", "3", "--db", "elsewhere.db"]);
    for (db, message, help) in [
        (
            "planctl.db",
            "replaces 3 migrations, of which 1 is not applied to the database",
            "run `planctl --db planctl.db migrate up --to 3` there",
        ),
        (
            "edited.db",
            "V2__queue was applied with another text or name",
            "`planctl --db edited.db migrate status` says there what differs",
        ),
        (
            "other.db",
            "V0__queue was applied, which is not one of those",
            "check out the project as it was before the squash",
        ),
    ] {
        let bytes = fs::read(project.path(db)).unwrap();
        for args in [
            &["up"][..],
            &["down", DESTROY],
            &["baseline", "--to", "3", "--force"],
            &["up", "--dry-run"],
            &["redo", DESTROY],
        ] {
            let output = project.expect(2, &[&["migrate"], args, &["--db", db]].concat());
            let said = stderr(&output);
            assert!(said.contains(message) && said.contains(help), "{db} {args:?}: {said}");
        }
        let status = project.expect(1, &["migrate", "status", "--check", "--db", db]);
        assert!(stdout(&status).contains(message), "{}", stdout(&status));
        assert_eq!(fs::read(project.path(db)).unwrap(), bytes, "{db}");
    }
    project.expect(0, &["migrate", "up", "--to", "3", "--migrations", "was"]);
    // All of it is there, and still recorded one by one: only `up` goes on.
    for args in [&["down", DESTROY][..], &["baseline", "--to", "4", "--force"]] {
        let said = stderr(&project.expect(2, &[&["migrate"], args].concat()));
        assert!(said.contains("`planctl migrate up` records the squashed one in their place"), "{said}");
    }
    project.expect(0, &["migrate", "up"]);
    project.expect(0, &["migrate", "status", "--check"]);
}

/// Law: what depends on more than the migrations themselves is refused, with the reason, and then no file changes.
#[test]
fn what_cannot_be_proven_is_refused_and_no_file_is_changed() {
    let cases = [
        ("INSERT INTO t VALUES (datetime('now'))", "what the migrations write into t.a differs each time"),
        ("INSERT INTO t VALUES (abs(random()) % 2)", "what the migrations write into t.a differs each time"),
        ("INSERT INTO t SELECT 1 WHERE random() > 0", "what the migrations write into t"),
        (
            "CREATE TABLE u (a, at DEFAULT CURRENT_TIMESTAMP); INSERT INTO u (a) VALUES (1)",
            "into u.at differs each time",
        ),
        ("INSERT INTO t VALUES (ulid())", "the migrations call ulid(), which is not a SQLite function"),
        (
            "CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('word')",
            "rows into the virtual table f",
        ),
        ("INSERT INTO t VALUES (CAST(x'ff' AS TEXT))", "t has text that is not UTF-8"),
        ("DROP TABLE t", "the migrations up to version 2 make nothing"),
        ("INSERT INTO missing VALUES (1)", "no such table: missing"),
    ];
    for (sql, message) in cases {
        let project = Project::new();
        project.write("V1__t.sql", "CREATE TABLE t (a);\n").write("V2__x.sql", &format!("{sql};\n"));
        let before = Picture::of(project.dir.path());
        let output = project.expect(2, &["migrate", "squash", "--to", "2"]);
        assert!(stderr(&output).contains(message), "{sql}: {}", stderr(&output));
        before.assert_same(&Picture::of(project.dir.path()), sql);
    }
    let project = Project::two_tables();
    assert!(stderr(&project.expect(2, &["migrate", "squash", "--to", "7"])).contains("has version 7"));
    let nothing = project.expect(0, &["migrate", "squash", "--to", "1"]);
    assert!(stdout(&nothing).contains("nothing to do: V1__a is the only migration up to version 1"));
    // On no row at all, the time and chance make no difference.
    project.write("V3__c.sql", "UPDATE a SET x = datetime('now'); UPDATE a SET x = hex(randomblob(8));");
    project.expect(0, &["migrate", "squash", "--to", "3"]);
}

/// Law: whatever fails among the files, all of them are as they were; what was interrupted is refused as a whole.
#[test]
fn files_are_replaced_all_or_none_and_an_interrupted_squash_is_told() {
    let project = with_rows();
    fs::create_dir_all(project.path("tests/migrations")).unwrap();
    for name in ["V1__kinds", "V4__next"] {
        fs::write(
            project.path(&format!("tests/migrations/{name}.test.sql")),
            "-- then\n-- expect: 1\nSELECT 1;\n",
        )
        .unwrap();
    }
    // Where a file is to step aside, something stands already.
    let in_the_way = project.path("migrations/.V2__queue.sql.aside");
    fs::create_dir_all(in_the_way.join("x")).unwrap();
    let before = Picture::of(project.dir.path());
    project.expect(2, &["migrate", "squash", "--to", "3"]);
    before.assert_same(&Picture::of(project.dir.path()), "one file cannot be moved");
    fs::remove_dir_all(in_the_way).unwrap();
    fs::write(project.path("migrations/V3__squashed.sql"), "").unwrap();
    project.expect(2, &["migrate", "squash", "--to", "3"]);
    fs::remove_file(project.path("migrations/V3__squashed.sql")).unwrap();

    let last = fs::read(project.path("migrations/V3__gone.sql")).unwrap();
    project.expect(0, &["migrate", "squash", "--to", "3"]);
    let names = |folder: &str| -> Vec<String> {
        harness::entries(&project.path(folder))
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names("migrations"),
        ["V3__squashed.down.sql", "V3__squashed.sql", "V4__next.down.sql", "V4__next.sql"]
    );
    assert_eq!(names("tests/migrations"), ["V4__next.test.sql"]);
    project.expect(0, &["migrate", "test"]);
    // A process that was killed on the way leaves the version itself, which goes last, beside the new one.
    fs::write(project.path("migrations/V3__gone.sql"), last).unwrap();
    let said = stderr(&project.expect(2, &["migrate", "up"]));
    assert!(said.contains("V3__squashed.sql replaces migrations/V3__gone.sql, which is still there: a squash was interrupted"), "{said}");
    fs::remove_file(project.path("migrations/V3__gone.sql")).unwrap();
    project.expect(0, &["migrate", "up"]);
    // And what was squashed can be squashed again.
    project.expect(0, &["migrate", "squash", "--to", "4"]);
    project.expect(0, &["migrate", "up"]);
    assert_eq!(project.column("SELECT name FROM refinery_schema_history"), ["squashed_2"]);
    project.expect(0, &["migrate", "status", "--check"]);
}

/// Law: a real chain can be squashed, unless it writes what no migration can replace; then it is said.
#[test]
fn real_chains_are_squashed_and_databases_of_before_follow() {
    let Some(chains) = harness::shared("corpus/chains") else { return };
    let mut squashed = 0;
    for chain in harness::entries(&chains) {
        let project = Project::new();
        let mut newest = 0;
        for file in
            harness::entries(&chain).iter().filter(|file| file.extension().is_some_and(|end| end == "sql"))
        {
            let name = file.file_name().unwrap().to_string_lossy().replace('-', "_");
            newest = newest.max(name[1..].split("__").next().unwrap().parse::<i64>().unwrap());
            project.write(&name, &fs::read_to_string(file).unwrap());
        }
        let up = project.run(&["migrate", "up"]);
        if !up.status.success() {
            continue;
        }
        let output = project.run(&["migrate", "squash", "--to", &newest.to_string()]);
        if !output.status.success() {
            let said = stderr(&output);
            assert!(said.contains("differs each time"), "{}: {said}", chain.display());
            continue;
        }
        squashed += 1;
        project.expect(0, &["migrate", "up"]);
        project.expect(0, &["migrate", "status", "--check"]);
        project.expect(0, &["migrate", "up", "--db", "fresh.db"]);
        assert_eq!(content(&project.db()), content(&project.path("fresh.db")), "{}", chain.display());
        project.expect(0, &["schema", "diff", "fresh.db", "planctl.db"]);
        project.expect(0, &["migrate", "down", DESTROY]);
    }
    assert!(squashed >= 8, "{squashed}");
}

/// Law: a script ends where the run ends also on a database that has not followed: in its one transaction; one that cannot
/// follow is told, and not touched.
#[test]
fn the_script_follows_a_squash_as_the_run_does() {
    if !offline::has_shell() {
        return;
    }
    let project = Project::new();
    for (name, sql) in [
        (
            "V1__a",
            "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, x); INSERT INTO a (x) VALUES ('it''s'), (2);",
        ),
        ("V2__b", "CREATE TABLE b (x REFERENCES a);"),
        ("V3__c", "CREATE TABLE c (x);"),
        ("V4__d", "CREATE TABLE d (x); INSERT INTO a (x) VALUES (3);"),
    ] {
        project.write(&format!("{name}.sql"), sql);
    }
    project.write("V4__d.down.sql", "DELETE FROM a WHERE x = 3; DROP TABLE d;");
    project.expect(0, &["migrate", "up", "--to", "2"]);
    let some = fs::read(project.db()).unwrap();
    project.expect(0, &["migrate", "up", "--to", "3"]);
    for (version, list) in [
        (3, r#"[{"table":"a","rows":1,"first":["7"]},{"table":"it's","rows":3,"first":[]}]"#),
        (1, r#"[{"table":"a","rows":2,"first":["1","2"]}]"#),
    ] {
        let steps = format!(
            "backfilled = {}, rows_backfilled = {version}",
            planctl::internals::sql::quote_string(list)
        );
        project.sql(&format!("UPDATE planctl_migrations SET {steps} WHERE version = {version}"));
    }
    let all = fs::read(project.db()).unwrap();
    assert_eq!(refinery(&project, "theirs.db").unwrap(), [1, 2, 3, 4]);
    project.expect(0, &["migrate", "squash", "--to", "3"]);
    let rows = || {
        let mut rows = content(&project.db());
        rows.extend(
            project
                .column("SELECT version || name || checksum FROM refinery_schema_history ORDER BY version"),
        );
        rows.extend(project.column(
            "SELECT p.version || ' ' || p.checksum || ' ' || rows_backfilled || ' ' || coalesce(down_sql, '-') || ' ' ||
             coalesce(backfilled, '-') || coalesce(down_checksum, '-') || ' ' || schema_before || ' ' || schema_after || (took_ms < 0) ||
             (p.applied_on = h.applied_on)
             FROM planctl_migrations p JOIN refinery_schema_history h USING (version) ORDER BY 1",
        ));
        rows
    };
    project.expect(0, &["migrate", "up"]);
    let by_run = rows();
    assert!(by_run.iter().any(|row| row.contains("\"rows\":2") && row.contains("\"rows\":3")), "{by_run:?}");
    fs::write(project.db(), &all).unwrap();
    let script = ["migrate", "up", "--sql", "--from", "3"];
    project.run_script(&script, true);
    assert_eq!(rows(), by_run);
    project.expect(0, &["migrate", "status", "--check"]);
    assert_eq!(refinery(&project, "planctl.db").unwrap(), [] as [i32; 0]);
    // One that has followed, and one that refinery alone migrated.
    project.expect(0, &["migrate", "down", DESTROY]);
    project.run_script(&script, false);
    assert_eq!(content(&project.db()).len(), content(&project.path("theirs.db")).len());
    fs::copy(project.path("theirs.db"), project.db()).unwrap();
    project.run_script(&["migrate", "up", "--sql", "--from", "4"], false);
    assert_eq!(refinery(&project, "planctl.db").unwrap(), [] as [i32; 0]);
    fs::write(project.db(), &some).unwrap();
    let said = project.stopped_script(&project.script(&script));
    assert!(said.contains("needs `planctl migrate up --to 3` first, with the files as they were"), "{said}");
}
