//! Ctrl-C and SIGTERM, wherever they find a run: all is rolled back, nothing is left, and the exit status says so.

use std::process::Child;

use super::*;
use crate::harness::process::{send, wait_for, wait_for_end};

/// A statement that does not end by itself.
const ENDLESS: &str = "CREATE TABLE e(x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
    INSERT INTO e SELECT i FROM n WHERE i < 0;";

const SIGNALS: [(&str, i32); 2] = [("-INT", 130), ("-TERM", 143)];

/// Starts a run whose messages go to a file, and waits until it has said `word`.
pub(crate) fn start(project: &Project, args: &[&str], word: &str) -> Child {
    let log = project.path("migrations").join("log.txt");
    let file = fs::File::create(&log).unwrap();
    let child = project.command(args).stderr(file).stdout(Stdio::null()).spawn().unwrap();
    wait_for(word, || fs::read_to_string(&log).unwrap().contains(word).then_some(()));
    child
}

/// Sends the signal; gives the exit status. What is interrupted here has no end of its own.
fn interrupt(mut child: Child, signal: &str) -> Option<i32> {
    send(&child, signal);
    wait_for_end(&mut child, signal).code()
}

#[test]
fn a_signal_in_a_long_statement_rolls_back_and_sets_the_exit_status() {
    for (signal, status) in SIGNALS {
        for mode in ["DELETE", "WAL"] {
            let project = Project::two_tables();
            project.sql(&format!("PRAGMA journal_mode = {mode}; CREATE TABLE seed(x)"));
            project.write("V3__endless.sql", ENDLESS);
            let child = start(&project, &["migrate", "up", "--backup", "b.db"], "applying V3__endless");
            assert_eq!(interrupt(child, signal), Some(status), "{mode}");
            assert_eq!(project.column(TABLES), ["a", "b", "seed"]);
            assert_eq!(project.json(0, &["migrate", "status"])["version"], 2);
            assert!(project.path("b.db").exists(), "two migrations were applied since");
        }
    }
}

#[test]
fn a_signal_while_a_lock_is_waited_for_ends_the_wait() {
    for (signal, status) in SIGNALS {
        let project = Project::two_tables();
        project.expect(0, &["migrate", "up", "--to", "1"]);
        // Reading the file in this process would drop the lock that it holds.
        let before = project.files();
        let holder = project.conn();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        for args in [&["migrate", "up"][..], &["migrate", "down"], &["migrate", "up", "--backup", "b.db"]] {
            let child = start(&project, args, "another process holds the lock, waiting up to 30 s");
            assert_eq!(interrupt(child, signal), Some(status), "{args:?}");
        }
        holder.execute_batch("ROLLBACK").unwrap();
        drop(holder);
        assert!(project.files() == before);
        project.expect(0, &["migrate", "up"]);
    }
}

#[test]
fn a_signal_in_a_rehearsal_removes_the_copy() {
    for (signal, status) in SIGNALS {
        let project = Project::two_tables();
        project.expect(0, &["migrate", "up"]);
        project.write("V3__endless.sql", ENDLESS);
        let before = project.files();
        let child = start(&project, &["migrate", "up", "--rehearse"], "applying V3__endless");
        assert_eq!(fs::read_dir(project.dir.path()).unwrap().count(), 3, "the copy is there meanwhile");
        assert_eq!(interrupt(child, signal), Some(status));
        assert_eq!(fs::read_dir(project.dir.path()).unwrap().count(), 2);
        assert!(project.files() == before);
    }
}

#[test]
fn a_signal_in_a_down_rolls_back() {
    let project = Project::two_tables();
    project.write("V2__b.down.sql", &format!("DROP TABLE b; {ENDLESS}"));
    project.expect(0, &["migrate", "up"]);
    for (option, word) in [("", "counting what reverting V2__b"), ("--allow-destructive", "reverting V2__b")]
    {
        let args = ["migrate", "down", "--backup", "b.db", option];
        let args: Vec<&str> = args.into_iter().filter(|arg| !arg.is_empty()).collect();
        let child = start(&project, &args, word);
        assert_eq!(interrupt(child, "-TERM"), Some(143));
        assert_eq!(project.column(TABLES), ["a", "b"]);
        assert!(!project.path("b.db").exists(), "nothing was done");
    }
    project.expect(0, &["migrate", "status", "--check"]);
}

/// A write beyond the limit ends a process that does not say otherwise.
#[test]
#[cfg(unix)]
fn a_limit_on_the_size_of_files_is_told_and_the_same_command_goes_on_without_it() {
    for mode in ["DELETE", "WAL"] {
        let project = Project::two_tables();
        project.sql(&format!("PRAGMA journal_mode = {mode}; CREATE TABLE seed(x)"));
        project.expect(0, &["migrate", "up"]);
        let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)";
        project.write(
            "V3__big.sql",
            &format!("CREATE TABLE big(x); {rows} INSERT INTO big SELECT hex(zeroblob(50)) FROM n;"),
        );
        project.write("V3__big.down.sql", "DROP TABLE big;");
        let limited = |args: &[&str]| {
            let mut command = harness::program("sh");
            let script = "ulimit -f 200 && exec \"$PLANCTL\" \"$@\"";
            command.current_dir(project.dir.path()).env("PLANCTL", harness::PLANCTL);
            command.args(["-c", script, "sh"]).args(args).output().unwrap()
        };
        let output = limited(&["migrate", "up"]);
        assert_eq!(output.status.code(), Some(2), "{mode}: {output:?}");
        assert!(stderr(&output).contains("files may not become larger (`ulimit -f`)"), "{}", stderr(&output));
        assert_eq!(project.json(0, &["migrate", "status"])["version"], 2, "{mode}");
        project.expect(0, &["migrate", "up"]);
        assert_eq!(project.column("SELECT count(*) || '' FROM big"), ["5000"]);
    }
}
