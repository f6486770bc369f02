//! What a migration cannot do to the history, to the schema, and to the connection.

use rusqlite::Connection;

use super::*;
use crate::engine::file::lend;

/// A migration that is refused, on a database that stays as it was.
fn refused_and_undone(bench: &Bench, script: &str) -> Error {
    let before = bench.dump();
    let error = refused(bench.up(&set(&[A, B, (script, "")])));
    assert_eq!(bench.dump(), before, "{script}: {error}");
    error
}

#[test]
fn no_migration_commits_a_schema_that_no_program_can_open() {
    let bench = Bench::new();
    ok(&bench.up(&set(&[A, B])));
    for edit in [
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE a(id INTEGER PRIMARY KEY, x TEXT' WHERE name = 'a'",
        "UPDATE sqlite_schema SET sql = 'nonsense' WHERE name = 'a'",
        "UPDATE sqlite_schema SET rootpage = 999 WHERE name = 'a'",
        "INSERT INTO sqlite_schema VALUES('trigger', 'g', 'a', 0, 'CREATE TRIGGER g AFTER INSERT ON a BEGIN oops; END')",
    ] {
        for end in ["", "; PRAGMA writable_schema = OFF"] {
            let error = refused_and_undone(&bench, &format!("PRAGMA writable_schema = ON; {edit}{end};"));
            assert!(
                error.message().starts_with("no connection could open the database after it"),
                "{edit}: {error}"
            );
        }
    }
    // What can be read goes through, as SQLite's own recipe for changing a table has it.
    let sound = "PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE TABLE a(id INTEGER PRIMARY KEY, x TEXT CHECK (x <> 0))' WHERE name = 'a';
        PRAGMA schema_version = 4711; PRAGMA writable_schema = OFF;";
    assert_eq!(ok(&bench.up(&set(&[A, B, (sound, "")]))), [3]);
    assert!(bench.dump().iter().any(|line| line.contains("CHECK (x <> 0)")));
}

#[test]
fn a_migration_cannot_edit_the_schema_of_the_history() {
    let bench = Bench::new();
    ok(&bench.up(&set(&[A, B])));
    for edit in [
        "DELETE FROM sqlite_schema WHERE name = 'planctl_migrations'",
        "UPDATE sqlite_schema SET sql = replace(sql, 'checksum', 'chksum') WHERE name = 'refinery_schema_history'",
        "UPDATE sqlite_schema SET name = 'h', tbl_name = 'h' WHERE name = 'planctl_migrations'",
        "UPDATE sqlite_schema SET sql = replace(sql, 'down_sql', 'down_spl') WHERE name = 'planctl_migrations'",
        "INSERT INTO sqlite_schema VALUES('trigger', 'g', 'refinery_schema_history', 0,
            'CREATE TRIGGER g AFTER INSERT ON refinery_schema_history BEGIN DELETE FROM a; END')",
        "INSERT INTO sqlite_schema VALUES('trigger', 'g', 'a', 0,
            'CREATE TRIGGER g AFTER INSERT ON Refinery_Schema_History BEGIN DELETE FROM a; END')",
    ] {
        let error = refused_and_undone(&bench, &format!("PRAGMA writable_schema = ON; {edit};"));
        assert!(error.help_text().is_some(), "{edit}: {error}");
    }
}

#[test]
fn a_migration_cannot_use_the_names_of_the_history() {
    for taken in ["refinery_schema_history", "Planctl_Migrations"] {
        for (script, kept) in [
            ("CREATE TEMP TABLE $(version, name, applied_on, checksum);", false),
            ("CREATE TEMP VIEW $ AS SELECT 1;", false),
            ("CREATE VIEW $ AS SELECT 1;", false),
            ("CREATE VIRTUAL TABLE temp.$ USING fts5(x);", false),
            ("CREATE TEMP TRIGGER g AFTER INSERT ON $ BEGIN DELETE FROM x; END;", false),
            ("CREATE TEMP TRIGGER g AFTER INSERT ON main.$ BEGIN SELECT raise(IGNORE); END;", false),
            ("CREATE TRIGGER g AFTER INSERT ON $ BEGIN SELECT raise(IGNORE); END;", false),
            // The new name is not told to anybody: what planctl does is not led astray by it.
            ("CREATE TEMP TABLE y(version, name, applied_on, checksum); ALTER TABLE y RENAME TO $;", true),
            ("CREATE TABLE y(version, name, applied_on, checksum); ALTER TABLE y RENAME TO $;", false),
        ] {
            let bench = Bench::new();
            let script =
                format!("CREATE TABLE x(a); INSERT INTO x VALUES(1); {}", script.replace("$", taken));
            let run = bench.up(&set(&[(&script, ""), B]));
            if kept {
                assert_eq!(ok(&run), [1, 2], "{script}");
                assert_eq!(bench.engine().history().unwrap().applied.len(), 2, "{script}");
                let recorded = "SELECT count(*) || '' FROM planctl_migrations";
                assert_eq!(strings(&bench.conn(), recorded), ["2"], "{script}");
            } else {
                refused(run);
                assert!(!bench.db.exists(), "{script}");
            }
        }
    }
}

/// Every setting of the connection that tells what it is.
fn settings(conn: &Connection) -> Vec<(String, Option<i64>)> {
    let questions = [
        "foreign_key_check",
        "incremental_vacuum",
        "integrity_check",
        "optimize",
        "quick_check",
        "shrink_memory",
        "wal_checkpoint",
        "data_version",
        "schema_version",
        "freelist_count",
        "page_count",
    ];
    let names = strings(conn, "PRAGMA pragma_list").into_iter();
    let mut found: Vec<_> = names
        .filter(|name| !questions.contains(&name.as_str()))
        .map(|name| {
            let value = conn.pragma_query_value(None, &name, |row| row.get(0)).ok();
            (name, value)
        })
        .collect();
    found.push(("like".into(), conn.query_row("SELECT 'a' LIKE 'A'", [], |row| row.get(0)).ok()));
    found
}

/// Law: no setting that a migration changes survives it, or changes how planctl records it.
#[test]
fn no_setting_of_a_migration_outlives_its_script() {
    let values = ["0", "1", "2", "5", "77", "ON", "OFF", "MEMORY", "FILE", "'UTF-16'"];
    let names = strings(&Connection::open_in_memory().unwrap(), "PRAGMA pragma_list");
    assert!(names.len() > 50);
    for name in names {
        // Said to be part of the database, where they stay.
        let kept = [
            "user_version",
            "application_id",
            "schema_version",
            "default_cache_size",
            "encoding",
            "auto_vacuum",
        ];
        for value in values {
            let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
            let mut conn = Connection::open(dir.path().join("lent.db")).unwrap();
            conn.execute_batch("CREATE TABLE t(x); CREATE TEMP TABLE mine(x); PRAGMA foreign_keys = ON")
                .unwrap();
            let before = settings(&conn);
            // A space in front, so that it is not refused before it runs.
            let script =
                format!("EXPLAIN PRAGMA {name} = {value}; PRAGMA {name} = {value}; CREATE TEMP TABLE k(x);");
            let chain = set(&[(&script, ""), A]);
            let run =
                lend(&mut conn, OpenOptions::default(), Job::quiet(), |engine| up(engine, &chain)).unwrap();
            let after = settings(&conn);
            for (was, is) in before.iter().zip(&after) {
                assert!(was == is || kept.contains(&was.0.as_str()), "{script}: {was:?} {is:?}");
            }
            conn.execute_batch("INSERT INTO temp.mine VALUES(1); VACUUM").unwrap();
            let page_size = |all: &[(String, Option<i64>)]| {
                all.iter().find(|(name, _)| name == "page_size").and_then(|(_, value)| *value)
            };
            assert_eq!(page_size(&settings(&conn)), page_size(&before), "{script}");
            if let Some(error) = run.error {
                assert_eq!(run.done.len(), 0, "{script}: {error}");
            } else {
                assert_eq!(run.done.len(), 2, "{script}");
                let recorded = "SELECT count(*) || '' FROM planctl_migrations JOIN refinery_schema_history USING (version, checksum)";
                assert_eq!(strings(&conn, recorded), ["2"], "{script}");
            }
        }
    }
}

#[test]
fn a_data_step_runs_with_our_settings_in_the_middle_of_a_migration() {
    let bench = Bench::with(
        "CREATE TABLE p(id INTEGER PRIMARY KEY, parent, root); INSERT INTO p VALUES(1, NULL, NULL), (2, 1, NULL)",
    );
    let script =
        "PRAGMA count_changes = ON; PRAGMA reverse_unordered_selects = ON; PRAGMA full_column_names = ON;
        PRAGMA short_column_names = OFF; PRAGMA case_sensitive_like = ON; PRAGMA max_page_count = 1;
        -- planctl:backfill root-ancestor table=p id=id parent=parent root=root
        CREATE TABLE seen AS SELECT 'a' LIKE 'A' AS told, (SELECT count(*) FROM p WHERE root = 1) AS filled;";
    let run = bench.up(&set(&[(script, "")]));
    // The migration's own settings hold for its own statements, those behind the data step as well.
    let error = refused(run);
    assert!(error.to_string().contains("full"), "{error}");
    let run = bench.up(&set(&[(&script.replace("PRAGMA max_page_count = 1;", ""), "")]));
    assert_eq!(ok(&run), [1]);
    assert_eq!(strings(&bench.conn(), "SELECT told || ' ' || filled FROM seen"), ["0 2"]);
}
