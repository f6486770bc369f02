//! Fleets of databases on servers, beside some in files.

use serde_json::Value;

use super::server::{KINDS, Kind, Server, free_ports};
use crate::fleet::{SPEC, Tenants, states};

/// Runs a command over these databases; gives its document.
fn fleet(tenants: &Tenants, databases: &[&str], status: i32, args: &[&str]) -> Value {
    let line = [&["fleet"], args, databases].concat();
    let (document, got) = tenants.project.json(&line);
    assert_eq!(got, status, "{line:?}: {document:#}");
    document
}

fn two(kind: Kind) -> Option<[Server; 2]> {
    Some([Server::start(kind)?, Server::start(kind)?])
}

#[test]
fn servers_and_files_are_one_fleet() {
    for kind in KINDS {
        let Some([a, b]) = two(kind) else { continue };
        let tenants = Tenants::at(2, 2);
        let (on_a, on_b) = (a.url(), b.url());
        tenants.project.ok(&["migrate", "up", "--to", "2", "--db", &on_a]);
        let all = [&*on_a, &*on_b, &*on_a, "tenants/*.db"];
        let run = |status, args: &[&str]| fleet(&tenants, &all, status, args);
        let stand = |state: &str, version: &str| {
            [on_a.as_str(), &on_b, "t00", "t01"].map(|name| format!("{name} {state} {version}"))
        };

        let seen = run(1, &["status"]);
        let mut expected = stand("behind", "2");
        expected[1] = format!("{on_b} behind null");
        assert_eq!(states(&seen), expected, "each once");
        let audited = run(0, &["audit", "--at-applied"]);
        assert_eq!(states(&audited)[0], format!("{on_a} current 2"));
        let done = run(0, &["up", "--rehearse"]);
        assert_eq!(states(&done), stand("migrated", "3"), "{kind:?}");
        assert_eq!(done["databases"][1]["migrations"], serde_json::json!([1, 2, 3]));
        assert_eq!(states(&run(0, &["up", "--require-clean"])), stand("current", "3"));
        for args in [&["status"][..], &["audit"], &["audit", "--data"]] {
            assert_eq!(run(0, args)["groups"][0]["databases"], 4, "{kind:?} {args:?}");
        }

        // Another schema on one, rows that the spec forbids on the other.
        a.execute("ALTER TABLE users ADD COLUMN mine TEXT").unwrap();
        b.execute("INSERT INTO users VALUES (1, 'x', 'c'), (2, 'y', 'd')").unwrap();
        tenants.sql("t00", "INSERT INTO users VALUES (1, 'x', 'a')");
        tenants.project.write("spec/ddl.sql", SPEC.replace("mail TEXT", "mail TEXT -- 'a' | 'b'\n"));
        let found = run(1, &["audit", "--data"]);
        let drifted = [0, 1].map(|number| stand("drifted", "3")[number].clone());
        assert_eq!(states(&found)[..2], drifted, "{found:#}");
        assert_eq!(states(&found)[2..], stand("current", "3")[2..]);
        assert_eq!(found["databases"][1]["findings"][0]["rule"], "value-enum");
        assert_eq!(found["schemas"][0]["findings"][0]["rule"], "extra-column");
        let refused = run(2, &["down", "--to", "2", "--require-clean", "--max-failures", "2"]);
        assert_eq!(states(&refused)[..2], [format!("{on_a} failed 3"), format!("{on_b} reverted 2")]);
        assert!(
            refused["failures"][0]["cause"].as_str().unwrap().contains("users.mine was added"),
            "{refused:#}"
        );
        a.execute("ALTER TABLE users DROP COLUMN mine").unwrap();

        // What is lost is added up over servers and files.
        let refused = run(2, &["down", "--to", "1"]);
        assert_eq!(refused["lost"][0]["losses"][0]["count"], 3, "{refused:#}");
        assert_eq!(a.text("SELECT max(version) FROM refinery_schema_history"), "3");
        let done = run(0, &["down", "--to", "1", "--allow-destructive"]);
        assert_eq!(states(&done), stand("reverted", "1"));
        assert_eq!(b.text("SELECT max(version) FROM refinery_schema_history"), "1");
    }
}

#[test]
fn a_server_that_does_not_answer_is_named_with_its_cause_and_all_others_are_done() {
    for kind in KINDS {
        let Some([frozen, sound]) = two(kind) else { continue };
        frozen.freeze();
        let tenants = Tenants::at(2, 2);
        let [port] = free_ports();
        let (frozen, sound, closed) = (frozen.url(), sound.url(), kind.url(port));
        let all = [&*frozen, &*closed, &*sound, "tenants/*.db"];
        let args = ["up", "--canary", "0", "--max-failures", "100%", "--lock-timeout", "1s"];
        let document = fleet(&tenants, &all, 2, &args);
        let states = states(&document);
        assert_eq!(states[..2], [format!("{frozen} failed null"), format!("{closed} failed null")]);
        assert_eq!(
            states[2..],
            [format!("{sound} migrated 3"), "t00 migrated 3".into(), "t01 migrated 3".into()]
        );
        let error = |number: usize| document["databases"][number]["error"]["message"].as_str().unwrap();
        assert!(error(0).contains("did not answer"), "{}", error(0));
        assert!(error(1).contains("connection refused"), "{}", error(1));
        assert_eq!(document["failures"].as_array().unwrap().len(), 2, "{document:#}");
    }
}
