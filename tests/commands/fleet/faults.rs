//! Everything that can be wrong with a database, in one fleet: each is named with its cause, all others are done, and the
//! next run does only what is left.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use super::*;
use crate::harness::process::{send, wait_for, wait_for_end, wait_for_handlers};
use crate::harness::{PLANCTL, program};

fn cause_of(document: &Value, name: &str) -> String {
    let mut failures = document["failures"].as_array().unwrap().iter();
    let is = |failure: &&Value| {
        failure["first"].as_array().unwrap().contains(&format!("tenants/{name}.db").into())
    };
    failures.find(is).unwrap_or_else(|| panic!("{name}: {document:#}"))["cause"].as_str().unwrap().to_owned()
}

#[test]
fn each_fault_is_named_with_its_cause_and_all_others_are_done() {
    let tenants = Tenants::at(2, 20);
    // The second half of the file: the header is sound.
    let mut bytes = fs::read(tenants.path("t03")).unwrap();
    let middle = bytes.len() / 2;
    bytes.truncate(middle);
    fs::write(tenants.path("t03"), bytes).unwrap();
    fs::write(tenants.path("t04"), "this is no database, it is a text of some length").unwrap();
    tenants.sql("t05", "UPDATE refinery_schema_history SET checksum = '1' WHERE version = 1");
    tenants.sql("t06", "CREATE TABLE users_by_name(drifted)");
    tenants.make("t07", 3);
    tenants.sql(
        "t07",
        "INSERT INTO refinery_schema_history VALUES (77, 'of_the_future', '2030-01-01T00:00:00Z', '1')",
    );
    let is_root = fs::write("/proc/sys/kernel/ostype", "").is_ok() || rustix_is_root();
    fs::set_permissions(tenants.path("t08"), fs::Permissions::from_mode(0o444)).unwrap();
    let held = tenants.open("t09");
    held.execute_batch("BEGIN EXCLUSIVE").unwrap();
    tenants.project.write("list.txt", "tenants/none.db\n");
    let line = ["tenants/none.db", "--max-failures", "100%", "--lock-timeout", "1s"];
    let document = tenants.json(2, &[&["up"], &line[..]].concat());
    for (name, cause) in [
        ("t03", "the database is damaged: database disk image is malformed"),
        ("t04", "the database is not a SQLite database"),
        ("t05", "version 1: its file was edited since it was applied"),
        ("t06", "migrations/V3__by_name.sql:1:"),
        ("t07", "version 77: it is applied, and has no file"),
        ("t09", "the database was locked by somebody else for 1 s"),
        ("none", "there is no database"),
    ] {
        assert!(cause_of(&document, name).starts_with(cause), "{name}: {}", cause_of(&document, name));
    }
    if !is_root {
        assert!(cause_of(&document, "t08").starts_with("the database is write-protected"));
    }
    let failed = if is_root { 7 } else { 8 };
    let migrated =
        document["groups"].as_array().unwrap().iter().find(|group| group["state"] == "migrated").unwrap();
    assert_eq!(migrated["databases"], 21 - failed, "{document:#}");
    assert!(!tenants.path("none").exists(), "a fleet makes no database");

    // Mended, only they are left.
    held.execute_batch("ROLLBACK").unwrap();
    drop(held);
    fs::set_permissions(tenants.path("t08"), fs::Permissions::from_mode(0o644)).unwrap();
    for name in ["t03", "t04", "t05", "t06", "t07"] {
        fs::remove_file(tenants.path(name)).unwrap();
        tenants.make(name, 2);
    }
    let document = tenants.json(0, &["up"]);
    let migrated =
        document["groups"].as_array().unwrap().iter().find(|group| group["state"] == "migrated").unwrap();
    assert_eq!(migrated["databases"], failed - 1);
}

fn rustix_is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)
}

#[test]
fn a_database_that_is_locked_for_a_while_is_done_in_the_end() {
    let tenants = Tenants::at(2, 4);
    let held = tenants.open("t01");
    held.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut child = tenants
        .project
        .command(&["fleet", "up", "tenants/*.db", "--jobs", "1", "--lock-timeout", "1h", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It is opened over and over, and the others wait for that.
    #[cfg(target_os = "linux")]
    for is_open in [true, false, true] {
        wait_for("another try", || (has_open(&child, &tenants.path("t01")) == is_open).then_some(()));
    }
    assert!(child.try_wait().unwrap().is_none());
    assert_eq!(tenants.version("t00"), 2, "nothing is begun before all is known");
    held.execute_batch("ROLLBACK").unwrap();
    drop(held);
    assert_eq!(wait_for_end(&mut child, "the lock is gone").code(), Some(0));
    assert_eq!((0..4).map(|n| tenants.version(&format!("t0{n}"))).collect::<Vec<_>>(), [3; 4]);
}

/// Whether a process has a file open.
#[cfg(target_os = "linux")]
fn has_open(child: &std::process::Child, file: &std::path::Path) -> bool {
    let file = fs::canonicalize(file).unwrap();
    let open = fs::read_dir(format!("/proc/{}/fd", child.id())).into_iter().flatten().flatten();
    open.filter_map(|entry| fs::read_link(entry.path()).ok()).any(|target| target == file)
}

/// A migration that takes its time in each database, and a file that tells how far it is.
fn slow(count: usize) -> Tenants {
    let tenants = Tenants::at(3, count);
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)";
    tenants.project.write(
        "migrations/V4__slow.sql",
        format!("CREATE TABLE slow(x);\n{rows} INSERT INTO slow SELECT i FROM n;\n"),
    );
    tenants.project.write("migrations/V4__slow.down.sql", "DROP TABLE slow;\n");
    tenants
}

#[test]
fn ctrl_c_lets_the_running_ones_finish_and_begins_no_other() {
    let tenants = slow(40);
    let mut child = tenants
        .project
        .command(&["fleet", "up", "tenants/*.db", "--jobs", "2", "--canary", "0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_handlers(&child);
    wait_for("a first one", || (tenants.version("t00") == 4 || tenants.version("t01") == 4).then_some(()));
    send(&child, "-INT");
    let status = wait_for_end(&mut child, "Ctrl-C");
    let versions: Vec<i64> = (0..40).map(|n| tenants.version(&format!("t{n:02}"))).collect();
    let done = versions.iter().filter(|version| **version == 4).count();
    // On a fast machine all may be done by then.
    if done < 40 {
        assert_eq!(status.code(), Some(130));
        for (number, version) in versions.iter().enumerate() {
            let rows: rusqlite::Result<i64> =
                tenants
                    .open(&format!("t{number:02}"))
                    .query_row("SELECT count(*) FROM slow", [], |row| row.get(0));
            assert_eq!(rows.ok(), (*version == 4).then_some(300_000));
        }
    }
    tenants.json(0, &["up"]);
    assert_eq!(tenants.json(0, &["status"])["groups"][0]["databases"], 40);
}

#[test]
fn a_killed_run_leaves_each_database_between_two_migrations_and_the_next_goes_on() {
    let tenants = slow(30);
    for _ in 0..3 {
        let before = (0..30).filter(|n| tenants.version(&format!("t{n:02}")) == 4).count();
        let mut child = tenants
            .project
            .command(&["fleet", "up", "tenants/*.db", "--jobs", "2"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for("some more", || {
            let now = (0..30).filter(|n| tenants.version(&format!("t{n:02}")) == 4).count();
            (now > before + 2 || now == 30).then_some(())
        });
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut left = 0;
    for number in 0..30 {
        let tenant = format!("t{number:02}");
        let conn = tenants.open(&tenant);
        let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        let rows: rusqlite::Result<i64> = conn.query_row("SELECT count(*) FROM slow", [], |row| row.get(0));
        let version = tenants.version(&tenant);
        assert_eq!(rows.ok(), (version == 4).then_some(300_000));
        left += usize::from(version == 3);
    }
    let document = tenants.json(0, &["up"]);
    let migrated = states(&document).iter().filter(|state| state.contains("migrated")).count();
    assert_eq!(migrated, left);
}

/// A limit on processes, which for a container is one on threads. It does not hold for the superuser: then the test runs planctl
/// as nobody, where nobody can run it.
#[test]
fn where_the_system_gives_no_further_thread_the_work_is_done_all_the_same() {
    use std::os::unix::process::CommandExt;
    let tenants = Tenants::at(2, 12);
    let open = |path: &std::path::Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    open(tenants.project.dir.path());
    open(&tenants.project.path("tenants"));
    (0..12).for_each(|number| open(&tenants.path(&format!("t{number:02}"))));
    for args in [&["fleet", "up", "--jobs", "8", "tenants/*.db"][..], &["migrate", "test"], &["check"]] {
        let mut command = program("bash");
        command.current_dir(tenants.project.dir.path()).env("PLANCTL", PLANCTL);
        command.args(["-c", "ulimit -u 1 && exec \"$PLANCTL\" \"$@\"", "bash"]).args(args);
        if rustix_is_root() {
            command.uid(65_534).gid(65_534);
        }
        // 126: nobody may not run planctl.
        let output = match command.output() {
            Ok(output) if output.status.code() != Some(126) => output,
            skipped => {
                eprintln!("skipped: {skipped:?}");
                return;
            }
        };
        assert_eq!(output.status.code(), Some(0), "{args:?}: {output:?}");
    }
    assert_eq!(tenants.json(0, &["status"])["groups"][0]["databases"], 12);
}
