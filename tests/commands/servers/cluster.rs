//! A cluster of three rqlite nodes that loses its leader while migrations run.

use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::migrating::{counting_in, up};
use super::server::{Kind, agent, binary, free_ports};
use crate::harness::process::{send, wait_for};
use crate::harness::{planctl, program, round_count};

const NODES: usize = 3;

/// What happens to the leader.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It is killed, and started again later.
    Killed,
    /// It stands still, and goes on later.
    Frozen,
}

/// Three nodes in folders of their own, as long as this is kept.
struct Cluster {
    /// By node: the ports of its HTTP API and of Raft.
    ports: Vec<[u16; 2]>,
    nodes: Vec<Child>,
    folder: TempDir,
}

impl Cluster {
    fn start() -> Option<Cluster> {
        binary(Kind::Rqlite)?;
        let all = free_ports::<{ 2 * NODES }>();
        let ports = all.chunks(2).map(|pair| [pair[0], pair[1]]).collect();
        let mut cluster = Cluster { ports, nodes: Vec::new(), folder: TempDir::new().unwrap() };
        for node in 0..NODES {
            let child = cluster.spawn(node);
            cluster.nodes.push(child);
        }
        for node in 0..NODES {
            cluster.wait_until_ready(node);
        }
        Some(cluster)
    }

    fn spawn(&self, node: usize) -> Child {
        let address = |port: u16| format!("127.0.0.1:{port}");
        let join = self.ports.iter().map(|[_, raft]| address(*raft)).collect::<Vec<_>>().join(",");
        program(binary(Kind::Rqlite).unwrap())
            .args(["-node-id", &node.to_string()])
            .args(["-http-addr", &address(self.ports[node][0])])
            .args(["-raft-addr", &address(self.ports[node][1])])
            .args(["-bootstrap-expect", &NODES.to_string(), "-join", &join])
            .arg(self.folder.path().join(node.to_string()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn get(&self, node: usize, path: &str) -> Option<Value> {
        let url = format!("http://127.0.0.1:{}/{path}", self.ports[node][0]);
        let mut answer =
            agent().get(url).config().timeout_global(Some(Duration::from_secs(2))).build().call().ok()?;
        let text = answer.body_mut().read_to_string().ok()?;
        (answer.status().as_u16() == 200).then(|| serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    fn wait_until_ready(&self, node: usize) {
        wait_for("a node that knows its leader", || self.get(node, "readyz"));
    }

    /// The node that leads, as `asked` knows it.
    fn leader(&self, asked: usize) -> usize {
        wait_for("a leader", || {
            let nodes = self.get(asked, "nodes")?;
            let leads = |node: &usize| nodes[node.to_string()]["leader"] == Value::Bool(true);
            (0..NODES).find(leads)
        })
    }

    /// What one node has in its own copy.
    fn own(&self, node: usize, sql: &str) -> Option<String> {
        let asked = sql.replace(' ', "%20");
        Some(self.get(node, &format!("db/query?level=none&q={asked}"))?["results"][0]["values"].to_string())
    }

    fn strike(&mut self, node: usize, fate: Fate) {
        match fate {
            Fate::Killed => {
                self.nodes[node].kill().unwrap();
                self.nodes[node].wait().unwrap();
            }
            Fate::Frozen => send(&self.nodes[node], "-STOP"),
        }
    }

    fn bring_back(&mut self, node: usize, fate: Fate) {
        match fate {
            Fate::Killed => self.nodes[node] = self.spawn(node),
            Fate::Frozen => send(&self.nodes[node], "-CONT"),
        }
        self.wait_until_ready(node);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            drop(node.kill());
            drop(node.wait());
        }
    }
}

/// Law: whatever happens to the leader, and at whatever moment, each migration is applied once, all nodes have the same, and
/// the next `up` finishes.
#[test]
fn each_migration_is_applied_once_when_the_leader_is_lost() {
    const EACH: usize = 4;
    let dir = tempfile::tempdir().unwrap();
    let Some(mut cluster) = Cluster::start() else { return };
    let mut survived = 0;
    for round in 0..round_count(4, 25) {
        let count = EACH * (round + 1);
        counting_in(dir.path(), count);
        let fate = [Fate::Killed, Fate::Frozen][round % 2];
        let leader = cluster.leader(0);
        // A follower is asked, which passes it on.
        let follower = (leader + 1) % NODES;
        let url = Kind::Rqlite.url(cluster.ports[follower][0]);
        let mut command = planctl(dir.path(), &["--db", &url, "migrate", "up", "--migrations", "m"]);
        let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Anywhere between its start and its end.
        std::thread::sleep(Duration::from_millis((round as u64 * 37) % 250));
        cluster.strike(leader, fate);
        let output = running.wait_with_output().unwrap();
        survived += usize::from(output.status.success());
        if !output.status.success() {
            println!("{fate:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        cluster.bring_back(leader, fate);
        let next = up(dir.path(), &url);
        assert_eq!(next.status, 0, "{fate:?}, round {round}: {}", next.stderr);
        let expected: Vec<[usize; 1]> = (1..=count).map(|n| [n]).collect();
        let expected = serde_json::to_string(&expected).unwrap();
        for node in 0..NODES {
            for sql in
                ["SELECT version FROM refinery_schema_history ORDER BY 1", "SELECT n FROM log ORDER BY rowid"]
            {
                wait_for("the nodes to agree", || {
                    cluster.own(node, sql).filter(|found| found.len() >= expected.len())
                });
                assert_eq!(
                    cluster.own(node, sql).unwrap(),
                    expected,
                    "{fate:?}, round {round}, node {node}: {sql}"
                );
            }
        }
    }
    println!("{survived} runs went on through it by themselves");
}
