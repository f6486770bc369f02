//! Cloudflare D1: workerd runs it here, and takes scripts as wrangler hands them over.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use super::migrating::copy;
use super::server::modules;
use super::*;
use crate::harness::program;

/// A database.
struct D1 {
    folder: TempDir,
}

impl D1 {
    /// An empty one. `None`, with a word, where wrangler is not here.
    fn new() -> Option<D1> {
        let there = modules().join("wrangler").is_dir() && program("node").arg("--version").output().is_ok();
        if !there {
            println!("skipped: wrangler is not here; `npm install --prefix target/servers wrangler` gets it");
        }
        there.then(|| D1 { folder: TempDir::new().unwrap() })
    }

    /// Runs scripts, each as one transaction; the rows of each, or the error.
    fn run(&self, scripts: &[&str]) -> Vec<Result<Value, String>> {
        let files: Vec<PathBuf> = (0..)
            .zip(scripts)
            .map(|(n, text): (usize, _)| file(self.folder.path(), &format!("{n}.sql"), text))
            .collect();
        let run = program("node")
            .arg(repository("tests/commands/servers/d1.mjs"))
            .arg(modules().join(".."))
            .arg(self.folder.path())
            .args(files)
            .output()
            .unwrap();
        let lines = String::from_utf8(run.stdout).unwrap();
        let answers: Vec<_> = lines.lines().filter(|line| line.starts_with('{')).map(answer).collect();
        assert_eq!(answers.len(), scripts.len(), "{lines}{}", String::from_utf8_lossy(&run.stderr));
        answers
    }

    /// The rows of a query, as text.
    fn text(&self, query: &str) -> String {
        let rows = self.run(&[query]).remove(0).unwrap();
        let cell = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let row = |row: &Value| row.as_object().unwrap().values().map(cell).collect::<Vec<_>>().join("|");
        rows.as_array().unwrap().iter().map(row).collect::<Vec<_>>().join(" ")
    }

    /// The file that workerd keeps it in, once it has ended.
    fn file(&self) -> String {
        let folder = self.folder.path().join("miniflare-D1DatabaseObject");
        let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let is_it = |file: &PathBuf| {
            file.extension().is_some_and(|extension| extension == "sqlite")
                && !file.ends_with("metadata.sqlite")
        };
        files.find(is_it).unwrap().display().to_string()
    }
}

fn answer(line: &str) -> Result<Value, String> {
    let answer: Value = serde_json::from_str(line).unwrap();
    match &answer["error"] {
        Value::Null => Ok(answer["rows"].clone()),
        error => Err(error.to_string()),
    }
}

/// Three levels, two of which refer to themselves, and each way in which a child is bound to its parent.
const FAMILY: &str = "\
CREATE TABLE owners(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE plans(id TEXT PRIMARY KEY NOT NULL, parent_id TEXT REFERENCES plans(id) ON DELETE CASCADE, \
owner INTEGER REFERENCES owners(id) ON DELETE SET NULL, state INT DEFAULT 1);
CREATE INDEX plans_parent ON plans(parent_id);
CREATE TRIGGER plans_gone AFTER DELETE ON plans BEGIN INSERT INTO owners(name) VALUES(CASE WHEN old.id IS NULL THEN 'x' ELSE old.id END); END;
CREATE TABLE tasks(id INTEGER PRIMARY KEY, plan TEXT NOT NULL REFERENCES plans(id) ON DELETE CASCADE, \
earlier INTEGER REFERENCES tasks(id) ON DELETE SET NULL, kept TEXT DEFAULT 'p1' REFERENCES plans(id) ON DELETE SET DEFAULT);
CREATE TABLE logs(id INTEGER PRIMARY KEY AUTOINCREMENT, task INTEGER REFERENCES tasks(id) ON DELETE SET NULL, \
plan TEXT REFERENCES plans(id) ON DELETE RESTRICT, again INTEGER REFERENCES logs(id));
CREATE VIEW open_tasks AS SELECT t.id, p.id AS plan FROM tasks t JOIN plans p ON p.id = t.plan;
";

const FAMILY_BACK: &str =
    "DROP VIEW open_tasks;\nDROP TABLE logs;\nDROP TABLE tasks;\nDROP TABLE plans;\nDROP TABLE owners;\n";

const ROWS: &str = "INSERT INTO owners VALUES(1, 'a'), (2, 'b');
INSERT INTO plans(id, parent_id, owner, state) VALUES('p1', NULL, 1, 1);
WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
INSERT INTO plans SELECT 'p' || i, 'p' || (i - 1), i % 2 + 1, i FROM n;
INSERT INTO tasks VALUES(1, 'p1', NULL, 'p2'), (2, 'p2', 1, 'p3'), (3, 'p60', 2, 'p1');
INSERT INTO logs VALUES(5, 1, 'p3', NULL), (6, 3, 'p60', 5), (7, NULL, NULL, 7);
";

/// Every value of every row.
const ALL: &str = "SELECT (SELECT count(*) FROM owners) AS o, (SELECT count(*) || ' ' || group_concat(id || '<' || coalesce(parent_id, '-') \
|| ' ' || coalesce(owner, '-') || ' ' || state) FROM plans) AS p, (SELECT group_concat(id || ' ' || plan || ' ' || coalesce(earlier, '-') \
|| ' ' || kept) FROM tasks) AS t, (SELECT group_concat(id || ' ' || coalesce(task, '-') || ' ' || coalesce(plan, '-') || ' ' || \
coalesce(again, '-')) FROM logs) AS l, (SELECT max(seq) FROM sqlite_sequence WHERE name = 'logs') AS s";

/// A project whose second migration, which rebuilds the top of the family, is generated for a target.
fn project(target: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    for folder in ["migrations", "spec"] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
    }
    file(dir.path(), "migrations/V1__family.sql", FAMILY);
    file(dir.path(), "migrations/V1__family.down.sql", FAMILY_BACK);
    file(
        dir.path(),
        "spec/ddl.sql",
        &FAMILY.replace("state INT DEFAULT 1", "state INT NOT NULL DEFAULT 2 CHECK (state > 0)"),
    );
    let written = run(dir.path(), &["migrate", "generate", "states", "--target", target]);
    assert_eq!(written.status, 0, "{}", written.stderr);
    dir
}

fn script(dir: &Path, line: &str) -> String {
    let run = run(dir, &line.split(' ').collect::<Vec<_>>());
    assert_eq!(run.status, 0, "{line}: {}", run.stderr);
    run.stdout
}

#[test]
fn every_row_of_a_family_is_there_when_its_top_was_rebuilt_on_d1() {
    let Some(d1) = D1::new() else { return };
    let project = project("d1");
    let first = script(project.path(), "migrate up --to 1 --sql --target d1");
    let second = script(project.path(), "migrate up --from 1 --sql --target d1");
    let back = script(project.path(), "migrate down --sql --target d1");
    let answers =
        d1.run(&[&first, ROWS, ALL, &first, &second, ALL, &second, &back, ALL, &back, &second, ALL]);
    let error = |n: usize| answers[n].as_ref().unwrap_err();
    for n in [3, 6, 9] {
        assert!(error(n).contains("history does not match the files"), "{n}: {}", error(n));
    }
    let before = answers[2].as_ref().unwrap();
    for n in [5, 8, 11] {
        assert_eq!(answers[n].as_ref().unwrap(), before, "{n}");
    }
    for n in [0, 1, 4, 7, 10] {
        assert!(answers[n].is_ok(), "{n}: {:?}", answers[n]);
    }
    let audit = run(project.path(), &["audit", "--db", &d1.file()]);
    assert_eq!(audit.status, 0, "{}{}", audit.stdout, audit.stderr);
    let status = run(project.path(), &["migrate", "status", "--check", "--db", &d1.file()]);
    assert_eq!(status.status, 0, "{}{}", status.stdout, status.stderr);
}

#[test]
fn a_script_between_two_schemas_runs_on_d1_once() {
    let Some(d1) = D1::new() else { return };
    let project = project("d1");
    let difference =
        script(project.path(), "schema diff migrations/V1__family.sql spec/ddl.sql --sql --target d1");
    let answers = d1.run(&[FAMILY, ROWS, ALL, &difference, ALL, &difference]);
    assert!(answers[3].is_ok(), "{:?}", answers[3]);
    assert_eq!(answers[4], answers[2]);
    assert!(answers[5].as_ref().unwrap_err().contains("not the one that this script was written for"));
    let audit = run(project.path(), &["audit", "--db", &d1.file()]);
    assert_eq!(audit.status, 0, "{}{}", audit.stdout, audit.stderr);
    // What closes a difference of a database there is such a script, too.
    d1.run(&["DROP INDEX plans_parent"]).remove(0).unwrap();
    let closing = script(project.path(), &format!("audit --db {} --sql --target d1", d1.file()));
    assert!(d1.run(&[&closing]).remove(0).is_ok());
    assert_eq!(d1.text("SELECT name FROM sqlite_schema WHERE name = 'plans_parent'"), "plans_parent");
}

#[test]
fn what_d1_does_not_take_is_told_with_its_place() {
    let dir = TempDir::new().unwrap();
    std::fs::create_dir(dir.path().join("migrations")).unwrap();
    let compound = "SELECT 1".to_owned() + &" UNION ALL SELECT 2".repeat(5);
    for (statement, words) in [
        ("CREATE TEMP TABLE x(a);", "a temporary object cannot be part of a migration on D1"),
        ("PRAGMA user_version = 3;", "PRAGMA user_version cannot be part of a migration on D1"),
        ("CREATE VIRTUAL TABLE r USING rtree(id, a, b);", "there is no module rtree on D1"),
        ("SELECT sqlite_version();", "sqlite_version() cannot be called on D1"),
        (&format!("CREATE VIEW v AS {compound}; SELECT * FROM v;"), "too many terms in compound SELECT"),
        (
            &format!("CREATE TABLE big AS SELECT '{}' AS x;", "x".repeat(100_000)),
            "D1 would refuse the script",
        ),
        (
            "CREATE TABLE p2(id INTEGER PRIMARY KEY); INSERT INTO p2 SELECT id FROM p; DROP TABLE p; ALTER TABLE p2 RENAME TO p;",
            "dropping p would change rows that refer to it: c(p), ON DELETE CASCADE",
        ),
    ] {
        let text = format!(
            "CREATE TABLE p(id INTEGER PRIMARY KEY);\nCREATE TABLE c(p REFERENCES p ON DELETE CASCADE, t);\n{statement}\n"
        );
        let file = file(dir.path(), "migrations/V1__a.sql", &text);
        let refused = run(dir.path(), &["migrate", "up", "--sql", "--target", "d1"]);
        assert_eq!((refused.status, refused.stdout.as_str()), (2, ""), "{statement}");
        assert!(refused.stderr.contains(words), "{statement}: {}", refused.stderr);
        assert!(refused.stderr.contains("migrations/V1__a.sql:3:"), "{}: {}", file.display(), refused.stderr);
    }
}

#[test]
fn every_row_of_a_family_is_there_when_its_top_was_rebuilt_on_a_server_that_enforces_keys() {
    let project = project("rqlite");
    let dir = project.path();
    for kind in KINDS {
        let more: &[&str] = if kind == Kind::Rqlite { &["-fk=true"] } else { &[] };
        let Some(server) = Server::with(kind, more) else { continue };
        let url = server.url();
        let ok = |args: &[&str]| {
            let run = run(dir, &[args, &["--db", &url]].concat());
            assert_eq!(run.status, 0, "{kind:?} {args:?}: {}{}", run.stdout, run.stderr);
        };
        ok(&["migrate", "up", "--to", "1"]);
        server.execute(ROWS).unwrap();
        let before = server.text(ALL);
        assert!(before.starts_with("2|60 p1"), "{kind:?}: {before}");
        ok(&["migrate", "up"]);
        assert_eq!(server.text(ALL), before, "{kind:?}");
        ok(&["audit"]);
        ok(&["migrate", "down", "--steps", "1"]);
        assert_eq!(server.text(ALL), before, "{kind:?}: and back");
        // The same as scripts for the place.
        let target = if kind == Kind::Rqlite { "rqlite" } else { "libsql" };
        let second = script(dir, &format!("migrate up --from 1 --sql --target {target}"));
        server.execute(&second).unwrap();
        assert_eq!(server.text(ALL), before, "{kind:?}: by a script");
        ok(&["migrate", "status", "--check"]);
    }
}

/// All chains of known applications as scripts for D1, as far as it takes them.
#[test]
fn the_chains_of_known_applications_lead_on_d1_where_they_lead_in_a_file() {
    let Some(chains) = shared("corpus/chains") else { return };
    let mut run_there = 0;
    for chain in crate::harness::entries(&chains) {
        let Some(d1) = D1::new() else { return };
        let name = chain.file_name().unwrap().to_string_lossy().into_owned();
        let dir = TempDir::new().unwrap();
        copy(Path::new(&chain), &dir.path().join("m"));
        let folder = "m".to_owned();
        let sql = run(dir.path(), &["migrate", "up", "--sql", "--target", "d1", "--migrations", &folder]);
        if sql.status != 0 {
            // What it does not take is told with its place.
            assert!(sql.stderr.contains(".sql:"), "{name}: {}", sql.stderr);
            println!("{name}: {}", sql.stderr.lines().find(|line| line.starts_with("error")).unwrap());
            continue;
        }
        let answers = d1.run(&[&sql.stdout, &sql.stdout]);
        assert!(answers[0].is_ok(), "{name}: {:?}", answers[0]);
        assert!(
            answers[1].as_ref().is_err_and(|error| error.contains("history")),
            "{name}: {:?}",
            answers[1]
        );
        let audit = run(dir.path(), &["schema", "diff", &d1.file(), &folder]);
        assert_eq!(audit.status, 0, "{name}: {}{}", audit.stdout, audit.stderr);
        run_there += 1;
    }
    println!("{run_there} chains ran on D1");
    assert!(run_there > 0);
}

/// There, a script is the only way: a database that has not followed a squash follows in it.
#[test]
fn a_script_follows_a_squash_on_d1() {
    let Some(d1) = D1::new() else { return };
    let project = project("d1");
    file(project.path(), "migrations/V3__more.sql", "CREATE TABLE more(a);");
    file(project.path(), "migrations/V3__more.down.sql", "DROP TABLE more;");
    let some = script(project.path(), "migrate up --to 1 --sql --target d1");
    let rest = script(project.path(), "migrate up --from 1 --to 2 --sql --target d1");
    script(project.path(), "migrate squash --to 2 --target d1");
    let up = script(project.path(), "migrate up --from 2 --sql --target d1");
    let answers = d1.run(&[&some, ROWS, ALL, &up, &rest, &up, ALL, &up]);
    for n in [3, 7] {
        let said = answers[n].as_ref().unwrap_err();
        assert!(said.contains("history does not match the files up to version 2"), "{n}: {said}");
    }
    for n in [0, 1, 4, 5] {
        assert!(answers[n].is_ok(), "{n}: {:?}", answers[n]);
    }
    assert_eq!(answers[6], answers[2]);
    assert_eq!(d1.text("SELECT name FROM refinery_schema_history ORDER BY version"), "squashed more");
    let status = run(project.path(), &["migrate", "status", "--check", "--db", &d1.file()]);
    assert_eq!(status.status, 0, "{}{}", status.stdout, status.stderr);
}
