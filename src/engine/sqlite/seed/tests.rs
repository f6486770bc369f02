use rusqlite::Connection;

use super::*;
use crate::engine::scratch::Snapshot;
use crate::engine::sqlite::inspect;

fn seeded(ddl: &str, seed_number: u64) -> (Connection, Vec<SeededTable>) {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(ddl).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let schema = inspect::inspect(&conn).unwrap();
    let options = SeedOptions { seed: seed_number, rows: 12, examples: &Snapshot::default() };
    let tables = seed(&conn, &schema, &options, &Interrupt::new()).unwrap();
    (conn, tables)
}

fn number(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Law: every row that is made satisfies the schema, and no table is left out without a reason.
fn satisfied(ddl: &str) -> Connection {
    let (conn, tables) = seeded(ddl, 1);
    for table in &tables {
        assert_eq!(table.not_seeded, None, "{}", table.table);
        assert!(table.rows >= 1);
    }
    assert_eq!(number(&conn, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    conn
}

#[test]
fn constraints_of_every_kind_are_satisfied() {
    let conn = satisfied(
        "CREATE TABLE t(
            id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 26 AND id NOT GLOB '*[^0-9A-HJKMNP-TV-Z]*'),
            state TEXT NOT NULL CHECK (state IN ('queued', 'done')),
            meta TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(meta) AND json_type(meta) = 'object'),
            day TEXT CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
            mail TEXT UNIQUE CHECK (mail LIKE '%@%'),
            percent REAL CHECK (percent BETWEEN 0 AND 100),
            low INTEGER, high INTEGER, done_at TEXT,
            hash BLOB NOT NULL CHECK (length(hash) = 20),
            twice INTEGER GENERATED ALWAYS AS (low * 2) STORED,
            \"or'der\" INT NOT NULL CHECK (\"or'der\" > 1000),
            CHECK (low <= high), CHECK ((state = 'done') = (done_at IS NOT NULL)), UNIQUE (state, low)
        ) WITHOUT ROWID;
        CREATE TABLE s(a INTEGER PRIMARY KEY, b TEXT NOT NULL, c REAL, d BLOB, e ANY, f INT UNIQUE) STRICT;
        CREATE UNIQUE INDEX s_b ON s(lower(b)) WHERE c IS NOT NULL;
        CREATE TABLE one(id INTEGER PRIMARY KEY CHECK (id = 1), v);",
    );
    assert_eq!(number(&conn, "SELECT count(*) FROM one"), 1);
    assert_eq!(number(&conn, "SELECT count(DISTINCT state) FROM t"), 2);
    assert!(number(&conn, "SELECT count(DISTINCT typeof(e)) FROM s") > 2, "several storage classes");
    assert!(
        number(&conn, "SELECT count(*) > count(c) AND count(c) > 0 FROM s") == 1,
        "with NULL and without"
    );
}

#[test]
fn parents_exist_in_chains_and_in_circles() {
    let conn = satisfied(
        "CREATE TABLE node(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES node, root INTEGER NOT NULL REFERENCES node);
        CREATE TABLE a(id TEXT PRIMARY KEY, b TEXT NOT NULL REFERENCES b(id));
        CREATE TABLE b(id TEXT PRIMARY KEY, a TEXT REFERENCES a(id));
        CREATE TABLE org(tenant INT, id INT, PRIMARY KEY (tenant, id));
        CREATE TABLE member(tenant INT NOT NULL, org INT NOT NULL, boss INT, name TEXT NOT NULL,
            FOREIGN KEY (tenant, org) REFERENCES org, FOREIGN KEY (tenant, boss) REFERENCES org);
        CREATE TABLE w(k TEXT PRIMARY KEY, n INTEGER NOT NULL REFERENCES node) WITHOUT ROWID;",
    );
    assert!(number(&conn, "SELECT count(b.a) FROM b") > 0, "a circle is closed");
    let deepest = number(
        &conn,
        "WITH RECURSIVE d(id, n) AS (SELECT id, 1 FROM node WHERE parent IS NULL OR parent = id
            UNION ALL SELECT node.id, n + 1 FROM node JOIN d ON node.parent = d.id AND node.parent <> node.id)
         SELECT max(n) FROM d",
    );
    assert!(deepest >= 3, "{deepest}");
    assert_eq!(number(&conn, "SELECT count(*) FROM node WHERE parent > id"), 0, "no cycles");
}

#[test]
fn the_same_seed_gives_the_same_rows_and_another_one_others() {
    let ddl = "CREATE TABLE t(id TEXT PRIMARY KEY, n INT, at DATETIME, x)";
    let rows = |number| -> String {
        let (conn, _) = seeded(ddl, number);
        conn.query_row("SELECT group_concat(id || quote(n) || quote(at) || quote(x)) FROM t", [], |row| {
            row.get(0)
        })
        .unwrap()
    };
    assert_eq!(rows(1), rows(1));
    assert_ne!(rows(1), rows(2));
}

#[test]
fn a_table_that_takes_no_row_is_named_with_the_reason() {
    let (_, tables) = seeded(
        "CREATE TABLE never(a INT NOT NULL CHECK (a < 0 AND a > 0));
         CREATE TABLE child(a INT PRIMARY KEY, n INT NOT NULL REFERENCES never(a));
         CREATE TABLE guarded(a); CREATE TRIGGER g BEFORE INSERT ON guarded BEGIN SELECT RAISE(ABORT, 'no rows'); END;
         CREATE VIRTUAL TABLE f USING fts5(a);",
        1,
    );
    let reason =
        |name: &str| tables.iter().find(|table| table.table == *name).unwrap().not_seeded.clone().unwrap();
    assert_eq!(reason("never"), "CHECK constraint failed: a < 0 AND a > 0");
    assert_eq!(reason("child"), "its parent never has no row for it");
    assert_eq!(reason("guarded"), "no rows");
    assert_eq!(reason("f"), "it is a virtual table");
    assert_eq!(tables.len(), 4);
}
