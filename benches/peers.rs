//! Who finds what: each pair of `tests/audit_cases` as two databases, before planctl, `sqldiff --schema` and Alembic's
//! autogenerate (`compare_type` and `compare_server_default` on).
//!
//! ```sh
//! cargo bench --bench peers
//! ```
//!
//! The pairs are planctl's own and its tests expect each of them, so its column shows what the others are measured by,
//! not that it wins. A pair counts as found when a tool reports anything at all about it. Pairs that plain SQLite
//! cannot load (functions of an application), or that are of pragmas alone, are left out. A peer that is not on PATH is skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../tests/harness/cases.rs"]
#[allow(dead_code, reason = "what only the tests expect")]
mod cases;
mod support;

use std::path::Path;
use std::process::Command;

use rusqlite::Connection;

use cases::cases;
use support::process::{on_path, planctl};

/// A pair of schemas: whether they differ, and where it is.
struct Pair {
    name: String,
    differs: bool,
    folder: std::path::PathBuf,
}

/// What a tool says of the pairs.
#[derive(Default)]
struct Tally {
    found: usize,
    missed: usize,
    clean: usize,
    false_alarms: usize,
    troubled: usize,
}

impl Tally {
    /// `reports` is whether the tool reports a difference; `None` when it could not tell.
    fn count(&mut self, differs: bool, reports: Option<bool>) {
        match (differs, reports) {
            (true, Some(true)) => self.found += 1,
            (true, Some(false)) => self.missed += 1,
            (false, Some(false)) => self.clean += 1,
            (false, Some(true)) => self.false_alarms += 1,
            (_, None) => self.troubled += 1,
        }
    }

    fn print(&self, name: &str) {
        println!(
            "{name:18} found {:3} of {:3} differences, {:3} false alarms on {:3} equal pairs, {:2} could not be judged",
            self.found,
            self.found + self.missed,
            self.false_alarms,
            self.clean + self.false_alarms,
            self.troubled
        );
    }
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (pairs, left_out) = pairs(folder.path());
    println!("{} pairs, {left_out} left out", pairs.len());

    let mut ours = Tally::default();
    for pair in &pairs {
        let mut command = planctl();
        command.current_dir(&pair.folder).args(["audit", "--db", "live.db", "--spec", "spec.sql", "-q"]);
        let status = command.output().unwrap().status.code();
        let reports = status.filter(|status| *status < 2).map(|status| status == 1);
        if reports != Some(pair.differs) {
            println!("planctl is not at one with its own case {}: {status:?}", pair.name);
        }
        ours.count(pair.differs, reports);
    }
    ours.print("planctl audit");

    if let Some(program) = on_path("sqldiff") {
        let mut tally = Tally::default();
        for pair in &pairs {
            let output = Command::new(&program)
                .current_dir(&pair.folder)
                .args(["--schema", "live.db", "spec.db"])
                .output()
                .unwrap();
            let reports =
                (output.status.success() && output.stderr.is_empty()).then_some(!output.stdout.is_empty());
            tally.count(pair.differs, reports);
        }
        tally.print("sqldiff --schema");
    }
    if let Some(program) = on_path("alembic") {
        alembic(&program, &pairs).print("Alembic");
    }
}

/// The case folder as databases, and how many pairs are left out.
fn pairs(folder: &Path) -> (Vec<Pair>, usize) {
    let mut pairs = Vec::new();
    let mut left_out = 0;
    for (number, case) in cases().into_iter().enumerate() {
        let folder = folder.join(number.to_string());
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("spec.sql"), &case.spec).unwrap();
        let sides = [("spec", &case.spec), ("live", &case.live)];
        let loaded = sides.iter().all(|(name, sql)| {
            let conn = Connection::open(folder.join(format!("{name}.db"))).unwrap();
            conn.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).is_ok()
        });
        // A file without a table does not keep most pragmas.
        let has_objects = sides.iter().any(|(_, sql)| sql.to_ascii_uppercase().contains("CREATE "));
        if loaded && has_objects {
            pairs.push(Pair { name: case.name, differs: !case.expected.is_empty(), folder });
        } else {
            left_out += 1;
        }
    }
    (pairs, left_out)
}

/// One process for all pairs: the interpreter's start is none of its findings.
fn alembic(program: &Path, pairs: &[Pair]) -> Tally {
    let script = "\
import sys, warnings
warnings.simplefilter('ignore')
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine
for folder in sys.stdin.read().split('\\n'):
    try:
        goal = MetaData()
        goal.reflect(create_engine('sqlite:///' + folder + '/spec.db'))
        with create_engine('sqlite:///' + folder + '/live.db').connect() as live:
            options = {'compare_type': True, 'compare_server_default': True}
            print('found' if compare_metadata(MigrationContext.configure(live, opts=options), goal) else 'equal')
    except Exception:
        print('trouble')
";
    let python = program.with_file_name("python3");
    let folders: Vec<String> = pairs.iter().map(|pair| pair.folder.display().to_string()).collect();
    let input = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(input.path(), folders.join("\n")).unwrap();
    let output = Command::new(python)
        .args(["-c", script])
        .stdin(std::fs::File::open(input.path()).unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said: Vec<&str> = text.lines().collect();
    assert_eq!(said.len(), pairs.len(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut tally = Tally::default();
    for (pair, said) in pairs.iter().zip(said) {
        tally.count(pair.differs, (said != "trouble").then_some(said == "found"));
    }
    tally
}
