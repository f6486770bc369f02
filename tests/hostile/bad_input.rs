//! Bad input, through the real binary. The law: exit status 2; on stderr what is wrong, where, and what to do; on stdout
//! nothing, or the one JSON document; and the folder is, byte for byte, what it was.
//!
//! The messages themselves are in the snapshots, each with the commands that give it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::harness::{Project, Run};

const BACKFILL: &str = "backfill --table v3_plans --id plan_id --parent parent_plan_id --root root_plan_id";
const BACKFILL_DRY: &str =
    "backfill --dry-run --table v3_plans --id plan_id --parent parent_plan_id --root root_plan_id";

/// Every command that reads a database.
const ON_DATABASES: [&str; 10] = [
    "migrate status",
    "migrate up",
    "migrate up --dry-run",
    "migrate down",
    "migrate down --dry-run",
    "audit",
    "audit --data",
    "schema dump planctl.db",
    BACKFILL,
    BACKFILL_DRY,
];

/// Every command that reads migrations, and those that run them.
const ON_FILES: [&str; 6] = [
    "migrate up",
    "migrate up --dry-run",
    "migrate status",
    "audit --scratch",
    "check",
    "schema dump migrations",
];
const THAT_RUN: [&str; 4] =
    ["migrate up", "migrate up --dry-run", "audit --scratch", "schema dump migrations"];

/// A file name that is not UTF-8.
fn not_utf8(name: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(name))
}

/// The messages of the cases so far, and what was wrong with them.
#[derive(Default)]
struct Shown {
    messages: String,
    faults: Vec<String>,
}

impl Shown {
    /// Every one of these command lines has to be refused.
    fn case(&mut self, name: &str, project: &Project, commands: &[&str]) {
        let commands = commands.iter().map(|line| line.split(' ').map(OsString::from).collect());
        self.lines(name, project, commands.collect(), &[]);
    }

    fn lines(&mut self, name: &str, project: &Project, commands: Vec<Vec<OsString>>, env: &[(&str, &str)]) {
        let mut messages: Vec<(String, Vec<String>)> = Vec::new();
        for args in commands {
            let line = args.iter().map(|arg| arg.to_string_lossy()).collect::<Vec<_>>().join(" ");
            let before = project.picture();
            let run = |args: &[OsString]| Run::of(project.command(args).envs(env.iter().copied()));
            let plain = run(&args);
            let json = run(&[&args[..], &["--format".into(), "json".into()]].concat());
            let message = without_progress(&plain.stderr);
            for fault in [faults(&line, &plain, &json, &message), before.changes(&project.picture())].concat()
            {
                self.faults.push(format!("{name}: planctl {line}: {fault}"));
            }
            let short = line.split(" --table").next().unwrap().to_owned();
            match messages.iter_mut().find(|(known, _)| *known == message) {
                Some((_, lines)) => lines.push(short),
                None => messages.push((message, vec![short])),
            }
        }
        for (message, lines) in messages {
            self.messages.push_str(&format!("━━ {name} ━━ {}\n{message}\n", lines.join(" · ")));
        }
    }

    /// The messages, when the law held for all of them.
    fn all(self) -> String {
        assert!(self.faults.is_empty(), "{}", self.faults.join("\n"));
        self.messages
    }
}

/// Where the two runs of a command line break the law.
fn faults(line: &str, plain: &Run, json: &Run, message: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut law = |holds: bool, what: String| {
        if !holds {
            faults.push(what);
        }
    };
    law(plain.status == 2, format!("exit status {}", plain.status));
    // The gate shows what it could do without the file.
    let rest = line.starts_with("check") && plain.stdout.contains("not run");
    law(
        plain.stdout.is_empty() || rest,
        format!("on stdout: {}", plain.stdout.lines().last().unwrap_or_default()),
    );
    law(message.starts_with("error: ") && !message.contains("panicked"), format!("on stderr: {message}"));
    law(json.status == 2, format!("exit status {} with JSON", json.status));
    let Ok(document) = serde_json::from_str::<Value>(&json.stdout) else {
        law(false, format!("no document: {}", json.stdout));
        return faults;
    };
    law(document["outcome"] == "trouble", format!("outcome {}", document["outcome"]));
    law(
        document["run_id"].as_str().is_some_and(|id| id.len() == 26),
        format!("run_id {}", document["run_id"]),
    );
    law(
        document["command"].as_str().is_some_and(|name| line.starts_with(name)),
        document["command"].to_string(),
    );
    let told = document["error"]["message"].as_str().unwrap_or_default();
    let first = told.lines().next().unwrap_or_default();
    law(!first.is_empty() && message.starts_with(&format!("error: {first}")), format!("JSON says: {told}"));
    faults
}

/// The messages as the snapshot has them, without the times at which the tests ran.
macro_rules! assert_messages {
    ($shown:expr) => {
        insta::with_settings!({filters => vec![(r"\d{4}-\d\d-\d\dT[\d:]{8}Z", "[time]")]}, {
            insta::assert_snapshot!($shown.all())
        })
    };
}

/// What was under way is told before the error.
fn without_progress(stderr: &str) -> String {
    let at = stderr.find("error: ").unwrap_or(0);
    stderr[at..].to_owned()
}

/// The shipped project at its newest version.
fn migrated() -> Project {
    let project = Project::shipped();
    project.ok(&["migrate", "up"]);
    project
}

fn damaged(change: impl FnOnce(&mut Vec<u8>)) -> Project {
    let project = migrated();
    let mut bytes = fs::read(project.path("planctl.db")).unwrap();
    change(&mut bytes);
    project.write("planctl.db", bytes);
    project
}

#[test]
fn what_is_no_database_is_refused() {
    let mut shown = Shown::default();
    let project = Project::shipped();
    // `up` makes a missing database, and `status` says that there is none yet.
    let needing_one: Vec<&str> =
        ON_DATABASES.into_iter().filter(|c| !c.contains("up") && !c.contains("status")).collect();
    shown.case("no database", &project, &needing_one);
    shown.case(
        "no database in no folder",
        &project,
        &["migrate up --db none/plan.db", "audit --db none/plan.db"],
    );
    fs::create_dir(project.path("planctl.db")).unwrap();
    shown.case("a folder", &project, &ON_DATABASES);
    let project = Project::shipped();
    project.write(
        "planctl.db",
        "This is a text file and no database, although it has more than a hundred bytes. ".repeat(99),
    );
    shown.case("a text file", &project, &ON_DATABASES);
    project.write("planctl.db", "short\n");
    shown.case("a short text file", &project, &ON_DATABASES);
    fs::remove_file(project.path("planctl.db")).unwrap();
    symlink("planctl.db", project.path("planctl.db")).unwrap();
    shown.case("a link to itself", &project, &ON_DATABASES);
    for url in [
        "postgres://localhost/plans",
        "jdbc:sqlite:planctl.db",
        "libsql:plans.db",
        "sqlite::memory:",
        "file:planctl.db?mode=memory",
        "sqlite:planctl.db?cache=shared",
        "sqlite:",
    ] {
        let line = format!("audit --db {url}");
        shown.case("another kind of database", &Project::shipped(), &[&line]);
    }
    assert_messages!(shown);
}

#[test]
fn a_damaged_database_is_refused() {
    let mut shown = Shown::default();
    shown.case("cut off inside the header", &damaged(|bytes| bytes.truncate(60)), &ON_DATABASES);
    shown.case("cut off inside the first page", &damaged(|bytes| bytes.truncate(1000)), &ON_DATABASES);
    shown.case("cut off behind the first page", &damaged(|bytes| bytes.truncate(4096)), &ON_DATABASES);
    shown.case("a header overwritten", &damaged(|bytes| bytes[..16].fill(b'x')), &ON_DATABASES);
    shown.case("a first page overwritten", &damaged(|bytes| bytes[100..4096].fill(0xa5)), &ON_DATABASES);
    shown.case("a file format of the future", &damaged(|bytes| bytes[18..20].fill(9)), &ON_DATABASES);
    for (name, sql) in [
        (
            "a statement that is none",
            "UPDATE sqlite_schema SET sql = 'CREATE TABLE tasks (' WHERE name = 'tasks'",
        ),
        (
            "a page that is not there",
            "UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 'idx_tasks_status'",
        ),
        ("a kind that is none", "UPDATE sqlite_schema SET type = 'tabel' WHERE name = 'tasks'"),
    ] {
        let project = migrated();
        project.sql(&format!("PRAGMA writable_schema = ON; {sql}"));
        shown.case(&format!("a damaged schema: {name}"), &project, &ON_DATABASES);
    }
    assert_messages!(shown);
}

#[test]
fn a_locked_database_is_refused_when_the_time_is_up() {
    let mut shown = Shown::default();
    // Outside of the folder that is looked at: to close a file drops every lock that this process has on it.
    let outer = migrated();
    let project = Project { dir: tempfile::tempdir_in(outer.dir.path()).unwrap() };
    for folder in ["migrations", "spec"] {
        symlink(outer.path(folder), project.path(folder)).unwrap();
    }
    let before = fs::read(outer.path("planctl.db")).unwrap();
    let holder = outer.open();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let lines: Vec<String> = ON_DATABASES
        .into_iter()
        .filter(|line| !line.starts_with("schema"))
        .map(|line| format!("{line} --db ../planctl.db --lock-timeout 50ms"))
        .collect();
    shown.case("locked", &project, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    drop(holder);
    assert!(fs::read(outer.path("planctl.db")).unwrap() == before);
    assert_messages!(shown);
}

#[test]
fn a_history_that_cannot_be_is_refused() {
    let mut shown = Shown::default();
    for (name, sql) in [
        (
            "a time that is none",
            "UPDATE refinery_schema_history SET applied_on = 'yesterday' WHERE version = 3",
        ),
        ("a checksum that is none", "UPDATE refinery_schema_history SET checksum = 'abc' WHERE version = 3"),
        ("a version that is none", "UPDATE refinery_schema_history SET version = 'x' WHERE version = 3"),
        ("other columns", "ALTER TABLE refinery_schema_history DROP COLUMN checksum"),
    ] {
        let project = migrated();
        project.sql(sql);
        let lines = [
            "migrate status",
            "migrate up",
            "migrate up --dry-run",
            "migrate down",
            "migrate down --dry-run",
        ];
        shown.case(name, &project, &lines);
    }
    assert_messages!(shown);
}

/// A project of two small migrations, the first of them applied.
fn small() -> Project {
    let project = Project::empty();
    project.write("migrations/V1__a.sql", "CREATE TABLE a (\n    x TEXT NOT NULL\n);\n");
    project.write("migrations/V1__a.down.sql", "DROP TABLE a;\n");
    project.write("spec/ddl.sql", "CREATE TABLE a (\n    x TEXT NOT NULL\n);\n");
    project.ok(&["migrate", "up"]);
    project
}

#[test]
fn migration_files_that_cannot_be_are_refused_before_anything_runs() {
    let mut shown = Shown::default();
    let project = small();
    fs::rename(project.path("migrations"), project.path("elsewhere")).unwrap();
    shown.case("no folder", &project, &ON_FILES);
    project.write("migrations", "a file");
    shown.case("a file in place of the folder", &project, &ON_FILES);
    fs::remove_file(project.path("migrations")).unwrap();
    symlink("migrations", project.path("migrations")).unwrap();
    shown.case("a link to itself in place of the folder", &project, &ON_FILES);

    for (name, file) in [
        ("a fraction as version", "V2.1__b.sql"),
        ("a lower-case v", "v2__b.sql"),
        ("an underscore for the dot", "V1__a_down.sql"),
        ("an undo file of another tool", "U1__a.sql"),
        ("a way there of another tool", "000002_b.up.sql"),
        ("a way back of another tool", "000002_b.down.sql"),
        ("a folder for each migration", "2026-01-31-093000_b/down.sql"),
        ("a repeatable migration of another tool", "R__b.sql"),
        ("another ending", "V2__b.SQL"),
        ("one underscore", "V2_b.sql"),
        ("a dash", "V2__b-c.sql"),
        ("the same version twice", "V1__other.sql"),
        ("the same version in other digits", "V01__a.sql"),
        ("a version that is too large", "V9223372036854775808__b.sql"),
        ("its base with the next version", "V2__a_down.sql"),
        ("a down without its up", "V7__b.down.sql"),
        ("no name", "V2__.sql"),
    ] {
        let project = small();
        project.write(&format!("migrations/{file}"), "CREATE TABLE b (x);\n");
        shown.case(name, &project, &ON_FILES);
    }
    let project = small();
    project.write(
        "migrations/V2__b.sql",
        "-- migrate:up\nCREATE TABLE b (x);\n\n-- migrate:down\nDROP TABLE b;\n",
    );
    shown.case("both ways in one file", &project, &ON_FILES);
    let project = small();
    project.write("migrations/old/V2__b.sql", "CREATE TABLE b (x);\n");
    shown.case("a folder in the folder", &project, &ON_FILES);
    let project = small();
    fs::create_dir(project.path("migrations/V2__b.sql")).unwrap();
    shown.case("a folder with the name of a migration", &project, &ON_FILES);
    let project = small();
    symlink("V2__b.sql", project.path("migrations/V2__b.sql")).unwrap();
    shown.case("a link to itself", &project, &ON_FILES);
    let project = small();
    fs::write(project.path("migrations").join(not_utf8(b"V2__b\xff.sql")), "CREATE TABLE b (x);\n").unwrap();
    shown.case("a name that is not UTF-8", &project, &ON_FILES);

    for (name, content) in [
        ("content that is not UTF-8", &b"CREATE TABLE b (\n  x DEFAULT '\xff'\n);\n"[..]),
        ("a NUL byte", b"CREATE TABLE b (x);\n\0CREATE TABLE c (x);\n"),
        ("an unknown directive", b"\n-- planctl:backfil root-ancestor table=a\n"),
        ("a directive without its columns", b"-- planctl:backfill root-ancestor table=a\n"),
        (
            "a directive with an unknown value",
            b"-- planctl:backfill root-ancestor table=a id=x parent=x root=x on-cycle=maybe\n",
        ),
    ] {
        let project = small();
        project.write("migrations/V2__b.sql", content);
        shown.case(name, &project, &ON_FILES);
    }
    assert_messages!(shown);
}

#[test]
fn a_migration_that_fails_is_shown_where_it_failed() {
    let mut shown = Shown::default();
    for (name, content) in [
        ("a syntax error", "CREATE TABLE b (x);\nCREATE TABL c (x);\n"),
        ("a syntax error, with CRLF", "CREATE TABLE b (x);\r\nCREATE TABL c (x);\r\n"),
        ("a syntax error, behind a byte order mark", "\u{feff}CREATE TABLE b (x);\nCREATE TABL c (x);\n"),
        ("a statement without its end", "CREATE TABLE b (\n    x TEXT,\n"),
        ("a table that is not there", "INSERT INTO nowhere VALUES (1);\n"),
        ("a string without its end", "INSERT INTO a VALUES ('x);\n"),
        ("its own transaction", "BEGIN;\nCREATE TABLE b (x);\nCOMMIT;\n"),
        ("another database", "ATTACH 'other.db' AS other;\n"),
        ("a VACUUM", "VACUUM;\n"),
        (
            "a reference to nothing",
            "CREATE TABLE b (x REFERENCES a (x));\nINSERT INTO a VALUES ('1');\nINSERT INTO b VALUES ('2');\n",
        ),
        ("a data step on nothing", "-- planctl:backfill root-ancestor table=b id=x parent=y root=z\n"),
    ] {
        let project = small();
        project.write("migrations/V2__b.sql", content);
        project.write("migrations/V2__b.down.sql", "SELECT 1;\n");
        shown.case(name, &project, &THAT_RUN);
        // For the gate it is a finding.
        let (document, status) = project.json(&["check"]);
        assert_eq!((status, &document["outcome"]), (1, &json!("findings")), "{name}");
        assert!(document["findings"].to_string().contains("migrations/V2__b.sql"), "{name}: {document:#}");
        // The same as the first migration, where the database would be new: it is not left behind.
        fs::remove_file(project.path("planctl.db")).unwrap();
        project.write("migrations/V1__a.sql", content);
        project.write("migrations/V1__a.down.sql", "SELECT 1;\n");
        let before = project.picture();
        assert_eq!(project.run(&["migrate", "up"]).status, 2, "{name}");
        before.assert_same(&project.picture(), name);
    }

    let project = small();
    project.write("migrations/V2__b.sql", "CREATE TABLE b (x);\n");
    project.write("migrations/V2__b.down.sql", "DROP TABLE b;\nDROP TABLE b;\n");
    project.ok(&["migrate", "up"]);
    shown.case("a down that fails", &project, &["migrate down", "migrate down --dry-run"]);
    fs::remove_file(project.path("migrations/V2__b.down.sql")).unwrap();
    shown.case("a version that is not there", &project, &["migrate up --to 5", "migrate down --to 5"]);

    let project = small();
    project.write("migrations/V2__b.sql", "CREATE TABLE b (x);\n");
    project.ok(&["migrate", "up"]);
    shown.case("no down", &project, &["migrate down", "migrate down --to 0", "migrate down --dry-run"]);
    let other = small();
    other.write("migrations/V1__a.sql", "CREATE TABLE a (x);\n");
    shown.case("edited", &other, &["migrate up", "migrate up --dry-run"]);
    fs::rename(other.path("migrations/V1__a.sql"), other.path("migrations/V2__b.sql")).unwrap();
    fs::remove_file(other.path("migrations/V1__a.down.sql")).unwrap();
    shown.case("missing", &other, &["migrate up", "migrate up --dry-run"]);
    project.write("migrations/V3__c.sql", "CREATE TABLE c (x);\n");
    project.ok(&["migrate", "up"]);
    fs::remove_file(project.path("migrations/V2__b.sql")).unwrap();
    shown.case("missing in the middle", &project, &["migrate up"]);
    assert_messages!(shown);
}

#[test]
fn a_spec_or_a_ledger_that_cannot_be_is_refused_with_its_place() {
    let mut shown = Shown::default();
    let both = ["audit", "audit --scratch", "check"];
    let project = small();
    fs::remove_file(project.path("spec/ddl.sql")).unwrap();
    shown.case("no spec", &project, &both);
    fs::create_dir(project.path("spec/ddl.sql")).unwrap();
    shown.case("a folder in place of the spec", &project, &both);
    for (name, content) in [
        ("a syntax error in the spec", &b"CREATE TABLE a (x);\nCREATE TABL b (x);\n"[..]),
        (
            "a syntax error in the spec, with CRLF and a byte order mark",
            b"\xef\xbb\xbfCREATE TABLE a (x);\r\nCREATE TABL b (x);\r\n",
        ),
        ("an unfinished spec", b"CREATE TABLE a (\n    x TEXT\n"),
        ("a table twice", b"CREATE TABLE a (x);\nCREATE TABLE A (x);\n"),
        ("a spec that attaches", b"ATTACH 'x.db' AS x;\n"),
        ("a spec that is not UTF-8", b"CREATE TABLE a (x DEFAULT '\xff');\n"),
        ("a NUL byte in the spec", b"CREATE TABLE a (x);\n\0"),
    ] {
        let project = small();
        project.write("spec/ddl.sql", content);
        shown.case(name, &project, &both);
    }
    for (name, content) in [
        ("a ledger that is not TOML", "[[deviation]\nrule = 1\n"),
        ("an unknown section", "[[deviations]]\nrule = 'pragma'\n"),
        ("an unknown key", "[[deviation]]\nrule = 'pragma'\nreson = 'x'\n"),
        ("a key of another type", "[[deviation]]\nrule = 7\n"),
        ("an unknown rule", "[[deviation]]\nrule = 'missing-colum'\nreason = 'x'\n"),
        ("no reason", "[[deviation]]\nrule = 'missing-column'\ntable = 'a'\n"),
        ("a date that is none", "[[deviation]]\nrule = 'missing-column'\nreason = 'x'\nexpires = 'soon'\n"),
        ("a rename of what is not there", "[[rename]]\ntable = 'aa'\nlive = 'b'\nreason = 'x'\n"),
    ] {
        let project = small();
        project.write("spec/ddl.sql", "CREATE TABLE a (x TEXT NOT NULL);\nCREATE TABLE b (x);\n");
        project.write("spec/deviations.toml", content);
        shown.case(name, &project, &both);
    }
    let project = small();
    shown.case(
        "no ledger where one is named",
        &project,
        &["audit --deviations none.toml", "check --deviations none.toml"],
    );
    shown.case("a baseline that is not there", &project, &["audit --baseline none.json"]);
    project.write("baseline.json", "{");
    shown.case("a baseline that is none", &project, &["audit --baseline baseline.json"]);
    assert_messages!(shown);
}

#[test]
fn settings_that_cannot_be_are_refused_with_their_place() {
    let mut shown = Shown::default();
    let all = ["migrate status", "audit", "check", "migrate new x"];
    for (name, content) in [
        ("not TOML", &b"db = planctl.db\n"[..]),
        ("an unknown key", b"db = 'planctl.db'\nmigration = 'm'\n"),
        ("a section", b"[migrate]\nto = 3\n"),
        ("a number", b"sqlite-version = 3.40\n"),
        ("an empty value", b"spec = ''\n"),
        ("a key twice", b"db = 'a'\ndb = 'b'\n"),
        ("not UTF-8", b"db = '\xff'\n"),
        ("a NUL byte", b"db = 'a'\n\0\n"),
        ("CRLF and a byte order mark", b"\xef\xbb\xbfdb = 'a'\r\ndbs = 'b'\r\n"),
    ] {
        let project = small();
        project.write("planctl.toml", content);
        shown.case(name, &project, &all);
    }
    let project = small();
    shown.case("no settings file", &project, &["audit --config none.toml"]);
    shown.case("a folder as settings file", &project, &["audit --config spec"]);
    project.write(
        "planctl.toml",
        "db = 'postgres://localhost/plans'\nsqlite-version = 'new'\nspec = 'none.sql'\n",
    );
    shown.case("values that cannot be", &project, &["audit", "audit --scratch", "migrate lint", "check"]);
    fs::remove_file(project.path("planctl.toml")).unwrap();
    for (name, value, line) in [
        ("PLANCTL_DB", "postgres://localhost/plans", "audit"),
        ("PLANCTL_DB", "none.db", "audit"),
        ("PLANCTL_MIGRATIONS", "none", "migrate status"),
        ("PLANCTL_SPEC", "none.sql", "audit"),
        ("PLANCTL_DEVIATIONS", "none.toml", "audit"),
        ("PLANCTL_SQLITE_VERSION", "new", "migrate lint"),
    ] {
        let args = line.split(' ').map(OsString::from).collect();
        shown.lines(&format!("{name}={value}"), &project, vec![args], &[(name, value)]);
    }
    for args in [
        "audit --db= ",
        "audit --spec= ",
        "audit --fail-on sometimes",
        "migrate up --to x",
        "migrate down --steps 0",
        "migrate down --to 1 --steps 1",
        "migrate up --lock-timeout 5x",
        "migrate up --lock-timeout -5s",
        "migrate lint --sqlite-version 2",
        "backfill --table a",
        "backfill --table a --id x --parent x --root x --on-cycle maybe",
        "audit --scratch --data",
        "migrate new ../x",
        "migrate new x/y",
        "audit -o none/out.json",
        "audit -o spec",
    ] {
        let args = args.trim_end().split(' ').map(OsString::from).collect();
        shown.lines("arguments", &project, vec![args], &[]);
    }
    assert_messages!(shown);
}

/// A file whose name is not UTF-8 is a file like any other.
#[test]
fn a_database_whose_name_is_not_utf8_works() {
    let project = Project::shipped();
    let db = not_utf8(b"pl\xe4n.db").into_os_string();
    for line in ["migrate up", "migrate status", "audit", "migrate down"] {
        let mut args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        args.extend(["--db".into(), db.clone()]);
        let run = project.run(&args);
        assert_eq!(run.status, 0, "{line}: {}", run.stderr);
    }
    assert!(project.path(Path::new(&db)).is_file());
}
