use proptest::prelude::*;
use rusqlite::Connection;

use super::*;
use crate::base::job::Job;
use crate::engine::catalog::inspect;
use crate::engine::connection::Sqlite;
use crate::engine::contract::scratch::{Scratch, Snapshot};

fn seeded(ddl: &str, seed_number: u64) -> (Connection, Vec<SeededTable>) {
    seeded_like(ddl, seed_number, &Snapshot::default())
}

fn seeded_like(ddl: &str, seed_number: u64, examples: &Snapshot) -> (Connection, Vec<SeededTable>) {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(ddl).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let schema = inspect::inspect(&conn).unwrap();
    let options = SeedOptions { seed: seed_number, rows: 12, examples, common: None, only: None, trees: &[] };
    let tables = seed(&conn, &schema, &options, None, Job::quiet()).unwrap();
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

#[test]
fn examples_give_the_values_and_the_references_that_no_constraint_speaks_of() {
    let ddl = "CREATE TABLE old(id TEXT PRIMARY KEY, parent TEXT, phase TEXT NOT NULL, note TEXT)";
    let mut example = Sqlite::scratch(Job::quiet()).unwrap();
    example.conn.execute_batch(ddl).unwrap();
    example
        .conn
        .execute_batch(
            "INSERT INTO old VALUES ('a', NULL, 'run', 'x'), ('b', 'a', 'stop', NULL), ('c', '', 'run', 'y')",
        )
        .unwrap();
    let (conn, tables) = seeded_like(ddl, 3, &example.rows(None).unwrap());
    assert_eq!(tables[0].rows, 12);
    assert_eq!(number(&conn, "SELECT count(*) FROM old WHERE phase NOT IN ('run', 'stop')"), 0);
    let orphans = "SELECT count(*) FROM old WHERE parent <> '' AND parent NOT IN (SELECT id FROM old)";
    assert_eq!(number(&conn, orphans), 0);
    assert!(number(&conn, "SELECT count(*) FROM old WHERE parent IN (SELECT id FROM old)") > 0);
    assert!(number(&conn, "SELECT count(*) FROM old WHERE note IS NULL") > 0, "NULL stays possible");
}

#[test]
fn rows_that_are_ignored_are_not_counted() {
    let (_, tables) =
        seeded("CREATE TABLE t(a); CREATE TRIGGER r BEFORE INSERT ON t BEGIN SELECT RAISE(IGNORE); END;", 1);
    assert_eq!(tables[0].not_seeded.as_deref(), Some("a conflict clause or a trigger ignores its rows"));
}

fn column() -> impl Strategy<Value = String> {
    let declared = prop_oneof![
        Just(""),
        Just("TEXT"),
        Just("INTEGER"),
        Just("REAL"),
        Just("BLOB"),
        Just("NUMERIC"),
        Just("BOOLEAN"),
        Just("VARCHAR(20)"),
        Just("DATETIME"),
    ];
    let check = prop_oneof![
        Just(""),
        Just(""),
        Just("CHECK (@ IN ('a', 'b', 'c'))"),
        Just("CHECK (@ > 5)"),
        Just("CHECK (length(@) <= 3)"),
        Just("CHECK (json_valid(@))"),
        Just("CHECK (@ GLOB '[A-Z]*')"),
        Just("CHECK (typeof(@) = 'integer')"),
        Just("CHECK (@ IS NOT NULL AND @ <> '')"),
        Just("CHECK (@ BETWEEN -1 AND 1)"),
        Just("CHECK (0)"),
    ];
    let rest = prop_oneof![
        Just(""),
        Just("NOT NULL"),
        Just("UNIQUE"),
        Just("NOT NULL UNIQUE"),
        Just("DEFAULT 'a'"),
        Just("REFERENCES p(id)"),
        Just("NOT NULL REFERENCES p(id)"),
        Just("COLLATE NOCASE"),
        Just("REFERENCES t(c0)"),
    ];
    (declared, rest, check).prop_map(|(declared, rest, check)| format!("@ {declared} {rest} {check}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Law: whatever a table demands, the rows that are made satisfy it, and where there are none the reason is given.
    #[test]
    fn any_table_is_satisfied_or_given_up_with_a_reason(
        columns in proptest::collection::vec(column(), 1..5),
        key in 0..3,
        seed in any::<u64>(),
    ) {
        let mut parts: Vec<String> =
            columns.iter().enumerate().map(|(n, column)| column.replace('@', &format!("c{n}"))).collect();
        parts.push("UNIQUE (c0)".to_owned());
        let end = match key {
            0 => "",
            1 => { parts.push("PRIMARY KEY (c0)".to_owned()); "" }
            _ => { parts.push("PRIMARY KEY (c0)".to_owned()); "WITHOUT ROWID" }
        };
        let ddl = format!("CREATE TABLE p(id PRIMARY KEY, x); CREATE TABLE t({}) {end}", parts.join(", "));
        let (conn, tables) = seeded(&ddl, seed);
        for table in &tables {
            prop_assert_eq!(table.rows == 0, table.not_seeded.is_some(), "{}", ddl);
        }
        prop_assert_eq!(number(&conn, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
        let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        prop_assert_eq!(sound, "ok", "{}", ddl);
        // A demand that cannot be met is the only reason to give up.
        let impossible = ddl.contains("CHECK (0)") || ddl.contains("CHECK (json_valid") || ddl.contains("CHECK (typeof");
        // The rowid holds integers and nothing else.
        let wants_text = ["GLOB", "IN ('a'"].iter().any(|check| columns[0].contains(check));
        let impossible = impossible || (key == 1 && columns[0].contains("INTEGER") && wants_text);
        if !impossible && !ddl.contains("REFERENCES") {
            let made = tables.iter().find(|table| table.table == *"t").is_some_and(|table| table.rows > 0);
            let mixed = ["BLOB", "REAL", "NUMERIC", "BOOLEAN", "DATETIME"].iter().any(|declared| ddl.contains(declared));
            prop_assert!(made || mixed, "{ddl}: {tables:?}");
        }
    }
}

/// The trigger of an append-only table, and one that does not compile.
#[test]
fn a_row_without_a_parent_goes_whatever_triggers_say_and_they_stay() {
    for trigger in ["SELECT RAISE(ABORT, 'append only')", "UPDATE t SET c = old.c"] {
        let (conn, tables) = seeded(
            &format!(
                "CREATE TABLE q(id INTEGER PRIMARY KEY CHECK (id = 7));
                 CREATE TABLE t(c AS (2) REFERENCES q(id), d);
                 CREATE TRIGGER r BEFORE DELETE ON t BEGIN {trigger}; END;"
            ),
            1,
        );
        assert_eq!(tables.iter().map(|table| table.rows).collect::<Vec<_>>(), [1, 0], "{trigger}");
        assert_eq!(number(&conn, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
        assert_eq!(number(&conn, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"), 1);
    }
}
