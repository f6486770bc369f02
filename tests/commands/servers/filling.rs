//! Rows that are written on servers: `backfill` and `sample load` do there what they do in a file.

use std::process::Stdio;

use super::pair::Pair;
use super::proxy::Proxy;
use super::server::{KINDS, Server};
use super::{file, run};
use crate::harness::process::{send, wait_for, wait_for_end, wait_for_handlers};
use crate::harness::{planctl, repository};

/// A schema with rows, the columns of its table `t`, and what to run on it.
const TREES: [(&str, &[&str]); 8] = [
    (
        "CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, root TEXT);
        INSERT INTO t VALUES ('a', NULL, NULL), ('b', 'a', ''), ('c', 'b', 'x'), ('d', '', NULL), ('e', 'd', 'd');",
        &["", "--recompute", "--dry-run"],
    ),
    (
        "CREATE TABLE t (id TEXT PRIMARY KEY COLLATE NOCASE, parent TEXT, root TEXT);
        INSERT INTO t VALUES ('A', NULL, NULL), ('b', 'a', NULL), ('C', 'B', NULL);",
        &[""],
    ),
    (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, parent TEXT, root INTEGER);
        INSERT INTO t VALUES (1, NULL, NULL), (2, '1', NULL), (9223372036854775807, '2', NULL), (4, 1, 1);",
        &[""],
    ),
    (
        "CREATE TABLE t (id PRIMARY KEY, parent, root) WITHOUT ROWID;
        INSERT INTO t VALUES (x'00ff', NULL, NULL), ('k' || char(0) || 'l', x'00ff', NULL), (2.5, 'k' || char(0) || 'l', NULL),
         (9007199254740993, 2.5, NULL), (-1e300, 9007199254740993, NULL);",
        &[""],
    ),
    (
        "CREATE TABLE t (id TEXT, parent TEXT, root TEXT);
        INSERT INTO t VALUES ('a', 'gone', NULL), ('b', 'a', NULL), ('c', 'd', NULL), ('d', 'c', 'x'), ('e', 'd', NULL), ('f', NULL, NULL);",
        &[
            "",
            "--on-cycle skip",
            "--on-orphan self",
            "--on-cycle skip --on-orphan self --dry-run",
            "--on-cycle skip --on-orphan self --recompute",
            "--on-cycle skip --on-orphan skip",
        ],
    ),
    (
        "CREATE TABLE t (rowid TEXT, id TEXT, parent TEXT, root TEXT, PRIMARY KEY (id, rowid));
        INSERT INTO t VALUES (1, 'a', NULL, NULL), (2, 'a', NULL, NULL);",
        &["", "--table nowhere", "--id nothing"],
    ),
    ("CREATE TABLE t (id TEXT, parent TEXT, root TEXT); INSERT INTO t VALUES (NULL, 'a', NULL);", &[""]),
    (
        "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, root TEXT REFERENCES p (id));
        INSERT INTO p VALUES ('a'); INSERT INTO t VALUES ('a', NULL, NULL), ('b', 'a', NULL);",
        &[""],
    ),
];

/// Law: report, exit status and rows are those of a file.
#[test]
fn a_backfill_fills_on_a_server_what_it_fills_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    for (script, all) in TREES {
        for kind in KINDS {
            let Some(pair) = Pair::with(kind, dir.path(), script) else { continue };
            for more in all {
                let mut args = vec![
                    "backfill", "--db", "DB", "--parent", "parent", "--root", "root", "--format", "json",
                ];
                let more: Vec<&str> = more.split_whitespace().collect();
                for (name, value) in [("--table", "t"), ("--id", "id")] {
                    if !more.contains(&name) {
                        args.extend([name, value]);
                    }
                }
                args.extend(more);
                pair.same(dir.path(), &args);
                pair.rows("t", &["id", "parent", "root"]);
            }
            assert_eq!(
                pair.server.text("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'planctl%'"),
                "0"
            );
        }
    }
}

const BACKFILL: [&str; 9] =
    ["backfill", "--table", "t", "--id", "id", "--parent", "parent", "--root", "root"];

/// What a constraint or a trigger has against it is told, and nothing is written.
#[test]
fn a_backfill_that_the_server_refuses_leaves_the_rows_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let tree = "INSERT INTO t VALUES ('a', NULL, NULL), ('b', 'a', NULL), ('c', 'a', NULL)";
    for (schema, part) in [
        (
            "CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, root TEXT UNIQUE)",
            "UNIQUE constraint failed: t.root",
        ),
        (
            "CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, root TEXT CHECK (root <> 'a'))",
            "CHECK constraint failed",
        ),
        (
            "CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, root TEXT);
            CREATE TRIGGER skip BEFORE UPDATE ON t WHEN old.id = 'b' BEGIN SELECT RAISE(IGNORE); END",
            "trigger skipped",
        ),
        (
            "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, root TEXT REFERENCES p (id))",
            "without their parents",
        ),
    ] {
        for kind in KINDS {
            let Some(pair) = Pair::with(kind, dir.path(), &format!("{schema}; {tree}")) else { continue };
            let url = pair.server.url();
            let refused = run(dir.path(), &[&["--db", &url][..], &BACKFILL].concat());
            assert_eq!(refused.status, 2, "{kind:?}: {}", refused.stdout);
            assert!(refused.stderr.contains(part), "{kind:?}: {}", refused.stderr);
            assert!(refused.stderr.contains("nothing was written"), "{kind:?}: {}", refused.stderr);
            pair.rows("t", &["id", "parent", "root"]);
        }
    }
}

/// The state that is written is the one that was read: rows that change in between are read anew.
#[test]
fn rows_that_change_during_a_backfill_are_read_anew() {
    let dir = tempfile::tempdir().unwrap();
    let script = "CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, root TEXT);
        INSERT INTO t VALUES ('a', NULL, 'a'), ('b', 'a', 'a'), ('c', 'b', NULL), ('z', NULL, 'z')";
    for kind in KINDS {
        // An ancestor that is not written moves; a row that is to be written gets a root; it goes.
        for (change, rows) in [
            ("UPDATE t SET parent = 'z' WHERE id = 'b'", "a|a b|a c|z z|z"),
            ("UPDATE t SET root = 'z' WHERE id = 'c'", "a|a b|a c|z z|z"),
            ("DELETE FROM t WHERE id = 'c'", "a|a b|a z|z"),
            ("INSERT INTO t VALUES ('y', 'c', NULL)", "a|a b|a c|a y|NULL z|z"),
        ] {
            let Some(pair) = Pair::with(kind, dir.path(), script) else { continue };
            let port = pair.server.port;
            let server = pair.server.again();
            let proxy = Proxy::meddling(port, 1, move || server.execute(change).unwrap());
            let url = kind.url(proxy.port);
            let filled = run(dir.path(), &[&["--db", &url][..], &BACKFILL].concat());
            assert_eq!(filled.status, 0, "{kind:?} {change}: {}", filled.stderr);
            assert_eq!(pair.server.text("SELECT id, root FROM t ORDER BY id"), rows, "{kind:?} {change}");
        }
    }
}

/// An answer that is lost is settled by the rows.
#[test]
fn a_backfill_whose_answer_is_lost_is_done_once() {
    let dir = tempfile::tempdir().unwrap();
    let script = "CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, root TEXT);
        INSERT INTO t VALUES ('a', NULL, NULL), ('b', 'a', NULL), ('c', 'b', NULL)";
    for kind in KINDS {
        for nth in 0..3 {
            let Some(pair) = Pair::with(kind, dir.path(), script) else { continue };
            let proxy = Proxy::cutting_one(pair.server.port, nth);
            let url = kind.url(proxy.port);
            let filled = run(
                dir.path(),
                &[&["--db", &url, "--color", "never"][..], &BACKFILL, &["--format", "json"]].concat(),
            );
            assert_eq!((filled.status, proxy.cut()), (0, 1), "{kind:?} {nth}: {}", filled.stderr);
            assert_eq!(filled.document()["filled"], 3, "{kind:?} {nth}");
            assert_eq!(pair.server.text("SELECT id, root FROM t ORDER BY id"), "a|a b|a c|a");
        }
    }
}

/// What is too large for one transaction is told before any of it is written.
#[test]
fn a_backfill_that_is_too_large_for_one_request_is_told_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let script = "CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, root TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
        INSERT INTO t SELECT printf('%d-%.*c', i, 3000000, 'x'), NULL, NULL FROM n";
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        server.execute(script).unwrap();
        let refused = run(dir.path(), &[&["--db", &server.url()][..], &BACKFILL].concat());
        assert_eq!(refused.status, 2, "{kind:?}: {}", refused.stdout);
        assert!(refused.stderr.contains("sends at most 67 MB"), "{kind:?}: {}", refused.stderr);
        assert_eq!(server.text("SELECT count(root) FROM t"), "0", "{kind:?}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_during_a_backfill_leaves_the_rows_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let script = "CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, root TEXT); INSERT INTO t VALUES ('a', NULL, NULL)";
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        server.execute(script).unwrap();
        let proxy = Proxy::silent_from(server.port, 1);
        let url = kind.url(proxy.port);
        let mut child = planctl(dir.path(), &[&["--db", &url][..], &BACKFILL].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_for_handlers(&child);
        wait_for("the second request", || (proxy.seen() > 1).then_some(()));
        send(&child, "-INT");
        assert_eq!(wait_for_end(&mut child, "planctl").code(), Some(130), "{kind:?}");
        assert_eq!(server.text("SELECT id, root FROM t"), "a|NULL", "{kind:?}");
    }
}

/// Law: the rows that are loaded are those of a file, and so is what is said.
#[test]
fn sample_rows_are_loaded_on_a_server_as_into_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let folder = repository("migrations").display().to_string();
    let spec = repository("spec/ddl.sql").display().to_string();
    for kind in KINDS {
        for more in [&["--plans", "1800", "--orphans", "3", "--cycles", "2"][..], &[][..]] {
            let Some(pair) = Pair::with(kind, dir.path(), "SELECT 1") else { continue };
            let url = pair.server.url();
            for db in [&url, &pair.file.display().to_string()] {
                let up = run(dir.path(), &["--db", db, "migrate", "up", "--migrations", &folder]);
                assert_eq!(up.status, 0, "{kind:?}: {}", up.stderr);
            }
            let load =
                [&["sample", "load", "--db", "DB", "--spec", &spec, "--format", "json"][..], more].concat();
            let tried = pair.same(dir.path(), &[&load[..], &["--dry-run"]].concat());
            assert_eq!(pair.server.text("SELECT count(*) FROM v3_plans"), "0", "{kind:?}: {}", tried.stdout);
            let loaded = pair.same(dir.path(), &load);
            let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'planctl%' \
                         AND name NOT LIKE 'refinery%' AND name NOT LIKE 'sqlite%'";
            for table in pair.text(names).split(' ') {
                let columns = pair.text(&format!("SELECT name FROM pragma_table_info('{table}')"));
                pair.rows(table, &columns.split(' ').collect::<Vec<_>>());
            }
            assert_eq!(loaded.status, 0, "{kind:?}: {}", loaded.stderr);
            let again = pair.same(dir.path(), &load);
            assert!(again.stderr.contains("has rows already"), "{kind:?}: {}", again.stderr);
            let audit = pair
                .same(dir.path(), &["audit", "--data", "--db", "DB", "--spec", &spec, "--format", "json"]);
            assert!(audit.status <= 1, "{kind:?}: {}", audit.stderr);
        }
    }
}

/// An answer that is lost is settled by the number of rows.
#[test]
fn sample_rows_whose_answer_is_lost_are_loaded_once() {
    let dir = tempfile::tempdir().unwrap();
    let script = "CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT);";
    file(dir.path(), "spec.sql", script);
    file(
        dir.path(),
        "sample.sql",
        "INSERT INTO t (note) VALUES ('a'), ('b');\nINSERT INTO t (note) VALUES ('c');\n",
    );
    let load = ["sample", "load", "--spec", "spec.sql", "--format", "json"];
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        server.execute(script).unwrap();
        let all = Proxy::cutting(server.port, 0);
        let whole = run(dir.path(), &[&["--db", &kind.url(all.port)][..], &load].concat());
        assert_eq!(whole.status, 0, "{kind:?}: {}", whole.stderr);
        for nth in 0..all.seen() {
            server.execute("DELETE FROM t").unwrap();
            let proxy = Proxy::cutting_one(server.port, nth);
            let loaded = run(dir.path(), &[&["--db", &kind.url(proxy.port)][..], &load].concat());
            assert_eq!((loaded.status, proxy.cut()), (0, 1), "{kind:?} {nth}: {}", loaded.stderr);
            assert_eq!(loaded.document()["tables"], whole.document()["tables"], "{kind:?} {nth}");
            assert_eq!(server.text("SELECT id, note FROM t ORDER BY id"), "1|a 2|b 3|c", "{kind:?} {nth}");
        }
    }
}

/// Rows that the server refuses are told with their place, and none is loaded.
#[test]
fn sample_rows_that_a_server_refuses_are_told_with_their_place() {
    let dir = tempfile::tempdir().unwrap();
    let script = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p (id));
        INSERT INTO p VALUES (1);";
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        server.execute(script).unwrap();
        let url = server.url();
        let load = |text: &str| {
            file(dir.path(), "sample.sql", text);
            file(dir.path(), "spec.sql", script);
            run(dir.path(), &["--db", &url, "sample", "load", "--append", "--spec", "spec.sql"])
        };
        let twice = load("INSERT INTO c VALUES (1, 1);\nINSERT INTO p VALUES (2), (1);\n");
        assert!(twice.status == 2 && twice.stderr.contains("sample.sql:2:1"), "{kind:?}: {}", twice.stderr);
        let orphan = load("INSERT INTO c VALUES (1, 7);\n");
        assert!(
            orphan.status == 2 && orphan.stderr.contains("without their parents"),
            "{kind:?}: {}",
            orphan.stderr
        );
        assert_eq!(server.text("SELECT count(*) FROM c"), "0", "{kind:?}");
        let fits = load("INSERT INTO c VALUES (1, 1);\n");
        assert_eq!(fits.status, 0, "{kind:?}: {}", fits.stderr);
        assert_eq!(server.text("SELECT id, p FROM c"), "1|1", "{kind:?}");
    }
}
