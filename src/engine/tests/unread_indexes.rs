//! A data step does not keep an index up to date that goes unread. The law: a run that drops it first ends as a run does that
//! does not. In the other run a query stands behind the step, of which the runner does not say what it reads.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;
use crate::engine::migrate::unread_indexes::drop_unread;
use crate::migrations::{Step, steps};

const BACKFILL: &str = "-- planctl:backfill root-ancestor table=t id=id parent=p root=r\n";

const TABLES: [&str; 2] = [
    "CREATE TABLE t(id INTEGER PRIMARY KEY, p INT REFERENCES t, r INT, a TEXT, b TEXT, g AS (upper(a)));",
    "CREATE TABLE t(id INT PRIMARY KEY, p INT REFERENCES t, r INT, a TEXT, b TEXT, g AS (upper(a))) WITHOUT ROWID;",
];

/// Rows, and what else there is.
const OTHERS: &str = "CREATE TABLE u(id INTEGER PRIMARY KEY, x);
    INSERT INTO t(id, p, r, a, b) VALUES (1, NULL, 9, 'x', 'b9'), (2, 1, NULL, 'Y', 'b8'), (3, 2, 1, 'z', 'b7'),
        (4, NULL, NULL, NULL, 'b6'), (5, 4, 7, 'y', 'b5'), (6, 5, NULL, '', 'b4'), (7, NULL, '', 'x', 'b3');
    INSERT INTO u VALUES (1, 7), (2, 8);";

const COPY: &str = "CREATE TABLE t2(id INTEGER PRIMARY KEY, p INT, r INT, a TEXT, b TEXT);
INSERT INTO t2(id, p, r, a, b) SELECT id, p, r, CASE WHEN a = '' THEN NULL ELSE a END, b FROM t;
DROP TABLE t;
";

/// The indexes that are left where the migration's data step begins.
fn left(first: &str, second: &str) -> Vec<String> {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(first).unwrap();
    let file = SourceFile::new("migrations/V2__m2.sql", second);
    let steps = steps(&file).unwrap();
    let at = steps.iter().position(|step| matches!(step, Step::Backfill { .. })).unwrap();
    let Step::Backfill { spec, .. } = &steps[at] else { unreachable!() };
    conn.execute_batch("BEGIN").unwrap();
    drop_unread(&conn, spec, &steps[at + 1..]).unwrap();
    strings(&conn, "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
}

#[test]
fn what_is_known_to_go_unread_is_dropped_and_nothing_else() {
    let copy = |query: &str| {
        format!(
            "CREATE TABLE t2(id INTEGER PRIMARY KEY, r, a);\nINSERT INTO t2(r, a) {query};\nDROP TABLE t;\n"
        )
    };
    let behind = |more: &str| format!("{more}\n{COPY}");
    let on_r = "CREATE INDEX i ON t(r);";
    for (index, script) in [
        (on_r, COPY.to_owned()),
        (on_r, format!("DROP TABLE IF EXISTS main.[T];\n{COPY}")),
        (on_r, "DROP TABLE t;".to_owned()),
        (
            on_r,
            format!(
                "{COPY}ALTER TABLE t2 RENAME TO t;\nCREATE INDEX i ON t(r);\nSELECT * FROM t INDEXED BY i;\n"
            ),
        ),
        ("CREATE INDEX i ON t(b, R DESC);", COPY.to_owned()),
        ("CREATE INDEX i ON t(r COLLATE NOCASE, a);", COPY.to_owned()),
        (on_r, copy("SELECT max(r), a FROM v WHERE b = 'x' GROUP BY a").replace("FROM v", "FROM t")),
        (&format!("{on_r} CREATE VIEW v AS SELECT r, a FROM t;"), copy("SELECT r, a FROM v")),
        (on_r, copy("SELECT r, a FROM t ORDER BY a")),
    ] {
        for table in TABLES {
            let first = format!("{table}{OTHERS}{index}");
            assert_eq!(left(&first, &format!("{BACKFILL}{script}")), [""; 0], "{index} {script}");
        }
    }
    for (index, script) in [
        // Not one that is known to go, or whose upkeep may fail.
        ("CREATE UNIQUE INDEX i ON t(r, b);", COPY.to_owned()),
        ("CREATE INDEX i ON t(r) WHERE a > '';", COPY.to_owned()),
        ("CREATE INDEX i ON t(abs(r));", COPY.to_owned()),
        ("CREATE INDEX i ON t(r, g);", COPY.to_owned()),
        ("CREATE INDEX i ON t(p, r);", COPY.to_owned()),
        ("CREATE INDEX i ON t(id, r);", COPY.to_owned()),
        ("CREATE INDEX i ON t(b);", COPY.to_owned()),
        ("CREATE INDEX t2 ON t(r);", COPY.to_owned()),
        (on_r, "DROP TABLE u;".to_owned()),
        (on_r, "DROP TABLE temp.t;".to_owned()),
        (on_r, "SELECT 1;".to_owned()),
        // A query that reads it, or something that tells of it.
        (on_r, copy("SELECT r, 1 FROM t")),
        (on_r, copy("SELECT id, r FROM t")),
        (on_r, copy("SELECT r, a FROM t WHERE r = 1")),
        (on_r, copy("SELECT r, a FROM t INDEXED BY i WHERE r > 0")),
        (on_r, copy("SELECT r, a FROM t ORDER BY r")),
        (on_r, copy("SELECT max(r), 1 FROM t")),
        (on_r, copy("SELECT a, (SELECT x.a FROM t x WHERE x.r = t.r) FROM t")),
        (on_r, copy("SELECT name, sql FROM sqlite_schema")),
        (on_r, copy("SELECT name, seq FROM pragma_index_list('t')")),
        (on_r, copy("SELECT a, (SELECT count(*) FROM sqlite_schema) FROM t")),
        (on_r, copy("SELECT t.r, x FROM t, u")),
        (on_r, copy("VALUES (1, 2)")),
        (on_r, copy("SELECT r, a FROM t WHERE true ON CONFLICT DO NOTHING")),
        (on_r, copy("SELECT r, a FROM t RETURNING id")),
        (on_r, copy("WITH t AS (SELECT 1 AS r, 2 AS a) SELECT r, a FROM t")),
        // Other statements, whatever they do.
        (on_r, behind("DROP INDEX i;")),
        (on_r, behind("CREATE INDEX j ON t(a);")),
        (on_r, behind("CREATE TABLE w AS SELECT r FROM t;")),
        (on_r, behind("CREATE TABLE i(x);")),
        (on_r, behind("CREATE TEMP TABLE w(x);")),
        (on_r, behind("CREATE VIEW w AS SELECT 1;")),
        (on_r, behind("CREATE TRIGGER w AFTER INSERT ON u BEGIN SELECT 1; END;")),
        (on_r, behind("INSERT INTO u(x) SELECT a FROM t;")),
        (on_r, behind("INSERT INTO t(id) VALUES (100);")),
        (on_r, behind("UPDATE t SET a = lower(a);")),
        (on_r, behind("DELETE FROM t;")),
        (on_r, behind("SELECT * FROM t;")),
        (on_r, behind("PRAGMA cache_size = 10;")),
        (on_r, behind("ANALYZE;")),
        (on_r, behind("-- planctl:assert nothing is there\nSELECT * FROM u WHERE x = 0;")),
        (on_r, behind(BACKFILL)),
        ("CREATE INDEX i ON t(r); CREATE TRIGGER w AFTER UPDATE ON t BEGIN SELECT 1; END;", COPY.to_owned()),
        ("CREATE INDEX i ON t(r); CREATE TABLE t2(x);", COPY.replace("TABLE t2", "TABLE IF NOT EXISTS t2")),
        ("CREATE INDEX i ON t(r); CREATE TEMP TABLE t(x);", COPY.to_owned()),
        ("CREATE INDEX i ON t(r); CREATE TEMP TABLE t2(x);", COPY.to_owned()),
        (
            "CREATE INDEX i ON t(r); CREATE TEMP TRIGGER w AFTER UPDATE ON main.u BEGIN SELECT 1; END;",
            COPY.to_owned(),
        ),
    ] {
        let first = format!("{}{OTHERS}{index}", TABLES[0]);
        assert_eq!(left(&first, &format!("{BACKFILL}{script}")).len(), 1, "{index} {script}");
    }
}

/// A function of the application's may look at anything, even under the name of one of SQLite's.
#[test]
fn a_query_that_calls_the_application_reads_what_it_likes() {
    let first = format!("{}{OTHERS}CREATE INDEX i ON t(r);", TABLES[0]);
    let second = format!("{BACKFILL}{}", COPY.replace("a = ''", "lower(a) = ''"));
    assert_eq!(left(&first, &second), [""; 0]);
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(&first).unwrap();
    let flags = rusqlite::functions::FunctionFlags::SQLITE_UTF8;
    conn.create_scalar_function("lower", 1, flags, |context| context.get::<Option<String>>(0)).unwrap();
    let file = SourceFile::new("migrations/V2__m2.sql", second.as_str());
    let steps = steps(&file).unwrap();
    let Step::Backfill { spec, .. } = &steps[0] else { unreachable!() };
    drop_unread(&conn, spec, &steps[1..]).unwrap();
    assert_eq!(strings(&conn, "SELECT name FROM sqlite_schema WHERE type = 'index'"), ["i"]);
}

/// Everything that is there, each row with its rowid where it has one, in the order in which it is stored.
fn everything(conn: &Connection) -> Vec<String> {
    let mut all =
        strings(conn, "SELECT concat_ws('|', type, name, tbl_name, sql) FROM sqlite_schema ORDER BY rowid");
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('planctl_migrations', 'refinery_schema_history')";
    for table in strings(conn, tables) {
        let columns =
            strings(conn, &format!("SELECT name FROM pragma_table_info('{table}')")).join("), quote(");
        let rowid =
            if table == "t" && all.iter().any(|sql| sql.contains("WITHOUT ROWID")) { "1" } else { "rowid" };
        all.extend(strings(
            conn,
            &format!("SELECT concat_ws('|', '{table}', {rowid}, quote({columns})) FROM {table}"),
        ));
    }
    all
}

/// How a migration ends on a database that the first has made.
fn end(first: &str, second: &str) -> Result<Vec<String>, (String, Vec<String>)> {
    let bench = Bench::new();
    ok(&bench.up(&set(&[(first, "")])));
    let before = everything(&bench.conn());
    let run = bench.up(&set(&[(first, ""), (second, "")]));
    let conn = bench.conn();
    assert_eq!(strings(&conn, "PRAGMA integrity_check"), ["ok"]);
    match run.error {
        None => Ok(everything(&conn)),
        Some(error) => {
            assert_eq!(everything(&conn), before);
            Err((error.message().to_owned(), error.notes().iter().map(ToString::to_string).collect()))
        }
    }
}

fn migrations() -> impl Strategy<Value = (String, String)> {
    let plain = [
        "CREATE INDEX i ON t(r);",
        "CREATE INDEX i ON t(r DESC, a);",
        "CREATE INDEX i ON t(b, r);",
        "CREATE INDEX i ON t(r, a, b);",
        "CREATE INDEX i ON t(r COLLATE RTRIM);",
    ];
    let odd = [
        "CREATE INDEX i ON t(r) WHERE r IS NOT NULL;",
        "CREATE INDEX i ON t(abs(r));",
        "CREATE INDEX i ON t(json(iif(r = 4, 'x', NULL)));",
        "CREATE INDEX i ON t(r, g);",
        "CREATE INDEX i ON t(p, r);",
        "CREATE UNIQUE INDEX i ON t(r);",
        "CREATE UNIQUE INDEX i ON t(r, b);",
        "CREATE INDEX t2 ON t(r);",
    ];
    let index =
        prop_oneof![4 => prop::sample::select(plain.to_vec()), 1 => prop::sample::select(odd.to_vec())];
    let second_index = prop::sample::select(vec![
        "",
        "CREATE INDEX j ON t(a);",
        "CREATE INDEX j ON t(a, r);",
        "CREATE INDEX j ON u(x);",
    ]);
    let more = prop_oneof![
        12 => Just(""),
        1 => Just("ANALYZE;"),
        1 => Just("CREATE VIEW v AS SELECT r, a FROM t;"),
        1 => Just("CREATE TRIGGER w AFTER UPDATE ON t BEGIN INSERT INTO u(x) SELECT r FROM t WHERE r > 0; END;"),
        1 => Just("CREATE TRIGGER w AFTER DELETE ON u BEGIN UPDATE t SET b = 'n' WHERE r = 1; END;"),
    ];
    let copies = [
        "INSERT INTO t2(id, p, r, a, b) SELECT id, p, r, a, b FROM t;",
        "INSERT INTO t2 SELECT id, p, r, coalesce(a, ''), b FROM main.t;",
        "INSERT INTO t2(r) SELECT r FROM t;",
        "INSERT INTO t2(r, a) SELECT r, a FROM t;",
    ];
    let others = [
        "INSERT INTO t2(r, b) SELECT r, b FROM t WHERE r > 0;",
        "INSERT INTO t2(r, b) SELECT r, b FROM t ORDER BY r DESC;",
        "INSERT INTO t2(r) SELECT DISTINCT r FROM t;",
        "INSERT INTO t2(r, a) SELECT r, group_concat(a) FROM t GROUP BY r;",
        "INSERT INTO t2(r, a) SELECT r, a FROM t INDEXED BY i;",
        "INSERT INTO t2(r, a) SELECT r, a FROM v;",
        "INSERT INTO t2(r, a) SELECT t.r, y.a FROM t JOIN t y ON y.r = t.id;",
        "INSERT INTO t2(a) SELECT name FROM sqlite_schema;",
        "INSERT INTO t2(a) SELECT name FROM pragma_index_list('t');",
        "INSERT INTO t2(a, b) SELECT idx, stat FROM sqlite_stat1;",
        "INSERT INTO t2(id, a) SELECT 1, a FROM t;",
        "INSERT OR IGNORE INTO t2(id, a) SELECT 1, a FROM t;",
        "INSERT INTO t2(r, a) SELECT changes() + total_changes() * 0, a FROM t;",
    ];
    let query =
        prop_oneof![2 => prop::sample::select(copies.to_vec()), 1 => prop::sample::select(others.to_vec())];
    let between = prop_oneof![
        48 => Just(""),
        1 => Just("DROP INDEX i;"),
        1 => Just("CREATE INDEX i ON u(x);"),
        1 => Just("CREATE TABLE i(x);"),
        1 => Just("CREATE TABLE w AS SELECT r FROM t;"),
        1 => Just("CREATE TEMP TABLE t(id, p, r, a, b);"),
        1 => Just("UPDATE t SET a = 'n' WHERE r = 1;"),
        1 => Just("INSERT INTO u(x) SELECT r FROM t;"),
        1 => Just("DELETE FROM u;"),
        1 => Just("-- planctl:assert all have one\nSELECT id, r FROM t WHERE r IS NULL OR r > 4;"),
        1 => Just("PRAGMA reverse_unordered_selects = 1;"),
        1 => Just("-- planctl:backfill root-ancestor table=t id=id parent=p root=r recompute"),
    ];
    let end = prop::sample::select(vec![
        "",
        "",
        "CREATE INDEX i ON t(r);",
        "CREATE INDEX i ON t(r);",
        "CREATE INDEX i ON t(r);\nCREATE INDEX j ON t(a);\nANALYZE;",
        "SELECT * FROM sqlite_schema;",
        "oops;",
    ]);
    let first = (prop::sample::select(TABLES.to_vec()), index, second_index, more);
    let second = (between.clone(), query.clone(), prop::option::weighted(0.2, query), between, end);
    (first, second).prop_map(|((table, index, other, more), (a, query, again, b, end))| {
        let again = again.unwrap_or_default();
        (
            format!("{table}\n{OTHERS}\n{index}\n{other}\n{more}"),
            format!(
                "{a}\nCREATE TABLE t2(id INTEGER PRIMARY KEY, p INT, r INT, a TEXT, b TEXT);\n{query}\n{again}\n{b}\n\
                 DROP TABLE t;\nALTER TABLE t2 RENAME TO t;\n{end}\n"
            ),
        )
    })
}

#[test]
fn a_run_that_drops_an_index_first_ends_as_one_that_does_not() {
    // Ends that were reached by dropping an index first, and without; and by a statement that failed.
    let (mut dropped, mut kept, mut failed) = (0, 0, 0);
    let mut runner =
        TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(250) });
    let law = |(first, second): (String, String)| {
        let filling = format!("{BACKFILL}{second}");
        let ended = end(&first, &filling);
        match &ended {
            Err(_) => failed += 1,
            Ok(_) if left(&first, &filling).contains(&"i".to_owned()) => kept += 1,
            Ok(_) => dropped += 1,
        }
        prop_assert_eq!(ended, end(&first, &format!("{BACKFILL}SELECT 1;\n{second}")));
        Ok(())
    };
    let counted = std::cell::RefCell::new(law);
    runner.run(&migrations(), |case| counted.borrow_mut()(case)).unwrap_or_else(|error| panic!("{error}"));
    assert!(dropped > 20 && kept > 20 && failed > 20, "{dropped} {kept} {failed}");
}
