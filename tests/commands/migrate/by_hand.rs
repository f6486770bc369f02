//! What no migration made is not taken along by one that nobody allowed to.

use std::collections::BTreeSet;

use planctl::internals::base::job::Job;
use planctl::internals::engine::{
    ByHand, DownOptions, DownTarget, Loss, LossKind, Lost, OnLoss, Run, ScriptOptions, UpOptions, script_up,
    up as apply,
};
use planctl::internals::migrations::MigrationSet;
use serde_json::json;

use super::corpus::{chains, load, open, plain, runnable};
use super::*;

const REBUILD: &str = "DROP VIEW v;\nCREATE TABLE t_new(id INTEGER PRIMARY KEY, x TEXT);\n\
     INSERT INTO t_new(id, x) SELECT id, x FROM t;\nDROP TABLE t;\nALTER TABLE t_new RENAME TO t;\n\
     CREATE INDEX t_x ON t(x);\nCREATE VIEW v AS SELECT x FROM t;\n";

/// At version 1, before a migration that builds the table anew and leaves a column out that an earlier one made.
fn before_a_rebuild() -> Project {
    let project = Project::new();
    project
        .write(
            "V1__t.sql",
            "CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT, old TEXT);\nCREATE INDEX t_x ON t(x);\n\
             CREATE TRIGGER t_old AFTER UPDATE ON t BEGIN SELECT 1; END;\nCREATE VIEW v AS SELECT x FROM t;\n",
        )
        .write("V1__t.down.sql", "DROP TABLE t;")
        .write("V2__rebuild.sql", REBUILD)
        .write("V2__rebuild.down.sql", "ALTER TABLE t ADD COLUMN old TEXT;");
    project.expect(0, &["migrate", "up", "--to", "1"]);
    project.sql("INSERT INTO t VALUES (1, 'a', 'p'), (2, 'b', 'q')");
    project
}

const BY_HAND: &str = "ALTER TABLE t ADD COLUMN nick TEXT; ALTER TABLE t ADD COLUMN empty;
     UPDATE t SET nick = 'n' || id WHERE id = 1; CREATE INDEX by_nick ON t(nick);
     CREATE TRIGGER sync AFTER UPDATE ON t BEGIN SELECT 2; END;
     CREATE TRIGGER into_v INSTEAD OF INSERT ON v BEGIN SELECT 3; END";

#[test]
fn a_rebuild_does_not_drop_what_was_added_by_hand_unless_that_is_allowed() {
    let project = before_a_rebuild();
    project.sql(BY_HAND);
    let before = project.files();
    let said = stderr(&project.expect(2, &["migrate", "up", "--backup", "b.db"]));
    insta::assert_snapshot!(said);
    assert!(project.files() == before && !project.path("b.db").exists());
    let report = project.json(2, &["migrate", "up"]);
    assert_eq!(
        (&report["before"], &report["after"], &report["migrations"]),
        (&1.into(), &1.into(), &json!([]))
    );
    let lost = report["lost"].clone();
    let part = |kind: &str, table: &str, object: &str| json!({"kind": kind, "table": table, "column": null, "object": object, "count": null});
    let column =
        |column: &str, count: u64| json!({"kind": "column", "table": "t", "column": column, "count": count});
    let losses = [
        column("empty", 0),
        column("nick", 1),
        part("index", "t", "by_nick"),
        part("trigger", "t", "sync"),
        part("trigger", "v", "into_v"),
    ];
    assert_eq!(lost, json!([{"version": 2, "name": "rebuild", "recorded": false, "losses": losses}]));
    // What does not run for real says the same, and is no trouble.
    for mode in ["--dry-run", "--rehearse"] {
        assert_eq!(project.json(0, &["migrate", "up", mode])["lost"], lost, "{mode}");
        let text = String::from_utf8(project.expect(0, &["migrate", "up", mode]).stdout).unwrap();
        assert!(text.contains("V2__rebuild: the column t.nick is dropped, with 1 value\n"), "{text}");
        assert!(text.contains("for real, this needs --allow-destructive"), "{text}");
    }
    let fleet = String::from_utf8(project.expect(2, &["fleet", "up", "planctl.db"]).stdout).unwrap();
    assert!(fleet.contains("V2__rebuild drops what no migration made"), "{fleet}");
    assert!(project.files() == before);
    let backup = ["--backup", "b.db"];
    let report = project.json(0, &[&["migrate", "up", DESTROY][..], &backup].concat());
    assert_eq!((&report["lost"], &report["after"]), (&lost, &2.into()));
    assert_eq!(column_of(&project, "b.db", "SELECT nick FROM t ORDER BY id"), ["n1", "NULL"]);
}

fn column_of(project: &Project, db: &str, sql: &str) -> Vec<String> {
    column(
        &Connection::open(project.path(db)).unwrap(),
        &sql.replace("SELECT nick", "SELECT coalesce(nick, 'NULL')"),
    )
}

#[test]
fn a_fleet_goes_on_where_it_is_allowed() {
    let project = before_a_rebuild();
    project.sql(BY_HAND);
    fs::copy(project.db(), project.path("other.db")).unwrap();
    let args = ["fleet", "up", "planctl.db", "other.db", DESTROY];
    let said = String::from_utf8(project.expect(0, &args).stdout).unwrap();
    assert!(said.contains("V2__rebuild: the column t.nick is dropped, with 2 values"), "{said}");
    assert_eq!(project.column("SELECT CAST(max(version) AS TEXT) FROM refinery_schema_history"), ["2"]);
}

/// What a migration made may go with a migration; so may what the statement itself names, and what was made again.
#[test]
fn what_migrations_know_of_and_what_they_name_is_not_asked_for() {
    for (by_hand, more) in [
        ("", ""),
        ("CREATE INDEX hot ON t(old)", "DROP INDEX IF EXISTS hot;\n"),
        ("", "CREATE TABLE one(x NOT NULL);\nINSERT INTO one VALUES ((SELECT x FROM t));\n"),
        ("CREATE INDEX hot ON t(x)", "\nCREATE INDEX hot ON t_new(x);\n"),
        (
            "CREATE TABLE theirs(a); CREATE VIEW w AS SELECT * FROM theirs; CREATE TRIGGER log AFTER INSERT ON theirs BEGIN SELECT 1; END",
            "",
        ),
    ] {
        let project = before_a_rebuild();
        let rebuild = match more.strip_prefix('\n') {
            Some(behind) => REBUILD.replace("DROP TABLE t;", &format!("DROP TABLE t;\n{behind}")),
            None => format!("{more}{REBUILD}"),
        };
        project.write("V2__rebuild.sql", &rebuild);
        project.sql(by_hand);
        let report = project.json(0, &["migrate", "up"]);
        assert_eq!((&report["lost"], &report["after"]), (&Value::Null, &2.into()), "{by_hand}");
    }
    // A table that goes for good.
    let project = before_a_rebuild();
    project.sql(BY_HAND);
    project.write("V2__rebuild.sql", "DROP VIEW v;\nDROP TABLE t;\n");
    assert_eq!(project.json(0, &["migrate", "up"])["lost"], Value::Null);
}

/// On a copy of the schema there are no rows, and what needs them fails there: what comes behind it is looked at all the same.
#[test]
fn a_statement_that_needs_rows_hides_nothing() {
    let project = before_a_rebuild();
    project.sql(BY_HAND);
    let needy = "CREATE TABLE one(x NOT NULL);\nINSERT INTO one VALUES ((SELECT x FROM t));\n";
    project.write("V2__rebuild.sql", &format!("{needy}{REBUILD}"));
    let report = project.json(2, &["migrate", "up"]);
    assert_eq!(report["lost"][0]["losses"].as_array().unwrap().len(), 5, "{report}");
    project.expect(0, &["migrate", "up", DESTROY]);
}

/// The record of the last migration has what was there by hand when it was written: it is no proof.
#[test]
fn what_was_there_by_hand_before_the_last_migration_counts_as_well() {
    let project = before_a_rebuild();
    fs::rename(project.path("migrations/V2__rebuild.sql"), project.path("V3")).unwrap();
    project.sql("ALTER TABLE t ADD COLUMN nick TEXT");
    project.write("V2__z.sql", "CREATE TABLE z(a);").write("V2__z.down.sql", "DROP TABLE z;");
    fs::remove_file(project.path("migrations/V2__rebuild.down.sql")).unwrap();
    project.expect(0, &["migrate", "up"]);
    project
        .write("V3__rebuild.sql", REBUILD)
        .write("V3__rebuild.down.sql", "ALTER TABLE t ADD COLUMN old TEXT;");
    project.expect(2, &["migrate", "up"]);
    // Nor does it help to go down first.
    project.expect(0, &["migrate", "down"]);
    let said = stderr(&project.expect(2, &["migrate", "up"]));
    assert!(said.contains("V3__rebuild: the column t.nick is dropped"), "{said}");
    assert_eq!(project.column("SELECT CAST(max(version) AS TEXT) FROM refinery_schema_history"), ["1"]);
}

#[test]
fn a_redo_asks_before_its_down_for_what_its_up_takes_along() {
    let project = before_a_rebuild();
    project.expect(0, &["migrate", "up"]);
    project.sql("ALTER TABLE t ADD COLUMN nick TEXT; UPDATE t SET nick = 'n'");
    let before = project.files();
    let report = project.json(2, &["migrate", "redo"]);
    assert_eq!(
        report["lost"][0]["losses"][0],
        json!({"kind": "column", "table": "t", "column": "nick", "count": 2})
    );
    assert!(project.files() == before);
    assert_eq!(project.json(0, &["migrate", "redo", DESTROY])["lost"], report["lost"]);
}

#[test]
fn an_application_is_refused_as_well() {
    let project = before_a_rebuild();
    project.sql(BY_HAND);
    let migrator = planctl::migrate::Migrator::from_dir(project.path("migrations")).unwrap();
    let failed = migrator.up(project.db()).unwrap_err();
    assert_eq!(failed.error.help_text(), Some("Migrator::allow_destructive applies anyway"));
    assert_eq!((failed.run.lost[0].losses.len(), failed.run.done.len()), (5, 0));
    let fleet = planctl::fleet::Fleet::new(migrator.clone()).up([project.db()]);
    assert_eq!((fleet.migrated, fleet.failed.len()), (0, 1));
    let run = migrator.allow_destructive(true).up(project.db()).unwrap();
    assert_eq!(run.lost, failed.run.lost);
}

#[test]
fn a_script_refuses_what_an_up_refuses() {
    if !offline::has_shell() {
        return;
    }
    let project = before_a_rebuild();
    let script = ["migrate", "up", "--sql", "--from", "1"];
    for (by_hand, what) in [
        ("ALTER TABLE t ADD COLUMN nick", "a column"),
        ("CREATE INDEX hot ON t(old)", "an index or a trigger"),
        ("CREATE TRIGGER hot AFTER INSERT ON t BEGIN SELECT 1; END", "an index or a trigger"),
    ] {
        let copy = project.copy();
        copy.sql(by_hand);
        let said = copy.stopped_script(&copy.script(&script));
        assert!(said.contains(&format!("V2__rebuild drops {what} of t that no migration made")), "{said}");
        copy.run_script(&[&script[..], &[DESTROY]].concat(), false);
    }
    project.sql("CREATE INDEX hot ON t(x)");
    let again = REBUILD.replace("DROP TABLE t;", "DROP INDEX IF EXISTS hot;\nDROP TABLE t;");
    project.write("V2__rebuild.sql", &again);
    project.run_script(&script, false);
}

/// Somebody adds a column between the look and the lock.
#[test]
fn what_is_added_behind_the_look_is_not_taken_along() {
    let project = before_a_rebuild();
    let set = MigrationSet::load(&project.path("migrations")).unwrap();
    let options = UpOptions::of(ulid::Ulid::nil());
    let by_hand = ByHand::default();
    let mut engine = open(&project.db());
    assert_eq!(by_hand.lost(&mut *engine, &set, &options, Job::quiet()).unwrap(), []);
    project.sql("ALTER TABLE t ADD COLUMN nick TEXT");
    let error = engine.migrate_up(&set, &options, Job::quiet()).error.unwrap();
    assert!(error.message().ends_with("was changed by another process in the meantime"), "{error}");
    let run = apply(&mut *open(&project.db()), &by_hand, &set, (&options, OnLoss::Refuse), Job::quiet());
    assert!(run.refused && run.done.is_empty());
}

/// Law: no step of a real chain is asked for on what the chain itself makes; where each table has a column, an index and
/// a trigger by hand, what the step takes along is what is refused, no more and no less.
#[test]
fn steps_of_real_chains_are_refused_for_just_what_they_would_take_along() {
    let (mut refused, mut kept) = (0, 0);
    let has_shell = offline::has_shell();
    for chain in chains().unwrap_or_default() {
        let (_files, set) = load(&chain);
        let set = runnable(&set);
        let dir = in_memory();
        let (db, tried) = (dir.path().join("chain.db"), dir.path().join("tried.db"));
        let mut all_the_rest = set.migrations.len() / 2;
        for file in &set.migrations {
            let to = UpOptions { to: Some(file.version), ..UpOptions::of(ulid::Ulid::nil()) };
            let step = |db: &Path, to: &UpOptions<'_>, on_loss| -> Run {
                apply(&mut *open(db), &ByHand::default(), &set, (to, on_loss), Job::quiet())
            };
            if db.exists() {
                fs::copy(&db, &tried).unwrap();
                let marks = mark(&tried);
                let scripted = file.up.text().to_ascii_uppercase().contains("DROP TABLE") && has_shell;
                let scripted = scripted.then(|| by_script(&tried, &set, file.version));
                let run = step(&tried, &to, OnLoss::Refuse);
                let what: BTreeSet<String> = run.lost.iter().flat_map(names).collect();
                assert_eq!(run.refused, !what.is_empty(), "{}", file.up.path().display());
                let run = if run.refused { step(&tried, &to, OnLoss::Allow) } else { run };
                // A script may fail on a table that has one column more: then all is as it was.
                if run.error.is_none() {
                    if let Some(error) = scripted {
                        assert_eq!(error, !what.is_empty(), "{}", file.up.path().display());
                    }
                    let there = marks_of(&tried);
                    let tables = tables(&tried);
                    for (mark, table) in &marks {
                        let is_there = there.contains_key(mark);
                        let path = file.up.path().display();
                        assert!(!(is_there && what.contains(mark)), "{path}: {mark} stays");
                        if !is_there && tables.contains(table) {
                            assert!(what.contains(mark), "{path}: {mark} is gone");
                        }
                        refused += usize::from(!is_there);
                        kept += usize::from(is_there);
                    }
                }
                // From the middle, all the rest at once.
                all_the_rest = all_the_rest.wrapping_sub(1);
                if all_the_rest == 0 {
                    fs::copy(&db, &tried).unwrap();
                    let run = step(&tried, &UpOptions { to: None, ..to }, OnLoss::Refuse);
                    assert!(run.error.is_none(), "{:?}", run.lost);
                }
            }
            let run = step(&db, &to, OnLoss::Refuse);
            assert!(run.error.is_none(), "{}: {:?} {:?}", file.up.path().display(), run.error, run.lost);
        }
    }
    if chains().is_some() {
        assert!(refused > 100 && kept > 1000, "{refused} {kept}");
    }
}

#[test]
fn a_down_asks_for_the_indexes_and_triggers_that_it_takes_along() {
    let project = before_a_rebuild();
    let rebuild = "DROP VIEW v;\nCREATE TABLE n(id INTEGER PRIMARY KEY, x TEXT, old TEXT);\n\
         INSERT INTO n(id, x) SELECT id, x FROM t;\nDROP TABLE t;\nALTER TABLE n RENAME TO t;\n\
         CREATE INDEX t_x ON t(x);\nCREATE VIEW v AS SELECT x FROM t;\n";
    project.write("V2__rebuild.down.sql", rebuild);
    project.expect(0, &["migrate", "up"]);
    // Those of the files may go, and so may those of a table that goes for good.
    project.sql("CREATE TABLE z(a); CREATE INDEX z_a ON z(a)");
    project.expect(0, &["migrate", "redo"]);
    project.sql("CREATE INDEX hot ON t(x); CREATE TRIGGER sync AFTER UPDATE ON t BEGIN SELECT 2; END");
    let before = project.files();
    let said = stderr(&project.expect(2, &["migrate", "down"]));
    insta::assert_snapshot!(said);
    let dry = project.json(0, &["migrate", "down", "--dry-run"]);
    assert_eq!(dry["lost"][0]["losses"].as_array().unwrap().len(), 2, "{dry}");
    project.expect(2, &["migrate", "redo"]);
    project.expect(2, &["fleet", "down", "planctl.db", "--to", "1"]);
    assert!(project.files() == before);
    assert_eq!(project.json(0, &["migrate", "down", DESTROY])["lost"], dry["lost"]);
    project.expect(0, &["migrate", "down", DESTROY]);
    assert_eq!(project.column(TABLES), ["z"]);
}

/// Law: of what somebody has put on the tables by hand, a down of a real chain is refused for just what it takes along from a
/// table that stays.
#[test]
fn downs_of_real_chains_are_refused_for_just_what_they_would_take_along() {
    let (mut refused, mut kept) = (0, 0);
    for chain in chains().unwrap_or_default() {
        let (_files, set) = load(&chain);
        let set = runnable(&set);
        let dir = in_memory();
        let (db, tried) = (dir.path().join("chain.db"), dir.path().join("tried.db"));
        for file in &set.migrations {
            let to = UpOptions { to: Some(file.version), ..UpOptions::of(ulid::Ulid::nil()) };
            assert!(open(&db).migrate_up(&set, &to, Job::quiet()).error.is_none());
            if file.down.is_none() {
                continue;
            }
            fs::copy(&db, &tried).unwrap();
            let marks = mark(&tried);
            let down = |on_loss| {
                let target = DownTarget::Steps(1);
                let options = DownOptions { target, from_files: false, on_loss, backup: None };
                open(&tried).migrate_down(&set, &options, Job::quiet())
            };
            let run = down(OnLoss::Refuse);
            let what: BTreeSet<String> = run.lost.iter().flat_map(names).filter(|n| !n.is_empty()).collect();
            let run = if run.refused { down(OnLoss::Allow) } else { run };
            if run.error.is_some() {
                continue;
            }
            let (there, tables) = (marks_of(&tried), tables(&tried));
            for (mark, table) in marks.iter().filter(|(mark, _)| !mark.ends_with(".by_hand")) {
                let is_gone = !there.contains_key(mark) && tables.contains(table);
                assert_eq!(is_gone, what.contains(mark), "{}: {mark}", file.up.path().display());
                refused += usize::from(is_gone);
                kept += usize::from(!is_gone);
            }
        }
    }
    if chains().is_some() {
        assert!(refused > 10 && kept > 100, "{refused} {kept}");
    }
}

/// Whether the script of a step is refused on a copy of the database.
fn by_script(db: &Path, set: &MigrationSet, to: i64) -> bool {
    let at = set.migrations.iter().map(|file| file.version).take_while(|version| *version < to).last();
    let options = ScriptOptions {
        run_id: ulid::Ulid::nil(),
        lock_timeout: std::time::Duration::ZERO,
        place: planctl::internals::sql::Target::Sqlite,
        job: Job::quiet(),
    };
    let script = script_up(set, at, Some(to), OnLoss::Refuse, options).unwrap();
    let copy = db.with_extension("scripted");
    fs::copy(db, &copy).unwrap();
    let output = offline::shell(&copy, &script, false);
    let said = stderr(&output);
    said.contains("no migration made")
}

/// What a step would take along, as [`marks_of`] names it.
fn names(lost: &Lost) -> Vec<String> {
    let name = |loss: &Loss| match loss.kind {
        LossKind::Column => format!("{}.by_hand", loss.table.as_str().to_lowercase()),
        _ => loss.object.as_ref().map_or_else(String::new, |object| object.as_str().to_owned()),
    };
    lost.losses.iter().map(name).collect()
}

/// Adds a column, an index and a trigger to each table that takes them; gives what was added, with its table.
fn mark(db: &Path) -> BTreeMap<String, String> {
    let conn = plain(db);
    for (number, table) in tables(db).iter().enumerate() {
        let name = table.replace('"', "\"\"");
        for sql in [
            format!("ALTER TABLE \"{name}\" ADD COLUMN by_hand DEFAULT 1"),
            format!("CREATE INDEX by_hand_{number}i ON \"{name}\"(by_hand)"),
            format!("CREATE TRIGGER by_hand_{number}t AFTER DELETE ON \"{name}\" BEGIN SELECT 1; END"),
        ] {
            drop(conn.execute_batch(&sql));
        }
    }
    marks_of(db)
}

fn marks_of(db: &Path) -> BTreeMap<String, String> {
    let sql = "SELECT lower(m.name) || '.by_hand', lower(m.name) FROM sqlite_schema m, pragma_table_info(m.name) c
               WHERE m.type = 'table' AND c.name = 'by_hand'
               UNION ALL SELECT name, lower(tbl_name) FROM sqlite_schema WHERE name LIKE 'by_hand\\_%' ESCAPE '\\'";
    let conn = plain(db);
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn tables(db: &Path) -> BTreeSet<String> {
    column(
        &plain(db),
        "SELECT lower(name) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
         AND name NOT IN ('refinery_schema_history', 'planctl_migrations')",
    )
    .into_iter()
    .collect()
}
