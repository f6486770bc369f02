//! What a process leaves that is killed, and what waits for a lock: the next run finds its way, and takes nothing for granted
//! that it could not look at.

use std::fs;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::json;

use crate::harness::{Project, column};

/// A process that is killed in the middle of a transaction leaves its journal beside the database.
fn leave_in_the_middle_of_a_write(project: &Project, name: &str) {
    let writer = Connection::open(project.path(name)).unwrap();
    writer
        .execute_batch(
            "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; CREATE TABLE half(x);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
             INSERT INTO half SELECT randomblob(900) FROM n",
        )
        .unwrap();
    let journal = format!("{name}-journal");
    let left = [name, &journal].map(|file| fs::read(project.path(file)).unwrap());
    drop(writer);
    fs::write(project.path(name), &left[0]).unwrap();
    fs::write(project.path(&journal), &left[1]).unwrap();
}

const WRITING: [&str; 8] = [
    "migrate up",
    "migrate down --allow-destructive",
    "migrate redo --allow-destructive",
    "migrate baseline --to 9",
    "migrate adopt by_hand",
    "fleet up planctl.db",
    "fleet down --to 8 --allow-destructive planctl.db",
    "backfill --table v3_plans --id plan_id --parent parent_plan_id --root root_plan_id",
];

#[test]
fn what_a_killed_process_left_half_written_is_taken_back_by_whatever_writes() {
    let shipped = Project::shipped();
    shipped.ok(&["migrate", "up", "--to", "8"]);
    for command in WRITING {
        let project = Project::shipped();
        fs::copy(shipped.path("planctl.db"), project.path("planctl.db")).unwrap();
        if command != "migrate up" && command != "fleet up planctl.db" {
            project.ok(&["migrate", "up"]);
        }
        leave_in_the_middle_of_a_write(&project, "planctl.db");
        let read = project.run(&["migrate", "status"]);
        assert!(read.status == 2 && read.stderr.contains("in the middle of a write"), "{}", read.stderr);
        let args: Vec<&str> = command.split(' ').collect();
        project.ok(&args);
        let conn = project.open();
        assert_eq!(column(&conn, "PRAGMA integrity_check"), ["ok"], "{command}");
        assert_eq!(
            column(&conn, "SELECT name FROM sqlite_schema WHERE name = 'half'"),
            [] as [&str; 0],
            "{command}"
        );
    }
}

#[test]
fn a_lock_that_is_not_had_is_waited_for_once() {
    let project = Project::shipped();
    project.ok(&["migrate", "up", "--to", "8"]);
    let holder = project.open();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let started = Instant::now();
    let run = project.run(&["migrate", "up", "--lock-timeout", "2s"]);
    let waited = started.elapsed();
    assert!(run.status == 2 && run.stderr.contains("locked by another process"), "{}", run.stderr);
    assert!(waited >= Duration::from_secs(2) && waited < Duration::from_millis(3900), "{waited:?}");
}

/// The first looks ended with the lock in the way, which said nothing of what is there; then the lock was free.
#[test]
fn nothing_made_by_hand_is_dropped_since_a_lock_kept_one_from_looking() {
    for held in [200, 450, 800, 1200, 1600] {
        let project = Project::empty();
        project.write("migrations/V1__t.sql", "CREATE TABLE t(a);");
        project.ok(&["migrate", "up"]);
        project.sql("ALTER TABLE t ADD COLUMN by_hand; INSERT INTO t VALUES (1, 2)");
        project.write(
            "migrations/V2__rebuild.sql",
            "CREATE TABLE t_new(a NOT NULL); INSERT INTO t_new SELECT a FROM t; DROP TABLE t; \
             ALTER TABLE t_new RENAME TO t;",
        );
        let holder = project.open();
        holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
        std::thread::scope(|threads| {
            let run = threads.spawn(|| project.run(&["migrate", "up", "--lock-timeout", "400ms"]));
            std::thread::sleep(Duration::from_millis(held));
            holder.execute_batch("ROLLBACK").unwrap();
            let run = run.join().unwrap();
            assert_eq!(run.status, 2, "{held} ms: {}", run.stderr);
        });
        assert_eq!(column(&holder, "SELECT by_hand || '' FROM t"), ["2"], "{held} ms");
    }
}

#[test]
#[cfg(unix)]
fn a_backup_that_a_killed_run_left_half_made_is_in_nobodys_way() {
    let project = Project::shipped();
    project.ok(&["migrate", "up", "--to", "8"]);
    project.write("b.db.partial", "half");
    let other = fs::File::open(project.path("b.db.partial")).unwrap();
    other.lock().unwrap();
    let run = project.run(&["migrate", "up", "--backup", "b.db"]);
    assert!(run.status == 2 && run.stderr.contains("b.db.partial already exists"), "{}", run.stderr);
    drop(other);
    project.ok(&["migrate", "up", "--backup", "b.db"]);
    assert!(project.path("b.db").exists() && !project.path("b.db.partial").exists());
}

/// The mark that `migrate new` leaves when it is killed before the second file.
fn mark(name: &str) -> String {
    let file = |name: &str| json!({"place": {"folder": 0, "name": name}, "text": format!("-- {name}\n")});
    let new = [file("V10__one.sql"), file(name)];
    json!({"command": "migrate new", "new": new, "old": [], "recorded": null}).to_string()
}

#[test]
fn what_a_killed_run_had_begun_is_refused_by_others_and_finished_by_the_same() {
    let project = Project::shipped();
    project.write("migrations/V10__one.sql", "-- V10__one.sql\n");
    project.write("migrations/.planctl-change", mark("V10__one.down.sql"));
    let before = project.picture();
    for other in ["migrate up", "migrate lint", "check", "migrate generate one", "migrate squash --to 5"] {
        let args: Vec<&str> = other.split(' ').collect();
        let run = project.run(&args);
        let said = "migrations was left in the middle of `planctl migrate new` by a process that was killed";
        assert!(run.status == 2 && run.stderr.contains(said), "{other}: {}", run.stderr);
        assert!(run.stderr.contains("run the same command again, which finishes that"), "{}", run.stderr);
        before.assert_same(&project.picture(), other);
    }
    assert_eq!(
        project.ok(&["migrate", "new", "one"]).stdout,
        "created migrations/V10__one.sql\ncreated migrations/V10__one.down.sql\n"
    );
    assert_eq!(
        fs::read_to_string(project.path("migrations/V10__one.down.sql")).unwrap(),
        "-- V10__one.down.sql\n"
    );
    assert!(!project.path("migrations/.planctl-change").exists());
}

/// A mark is a file of a folder that may come from anybody.
#[test]
fn a_mark_writes_nowhere_but_in_the_folders_of_its_command() {
    for name in ["../spec/ddl.sql", "/tmp/planctl-mark", "..", "", "a/b.sql"] {
        let project = Project::shipped();
        project.write("migrations/.planctl-change", mark(name));
        let before = project.picture();
        let run = project.run(&["migrate", "new", "one"]);
        assert!(run.status == 2 && run.stderr.contains("in the middle of"), "{name}: {}", run.stderr);
        before.assert_same(&project.picture(), name);
    }
    // One that was not written in full: nothing else was done then.
    for text in ["", &mark("V10__one.down.sql")[..40]] {
        let project = Project::shipped();
        project.write("migrations/.planctl-change", text);
        project.ok(&["migrate", "lint"]);
        project.ok(&["migrate", "new", "one"]);
        assert!(!project.path("migrations/.planctl-change").exists());
        project.ok(&["migrate", "renumber", "V10__one.sql"]);
    }
}

#[test]
fn two_that_write_migrations_at_once_both_end_with_whole_pairs() {
    let project = Project::shipped();
    std::thread::scope(|threads| {
        for writer in 0..4 {
            let project = &project;
            threads.spawn(move || {
                for turn in 0..5 {
                    let name = format!("of_{writer}_{turn}");
                    let run = project.run(&["migrate", "new", &name]);
                    // The same number for two: the second finds the name of another kind taken, or the folder in use.
                    assert!(run.status == 0 || run.status == 2, "{}", run.stderr);
                }
            });
        }
    });
    project.ok(&["migrate", "status"]);
    let names: Vec<String> = fs::read_dir(project.path("migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.iter().any(|name| name.starts_with('.')), "{names:?}");
    for up in names.iter().filter(|name| !name.ends_with(".down.sql")) {
        assert!(names.contains(&up.replace(".sql", ".down.sql")), "{up} has no way back");
    }
}
