//! A program that opens its database for each request, writes, and closes it again removes the log each time. What takes long
//! to read is read all the same.

use std::cell::Cell;

use super::*;
use crate::backfill::{BackfillSpec, Outcome};
use crate::base::progress::Event;
use crate::base::rule::RowRule;
use crate::row_checks::{RowKey, Stated, TableChecks, Test, ValueCheck, ValuePlan};
use crate::schema::Ident;

/// Writes whenever the reader says how far it is.
struct Requests<'a> {
    bench: &'a Bench,
    served: &'a Cell<u32>,
}

impl Observer for Requests<'_> {
    fn event(&mut self, event: Event<'_>) {
        if matches!(event, Event::Progress { .. }) {
            self.served.set(self.served.get() + 1);
            self.bench
                .conn()
                .execute_batch("INSERT INTO t SELECT max(id) + 1, max(id), NULL FROM t")
                .unwrap();
        }
    }
}

/// A hundred rows, and nobody who has the file open.
fn in_log_mode() -> Bench {
    Bench::with(
        "PRAGMA journal_mode = WAL;
         CREATE TABLE t(id INTEGER PRIMARY KEY, parent INTEGER, root INTEGER);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO t SELECT i, nullif(i - 1, 0), NULL FROM n",
    )
}

/// Has `read` read while requests are served.
fn served<T>(bench: &Bench, read: impl FnOnce(&mut dyn Engine, Job<'_>) -> Result<T>) -> T {
    let served = Cell::new(0);
    let observer = RefCell::new(Requests { bench, served: &served });
    let interrupt = Interrupt::default();
    let job = Job::new(&observer, &interrupt);
    let mut engine = open(&bench.db, Access::ReadOnly, OpenOptions::default(), job).unwrap();
    let read = read(&mut *engine, job).unwrap();
    assert!(served.get() > 1, "it was overtaken, and again when it began again");
    drop(engine);
    for suffix in ["-wal", "-shm"] {
        assert!(!bench.db.with_extension(format!("db{suffix}")).exists(), "nothing is left beside the file");
    }
    read
}

#[test]
fn a_dry_backfill_beside_short_writers_comes_to_its_end() {
    let spec = BackfillSpec::new("t", "id", "parent", "root");
    let outcome: Outcome = served(&in_log_mode(), |engine, job| engine.backfill(&spec, true, job));
    // What was there when it began again, and not what came while it read.
    assert!(outcome.rows > 100, "{outcome:?}");
    assert_eq!(outcome.max_depth, outcome.rows - 1);
}

#[test]
fn a_copy_beside_short_writers_is_that_of_one_moment() {
    let bench = in_log_mode();
    // More pages than are copied in one step.
    let pages = "CREATE TABLE pages AS SELECT zeroblob(4000) FROM t, t AS u LIMIT 2500";
    bench.conn().execute_batch(pages).unwrap();
    let copy = bench.db.with_file_name("copy.db");
    served(&bench, |engine, job| engine.copy_to(&copy, job));
    let rows = "SELECT count(*) || ' ' || max(id) FROM t";
    let rows = strings(&Connection::open(&copy).unwrap(), rows).remove(0);
    let (count, last) = rows.split_once(' ').unwrap();
    assert_eq!(count, last);
}

#[test]
fn checks_of_values_beside_short_writers_come_to_their_end() {
    let stated = Stated {
        rule: RowRule::Null,
        columns: vec![Ident::new("root")],
        name: None,
        is_primary_key: false,
        expected: "NOT NULL".to_owned(),
        written: None,
        meant: None,
        location: None,
    };
    let check = ValueCheck { stated, test: Test::Null { declared: false }, explained_by: Vec::new() };
    let table = TableChecks {
        table: Ident::new("t"),
        key: RowKey::Columns(vec![Ident::new("id")]),
        checks: vec![check],
    };
    let plan = ValuePlan { tables: vec![table], unchecked: Vec::new() };
    let checked = served(&in_log_mode(), |engine, job| engine.check_values(&plan, job));
    assert!(matches!(checked.findings.as_slice(), [nulls] if nulls.rows > 100), "{checked:?}");
}
