//! Databases on servers: the real programs, each started for its test. Where they are not installed, the tests say so.

mod beginning;
mod cluster;
mod copying;
mod d1;
mod filling;
mod fleet;
mod gates;
mod migrating;
mod pair;
mod proxy;
mod rows;
mod server;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use planctl::internals::sql;
use rusqlite::Connection;

use self::proxy::Proxy;
use self::server::{KINDS, Kind, Server};
use crate::harness::process::{send, wait_for_end, wait_for_handlers};
use crate::harness::{Run, planctl, repository, shared};

fn file(dir: &Path, name: &str, text: &str) -> PathBuf {
    let file = dir.join(name);
    std::fs::write(&file, text).unwrap();
    file
}

fn run(dir: &Path, args: &[&str]) -> Run {
    Run::of(&mut planctl(dir, args))
}

/// A file with the same schema as the server has: its own statements, in SQLite.
fn file_like(server: &Server, dir: &Path) -> PathBuf {
    let file = dir.join("like.db");
    drop(std::fs::remove_file(&file));
    let conn = Connection::open(&file).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let version = server.text("PRAGMA user_version");
    conn.execute_batch(&format!("PRAGMA user_version = {version}")).unwrap();
    let schema = server.schema();
    let all = schema.as_array().unwrap();
    for kind in ["table", "index", "view", "trigger"] {
        for row in all.iter().filter(|row| row[0] == kind) {
            let (name, statement) = (row[1].as_str().unwrap(), row[3].as_str());
            if let Some(statement) = statement.filter(|_| !name.starts_with("sqlite_")) {
                // The tables of a virtual table are there already.
                drop(conn.execute_batch(statement));
            }
        }
    }
    file
}

/// Law: what planctl says of a schema on a server is byte for byte what it says of a file with that schema.
/// Gives the exit status of the audit.
fn holds_as_for_a_file(server: &Server, dir: &Path, spec: &Path, what: &str) -> i32 {
    let (url, spec) = (server.url(), spec.display().to_string());
    let file = file_like(server, dir).display().to_string();
    let same = |name: &str, args: &dyn Fn(&str) -> Vec<String>| {
        let [here, there] = [&url, &file].map(|db| {
            let args = args(db);
            Run::of(&mut planctl(dir, &args))
        });
        assert_eq!(here.status, there.status, "{what}, {name}: {}\n{}", here.stderr, there.stderr);
        let text = |run: &Run, db: &str| {
            // In a command that is advised, a shell needs quotes around a URL with a `?`.
            let lines = run.stdout.replace(&format!("'{db}'"), "DB").replace(db, "DB");
            lines.lines().filter(|line| !line.contains(", run ")).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(text(&here, &url), text(&there, &file), "{what}, {name}");
        here
    };
    let words = |line: String| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    same("dump", &|db| words(format!("schema dump {db}")));
    same("docs", &|db| words(format!("schema docs {db}")));
    same("diff", &|db| words(format!("schema diff {db} {spec}")));
    let audit = same("audit", &|db| words(format!("audit --db {db} --spec {spec} --format table")));
    assert!(audit.status <= 1, "{what}: {}", audit.stderr);
    audit.status
}

fn schemas() -> Vec<PathBuf> {
    let Some(folder) = shared("corpus/schemas") else { return Vec::new() };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    files
}

#[test]
fn a_schema_on_a_server_is_audited_as_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let migrations = repository("migrations").display().to_string();
        let dump = run(dir.path(), &["schema", "dump", &migrations]).stdout;
        server.execute(&dump).unwrap();
        let spec = file(dir.path(), "spec.sql", &dump);
        holds_as_for_a_file(&server, dir.path(), &spec, "the shipped schema");
        let clean = run(dir.path(), &["audit", "--db", &server.url(), "--spec", "spec.sql"]);
        assert_eq!(clean.status, 0, "{}{}", clean.stdout, clean.stderr);
        server.execute("DROP INDEX idx_tasks_status; ALTER TABLE tasks ADD COLUMN note TEXT;").unwrap();
        let drifted =
            run(dir.path(), &["audit", "--db", &server.url(), "--spec", "spec.sql", "--format", "json"]);
        assert_eq!(drifted.status, 1);
        let rules: Vec<String> = drifted.document()["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["rule"].to_string())
            .collect();
        assert_eq!(rules, ["\"extra-column\"", "\"missing-index\""]);
        holds_as_for_a_file(&server, dir.path(), &spec, "the shipped schema, drifted");
    }
}

#[test]
fn the_schemas_of_known_applications_are_audited_on_a_server_as_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    for schema in schemas() {
        let text = std::fs::read_to_string(&schema).unwrap();
        for kind in KINDS {
            let Some(server) = Server::start(kind) else { return };
            let name = schema.file_name().unwrap().to_string_lossy();
            // What a server does not take is not on it: a module that it lacks, a string in double quotes.
            let mut taken = String::new();
            for statement in sql::statements(&text) {
                let statement = statement.text.trim_end_matches(';');
                let first = sql::tokens(statement).next().map(|word| word.text.to_ascii_uppercase());
                if matches!(first.as_deref(), Some("BEGIN" | "COMMIT")) {
                    continue;
                }
                if server.execute(statement).is_ok() {
                    taken.push_str(&format!("{statement};\n"));
                }
            }
            let spec = file(dir.path(), "spec.sql", &taken);
            let what = format!("{name} on {kind:?}");
            assert_eq!(holds_as_for_a_file(&server, dir.path(), &spec, &what), 0, "{what}");
            // A single change is found.
            let file = rusqlite::Connection::open(file_like(&server, dir.path())).unwrap();
            let tables = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
                          AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name";
            let tables: Vec<String> = file
                .prepare(tables)
                .unwrap()
                .query_map([], |row| row.get(0))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            let changed = tables.iter().any(|table| {
                server.execute(&format!("ALTER TABLE {} ADD COLUMN probe", sql::quote(table))).is_ok()
            });
            // Where a view that the server cannot read stands in the way, a new table does not touch it.
            assert!(changed || server.execute("CREATE TABLE probe (a)").is_ok(), "{what}");
            assert_eq!(holds_as_for_a_file(&server, dir.path(), &spec, &what), 1, "{what}, changed");
        }
    }
}

#[test]
fn a_server_that_is_another_program_or_not_there_is_told_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let [Some(rqlite), Some(sqld)] = KINDS.map(Server::start) else { return };
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (url, part) in [
        (format!("libsql://127.0.0.1:{}?tls=0", rqlite.port), "check the scheme and the port"),
        (format!("rqlite://127.0.0.1:{}", sqld.port), "check the scheme and the port"),
        (format!("rqlite://127.0.0.1:{closed}"), "connection refused"),
        (format!("rqlites://127.0.0.1:{}", rqlite.port), "no encrypted connection"),
        ("rqlite://no-such-host.invalid".to_owned(), "cannot be reached"),
    ] {
        let refused = run(dir.path(), &["schema", "dump", &url]);
        assert_eq!(refused.status, 2, "{url}: {}", refused.stdout);
        assert!(refused.stderr.contains(part), "{url}: {}", refused.stderr);
    }
}

#[test]
fn a_password_is_sent_and_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let auth =
        file(dir.path(), "auth.json", r#"[{"username": "ann", "password": "hush@1", "perms": ["all"]}]"#);
    let auth = auth.display().to_string();
    let Some(server) = Server::with(Kind::Rqlite, &["-auth", &auth]) else { return };
    let place = format!("127.0.0.1:{}", server.port);
    let url = |user: &str| format!("rqlite://{user}{place}");
    let status = |url: &str| {
        Run::of(
            planctl(dir.path(), &["-vv", "migrate", "status", "--migrations", "m"]).env("PLANCTL_DB", url),
        )
    };
    std::fs::create_dir(dir.path().join("m")).unwrap();
    let (none, wrong, right) = (status(&url("")), status(&url("ann:hash@")), status(&url("ann:hush%401@")));
    assert_eq!((none.status, wrong.status, right.status), (2, 2, 0), "{}", right.stderr);
    assert!(none.stderr.contains("asks for credentials"), "{}", none.stderr);
    assert!(wrong.stderr.contains("refuses these credentials"), "{}", wrong.stderr);
    // The same from the environment and from a file, so that it stands in no URL.
    let secret = file(dir.path(), "secret", "hush@1\n").display().to_string();
    let [by_variable, by_file, missing] = [
        ("PLANCTL_PASSWORD", "hush@1"),
        ("PLANCTL_PASSWORD_FILE", &secret),
        ("PLANCTL_PASSWORD_FILE", "no-such-file"),
    ]
    .map(|(name, value)| {
        let mut command = planctl(dir.path(), &["-vv", "migrate", "status", "--migrations", "m"]);
        Run::of(command.env("PLANCTL_DB", url("ann@")).env(name, value))
    });
    assert_eq!((by_variable.status, by_file.status, missing.status), (0, 0, 2), "{}", by_file.stderr);
    assert!(missing.stderr.contains("no-such-file"), "{}", missing.stderr);
    for run in [none, wrong, right, by_variable, by_file] {
        let all = run.stdout + &run.stderr;
        assert!(!all.contains("hush") && !all.contains("hash"), "{all}");
    }
}

/// An application names a server as it names a file.
#[test]
fn an_application_migrates_checks_and_fills_a_database_on_a_server() {
    let files = [(
        "V1__t.sql",
        "CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, root TEXT); INSERT INTO t VALUES ('a', NULL, NULL), ('b', 'a', NULL);",
    )];
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let url = server.url();
        let run = planctl::migrate::Migrator::from_texts(files).unwrap().up(url.as_str()).unwrap();
        assert_eq!(run.done.len(), 1, "{kind:?}");
        let spec = planctl::roots::BackfillSpec {
            table: "t".to_owned(),
            id: "id".to_owned(),
            parent: "parent".to_owned(),
            root: "root".to_owned(),
            on_cycle: Default::default(),
            on_orphan: Default::default(),
            recompute: false,
        };
        assert_eq!(planctl::backfill(url.as_str(), &spec).unwrap().filled, 2, "{kind:?}");
        let spec =
            "CREATE TABLE t (id TEXT PRIMARY KEY, parent TEXT, root TEXT NOT NULL CHECK (root = 'a'));";
        let audited = planctl::Auditor::from_text("spec.sql", spec).data(true).run(url.as_str()).unwrap();
        assert!(audited.unchecked.is_empty(), "{kind:?}");
        assert_eq!(server.text("SELECT id, root FROM t ORDER BY id"), "a|a b|a", "{kind:?}");
    }
}

/// A request goes on in the server; whoever waits for its answer can stop.
#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_wait_for_a_server_that_does_not_answer() {
    let dir = tempfile::tempdir().unwrap();
    let Some(server) = Server::start(Kind::Rqlite) else { return };
    server.freeze();
    let url = server.url();
    let mut child = planctl(
        dir.path(),
        &["audit", "--db", &url, "--spec", &repository("spec/ddl.sql").display().to_string()],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    wait_for_handlers(&child);
    std::thread::sleep(Duration::from_millis(100));
    send(&child, "-INT");
    assert_eq!(wait_for_end(&mut child, "planctl").code(), Some(130));
}

/// What only reads is asked again when its answer was lost.
#[test]
fn an_answer_that_is_lost_is_asked_for_again() {
    let dir = tempfile::tempdir().unwrap();
    let migrations = repository("migrations").display().to_string();
    for kind in KINDS {
        let Some(server) = Server::start(kind) else { continue };
        let proxy = Proxy::cutting(server.port, 2);
        let url = kind.url(proxy.port);
        let dump = run(dir.path(), &["schema", "dump", &url]);
        assert_eq!((dump.status, proxy.cut()), (0, 2), "{kind:?}: {}", dump.stderr);
        let gives_up = Proxy::cutting(server.port, usize::MAX);
        let url = url.replace(&proxy.port.to_string(), &gives_up.port.to_string());
        let lost = run(
            dir.path(),
            &["migrate", "status", "--lock-timeout", "1", "--db", &url, "--migrations", &migrations],
        );
        assert_eq!(lost.status, 2, "{kind:?}: {}", lost.stdout);
        assert!(lost.stderr.contains("the connection was lost"), "{kind:?}: {}", lost.stderr);
    }
}

/// What answers, and is no rqlite, is not asked again and again.
#[test]
fn an_answer_that_is_none_of_the_servers_ends_the_run_at_once() {
    let dir = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let other = Proxy::answering("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"ok\":true}");
        let refused = run(dir.path(), &["schema", "dump", &kind.url(other.port)]);
        assert_eq!((refused.status, other.cut()), (2, 1), "{kind:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("the answer is not "), "{kind:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("another program may be listening"), "{kind:?}: {}", refused.stderr);
    }
}

/// A token is for the host that was named.
#[test]
fn a_redirect_is_reported_and_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = Proxy::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    let redirect = format!(
        "HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n",
        elsewhere.port
    );
    let proxy = Proxy::answering(&redirect);
    let url = format!("libsql://127.0.0.1:{}?tls=0", proxy.port);
    let mut command = planctl(dir.path(), &["schema", "dump", &url]);
    let secret = file(dir.path(), "secret", "hush");
    let refused = Run::of(command.env("PLANCTL_AUTH_TOKEN_FILE", secret));
    assert_eq!((refused.status, elsewhere.cut()), (2, 0), "{}", refused.stderr);
    assert!(refused.stderr.contains("redirects to another address"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("hush"), "{}", refused.stderr);
}
