//! `planctl migrate up` beside other runners, whole processes on the same SQL.
//!
//! ```text
//! cargo bench --bench migrate -- [--migrations N] [--rows N] [--rounds N] [--quick]
//! ```
//!
//! Three cases: 500 small migrations on an empty file; `up` when all of them are applied; a rebuild of a table of a
//! million rows as one migration (a copy with one more constraint, and its indexes). `--quick` takes 50 migrations and
//! 50,000 rows. Beside planctl run the `sqlite3` shell, which is given the same statements with one BEGIN and COMMIT
//! and one row of a history table for each migration, and where they are on PATH `refinery` and `sqlx` (as
//! `cargo install refinery_cli` and `cargo install sqlx-cli` leave them) and `alembic`; what is not there is said, and
//! left out. All have SQLite's own settings: a rollback journal and `synchronous = FULL`. planctl raises that to EXTRA, or a
//! power failure could take back what it has reported; the shell runs with EXTRA as well, for what that costs.
//!
//! The time on the wall is what a user waits for, and most of it is the disk's; CPU time says what a runner adds. Both are
//! told as the median with the lowest and the highest of the rounds, and as the ratio to the shell's median.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a bench fails by panicking")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rusqlite::Connection;

use self::support::process::{Runs, Usage, ms, on_path, planctl, run};

/// The call of one runner for a project and a database.
type Call = dyn Fn(&Project, &Path) -> Command;

/// Builds the call of a program for a project and a database.
type Build = fn(PathBuf, &Project, &Path) -> Command;

/// A folder of migrations, in the form that each runner reads.
struct Project {
    dir: PathBuf,
}

/// How one runner is called.
struct Contestant {
    name: &'static str,
    command: Box<Call>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let migrations = number("--migrations", if quick { 50 } else { 500 });
    let rows = number("--rows", if quick { 50_000 } else { 1_000_000 });
    let rounds = number("--rounds", if quick { 3 } else { 5 });
    let contestants = contestants();
    let folder = tempfile::tempdir().unwrap();

    let small: Vec<String> = (1..=migrations).map(small_migration).collect();
    let project = Project::create(&folder.path().join("small"), &small);
    let none = folder.path().join("none.db");
    measure(&format!("{migrations} migrations on an empty file"), &project, &contestants, rounds, |_, db| {
        let _ = fs::remove_file(db);
        let _ = fs::remove_file(&none);
    });
    let applied = folder.path().join("applied");
    fs::create_dir(&applied).unwrap();
    let runners: Vec<&Contestant> =
        contestants.iter().filter(|one| ![SHELL, DURABLE_SHELL].contains(&one.name)).collect();
    for one in &runners {
        let db = applied.join(one.name);
        fs::write(&db, "").unwrap();
        assert_eq!(run(&mut (one.command)(&project, &db)).status, Some(0), "{}", one.name);
    }
    measure(&format!("up with {migrations} applied"), &project, &runners, rounds, |name, db| {
        fs::copy(applied.join(name), db).unwrap();
    });

    let project = Project::create(&folder.path().join("rebuild"), &[REBUILD.to_owned()]);
    let full = folder.path().join("full.db");
    fill(&full, rows);
    measure(&format!("a rebuild of {rows} rows"), &project, &contestants, rounds.min(3), |_, db| {
        fs::copy(&full, db).unwrap();
    });
}

const SHELL: &str = "sqlite3 shell";
const DURABLE_SHELL: &str = "shell, EXTRA";

fn contestants() -> Vec<Contestant> {
    let mut all: Vec<Contestant> = vec![Contestant {
        name: "planctl",
        command: Box::new(|project, db| {
            let mut command = planctl();
            command.args(["-q", "migrate", "up", "--db"]).arg(db);
            command.arg("--migrations").arg(project.dir.join("planctl"));
            command
        }),
    }];
    let mut add = |program: &str, name, build: Build| {
        if let Some(program) = on_path(program) {
            let command = Box::new(move |project: &Project, db: &Path| build(program.clone(), project, db));
            all.push(Contestant { name, command });
        }
    };
    add("sqlite3", SHELL, |program, project, db| {
        let mut command = Command::new(program);
        command.arg("-bail").arg(db).arg(format!(".read {}", project.dir.join("all.sql").display()));
        command
    });
    add("sqlite3", DURABLE_SHELL, |program, project, db| {
        let mut command = Command::new(program);
        command.arg("-bail").arg(db).arg("PRAGMA synchronous = EXTRA");
        command.arg(format!(".read {}", project.dir.join("all.sql").display()));
        command
    });
    add("refinery", "refinery", |program, project, db| {
        let config = db.with_extension("toml");
        let text = format!("[main]\ndb_type = \"Sqlite\"\ndb_path = {:?}\n", db.display().to_string());
        fs::write(&config, text).unwrap();
        if !db.exists() {
            fs::write(db, "").unwrap();
        }
        let mut command = Command::new(program);
        command.arg("migrate").arg("-c").arg(config).arg("-p").arg(project.dir.join("planctl"));
        command
    });
    add("sqlx", "sqlx", |program, project, db| {
        let mut command = Command::new(program);
        let url = format!("sqlite://{}?mode=rwc", db.display());
        command.args(["migrate", "run", "--source"]).arg(project.dir.join("sqlx"));
        command.arg("--database-url").arg(url);
        command
    });
    add("alembic", "alembic", |program, project, db| {
        let ini = db.with_extension("ini");
        let scripts = project.dir.join("alembic");
        let text = format!(
            "[alembic]\nscript_location = {}\nsqlalchemy.url = sqlite:///{}\n",
            scripts.display(),
            db.display()
        );
        fs::write(&ini, text).unwrap();
        let mut command = Command::new(program);
        command.arg("-c").arg(ini).args(["upgrade", "head"]);
        command
    });
    all
}

impl Project {
    fn create(dir: &Path, migrations: &[String]) -> Project {
        for runner in ["planctl", "sqlx", "alembic/versions"] {
            fs::create_dir_all(dir.join(runner)).unwrap();
        }
        let mut all = "CREATE TABLE history(version int4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255));\n".to_owned();
        for (sql, version) in migrations.iter().zip(1..) {
            fs::write(dir.join(format!("planctl/V{version}__step.sql")), sql).unwrap();
            fs::write(dir.join(format!("sqlx/{version:04}_step.sql")), sql).unwrap();
            let statements: Vec<String> = sql
                .split_inclusive(";\n")
                .map(|statement| format!("    op.execute({statement:?})\n"))
                .collect();
            let before = if version == 1 { "None".to_owned() } else { format!("'{}'", version - 1) };
            let script = format!(
                "from alembic import op\nrevision = '{version}'\ndown_revision = {before}\n\ndef upgrade():\n{}",
                statements.concat()
            );
            fs::write(dir.join(format!("alembic/versions/v{version}.py")), script).unwrap();
            all.push_str(&format!(
                "BEGIN IMMEDIATE;\n{sql}INSERT INTO history VALUES ({version}, 'step', '2027-01-01T00:00:00Z', '1234567890123456789');\nCOMMIT;\n"
            ));
        }
        fs::write(dir.join("all.sql"), all).unwrap();
        fs::write(dir.join("alembic/env.py"), ALEMBIC_ENV).unwrap();
        Project { dir: dir.to_owned() }
    }
}

/// What `alembic init` writes, with one transaction for each migration.
const ALEMBIC_ENV: &str = "from alembic import context
from sqlalchemy import create_engine
engine = create_engine(context.config.get_main_option('sqlalchemy.url'))
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
";

fn small_migration(n: u64) -> String {
    format!(
        "CREATE TABLE t{n} (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '', parent INTEGER, state TEXT CHECK (state IN ('a', 'b')));
CREATE INDEX t{n}_parent ON t{n} (parent);
INSERT INTO t{n} (id, name, state) VALUES (1, 'one', 'a');
"
    )
}

const REBUILD: &str = "CREATE TABLE plans_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '', state TEXT, parent INTEGER, body TEXT);
INSERT INTO plans_new (id, name, state, parent, body) SELECT id, coalesce(name, ''), state, parent, body FROM plans;
DROP TABLE plans;
ALTER TABLE plans_new RENAME TO plans;
CREATE INDEX plans_state ON plans (state);
CREATE INDEX plans_parent ON plans (parent);
";

fn fill(db: &Path, rows: u64) {
    let conn = Connection::open(db).unwrap();
    conn.execute_batch(&format!(
        "CREATE TABLE plans (id INTEGER PRIMARY KEY, name TEXT, state TEXT, parent INTEGER, body TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
         INSERT INTO plans SELECT i, CASE WHEN i % 10 THEN 'plan ' || i END, 'state ' || (i % 5), i / 7, hex(randomblob(40)) FROM n;
         CREATE INDEX plans_state ON plans (state);
         CREATE INDEX plans_parent ON plans (parent);"
    ))
    .unwrap();
}

fn measure<C: std::borrow::Borrow<Contestant>>(
    what: &str,
    project: &Project,
    contestants: &[C],
    rounds: u64,
    prepare: impl Fn(&str, &Path),
) {
    let mut runs = vec![Runs::default(); contestants.len()];
    for _ in 0..rounds {
        for (one, runs) in contestants.iter().zip(&mut runs) {
            let one: &Contestant = one.borrow();
            let db = project.dir.join("run.db");
            prepare(one.name, &db);
            let used = run(&mut (one.command)(project, &db));
            assert_eq!(used.status, Some(0), "{}: {what}", one.name);
            runs.0.push(used);
        }
    }
    println!("{what}");
    let shell = contestants.iter().position(|one| one.borrow().name == SHELL).unwrap_or(0);
    let middle = |runs: &Runs, by: fn(&Usage) -> Duration| ms(runs.spread(by)[1]);
    for (one, all) in contestants.iter().zip(&runs) {
        let told = |by: fn(&Usage) -> Duration| {
            let [low, median, high] = all.spread(by).map(ms);
            let ratio = median / middle(&runs[shell], by);
            format!("{median:>8.1} ms ({low:.1}–{high:.1}), ratio {ratio:.2}")
        };
        println!(
            "  {:14} wall {}   cpu {}",
            one.borrow().name,
            told(|used| used.wall),
            told(|used| used.cpu)
        );
    }
}
