//! Opening: what is no database is named; reading leaves no trace.

use super::*;

#[test]
fn what_cannot_be_opened_is_named_with_its_reason() {
    let project = Project::two_tables();
    fs::write(
        project.path("text.db"),
        "-- not a database, but long enough to have a header of its own, one would say\n".repeat(20),
    )
    .unwrap();
    fs::create_dir(project.path("folder.db")).unwrap();
    project.expect(0, &["migrate", "up"]);
    let whole = fs::read(project.db()).unwrap();
    fs::write(project.path("short.db"), &whole[..whole.len() / 2]).unwrap();
    fs::write(project.path("header.db"), &whole[..50]).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere/y.db", project.path("nowhere.db")).unwrap();
    let mut garbled = whole.clone();
    garbled[100..1000].fill(0xaa);
    fs::write(project.path("garbled.db"), garbled).unwrap();
    for (db, message) in [
        ("text.db", "text.db is not a SQLite database"),
        ("folder.db", "folder.db is a folder, not a database"),
        ("short.db", "short.db is damaged"),
        ("header.db", "header.db is damaged"),
        ("garbled.db", "garbled.db is damaged"),
        ("nowhere/x.db", "the folder nowhere does not exist"),
        #[cfg(unix)]
        ("nowhere.db", "the folder nowhere does not exist"),
    ] {
        for command in ["status", "up", "down"] {
            let before = project.files();
            let output = project.run(&["migrate", command, "--db", db]);
            // A database that is not there yet is no trouble for `status`.
            if db.starts_with("nowhere") && command == "status" {
                continue;
            }
            assert_eq!(output.status.code(), Some(2), "{command} {db}");
            assert!(stderr(&output).contains(message), "{command} {db}: {}", stderr(&output));
            assert_eq!(project.files(), before, "{command} {db}");
        }
    }
    let missing = stderr(&project.expect(2, &["migrate", "down", "--db", "missing.db"]));
    assert!(missing.contains("there is no database missing.db"), "{missing}");
    assert!(!project.path("missing.db").exists());
}

/// SQLite says only that it cannot open the file, and permissions were blamed for it.
#[cfg(unix)]
#[test]
fn a_path_that_is_too_long_for_sqlite_is_told_as_such() {
    let project = Project::two_tables();
    let deep = [["d".repeat(200), "e".repeat(200), "f".repeat(200)].join("/"), "x.db".to_owned()].join("/");
    fs::create_dir_all(project.path(&deep).parent().unwrap()).unwrap();
    for (db, help) in [
        (deep.as_str(), "SQLite opens paths of up to 504 bytes, and this one has "),
        (&"n".repeat(250), "give it a shorter name: SQLite keeps a file beside it"),
    ] {
        let said = stderr(&project.expect(2, &["migrate", "up", "--db", db]));
        assert!(said.contains(help) && !said.contains("permissions"), "{said}");
    }
    let fits = "n".repeat(240);
    project.expect(0, &["migrate", "up", "--db", &fits]);
}

#[test]
fn an_empty_file_is_an_empty_database() {
    let project = Project::two_tables();
    fs::write(project.db(), "").unwrap();
    assert_eq!(project.json(0, &["migrate", "status"])["pending"], 2);
    assert_eq!(fs::read(project.db()).unwrap(), b"");
    project.expect(0, &["migrate", "up"]);
}

/// Files of the folder before and after a `status` that must succeed and know of version 2.
fn assert_no_trace(project: &Project, what: &str) {
    let before = project.files();
    let status = project.json(0, &["migrate", "status"]);
    assert_eq!(status["version"], 2, "{what}");
    let (now, then) = (project.files(), before);
    let names = |files: &BTreeMap<String, (Vec<u8>, SystemTime)>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&now), names(&then), "{what}");
    // The index of a log in use is shared memory, not content.
    for (name, content) in then.iter().filter(|(name, _)| !name.ends_with("-shm")) {
        assert!(now.get(name) == Some(content), "{what}: {name} changed");
    }
}

#[test]
fn reading_leaves_no_trace_whatever_state_the_log_is_in() {
    let project = Project::two_tables();
    project.sql("PRAGMA journal_mode = WAL; CREATE TABLE seed(x)");
    project.expect(0, &["migrate", "up"]);
    assert_no_trace(&project, "closed properly");
    fs::write(beside(&project.db(), "-wal"), "").unwrap();
    assert_no_trace(&project, "an empty log");
    fs::remove_file(beside(&project.db(), "-wal")).unwrap();

    let writer = project.conn();
    writer.execute_batch("PRAGMA wal_autocheckpoint = 0; CREATE TABLE later(x)").unwrap();
    assert_no_trace(&project, "in use");

    #[cfg(unix)]
    {
        let linked = Project::two_tables();
        std::os::unix::fs::symlink(project.db(), linked.db()).unwrap();
        assert_eq!(
            linked.json(0, &["migrate", "status"])["schema"],
            "changed",
            "the log is beside the file itself"
        );
        assert_eq!(linked.files().len(), 1);
    }

    // A copy of database and log, as a backup script makes it.
    let copy = Project::two_tables();
    fs::copy(project.db(), copy.db()).unwrap();
    fs::copy(beside(&project.db(), "-wal"), beside(&copy.db(), "-wal")).unwrap();
    assert_no_trace(&copy, "a log without its index");
    let changed = copy.json(0, &["migrate", "status"]);
    assert_eq!(changed["schema"], "changed", "the log is read, too");
}

/// SQLite removes a log beside an empty file when it opens that, also for reading. Found by fuzzing.
#[test]
fn reading_an_empty_file_does_not_remove_the_log_beside_it() {
    for index in [false, true] {
        for log in ["", "\u{1}", "not a log at all, and longer than the header of one"] {
            let project = Project::two_tables();
            fs::write(project.db(), "").unwrap();
            fs::write(beside(&project.db(), "-wal"), log).unwrap();
            if index {
                fs::write(beside(&project.db(), "-shm"), "").unwrap();
            }
            let before = project.files();
            assert_eq!(project.json(0, &["migrate", "status"])["version"], serde_json::Value::Null);
            assert!(project.files() == before, "a log of {} bytes, index: {index}", log.len());
        }
    }
}

#[test]
#[cfg(unix)]
fn a_hot_journal_is_explained_to_readers_and_rolled_back_by_writers() {
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up"]);
    let writer = project.conn();
    writer
        .execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; CREATE TABLE big(x);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO big SELECT randomblob(900) FROM n")
        .unwrap();
    let crashed = Project::two_tables();
    fs::copy(beside(&project.db(), "-journal"), beside(&crashed.db(), "-journal")).unwrap();
    fs::copy(project.db(), crashed.db()).unwrap();
    drop(writer);
    let said = stderr(&crashed.expect(2, &["migrate", "status"]));
    assert!(said.contains("was left in the middle of a write"), "{said}");
    assert!(
        said.contains("any program that opens it for writing repairs it: `planctl migrate up`"),
        "{said}"
    );
    crashed.expect(0, &["migrate", "up"]);
    crashed.expect(0, &["migrate", "status", "--check"]);
    assert_eq!(crashed.column(TABLES), ["a", "b"]);
    assert_no_trace(&crashed, "rolled back");
}

#[test]
fn any_file_name_will_do() {
    for name in ["a b?c%20#d&mode=ro.db", "o'brien \"x\".db", "déjà.db", "file:x.db", "-.db"] {
        let project = Project::two_tables();
        let db = format!("./{name}");
        Connection::open(project.path(name))
            .unwrap()
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE s(x)")
            .unwrap();
        project.expect(0, &["migrate", "up", "--db", &db]);
        let before = project.files();
        assert_eq!(project.json(0, &["migrate", "status", "--db", &db])["version"], 2, "{name}");
        assert_eq!(project.files(), before, "{name}");
    }
}

#[cfg(unix)]
fn protect(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs planctl as somebody who may not do everything. The superuser may: then that is nobody, and `None`, with a word, where
/// nobody cannot run it.
#[cfg(unix)]
fn without_privileges(project: &Project, args: &[&str]) -> Option<Output> {
    use std::os::unix::process::CommandExt;
    let closed = tempfile::NamedTempFile::new().unwrap();
    protect(closed.path(), 0o444);
    let superuser = fs::File::options().write(true).open(closed.path()).is_ok();
    let mut command = project.command(args);
    if superuser {
        command.uid(65_534).gid(65_534);
    }
    let output = command.output();
    if output.is_err() {
        eprintln!("skipped: this user may do anything, and nobody may not run planctl");
    }
    output.ok()
}

/// The log of a database that is in use may be another user's, whoever the database itself belongs to.
#[test]
#[cfg(unix)]
fn what_is_kept_beside_a_database_and_may_not_be_read_or_written_is_named() {
    let project = Project::two_tables();
    project.sql("PRAGMA journal_mode = WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, p, r)");
    project.expect(0, &["migrate", "up", "--to", "1"]);
    let writer = project.conn();
    writer.execute_batch("PRAGMA wal_autocheckpoint = 0; INSERT INTO t VALUES (1, NULL, NULL)").unwrap();
    let beside = |suffix| beside(&project.db(), suffix);
    protect(&project.db(), 0o666);
    protect(project.dir.path(), 0o777);
    let backfill = &["backfill", "--table", "t", "--id", "id", "--parent", "p", "--root", "r"][..];
    let both = "check the permissions of the file, of planctl.db-wal and planctl.db-shm beside it, and of their folder";
    for (wal, shm, args, said) in [
        (
            0,
            0o666,
            &["migrate", "status"][..],
            "planctl.db cannot be read without planctl.db-wal: permission denied",
        ),
        (0, 0o666, &["migrate", "up"], both),
        (
            0o666,
            0,
            &["migrate", "status"],
            "planctl.db cannot be read without planctl.db-shm: permission denied",
        ),
        (0o666, 0, &["migrate", "down"], both),
        (0o444, 0o666, &["migrate", "up"], both),
        (0o444, 0o666, backfill, both),
        (0o444, 0o666, backfill, "planctl.db cannot be written"),
    ] {
        protect(&beside("-wal"), wal);
        protect(&beside("-shm"), shm);
        let Some(output) = without_privileges(&project, args) else { return };
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(stderr(&output).contains(said), "{args:?} with {wal:o} and {shm:o}: {}", stderr(&output));
    }
    drop(writer);
    protect(&project.db(), 0o666);
    project.expect(0, &["migrate", "up"]);
}

#[test]
#[cfg(unix)]
fn a_write_protected_database_is_read_and_named_when_it_is_to_be_written() {
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up", "--to", "1"]);
    protect(&project.db(), 0o444);
    protect(project.dir.path(), 0o755);
    let before = project.files();
    let run = |args: &[&str]| without_privileges(&project, args);
    let Some(status) = run(&["migrate", "status", "--format", "json"]) else { return };
    assert_eq!(status.status.code(), Some(0), "{}", stderr(&status));
    for args in
        [&["migrate", "up"][..], &["migrate", "down"], &["migrate", "baseline", "--to", "2", "--force"]]
    {
        let output = run(args).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(stderr(&output).contains("planctl.db is write-protected"), "{args:?} {}", stderr(&output));
    }
    // A rehearsal needs a place that can be written, and no more.
    let rehearsal = run(&["migrate", "up", "--rehearse"]).unwrap();
    assert_eq!(rehearsal.status.code(), Some(2));
    assert!(stderr(&rehearsal).contains("--rehearse=DIR"), "{}", stderr(&rehearsal));
    fs::create_dir(project.path("free")).unwrap();
    protect(&project.path("free"), 0o777);
    let rehearsal = run(&["migrate", "up", "--rehearse=free"]).unwrap();
    assert_eq!(rehearsal.status.code(), Some(0), "{}", stderr(&rehearsal));
    assert!(project.files() == before);
}

/// SQLite looks for a log and a journal under the name by which it opened the file: what is in one under another name is
/// nowhere, and an audit was of an old state without a word.
#[test]
#[cfg(unix)]
fn a_file_with_another_name_is_warned_of_once_in_each_command_that_opens_it() {
    const WARNING: &str = "warning: planctl.db has more than one name (hard links)";
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up", "--to", "1"]);
    let spec = "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT);";
    fs::write(project.path("spec.sql"), spec).unwrap();
    let audit = &["audit", "--spec", "spec.sql"][..];
    for args in [audit, &["migrate", "status", "-v"], &["migrate", "up", "--dry-run"]] {
        let said = stderr(&project.expect(0, args));
        assert!(!said.contains("warning"), "{args:?}: {said}");
    }
    fs::hard_link(project.db(), project.path("other.db")).unwrap();
    let other = Connection::open(project.path("other.db")).unwrap();
    other.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE elsewhere(x)").unwrap();
    for args in [
        audit,
        &["migrate", "status", "-v"],
        &["migrate", "up", "--dry-run"],
        &["schema", "dump", "planctl.db"],
        &["migrate", "up"],
        &["migrate", "down", "--allow-destructive"],
    ] {
        let said = stderr(&project.expect(0, args));
        assert_eq!(said.matches(WARNING).count(), 1, "{args:?}: {said}");
    }
    let quiet = project.expect(0, &["-q", "migrate", "status"]);
    assert_eq!(stderr(&quiet), "");
    // What the warning advises.
    other.close().unwrap();
    fs::remove_file(project.path("other.db")).unwrap();
    std::os::unix::fs::symlink("planctl.db", project.path("other.db")).unwrap();
    for db in ["planctl.db", "other.db"] {
        let said = stderr(&project.expect(0, &["migrate", "status", "--db", db]));
        assert!(!said.contains("warning"), "{db}: {said}");
    }
}

/// SQLite only says that it cannot open a file, and the permissions were to be checked.
#[test]
#[cfg(unix)]
fn too_many_open_files_are_told_whichever_file_it_is_that_cannot_be_opened() {
    const ADVICE: &str = "raise the limit on open files, `ulimit -n`";
    let mut refused = 0;
    for mode in ["DELETE", "WAL"] {
        for args in [&["migrate", "up"][..], &["migrate", "up", "--backup", "b.db"], &["migrate", "status"]] {
            // Standard streams, and one file more each time.
            for limit in 4..16 {
                let project = Project::two_tables();
                project.sql(&format!("PRAGMA journal_mode = {mode}; CREATE TABLE seed(x)"));
                let in_use = project.conn();
                in_use.execute_batch("INSERT INTO seed VALUES (1)").unwrap();
                let mut command = harness::program("sh");
                let script = format!("ulimit -n {limit} && exec \"$PLANCTL\" \"$@\"");
                command.current_dir(project.dir.path()).env("PLANCTL", harness::PLANCTL);
                let output = command.args(["-c", &script, "sh"]).args(args).output().unwrap();
                let said = stderr(&output);
                // The program itself is loaded from several files.
                if output.status.code() == Some(127) {
                    continue;
                }
                let ended_well = output.status.code() == Some(0);
                let told = said.contains("too many files are open") && said.contains(ADVICE);
                assert!(ended_well || told, "{mode} {args:?} {limit}: {said}");
                refused += usize::from(!ended_well);
            }
        }
    }
    assert!(refused > 3, "no limit was low enough: {refused}");
}

/// A migration looked for it, a backfill did not: its rows were in the database that the link led to before.
#[test]
#[cfg(unix)]
fn a_link_that_leads_elsewhere_when_a_backfill_is_to_be_committed_is_noticed() {
    use std::os::unix::fs::symlink;
    let project = Project::two_tables();
    let real = |name: &str| {
        let conn = Connection::open(project.path(name)).unwrap();
        conn.execute_batch(
            "CREATE TABLE p(id TEXT PRIMARY KEY, up TEXT, root TEXT); INSERT INTO p(id) VALUES ('a')",
        )
        .unwrap();
        conn
    };
    let (first, second) = (real("first.db"), real("second.db"));
    symlink("first.db", project.db()).unwrap();
    first.execute_batch("BEGIN IMMEDIATE").unwrap();
    let args = ["backfill", "--table", "p", "--id", "id", "--parent", "up", "--root", "root"];
    let child = signals::start(&project, &args, "another process holds the lock");
    symlink("second.db", project.path("new.db")).unwrap();
    fs::rename(project.path("new.db"), project.db()).unwrap();
    first.execute_batch("ROLLBACK").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = fs::read_to_string(project.path("migrations/log.txt")).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("planctl.db was moved, removed or replaced while planctl wrote to it"), "{said}");
    for conn in [&first, &second] {
        assert_eq!(column(conn, "SELECT count(root) || '' FROM p"), ["0"]);
    }
    fs::remove_file(project.path("migrations/log.txt")).unwrap();
    project.expect(0, &args);
    assert_eq!(column(&second, "SELECT root FROM p"), ["a"]);
}
