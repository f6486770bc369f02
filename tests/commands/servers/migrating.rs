//! Migrations on servers: each once, all of it or nothing, whatever becomes of the answers.

use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use super::proxy::Proxy;
use super::server::{KINDS, Kind, Server};
use super::{file, run};
use crate::harness::process::{send, wait_for, wait_for_end};
use crate::harness::{Run, entries, planctl, repository, shared};

/// A folder `m` of migrations in `dir`: the names and texts of its files.
fn migrations(dir: &Path, files: &[(&str, &str)]) {
    let folder = dir.join("m");
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir(&folder).unwrap();
    for (name, text) in files {
        file(&folder, name, text);
    }
}

pub(crate) fn up(dir: &Path, url: &str) -> Run {
    run(dir, &["--db", url, "migrate", "up", "--migrations", "m"])
}

fn applied(server: &Server) -> String {
    server.text("SELECT version FROM refinery_schema_history ORDER BY 1")
}

/// Tables that a request leaves behind.
fn leftovers(server: &Server) -> String {
    server.text(
        "SELECT name FROM sqlite_schema WHERE name LIKE 'planctl%' AND tbl_name <> 'planctl_migrations'",
    )
}

pub(super) fn copy(from: &Path, to: &Path) {
    drop(std::fs::remove_dir_all(to));
    std::fs::create_dir(to).unwrap();
    for name in entries(from) {
        if Path::new(&name).extension().is_some_and(|extension| extension == "sql") {
            // As planctl wants them named.
            let new = Path::new(&name).file_name().unwrap().to_string_lossy().replace('-', "_");
            std::fs::copy(&name, to.join(new)).unwrap();
        }
    }
}

#[test]
fn the_shipped_migrations_go_up_and_down_on_a_server_as_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let folder = repository("migrations").display().to_string();
    let spec = repository("spec/ddl.sql").display().to_string();
    let ledger = repository("spec/deviations.toml").display().to_string();
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let url = server.url();
        let file = dir.path().join(format!("{kind:?}.db")).display().to_string();
        for db in [&url, &file] {
            let up = run(dir.path(), &["--db", db, "migrate", "up", "--migrations", &folder]);
            assert_eq!(up.status, 0, "{kind:?}: {}", up.stderr);
        }
        let dump = |db: &str| run(dir.path(), &["schema", "dump", db]).stdout;
        assert_eq!(dump(&url), dump(&file), "{kind:?}");
        assert_eq!(leftovers(&server), "", "{kind:?}");
        let status =
            run(dir.path(), &["--db", &url, "migrate", "status", "--check", "--migrations", &folder]);
        assert_eq!(status.status, 0, "{kind:?}: {}{}", status.stdout, status.stderr);
        let mut args = vec!["--db", &url, "audit", "--spec", &spec];
        if Path::new(&ledger).exists() {
            args.extend(["--deviations", &ledger]);
        }
        let audit = run(dir.path(), &args);
        assert_eq!(audit.status, 0, "{kind:?}: {}{}", audit.stdout, audit.stderr);
        let again = run(dir.path(), &["--db", &url, "migrate", "up", "--migrations", &folder]);
        assert!(again.stdout.starts_with("nothing to apply"), "{kind:?}: {}", again.stdout);
        let down = run(dir.path(), &["--db", &url, "migrate", "down", "--to", "0", "--migrations", &folder]);
        assert_eq!(down.status, 0, "{kind:?}: {}", down.stderr);
        assert_eq!((applied(&server).as_str(), dump(&url).as_str()), ("", ""), "{kind:?}");
    }
}

/// Law: a chain of migrations leads to the same schema on a server as in a file, up and down. What a server does not take
/// is told with its place, and the migrations in front of it stay.
#[test]
fn the_migrations_of_known_applications_produce_the_same_on_a_server_as_in_a_file() {
    let Some(chains) = shared("corpus/chains") else { return };
    let dir = tempfile::tempdir().unwrap();
    for chain in entries(&chains) {
        let name = Path::new(&chain).file_name().unwrap().to_string_lossy().into_owned();
        copy(Path::new(&chain), &dir.path().join("m"));
        for kind in KINDS {
            let Some(server) = Server::start(kind) else { return };
            let url = server.url();
            let local = dir.path().join(format!("{name}-{kind:?}.db")).display().to_string();
            let [there, here] = [&url, &local].map(|db| up(dir.path(), db));
            if here.status != 0 {
                // A transaction of its own, which no migration may have, is refused in both places alike.
                assert_eq!(there.stderr, here.stderr, "{name}");
                continue;
            }
            assert_eq!(leftovers(&server), "", "{name} on {kind:?}");
            if there.status != 0 {
                let place = there.stderr.lines().any(|line| line.trim_start().starts_with("--> m"));
                assert!(there.status == 2 && place, "{name} on {kind:?}: {}", there.stderr);
                println!(
                    "{name} on {kind:?}: {}",
                    there.stderr.lines().find(|l| l.starts_with("error")).unwrap()
                );
                continue;
            }
            let dump = |db: &str| run(dir.path(), &["schema", "dump", db]).stdout;
            assert_eq!(dump(&url), dump(&local), "{name} on {kind:?}");
            let down = |db: &str| {
                let args =
                    ["--db", db, "migrate", "down", "--to", "0", "--allow-destructive", "--migrations", "m"];
                run(dir.path(), &args)
            };
            let [there, here] = [&url, &local].map(|db| down(db));
            assert_eq!(there.status, here.status, "{name} on {kind:?}: {}\n{}", there.stderr, here.stderr);
            assert_eq!(dump(&url), dump(&local), "{name} on {kind:?}, down");
            assert_eq!(leftovers(&server), "", "{name} on {kind:?}, down");
        }
    }
}

/// Three levels of children, with CASCADE, SET NULL and a table that refers to itself; the parent is rebuilt.
const FAMILY: [(&str, &str); 2] = [
    (
        "V1__family.sql",
        "CREATE TABLE parent(id INTEGER PRIMARY KEY, name TEXT, up INTEGER REFERENCES parent(id) ON DELETE CASCADE);\n\
         CREATE TABLE child(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent(id) ON DELETE CASCADE);\n\
         CREATE TABLE note(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent(id) ON DELETE SET NULL);\n\
         CREATE TABLE grandchild(id INTEGER PRIMARY KEY, child INTEGER REFERENCES child(id) ON DELETE CASCADE);\n\
         INSERT INTO parent VALUES(1, 'a', NULL), (2, 'b', 1);\n\
         INSERT INTO child VALUES(1, 1), (2, 2);\n\
         INSERT INTO note VALUES(1, 1);\n\
         INSERT INTO grandchild VALUES(1, 1), (2, 2);\n",
    ),
    (
        "V2__rebuild.sql",
        "PRAGMA foreign_keys = OFF;\n\
         CREATE TABLE new_parent(id INTEGER PRIMARY KEY, name TEXT NOT NULL, up INTEGER REFERENCES parent(id) ON DELETE CASCADE);\n\
         INSERT INTO new_parent SELECT * FROM parent;\n\
         DROP TABLE parent;\n\
         ALTER TABLE new_parent RENAME TO parent;\n",
    ),
];

#[test]
fn the_rows_of_children_survive_the_rebuild_of_their_parent() {
    let dir = tempfile::tempdir().unwrap();
    migrations(dir.path(), &FAMILY);
    let rows = "SELECT (SELECT count(*) FROM parent), (SELECT count(*) FROM child), \
                (SELECT count(parent) FROM note), (SELECT count(*) FROM grandchild)";
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let up = up(dir.path(), &server.url());
        assert_eq!(up.status, 0, "{kind:?}: {}", up.stderr);
        assert_eq!(server.text(rows), "2|2|1|2", "{kind:?}");
    }
    // A node that enforces foreign keys would delete them.
    let Some(server) = Server::with(Kind::Rqlite, &["-fk=true"]) else { return };
    let refused = up(dir.path(), &server.url());
    assert_eq!(refused.status, 2, "{}", refused.stdout);
    assert!(refused.stderr.contains("--> m/V2__rebuild.sql:4:1"), "{}", refused.stderr);
    assert!(refused.stderr.contains("without -fk"), "{}", refused.stderr);
    assert_eq!((server.text(rows).as_str(), applied(&server).as_str()), ("2|2|1|2", "1"));
}

#[test]
fn a_migration_that_fails_on_rows_is_reported_with_its_place_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let first = (
        "V1__t.sql",
        "CREATE TABLE p(id INTEGER PRIMARY KEY);\nCREATE TABLE t(a, p INTEGER REFERENCES p(id));\n",
    );
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let url = server.url();
        migrations(dir.path(), &[first]);
        assert_eq!(up(dir.path(), &url).status, 0);
        server.execute("INSERT INTO p VALUES(1), (2); INSERT INTO t VALUES('x', 1), ('x', 2)").unwrap();
        let before = server.schema();
        for (text, place, words) in [
            (
                "CREATE TABLE u(a);\n\nCREATE UNIQUE INDEX i ON t(a);\n",
                "V2__next.sql:3:1",
                "UNIQUE constraint failed: t.a",
            ),
            (
                "CREATE TABLE u(a);\nDELETE FROM p WHERE id = 2;\n",
                "V2__next.sql:1:1",
                "rows without their parents",
            ),
            (
                "CREATE TABLE u(a);\nINSERT INTO nowhere VALUES(1);\n",
                "V2__next.sql:2:13",
                "no such table: nowhere",
            ),
            ("CREATE TABLE u(a);\nVACUUM;\n", "V2__next.sql:2:1", "VACUUM"),
        ] {
            migrations(dir.path(), &[first, ("V2__next.sql", text)]);
            let refused = up(dir.path(), &url);
            assert_eq!(refused.status, 2, "{kind:?}: {}", refused.stdout);
            assert!(refused.stderr.contains(place), "{kind:?}: {}", refused.stderr);
            assert!(refused.stderr.contains(words), "{kind:?}: {}", refused.stderr);
            assert_eq!(server.schema(), before, "{kind:?} {text}");
            assert_eq!(
                (applied(&server).as_str(), server.text("SELECT count(*) FROM p").as_str()),
                ("1", "2")
            );
        }
    }
    let Some(server) = Server::start(Kind::Sqld) else { return };
    for (text, place) in [
        ("CREATE TABLE u(a TEXT DEFAULT 'x');\nINSERT INTO u SELECT \"abc\";\n", "V1__t.sql:2:"),
        ("CREATE TABLE u(a);\nANALYZE;\n", "V1__t.sql:2:1"),
        ("CREATE TABLE u(a);\nCREATE TEMP TABLE v(a);\n", "V1__t.sql:2:1"),
    ] {
        migrations(dir.path(), &[("V1__t.sql", text)]);
        let refused = up(dir.path(), &server.url());
        assert!(refused.status == 2 && refused.stderr.contains(place), "{}", refused.stderr);
        assert!(
            refused.stderr.contains("nothing was sent") || refused.stderr.contains("on a server"),
            "{}",
            refused.stderr
        );
        assert_eq!(server.schema().as_array().unwrap().len(), 0);
    }
}

/// A row for each time that a migration ran.
fn counting(count: usize) -> Vec<(String, String)> {
    (1..=count)
        .map(|n| {
            let make = if n == 1 { "CREATE TABLE log(n);\n" } else { "" };
            (
                format!("V{n}__step.sql"),
                format!("{make}INSERT INTO log VALUES({n});\nCREATE TABLE t{n}(a);\n"),
            )
        })
        .collect()
}

pub(crate) fn counting_in(dir: &Path, count: usize) {
    let files = counting(count);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    migrations(dir, &files);
}

#[test]
fn four_processes_at_once_apply_each_migration_once() {
    let dir = tempfile::tempdir().unwrap();
    counting_in(dir.path(), 6);
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let url = server.url();
        let start = || {
            let mut command = planctl(dir.path(), &["--db", &url, "migrate", "up", "--migrations", "m"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let children: Vec<_> = (0..4).map(|_| start()).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{kind:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(applied(&server), "1 2 3 4 5 6", "{kind:?}");
        assert_eq!(server.text("SELECT n FROM log ORDER BY rowid"), "1 2 3 4 5 6", "{kind:?}");
        assert_eq!(leftovers(&server), "", "{kind:?}");
    }
}

/// Law: whichever answer is lost, each migration happens once, and the run that sent it finds out.
#[test]
fn a_lost_answer_to_any_request_is_resolved() {
    let dir = tempfile::tempdir().unwrap();
    counting_in(dir.path(), 3);
    for kind in KINDS {
        for nth in 0..8 {
            let Some(server) = Server::start(kind) else { return };
            let proxy = Proxy::cutting_one(server.port, nth);
            let up = up(dir.path(), &kind.url(proxy.port));
            assert_eq!(up.status, 0, "{kind:?}, request {nth}: {}", up.stderr);
            assert_eq!(applied(&server), "1 2 3", "{kind:?}, request {nth}");
            assert_eq!(server.text("SELECT n FROM log ORDER BY rowid"), "1 2 3", "{kind:?}, request {nth}");
            // What was sent and settled counts as applied by this run.
            let rows = up.stdout.lines().filter(|line| line.starts_with('V')).count();
            assert_eq!(rows, 3, "{kind:?}, request {nth}: {}", up.stdout);
            if proxy.cut() == 0 {
                break;
            }
        }
    }
}

/// Who stops to wait is told that the server goes on, and finds out: while an answer is waited for, and while one that was
/// lost is asked for again.
#[test]
fn ctrl_c_while_a_migration_is_on_its_way_says_where_to_look() {
    let dir = tempfile::tempdir().unwrap();
    counting_in(dir.path(), 2);
    for (kind, spoils) in KINDS.into_iter().flat_map(|kind| {
        [Proxy::silent_from, Proxy::cutting_from].map(|spoils: fn(u16, usize) -> Proxy| (kind, spoils))
    }) {
        let Some(server) = Server::start(kind) else { continue };
        let spoilt = spoils(server.port, 2);
        let url = kind.url(spoilt.port);
        let mut command = planctl(dir.path(), &["--db", &url, "migrate", "up", "--migrations", "m"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for("the first migration", || (applied(&server) == "1").then_some(()));
        send(&child, "-INT");
        assert_eq!(wait_for_end(&mut child, "planctl").code(), Some(130), "{kind:?}");
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(said.contains("`planctl migrate status` tells"), "{kind:?}: {said}");
        assert!(!said.contains("rolled back"), "{kind:?}: {said}");
        let status = run(dir.path(), &["--db", &server.url(), "migrate", "status", "--migrations", "m"]);
        assert!(status.status == 0 && status.stdout.contains("1 pending"), "{kind:?}: {}", status.stdout);
        assert_eq!((up(dir.path(), &server.url()).status, applied(&server).as_str()), (0, "1 2"), "{kind:?}");
    }
}

#[test]
fn a_down_on_a_server_asks_before_rows_are_lost_and_reports_them() {
    let dir = tempfile::tempdir().unwrap();
    migrations(
        dir.path(),
        &[
            ("V1__t.sql", "CREATE TABLE t(a, b);\n"),
            ("V1__t.down.sql", "DROP TABLE t;\n"),
            ("V2__c.sql", "ALTER TABLE t ADD COLUMN c;\n"),
            ("V2__c.down.sql", "UPDATE t SET b = NULL;\nALTER TABLE t DROP COLUMN c;\n"),
        ],
    );
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let url = server.url();
        assert_eq!(up(dir.path(), &url).status, 0);
        let down = |more: &[&str]| {
            let mut args = vec!["--db", &url, "migrate", "down", "--migrations", "m"];
            args.extend(more);
            run(dir.path(), &args)
        };
        server.execute("INSERT INTO t VALUES(1, NULL, NULL), (2, NULL, NULL)").unwrap();
        // Nothing of it has a value yet: the newest goes back without a word.
        let quiet = down(&[]);
        assert_eq!(quiet.status, 0, "{kind:?}: {}", quiet.stderr);
        assert_eq!(up(dir.path(), &url).status, 0);
        server.execute("UPDATE t SET b = 5").unwrap();
        let refused = down(&[]);
        assert_ne!(refused.status, 0, "{kind:?}: {}", refused.stdout);
        assert_eq!(server.text("SELECT a, b FROM t"), "1|5 2|5", "{kind:?}: {}", refused.stderr);
        server.execute("UPDATE t SET b = NULL, c = 7").unwrap();
        let refused = down(&["--to", "0"]);
        assert_ne!(refused.status, 0, "{kind:?}: {}", refused.stdout);
        assert!(refused.stderr.contains("--allow-destructive"), "{kind:?}: {}", refused.stderr);
        assert_eq!(applied(&server), "1 2", "{kind:?}");
        let done = down(&["--to", "0", "--allow-destructive"]);
        assert_eq!(done.status, 0, "{kind:?}: {}", done.stderr);
        assert!(done.stdout.contains("2 rows of t are lost"), "{kind:?}: {}", done.stdout);
        assert_eq!(leftovers(&server), "", "{kind:?}");
    }
}

#[test]
fn an_up_on_a_server_asks_before_what_was_added_by_hand_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let first = ("V1__t.sql", "CREATE TABLE t(a, b);\nCREATE INDEX t_a ON t(a);\n");
    let rebuild =
        "CREATE TABLE n(a);\nINSERT INTO n(a) SELECT a FROM t;\nDROP TABLE t;\nALTER TABLE n RENAME TO t;\n";
    let rebuild = format!("{rebuild}CREATE INDEX t_a ON t(a);\n");
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let url = server.url();
        migrations(dir.path(), &[first]);
        assert_eq!(up(dir.path(), &url).status, 0);
        server.execute("INSERT INTO t VALUES(1, 2), (3, NULL)").unwrap();
        server.execute("ALTER TABLE t ADD COLUMN nick").unwrap();
        server.execute("UPDATE t SET nick = 'x' WHERE a = 3").unwrap();
        server.execute("CREATE INDEX by_nick ON t(nick)").unwrap();
        migrations(dir.path(), &[first, ("V2__t.sql", &rebuild)]);
        let refused = up(dir.path(), &url);
        assert_eq!((refused.status, applied(&server)), (2, "1".to_owned()), "{kind:?}: {}", refused.stderr);
        let said = [
            "V2__t drops what no migration made; nothing was changed",
            "the column t.nick is dropped, with 1 value",
            "the index by_nick of t is dropped",
        ];
        assert!(said.iter().all(|said| refused.stderr.contains(said)), "{kind:?}: {}", refused.stderr);
        let done =
            run(dir.path(), &["--db", &url, "migrate", "up", "--migrations", "m", "--allow-destructive"]);
        assert_eq!(
            (done.status, server.text("SELECT a FROM t")),
            (0, "1 3".to_owned()),
            "{kind:?}: {}",
            done.stderr
        );
        assert_eq!(leftovers(&server), "", "{kind:?}");
    }
}

#[test]
fn a_backup_and_a_rehearsal_have_all_rows_of_a_cluster() {
    let dir = tempfile::tempdir().unwrap();
    counting_in(dir.path(), 2);
    let Some(server) = Server::start(Kind::Rqlite) else { return };
    let url = server.url();
    let with = |args: &[&str]| {
        let mut all = vec!["--db", &url, "migrate", "up", "--migrations", "m"];
        all.extend(args);
        run(dir.path(), &all)
    };
    assert_eq!(with(&["--to", "1"]).status, 0);
    let rehearsed = with(&["--rehearse"]);
    assert_eq!((rehearsed.status, applied(&server).as_str()), (0, "1"), "{}", rehearsed.stderr);
    assert!(rehearsed.stdout.contains("V2__step"), "{}", rehearsed.stdout);
    file(dir.path(), "taken.db", "mine");
    let refused = with(&["--backup", "taken.db"]);
    assert_eq!((refused.status, applied(&server).as_str()), (2, "1"), "{}", refused.stdout);
    assert_eq!(std::fs::read(dir.path().join("taken.db")).unwrap(), b"mine");
    let done = with(&["--backup", "before.db"]);
    assert_eq!((done.status, applied(&server).as_str()), (0, "1 2"), "{}", done.stderr);
    let before = rusqlite::Connection::open(dir.path().join("before.db")).unwrap();
    let row: (i64, i64) = before
        .query_row(
            "SELECT (SELECT sum(n) FROM log), (SELECT max(version) FROM refinery_schema_history)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(row, (1, 1));
    // Nothing to apply, nothing to keep.
    assert_eq!(with(&["--backup", "none.db"]).status, 0);
    let names: Vec<String> = entries(dir.path()).into_iter().map(|name| format!("{name:?}")).collect();
    assert!(!names.iter().any(|name| name.contains("none.db") || name.contains("partial")), "{names:?}");
}

#[test]
fn a_data_step_fills_on_a_server_what_it_fills_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let files = [
        (
            "V1__t.sql",
            "CREATE TABLE t(id TEXT PRIMARY KEY, parent TEXT REFERENCES t(id), root TEXT);\n\
             INSERT INTO t(id, parent) VALUES('a', NULL), ('b', 'a'), ('c', 'b'), ('d', NULL);\n",
        ),
        (
            "V2__roots.sql",
            "-- planctl:backfill root-ancestor table=t id=id parent=parent root=root\nCREATE INDEX i ON t(root);\n",
        ),
    ];
    migrations(dir.path(), &files);
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let up = up(dir.path(), &server.url());
        assert_eq!(up.status, 0, "{kind:?}: {}", up.stderr);
        assert_eq!(server.text("SELECT id, root FROM t ORDER BY 1"), "a|a b|a c|a d|d", "{kind:?}");
        assert_eq!(
            server.text("SELECT rows_backfilled, backfilled FROM planctl_migrations ORDER BY version"),
            "0|NULL 4|[{\"table\":\"t\",\"rows\":4,\"first\":[\"a\",\"b\",\"c\",\"d\"]}]",
            "{kind:?}"
        );
        server.execute("UPDATE t SET parent = 'c' WHERE id = 'a'").unwrap();
        let again = (
            "V3__again.sql",
            "-- planctl:backfill root-ancestor table=t id=id parent=parent root=root recompute=true\n",
        );
        migrations(dir.path(), &[files[0], files[1], again]);
        let cycle = super::run(dir.path(), &["--db", &server.url(), "migrate", "up", "--migrations", "m"]);
        assert_eq!(cycle.status, 2, "{kind:?}: {}", cycle.stdout);
        assert!(
            cycle.stderr.contains("V3__again.sql:1:1") && cycle.stderr.contains("cycle"),
            "{}",
            cycle.stderr
        );
        assert_eq!(applied(&server), "1 2", "{kind:?}");
        migrations(dir.path(), &files);
    }
}

#[test]
fn a_schema_that_is_there_is_recorded_and_then_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    counting_in(dir.path(), 3);
    let file = dir.path().join("local.db").display().to_string();
    assert_eq!(
        run(dir.path(), &["--db", &file, "migrate", "up", "--to", "2", "--migrations", "m"]).status,
        0
    );
    let dump = run(dir.path(), &["schema", "dump", &file]).stdout;
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let url = server.url();
        server.execute(&dump).unwrap();
        let wrong = run(dir.path(), &["--db", &url, "migrate", "baseline", "--to", "3", "--migrations", "m"]);
        assert_eq!(wrong.status, 1, "{kind:?}: {}", wrong.stderr);
        let done = run(dir.path(), &["--db", &url, "migrate", "baseline", "--to", "2", "--migrations", "m"]);
        assert_eq!(done.status, 0, "{kind:?}: {}", done.stderr);
        assert_eq!((applied(&server).as_str(), up(dir.path(), &url).status), ("1 2", 0), "{kind:?}");
        assert_eq!(
            (applied(&server).as_str(), server.text("SELECT n FROM log").as_str()),
            ("1 2 3", "3"),
            "{kind:?}"
        );
    }
}

/// The history of golang-migrate, which has numbers, and of goose, whose last row of a version counts.
#[test]
fn the_history_of_another_tool_is_taken_over_on_a_server_as_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = ("CREATE TABLE a(x);", "CREATE TABLE b(x);");
    let two_files = [("1_a.up.sql", a.to_owned()), ("2_b.up.sql", b.to_owned())];
    let marked = |text| format!("-- +goose Up\n{text}\n");
    let one_file = [("1_a.sql", marked(a)), ("2_b.sql", marked(b))];
    let tools = [
        (
            two_files,
            "CREATE TABLE schema_migrations (version uint64,dirty bool); INSERT INTO schema_migrations VALUES (1, 0);",
            "UPDATE schema_migrations SET dirty = 1",
        ),
        (
            one_file,
            "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
             is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
             INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1), (2, 1), (2, 0);",
            "INSERT INTO goose_db_version (version_id, is_applied) VALUES (1, 0), (2, 1)",
        ),
    ];
    for (tool, (files, history, broken)) in tools.iter().enumerate() {
        let folder = format!("theirs{tool}");
        std::fs::create_dir(dir.path().join(&folder)).unwrap();
        for (name, text) in files {
            file(&dir.path().join(&folder), name, text);
        }
        for kind in KINDS {
            let Some(server) = Server::start(kind) else { continue };
            let url = server.url();
            drop(std::fs::remove_dir_all(dir.path().join("m")));
            server.execute(&format!("{a} {history}")).unwrap();
            let import =
                || run(dir.path(), &["--db", &url, "migrate", "import", &folder, "--migrations", "m"]);
            let done = import();
            assert_eq!(done.status, 0, "{kind:?}: {}", done.stderr);
            assert_eq!((applied(&server).as_str(), up(dir.path(), &url).status), ("1", 0), "{kind:?}");
            assert_eq!(applied(&server), "1 2", "{kind:?}");
            server.execute(broken).unwrap();
            let refused = import();
            assert_eq!(refused.status, 2, "{kind:?}: {}", refused.stdout);
        }
    }
}

/// Rows that a way back would delete are not asked about where there are none.
#[test]
fn what_a_table_without_rows_loses_is_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let down = "DELETE FROM t; UPDATE u SET a = NULL;";
    migrations(
        dir.path(),
        &[
            ("V1__made.sql", "CREATE TABLE t (a); CREATE TABLE u (a);"),
            ("V2__none.sql", "SELECT 1;"),
            ("V2__none.down.sql", down),
        ],
    );
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let url = server.url();
        assert_eq!(up(dir.path(), &url).status, 0, "{kind:?}");
        let tried = ["--db", &url, "migrate", "down", "--migrations", "m", "--dry-run", "--format", "json"];
        let losses = |rows: &str| {
            server.execute(rows).unwrap();
            let tried = run(dir.path(), &tried);
            assert!(tried.status <= 1, "{kind:?}: {}", tried.stderr);
            tried.document()["lost"].as_array().map_or(0, Vec::len)
        };
        assert_eq!((losses("SELECT 1"), losses("INSERT INTO t VALUES (1)")), (0, 1), "{kind:?}");
    }
}

/// Law: a server that has all of what was squashed follows in one request; one that has only some is told and not touched.
#[test]
fn a_server_follows_a_squashed_migration_in_one_request() {
    let dir = tempfile::tempdir().unwrap();
    let names =
        |server: &Server| server.text("SELECT version || name FROM refinery_schema_history ORDER BY 1");
    for kind in KINDS {
        let (Some(server), Some(behind)) = (Server::start(kind), Server::start(kind)) else { continue };
        let chain = [
            ("V1__a.sql", "CREATE TABLE a (x);\nINSERT INTO a VALUES ('it''s');\n"),
            ("V2__b.sql", "CREATE TABLE b (x);\n"),
            ("V3__c.sql", "CREATE TABLE c (x);\n"),
        ];
        migrations(dir.path(), &chain);
        let (url, other) = (server.url(), behind.url());
        assert_eq!(
            run(dir.path(), &["--db", &url, "migrate", "up", "--to", "2", "--migrations", "m"]).status,
            0
        );
        assert_eq!(
            run(dir.path(), &["--db", &other, "migrate", "up", "--to", "1", "--migrations", "m"]).status,
            0
        );
        let squash = run(dir.path(), &["migrate", "squash", "--to", "2", "--migrations", "m"]);
        assert_eq!(squash.status, 0, "{}", squash.stderr);
        let status = run(dir.path(), &["--db", &url, "migrate", "status", "--check", "--migrations", "m"]);
        assert!(status.status == 1 && status.stdout.contains("replaces 2 migrations"), "{}", status.stdout);
        let there = up(dir.path(), &url);
        assert_eq!(there.status, 0, "{kind:?}: {}", there.stderr);
        assert!(there.stdout.contains("in place of the 2 migrations"), "{}", there.stdout);
        assert_eq!(names(&server), "2squashed 3c", "{kind:?}");
        assert_eq!(leftovers(&server), "", "{kind:?}");
        assert_eq!(server.text("SELECT x FROM a"), "it's", "{kind:?}");
        let status = run(dir.path(), &["--db", &url, "migrate", "status", "--check", "--migrations", "m"]);
        assert_eq!(status.status, 0, "{kind:?}: {}", status.stdout);
        let down = run(
            dir.path(),
            &[
                "--db",
                &url,
                "migrate",
                "down",
                "--to",
                "0",
                "--allow-destructive",
                "--from-files",
                "--migrations",
                "m",
            ],
        );
        assert!(
            down.status == 2 && down.stderr.contains("V3__c has no down file"),
            "{kind:?}: {}",
            down.stderr
        );
        let refused = up(dir.path(), &other);
        assert!(
            refused.status == 2 && refused.stderr.contains("of which 1 is not applied"),
            "{kind:?}: {}",
            refused.stderr
        );
        assert_eq!(names(&behind), "1a", "{kind:?}");
    }
}
