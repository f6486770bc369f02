//! Rows that are read on servers: what is said of them is what is said of a file with the same rows.

use super::file;
use super::pair::Pair;
use super::server::KINDS;

/// A spec, and a database whose rows break it.
const BROKEN: [(&str, &str); 7] = [
    (
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE);
        CREATE TABLE t (
            id TEXT PRIMARY KEY, -- ULID
            u TEXT, -- UUID
            n TEXT NOT NULL,
            e TEXT, -- 'a' | 'b'
            j TEXT, -- JSON
            w TEXT, -- ISO-8601 UTC
            d TEXT, -- ISO-8601 date
            i INTEGER,
            c INTEGER CHECK (c > 0),
            f INTEGER REFERENCES p (id),
            q TEXT,
            UNIQUE (q, e)
        );",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT);
        CREATE TABLE t (id TEXT PRIMARY KEY, u, n TEXT, e TEXT, j TEXT, w TEXT, d TEXT, i, c, f, q TEXT);
        INSERT INTO p VALUES (1, 'x'), (2, 'x'), (3, NULL), (4, NULL);
        INSERT INTO t VALUES
         ('01ARZ3NDEKTSV4RRFFQ69G5FAV', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'n', 'a', '{}', '2027-01-01T00:00:00Z', '2027-01-01', 1, 1, 1, 'q'),
         ('01ARZ3NDEKTSV4RRFFQ69G5FAW', NULL, 'n', 'b', '[1]', '2027-01-01 00:00', '2027-02-29', '7', 1, 2, 'q'),
         ('01ARZ3NDEKTSV4RRFFQ69G5FAX', NULL, 'n', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
         ('o''clock', 'f81d4fae', NULL, 'c', '{', 'yesterday', '20280229', '007', 0, 9, 'q'),
         ('', 17, NULL, 'a', 'bare', 5, '2027-01-01T00:00Z', x'00', -1, '1', 'q'),
         ('01ARZ3NDEKTSV4RRFFQ69G5FAY', NULL, 'n', 'A', '1', '2027-01-01T00:00:00+02:00', 7, 1.5, 1, 'x', NULL);",
    ),
    (
        "CREATE TABLE \"o'brien \"\"x\" (\"a b\" TEXT, \"select\" INT, rowid TEXT, [x] TEXT, -- 'y' | 'z'\n
        PRIMARY KEY (\"a b\", \"select\")) WITHOUT ROWID;
        CREATE TABLE n (rowid TEXT, _rowid_ TEXT, oid TEXT NOT NULL); CREATE TABLE r (ROWID TEXT, v TEXT -- JSON\n)",
        "CREATE TABLE \"o'brien \"\"x\" (\"a b\" TEXT, \"select\" INT, rowid TEXT, [x] TEXT, PRIMARY KEY (\"a b\", \"select\")) WITHOUT ROWID;
        CREATE TABLE n (rowid TEXT, _rowid_ TEXT, oid TEXT); CREATE TABLE r (ROWID TEXT, v TEXT);
        INSERT INTO \"o'brien \"\"x\" VALUES ('k', 1, '', 'y'), ('k', 2, '', 'w'), (x'00ff', 3, '', 'W'),
         ('a' || char(0) || 'b', 4, '', 'w'), (CAST(x'ff61' AS TEXT), 5, '', 'w');
        INSERT INTO r VALUES ('a', '['); INSERT INTO n VALUES ('a', 'b', NULL);",
    ),
    (
        "CREATE TABLE t (k REAL PRIMARY KEY, n TEXT NOT NULL)",
        "CREATE TABLE t (k PRIMARY KEY, n TEXT); INSERT INTO t VALUES (0.1 + 0.2, NULL), (1e300, NULL), (-9e999, NULL), (5.0, NULL), (9e999, 'n')",
    ),
    (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE UNIQUE, -- 'x' | 'y'\n
        b TEXT); CREATE UNIQUE INDEX u ON t (b COLLATE NOCASE) WHERE b <> 'z';",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT UNIQUE);
        INSERT INTO t VALUES (1, 'x', 'k'), (2, 'X', 'K'), (3, 'w', 'z'), (4, NULL, 'Z'), (5, NULL, 'm');",
    ),
    (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT CHECK (s = lower(s)), -- 'a' | 'B'
        k TEXT CHECK (k = 'x'), -- 'x' | 'w'
        n TEXT NOT NULL, g TEXT UNIQUE)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT, k TEXT, n TEXT, g TEXT);
        WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 9999)
        INSERT INTO t SELECT i, 'Z', 'y', iif(i > 9000, NULL, ''), i / 3 FROM i;
        INSERT INTO t VALUES (10000, 'B', 'x', '', '');",
    ),
    (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL,
            b TEXT CHECK (is_even(b)), c TEXT COLLATE klingon UNIQUE, d TEXT, CHECK (json_extract(d, '$.x') > 0));
        CREATE TABLE w (a TEXT NOT NULL); CREATE TABLE f (a TEXT NOT NULL);",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT);
        INSERT INTO t VALUES (1, NULL, 'b', 'c', '{\"x\": 1}'), (2, NULL, 'b', 'c', 'oops'), (3, 'a', 'b', 'c', '{\"x\": 0}');
        CREATE VIEW w AS SELECT 1 AS a; CREATE VIRTUAL TABLE f USING fts5(a);",
    ),
    (
        "CREATE TABLE two (x, y, PRIMARY KEY (x, y)); CREATE TABLE p (a TEXT COLLATE NOCASE, b INTEGER, c TEXT PRIMARY KEY, UNIQUE (a, b)) WITHOUT ROWID;
        CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c INTEGER REFERENCES p, up REFERENCES t (id), d REFERENCES two,
            e REFERENCES nowhere, FOREIGN KEY (a, b) REFERENCES p (a, b))",
        "CREATE TABLE two (x, y, PRIMARY KEY (x, y)); CREATE TABLE p (a TEXT COLLATE NOCASE, b INTEGER, c TEXT PRIMARY KEY, UNIQUE (a, b)) WITHOUT ROWID;
        CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c INTEGER REFERENCES p, up REFERENCES t (id), d REFERENCES two,
            e REFERENCES nowhere, FOREIGN KEY (a, b) REFERENCES p (a, b));
        INSERT INTO p VALUES ('x', 1, '5');
        INSERT INTO t VALUES (1, 'X', '1', 5, NULL, 1, 1), (2, 'x', '2', 6, 1, NULL, NULL), (3, NULL, '9', NULL, 9, NULL, 2), (4, 'y', NULL, NULL, 4, NULL, NULL)",
    ),
];

/// Law: each rule counts the same rows and names the same first ones, and what cannot be checked is told alike.
#[test]
fn rows_on_a_server_are_checked_as_those_of_a_file() {
    let dir = tempfile::tempdir().unwrap();
    for (spec, script) in BROKEN {
        file(dir.path(), "spec.sql", spec);
        for kind in KINDS {
            let Some(pair) = Pair::with(kind, dir.path(), script) else { continue };
            let found = pair.same(
                dir.path(),
                &["audit", "--data", "--db", "DB", "--spec", "spec.sql", "--format", "json"],
            );
            let document = found.document();
            let of_rows =
                |finding: &&serde_json::Value| finding["rule"].as_str().unwrap().starts_with("value-");
            let count = document["findings"].as_array().unwrap().iter().filter(of_rows).count();
            assert!(count > 0, "{kind:?}: {}", found.stdout);
        }
    }
}

/// Values that JSON, or the types of Go, would make others of.
const VALUES: &str = "CREATE TABLE v (id INTEGER PRIMARY KEY, c, d DATETIME, b BOOLEAN);
    INSERT INTO v (c) VALUES (5), (5.0), (0.1 + 0.2), (1e300), (9223372036854775807), (-9223372036854775808), (x'00ff'), (NULL),
     ('a' || char(0) || 'b'), (CAST(x'ff61' AS TEXT)), ('é'), (9e999), (-9e999), (''), (9007199254740993), ('t5'), (2.0e15);
    UPDATE v SET d = '2027-01-01 00:00:00', b = id % 2;";

/// Law: a report gives the same, byte for byte, in every format.
#[test]
fn a_report_gives_on_a_server_what_it_gives_on_a_file() {
    let dir = tempfile::tempdir().unwrap();
    file(dir.path(), "planctl.toml", "reports = 'reports'");
    let folder = dir.path().join("reports");
    std::fs::create_dir(&folder).unwrap();
    file(
        &folder,
        "values.sql",
        "-- title: Values\n-- param: from integer = 0 (the first)\n-- param: x real = 5.0 (a number)\n-- param: s text = 'it''s' (a text)\nSELECT id, c, typeof(c) AS kind, d, b, :x AS x, typeof(:x) AS x_kind, :s AS s FROM v WHERE id > :from ORDER BY id DESC -- the last first",
    );
    file(
        &folder,
        "many.sql",
        "-- title: Many\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000) SELECT i, printf('%080d', i) AS padded FROM n",
    );
    file(
        &folder,
        "fails.sql",
        "-- title: Fails\nSELECT json_extract(value, '$.x') AS x FROM (SELECT 'oops' AS value FROM v)",
    );
    file(&folder, "pragma.sql", "-- title: Pragma\nPRAGMA table_info(v)");
    file(&folder, "writes.sql", "-- title: Writes\nDELETE FROM v RETURNING id");
    for kind in KINDS {
        let Some(pair) = Pair::with(kind, dir.path(), VALUES) else { continue };
        let report = ["report", "run", "--db", "DB"];
        for format in ["table", "json", "csv", "markdown"] {
            let all = pair.same(dir.path(), &[&report[..], &["values", "--format", format]].concat());
            assert_eq!(all.status, 0, "{kind:?} {format}: {}", all.stderr);
            pair.same(
                dir.path(),
                &[&report[..], &["values", "--format", format, "--param", "from=9", "--param", "x=2"]]
                    .concat(),
            );
        }
        let many = pair.same(dir.path(), &[&["-q"], &report[..], &["many", "--format", "csv"]].concat());
        assert_eq!(many.stdout.lines().count(), 120_001, "{kind:?}");
        assert_eq!(pair.same(dir.path(), &[&report[..], &["fails"]].concat()).status, 2, "{kind:?}");
        assert_eq!(pair.same(dir.path(), &[&report[..], &["writes"]].concat()).status, 2, "{kind:?}");
        assert_eq!(pair.same(dir.path(), &[&report[..], &["pragma"]].concat()).status, 2, "{kind:?}");
    }
}
