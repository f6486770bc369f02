//! Names and texts of migration files and their tests, through the loader, the lint rules and the runner.
//!
//! An input is a text of several files, each begun by a line `==> NAME <==`.

use planctl::internals::commands::migrate::{lint, test};
use planctl::internals::migrations::lint::LintOptions;
use planctl::internals::migrations::{MigrationSet, testing};
use planctl::internals::sql::{SqliteVersion, Target};

use super::place::Place;
use super::run::{command, shown, well};
use super::{files, text};

/// No panic, no endless loop, and no file is touched; the loader says the same of a folder and of texts.
pub(crate) fn hold(input: &[u8]) {
    let text = text(input);
    let files = sections(&text);
    let set = well(MigrationSet::from_texts("migrations".as_ref(), files.iter().copied()));
    if let Some(set) = &set {
        read(set);
    }
    // On a disk: what is no name of a file there is left out.
    let place = Place::new();
    let mut all_written = true;
    let (migrations, tests) = (place.path("migrations"), place.path("tests"));
    for dir in [&migrations, &tests] {
        std::fs::create_dir_all(dir).unwrap();
    }
    for (name, text) in &files {
        let dir = if name.ends_with(".test.sql") { &tests } else { &migrations };
        let is_name = !name.is_empty() && !name.contains(['/', '\0']) && !matches!(*name, "." | "..");
        all_written &= is_name && !dir.join(name).exists() && std::fs::write(dir.join(name), text).is_ok();
    }
    let before = place.picture();
    let loaded = well(MigrationSet::load(&migrations));
    let is_test = files.iter().any(|(name, _)| name.ends_with(".test.sql"));
    if all_written && !is_test {
        assert_eq!(loaded.is_some(), set.is_some(), "a folder is judged otherwise than its texts");
    }
    drop(well(testing::load(&tests)));
    let sqlite_version = SqliteVersion::new(35, 0);
    command(|ctx| {
        let (migrations, tests) = (migrations.clone(), tests.clone());
        let (spec, deviations, policy) = (tests.join("spec.sql"), None, Default::default());
        lint::run(
            ctx,
            &lint::LintRequest {
                migrations,
                tests,
                spec,
                deviations,
                sqlite_version,
                target: Target::Sqlite,
                policy,
                since: None,
            },
        )
    });
    let request = test::TestRequest { migrations, tests, tests_named: true, filter: None, seed: 1 };
    command(|ctx| test::run(ctx, &request));
    assert!(place.picture() == before, "reading the files changed them");
}

fn read(set: &MigrationSet) {
    for migration in &set.migrations {
        drop(well(migration.up_steps()));
        drop(well(migration.down_steps()));
        let _ = (migration.label(), migration.irreversible());
        migration.refused_statement().iter().for_each(shown);
    }
    let tested = std::collections::BTreeSet::new();
    let options = LintOptions { sqlite_version: SqliteVersion::new(35, 0), target: Target::Sqlite, tested };
    let findings = planctl::internals::migrations::lint::lint(set, &options);
    for finding in findings {
        assert!(finding.location.is_some_and(|at| at.line > 0 && at.column > 0));
    }
}

/// Names and texts. Text before the first name belongs to none.
fn sections(text: &str) -> Vec<(&str, &str)> {
    let mut sections = Vec::new();
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once("==> ") {
        if let Some((_, text)) = sections.last_mut() {
            *text = head;
        }
        let Some((name, tail)) = tail.split_once(" <==\n") else { return sections };
        sections.push((name, tail));
        rest = tail;
    }
    sections
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let one = |files: &[(String, Vec<u8>)]| {
        let parts =
            files.iter().map(|(name, bytes)| [format!("==> {name} <==\n").as_bytes(), bytes].concat());
        parts.collect::<Vec<_>>().concat()
    };
    let migrations = files("migrations", "sql");
    let mut tests = files("tests/migrations", "sql");
    let mut first = migrations[..4].to_vec();
    tests.truncate(3);
    first.extend(tests);
    // The whole chain stands in the corpus of the spec; here small sets are worth more.
    let mut seeds: Vec<Vec<u8>> = migrations.chunks(2).map(one).collect();
    seeds.push(one(&first));
    seeds.push(
        b"==> V1__a.sql <==\nCREATE TABLE plans (plan_id TEXT PRIMARY KEY, parent TEXT, root TEXT);\n\
          INSERT INTO plans VALUES ('a', NULL, NULL), ('b', 'a', NULL);\n\
          -- planctl:backfill root-ancestor table=plans id=plan_id parent=parent root=root\n\
          ==> V1__a.down.sql <==\n-- planctl:irreversible no rows\nDROP TABLE plans;\n\
          ==> V1__a.test.sql <==\n-- then\n-- expect: a | NULL\nSELECT plan_id, parent FROM plans;\n"
            .to_vec(),
    );
    seeds
}
