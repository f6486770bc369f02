//! What `generate` writes, `check` passes: whatever the two schemas are, names that change included.

use planctl::internals::base::job::Job;
use planctl::internals::base::rule::GateRule;
use planctl::internals::commands::{Context, check};
use planctl::internals::plan::RenamedFrom;
use proptest::prelude::*;

use super::random::{schema, seed};
use super::*;
use crate::harness::case_count;
use crate::harness::cases::cases as both_ways;

/// What the spec says, and generate repeats: it is for whoever wrote the spec to answer.
const OF_THE_SPEC: &[&str] = &["foreign-key-without-index", "double-quoted-string", "set-null-on-not-null"];

/// Pairs of the audit's cases in which the value that is given here for a new column is none: '1' as the key of a row.
const NO_VALUE: &[&str] = &["column_missing_takes_its_constraints_along"];

/// Whether a view or trigger of the schema does not compile in the first place.
fn is_broken(schema: &Schema) -> bool {
    let mut scratch = engine::scratch(Job::quiet()).unwrap();
    for statement in planctl::internals::sql::statements(&plan::script(schema)) {
        let _ = scratch.run(statement.text, 0);
    }
    let schema = scratch.inspect().unwrap();
    !scratch.broken_objects(&schema).unwrap().is_empty()
}

/// What `check` finds of the pair from one schema to the other; nothing where the first cannot even be made here.
fn found(from: &Schema, goal: &SourceFile, scripts: &ScriptPair) -> Vec<String> {
    let dir = in_memory();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    fs::create_dir(dir.path().join("migrations")).unwrap();
    // A shadow database is as SQLite makes it: nobody can begin with other settings.
    let first = Schema { pragmas: Default::default(), ..from.clone() };
    let first = format!("-- planctl:irreversible it begins here\n{}", plan::script(&first));
    write("migrations/V1__first.sql", &first);
    write("migrations/V2__second.sql", &up_text("V2__second", scripts));
    if scripts.irreversible.is_none() {
        write("migrations/V2__second.down.sql", &down_text("V2__second", scripts));
    }
    write("spec.sql", goal.text());
    let request = check::CheckRequest {
        migrations: dir.path().join("migrations"),
        spec: dir.path().join("spec.sql"),
        deviations: None,
        tests: dir.path().join("tests"),
        reports: dir.path().join("reports"),
        docs: None,
        models: Vec::new(),
        sqlite_version: NEWEST,
        target: Target::Sqlite,
        policy: Default::default(),
        others: Default::default(),
        fail_on: Default::default(),
    };
    let mut context =
        Context { job: Job::quiet(), run_id: ulid::Ulid::nil(), started: time::OffsetDateTime::UNIX_EPOCH };
    let report = match check::run(&mut context, &request) {
        Ok(report) => report,
        Err(error) => return vec![format!("{error} {:?}", error.notes())],
    };
    let findings = report.findings.iter().filter(|finding| !OF_THE_SPEC.contains(&finding.rule.as_str()));
    if findings.clone().any(|finding| {
        finding.rule == GateRule::MigrationFailed.into() && finding.message.contains("V1__first")
    }) {
        return Vec::new();
    }
    let mut found: Vec<String> =
        findings.map(|finding| format!("{}: {}", finding.rule, finding.sentence())).collect();
    found.extend(report.error.map(|error| format!("{error} {:?}", error.notes())));
    found
}

#[test]
fn check_passes_what_generate_writes_for_every_pair_of_the_audits_cases() {
    let (mut wrong, mut passed) = (Vec::new(), 0);
    for pair in both_ways().into_iter().step_by(form(4, 1)) {
        let [goal, from] = &sides(&pair);
        let from = schema_of(from);
        let to = schema_of(goal);
        // What only an application has, and a beginning that is none, is not the question.
        if !runs_here(&from) || !runs_here(&to) || from.tables.is_empty() {
            continue;
        }
        if NO_VALUE.contains(&pair.name.as_str()) || is_broken(&to) {
            continue;
        }
        let Ok(Some(scripts)) = generate(&from, &to, OLDEST) else { continue };
        let found = found(&from, goal, &scripts);
        passed += 1;
        if !found.is_empty() {
            wrong.push(format!("{}: {found:#?}", pair.name));
        }
    }
    println!("{passed} pairs");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The schema with other names for a table and a column, and the hints that say so.
fn renamed(sql: &str, from: &Schema, table: bool, column: bool) -> (String, Hints) {
    let mut hints = Hints::default();
    let (mut sql, name) = (sql.to_owned(), |name: &str| Ident::from(name));
    let has = |sql: &str, part: &str| sql.contains(part);
    if column && has(&sql, "c1") {
        sql = sql.replace("c1", "d1");
        for n in 0..3 {
            let of = name(&format!("t{n}"));
            let to = if table && n == 0 { name("u0") } else { of.clone() };
            if from.tables.get(&of).is_some_and(|table| table.column(&name("c1")).is_some()) {
                hints.renamed.push(RenamedFrom {
                    table: to,
                    column: Some(name("d1")),
                    from: name("c1"),
                    location: None,
                });
            }
        }
    }
    if table {
        sql = sql.replace("t0", "u0");
        hints.renamed.push(RenamedFrom { table: name("u0"), column: None, from: name("t0"), location: None });
    }
    (sql, hints)
}

proptest! {
    // Few, since each case is a run of the whole gate.
    #![proptest_config(ProptestConfig { cases: case_count(20, 60), rng_seed: seed(), max_global_rejects: 1_000_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn check_passes_what_generate_writes(
        one in schema(),
        other in schema(),
        table in any::<bool>(),
        column in any::<bool>(),
        newest in any::<bool>(),
    ) {
        let one = SourceFile::new("one.sql", one);
        let known = |source: &SourceFile| engine::spec_database(source, Job::quiet()).and_then(|spec| spec.schema());
        let Ok(from) = known(&one) else { return Err(TestCaseError::reject("SQLite refuses it")) };
        let (other, hints) = renamed(&other, &from, table, column);
        let other = SourceFile::new("other.sql", other);
        let Ok(goal) = known(&other) else { return Err(TestCaseError::reject("SQLite refuses it")) };
        if is_broken(&goal) {
            return Err(TestCaseError::reject("its own trigger does not compile"));
        }
        if let Ok(Some(scripts)) = generate_with(hints, &from, &goal, if newest { NEWEST } else { OLDEST }) {
            let found = found(&from, &other, &scripts);
            prop_assert!(
                found.is_empty(),
                "{:#?}\n{}\n---\n{}\n---\n{}",
                found, one.text(), other.text(), up_text("V2__second", &scripts)
            );
        }
    }
}

/// Each a pair whose child has rows only as far as its parent keeps some. What is computed before and plain afterwards
/// stays what it was: check brings it there as generate does, whatever it is called.
#[test]
fn a_constant_that_becomes_plain_and_unique_is_the_one_key_that_children_refer_to() {
    let first = "CREATE TABLE p (id TEXT PRIMARY KEY, g TEXT AS ('s') STORED, a TEXT);";
    let second = "CREATE TABLE p (id TEXT PRIMARY KEY, g TEXT UNIQUE, a TEXT NOT NULL);";
    for (name, from, goal, renamed, takes_part) in [
        (
            "one parent, several children",
            format!("{first} CREATE TABLE c (x TEXT NOT NULL, b TEXT);"),
            format!("{second} CREATE TABLE c (x TEXT NOT NULL REFERENCES p(g), b TEXT NOT NULL UNIQUE);"),
            false,
            true,
        ),
        (
            "one parent, one child",
            format!("{first} CREATE TABLE c (x TEXT NOT NULL UNIQUE, b TEXT, g AS (1 + 1));"),
            format!("{second} CREATE TABLE c (x TEXT NOT NULL UNIQUE REFERENCES p(g), b TEXT NOT NULL UNIQUE, g UNIQUE);"),
            false,
            true,
        ),
        (
            "the key has another name",
            format!("{first} CREATE TABLE c (x TEXT NOT NULL, b TEXT);"),
            format!(
                "{} CREATE TABLE c (x TEXT NOT NULL REFERENCES p(h), b TEXT NOT NULL UNIQUE);",
                second.replace("g TEXT", "h TEXT")
            ),
            true,
            true,
        ),
        (
            "no child of it can be",
            format!("{first} CREATE TABLE c (x TEXT NOT NULL CHECK (x <> 's'), b TEXT);"),
            format!("{second} CREATE TABLE c (x TEXT NOT NULL CHECK (x <> 's') REFERENCES p(g), b TEXT NOT NULL UNIQUE);"),
            false,
            false,
        ),
        (
            "no child at all can be, and its name is odd",
            "CREATE TABLE p (id TEXT PRIMARY KEY, a TEXT); CREATE TABLE \"c\nd\" (x TEXT NOT NULL, b TEXT);".to_owned(),
            "CREATE TABLE p (id TEXT PRIMARY KEY, a TEXT NOT NULL);
             CREATE TABLE \"c\nd\" (x TEXT NOT NULL REFERENCES p(id), b TEXT NOT NULL UNIQUE, CHECK (b = 'q' AND x = 's' AND b = x));"
                .to_owned(),
            false,
            false,
        ),
    ] {
        let [from, goal] = [("from.sql", from), ("goal.sql", goal)].map(|(file, sql)| SourceFile::new(file, sql));
        let (start, end) = (schema_of(&from), schema_of(&goal));
        let mut hints = Hints::default();
        if renamed {
            let [table, column, from] = ["p", "h", "g"].map(Ident::from);
            hints.renamed.push(RenamedFrom { table, column: Some(column), from, location: None });
        }
        let scripts = generate_with(hints, &start, &end, OLDEST).unwrap().unwrap();
        assert_eq!(scripts.untested.is_empty(), takes_part, "{name}: {:?}", scripts.untested);
        assert_eq!(found(&start, &goal, &scripts), Vec::<String>::new(), "{name}");
    }
}

/// The rows that the trigger would fire for have no parent, and go again before the migration is tried.
#[test]
fn a_trigger_of_the_first_schema_that_does_not_compile_is_no_trouble_of_the_gates() {
    let from = SourceFile::new(
        "from.sql",
        "CREATE TABLE t (c INTEGER AS (1 + 1), d INTEGER, FOREIGN KEY (c) REFERENCES nowhere(c));
         CREATE TRIGGER r AFTER DELETE ON t BEGIN UPDATE t SET c = old.c; END;",
    );
    let goal = SourceFile::new("goal.sql", "CREATE TABLE t (c INTEGER);");
    let (start, end) = (schema_of(&from), schema_of(&goal));
    let scripts = generate(&start, &end, OLDEST).unwrap().unwrap();
    assert_eq!(found(&start, &goal, &scripts), Vec::<String>::new());
}
