#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use rusqlite::Connection;

use super::Tracer;
use crate::base::job::Job;
use crate::engine::Loss;
use crate::engine::migrate::guard::Guard;
use crate::sql::statements;

/// What a script does to rows and values, as sentences.
fn lost(before: &str, down: &str, mut tracer: Tracer) -> Vec<String> {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(&format!("PRAGMA foreign_keys = OFF; {before}")).unwrap();
    // As in a process that meets the database for the first time: the modules of virtual tables are not connected yet.
    conn.execute_batch("PRAGMA writable_schema = RESET").unwrap();
    let guard = Guard::install(&mut conn, Job::quiet()).unwrap();
    conn.execute_batch("BEGIN").unwrap();
    for statement in statements(down) {
        tracer.run(&conn, &guard, statement.text).unwrap();
    }
    tracer.end(&conn).unwrap();
    let left = "SELECT count(*) FROM temp.sqlite_schema WHERE type = 'trigger'";
    assert_eq!(conn.query_row(left, [], |row| row.get(0)), Ok(0), "{down}");
    tracer.take().iter().map(Loss::sentence).collect()
}

const T: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER);
     INSERT INTO t VALUES (1, 'x', 10), (2, 'y', NULL), (3, NULL, 30);";

/// Its module compiles statements for its shadow tables when SQLite connects it.
const RTREE: &str = "CREATE VIRTUAL TABLE r USING rtree(id, low, high); INSERT INTO r VALUES (1, 2, 3);
     CREATE TABLE e (x); INSERT INTO e VALUES (1), (2);";

#[test]
fn what_a_down_destroys_is_counted_and_what_it_moves_is_not() {
    let cases: &[(&str, &str, &[&str])] = &[
        (T, "DROP TABLE t", &["3 rows of t are lost"]),
        ("CREATE TABLE e (x)", "DROP TABLE e", &[]),
        ("CREATE TABLE e (x)", "DROP TABLE IF EXISTS e; DROP TABLE IF EXISTS nowhere", &[]),
        ("CREATE TABLE w (k PRIMARY KEY) WITHOUT ROWID; INSERT INTO w VALUES (1)", "DROP TABLE w", &[
            "1 row of w is lost",
        ]),
        ("CREATE VIEW v AS SELECT 1", "DROP VIEW v", &[]),
        ("CREATE TABLE e (x); CREATE VIEW v AS SELECT my_function(x) FROM e", "DROP TABLE e; DROP VIEW v", &[]),
        ("CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('a')", "DROP TABLE f", &[
            "1 row of f is lost",
        ]),
        (
            "CREATE TABLE t (x); INSERT INTO t VALUES ('a'); CREATE VIRTUAL TABLE f USING fts5(x, content = t);
             INSERT INTO f(f) VALUES ('rebuild'); CREATE VIRTUAL TABLE v USING fts5vocab(f, row)",
            "DROP TABLE v; DROP TABLE f",
            &[],
        ),
        (RTREE, "DROP TABLE r", &["1 row of r is lost"]),
        (RTREE, "CREATE TABLE k AS SELECT * FROM r; DROP TABLE r", &[]),
        (RTREE, "INSERT INTO r VALUES (2, 0, 1)", &[]),
        (RTREE, "DELETE FROM r WHERE id = 1", &["rows of r may be deleted"]),
        (RTREE, "UPDATE r SET low = 0", &["values of r.low may be overwritten"]),
        // While it is written to, it holds its shadow table open.
        (RTREE, "DELETE FROM r WHERE id = 7; DELETE FROM e WHERE x = 1; UPDATE e SET x = 3", &[
            "1 row of e is deleted",
            "rows of r may be deleted",
            "1 value of e.x is overwritten",
        ]),
        (RTREE, "DELETE FROM r_rowid", &["1 row of r_rowid is deleted"]),
        (T, "ALTER TABLE t DROP COLUMN b", &["2 values of t.b are lost"]),
        (T, "ALTER TABLE t RENAME COLUMN b TO c; ALTER TABLE t DROP c", &["2 values of t.b are lost"]),
        ("CREATE TABLE g (a, b AS (a)); INSERT INTO g (a) VALUES (1)", "ALTER TABLE g DROP COLUMN b", &[]),
        (T, "ALTER TABLE t ADD COLUMN n DEFAULT 1; UPDATE t SET n = 2; ALTER TABLE t DROP COLUMN n", &[]),
        (T, "ALTER TABLE t RENAME TO u", &[]),
        (T, "ALTER TABLE t RENAME TO u; DROP TABLE u", &["3 rows of t are lost"]),
        (T, "ALTER TABLE t RENAME TO u; CREATE TABLE t (x); INSERT INTO t VALUES (1); DROP TABLE t", &[]),
        (T, "CREATE TABLE n (x); INSERT INTO n VALUES (1); DELETE FROM n; DROP TABLE n", &[]),
        // Rebuilds.
        (T, "CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, b INTEGER); INSERT INTO n SELECT * FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t", &[]),
        (T, "CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO n SELECT id, a FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t", &["2 values of t.b are lost"]),
        (T, "CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, c); INSERT INTO n SELECT id, a, b FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t; ALTER TABLE t DROP COLUMN c", &["2 values of t.b are lost"]),
        (T, "CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, b); INSERT INTO n SELECT id, a, b FROM t WHERE id < 3; DROP TABLE t", &["1 row of t is lost"]),
        (T, "CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, b); INSERT INTO n SELECT id, a, b FROM t WHERE id < 3; INSERT INTO n SELECT id, a, b FROM t WHERE id >= 3; DROP TABLE t", &[]),
        (T, "CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO n SELECT id, upper(a), b FROM t; DROP TABLE t", &["2 values of t.a are lost"]),
        (T, "CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, b); INSERT INTO n SELECT id, a, NULL FROM t; DROP TABLE t", &["2 values of t.b are lost"]),
        (T, "CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b); INSERT INTO n SELECT id, coalesce(a, ''), b FROM t; DROP TABLE t", &[]),
        (T, "CREATE TABLE n AS SELECT * FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t", &[]),
        (T, "CREATE TABLE n AS SELECT id + 100 AS id, a, b FROM t; DROP TABLE t", &["3 values of t.id are lost"]),
        (T, "CREATE TEMP TABLE k AS SELECT * FROM t; DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t SELECT * FROM k; DROP TABLE k", &[]),
        (T, "CREATE TEMP TABLE k AS SELECT id, a FROM t; DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t SELECT * FROM k", &["2 values of t.b are lost"]),
        (T, "CREATE TEMP TABLE k AS SELECT * FROM t; DROP TABLE t", &["3 rows of t are lost"]),
        (T, "CREATE TABLE p (id INTEGER PRIMARY KEY, a); CREATE TABLE q (id INTEGER PRIMARY KEY, b); INSERT INTO p SELECT id, a FROM t; INSERT INTO q SELECT id, b FROM t; DROP TABLE t", &[]),
        ("CREATE TABLE n (x TEXT); INSERT INTO n VALUES ('00123'), ('7')", "CREATE TABLE m (x INTEGER); INSERT INTO m SELECT x FROM n; DROP TABLE n", &["1 value of n.x is lost"]),
        ("CREATE TABLE n (k PRIMARY KEY, x TEXT); INSERT INTO n VALUES (1, '00123'), (2, '7')", "CREATE TABLE m (k PRIMARY KEY, x INTEGER); INSERT INTO m SELECT k, x FROM n; DROP TABLE n", &["1 value of n.x is lost"]),
        // Rows and values that are written over.
        (T, "DELETE FROM t WHERE id > 1", &["2 rows of t are deleted"]),
        (T, "DELETE FROM t; INSERT INTO t VALUES (9, 'x', 9)", &["3 rows of t are deleted"]),
        (T, "DELETE FROM t; DROP TABLE t", &["3 rows of t are deleted"]),
        (T, "UPDATE t SET a = 'z' WHERE a IS NULL", &[]),
        (T, "UPDATE t SET a = a, b = 10 WHERE id = 1", &[]),
        (T, "UPDATE t SET a = 'z', b = b + 1", &["2 values of t.a are overwritten", "2 values of t.b are overwritten"]),
        (T, "ALTER TABLE t RENAME COLUMN a TO c; ALTER TABLE t RENAME TO u; UPDATE u SET c = NULL", &["2 values of t.a are overwritten"]),
        ("CREATE TABLE t (x COLLATE NOCASE); INSERT INTO t VALUES ('a')", "UPDATE t SET x = 'A'", &["1 value of t.x is overwritten"]),
        (
            "CREATE TABLE p (id); CREATE TABLE c (p); INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1), (1);
             CREATE TRIGGER g AFTER DELETE ON p BEGIN DELETE FROM c WHERE p = old.id; END",
            "DELETE FROM p WHERE id = 1",
            &["2 rows of c are deleted", "1 row of p is deleted"],
        ),
        ("CREATE TABLE \"a b\" (\"x\"\"y\"); INSERT INTO \"a b\" VALUES (1)", "UPDATE \"a b\" SET \"x\"\"y\" = 2; DELETE FROM \"A b\"", &[
            "1 row of \"a b\" is deleted",
            "1 value of \"a b\".\"x\"\"y\" is overwritten",
        ]),
    ];
    for (before, down, expected) in cases {
        assert_eq!(lost(before, down, Tracer::counting()), *expected, "{down}");
    }
}

#[test]
fn what_a_down_could_destroy_is_named_without_rows() {
    let cases: &[(&str, &[&str])] = &[
        ("DROP TABLE t", &["the rows of t are lost"]),
        ("ALTER TABLE t DROP COLUMN b", &["the values of t.b are lost"]),
        (
            "DELETE FROM t; UPDATE t SET b = 1",
            &["rows of t may be deleted", "values of t.b may be overwritten"],
        ),
        (
            "CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO n SELECT id, a FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t",
            &["the values of t.b are lost"],
        ),
        (
            "CREATE TABLE n (id, c, b); INSERT INTO n SELECT id, a, b FROM t; DROP TABLE t; DELETE FROM n",
            &["rows of t may be deleted"],
        ),
        ("ALTER TABLE t RENAME TO u", &[]),
    ];
    for (down, expected) in cases {
        let schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER)";
        assert_eq!(lost(schema, down, Tracer::foreseeing()), *expected, "{down}");
    }
}

/// A change of type and the way back, value by value, with a key to compare rows by and without.
#[test]
fn what_comes_back_as_it_was_is_no_loss_and_a_key_makes_no_difference() {
    const TYPES: [&str; 5] = ["", "TEXT", "INTEGER", "REAL", "NUMERIC"];
    const VALUES: [&str; 18] = [
        "NULL",
        "0",
        "1",
        "-7",
        "9007199254740993",
        "1.0",
        "2.5",
        "1e300",
        "-0.0",
        "''",
        "'1'",
        "'1.0'",
        "'00123'",
        "' 7'",
        "'1e3'",
        "'x'",
        "x'31'",
        "x'00ff'",
    ];
    let copied = |there: &str, key: &str| {
        format!(
            "CREATE TABLE n ({key}a {there}); INSERT INTO n SELECT * FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t;"
        )
    };
    let (mut kept, mut changed) = (0, 0);
    for (first, second) in TYPES.iter().flat_map(|first| TYPES.map(|second| (first, second))) {
        for value in VALUES {
            let found = ["", "k INTEGER PRIMARY KEY, "].map(|key| {
                let row = if key.is_empty() { "" } else { "1, " };
                let before = format!("CREATE TABLE t ({key}a {first}); INSERT INTO t VALUES ({row}{value});");
                let (up, down) = (copied(second, key), copied(first, key));
                let conn = Connection::open_in_memory().unwrap();
                conn.execute_batch(&before).unwrap();
                let read = || {
                    conn.query_row("SELECT typeof(a) || quote(a) FROM t", [], |row| row.get::<_, String>(0))
                };
                let was = read().unwrap();
                conn.execute_batch(&format!("{up} {down}")).unwrap();
                let comes_back = read().unwrap() == was;
                let there = lost(&before, &up, Tracer::counting());
                let back = lost(&format!("{before} {up}"), &down, Tracer::counting());
                (comes_back, there, back)
            });
            let [(comes_back, _, back), _] = &found;
            assert_eq!(found[0], found[1], "{value} from {first} to {second}");
            assert!(!comes_back || back.is_empty(), "{value} from {first} to {second} and back: {back:?}");
            kept += usize::from(*comes_back);
            changed += usize::from(!found[0].1.is_empty());
        }
    }
    assert!(kept > 300 && changed > 20, "{kept} {changed}");
}
