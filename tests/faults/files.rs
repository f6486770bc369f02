//! The law, for every command that writes files of a project: wherever it is killed, each file is whole or not there, nobody
//! takes the half for the whole, and the same command again ends where it would have ended.
//!
//! What is counted are the calls that synchronise, name and remove files, and what SQLite does to a database.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use rusqlite::Connection;

use crate::CHILD;
use crate::cases::state;
use crate::harness::{Project, Run, form, planctl};
use crate::vfs::{self, Fault};

struct Case {
    command: &'static str,
    prepare: fn(&Project),
}

const CASES: [Case; 9] = [
    Case { command: "migrate new something", prepare: |_| {} },
    Case { command: "migrate generate more", prepare: |project| extend_spec(project) },
    Case { command: "migrate squash --to 5", prepare: |_| {} },
    Case {
        command: "migrate renumber migrations/V7__tasks.sql",
        prepare: |project| take_back_a_version(project),
    },
    Case {
        command: "migrate adopt by_hand",
        prepare: |project| {
            project.ok(&["migrate", "up"]);
            project.sql("ALTER TABLE actions ADD COLUMN by_hand; CREATE TABLE also(a PRIMARY KEY)");
        },
    },
    Case {
        // With the name of what is pending, whose file it gets.
        command: "migrate adopt tasks --renumber-pending",
        prepare: |project| {
            project.ok(&["migrate", "up", "--to", "8"]);
            project.sql("ALTER TABLE actions ADD COLUMN by_hand");
        },
    },
    Case { command: "migrate import other --migrations new", prepare: |project| other_tool(project) },
    Case {
        command: "migrate import other --from sqlx --migrations new --db other.db",
        prepare: |project| {
            other_tool(project);
            let other = Connection::open(project.path("other.db")).unwrap();
            other.execute_batch(HISTORY_OF_SQLX).unwrap();
        },
    },
    Case {
        command: "init --db app.db --spec schema/ddl.sql --migrations steps",
        prepare: |project| {
            fs::remove_file(project.path("planctl.toml")).unwrap();
            let app = Connection::open(project.path("app.db")).unwrap();
            app.execute_batch("CREATE TABLE a(x PRIMARY KEY, y); CREATE INDEX i ON a(y)").unwrap();
        },
    },
];

const HISTORY_OF_SQLX: &str = "CREATE TABLE a(x INTEGER PRIMARY KEY); CREATE TABLE b(x);
    CREATE TABLE _sqlx_migrations(version BIGINT PRIMARY KEY, description TEXT NOT NULL,
        installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL,
        execution_time BIGINT NOT NULL);
    INSERT INTO _sqlx_migrations VALUES (1, 'a', '2026-01-01', TRUE, x'00', 1), (2, 'b', '2026-01-01', TRUE, x'00', 1)";

fn extend_spec(project: &Project) {
    let spec = fs::read_to_string(project.path("spec/ddl.sql")).unwrap();
    project
        .write("spec/ddl.sql", format!("{spec}\nCREATE TABLE more(a TEXT PRIMARY KEY, b TEXT NOT NULL);\n"));
}

fn take_back_a_version(project: &Project) {
    for ending in ["sql", "down.sql"] {
        let path = |version: u8| project.path(format!("migrations/V{version}__tasks.{ending}"));
        fs::rename(path(9), path(7)).unwrap();
    }
}

fn other_tool(project: &Project) {
    for (name, up, down) in [
        ("1_a", "CREATE TABLE a(x INTEGER PRIMARY KEY);", "DROP TABLE a;"),
        ("2_b", "CREATE TABLE b(x);", "DROP TABLE b;"),
    ] {
        project.write(&format!("other/{name}.up.sql"), up);
        project.write(&format!("other/{name}.down.sql"), down);
    }
}

impl Case {
    fn begin(&self) -> Project {
        let project = Project::shipped();
        (self.prepare)(&project);
        project
    }

    fn args(&self) -> Vec<&str> {
        self.command.split(' ').collect()
    }

    /// Runs it with a fault at the `n`th operation.
    fn run_with(&self, fault: Fault, project: &Project, n: u64) -> ExitStatus {
        Command::new(std::env::current_exe().unwrap())
            .args(["files::the_command_that_is_killed", "--exact", "--ignored"])
            .current_dir(project.dir.path())
            .env(CHILD, format!("{fault:?} {n} {}", self.command))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap()
    }

    /// Files and databases as they are when nobody kills it.
    fn end(&self) -> Content {
        let project = self.begin();
        project.ok(&self.args());
        content(project.dir.path())
    }

    fn settle(&self, project: &Project, end: &Content, begin: &Content, n: u64) {
        let what = format!("{}, killed at {n}", self.command);
        let left = content(project.dir.path());
        for (name, text) in left.iter().filter(|(name, _)| !name.contains("/.") && !name.starts_with('.')) {
            let is_whole = [end, begin].iter().any(|known| known.get(name) == Some(text));
            assert!(is_whole || name.ends_with(".db"), "{what}: {name} is half written");
        }
        let mark = left.iter().find(|(name, _)| name.ends_with(".planctl-change"));
        if mark.is_some_and(|(name, text)| name.contains('/') && text.ends_with(&["}".to_owned()])) {
            let folder = mark.unwrap().0.split_once('/').unwrap().0;
            let read =
                Run::of(&mut planctl(project.dir.path(), &["migrate", "lint", "--migrations", folder]));
            let said = format!("{folder} was left in the middle of `planctl ");
            assert!(read.status == 2 && read.stderr.contains(&said), "{what}: {}", read.stderr);
        }
        if left == *end {
            return;
        }
        let again = project.run(&self.args());
        assert_eq!(again.status, 0, "{what}: {}", again.stderr);
        let left = content(project.dir.path());
        let names = |content: &Content| content.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&left), names(end), "{what}");
        assert!(left == *end, "{what}: the next run ends elsewhere");
    }
}

/// How the child ends where there was no fault.
const OVER: i32 = 77;

/// The lines of each file, and what each database holds.
type Content = BTreeMap<String, Vec<String>>;

fn content(root: &Path) -> Content {
    let mut content = Content::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".db") {
                content.insert(name, state(&path));
            } else if !name.contains(".db-") {
                content.insert(name, fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect());
            }
        }
    }
    content
}

/// Not a test of its own: the process that [`Case::run_with`] starts.
#[test]
#[ignore = "it is started by the tests that kill it"]
fn the_command_that_is_killed() {
    let order = std::env::var(CHILD).expect("it is started by other tests");
    let [fault, n, command] = order.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap();
    let fault = if fault == "Kill" { Fault::Kill } else { Fault::DoneAndFails };
    let args: Vec<OsString> = ["planctl"].into_iter().chain(command.split(' ')).map(OsString::from).collect();
    vfs::register();
    vfs::arm(fault, n.parse().unwrap());
    let status = planctl::internals::cli::exit_status(&args);
    // More than it has: no fault happened.
    let is_over = vfs::disarm() < n.parse().unwrap();
    std::process::exit(if is_over { OVER } else { status.into() });
}

#[test]
fn a_killed_command_leaves_whole_files_and_ends_when_it_is_run_again() {
    for case in CASES {
        let end = case.end();
        let begin = content(case.begin().dir.path());
        let step = form(5, 1);
        let first = 1 + u64::from(std::process::id()) % step;
        let killed = (first..).step_by(usize::try_from(step).unwrap()).take_while(|&n| {
            let project = case.begin();
            let is_killed = case.run_with(Fault::Kill, &project, n).signal() == Some(9);
            case.settle(&project, &end, &begin, n);
            is_killed
        });
        let killed = killed.count();
        assert!(killed > 1, "{}: {killed}", case.command);
        eprintln!("{}: killed {killed} times", case.command);
    }
}

/// A COMMIT can fail and be there: the files that it recorded were taken back, and the database had a migration without one.
#[test]
fn a_commit_that_fails_and_is_there_all_the_same_takes_no_file_back() {
    let recording = |case: &&Case| ["adopt", "--db"].iter().any(|word| case.command.contains(word));
    for case in CASES.iter().filter(recording).take(form(1, 3)) {
        let end = case.end();
        let begin = content(case.begin().dir.path());
        let mut failed = 0;
        for n in 1.. {
            let project = case.begin();
            let status = case.run_with(Fault::DoneAndFails, &project, n).code();
            let left = content(project.dir.path());
            let done = if left == end {
                Some(0)
            } else if left == begin {
                Some(2)
            } else {
                None
            };
            assert!(done.is_some(), "{}, at {n}: {status:?}, neither before nor after", case.command);
            if status == Some(OVER) {
                break;
            }
            assert_eq!(status, done, "{}, at {n}", case.command);
            failed += u32::from(status == Some(2));
        }
        assert!(failed > 0, "{}", case.command);
    }
}
