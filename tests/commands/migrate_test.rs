//! `migrate test`: what passes, what fails and how that is shown, and whether it finds what it is there for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use planctl::internals::base::job::Job;
use planctl::internals::commands::Context;
use planctl::internals::commands::migrate::test::{Trial, TripOutcome, try_out};
use planctl::internals::engine;
use planctl::internals::engine::{Scratch, SeedOptions, SeededTable, Snapshot, UpOptions};
use planctl::internals::migrations::MigrationSet;
use planctl::internals::migrations::testing::Value;
use serde_json::Value as Json;

use crate::harness::{self, entries, form, repository, shared, stdout, write};

fn planctl(dir: &Path, args: &[&str]) -> Output {
    harness::planctl(dir, &[&["migrate", "test"], args].concat()).env("COLUMNS", "120").output().unwrap()
}

fn json(output: &Output) -> Json {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn project() -> PathBuf {
    repository("")
}

/// A project with these migrations and tests.
fn with(migrations: &[(&str, &str)], tests: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (folder, files) in [("migrations", migrations), ("tests/migrations", tests)] {
        std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        for (name, text) in files {
            write(dir.path(), &format!("{folder}/{name}"), text);
        }
    }
    dir
}

/// Times are not the same in two runs.
fn redacted(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut words: Vec<&str> = line.trim_end().split(' ').collect();
        if let Some(unit) = words.last().copied().filter(|unit| ["ms", "µs", "s"].contains(unit)) {
            let number = words.len() - 2;
            if words[number].chars().all(|c| c.is_ascii_digit() || c == '.') {
                words.truncate(number);
                let line = words.join(" ");
                let line = format!("{} [time]", line.trim_end().trim_end_matches('<').trim_end());
                lines.push(line);
                continue;
            }
            assert!(!unit.is_empty());
        }
        lines.push(if line.chars().all(|c| c == '─' || c == ' ') {
            String::new()
        } else {
            words.join(" ")
        });
    }
    lines.join("\n")
}

#[test]
fn the_shipped_migrations_pass_their_tests_and_every_round_trip() {
    let output = planctl(&project(), &["--format", "json"]);
    let document = json(&output);
    assert_eq!(output.status.code(), Some(0), "{document:#}");
    let (tests, trips) = (document["tests"].as_array().unwrap(), document["round_trips"].as_array().unwrap());
    assert_eq!((tests.len(), trips.len()), (18, 9));
    assert!(tests.iter().chain(trips).all(|result| result["outcome"] == "passed"));
    assert!(trips.iter().all(|trip| trip["not_seeded"].as_array().unwrap().is_empty()));
    // What the down of V7 says that it cannot restore is what is found.
    let lost: Vec<_> =
        trips[6]["lost"].as_array().unwrap().iter().map(|lost| lost["column"].as_str().unwrap()).collect();
    assert_eq!(lost, ["root_plan_id", "automation_profile"]);
}

#[test]
fn a_failure_shows_place_statement_and_rows() {
    let dir = with(
        &[
            ("V1__plans.sql", "CREATE TABLE plans(id INTEGER PRIMARY KEY, state TEXT, root INTEGER);\n"),
            ("V1__plans.down.sql", "DROP TABLE plans;\n"),
            (
                "V2__roots.sql",
                "UPDATE plans SET root = id;\nALTER TABLE plans ADD COLUMN kind TEXT NOT NULL;\n",
            ),
            ("V3__kind.sql", "CREATE INDEX plans_state ON plans(state);\n"),
            ("V3__kind.down.sql", "DROP INDEX plans_state;\nCREATE INDEX left_over ON plans(root);\n"),
        ],
        &[
            (
                "V1__plans.test.sql",
                "-- then\n-- expect: 0 rows\nINSERT INTO plans VALUES (1, 'queued', 1), (2, 'a|b', 1), (3, NULL, 7);\n\
                 -- expect: 1 | queued\n-- expect: 2 | a\n-- expect: 4 | NULL\nSELECT id, state\nFROM plans;\n\
                 -- expect error: UNIQUE\nINSERT INTO plans(id) VALUES (9);\n-- expect: 1\nSELECT stat FROM plans;\n\
                 -- expect: 3 rows\nSELECT * FROM plans WHERE id < 3;\n-- expect error: NOT NULL\nINSERT INTO plans(id) VALUES (1);\n\
                 -- after down\n-- expect error: no such table\nSELECT * FROM plans;\n",
            ),
            (
                "V2__roots.test.sql",
                "-- given\nINSERT INTO plans(id) VALUES (1);\n-- then\n-- expect: 1\nSELECT root FROM plans;\n",
            ),
            (
                "V3__given.test.sql",
                "-- given\nINSERT INTO nowhere VALUES (1);\n-- then\n-- expect: 1\nSELECT 1;\n",
            ),
        ],
    );
    let output = planctl(dir.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("failures", redacted(stdout(&output)));

    let document = json(&planctl(dir.path(), &["--format", "json"]));
    assert_eq!(document["outcome"], "findings");
    let first = &document["tests"][0]["failures"][0];
    assert_eq!(
        (first["line"].as_u64(), first["expected"].as_str()),
        (Some(7), Some("1 | queued\n2 | a\n4 | NULL"))
    );
    assert_eq!(first["actual"], "1 | queued\n2 | 'a|b'\n3 | NULL");
    let rules: BTreeSet<_> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, BTreeSet::from(["migration-test", "round-trip"]));
}

/// A chain that breaks is one failure, and what lies above it is said not to have run.
#[test]
fn above_a_migration_that_cannot_be_applied_nothing_runs() {
    let dir = with(
        &[
            ("V1__a.sql", "CREATE TABLE a(b);\n"),
            ("V2__b.sql", "CREATE TABLE b(c);\nDROP TABLE nowhere;\n"),
            ("V3__c.sql", "CREATE TABLE c(d);\n"),
        ],
        &[("V3__c.test.sql", "-- then\n-- expect: 0 rows\nSELECT * FROM c;\n")],
    );
    for filter in ["V", "V3"] {
        let document = json(&planctl(dir.path(), &[filter, "--format", "json"]));
        let findings = document["findings"].as_array().unwrap();
        let of = |rule: &str| findings.iter().filter(|finding| finding["rule"] == rule).count();
        assert_eq!((of("round-trip"), of("migration-test")), (1, 1), "{filter}: {findings:#?}");
        let trip = findings.iter().find(|finding| finding["rule"] == "round-trip").unwrap();
        assert_eq!(trip["spec"]["file"], "migrations/V2__b.sql");
        assert_eq!(trip["spec"]["line"], 2);
    }
    let document = json(&planctl(dir.path(), &["--format", "json"]));
    let outcomes: Vec<_> = document["round_trips"]
        .as_array()
        .unwrap()
        .iter()
        .map(|trip| trip["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["up-only", "failed", "not-run"]);
}

/// Law: an endless query of a test ends when the user asks for it.
#[test]
#[cfg(unix)]
fn an_endless_test_stops_on_request() {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;";
    let dir = with(
        &[("V1__a.sql", "CREATE TABLE a(b);\n")],
        &[("V1__a.test.sql", &format!("-- then\n-- expect: 1\n{endless}\n"))],
    );
    let mut child = harness::planctl(dir.path(), &["-q", "migrate", "test"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    harness::process::wait_for_handlers(&child);
    harness::process::send(&child, "-INT");
    assert_eq!(harness::process::wait_for_end(&mut child, "migrate test").code(), Some(130));
}

#[test]
fn a_filter_chooses_tests_and_round_trips_and_says_what_it_left_out() {
    let output = planctl(&project(), &["V7__profiles", "--format", "json"]);
    let document = json(&output);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(document["tests"].as_array().unwrap().len(), 1);
    assert!(document["round_trips"].as_array().unwrap().is_empty());
    let some = planctl(&project(), &["V7__profiles"]);
    assert!(
        stdout(&some).contains("`V7__profiles` left out 17 tests and 9 round trips"),
        "{}",
        stdout(&some)
    );
}

#[test]
fn a_filter_that_matches_nothing_is_no_success() {
    let output = planctl(&project(), &["nope"]);
    let said = harness::stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("error: nothing matches `nope`"), "{said}");
}

#[test]
fn what_cannot_be_read_is_trouble_with_its_place() {
    let dir = with(&[("V1__a.sql", "CREATE TABLE a(b);\n")], &[("V1__a.test.sql", "-- then\nSELECT 1;\n")]);
    let trouble = |args: &[&str], part: &str| {
        let output = planctl(dir.path(), args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(part), "{said}");
    };
    trouble(&[], "tests/migrations/V1__a.test.sql:2:1");
    trouble(&["--tests", "missing"], "missing: no such file or folder");
    std::fs::rename(dir.path().join("tests/migrations/V1__a.test.sql"), dir.path().join("V2__a.test.sql"))
        .unwrap();
    std::fs::write(dir.path().join("V2__a.test.sql"), "-- then\n-- expect: 1\nSELECT 1;\n").unwrap();
    trouble(&["--tests", "."], "no migration has version 2");
    std::fs::remove_dir_all(dir.path().join("tests")).unwrap();
    let output = planctl(dir.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "a project may have no tests yet");
    assert!(stdout(&output).contains("no tests in tests/migrations"));
}

/// Copies the shipped migrations, with one text of one file replaced; it must be there `times` times.
fn mutated(file: &str, times: usize, from: &str, to: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(project().join("migrations")).unwrap() {
        let path = entry.unwrap().path();
        let mut text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == file {
            assert_eq!(text.matches(from).count(), times, "{file} has changed: {from}");
            text = text.replace(from, to);
        }
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

/// Rows with any numbers for parents are orphans and cycles, at which a data step stops: a right one could not pass.
#[test]
fn a_data_step_whose_parents_no_foreign_key_declares_is_tried_on_trees() {
    let step = "-- planctl:backfill root-ancestor table=doc id=id parent=p root=r";
    for (id, parent) in [
        ("INTEGER PRIMARY KEY", "INT"),
        ("INTEGER PRIMARY KEY", "INT NOT NULL"),
        ("TEXT NOT NULL UNIQUE", "TEXT"),
        ("TEXT PRIMARY KEY", "TEXT NOT NULL DEFAULT ''"),
    ] {
        let dir = with(
            &[
                ("V1__a.sql", &format!("CREATE TABLE doc (id {id}, p {parent}, body TEXT);")),
                ("V1__a.down.sql", "DROP TABLE doc;"),
                ("V2__b.sql", &format!("ALTER TABLE doc ADD COLUMN r;\n{step}\n")),
                ("V2__b.down.sql", "ALTER TABLE doc DROP COLUMN r;"),
            ],
            &[],
        );
        let output = planctl(dir.path(), &[]);
        assert_eq!(output.status.code(), Some(0), "{id}, {parent}: {}", stdout(&output));
    }
}

const UP: &str = "V7__align_plans_schema.sql";
const DOWN: &str = "V7__align_plans_schema.down.sql";

/// Law: the defects of the review rounds cannot come back unnoticed.
#[test]
fn each_defect_of_the_repair_is_found_when_it_is_made_again() {
    let backfill =
        "-- planctl:backfill root-ancestor table=v3_plans id=plan_id parent=parent_plan_id root=root_plan_id";
    let own_id = "UPDATE v3_plans SET root_plan_id = plan_id WHERE coalesce(root_plan_id, '') = '';";
    let two_levels = "UPDATE v3_plans SET root_plan_id = coalesce((SELECT coalesce(p.root_plan_id, p.plan_id) \
        FROM v3_plans p WHERE p.plan_id = v3_plans.parent_plan_id), plan_id) WHERE root_plan_id IS NULL;";
    let root = "root_plan_id TEXT NOT NULL REFERENCES v3_plans (plan_id)";
    let defects: [(&str, &str, usize, &str, &str); 12] = [
        ("5: every root is the row itself", UP, 1, backfill, own_id),
        ("6: two levels only", UP, 1, backfill, two_levels),
        ("no backfill at all", UP, 1, backfill, ""),
        ("12: SET NULL under NOT NULL", UP, 1, root, &format!("{root} ON DELETE SET NULL")),
        ("13: another foreign key than in fresh databases", UP, 1, root, "root_plan_id TEXT NOT NULL"),
        (
            "13: the action is no foreign key any more",
            UP,
            1,
            "TEXT REFERENCES actions (namespaced_name)",
            "TEXT",
        ),
        (
            "15: '' is not NULL",
            UP,
            2,
            "automation_profile IS NULL OR trim(automation_profile) = ''",
            "automation_profile IS NULL",
        ),
        (
            "16: bare names are overwritten",
            UP,
            1,
            "ELSE json_object('profile_name', automation_profile, 'provenance', 'legacy-text')\n    END,\n    -- What",
            "ELSE 'balanced'\n    END,\n    -- What",
        ),
        ("18: the down forgets the policy", DOWN, 1, " ON DELETE SET NULL", ""),
        (
            "18: the down forgets an index",
            DOWN,
            1,
            "CREATE INDEX idx_plans_root ON v3_plans (root_plan_id);",
            "",
        ),
        ("the down does not parse", DOWN, 1, "DROP TABLE v3_plans;", "DROP TABEL v3_plans;"),
        (
            "the rebuild forgets an index",
            UP,
            1,
            "CREATE INDEX idx_plans_root ON v3_plans (root_plan_id);",
            "",
        ),
    ];
    let sound = planctl(&project(), &["V7", "--format", "json"]);
    assert_eq!(sound.status.code(), Some(0), "without a defect nothing is found");
    for (defect, file, times, from, to) in defects {
        let migrations = mutated(file, times, from, to);
        let folder = migrations.path().to_str().unwrap();
        let output = planctl(&project(), &["V7", "--migrations", folder, "--format", "json"]);
        let document = json(&output);
        assert_eq!(output.status.code(), Some(1), "{defect}: {document:#}");
    }
}

/// Law: what the down of V7 must restore is seen without any test, on generated rows.
#[test]
fn round_trips_alone_find_what_an_empty_database_hides() {
    for (file, from, to, said) in [
        (DOWN, " ON DELETE SET NULL", "", "the down does not restore the schema"),
        (
            UP,
            "-- planctl:backfill root-ancestor table=v3_plans",
            "-- no root-ancestor table=v3_plans",
            "NOT NULL constraint failed",
        ),
        ("V6__plan_environment.sql", "decision_root_id TEXT", "decision_root_id TEXT NOT NULL", "NOT NULL"),
    ] {
        let migrations = mutated(file, 1, from, to);
        let empty = tempfile::tempdir().unwrap();
        let (folder, none) = (migrations.path().to_str().unwrap(), empty.path().to_str().unwrap());
        let output = planctl(&project(), &["--migrations", folder, "--tests", none, "--format", "json"]);
        assert_eq!(output.status.code(), Some(1), "{file}: {to}");
        let document = json(&output);
        let messages: Vec<&str> =
            document["findings"].as_array().unwrap().iter().map(|f| f["message"].as_str().unwrap()).collect();
        assert!(messages.iter().any(|message| message.contains(said)), "{messages:?}");
    }
}

fn text(scratch: &mut dyn Scratch, sql: &str) -> Vec<String> {
    let answer = scratch.run(sql, 100).unwrap_or_else(|refused| panic!("{sql}: {}", refused.message));
    answer.rows.iter().map(|row| row.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ")).collect()
}

/// To fill, copy and compare all tables for each file would be work that grows with the square of their number.
#[test]
fn the_rows_of_a_long_chain_are_as_many_as_its_files_and_not_their_square() {
    let made = |files: usize| {
        let mut chain = Vec::new();
        for n in 0..files {
            let up = format!("CREATE TABLE t{n}(id INTEGER PRIMARY KEY, a TEXT);\n");
            let version = 2 * n + 1;
            chain.push((format!("V{version}__t{n}.sql"), up));
            chain.push((format!("V{version}__t{n}.down.sql"), format!("DROP TABLE t{n};\n")));
            let version = version + 1;
            chain.push((format!("V{version}__a{n}.sql"), format!("ALTER TABLE t{n} ADD COLUMN b TEXT;\n")));
            chain.push((format!("V{version}__a{n}.down.sql"), format!("ALTER TABLE t{n} DROP COLUMN b;\n")));
        }
        let chain: Vec<(&str, &str)> =
            chain.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let document = json(&planctl(with(&chain, &[]).path(), &["--format", "json"]));
        let trips = document["round_trips"].as_array().unwrap().clone();
        assert!(trips.iter().all(|trip| trip["outcome"] == "passed"), "{document:#}");
        let sum = |key: &str| trips.iter().map(|trip| trip[key].as_u64().unwrap()).sum::<u64>();
        (sum("tables"), sum("rows"))
    };
    assert_eq!(made(10), (10, 120));
    assert_eq!(made(20), (20, 240));
}

/// A row is in the way of a migration that does not name its table.
#[test]
fn a_round_trip_has_rows_wherever_its_migration_can_reach() {
    let dir = with(
        &[
            (
                "V1__all.sql",
                "CREATE TABLE parents(id INTEGER PRIMARY KEY, n INTEGER);\n\
                 CREATE TABLE children(id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parents);\n\
                 CREATE TABLE counts(id INTEGER PRIMARY KEY, n INTEGER NOT NULL CHECK(n < 0));\n\
                 CREATE VIEW negative AS SELECT n FROM counts;\n\
                 CREATE TABLE found(n INTEGER CHECK(n > 0));\n",
            ),
            ("V2__orphans.sql", "DELETE FROM parents;\n"),
            ("V3__through_a_view.sql", "INSERT INTO found SELECT n FROM negative;\n"),
        ],
        &[],
    );
    let output = planctl(dir.path(), &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let document = json(&output);
    let messages: Vec<String> = document["round_trips"].as_array().unwrap()[1..]
        .iter()
        .map(|trip| trip["failures"][0]["message"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert!(messages[0].contains("without their parents"), "{messages:?}");
    assert!(messages[1].contains("CHECK constraint failed"), "{messages:?}");
}

/// Seeds a copy of the database at each version; gives what became of each table.
fn seeded_at_every_version(set: &MigrationSet) -> Vec<(String, SeededTable)> {
    let mut found = Vec::new();
    let mut scratch = engine::scratch(Job::quiet()).unwrap();
    for migration in &set.migrations {
        let options = UpOptions { to: Some(migration.version), ..UpOptions::of(ulid::Ulid::nil()) };
        let run = scratch.migrate_up(set, &options, Job::quiet());
        if let Some(error) = run.error {
            println!("{}: {error}", migration.up.path().display());
            return found;
        }
        let mut copy = scratch.copy().unwrap();
        let violations = "SELECT * FROM pragma_foreign_key_check";
        let before = copy.run(violations, 0).map(|answer| answer.count);
        let options = SeedOptions {
            seed: 7,
            rows: 12,
            examples: &Snapshot::default(),
            common: None,
            only: None,
            trees: &[],
        };
        let tables = copy.seed(&options).unwrap();
        let label = migration.label();
        assert_eq!(text(&mut *copy, "PRAGMA integrity_check"), ["ok"], "{label}");
        assert_eq!(copy.run(violations, 0).map(|answer| answer.count), before, "{label}");
        for table in &tables {
            assert_eq!(table.rows == 0, table.not_seeded.is_some(), "{label}: {}", table.table);
        }
        found.extend(tables.into_iter().map(|table| (label.clone(), table)));
    }
    found
}

/// Law: generated rows satisfy the schema, at every version. `integrity_check` checks NOT NULL, CHECK, UNIQUE and the types
/// of STRICT tables.
#[test]
fn seeded_rows_satisfy_the_shipped_schema_at_every_version() {
    let set = MigrationSet::load(&project().join("migrations")).unwrap();
    let seeded = seeded_at_every_version(&set);
    assert!(seeded.len() > 50);
    for (label, table) in seeded {
        assert_eq!(table.not_seeded, None, "{label}: {}", table.table);
    }
}

/// A copy of a chain under names that planctl takes, without transaction control, which it refuses.
fn adapted(chain: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(chain).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().replace('-', "_");
        let text = std::fs::read_to_string(&path).unwrap();
        let control = |line: &&str| {
            let line = line.trim().to_ascii_uppercase();
            !["BEGIN;", "BEGIN TRANSACTION;", "COMMIT;", "END TRANSACTION;"].contains(&line.as_str())
        };
        let kept: Vec<&str> = text.lines().filter(control).collect();
        std::fs::write(dir.path().join(name), kept.join("\n")).unwrap();
    }
    dir
}

/// Law: the same for migrations of known applications; nearly every table is filled, and a table that is not says why.
/// Every round trip comes to an end, whatever the migrations do.
#[test]
fn chains_of_known_applications_are_seeded_and_travelled() {
    let Some(chains) = shared("corpus/chains") else { return };
    let (mut tables, mut empty, mut passed, mut failed, mut up_only) = (0, 0, 0, 0, 0);
    for chain in entries(&chains).into_iter().step_by(form(2, 1)) {
        let adapted = adapted(&chain);
        let Ok(set) = MigrationSet::load(adapted.path()) else {
            println!("{}: not loaded", chain.display());
            continue;
        };
        for (label, table) in seeded_at_every_version(&set) {
            if table.not_seeded.as_deref() == Some("it is a virtual table") {
                continue;
            }
            tables += 1;
            if let Some(reason) = table.not_seeded {
                empty += 1;
                println!("{} {label}: {} not seeded: {reason}", chain.display(), table.table);
            }
        }
        let ctx = Context {
            job: Job::quiet(),
            run_id: ulid::Ulid::nil(),
            started: time::OffsetDateTime::UNIX_EPOCH,
        };
        let all = set.migrations.iter().collect();
        let trial = Trial { trips: all, tests: Vec::new(), examples: &[], seed: 1, all_apply: false };
        let trips = try_out(&ctx, &set, &trial).unwrap().trips;
        assert_eq!(trips.len(), set.migrations.len());
        for trip in trips {
            match trip.outcome {
                TripOutcome::Passed => passed += 1,
                TripOutcome::UpOnly(_) => up_only += 1,
                TripOutcome::NotRun(reason) => println!("{} V{}: {reason}", chain.display(), trip.version),
                TripOutcome::Failed(failures) => {
                    failed += 1;
                    assert!(!failures.is_empty());
                    for failure in failures {
                        assert!(failure.location.line > 0);
                        println!("{}: {}", failure.location, failure.message);
                    }
                }
            }
        }
    }
    println!(
        "{} of {tables} tables seeded; round trips: {passed} passed, {failed} failed, {up_only} up only",
        tables - empty
    );
    assert!(tables > form(400, 1000) && empty * 20 < tables, "{empty} of {tables} tables are empty");
    assert!(passed > form(15, 30), "{passed}");
}
