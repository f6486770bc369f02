//! Where a project begins with a database on a server: `init`, and the history of another tool taken over there.

use std::path::Path;

use super::server::{KINDS, Kind, Server};
use super::{file, run};

/// What a command that has to succeed prints.
fn succeeds(kind: Kind, dir: &Path, args: &[&str]) -> String {
    let done = run(dir, args);
    assert_eq!(done.status, 0, "{kind:?} {args:?}: {}{}", done.stdout, done.stderr);
    done.stdout
}

#[test]
fn a_project_begins_with_the_database_on_a_server() {
    for kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let Some(server) = Server::start(kind) else { continue };
        server.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT NOT NULL)").unwrap();
        server.execute("INSERT INTO t VALUES (1, 'kept')").unwrap();
        let url = server.url();
        let ok = |args: &[&str]| succeeds(kind, dir.path(), args);
        let said = ok(&["--db", &url, "init"]);
        assert!(said.contains("recorded as applied") && said.contains("is at version 1"), "{kind:?}: {said}");
        ok(&["check"]);
        ok(&["audit"]);
        ok(&["migrate", "status", "--check"]);
        assert!(ok(&["migrate", "up"]).contains("nothing to apply"), "{kind:?}");
        assert_eq!(server.text("SELECT name FROM t"), "kept", "{kind:?}");
    }
}

#[test]
fn the_history_of_another_tool_is_taken_over_on_a_server() {
    for kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let Some(server) = Server::start(kind) else { continue };
        for sql in [
            "CREATE TABLE a(x)",
            "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
             is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))",
            "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1)",
        ] {
            server.execute(sql).unwrap();
        }
        let folder = dir.path().join("migrations");
        std::fs::create_dir(&folder).unwrap();
        file(&folder, "00001_a.sql", "-- +goose Up\nCREATE TABLE a(x);\n-- +goose Down\nDROP TABLE a;\n");
        file(&folder, "00002_b.sql", "-- +goose Up\nCREATE TABLE b(x);\n-- +goose Down\nDROP TABLE b;\n");
        let url = server.url();
        let ok = |args: &[&str]| succeeds(kind, dir.path(), args);
        let said = ok(&["--db", &url, "init"]);
        let (_, next) = said.split_once("`planctl ").unwrap();
        // A shell takes the quotes away.
        let next: Vec<&str> =
            next.split('`').next().unwrap().split(' ').map(|word| word.trim_matches('\'')).collect();
        let said = ok(&next);
        assert!(said.contains("1 version recorded as applied"), "{kind:?}: {said}");
        let said = ok(&["migrate", "up"]);
        assert!(said.contains("V2__b") && !said.contains("V1__a"), "{kind:?}: {said}");
        ok(&["migrate", "status", "--check"]);
        ok(&["check"]);
    }
}
