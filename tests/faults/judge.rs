//! Whether the power failures of these tests take away what real ones can: SQLite itself, asked not to synchronise, does
//! not survive them.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::disk::{Kept, Luck};
use crate::{column, in_memory, vfs};

/// Two transactions, the second of which goes over all pages.
fn write(db: &Path, synchronous: &str) -> rusqlite::Result<()> {
    let conn = Connection::open(db)?;
    conn.execute_batch(&format!(
        "PRAGMA synchronous = {synchronous};
         CREATE TABLE t(x, y);
         BEGIN;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
         INSERT INTO t SELECT i, zeroblob(400) FROM n;
         CREATE INDEX i ON t(x, y);
         COMMIT;
         UPDATE t SET x = -x;"
    ))
}

/// The rows that it holds, or `None` when it is damaged or between two transactions.
fn rows(db: &Path) -> Option<Vec<String>> {
    let conn = Connection::open(db).unwrap();
    let check: rusqlite::Result<String> = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0));
    if check.as_deref() != Ok("ok") {
        return None;
    }
    if column(&conn, "SELECT name FROM sqlite_schema WHERE name = 't'").is_empty() {
        return Some(Vec::new());
    }
    let rows = column(&conn, "SELECT count(*) || ' ' || sign(x) FROM t GROUP BY sign(x)");
    let is_whole = matches!(rows.as_slice(), [] | [_]) && rows.iter().all(|row| row.starts_with("50 "));
    is_whole.then_some(rows)
}

/// The power goes at each operation; gives how many disks of all are damaged, and what is left at the very end when
/// nothing unsynchronised was kept.
fn damage(synchronous: &str) -> (usize, usize, Vec<String>) {
    vfs::register();
    let dir = in_memory();
    let place = |name: &str| {
        let dir = dir.path().join(name);
        drop(fs::remove_dir_all(&dir));
        fs::create_dir(&dir).unwrap();
        dir
    };
    let (mut damaged, mut tried) = (0, 0);
    for n in 1.. {
        let start = place("start");
        vfs::arm_power(&start, n);
        let ended = write(&start.join("t.db"), synchronous).is_ok() && vfs::is_powered();
        let disk = vfs::disarm_power();
        for (seed, kept) in [Kept::Half, Kept::Most, Kept::Little, Kept::All].into_iter().enumerate() {
            let after = place("after");
            disk.after_loss(&mut Luck::new(kept, n * 4 + seed as u64)).restore(&after);
            damaged += usize::from(rows(&after.join("t.db")).is_none());
            tried += 1;
        }
        if ended {
            let after = place("after");
            disk.after_loss(&mut Luck::new(Kept::Nothing, 0)).restore(&after);
            return (damaged, tried, rows(&after.join("t.db")).unwrap());
        }
    }
    unreachable!()
}

#[test]
fn a_database_that_is_not_synchronised_does_not_survive_the_power_failures() {
    let (damaged, tried, _) = damage("OFF");
    assert!(damaged > 10, "{damaged} of {tried} are damaged");
    let (damaged, tried, left) = damage("FULL");
    assert_eq!(damaged, 0, "of {tried}");
    // The journal of the last transaction is back: what `durable` in the engine is for.
    assert_eq!(left, ["50 1"]);
    let (damaged, tried, left) = damage("EXTRA");
    assert_eq!(damaged, 0, "of {tried}");
    assert_eq!(left, ["50 -1"]);
}
