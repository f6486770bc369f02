//! Hostile input. The law: whatever is in a database file or a spec, a command that reads ends in time, with exit status 0,
//! 1 or 2 and without a panic; changes nothing, not even a time stamp; runs nothing that the database holds, and opens no
//! other file; and prints nothing that could move the cursor, colour, reorder or forge a line, in any format.
//!
//! Every hostile database meets every command that reads (in the short form every other one), and is made a migration of. `PLANCTL_HOSTILE=all` takes 10,000
//! tables, 3,000 tables in a circle of foreign keys and 20,000 views on views instead of 100, 100 and 250 (in the long
//! form 400, 400 and 1,000).
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../generators/mod.rs"]
mod generators;
#[path = "../harness/mod.rs"]
mod harness;

mod bad_input;
mod databases;
mod fuzz;
mod law;
mod signals;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::process::{Command, Stdio};

use databases::{DATABASES, Database, FORGERIES};
use law::{faults, timed};
use rusqlite::Connection;

use crate::harness::{Project, form};

const BACKFILL: &str = "backfill --dry-run --table t --id a --parent parent --root root";

/// Every command that reads a database. New ones belong here.
const COMMANDS: [&str; 34] = [
    "audit --format table",
    "audit --format json",
    "audit --format markdown",
    "audit --format github",
    "audit --format sarif",
    "audit --format junit",
    "audit --format html",
    "audit --data --color always",
    "migrate status",
    "migrate status --format json",
    "migrate up --dry-run",
    "schema dump planctl.db",
    "schema dump planctl.db --format json",
    "schema docs planctl.db",
    "schema docs planctl.db --format html",
    "schema docs planctl.db --format json",
    "report list",
    "report list --format json",
    "report run objects",
    "report run objects --format json",
    "report run objects --format csv",
    "report run objects --format markdown --param like=%",
    "report run rows",
    "report run rows --format json",
    "report run text --format json --param text=\u{1b}[2J\u{202e}x\n::error\u{20}file=forged",
    "sample load --dry-run",
    "sample load --plans 3 --dry-run",
    "sample load --plans 3 --dry-run --format json",
    "migrate up --dry-run --format json",
    "schema diff planctl.db spec/ddl.sql",
    "schema diff spec/ddl.sql planctl.db --format html",
    "schema diff spec/ddl.sql planctl.db --sql --allow-destructive",
    BACKFILL,
    "backfill --dry-run --table t --id a --parent parent --root root --format json",
];

/// A project with a small spec and a migration, and a FIFO that hangs whoever opens it.
fn project() -> Project {
    let project = Project::empty();
    project.write("spec/ddl.sql", "CREATE TABLE t(a INTEGER PRIMARY KEY, parent TEXT, root TEXT, b TEXT);\nCREATE VIEW v AS SELECT a FROM t;\n");
    project.write("migrations/V1__one.sql", "CREATE TABLE one(a);\n");
    project.write("migrations/V1__one.down.sql", "DROP TABLE one;\n");
    project.write(
        "spec/reports/objects.sql",
        "-- title: Objects\n-- param: like text = '%'\nSELECT * FROM sqlite_schema WHERE name LIKE :like;\n",
    );
    project.write("spec/reports/rows.sql", "-- title: Rows\nSELECT * FROM t LIMIT 100;\n");
    project.write(
        "spec/reports/text.sql",
        "-- title: A text\n-- param: text text\nSELECT :text AS \"a\u{202e}b\";\n",
    );
    for name in ["evil", "evil.so"] {
        let made = Command::new("mkfifo").arg(project.path(name)).status().unwrap();
        assert!(made.success());
    }
    project
}

/// Names and bytes.
type Entries = Vec<(String, Vec<u8>)>;

/// What must not change: the folder's entries, the bytes of its files (a FIFO cannot be read), and the time stamp and
/// place of the database.
fn picture(project: &Project) -> (Entries, (i64, i64, u64)) {
    let mut entries = Vec::new();
    let mut open = vec![project.dir.path().to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = path.symlink_metadata().unwrap().file_type();
            if kind.is_dir() {
                open.push(path.clone());
            }
            let bytes = if kind.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
            entries.push((path.display().to_string(), bytes));
        }
    }
    entries.sort();
    let stamp =
        fs::metadata(project.path("planctl.db")).map_or((0, 0, 0), |m| (m.mtime(), m.mtime_nsec(), m.ino()));
    (entries, stamp)
}

/// In the short form every third one, the name of the database says which.
fn meets_every_command(name: &str, project: &Project, wrong: &mut Vec<String>) {
    let step = form(3, 1);
    for command in COMMANDS.into_iter().skip(name.len() % step).step_by(step) {
        let before = picture(project);
        let args: Vec<&str> = command.split(' ').collect();
        let ended = timed(&mut project.command(&args));
        for fault in faults(command, &ended) {
            wrong.push(format!("{name}: planctl {command}: {fault}"));
        }
        let after = picture(project);
        if before != after {
            let names = |picture: &[(String, Vec<u8>)]| {
                picture.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()
            };
            wrong.push(format!("{name}: planctl {command}: writes {:?} {:?}", names(&after.0), after.1));
        }
        if std::env::var_os("PLANCTL_HOSTILE_TIMES").is_some() {
            eprintln!("{:>8.2?} {:?} {name}: {command}", ended.took, ended.status);
        }
    }
}

/// A migration is made of what the database holds, or none: proven, or refused with a word. Nothing else is written.
fn is_generated(name: &str, project: &Project, wrong: &mut Vec<String>) {
    let (spec, command) = ("spec/dumped.sql", "migrate generate closing --db none.db --spec spec/dumped.sql");
    let dumped = timed(&mut project.command(&["schema", "dump", "planctl.db", "-o", spec]));
    if dumped.status != Some(0) {
        return;
    }
    let before = picture(project);
    let args: Vec<&str> = command.split(' ').chain(["--allow-destructive"]).collect();
    let ended = timed(&mut project.command(&args));
    for fault in faults(command, &ended) {
        wrong.push(format!("{name}: planctl {command}: {fault}"));
    }
    let made =
        ["migrations/V2__closing.sql", "migrations/V2__closing.down.sql"].map(|file| project.path(file));
    if ended.status != Some(0) && made.iter().any(|file| file.exists()) {
        wrong.push(format!("{name}: planctl {command}: {:?}, and wrote it", ended.status));
    }
    made.iter().filter(|file| file.exists()).for_each(|file| fs::remove_file(file).unwrap());
    if before != picture(project) {
        wrong.push(format!("{name}: planctl {command}: writes something else"));
    }
    if std::env::var_os("PLANCTL_HOSTILE_TIMES").is_some() {
        eprintln!("{:>8.2?} {:?} {name}: {command}", ended.took, ended.status);
    }
    // Rows for other tables than it has.
    for command in ["sample load", "sample load --plans 3"] {
        refused(project, command, "", wrong);
    }
}

/// The databases of one of `of` parts: the tests run side by side.
fn part(one: usize, of: usize) {
    let mut wrong = Vec::new();
    for Database { name, make } in DATABASES.iter().skip(one).step_by(of) {
        let project = project();
        make(&project.path("planctl.db"));
        meets_every_command(name, &project, &mut wrong);
        is_generated(name, &project, &mut wrong);
    }
    assert!(wrong.is_empty(), "{} faults\n{}", wrong.len(), wrong.join("\n"));
}

/// Ends with a message and leaves everything as it is.
fn refused(project: &Project, command: &str, says: &str, wrong: &mut Vec<String>) {
    let before = picture(project);
    let args: Vec<&str> = command.split(' ').collect();
    let ended = timed(&mut project.command(&args));
    wrong.extend(faults(command, &ended).into_iter().map(|fault| format!("planctl {command}: {fault}")));
    let stderr = String::from_utf8_lossy(&ended.stderr).into_owned();
    if ended.status != Some(2) || !stderr.contains(says) {
        wrong.push(format!("planctl {command}: {:?} {stderr}", ended.status));
    }
    if picture(project) != before {
        wrong.push(format!("planctl {command}: something was written"));
    }
}

#[test]
fn only_regular_files_are_opened() {
    let project = project();
    let mut wrong = Vec::new();
    symlink("evil", project.path("link")).unwrap();
    symlink("/dev/zero", project.path("zero")).unwrap();
    for file in ["evil", "link", "zero", "/dev/zero", "/dev/null", "/dev/tty", "/proc/self/fd/0"] {
        for command in ["audit", "migrate status", "migrate up --dry-run", "migrate up", BACKFILL] {
            if fs::metadata(project.path(file)).is_ok() {
                refused(&project, &format!("{command} --db {file}"), "is not a regular file", &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A named pipe was waited for, and a device filled the memory, wherever a text was to be read.
#[test]
fn a_text_is_a_regular_file_or_what_a_shell_hands_over() {
    let project = project();
    let mut wrong = Vec::new();
    fs::File::create(project.path("huge")).unwrap().set_len(1 << 40).unwrap();
    let reading = [
        "audit --scratch --spec FILE",
        "audit --scratch --deviations FILE",
        "audit --scratch --baseline FILE",
        "audit --scratch --config FILE",
        "schema dump FILE",
        "schema diff FILE migrations",
        "fleet status --from FILE",
        "check --models FILE",
        "check --docs FILE",
    ];
    for (file, says) in [
        ("evil", "is not a regular file"),
        ("/dev/zero", "is not a regular file"),
        ("huge", "larger than 2 GiB"),
    ] {
        for command in reading {
            let args = command.replace("FILE", file);
            let ended = timed(&mut project.command(&args.split(' ').collect::<Vec<_>>()));
            let said = [ended.stdout, ended.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
            if ended.status != Some(2) || !said.concat().contains(says) {
                wrong.push(format!("planctl {args}: {:?} {said:?}", ended.status));
            }
        }
    }
    fs::remove_file(project.path("huge")).unwrap();
    symlink("../evil", project.path("migrations/V2__two.sql")).unwrap();
    refused(&project, "migrate status", "V2__two.sql: it is not a regular file", &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for args in
        ["schema dump /dev/stdin", "schema dump /dev/fd/0", "schema diff /proc/self/fd/0 spec/ddl.sql"]
    {
        let mut command = project.command(&args.split(' ').collect::<Vec<_>>());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&fs::read(project.path("spec/ddl.sql")).unwrap()).unwrap();
        assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0), "{args}");
    }
    assert!(project.command(&["schema", "dump", "/dev/null"]).output().unwrap().status.success());
}

#[test]
fn a_link_is_followed_and_stays_what_it_is() {
    let project = project();
    fs::create_dir(project.path("elsewhere")).unwrap();
    let file = project.path("elsewhere/real.db");
    Connection::open(&file).unwrap().execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t(a)").unwrap();
    symlink("elsewhere/real.db", project.path("planctl.db")).unwrap();
    let mut wrong = Vec::new();
    meets_every_command("a link", &project, &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The database as a killed writer leaves it: the files are copied while the writer is still there.
fn left_behind(journal: &str, suffixes: &[&str]) -> Project {
    let project = project();
    let source = tempfile::tempdir().unwrap();
    let file = source.path().join("x.db");
    let conn = Connection::open(&file).unwrap();
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = {journal}; PRAGMA cache_size = 2; CREATE TABLE t(a INTEGER PRIMARY KEY, parent TEXT, root TEXT);\
         INSERT INTO t(root) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT hex(zeroblob(50)) FROM n;\
         BEGIN; UPDATE t SET root = hex(zeroblob(60))"
    ))
    .unwrap();
    for suffix in ["", "-wal", "-shm", "-journal"].iter().filter(|suffix| suffixes.contains(*suffix)) {
        fs::copy(source.path().join(format!("x.db{suffix}")), project.path(format!("planctl.db{suffix}")))
            .unwrap();
    }
    project
}

#[test]
fn a_log_or_journal_that_was_left_behind_stays_as_it_is() {
    let mut wrong = Vec::new();
    for (name, journal, suffixes) in [
        ("a hot journal", "DELETE", &["", "-journal"][..]),
        ("a log", "WAL", &["", "-wal"]),
        ("a database without its log", "WAL", &[""]),
    ] {
        meets_every_command(name, &left_behind(journal, suffixes), &mut wrong);
    }
    // With a database cut off, and with a log or journal that belongs to something else.
    for (name, suffix, bytes) in [
        ("a journal of noise", "-journal", vec![0xd9; 4_096]),
        ("a log of noise", "-wal", vec![0x37; 40_000]),
        ("an empty log", "-wal", Vec::new()),
    ] {
        let project = left_behind("DELETE", &["", "-journal"]);
        fs::remove_file(project.path("planctl.db-journal")).unwrap();
        project.write(&format!("planctl.db{suffix}"), bytes);
        meets_every_command(name, &project, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_hostile_specification_is_read_and_does_no_harm() {
    let mut wrong = Vec::new();
    let open = "(".repeat(100_000);
    let deep = format!("CREATE TABLE t(a CHECK ({}1{}));", "(".repeat(90_000), ")".repeat(90_000));
    let sum = format!("CREATE TABLE t(a, CHECK ({}));", vec!["a"; 2_000].join("+"));
    let union = format!("CREATE VIEW v AS {};", vec!["SELECT 1"; 2_000].join(" UNION "));
    let million = format!("CREATE TABLE t(a DEFAULT '{}');", "x".repeat(1_000_000));
    let forged = FORGERIES.iter().map(|name| name.replace('"', "\"\"")).collect::<Vec<_>>().join("\" x, \"");
    let forged = format!("CREATE TABLE t(\"{forged}\" x);\nCREATE TABLE \u{1b}[2J\u{202e}(;\n");
    let specs: [(&str, &str, Option<i32>); 16] = [
        ("open parentheses", &open, Some(2)),
        ("deep parentheses", &deep, None),
        ("an expression too deep", &sum, Some(2)),
        ("a union too long", &union, None),
        ("a million bytes", &million, None),
        ("forgeries", &forged, Some(2)),
        ("another file", "ATTACH 'written' AS x; CREATE TABLE x.t(a);", Some(2)),
        ("a copy", "CREATE TABLE t(a); VACUUM INTO 'written';", Some(2)),
        ("an extension", "SELECT load_extension('./evil');", Some(2)),
        (
            "an extension's default",
            "CREATE TABLE t(a DEFAULT (load_extension('./evil'))); INSERT INTO t DEFAULT VALUES;",
            Some(2),
        ),
        (
            "a folder for temporary files",
            "PRAGMA temp_store_directory = '/nowhere'; CREATE TABLE t(a);",
            None,
        ),
        ("a file to read", "CREATE TABLE t(a); INSERT INTO t SELECT readfile('evil');", None),
        ("a file behind a table", "CREATE VIRTUAL TABLE t USING csv(filename = 'evil');", None),
        ("a tokenizer", "SELECT fts3_tokenizer('x', x'0000000000000000');", None),
        (
            "its own schema",
            "PRAGMA writable_schema = ON; CREATE TABLE t(a); UPDATE sqlite_schema SET sql = 'x', rootpage = 1;",
            None,
        ),
        ("a circle", "CREATE VIEW a AS SELECT * FROM b; CREATE VIEW b AS SELECT * FROM a;", None),
    ];
    for (name, text, status) in specs {
        let project = project();
        project.sql("CREATE TABLE t(a)");
        project.write("spec/ddl.sql", text);
        for command in [
            "audit",
            "audit --format github",
            "audit --scratch --format json",
            "check",
            "schema diff planctl.db spec/ddl.sql",
        ] {
            let before = picture(&project);
            let args: Vec<&str> = command.split(' ').collect();
            let ended = timed(&mut project.command(&args));
            wrong.extend(
                faults(command, &ended).into_iter().map(|fault| format!("{name}: {command}: {fault}")),
            );
            if status.is_some() && ended.status != status {
                wrong.push(format!(
                    "{name}: {command}: {:?} {}",
                    ended.status,
                    String::from_utf8_lossy(&ended.stderr)
                ));
            }
            if picture(&project) != before {
                wrong.push(format!("{name}: {command}: something was written"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_hostile_database_neither_runs_nor_forges_nor_hangs_anything() {
    part(0, 2);
}

#[test]
fn a_hostile_database_neither_runs_nor_forges_nor_hangs_anything_either() {
    part(1, 2);
}
