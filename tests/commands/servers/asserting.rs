//! `-- planctl:assert` on servers: inside the one request that a migration is.

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
