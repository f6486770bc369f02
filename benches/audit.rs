//! What an audit costs, beside its peers: `sqldiff --schema` on the same pair of schemas, and Alembic's `check`.
//!
//! ```text
//! cargo bench --bench audit -- [TABLES…] [--rows] [--migrations] [--rounds=N]      default: 10 100 500 2000, 10 rounds
//! ```
//!
//! Each pair has TABLES tables and as many indexes, views and triggers again, and differs in three places. The
//! specification is spelled differently from the database (case, white space, comments, quotes) in every statement;
//! in "other parentheses" it has those and the clauses in another order as well, and in "same text" it stands letter by
//! letter as in the database. `--rows` measures on a database with 2 GB
//! of rows besides, `--migrations` where the database was made by a folder of as many migrations and every table differs:
//! what is said of them takes the folder as well. Bar: from 100 tables on at most the CPU time of sqldiff, the same for each table, however many
//! there are, and no growth with rows. Peers that are not on PATH are left out with a word.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

#[path = "../tests/generators/dice.rs"]
#[allow(dead_code, unreachable_pub)]
mod dice;
#[path = "../tests/generators/respell.rs"]
#[allow(unreachable_pub)]
mod respell;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use dice::Dice;
use rusqlite::Connection;
use support::process::{Runs, in_turns, on_path, planctl, run};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut sizes: Vec<usize> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![10, 100, 500, 2000];
    }
    let rounds = args.iter().find_map(|arg| arg.strip_prefix("--rounds=")?.parse().ok()).unwrap_or(10);
    let (sqldiff, alembic) = (on_path("sqldiff"), on_path("alembic"));
    let folder = tempfile::tempdir().unwrap();
    println!(
        "CPU time (user and system) of whole processes: median (lowest–highest) of {rounds} runs in turns"
    );
    if args.iter().any(|arg| arg == "--migrations") {
        for tables in &sizes {
            beside_migrations(&folder.path().join(format!("beside {tables}")), *tables, rounds);
        }
        return;
    }
    for tables in &sizes {
        let pair = Pair::make(&folder.path().join(tables.to_string()), *tables);
        pair.compare(sqldiff.as_deref(), alembic.as_deref(), rounds);
    }
    if args.iter().any(|arg| arg == "--rows") {
        let pair = Pair::make(&folder.path().join("rows"), 100);
        pair.with_rows(rounds);
    }
}

/// A specification and a database that differ in three places.
struct Pair {
    folder: PathBuf,
    tables: usize,
}

impl Pair {
    fn make(folder: &Path, tables: usize) -> Pair {
        std::fs::create_dir(folder).unwrap();
        let live = script(tables, false);
        let spec = script(tables, true);
        let names: HashSet<String> =
            spec.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_lowercase).collect();
        std::fs::write(folder.join("same.sql"), &live).unwrap();
        let other = otherwise(&spec);
        for (file, script) in [("spec.sql", &spec), ("other.sql", &other)] {
            std::fs::write(folder.join(file), respell::respell(script, &names, &mut Dice::new(1))).unwrap();
        }
        for (file, script) in [("live.db", &live), ("spec.db", &spec), ("other.db", &other)] {
            let conn = Connection::open(folder.join(file)).unwrap();
            conn.execute_batch(&format!("PRAGMA foreign_keys = OFF; BEGIN; {script}; COMMIT")).unwrap();
        }
        Pair { folder: folder.to_owned(), tables }
    }

    fn audit(&self, spec: &str) -> Command {
        let mut command = planctl();
        command.current_dir(&self.folder).args(["audit", "--db", "live.db", "--spec", spec]);
        command
    }

    fn compare(&self, sqldiff: Option<&Path>, alembic: Option<&Path>, rounds: usize) {
        // A difference is exit status 1 to planctl, and none to sqldiff.
        let specs = [("spec.sql", 1), ("same.sql", 0), ("other.sql", 1)];
        let mut contestants: Vec<_> = specs.map(|(spec, status)| (self.audit(spec), status)).into();
        let mut names = vec!["planctl audit", "planctl audit, same text", "planctl audit, other parentheses"];
        if let Some(program) = sqldiff {
            for (db, name) in
                [("spec.db", "sqldiff --schema"), ("other.db", "sqldiff --schema, other parentheses")]
            {
                let mut command = Command::new(program);
                command.current_dir(&self.folder).args(["--schema", "live.db", db]);
                contestants.push((command, 0));
                names.push(name);
            }
        }
        if let Some(program) = alembic {
            self.alembic_project();
            let mut command = Command::new(program);
            command.current_dir(&self.folder).arg("check");
            // Whether it is 1 or 255 for a difference depends on its version.
            let status = run(&mut command).status.unwrap();
            assert_ne!(status, 0, "Alembic sees no difference");
            contestants.push((command, status));
            names.push("alembic check");
        }
        let runs = in_turns(rounds, &mut contestants);
        let ours = runs[0].cpu_ms();
        println!("\n{} tables, {} objects", self.tables, self.tables * 3);
        for (name, runs) in names.iter().zip(&runs) {
            let each = runs.cpu_ms() * 1e3 / self.tables as f64;
            let (cpu, peak) = (runs.cpu_text(), runs.peak_mib());
            print!("  {name:35} {cpu:28} {each:7.1} µs/table {peak:6.1} MiB");
            println!("  planctl / this {:.2}", ours / runs.cpu_ms());
        }
    }

    /// The same schema without rows and with 2 GB of them.
    fn with_rows(&self, rounds: usize) {
        let copy = Pair { folder: self.folder.join("full"), tables: self.tables };
        std::fs::create_dir(&copy.folder).unwrap();
        for file in ["live.db", "spec.sql", "same.sql"] {
            std::fs::copy(self.folder.join(file), copy.folder.join(file)).unwrap();
        }
        fill(&copy.folder.join("live.db"), self.tables);
        let size = support::process::size(&copy.folder.join("live.db"));
        let runs = in_turns(
            rounds,
            &mut [
                (self.audit("spec.sql"), 1),
                (copy.audit("spec.sql"), 1),
                (self.audit("same.sql"), 0),
                (copy.audit("same.sql"), 0),
            ],
        );
        println!("\n{} tables, no rows against {:.2} GB of them", self.tables, size as f64 / 1e9);
        let line = |name: &str, empty: &Runs, full: &Runs| {
            let ratio = full.cpu_ms() / empty.cpu_ms();
            println!("  {name:26} {:28} {:28} ratio {ratio:.2}", empty.cpu_text(), full.cpu_text());
        };
        line("planctl audit", &runs[0], &runs[1]);
        line("planctl audit, same text", &runs[2], &runs[3]);
    }

    /// The specification as the models of an Alembic project.
    fn alembic_project(&self) {
        let write = |name: &str, text: &str| std::fs::write(self.folder.join(name), text).unwrap();
        std::fs::create_dir_all(self.folder.join("alembic/versions")).unwrap();
        write("alembic/script.py.mako", "");
        write(
            "alembic/env.py",
            "from alembic import context\nfrom sqlalchemy import create_engine\nfrom models import metadata\n\
             with create_engine('sqlite:///alembic.db').connect() as connection:\n    \
             context.configure(connection=connection, target_metadata=metadata, compare_type=True, \
             compare_server_default=True)\n    \
             with context.begin_transaction():\n        context.run_migrations()\n",
        );
        // It looks for modules in the working folder only when it is told to.
        write("alembic.ini", "[alembic]\nscript_location = alembic\nprepend_sys_path = .\n");
        write("models.py", &models(self.tables));
        // A copy of its own, since it makes a table there.
        std::fs::copy(self.folder.join("live.db"), self.folder.join("alembic.db")).unwrap();
    }
}

/// As many findings as tables, with the folder of migrations that made them and without it.
fn beside_migrations(folder: &Path, tables: usize, rounds: usize) {
    let (with, without) = (folder.join("with"), folder.join("without"));
    std::fs::create_dir_all(with.join("migrations")).unwrap();
    std::fs::create_dir(&without).unwrap();
    let live = script(tables, false);
    let mut version = 0;
    for part in live.split_inclusive(";\n").collect::<Vec<_>>().chunks(3) {
        version += 1;
        std::fs::write(with.join(format!("migrations/V{version}__part.sql")), part.concat()).unwrap();
    }
    let up = run(planctl().current_dir(&with).args(["migrate", "up", "--db", "live.db"]));
    assert_eq!(up.status, Some(0));
    std::fs::copy(with.join("live.db"), without.join("live.db")).unwrap();
    for folder in [&with, &without] {
        let spec = live.replace("DEFAULT 'open'", "DEFAULT 'queued'");
        std::fs::write(folder.join("spec.sql"), spec).unwrap();
    }
    let audit = |folder: &Path| {
        let mut command = planctl();
        command.current_dir(folder).args(["audit", "--db", "live.db", "--spec", "spec.sql"]);
        (command, 1)
    };
    let runs = in_turns(rounds, &mut [audit(&with), audit(&without)]);
    println!("\n{tables} tables, each with a finding, of {version} migrations");
    for (name, runs) in ["planctl audit beside migrations", "planctl audit without them"].iter().zip(&runs) {
        let each = runs.cpu_ms() * 1e3 / tables as f64;
        println!("  {name:32} {:28} {each:7.1} µs/table", runs.cpu_text());
    }
}

/// 2 GB of rows, without a look at whether they survive a crash.
fn fill(db: &Path, tables: usize) {
    let conn = Connection::open(db).unwrap();
    conn.execute_batch(
        "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; PRAGMA foreign_keys = OFF; BEGIN",
    )
    .unwrap();
    for table in 0..tables {
        let rows = 2_000_000_000 / tables / 500_000;
        conn.execute_batch(&format!(
            "INSERT INTO item_{table}(id, name, state, owner, note)
             WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
             SELECT i, 'row ' || i, 'open', 0, zeroblob(500000) FROM n"
        ))
        .unwrap();
    }
    conn.execute_batch("COMMIT").unwrap();
}

/// Tables, and for each an index and, in turns, a view or a trigger. The specification has another default, one more
/// column and one more index in the first tables.
fn script(tables: usize, is_spec: bool) -> String {
    let mut sql = String::new();
    for i in 0..tables {
        let default = if is_spec && i == 1 { "'queued'" } else { "'open'" };
        let column = if is_spec && i == 2 { ", more TEXT" } else { "" };
        let parent = i / 2;
        write!(
            sql,
            "CREATE TABLE item_{i} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL DEFAULT {default}, \
             owner INTEGER REFERENCES item_{parent} (id) ON DELETE CASCADE, price REAL DEFAULT 0.5, \
             created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, note BLOB{column}, UNIQUE (name, state), \
             CHECK (state IN ('open', 'queued', 'done') AND price >= 0));\n\
             CREATE INDEX item_{i}_owner ON item_{i} (owner, created_at) WHERE owner IS NOT NULL;\n"
        )
        .unwrap();
        if is_spec && i == 3 {
            sql.push_str("CREATE INDEX item_3_more ON item_3 (price);\n");
        }
        if i % 2 == 0 {
            writeln!(
                sql,
                "CREATE VIEW open_{i} AS SELECT a.id, a.name, b.name AS owner_name FROM item_{i} a \
                 LEFT JOIN item_{parent} b ON b.id = a.owner WHERE a.state <> 'done' ORDER BY a.created_at;"
            )
            .unwrap();
        } else {
            writeln!(
                sql,
                "CREATE TRIGGER touch_{i} AFTER UPDATE OF state ON item_{i} WHEN new.state <> old.state BEGIN \
                 UPDATE item_{parent} SET note = 'changed' WHERE id = new.owner; END;"
            )
            .unwrap();
        }
    }
    sql
}

/// The same schema with parentheses and the order of clauses that mean the same, in every statement.
fn otherwise(script: &str) -> String {
    const WAYS: [(&str, &str); 10] = [
        ("NOT NULL DEFAULT CURRENT_TIMESTAMP", "DEFAULT CURRENT_TIMESTAMP NOT NULL"),
        ("NOT NULL DEFAULT 'open'", "DEFAULT ('open') NOT NULL"),
        ("NOT NULL DEFAULT 'queued'", "DEFAULT ('queued') NOT NULL"),
        ("DEFAULT 0.5", "DEFAULT (0.5)"),
        (
            "UNIQUE (name, state), CHECK (state IN ('open', 'queued', 'done') AND price >= 0)",
            "CHECK ((state IN ('open', 'queued', 'done')) AND (price >= 0)), UNIQUE (name, state)",
        ),
        ("WHERE owner IS NOT NULL", "WHERE (owner IS NOT NULL)"),
        ("b.id = a.owner WHERE a.state <> 'done'", "(b.id = a.owner) WHERE (a.state <> 'done')"),
        ("ORDER BY a.created_at", "ORDER BY (a.created_at)"),
        ("WHEN new.state <> old.state", "WHEN (new.state <> old.state)"),
        ("SET note = 'changed' WHERE id = new.owner", "SET note = ('changed') WHERE (id = (new.owner))"),
    ];
    WAYS.iter().fold(script.to_owned(), |script, (one, other)| script.replace(one, other))
}

/// The same tables in SQLAlchemy's terms.
fn models(tables: usize) -> String {
    let mut python = String::from("from sqlalchemy import *\nmetadata = MetaData()\n");
    for i in 0..tables {
        let default = if i == 1 { "queued" } else { "open" };
        let more = if i == 2 { ", Column('more', Text)" } else { "" };
        let index = if i == 3 { ", Index('item_3_more', 'price')" } else { "" };
        let parent = i / 2;
        writeln!(
            python,
            "Table('item_{i}', metadata, Column('id', Integer, primary_key=True), Column('name', Text, nullable=False), \
             Column('state', Text, nullable=False, server_default='{default}'), \
             Column('owner', Integer, ForeignKey('item_{parent}.id', ondelete='CASCADE')), \
             Column('price', REAL, server_default=text('0.5')), \
             Column('created_at', Text, nullable=False, server_default=text('CURRENT_TIMESTAMP')), \
             Column('note', LargeBinary){more}, UniqueConstraint('name', 'state'), \
             CheckConstraint(\"state IN ('open', 'queued', 'done') AND price >= 0\"), \
             Index('item_{i}_owner', 'owner', 'created_at', sqlite_where=text('owner IS NOT NULL')){index})"
        )
        .unwrap();
    }
    python
}
