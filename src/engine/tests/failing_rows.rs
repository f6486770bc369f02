//! What is said of the rows at which a migration failed.

use super::*;

#[test]
fn rows_in_the_way_of_a_change_are_counted_and_named() {
    let bench = Bench::new();
    ok(&bench.up(&set(&[A])));
    bench
        .conn()
        .execute_batch("INSERT INTO a VALUES(1, NULL), (2, 'x'), (3, NULL), (4, 'x'), (5, 'o''b')")
        .unwrap();
    for (sql, note) in [
        (
            "CREATE TABLE n(id INTEGER PRIMARY KEY, x TEXT NOT NULL); INSERT INTO n SELECT * FROM a;",
            "n: 2 rows with NULL in x: id 1, 3",
        ),
        (
            "CREATE TABLE n(y TEXT NOT NULL, k PRIMARY KEY); INSERT INTO main.n(k, y)\nSELECT id, x FROM a -- all\n;",
            "n: 2 rows with NULL in y: k 1, 3",
        ),
        ("CREATE UNIQUE INDEX i ON a(x);", "a(x): 2 rows share 1 value: 'x' (2 rows)"),
        (
            "CREATE TABLE n(x TEXT, c, UNIQUE(x, c)); INSERT INTO n WITH w AS (SELECT x FROM a) SELECT x, 1 FROM w;",
            "n(x, c): 2 rows share 1 value: ('x', 1) (2 rows)",
        ),
        ("ALTER TABLE a ALTER COLUMN x SET NOT NULL;", "a: 2 rows with NULL in x: id 1, 3"),
        (
            "CREATE TABLE n(rowid TEXT, x); INSERT INTO n SELECT 'k', x FROM a; ALTER TABLE n ALTER x SET NOT NULL;",
            "n: 2 rows with NULL in x: _rowid_ 1, 3",
        ),
        (
            "CREATE UNIQUE INDEX i ON a(upper(x) DESC, id % 2 COLLATE NOCASE) WHERE id > 1;",
            "a(upper(x), id % 2 COLLATE NOCASE): 2 rows share 1 value: ('X', 0) (2 rows)",
        ),
        (
            "CREATE TABLE n(id INTEGER PRIMARY KEY, x CHECK(x <> 'x')); INSERT INTO n SELECT * FROM a;",
            "n: 2 rows against the check: id 2, 4",
        ),
        (
            "ALTER TABLE main.a ADD CONSTRAINT c CHECK (x <> 'x' AND id < 9);",
            "a: 2 rows against the check: id 2, 4",
        ),
    ] {
        let error = refused(bench.up(&set(&[A, (sql, "")])));
        assert_eq!(error.kind(), ErrorKind::Data, "{sql}: {error}");
        assert!(
            note.is_empty() || error.notes().iter().any(|n| n == note),
            "{sql}: {error} {:?}",
            error.notes()
        );
    }
}

#[test]
fn a_failing_rebuild_named_the_passing_table_and_the_wrong_rows_or_none() {
    let bench = Bench::new();
    ok(&bench.up(&set(&[A])));
    bench
        .conn()
        .execute_batch("INSERT INTO a VALUES(1, NULL), (2, 'x'), (3, 'X'), (4, '1'), (5, '01')")
        .unwrap();
    for (columns, copied, said, note) in [
        (
            "id INTEGER PRIMARY KEY, x TEXT COLLATE NOCASE UNIQUE",
            "id, x",
            "UNIQUE constraint failed: a.x",
            "a(x): 2 rows share 1 value: 'x' (2 rows)",
        ),
        (
            "id, x TEXT, UNIQUE (x COLLATE NOCASE)",
            "id, x",
            "UNIQUE constraint failed: a.x",
            "a(x): 2 rows share 1 value: 'x' (2 rows)",
        ),
        (
            "id, x INT PRIMARY KEY",
            "id, x",
            "UNIQUE constraint failed: a.x",
            "a(x): 2 rows share 1 value: 1 (2 rows)",
        ),
        (
            "id, x, g AS (length(x)) UNIQUE",
            "id, x",
            "UNIQUE constraint failed: a.g",
            "a(g): 3 rows share 1 value: 1 (3 rows)",
        ),
        (
            "id INTEGER PRIMARY KEY, x, \"order\" TEXT NOT NULL AS (x)",
            "id, x",
            "NOT NULL constraint failed: a.order",
            "a: 1 row with NULL in order: id 1",
        ),
        (
            "x, n NOT NULL",
            "oid, x",
            "NOT NULL constraint failed: a.n",
            "a: 5 rows with NULL in n: oid 1, 2, 3, 4, 5",
        ),
        (
            "x, n AS (x || 1) CONSTRAINT c CHECK (n <> 'X1')",
            "rowid, x",
            "CHECK constraint failed: c",
            "a: 1 row against the check: rowid 3",
        ),
        (
            "x INTEGER PRIMARY KEY",
            "x",
            "datatype mismatch",
            "a: 2 rows with a value in x that is not of type INTEGER: x 'x', 'X'",
        ),
    ] {
        let sql = format!(
            "CREATE TABLE a_new({columns});\nINSERT INTO a_new({copied})\nSELECT {copied} FROM a;\nDROP TABLE a;\n\
             ALTER TABLE a_new RENAME TO a;"
        );
        let error = refused(bench.up(&set(&[A, (&sql, "")])));
        assert_eq!(error.message(), said, "{sql}");
        assert!(error.notes().iter().any(|n| n == note), "{sql}: {:?}", error.notes());
    }
    let strict = "CREATE TABLE n(id INTEGER PRIMARY KEY, x INT) STRICT; INSERT INTO n SELECT * FROM a; DROP TABLE a; \
                  ALTER TABLE n RENAME TO a;";
    let error = refused(bench.up(&set(&[A, (strict, "")])));
    assert_eq!(error.message(), "cannot store TEXT value in INT column a.x");
    assert!(
        error.notes().contains(&"a: 2 rows with a value in x that is not of type INT: id 2, 3".to_owned()),
        "{:?}",
        error.notes()
    );
}
