//! What a process leaves that is killed, and what waits for a lock: the next run finds its way, and takes nothing for granted
//! that it could not look at.

use std::fs;
use std::time::{Duration, Instant};

use rusqlite::Connection;

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
