//! A hint is a command that was tried: it is run as it stands where it is shown, and leads on.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::run;
use crate::harness::{stderr, stdout, write};

/// Version 1 makes `t`, version 2 an index and a view; the spec asks for that.
pub(crate) fn project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        "migrations/V1__t.sql",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n INTEGER);",
    );
    write(dir.path(), "migrations/V1__t.down.sql", "DROP TABLE t;");
    write(
        dir.path(),
        "migrations/V2__i.sql",
        "CREATE INDEX i ON t (name); CREATE VIEW v AS SELECT name FROM t;",
    );
    write(dir.path(), "migrations/V2__i.down.sql", "DROP VIEW v; DROP INDEX i;");
    write(dir.path(), "spec/ddl.sql", SPEC);
    dir
}

const SPEC: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n INTEGER);
CREATE INDEX i ON t (name);
CREATE VIEW v AS SELECT name FROM t;
";

pub(crate) fn sql(dir: &Path, sql: &str) {
    Connection::open(dir.join("planctl.db")).unwrap().execute_batch(sql).unwrap();
}

fn ok(dir: &Path, args: &[&str]) -> String {
    let output = run(dir, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}\n{}{}", stdout(&output), stderr(&output));
    stdout(&output).to_owned()
}

/// The commands that a text names, with a name of a migration where there has to be one.
fn named(text: &str, name: &str) -> Vec<Vec<String>> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter_map(|command| command.strip_prefix("planctl "))
        .map(|command| command.replace("NAME", name).split(' ').map(str::to_owned).collect())
        .collect()
}

/// Runs a command; what it prints of SQL is run as well.
fn follow(dir: &Path, command: &[String]) {
    let args: Vec<&str> = command.iter().map(String::as_str).collect();
    let printed = ok(dir, &args);
    if args.contains(&"--sql") {
        let script: String =
            printed.lines().filter(|line| !line.starts_with('.')).map(|l| format!("{l}\n")).collect();
        sql(dir, &script);
    }
}

/// Follows the first hint of an audit until there is nothing to hint at; gives the commands.
fn followed(dir: &Path) -> Vec<String> {
    let mut commands = Vec::new();
    loop {
        let audit = run(dir, &["audit"]);
        assert!(matches!(audit.status.code(), Some(0 | 1)), "{}", stderr(&audit));
        if audit.status.code() == Some(0) {
            return commands;
        }
        assert!(commands.len() < 5, "{commands:?} led to\n{}", stdout(&audit));
        let hints = named(stdout(&audit), &format!("hint_{}", commands.len()));
        let first = hints.first().unwrap_or_else(|| panic!("no hint in\n{}", stdout(&audit)));
        follow(dir, first);
        commands.push(first.join(" "));
    }
}

const BY_SCRIPT: &str = "audit --sql";
const WITH_LOSS: &str = "audit --sql --allow-destructive";

/// What was done by hand → the commands that end it.
#[test]
fn the_hints_of_an_audit_after_a_change_by_hand_end_it_and_keep_the_rows() {
    for (by_hand, commands) in [
        ("DROP INDEX i", &[BY_SCRIPT][..]),
        ("CREATE INDEX j ON t (n)", &[BY_SCRIPT]),
        ("DROP VIEW v; CREATE VIEW v AS SELECT n FROM t", &[BY_SCRIPT]),
        ("DROP VIEW v; CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END", &[BY_SCRIPT]),
        ("ALTER TABLE t ADD COLUMN hand TEXT", &[WITH_LOSS]),
        ("CREATE TABLE other (a); INSERT INTO other VALUES (1)", &[WITH_LOSS]),
        ("DROP VIEW v; DROP INDEX i; ALTER TABLE t DROP COLUMN n", &[BY_SCRIPT]),
        ("CREATE TABLE _sqlx_migrations (version); DROP INDEX i", &[BY_SCRIPT]),
    ] {
        let dir = project();
        ok(dir.path(), &["-q", "migrate", "up"]);
        sql(dir.path(), "INSERT INTO t VALUES (7, 'seven', 7)");
        sql(dir.path(), by_hand);
        assert_eq!(followed(dir.path()), commands, "{by_hand}");
        ok(dir.path(), &["migrate", "status", "--check"]);
        let db = Connection::open(dir.path().join("planctl.db")).unwrap();
        let name: String = db.query_row("SELECT name FROM t WHERE id = 7", [], |row| row.get(0)).unwrap();
        assert_eq!(name, "seven", "{by_hand}");
        let theirs = "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'";
        let kept: bool = db.query_row(theirs, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, by_hand.contains("_sqlx"), "{by_hand}");
    }
}

/// What the spec asks for beyond the migrations → the commands that get there.
#[test]
fn the_hints_of_an_audit_after_a_change_of_the_spec_end_it() {
    for (more, commands) in [
        ("CREATE TABLE u (id INTEGER PRIMARY KEY);", &["migrate generate hint_0", "migrate up"][..]),
        ("PRAGMA user_version = 7;", &["migrate generate hint_0", "migrate up"]),
        ("PRAGMA journal_mode = WAL;", &[BY_SCRIPT]),
        ("PRAGMA auto_vacuum = FULL;", &[BY_SCRIPT]),
        (
            "PRAGMA journal_mode = WAL; PRAGMA auto_vacuum = INCREMENTAL; CREATE INDEX k ON t (n);",
            &["migrate generate hint_0", "migrate up", BY_SCRIPT],
        ),
    ] {
        let dir = project();
        ok(dir.path(), &["-q", "migrate", "up"]);
        write(dir.path(), "spec/ddl.sql", format!("{SPEC}{more}"));
        assert_eq!(followed(dir.path()), commands, "{more}");
        // What no migration can set is no reason for a check to be red.
        ok(dir.path(), &["check", "--fail-on", "error"]);
        ok(dir.path(), &["audit", "--scratch"]);
    }
}

/// A column that got another name and NOT NULL at once does not look like the old one, and its values were to be dropped.
#[test]
fn the_only_new_column_may_be_the_only_old_one_though_it_is_defined_otherwise() {
    let dir = project();
    ok(dir.path(), &["-q", "migrate", "up"]);
    sql(dir.path(), "INSERT INTO t VALUES (7, 'seven', 7)");
    let renamed = SPEC.replace("n INTEGER", "size INTEGER NOT NULL");
    write(dir.path(), "spec/ddl.sql", &renamed);
    let hint = "if size is n under a new name, write `-- planctl:renamed-from n` above it in spec/ddl.sql";
    let generated = run(dir.path(), &["migrate", "generate", "size"]);
    assert!(stderr(&generated).contains(hint), "{}", stderr(&generated));
    let audit = run(dir.path(), &["audit"]);
    let hint = "if it is n under a new name, write `-- planctl:renamed-from n` above it";
    assert!(stdout(&audit).contains(hint), "{}", stdout(&audit));
    write(dir.path(), "spec/ddl.sql", renamed.replace("size", "\n-- planctl:renamed-from n\nsize"));
    assert_eq!(followed(dir.path()), ["migrate generate hint_0", "migrate up"]);
    let db = Connection::open(dir.path().join("planctl.db")).unwrap();
    assert_eq!(db.query_row("SELECT size FROM t", [], |row| row.get(0)), Ok(7));
    // Nobody can know which of two columns it is, and who says that it is new is not asked.
    for other in [
        SPEC.replace("n INTEGER", "size INTEGER NOT NULL DEFAULT 1, more INTEGER NOT NULL DEFAULT 1"),
        SPEC.replace("n INTEGER", "\n-- planctl:new\nsize INTEGER NOT NULL DEFAULT 1"),
    ] {
        let dir = project();
        ok(dir.path(), &["-q", "migrate", "up"]);
        sql(dir.path(), "INSERT INTO t VALUES (7, 'seven', 7)");
        write(dir.path(), "spec/ddl.sql", &other);
        let generated = run(dir.path(), &["migrate", "generate", "size"]);
        let told = stderr(&generated);
        assert!(told.contains("would lose data") && !told.contains("under a new name"), "{told}");
    }
}

#[test]
fn pending_migrations_are_applied_before_anything_else_is_done() {
    let dir = project();
    ok(dir.path(), &["-q", "migrate", "up", "--to", "1"]);
    assert_eq!(followed(dir.path()), ["migrate up"]);
    let dir = project();
    sql(dir.path(), "PRAGMA user_version = 0; CREATE TABLE x (a); DROP TABLE x;");
    assert_eq!(followed(dir.path()), ["migrate up"], "a database without a table");
    let dir = project();
    ok(dir.path(), &["-q", "migrate", "up", "--to", "1"]);
    sql(dir.path(), "ALTER TABLE t ADD COLUMN hand TEXT");
    assert_eq!(followed(dir.path()), ["migrate up", WITH_LOSS]);
}

#[test]
fn a_database_that_no_migration_made_is_closed_by_a_script() {
    let dir = project();
    sql(
        dir.path(),
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n INTEGER); INSERT INTO t VALUES (1, 'a', 2)",
    );
    assert_eq!(followed(dir.path()), [BY_SCRIPT]);
    fs::remove_dir_all(dir.path().join("migrations")).unwrap();
    sql(dir.path(), "DROP VIEW v");
    assert_eq!(followed(dir.path()), [BY_SCRIPT]);
    write(dir.path(), "migrations/V1__t.sql", "nonsense");
    sql(dir.path(), "DROP INDEX i");
    assert_eq!(followed(dir.path()), [BY_SCRIPT]);
    // What would be generated creates the tables that are there, and cannot run on this database.
    fs::remove_file(dir.path().join("migrations/V1__t.sql")).unwrap();
    sql(dir.path(), "DROP INDEX i");
    assert_eq!(followed(dir.path()), [BY_SCRIPT]);
    write(dir.path(), "migrations/V1__t.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY);");
    sql(dir.path(), "DROP INDEX i");
    assert_eq!(followed(dir.path()), [BY_SCRIPT]);
}

#[test]
fn a_script_leaves_alone_what_the_ledger_excuses_and_says_what_would_go() {
    let dir = project();
    ok(dir.path(), &["-q", "migrate", "up"]);
    sql(
        dir.path(),
        "ALTER TABLE t ADD COLUMN kept TEXT; DROP INDEX i; INSERT INTO t VALUES (1, 'a', 2, 'k')",
    );
    write(
        dir.path(),
        "spec/deviations.toml",
        "[[deviation]]\nrule = 'extra-column'\ntable = 't'\nname = 'kept'\nactual = 'kept TEXT'\nreason = 'meant'\n",
    );
    assert_eq!(followed(dir.path()), [BY_SCRIPT]);
    let db = Connection::open(dir.path().join("planctl.db")).unwrap();
    let kept: String = db.query_row("SELECT kept FROM t", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "k");
    sql(dir.path(), "ALTER TABLE t ADD COLUMN gone TEXT");
    let refused = run(dir.path(), &["audit", "--sql"]);
    assert_eq!((refused.status.code(), stdout(&refused)), (Some(2), ""));
    assert!(stderr(&refused).contains("t.gone") && stderr(&refused).contains("--allow-destructive"));
    assert!(!ok(dir.path(), &["audit", "--sql", "--allow-destructive"]).contains("DROP COLUMN kept"));
}

#[test]
fn an_encoding_is_settled_and_a_dump_loaded_into_a_new_file_has_another() {
    let dir = project();
    ok(dir.path(), &["-q", "migrate", "up"]);
    write(dir.path(), "spec/ddl.sql", format!("PRAGMA encoding = 'UTF-16le';\n{SPEC}"));
    let audit = run(dir.path(), &["audit"]);
    assert!(stdout(&audit).contains("load a dump of it into a new one that begins with the PRAGMA"));
    let script = run(dir.path(), &["audit", "--sql"]);
    assert_eq!(script.status.code(), Some(2));
    assert!(stderr(&script).contains("begins with PRAGMA encoding = 'UTF-16le'"), "{}", stderr(&script));
    let dump = ok(dir.path(), &["schema", "dump"]);
    let new = Connection::open(dir.path().join("new.db")).unwrap();
    new.execute_batch(&format!("PRAGMA encoding = 'UTF-16le';\n{dump}")).unwrap();
    ok(dir.path(), &["--db", "new.db", "audit"]);
}

#[test]
fn what_was_changed_by_hand_is_adopted_and_other_databases_follow() {
    for by_hand in [
        "CREATE INDEX j ON t (n)",
        "ALTER TABLE t ADD COLUMN hand TEXT",
        "DROP VIEW v; DROP INDEX i",
        "CREATE TABLE u (id INTEGER PRIMARY KEY, t INTEGER NOT NULL REFERENCES t); CREATE INDEX ut ON u (t)",
        "DROP VIEW v; DROP INDEX i; ALTER TABLE t DROP COLUMN n",
    ] {
        let dir = project();
        ok(dir.path(), &["-q", "migrate", "up"]);
        sql(dir.path(), "INSERT INTO t VALUES (7, 'seven', 7); CREATE TABLE schema_migrations (version)");
        sql(dir.path(), by_hand);
        let status = run(dir.path(), &["migrate", "status", "--check"]);
        assert_eq!(status.status.code(), Some(1), "{by_hand}");
        let adopt =
            named(stdout(&status), "by_hand").into_iter().find(|command| command[1] == "adopt").unwrap();
        follow(dir.path(), &adopt);
        ok(dir.path(), &["migrate", "status", "--check"]);
        // Here it is done already; a database that has the migrations only gets the same from the file.
        ok(dir.path(), &["--db", "other.db", "-q", "migrate", "up"]);
        let diff = run(dir.path(), &["schema", "diff", "planctl.db", "migrations"]);
        let found = stdout(&diff);
        assert!(!found.contains(" t ") && found.matches("error ").count() <= 1, "{by_hand}\n{found}");
        ok(dir.path(), &["--db", "other.db", "-q", "migrate", "down"]);
        let again = run(dir.path(), &["migrate", "adopt", "again"]);
        assert!(stdout(&again).starts_with("nothing to do: "), "{}", stderr(&again));
    }
}

#[test]
fn what_was_changed_by_hand_is_adopted_before_what_is_pending() {
    let dir = project();
    let dir = dir.path();
    ok(dir, &["-q", "migrate", "up"]);
    sql(dir, "CREATE TABLE u (a); CREATE INDEX j ON t (n)");
    // Ten are pending: by their names they come in another order than by their versions.
    for version in 3..13 {
        let up = format!(
            "-- V{version}__p\nCREATE TABLE p{version} AS SELECT * FROM {};",
            match version {
                3 => "u".to_owned(),
                later => format!("p{}", later - 1),
            }
        );
        write(dir, &format!("migrations/V{version}__p.sql"), up);
        write(dir, &format!("migrations/V{version}__p.down.sql"), format!("DROP TABLE p{version};"));
    }
    write(
        dir,
        "tests/migrations/V12__is_there.test.sql",
        "-- given\n-- then\nSELECT count(*) FROM p12;\n-- expect: 0\n",
    );
    let files = || {
        let names = fs::read_dir(dir.join("migrations")).unwrap().map(|entry| entry.unwrap().file_name());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let before = files();
    let refused = run(dir, &["migrate", "adopt", "hand"]);
    assert!(
        stderr(&refused).contains("lacks 10 migrations") && stderr(&refused).contains("--renumber-pending")
    );
    // Nothing is renamed where it cannot be recorded.
    let other = Connection::open(dir.join("planctl.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let args = ["migrate", "adopt", "hand", "--renumber-pending"];
    let locked = run(dir, &[&args[..], &["--lock-timeout", "1ms"]].concat());
    assert_eq!((locked.status.code(), files()), (Some(2), before), "{}", stderr(&locked));
    assert!(fs::read_to_string(dir.join("migrations/V3__p.sql")).unwrap().starts_with("-- V3__p\n"));
    drop(other);
    let said = ok(dir, &args);
    assert!(said.contains("V3__hand.sql") && said.contains("V22__p.sql"), "{said}");
    assert!(fs::read_to_string(dir.join("migrations/V13__p.sql")).unwrap().starts_with("-- V13__p\n"));
    assert!(dir.join("tests/migrations/V22__is_there.test.sql").exists());
    ok(dir, &["migrate", "status"]);
    for db in ["planctl.db", "other.db"] {
        ok(dir, &["--db", db, "-q", "migrate", "up"]);
        ok(dir, &["--db", db, "migrate", "status", "--check"]);
    }
    assert_eq!(ok(dir, &["schema", "dump", "planctl.db"]), ok(dir, &["schema", "dump", "other.db"]));
}

#[test]
fn what_was_changed_by_hand_is_put_back_and_the_migrations_left_it_so() {
    for by_hand in [
        "CREATE INDEX j ON t (n); CREATE TABLE schema_migrations (version)",
        "ALTER TABLE t ADD COLUMN hand TEXT",
        "DROP VIEW v; DROP INDEX i",
        "CREATE TABLE u (a); INSERT INTO u VALUES (1)",
    ] {
        let dir = project();
        ok(dir.path(), &["-q", "migrate", "up"]);
        sql(dir.path(), by_hand);
        let status = run(dir.path(), &["migrate", "status", "--check"]);
        let back = named(stdout(&status), "").into_iter().find(|command| command[0] == "schema").unwrap();
        follow(dir.path(), &back);
        ok(dir.path(), &["migrate", "status", "--check"]);
        let again = run(dir.path(), &["migrate", "adopt", "again"]);
        assert!(stdout(&again).starts_with("nothing to do: "), "{by_hand} {}", stderr(&again));
    }
}

/// What went wrong, the command that its help names, and then the same again.
#[test]
fn the_helps_of_what_is_missing_make_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let help = |args: &[&str], name: &str| {
        let output = run(dir, args);
        assert_eq!(output.status.code(), Some(2), "{args:?} {}", stdout(&output));
        named(stderr(&output), name).into_iter().next().unwrap_or_else(|| panic!("{}", stderr(&output)))
    };
    // No folder, then no migration in it that does anything, then no database.
    follow(dir, &help(&["migrate", "up"], "first"));
    let up = dir.join("migrations/V1__first.sql");
    fs::write(&up, "CREATE TABLE t (id INTEGER PRIMARY KEY);").unwrap();
    fs::write(dir.join("migrations/V1__first.down.sql"), "DROP TABLE t;").unwrap();
    write(dir, "spec/ddl.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY);");
    follow(dir, &help(&["audit"], ""));
    ok(dir, &["audit"]);
    // An older checkout on a newer database.
    write(dir, "migrations/V2__u.sql", "CREATE TABLE u (a);");
    write(dir, "migrations/V2__u.down.sql", "DROP TABLE u;");
    ok(dir, &["-q", "migrate", "up"]);
    fs::remove_file(dir.join("migrations/V2__u.sql")).unwrap();
    fs::remove_file(dir.join("migrations/V2__u.down.sql")).unwrap();
    follow(dir, &help(&["migrate", "up"], ""));
    ok(dir, &["migrate", "status", "--check"]);
    // A report that nobody wrote.
    write(dir, "spec/reports/all.sql", "-- title: All\nSELECT * FROM t");
    follow(dir, &help(&["report", "run", "al"], ""));
}

/// They were told to name a spec that nobody has.
#[test]
fn whoever_tries_a_command_in_an_empty_folder_is_told_how_to_start() {
    for command in [&["check"][..], &["audit"], &["migrate", "up"], &["migrate", "generate", "x"]] {
        let dir = tempfile::tempdir().unwrap();
        let said = |args: &[&str]| {
            let output = run(dir.path(), args);
            assert_eq!(output.status.code(), Some(2), "{args:?}");
            stderr(&output).to_owned()
        };
        const START: &str = "`planctl init` starts a project in this folder";
        assert!(said(command).contains(START), "{command:?} {}", said(command));
        // What is named is to be there, and so is what a project says.
        let named = [command, &["--spec", "s.sql", "--migrations", "m"]].concat();
        assert!(!said(&named).contains(START), "{named:?}");
        ok(dir.path(), &["init"]);
        ok(dir.path(), &["check"]);
        fs::remove_dir_all(dir.path().join("spec")).unwrap();
        fs::remove_dir_all(dir.path().join("migrations")).unwrap();
        assert!(!said(command).contains(START), "{command:?}");
    }
}

#[test]
fn nothing_is_adopted_halfway() {
    let dir = project();
    let files = || {
        let mut names: Vec<_> =
            fs::read_dir(dir.path().join("migrations")).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = files();
    let refused = |what: &str| {
        let output = run(dir.path(), &["migrate", "adopt", "x"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(what), "{}", stderr(&output));
        assert_eq!(files(), before);
        stderr(&output).to_owned()
    };
    refused("there is no database");
    sql(dir.path(), "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n INTEGER)");
    // The way that the help names.
    let help = refused("no migration is applied");
    let baseline = named(&help, "").into_iter().next().unwrap().join(" ").replace(" V ", " 1 ");
    ok(dir.path(), &baseline.split(' ').collect::<Vec<_>>());
    let help = refused("planctl.db lacks 1 migration of migrations");
    follow(dir.path(), &named(&help, "")[0]);
    assert!(ok(dir.path(), &["migrate", "adopt", "x"]).starts_with("nothing to do"));
    sql(dir.path(), "CREATE TABLE u (a)");
    let other = Connection::open(dir.path().join("planctl.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let output = run(dir.path(), &["migrate", "adopt", "x", "--lock-timeout", "1ms"]);
    assert_eq!((output.status.code(), files()), (Some(2), before.clone()), "{}", stderr(&output));
}
