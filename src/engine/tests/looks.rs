//! A short look at a database that nobody else here has open sees what any reader sees, and leaves as little behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::*;

/// A folder with a database `plan.db` in some state, and perhaps somebody who has it open.
type State = (String, tempfile::TempDir, Option<Connection>);

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A database at version 2, made in this mode.
fn migrated(mode: &str) -> tempfile::TempDir {
    let dir = folder();
    let db = dir.path().join("plan.db");
    Connection::open(&db).unwrap().execute_batch(&format!("PRAGMA journal_mode = {mode}")).unwrap();
    let access = Access::ReadWrite { create: true };
    ok(&up(&mut *open(&db, access, OpenOptions::default(), Job::quiet()).unwrap(), &set(&[A, B])));
    dir
}

/// A copy of some of the files, as a backup script or a crash leaves it.
fn copy(from: &Path, files: &[&str]) -> tempfile::TempDir {
    let dir = folder();
    for file in files {
        fs::copy(from.join(file), dir.path().join(file)).unwrap();
    }
    dir
}

fn states() -> Vec<State> {
    let mut states: Vec<State> = Vec::new();
    for mode in ["DELETE", "TRUNCATE", "PERSIST", "MEMORY", "WAL"] {
        states.push((mode.to_owned(), migrated(mode), None));
    }
    let empty_log = migrated("WAL");
    fs::write(empty_log.path().join("plan.db-wal"), "").unwrap();
    states.push(("an empty log".to_owned(), empty_log, None));
    for mode in ["DELETE", "WAL"] {
        let dir = migrated(mode);
        let other = Connection::open(dir.path().join("plan.db")).unwrap();
        other.execute_batch("CREATE TABLE later(x); BEGIN IMMEDIATE; CREATE TABLE latest(x)").unwrap();
        if mode == "WAL" {
            let log = copy(dir.path(), &["plan.db", "plan.db-wal"]);
            states.push(("a log without its index".to_owned(), log, None));
        }
        states.push((format!("{mode}, in use"), dir, Some(other)));
    }
    let hot = migrated("DELETE");
    let writer = Connection::open(hot.path().join("plan.db")).unwrap();
    writer
        .execute_batch(
            "PRAGMA cache_size = 1; BEGIN; CREATE TABLE big(x);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
             INSERT INTO big SELECT randomblob(900) FROM n",
        )
        .unwrap();
    states.push(("hot".to_owned(), copy(hot.path(), &["plan.db", "plan.db-journal"]), None));
    for (name, content) in
        [("empty", ""), ("no database", "whatever it is, it is none"), ("short", "SQLite format 3\0")]
    {
        for log in [None, Some("plan.db-wal"), Some("plan.db-journal")] {
            let dir = folder();
            fs::write(dir.path().join("plan.db"), content).unwrap();
            log.iter().for_each(|log| fs::write(dir.path().join(log), "what is this").unwrap());
            states.push((format!("{name} {log:?}"), dir, None));
        }
    }
    // What the header says of how the file is written and read.
    for mode in ["DELETE", "WAL"] {
        let whole = fs::read(migrated(mode).path().join("plan.db")).unwrap();
        for (place, value) in [18, 19].into_iter().flat_map(|place| (0..4).map(move |value| (place, value))) {
            let (dir, mut bytes) = (folder(), whole.clone());
            bytes[place] = value;
            fs::write(dir.path().join("plan.db"), bytes).unwrap();
            states.push((format!("{mode} with {value} at {place}"), dir, None));
        }
        let (dir, mut bytes) = (folder(), whole);
        bytes[3] = b'X';
        fs::write(dir.path().join("plan.db"), bytes).unwrap();
        states.push((format!("{mode} without its name"), dir, None));
    }
    #[cfg(unix)]
    for mode in ["DELETE", "WAL"] {
        let dir = migrated(mode);
        let real = dir.path().join("real");
        fs::create_dir(&real).unwrap();
        fs::rename(dir.path().join("plan.db"), real.join("other.db")).unwrap();
        std::os::unix::fs::symlink("real/other.db", dir.path().join("plan.db")).unwrap();
        states.push((format!("{mode}, a link"), dir, None));
    }
    states
}

/// All files but the index of a log in use, which is shared memory and no content.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.to_string_lossy().ends_with("-shm") {
            found.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    found
}

#[test]
fn a_look_sees_what_any_reader_sees_and_changes_nothing() {
    for (state, dir, other) in states() {
        let db: DatabaseName = dir.path().join("plan.db").into();
        let options = OpenOptions { lock_timeout: Duration::from_millis(20) };
        for with_schema in [false, true] {
            let opened = open(&db, Access::ReadOnly, options, Job::quiet());
            let read =
                opened.and_then(|mut engine| engine.glance(with_schema)).map_err(|error| error.to_string());
            let before = files(dir.path());
            let looked =
                look(&db, Access::ReadOnly, options, Job::quiet(), |engine| engine.glance(with_schema));
            let seen = looked.map(|(mut engine, glance)| {
                // The transaction of the look is over.
                assert_eq!(engine.glance(with_schema).unwrap(), glance, "{state}");
                glance
            });
            assert_eq!(seen.map_err(|error| error.to_string()), read, "{state}");
            assert!(files(dir.path()) == before, "{state}");
        }
        if let Some(other) = other {
            other.execute_batch("COMMIT").unwrap();
        }
    }
}
