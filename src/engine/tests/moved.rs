//! A database that is moved away or replaced while it is written to: what was written would be in a file that nobody looks at,
//! or, with a write-ahead log, in that of another.

use std::fs;

use super::*;
use crate::backfill::{BackfillSpec, OnCycle, OnOrphan};
use crate::base::progress::Event;

/// Moves the database away when the work has begun, and may put another in its place.
struct Mover {
    db: PathBuf,
    other: Option<PathBuf>,
}

impl Observer for Mover {
    fn event(&mut self, _: Event<'_>) {
        if self.moved().exists() {
            return;
        }
        fs::rename(&self.db, self.moved()).unwrap();
        if let Some(other) = &self.other {
            fs::rename(other, &self.db).unwrap();
        }
    }
}

impl Mover {
    fn moved(&self) -> PathBuf {
        self.db.with_extension("moved")
    }
}

const ROWS: &str = "INSERT INTO a VALUES (1, 'one');
    CREATE TABLE t(id INTEGER PRIMARY KEY, p INT, root INT); INSERT INTO t VALUES (1, NULL, NULL), (2, 1, NULL)";

/// Has `work` done while the database is moved, in both journal modes, with and without another in its place; gives what
/// went wrong each time. What was moved and what came instead are as they were.
fn moved_during(work: impl Fn(&mut dyn Engine, Job<'_>) -> Option<Error>) -> Vec<String> {
    let mut said = Vec::new();
    for mode in ["DELETE", "WAL"] {
        for replaced in [false, true] {
            let bench = Bench::with(&format!("PRAGMA journal_mode = {mode}"));
            ok(&bench.up(&set(&[A])));
            bench.conn().execute_batch(ROWS).unwrap();
            let before = bench.dump();
            let other = replaced.then(|| bench.db.with_extension("other"));
            if let Some(other) = &other {
                fs::copy(&bench.db, other).unwrap();
                Connection::open(other).unwrap().execute_batch("INSERT INTO a VALUES (7, 'other')").unwrap();
            }
            let mover = Mover { db: bench.db.clone(), other };
            let moved = mover.moved();
            let told = RefCell::new(mover);
            let interrupt = Interrupt::new();
            said.push(work(&mut *bench.engine(), Job::new(&told, &interrupt)).map_or_else(
                || "nothing".to_owned(),
                |error| {
                    assert_eq!(error.kind(), ErrorKind::Database, "{error}");
                    error.message().replace(&bench.db.display().to_string(), "plan.db")
                },
            ));
            assert_eq!(bench.db.exists(), replaced, "no database is made in its place");
            if replaced {
                let conn = bench.conn();
                assert_eq!(strings(&conn, "PRAGMA integrity_check"), ["ok"]);
                assert_eq!(strings(&conn, "SELECT x FROM a ORDER BY id"), ["one", "other"], "{mode}");
            }
            // Where it was moved to, without a log that stayed behind.
            let moved = Bench { _dir: tempfile::tempdir().unwrap(), db: moved };
            assert_eq!(moved.dump(), before, "{mode}, replaced: {replaced}");
        }
    }
    said
}

const MOVED: &str = "plan.db was moved, removed or replaced while planctl wrote to it";

#[test]
#[cfg(unix)]
fn a_migration_of_a_database_that_is_moved_meanwhile_is_not_reported_as_done() {
    let all = set(&[A, B]);
    let options = UpOptions::of(Ulid::nil());
    assert_eq!(moved_during(|engine, job| engine.migrate_up(&all, &options, job).error), [MOVED; 4]);
    let options =
        DownOptions { target: DownTarget::Steps(1), from_files: false, on_loss: OnLoss::Allow, backup: None };
    assert_eq!(moved_during(|engine, job| engine.migrate_down(&all, &options, job).error), [MOVED; 4]);
}

#[test]
#[cfg(unix)]
fn a_backfill_of_a_database_that_is_moved_meanwhile_is_not_reported_as_done() {
    let spec = BackfillSpec {
        table: "t".to_owned(),
        id: "id".to_owned(),
        parent: "p".to_owned(),
        root: "root".to_owned(),
        on_cycle: OnCycle::Abort,
        on_orphan: OnOrphan::Abort,
        recompute: false,
    };
    let said = moved_during(|engine, job| engine.backfill(&spec, false, job).err());
    assert_eq!(said, [MOVED; 4]);
}
