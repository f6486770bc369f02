//! What a backfill writes, on tables of every kind, and what it tells of the rows that it leaves alone.

mod at_once;
mod climbing;
mod refusals;

use rusqlite::Connection;
use rusqlite::types::Value;

use super::*;
use crate::base::job::Job;

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
    run_alone(conn, None, spec, false, Duration::ZERO, Job::quiet())
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
        let dry = run_alone(&conn, None, &spec, true, Duration::ZERO, Job::quiet()).unwrap();
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
fn an_empty_table_is_done_at_once() {
    let conn = open("CREATE TABLE t(id, parent, root)");
    assert_eq!(fill(&conn, &spec()).unwrap(), Outcome::default());
}

/// Rows in blocks of which some are wholly without roots, which are written without a question for each row, some not.
#[test]
fn each_row_of_a_block_without_roots_is_filled_and_of_another_one_those_that_are_due() {
    let rows = 3 * BLOCK + 7;
    let filled = |at: usize| at == BLOCK + 5 || at == 2 * BLOCK - 1;
    let create = |keys: &str, suffix: &str| {
        format!(
            "CREATE TABLE t(id {keys}, parent, root){suffix};
             INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows})
             SELECT i, CASE WHEN i % 100 THEN i - 1 END, CASE WHEN i IN ({}, {}) THEN 'wrong' WHEN i % 2 THEN '' END FROM n;",
            BLOCK + 5,
            2 * BLOCK - 1
        )
    };
    for (keys, suffix) in [("INTEGER PRIMARY KEY", ""), ("INT PRIMARY KEY", " WITHOUT ROWID")] {
        for recompute in [false, true] {
            let conn = open(&create(keys, suffix));
            let outcome = fill(&conn, &BackfillSpec { recompute, ..spec() }).unwrap();
            let corrected = if recompute { 2 } else { 0 };
            assert_eq!((outcome.filled, outcome.corrected), (rows as u64 - 2, corrected));
            assert_eq!((outcome.wrong, outcome.written.len()), (2, LISTED));
            let mut statement = conn.prepare("SELECT root FROM t ORDER BY id").unwrap();
            let roots = statement.query_map([], |row| row.get::<_, Value>(0)).unwrap();
            for (at, root) in roots.enumerate() {
                let expected = match filled(at) && !recompute {
                    true => Value::Text("wrong".into()),
                    false => Value::Integer((at - at % 100) as i64),
                };
                assert_eq!(root.unwrap(), expected, "row {at}");
            }
        }
    }
}

/// `''` is an id like any other: a root that is the same is right, although it looks as if nothing were there.
#[test]
fn an_empty_text_that_is_the_true_root_is_not_filled_again() {
    let conn = open("CREATE TABLE t(id TEXT, parent TEXT, root TEXT); INSERT INTO t VALUES('', NULL, NULL)");
    let filled = || fill(&conn, &spec()).unwrap().filled;
    assert_eq!([filled(), filled()], [1, 0]);
    assert_eq!(strings(&conn, "SELECT quote(root) FROM t"), ["''"]);
}

/// A row that was not there when the table was read has no answer: between the rows that come later, and behind them.
#[test]
fn a_row_that_a_trigger_adds_meanwhile_stops_the_backfill() {
    for added in [2 * BLOCK + 3, 4 * BLOCK] {
        let conn = open(&format!(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, parent, root);
             INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 2 FROM n WHERE i < 2 * {BLOCK} + 8)
             SELECT i, NULL, NULL FROM n;
             CREATE TRIGGER r AFTER UPDATE ON t WHEN new.id = 2 BEGIN INSERT INTO t VALUES({added}, NULL, NULL); END"
        ));
        let error = fill(&conn, &spec()).unwrap_err().to_string();
        assert!(error.contains("appeared while the backfill ran"), "{added}: {error}");
    }
}

/// A trigger may fill rows of blocks that come later: they are asked about, and what it wrote stays.
#[test]
fn what_a_trigger_fills_meanwhile_is_not_overwritten() {
    for kind in ["", "TEMP "] {
        let conn = open(&format!(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, parent, root);
             INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {BLOCK})
             SELECT i, NULL, NULL FROM n;
             CREATE {kind}TRIGGER r AFTER UPDATE ON t WHEN new.id = 1
                 BEGIN UPDATE t SET root = 'theirs' WHERE id = {BLOCK}; END"
        ));
        let outcome = fill(&conn, &spec()).unwrap();
        assert_eq!((outcome.filled, outcome.wrong), (BLOCK as u64, 1), "{kind}");
        assert_eq!(strings(&conn, "SELECT root || '' FROM t ORDER BY id DESC LIMIT 2"), ["theirs", "16383"]);
    }
}
