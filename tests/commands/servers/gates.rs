//! Gates on servers: `-- planctl:assert` inside the one request that a migration is, `--require-clean` before it.

use super::migrating::up;
use super::server::{KINDS, Kind, Server};
use super::{file, run};

#[test]
fn what_an_assertion_finds_stops_the_request() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("m");
    std::fs::create_dir(&folder).unwrap();
    file(&folder, "V1__t.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY, owner TEXT);");
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let url = server.url();
        drop(std::fs::remove_file(folder.join("V2__u.sql")));
        drop(std::fs::remove_file(folder.join("V2__u.down.sql")));
        assert_eq!(up(dir.path(), &url).status, 0, "{kind:?}");
        server.execute("INSERT INTO t VALUES (1, NULL), (2, 'x'), (3, NULL)").unwrap();
        // The first holds on the server and not in memory, where there are no rows.
        let script = "-- planctl:assert there is a row\nSELECT 1 WHERE NOT EXISTS (SELECT 1 FROM t);\n\
                      CREATE TABLE u(a);\n-- planctl:assert every row has an owner\n\
                      SELECT id, owner FROM t WHERE owner IS NULL;";
        file(&folder, "V2__u.sql", script);
        file(
            &folder,
            "V2__u.down.sql",
            "DROP TABLE u;\n-- planctl:assert no x\nSELECT * FROM t WHERE owner = 'x';",
        );
        let refused = up(dir.path(), &url);
        assert_eq!(refused.status, 2, "{kind:?}: {}", refused.stdout);
        let said = refused.stderr;
        assert!(said.contains("error: every row has an owner\n --> m/V2__u.sql:5:1\n"), "{kind:?}: {said}");
        let rows = "= note: row 1 of 2 | 1 | NULL\n  = note: row 2 of 2 | 3 | NULL\n";
        assert_eq!(said.contains(rows), kind == Kind::Sqld, "rqlite gives no rows in a transaction: {said}");
        let tables = || server.text("SELECT name FROM sqlite_schema WHERE name NOT LIKE '%\\_%' ESCAPE '\\'");
        assert_eq!(tables(), "t", "{kind:?}");
        server.execute("UPDATE t SET owner = 'x'").unwrap();
        let done = up(dir.path(), &url);
        assert_eq!(done.status, 0, "{kind:?}: {}", done.stderr);
        let down = || run(dir.path(), &["--db", &url, "migrate", "down", "--migrations", "m"]);
        let refused = down();
        assert_eq!(refused.status, 2, "{kind:?}");
        assert!(refused.stderr.contains("error: no x\n"), "{kind:?}: {}", refused.stderr);
        server.execute("DELETE FROM t").unwrap();
        assert_eq!(down().status, 0, "{kind:?}");
        assert_eq!(tables(), "t", "{kind:?}");
    }
}

#[test]
fn a_server_whose_schema_drifted_is_not_migrated() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("m");
    std::fs::create_dir(&folder).unwrap();
    for (name, text) in [
        ("V1__t.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY);"),
        ("V1__t.down.sql", "DROP TABLE t;"),
        ("V2__u.sql", "CREATE TABLE u(a);"),
        ("V2__u.down.sql", "DROP TABLE u;"),
    ] {
        file(&folder, name, text);
    }
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let url = server.url();
        let migrate = |more: &[&str]| {
            let args = ["--db", &url, "--migrations", "m", "migrate"];
            run(dir.path(), &[&args[..], more, &["--require-clean"]].concat())
        };
        assert_eq!(migrate(&["up", "--to", "1"]).status, 0, "{kind:?}");
        server.execute("CREATE TABLE hot(a)").unwrap();
        for way in [&["up"][..], &["down"], &["redo"], &["up", "--dry-run"]] {
            let refused = migrate(way);
            assert_eq!(refused.status, 2, "{kind:?} {way:?}");
            assert!(
                refused.stderr.contains("is not what V1__t left: 1 difference"),
                "{kind:?}: {}",
                refused.stderr
            );
            assert!(refused.stderr.contains("table hot was added"), "{kind:?}: {}", refused.stderr);
        }
        server.execute("DROP TABLE hot").unwrap();
        for way in [&["up"][..], &["redo"], &["down", "--to", "0"]] {
            let done = migrate(way);
            assert_eq!(done.status, 0, "{kind:?} {way:?}: {}", done.stderr);
        }
    }
}
