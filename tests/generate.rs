//! Generated migrations: from each schema to the other of a pair, and back.
//!
//! Law: what is generated runs, leaves nothing that the audit finds, keeps every row that both schemas can hold, and its
//! down leads back to where it began.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use planctl::audit::Ledger;
use planctl::commands::audit::compare;
use planctl::commands::closing::{Closing, Terms, close, down_text, up_text};
use planctl::engine::{self, Access, DownOptions, DownTarget, OpenOptions, UpOptions};
use planctl::error::{Error, ErrorKind};
use planctl::migrations::{Migration, MigrationSet};
use planctl::plan::{self, Hints};
use planctl::progress::{Interrupt, Silent};
use planctl::schema::{Ident, Schema};
use planctl::source::SourceFile;
use planctl::sql::{SqliteVersion, quote};
use rusqlite::Connection;

const OLDEST: SqliteVersion = SqliteVersion::new(35, 0);
const NEWEST: SqliteVersion = SqliteVersion::new(54, 1);

fn schema_of(source: &SourceFile) -> Schema {
    engine::reference(source).unwrap().schema().unwrap()
}

fn terms(sqlite: SqliteVersion, hints: Hints) -> Terms<'static> {
    Terms { sqlite, allow_destructive: true, hints, db: None }
}

/// The way, with values for rows wherever the planner asks for them.
fn generate(from: &Schema, goal: &Schema, sqlite: SqliteVersion) -> Result<Option<Closing>, Error> {
    let mut hints = Hints::default();
    loop {
        match close(from, goal, &terms(sqlite, hints.clone()), &mut |_| Some(false)) {
            Err(error) if error.kind() == ErrorKind::Data && wanted(&error).is_some() => {
                let (table, column) = wanted(&error).unwrap();
                let strict = goal.tables[&table].column(&column).unwrap().declared_type.to_ascii_uppercase();
                let value = if strict.contains("BLOB") { "x'00'" } else { "'1'" };
                assert!(
                    hints.fills.insert((table, column), value.to_owned()).is_none(),
                    "asked twice: {error} {:?}",
                    error.notes()
                );
            }
            other => return other,
        }
    }
}

/// The table and column that need a value.
fn wanted(error: &Error) -> Option<(Ident, Ident)> {
    let message = error.message();
    let (_, name) = message.rsplit_once(" in ")?;
    let (table, column) = name.rsplit_once('.')?;
    let plain = |name: &str| Ident::from(planctl::sql::unquote(name));
    message.contains("nothing says").then(|| (plain(table), plain(column)))
}

fn findings(spec: &SourceFile, live: &Schema) -> Vec<String> {
    let today = time::Date::from_calendar_date(2026, time::Month::January, 1).unwrap();
    let audit = compare(spec, &Ledger::default(), live, false, today).unwrap();
    audit.findings.iter().map(|finding| finding.message.clone()).collect()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Rows in every table that takes them.
fn fill(db: &Path, schema: &Schema) {
    let conn = Connection::open(db).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for table in schema.tables.values().filter(|table| !table.columns.is_empty()) {
        let columns: Vec<String> = table
            .columns
            .iter()
            .filter(|column| column.generated.is_none())
            .map(|column| quote(column.name.as_str()))
            .collect();
        for k in [1, 3, 4] {
            let values: Vec<String> = columns.iter().map(|_| format!("'{k}'")).collect();
            let sql = format!(
                "INSERT OR IGNORE INTO {} ({}) VALUES ({})",
                quote(table.name.as_str()),
                columns.join(", "),
                values.join(", ")
            );
            // What the table refuses it does not get.
            let _ = conn.execute_batch(&sql);
        }
    }
}

/// All rows of the columns that both schemas have, as SQL text.
fn rows(db: &Path, schemas: [&Schema; 2]) -> BTreeMap<Ident, Vec<String>> {
    let conn = Connection::open(db).unwrap();
    let mut all = BTreeMap::new();
    let [one, other] = schemas;
    for table in one.tables.values() {
        let Some(there) = other.tables.get(&table.name) else { continue };
        let kept = table.columns.iter().filter(|column| {
            there.column(&column.name).is_some_and(|to| {
                to.generated.is_none()
                    && column.generated.is_none()
                    && to.declared_type.eq_ignore_ascii_case(&column.declared_type)
                    && table.strict == there.strict
            })
        });
        let values: Vec<String> =
            kept.map(|column| format!("typeof({0}) || quote({0})", quote(column.name.as_str()))).collect();
        if values.is_empty() {
            continue;
        }
        let sql = format!("SELECT {} FROM {}", values.join(" || "), quote(table.name.as_str()));
        let mut statement = conn.prepare(&sql).unwrap();
        let mut found: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
        found.sort();
        all.insert(table.name.clone(), found);
    }
    all
}

/// Runs the generated pair on a real file and holds the laws against it.
fn run(name: &str, from: &SourceFile, goal: &SourceFile, closing: &Closing) {
    let (start, end) = (schema_of(from), schema_of(goal));
    let dir = folder();
    let db = dir.path().join("a.db");
    let mut settings = String::new();
    for (setting, value) in &start.pragmas.values {
        settings.push_str(&format!("PRAGMA {setting} = '{value}';\n"));
    }
    let conn = Connection::open(&db).unwrap();
    conn.execute_batch(&settings).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    conn.execute_batch(&plan::script(&start)).unwrap_or_else(|error| panic!("{name}: {error}"));
    drop(conn);
    fill(&db, &start);
    let before = rows(&db, [&start, &end]);
    let (up, down) = (up_text("V1__x", closing), down_text("V1__x", closing));
    let migration = Migration {
        version: 1,
        name: "x".to_owned(),
        up: SourceFile::new("V1__x.sql", up.as_str()),
        down: Some(SourceFile::new("V1__x.down.sql", down.as_str())),
    };
    let set = MigrationSet { dir: dir.path().to_owned(), migrations: vec![migration] };
    let mut engine = engine::open(&db, Access::ReadWrite { create: false }, OpenOptions::default()).unwrap();
    let options = UpOptions { to: None, run_id: ulid::Ulid::from_parts(0, 0) };
    let ran = engine.migrate_up(&set, &options, &mut Silent, &Interrupt::new());
    if let Some(error) = ran.error {
        // These rows came without a look at the goal: what it cannot hold stops the migration, and all is as it was.
        assert_eq!(error.kind(), ErrorKind::Data, "{name}: {error} {:?}\n{up}", error.notes());
        assert_eq!(rows(&db, [&start, &end]), before, "{name}: stopped, and changed rows");
        let conn = Connection::open(&db).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        for table in start.tables.values().filter(|table| !table.is_virtual()) {
            conn.execute_batch(&format!("DELETE FROM {}", quote(table.name.as_str()))).unwrap();
        }
        let ran = engine.migrate_up(&set, &options, &mut Silent, &Interrupt::new());
        assert!(ran.error.is_none(), "{name}: {:?}\n{up}", ran.error);
    }
    let before = if rows(&db, [&end, &start]).values().all(Vec::is_empty) { BTreeMap::new() } else { before };
    assert_eq!(findings(goal, &engine.inspect().unwrap()), Vec::<String>::new(), "{name}: after up\n{up}");
    if !before.is_empty() {
        assert_eq!(rows(&db, [&start, &end]), before, "{name}: rows after up\n{up}");
    }
    let options = DownOptions { target: DownTarget::Steps(1), from_files: true };
    let ran = engine.migrate_down(&set, &options, &mut Silent, &Interrupt::new());
    assert!(ran.error.is_none(), "{name}: down: {:?}\n{down}", ran.error);
    assert_eq!(
        findings(from, &engine.inspect().unwrap()),
        Vec::<String>::new(),
        "{name}: after down\n{down}"
    );
    if !before.is_empty() {
        assert_eq!(rows(&db, [&start, &end]), before, "{name}: rows after down\n{down}");
    }
}

struct Pair {
    name: String,
    sides: [SourceFile; 2],
}

fn pairs() -> Vec<Pair> {
    let dir = std::env::var_os("PLANCTL_CASES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit_cases"), PathBuf::from);
    let mut paths: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut pairs = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "sql")) {
        let text = fs::read_to_string(path).unwrap();
        let section = |name: &str| -> String {
            let mut lines = text.lines().skip_while(|line| *line != name).skip(1);
            let mut out = String::new();
            for line in lines.by_ref().take_while(|line| *line != "-- live" && *line != "-- spec") {
                if !line.starts_with("-- expect: ") {
                    out.push_str(line);
                    out.push('\n');
                }
            }
            out
        };
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let sides = ["-- spec", "-- live"].map(|side| SourceFile::new(side, section(side)));
        pairs.push(Pair { name, sides });
    }
    pairs
}

/// Pairs that no migration closes, each with the words of its refusal and why that is right.
const REFUSED: [(&str, &str); 0] = [];

#[test]
fn every_pair_of_the_audits_cases_is_closed_both_ways() {
    let mut wrong = Vec::new();
    let (mut closed, mut equal, mut refused) = (0, 0, 0);
    for pair in pairs() {
        for (a, b) in [(0, 1), (1, 0)] {
            for sqlite in [OLDEST, NEWEST] {
                let (from, goal) = (&pair.sides[a], &pair.sides[b]);
                let name =
                    format!("{} {}→{} {sqlite}", pair.name, from.path().display(), goal.path().display());
                let known = REFUSED.iter().find(|(of, _)| *of == pair.name);
                match (generate(&schema_of(from), &schema_of(goal), sqlite), known) {
                    (Ok(Some(closing)), _) => {
                        closed += 1;
                        let result = std::panic::catch_unwind(|| run(&name, from, goal, &closing));
                        if let Err(panic) = result {
                            wrong.push(panic.downcast_ref::<String>().cloned().unwrap_or(name));
                        }
                    }
                    (Ok(None), _) => equal += 1,
                    (Err(error), Some((_, part))) if error.message().contains(part) => refused += 1,
                    (Err(error), _) => wrong.push(format!("{name}: {error} {:?}", error.notes())),
                }
            }
        }
    }
    println!("{closed} closed, {equal} without a difference, {refused} refused");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
