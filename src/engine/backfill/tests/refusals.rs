//! What cannot be filled, what must not be, and what stops a backfill: the rows are as they were.

use std::cell::RefCell;

use super::*;
use crate::base::error::ErrorKind;
use crate::base::progress::{Interrupt, Observer};

#[test]
fn what_cannot_be_filled_is_refused_with_the_reason() {
    let conn = open(
        "CREATE TABLE t(id TEXT, parent TEXT, root TEXT, made AS (id || 'x'));
         CREATE VIEW v AS SELECT * FROM t; CREATE VIRTUAL TABLE f USING fts5(id, parent, root);
         CREATE TABLE two(a, b, parent, root, PRIMARY KEY(a, b)); INSERT INTO two VALUES (1,1,'',''),(1,2,'','')",
    );
    let with = |edit: fn(&mut BackfillSpec)| {
        let mut spec = spec();
        edit(&mut spec);
        message(&conn, &spec)
    };
    assert_eq!(with(|s| s.table = "tt".into()), "there is no table tt; did you mean `t`?");
    assert_eq!(with(|s| s.root = "rot".into()), "table t has no column rot; did you mean `root`?");
    assert_eq!(
        with(|s| s.root = "ID".into()),
        "id and root are the same column, t.id; name three different columns"
    );
    assert_eq!(
        with(|s| s.root = "made".into()),
        "t.made is a generated column and cannot be filled; name an ordinary column as root"
    );
    assert!(with(|s| s.table = "v".into()).starts_with("v is a view, and only"));
    assert!(with(|s| s.table = "f".into()).starts_with("f is a virtual table, and only"));
    assert!(
        with(|s| (s.table, s.id) = ("two".into(), "a,b".into()))
            .starts_with("two: keys of more than one column")
    );
    assert!(
        with(|s| (s.table, s.id) = ("two".into(), "a".into()))
            .starts_with("two: keys of more than one column")
    );
}

#[test]
fn ids_that_identify_no_row_are_refused() {
    let conn = open(
        "CREATE TABLE t(id TEXT COLLATE RTRIM, parent TEXT, root TEXT); INSERT INTO t(id) VALUES ('a'),('a ')",
    );
    assert!(message(&conn, &spec()).starts_with("t.id is not unique: 1 row has the id of an earlier row;"));
    conn.execute_batch("DELETE FROM t; INSERT INTO t(id) VALUES ('a'),(NULL),(NULL)").unwrap();
    assert!(
        message(&conn, &spec())
            .starts_with("t.id identifies no row where it is NULL: there are 2 such rows;")
    );
}

#[test]
fn a_collation_that_only_the_application_knows_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    let conn = Connection::open(&path).unwrap();
    conn.create_collation("own", |a: &str, b: &str| a.cmp(b)).unwrap();
    conn.execute_batch("CREATE TABLE t(id TEXT COLLATE own, parent TEXT, root TEXT)").unwrap();
    let conn = Connection::open(&path).unwrap();
    assert!(
        message(&conn, &spec()).starts_with("t.id has the collation own, which only the application knows;")
    );
}

#[test]
fn a_constraint_that_refuses_the_root_leaves_everything_as_it_was() {
    let conn = open(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, parent INT, root INT CHECK(root <> 2));
         INSERT INTO t VALUES (1, NULL, NULL), (2, NULL, NULL), (3, 2, NULL)",
    );
    assert!(message(&conn, &spec()).contains("CHECK constraint failed"));
    let conn = open(
        "CREATE TABLE o(id TEXT PRIMARY KEY); CREATE TABLE t(id TEXT, parent TEXT, root TEXT REFERENCES o DEFERRABLE
         INITIALLY DEFERRED); INSERT INTO t VALUES ('a', NULL, NULL)",
    );
    assert!(message(&conn, &spec()).contains("FOREIGN KEY constraint failed"));
}

/// SQLite would refuse to touch an orphan of a table that refers to itself, for the reference that is broken already.
#[test]
fn broken_references_that_were_there_before_stand_in_nobodys_way() {
    let conn = open(
        "PRAGMA foreign_keys = OFF; CREATE TABLE t(id TEXT PRIMARY KEY, parent TEXT REFERENCES t, root TEXT REFERENCES T(ID));
         INSERT INTO t VALUES ('a', '', ''), ('b', 'gone', NULL), ('c', 'b', NULL); PRAGMA foreign_keys = ON",
    );
    fill(&conn, &BackfillSpec { on_orphan: OnOrphan::SelfRoot, ..spec() }).unwrap();
    assert_eq!(strings(&conn, "SELECT root FROM t"), ["a", "b", "b"]);
    assert_eq!(strings(&conn, "SELECT foreign_keys || '' FROM pragma_foreign_keys"), ["1"]);
}

#[test]
fn foreign_keys_are_watched_where_a_true_root_could_break_one() {
    let watched = |ddl: &str| Target::examine(&open(ddl), &spec()).unwrap().watch_foreign_keys;
    assert!(!watched(
        "CREATE TABLE t(id TEXT PRIMARY KEY, parent TEXT REFERENCES p, root TEXT REFERENCES t)"
    ));
    assert!(!watched("CREATE TABLE t(id TEXT UNIQUE, parent TEXT, root TEXT REFERENCES t(id))"));
    assert!(watched("CREATE TABLE t(id TEXT UNIQUE, parent TEXT, root TEXT REFERENCES t)"));
    assert!(watched("CREATE TABLE t(id INTEGER PRIMARY KEY, parent TEXT, root TEXT REFERENCES t)"));
    assert!(watched("CREATE TABLE t(id TEXT, parent TEXT, root TEXT REFERENCES o(id))"));
    assert!(watched(
        "CREATE TABLE t(id TEXT, parent TEXT, root TEXT UNIQUE); CREATE TABLE c(a REFERENCES t(root))"
    ));
    assert!(watched(
        "CREATE TABLE t(id TEXT, parent TEXT, root TEXT, UNIQUE(id, parent), FOREIGN KEY(root, parent) REFERENCES t(id, parent))"
    ));
}

#[test]
fn a_trigger_that_keeps_rows_back_or_brings_new_ones_is_noticed() {
    let conn = open(CHAIN);
    conn.execute_batch(
        "CREATE TRIGGER r BEFORE UPDATE ON t WHEN old.id = 'b' BEGIN SELECT RAISE(IGNORE); END",
    )
    .unwrap();
    assert!(message(&conn, &spec()).starts_with("t: 2 of 3 rows were written"));
}

#[test]
fn an_interrupt_stops_it() {
    let conn = open(CHAIN);
    let interrupt = Interrupt::new();
    interrupt.raise();
    let error =
        run_alone(&conn, None, &spec(), false, Duration::ZERO, Job::stopped_by(&interrupt)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(conn.is_autocommit());
}

#[test]
fn an_interrupt_while_rows_are_written_leaves_them_as_they_were() {
    /// Raises the flag when writing begins.
    struct Raise(Interrupt);
    impl Observer for Raise {
        fn event(&mut self, event: Event<'_>) {
            if let Event::Progress { what: "writing t", done: 16_384, .. } = event {
                self.0.raise();
            }
        }
    }
    let conn = open(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, parent INT, root INT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) INSERT INTO t(id) SELECT i FROM n",
    );
    let interrupt = Interrupt::new();
    let told = RefCell::new(Raise(interrupt.clone()));
    let error =
        run_alone(&conn, None, &spec(), false, Duration::ZERO, Job::new(&told, &interrupt)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!(strings(&conn, "SELECT count(root) || '' FROM t"), ["0"]);
}
