//! The law: after a run every row's root is its true root ancestor, or the row is skipped and untouched; nothing else
//! changes; a second run changes nothing. What is true is asked of SQLite itself, row by row.

use proptest::prelude::*;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::cell::RefCell;

use super::*;
use crate::base::error::ErrorKind;
use crate::base::job::Job;
use crate::base::progress::{Interrupt, Observer};

fn spec() -> BackfillSpec {
    BackfillSpec {
        table: "t".into(),
        id: "id".into(),
        parent: "parent".into(),
        root: "root".into(),
        on_cycle: OnCycle::Abort,
        on_orphan: OnOrphan::Abort,
        recompute: false,
    }
}

fn lenient() -> BackfillSpec {
    BackfillSpec { on_cycle: OnCycle::Skip, on_orphan: OnOrphan::Skip, ..spec() }
}

fn open(sql: &str) -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(sql).unwrap();
    conn
}

fn fill(conn: &Connection, spec: &BackfillSpec) -> Result<Outcome> {
    run_alone(conn, spec, false, Duration::ZERO, Job::quiet())
}

fn strings(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn rows(conn: &Connection) -> Vec<Vec<Value>> {
    let mut statement = conn.prepare("SELECT * FROM t").unwrap();
    let width = statement.column_count();
    statement
        .query_map([], |row| (0..width).map(|i| row.get(i)).collect())
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn message(conn: &Connection, spec: &BackfillSpec) -> String {
    let before = rows(conn);
    let error = fill(conn, spec).unwrap_err();
    assert!(conn.is_autocommit());
    assert_eq!(rows(conn), before);
    let help = error.help_text().unwrap_or_default();
    format!("{error}; {help}")
}

const CHAIN: &str = "CREATE TABLE t(id TEXT PRIMARY KEY, parent TEXT, root TEXT, note TEXT DEFAULT 'n');
    INSERT INTO t(id, parent, root) VALUES ('c','b',NULL),('a',NULL,NULL),('b','a',''),('d','','d'),('e','d','x');";

#[test]
fn empty_roots_are_filled_and_wrong_ones_only_counted() {
    let conn = open(CHAIN);
    let outcome = fill(&conn, &spec()).unwrap();
    assert_eq!(strings(&conn, "SELECT root FROM t ORDER BY id"), ["a", "a", "a", "d", "x"]);
    let Outcome { rows, roots, filled, corrected, wrong, unchanged, max_depth, .. } = outcome;
    assert_eq!((rows, roots, filled, corrected, wrong, unchanged, max_depth), (5, 2, 3, 0, 1, 2, 2));
    let outcome = fill(&conn, &BackfillSpec { recompute: true, ..spec() }).unwrap();
    assert_eq!((outcome.filled, outcome.corrected, outcome.wrong, outcome.unchanged), (0, 1, 1, 4));
    assert_eq!(strings(&conn, "SELECT root FROM t ORDER BY id"), ["a", "a", "a", "d", "d"]);
}

#[test]
fn a_dry_run_reports_the_same_and_writes_nothing() {
    for recompute in [false, true] {
        let conn = open(CHAIN);
        let before = rows(&conn);
        let spec = BackfillSpec { recompute, ..spec() };
        let dry = run_alone(&conn, &spec, true, Duration::ZERO, Job::quiet()).unwrap();
        assert_eq!(rows(&conn), before);
        assert_eq!(conn.total_changes(), 5);
        assert_eq!(fill(&conn, &spec).unwrap(), dry);
    }
}

#[test]
fn inside_a_transaction_of_the_caller_it_neither_commits_nor_rolls_back() {
    let conn = open(CHAIN);
    conn.execute_batch("BEGIN; DELETE FROM t WHERE id = 'e'").unwrap();
    run(&conn, &spec(), false, Job::quiet()).unwrap();
    assert!(!conn.is_autocommit());
    conn.execute_batch("ROLLBACK").unwrap();
    assert_eq!(rows(&conn), rows(&open(CHAIN)));
    let left: Vec<String> =
        strings(&conn, "SELECT name FROM pragma_function_list WHERE name LIKE 'planctl%'");
    assert!(left.is_empty(), "{left:?}");
}

const TANGLE: &str = "CREATE TABLE t(id INTEGER PRIMARY KEY, parent INT, root INT);
    INSERT INTO t(id, parent) VALUES (1,NULL),(2,1),(3,99),(4,3),(5,6),(6,7),(7,5),(8,7),(9,9);
    UPDATE t SET root = 77 WHERE id IN (4, 6, 8);";

#[test]
fn cycles_and_orphans_stop_the_run_and_are_named() {
    let conn = open(TANGLE);
    let before = rows(&conn);
    let outcome = fill(&conn, &spec()).unwrap();
    assert_eq!(rows(&conn), before);
    assert_eq!(outcome.refused, Some(Refusal { cycles: true, orphans: true }));
    assert_eq!((outcome.filled, outcome.unchanged, outcome.wrong), (0, 9, 0));
    let ids = |ids: &[i64]| ids.iter().map(|&id| crate::backfill::Id::Integer(id)).collect::<Vec<_>>();
    assert_eq!(outcome.orphans, Orphans { count: 1, ids: ids(&[3]), rows_below: 1 });
    let cycle = |members: &[i64]| Cycle { ids: ids(members), cut: false };
    let examples = vec![cycle(&[5, 6, 7]), cycle(&[9])];
    assert_eq!(outcome.cycles, Cycles { count: 2, rows: 4, examples, rows_below: 1 });
    for spec in [
        BackfillSpec { on_cycle: OnCycle::Abort, ..lenient() },
        BackfillSpec { on_orphan: OnOrphan::Abort, ..lenient() },
    ] {
        assert!(fill(&conn, &spec).unwrap().refused.is_some());
        assert_eq!(rows(&conn), before);
    }
}

#[test]
fn skipped_rows_are_left_and_adopted_orphans_become_roots() {
    let roots = "SELECT coalesce(root, '-') || '' FROM t";
    let conn = open(TANGLE);
    let spec = BackfillSpec { recompute: true, ..lenient() };
    let outcome = fill(&conn, &spec).unwrap();
    assert_eq!(strings(&conn, roots), ["1", "1", "-", "77", "-", "77", "-", "77", "-"]);
    assert_eq!((outcome.refused, outcome.filled, outcome.max_depth), (None, 2, 1));
    let outcome = fill(&conn, &BackfillSpec { on_orphan: OnOrphan::SelfRoot, ..spec }).unwrap();
    assert_eq!(strings(&conn, roots), ["1", "1", "3", "3", "-", "77", "-", "77", "-"]);
    assert_eq!((outcome.filled, outcome.corrected, outcome.roots), (1, 1, 1));
}

#[test]
fn lists_hold_at_most_fifty() {
    let conn = open(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, parent INT, root INT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) INSERT INTO t
         SELECT i, CASE WHEN i <= 100 THEN i % 100 + 1 WHEN i <= 200 THEN i ELSE -i END, NULL FROM n;",
    );
    let outcome = fill(&conn, &spec()).unwrap();
    assert_eq!((outcome.orphans.count, outcome.orphans.ids.len()), (200, LISTED));
    assert_eq!(
        (outcome.cycles.count, outcome.cycles.rows, outcome.cycles.examples.len()),
        (101, 200, LISTED)
    );
    let first = &outcome.cycles.examples[0];
    assert_eq!((first.ids.len(), first.cut), (LISTED, true));
    assert!(!outcome.cycles.examples[1].cut);
}

/// Every table is one where a careless implementation reads the wrong row, the wrong order or the wrong name.
#[test]
fn tables_of_every_kind_are_filled() {
    for table in [
        "CREATE TABLE t(id TEXT PRIMARY KEY, parent TEXT, root TEXT) WITHOUT ROWID",
        "CREATE TABLE t(id TEXT, parent TEXT, root TEXT, PRIMARY KEY(root, id)) ",
        "CREATE TABLE t(id TEXT, parent TEXT, root TEXT, PRIMARY KEY(parent DESC, id)) WITHOUT ROWID",
        "CREATE TABLE t(id TEXT, parent TEXT, root TEXT DEFAULT '', PRIMARY KEY(root DESC, id)) WITHOUT ROWID",
        "CREATE TABLE t(id TEXT UNIQUE, parent TEXT, root TEXT, rowid, _rowid_, oid)",
        "CREATE TABLE t(id TEXT UNIQUE, parent TEXT, root TEXT, rowid TEXT)",
        "CREATE TABLE t(id TEXT COLLATE NOCASE, parent TEXT, root TEXT) STRICT",
        "CREATE TABLE t(id TEXT, parent TEXT, root TEXT); CREATE INDEX i ON t(root, id); CREATE INDEX j ON t(id, root);
         CREATE INDEX p ON t(root) WHERE root IS NULL",
        "CREATE TABLE t(id TEXT PRIMARY KEY, parent TEXT REFERENCES t(id), root TEXT REFERENCES t(id));
         CREATE TABLE log(a); CREATE TRIGGER r AFTER UPDATE ON t BEGIN INSERT INTO log VALUES(new.id); END",
        "PRAGMA reverse_unordered_selects = 1; CREATE TABLE t(id TEXT, parent TEXT, root TEXT)",
        "CREATE TABLE t(id TEXT, base TEXT, root TEXT, parent AS (base))",
    ] {
        let conn = open(table);
        let parent = if table.contains("base") { "base" } else { "parent" };
        let empty = if table.contains("DEFAULT ''") { "''" } else { "NULL" };
        // Without foreign keys, for the children come before their parents.
        conn.execute_batch(&format!(
            "PRAGMA foreign_keys = OFF;
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) INSERT INTO t(id, {parent}, root)
             SELECT 'k' || ((i * 7919) % 40009), iif(i % 100, 'k' || (((i + 1) * 7919) % 40009), ''), {empty} FROM n;
             PRAGMA foreign_keys = ON"
        ))
        .unwrap();
        let outcome = fill(&conn, &spec()).unwrap_or_else(|e| panic!("{table}: {e}"));
        assert_eq!((outcome.rows, outcome.filled, outcome.max_depth), (40_000, 40_000, 99), "{table}");
        let wrong: i64 = conn
            .query_row(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000),
                 truth AS MATERIALIZED (SELECT 'k' || ((i * 7919) % 40009) AS id,
                     'k' || (((i + 99) / 100 * 100 * 7919) % 40009) AS root FROM n)
                 SELECT count(*) FROM (SELECT id, root FROM t EXCEPT SELECT id, root FROM truth)",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(wrong, 0, "{table}");
        if table.contains("TRIGGER") {
            assert_eq!(strings(&conn, "SELECT count(*) || '' FROM log"), ["40000"]);
        }
        assert_eq!(strings(&conn, "PRAGMA integrity_check"), ["ok"]);
        let again = fill(&conn, &BackfillSpec { recompute: true, ..spec() }).unwrap();
        assert_eq!((again.unchanged, again.wrong), (40_000, 0), "{table}");
    }
}

/// Memory is planned by the span of the ids where that is plausible, and by a count where it is not.
#[test]
fn gaps_in_integer_ids_do_no_harm() {
    for (body, factor) in [(300, 1), (300, 3_000_000_000_000_000_i64), (0, 1)] {
        let conn = open(&format!(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, parent INT, root INT, body);
             WITH RECURSIVE n(i) AS (SELECT -1500 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
             INSERT INTO t SELECT i * {factor}, CASE WHEN i < 1500 THEN (i + 1) * {factor} END, NULL, zeroblob({body}) FROM n;
             UPDATE t SET parent = NULL WHERE id = 0; DELETE FROM t WHERE id / {factor} BETWEEN 1 AND 500"
        ));
        let outcome = fill(&conn, &spec()).unwrap();
        assert_eq!((outcome.rows, outcome.roots, outcome.filled, outcome.max_depth), (2501, 2, 2501, 1500));
        assert_eq!(
            strings(
                &conn,
                &format!("SELECT (root / {factor}) || ' ' || count(*) FROM t GROUP BY root ORDER BY root")
            ),
            ["0 1501", "1500 1000"]
        );
    }
}

#[test]
fn names_that_need_quotes_are_names_all_the_same() {
    let conn = open(
        r#"CREATE TABLE "o'brien ""x""; t"("select" TEXT, "a b" TEXT, "]" TEXT);
           INSERT INTO "o'brien ""x""; t" VALUES ('1', NULL, NULL), ('2', '1', NULL)"#,
    );
    let spec = BackfillSpec {
        table: r#"O'BRIEN "x"; t"#.into(),
        id: "SELECT".into(),
        parent: "a b".into(),
        root: "]".into(),
        ..spec()
    };
    assert_eq!(fill(&conn, &spec).unwrap().filled, 2);
}

#[test]
fn a_table_of_the_same_name_elsewhere_is_not_touched() {
    let conn = open(CHAIN);
    conn.execute_batch("CREATE TEMP TABLE t AS SELECT * FROM main.t").unwrap();
    fill(&conn, &spec()).unwrap();
    assert_eq!(strings(&conn, "SELECT count(*) || '' FROM temp.t WHERE root IS NULL"), ["2"]);
    assert_eq!(strings(&conn, "SELECT count(*) || '' FROM main.t WHERE root IS NULL"), ["0"]);
}

#[test]
fn the_root_is_written_exactly_as_the_id_is_stored() {
    let conn = open(
        "CREATE TABLE t(id COLLATE NOCASE, parent, root);
         INSERT INTO t VALUES ('kid', 'tOP', NULL), ('Top', NULL, NULL), (x'00ff', NULL, NULL), (2, x'00FF', NULL),
         (5.0, NULL, NULL), (3, 5, NULL), (4, 5.0, '')",
    );
    fill(&conn, &spec()).unwrap();
    assert_eq!(
        strings(&conn, "SELECT quote(root) FROM t"),
        ["'Top'", "'Top'", "X'00FF'", "X'00FF'", "5.0", "5.0", "5.0"]
    );
}

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
    interrupt.flag().store(true, std::sync::atomic::Ordering::Relaxed);
    let error = run_alone(&conn, &spec(), false, Duration::ZERO, Job::stopped_by(&interrupt)).unwrap_err();
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
                self.0.flag().store(true, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }
    let conn = open(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, parent INT, root INT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) INSERT INTO t(id) SELECT i FROM n",
    );
    let interrupt = Interrupt::new();
    let told = RefCell::new(Raise(interrupt.clone()));
    let error = run_alone(&conn, &spec(), false, Duration::ZERO, Job::new(&told, &interrupt)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!(strings(&conn, "SELECT count(root) || '' FROM t"), ["0"]);
}

#[test]
fn an_empty_table_is_done_at_once() {
    let conn = open("CREATE TABLE t(id, parent, root)");
    assert_eq!(fill(&conn, &spec()).unwrap(), Outcome::default());
}

/// A table, and values of which ids, parents and roots are drawn.
#[derive(Debug, Clone)]
struct Case {
    ddl: &'static str,
    rows: Vec<(Value, Value, Value)>,
    spec: BackfillSpec,
}

fn cases() -> impl Strategy<Value = Case> {
    let pool: Vec<Value> = ["a", "A", "b", "B ", "b", "c", "", "5", "5.0", " 6", "6", "é", "x\0y"]
        .iter()
        .map(|s| Value::Text((*s).into()))
        .chain([1, 2, 3, 5, 6, 7].map(Value::Integer))
        .chain([5.0, 6.5, 7.0].map(Value::Real))
        .chain([Value::Blob(b"a".to_vec()), Value::Null])
        .collect();
    let value = prop::sample::select(pool);
    let ddl = prop::sample::select(vec![
        "id INTEGER PRIMARY KEY, parent INTEGER, root INTEGER",
        "id INTEGER PRIMARY KEY, parent TEXT, root TEXT",
        "id TEXT, parent TEXT, root TEXT",
        "id TEXT COLLATE NOCASE, parent TEXT, root TEXT COLLATE BINARY",
        "id TEXT COLLATE RTRIM, parent TEXT COLLATE NOCASE, root",
        "id, parent, root",
        "id REAL, parent, root NUMERIC",
        "id BLOB, parent INT, root BLOB",
    ]);
    let policy = (
        prop::sample::select(vec![OnCycle::Abort, OnCycle::Skip]),
        prop::sample::select(vec![OnOrphan::Abort, OnOrphan::SelfRoot, OnOrphan::Skip, OnOrphan::Skip]),
        any::<bool>(),
    );
    (ddl, prop::collection::vec((value.clone(), value.clone(), value), 0..12), policy).prop_map(
        |(ddl, rows, (on_cycle, on_orphan, recompute))| Case {
            ddl,
            rows,
            spec: BackfillSpec { on_cycle, on_orphan, recompute, ..spec() },
        },
    )
}

/// The true root of every row, asked of SQLite one step at a time: `Ok(rowid of the root)`, or why there is none.
fn oracle(
    conn: &Connection,
    collation: &str,
    adopt: bool,
) -> Vec<(i64, std::result::Result<i64, &'static str>)> {
    let rowids: Vec<i64> = {
        let mut statement = conn.prepare("SELECT rowid FROM t").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let step = format!(
        "SELECT c.parent IS NULL OR c.parent = '' COLLATE BINARY, p.rowid FROM t c LEFT JOIN t p
         ON c.parent = p.id COLLATE {collation} WHERE c.rowid = ?1"
    );
    let climb = |row: i64| {
        let mut at = row;
        for _ in 0..=rowids.len() {
            let (top, up): (bool, Option<i64>) =
                conn.query_row(&step, [at], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            match up {
                _ if top => return Ok(at),
                None if adopt => return Ok(at),
                None => return Err("orphan"),
                Some(up) => at = up,
            }
        }
        Err("cycle")
    };
    rowids.iter().map(|&row| (row, climb(row))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]
    #[test]
    fn every_root_is_the_one_that_sqlite_finds_by_climbing(case in cases()) {
        let conn = open(&format!("CREATE TABLE t({})", case.ddl));
        let collation = ["NOCASE", "RTRIM"].into_iter()
            .find(|c| case.ddl.starts_with(&format!("id TEXT COLLATE {c}"))).unwrap_or("BINARY");
        for (id, parent, root) in &case.rows {
            // Ids that SQLite would call equal as parents of one row, or does not take, are left out.
            let clash = format!(
                "SELECT count(*) FROM t WHERE id = ?1 COLLATE {collation}
                 OR (typeof(id) <> 'blob' AND typeof(?1) <> 'blob' AND CAST(id AS NUMERIC) = CAST(?1 AS NUMERIC)
                     AND CAST(id AS NUMERIC) <> 0)"
            );
            let clashes: i64 = conn.query_row(&clash, [id], |row| row.get(0)).unwrap();
            if clashes == 0 && *id != Value::Null {
                let _ = conn.execute("INSERT OR IGNORE INTO t VALUES(?1, ?2, ?3)", (id, parent, root));
            }
        }
        let before = rows(&conn);
        let adopt = case.spec.on_orphan == OnOrphan::SelfRoot;
        let truth = oracle(&conn, collation, adopt);
        let outcome = fill(&conn, &case.spec).unwrap();
        let cycles = truth.iter().any(|(_, t)| *t == Err("cycle"));
        let orphans = truth.iter().any(|(_, t)| *t == Err("orphan"));
        let refused = cycles && case.spec.on_cycle == OnCycle::Abort
            || orphans && case.spec.on_orphan == OnOrphan::Abort;
        prop_assert_eq!(outcome.refused.is_some(), refused);
        let after = rows(&conn);
        if refused {
            prop_assert_eq!(&after, &before);
        }
        let mut wrong = 0;
        for ((rowid, truth), (before, after)) in truth.iter().zip(before.iter().zip(&after)) {
            prop_assert_eq!(&before[..2], &after[..2]);
            let is_empty = matches!(&before[2], Value::Null) || before[2] == Value::Text(String::new());
            let Ok(top) = truth else {
                prop_assert_eq!(before, after);
                continue;
            };
            let right = |value: &Value| -> bool {
                // The stored value is put beside the id in a table of the same columns, so that affinities count.
                let probe = open(&format!("CREATE TABLE t({})", case.ddl));
                let id: Value = conn.query_row("SELECT id FROM t WHERE rowid = ?1", [top], |r| r.get(0)).unwrap();
                probe.execute("INSERT INTO t VALUES(?1, NULL, ?2)", (id, value)).unwrap();
                probe.query_row(&format!("SELECT coalesce(root = id COLLATE {collation}, 0) FROM t"), [], |r| r.get(0))
                    .unwrap()
            };
            let was_right = right(&before[2]);
            wrong += u64::from(!was_right && !is_empty);
            if !refused && (is_empty || case.spec.recompute) {
                prop_assert!(right(&after[2]), "row {}: {:?}", rowid, after);
            } else {
                prop_assert_eq!(before, after);
            }
            if was_right {
                prop_assert_eq!(before, after);
            }
        }
        prop_assert_eq!(outcome.wrong, wrong);
        prop_assert_eq!(outcome.rows, outcome.filled + outcome.corrected + outcome.unchanged);
        let changed = before.iter().zip(&after).filter(|(b, a)| b != a).count() as u64;
        prop_assert_eq!(changed, outcome.filled + outcome.corrected);
        let again = fill(&conn, &case.spec).unwrap();
        prop_assert_eq!(again.filled + again.corrected, 0);
        prop_assert_eq!(rows(&conn), after);
    }
}
