//! One Ctrl-C, or one SIGTERM, ends what works in memory: nothing is told that was not found out, and nothing is written.

use std::process::Stdio;
use std::time::Duration;

use super::{picture, project};
use crate::harness::Project;
use crate::harness::process::{send, wait_for_end, wait_for_handlers};

const COMMANDS: [&str; 7] = [
    "audit",
    "audit --scratch --write-baseline baseline.json",
    "check",
    "schema diff planctl.db spec/ddl.sql",
    "schema diff planctl.db spec/ddl.sql --sql --allow-destructive",
    "schema diff migrations spec/ddl.sql --format json",
    "migrate generate closing --allow-destructive",
];

/// Each command is in the middle of it when the signal comes, ends soon, and leaves the folder as it was.
fn ended_by_one_signal(project: &Project) {
    let before = picture(project);
    for (at, command) in COMMANDS.iter().enumerate() {
        let (signal, status) = if at % 2 == 0 { ("-INT", 130) } else { ("-TERM", 143) };
        let args: Vec<&str> = command.split(' ').collect();
        let mut child = project.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for_handlers(&child);
        // Long enough to be in the middle of it on most machines; wherever it is, the law is the same.
        std::thread::sleep(Duration::from_millis(400));
        send(&child, signal);
        wait_for_end(&mut child, command);
        let ended = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(status), "{command}: {stderr}");
        assert!(stderr.contains("interrupted"), "{command}: {stderr}");
        let stdout = String::from_utf8_lossy(&ended.stdout);
        assert!(stdout.is_empty() || stdout.contains("\"interrupted"), "{command}: {stdout}");
        assert!(picture(project) == before, "{command}: something was written");
    }
}

#[test]
fn one_signal_ends_a_specification_that_runs_without_an_end() {
    let project = project();
    project.sql("CREATE TABLE t(a)");
    project.write(
        "spec/ddl.sql",
        "CREATE TABLE t(a);
         INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0;",
    );
    ended_by_one_signal(&project);
}

#[test]
fn one_signal_ends_the_comparison_of_two_thousand_views_on_views() {
    let views = |columns: &str| {
        let views: Vec<String> =
            (1..2_000).map(|i| format!("CREATE VIEW v{i} AS SELECT {columns} FROM v{};", i - 1)).collect();
        format!("CREATE TABLE t(a);\nCREATE VIEW v0 AS SELECT a FROM t;\n{}\n", views.join("\n"))
    };
    let project = project();
    let (live, wanted) = (views("a"), views("(a) AS a"));
    project.sql(&format!("BEGIN; {live} COMMIT"));
    project.write("spec/ddl.sql", &wanted);
    project.write("migrations/V1__one.sql", &live);
    ended_by_one_signal(&project);
}
