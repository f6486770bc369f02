//! The way of docs/getting-started.md into a project, for databases that are there: their schema as the specification, a
//! first migration, its baseline. It ends at a `check` that is green but for what lint says of the schema.

use super::corpus::{all_of, chains, folder, load, open, plain, runnable};
use super::*;
use planctl::engine::UpOptions;
use planctl::progress::{Interrupt, Silent};

/// Runs planctl in a folder, and expects one of these exit statuses.
fn planctl(dir: &Path, args: &str, expected: &[i32]) -> String {
    let mut command = assert_cmd::Command::cargo_bin("planctl").unwrap();
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PLANCTL_")) {
        command.env_remove(name);
    }
    let output = command.current_dir(dir).args(args.split(' ')).output().unwrap();
    let (said, cried) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let status = output.status.code().unwrap();
    assert!(expected.contains(&status), "{}: {args}: {status}\n{said}\n{cried}", dir.display());
    said.into_owned()
}

/// Takes over the database `app.db` of the folder.
fn take_over(dir: &Path) {
    fs::create_dir(dir.join("spec")).unwrap();
    fs::write(dir.join("planctl.toml"), "db = \"app.db\"\n").unwrap();
    fs::write(dir.join("spec/ddl.sql"), planctl(dir, "schema dump app.db", &[0])).unwrap();
    planctl(dir, "migrate generate start", &[0]);
    planctl(dir, "migrate baseline --to 1", &[0]);
    planctl(dir, "migrate status --check", &[0]);
    planctl(dir, "audit", &[0]);
    planctl(dir, "audit --scratch", &[0]);
    let report: serde_json::Value =
        serde_json::from_str(&planctl(dir, "check --format json", &[0, 1])).unwrap();
    for step in report["steps"].as_array().unwrap() {
        let is_clean = step["findings"] == 0 || step["name"] == "lint";
        assert!(is_clean, "{}: {step}\n{:#}", dir.display(), report["findings"]);
    }
}

#[test]
fn real_databases_are_taken_over_as_getting_started_says() {
    let Some(schemas) = all_of("schemas") else { return };
    let mut count = 0;
    for entry in schemas {
        if entry.extension().is_none_or(|extension| extension != "sql") {
            continue;
        }
        let dir = folder();
        plain(&dir.path().join("app.db")).execute_batch(&fs::read_to_string(&entry).unwrap()).unwrap();
        take_over(dir.path());
        count += 1;
    }
    assert!(count > 10, "only {count} schemas");
}

#[test]
fn the_ends_of_real_chains_are_taken_over_too() {
    for chain in chains().unwrap_or_default() {
        let (_files, set) = load(&chain);
        let dir = folder();
        let db = dir.path().join("app.db");
        let options = UpOptions { to: None, run_id: ulid::Ulid::nil() };
        let run = open(&db).migrate_up(&runnable(&set), &options, &mut Silent, &Interrupt::new());
        assert!(run.error.is_none(), "{}: {:?}", chain.display(), run.error);
        // As another tool leaves it.
        plain(&db)
            .execute_batch("DROP TABLE refinery_schema_history; DROP TABLE planctl_migrations")
            .unwrap();
        take_over(dir.path());
    }
}

/// What is taken over at its first step, or said there: settings of the file, and full-text tables in any order.
#[test]
fn a_database_with_settings_and_full_text_over_views_is_taken_over() {
    let dir = folder();
    let conn = plain(&dir.path().join("app.db"));
    conn.execute_batch(
        "PRAGMA auto_vacuum = 1; PRAGMA encoding = 'UTF-16le'; PRAGMA user_version = 7; PRAGMA application_id = 99;
         CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT);
         CREATE VIEW v AS SELECT id AS ident, body FROM t; CREATE VIRTUAL TABLE a USING fts4(content=v);
         CREATE VIRTUAL TABLE b USING fts5(body, content=v, content_rowid=ident); CREATE VIEW w AS SELECT body FROM b;",
    )
    .unwrap();
    drop(conn);
    take_over(dir.path());
}
