//! The law of the fast way to a schema: what is loaded of a script without running it is what running it makes, and it is
//! found wherever it can be; what has to be run is left to running.

use std::fs;
use std::path::PathBuf;

use planctl::internals::base::job::Job;
use planctl::internals::base::source::SourceFile;
use planctl::internals::diff::diff;
use planctl::internals::engine;
use planctl::internals::engine::{Renaming, SpecDatabase};
use planctl::internals::schema::{Ident, Schema};
use planctl::internals::sql::tokens;
use proptest::prelude::*;

use crate::generators::dice::Dice;
use crate::generators::schema_gen::schema;
use crate::harness::{case_count, cases::pairs, entries, form, shared};

/// The schema in full, with the spelling of each name.
fn in_full(spec: &dyn SpecDatabase) -> String {
    format!("{:#?}", spec.schema().unwrap())
}

/// Whether what the schema has in common with the accepted one may be that one's, as an audit has it: the same differences are
/// found, in the same words.
fn compares_alike(loaded: &dyn SpecDatabase, accepted: &Schema) -> Result<(), String> {
    let differences =
        |expected: &Schema| format!("{:#?}", diff(expected, accepted, &mut *loaded.equivalence()).unwrap());
    let stated = differences(&loaded.schema().unwrap());
    let beside = differences(&loaded.schema_beside(accepted).unwrap());
    let line = stated.lines().zip(beside.lines()).find(|(a, b)| a != b);
    if stated == beside { Ok(()) } else { Err(format!("the differences: {line:?}")) }
}

/// Says where the two ways differ, `None` when the script has to be run.
fn both_ways(source: &SourceFile, accepted: &Schema) -> Option<Result<(), String>> {
    let mut loaded = engine::fast_load(source, accepted, Job::quiet())?;
    let mut run = match engine::spec_database(source, Job::quiet()) {
        Ok(run) => run,
        Err(error) => return Some(Err(format!("SQLite refuses it: {error}"))),
    };
    let same = |how: &str, loaded: &dyn SpecDatabase, run: &dyn SpecDatabase| {
        let (loaded, run) = (in_full(loaded), in_full(run));
        let line = loaded.lines().zip(run.lines()).find(|(a, b)| a != b);
        if loaded == run { Ok(()) } else { Err(format!("{how}: {line:?}")) }
    };
    let result = same("as it stands", &*loaded, &*run);
    let result = result.and_then(|()| compares_alike(&*loaded, accepted)).and_then(|()| {
        let table = run.schema().unwrap().tables.values().find(|table| !table.is_virtual()).cloned();
        let Some(table) = table else { return Ok(()) };
        let renaming = |column: Option<&Ident>| Renaming {
            table: table.name.clone(),
            column: column.cloned(),
            to: Ident::from("a new name".to_owned()),
        };
        let renamings = [renaming(None), renaming(table.columns.first().map(|column| &column.name))];
        match (loaded.rename(&renamings), run.rename(&renamings)) {
            (Ok(()), Ok(())) => same("renamed", &*loaded, &*run),
            (Err(a), Err(b)) if a.to_string() == b.to_string() => Ok(()),
            (a, b) => Err(format!("renamed: {a:?} / {b:?}")),
        }
    });
    Some(result)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: case_count(64, 256), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_random_schema_is_what_it_states(seed: u64, spelling: u64, other: u64) {
        let model = schema(seed);
        let source = SourceFile::new("spec.sql", model.write(Some(Dice::new(spelling))));
        let live = SourceFile::new("live.sql", model.write(Some(Dice::new(other))));
        let live = engine::spec_database(&live, Job::quiet()).unwrap().schema().unwrap();
        for accepted in [Schema::default(), live] {
            let found = both_ways(&source, &accepted);
            prop_assert_eq!(found, Some(Ok(())), "{}", source.text());
        }
    }
}

fn check(scripts: Vec<SourceFile>) -> usize {
    let (mut wrong, mut loaded) = (Vec::new(), 0);
    for source in &scripts {
        let own =
            engine::spec_database(source, Job::quiet()).and_then(|run| run.schema()).unwrap_or_default();
        for accepted in [Schema::default(), own] {
            match both_ways(source, &accepted) {
                None => {}
                Some(Ok(())) => loaded += 1,
                Some(Err(difference)) => wrong.push(format!("{}: {difference}", source.path().display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    eprintln!("{loaded} of {} without running", scripts.len() * 2);
    loaded
}

#[test]
fn both_sides_of_each_audit_case_are_what_they_state() {
    let side = |name: &str, sql: String| SourceFile::new(name, sql);
    let scripts: Vec<SourceFile> = pairs()
        .into_iter()
        .flat_map(|case| [case.spec, case.live].map(|sql| side(&case.name, sql)))
        .collect();
    let loaded = check(scripts.clone());
    assert!(loaded > scripts.len(), "most cases need no running, only {loaded} of {}", 2 * scripts.len());
}

#[test]
fn the_schemas_of_known_applications_are_what_they_state() {
    let Some(schemas) = shared("corpus/schemas") else { return };
    let mut paths = entries(&schemas);
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    let read = |path: PathBuf| SourceFile::new(path.clone(), fs::read_to_string(path).unwrap());
    assert!(check(paths.into_iter().map(read).collect()) > 0);
}

/// Some tokens in parentheses, or two that have changed places: what is then taken for what was accepted, SQLite accepts.
#[test]
fn parentheses_and_clauses_in_any_place_are_as_sqlite_has_them() {
    let (mut wrong, mut loaded, mut changed) = (Vec::new(), 0, 0);
    for seed in 0..form(400, 8_000) {
        let mut dice = Dice::new(seed as u64);
        let script = schema(dice.below(usize::MAX) as u64).write(None);
        let live = SourceFile::new("live.sql", script.as_str());
        let live = engine::spec_database(&live, Job::quiet()).unwrap().schema().unwrap();
        let mut parts: Vec<String> = tokens(&script).map(|token| token.text.to_owned()).collect();
        for _ in 0..1 + dice.below(2) {
            let at = dice.below(parts.len());
            let end = (at + dice.below(6)).min(parts.len() - 1);
            if dice.chance(3) {
                let width = 1 + dice.below(3);
                let mut range = at..(at + 2 * width).min(parts.len());
                parts[range.clone()].rotate_left(width.min(range.len()));
                changed += usize::from(range.next().is_some());
            } else {
                parts[at].insert(0, '(');
                parts[end].push(')');
            }
        }
        let source = SourceFile::new("spec.sql", parts.join(" "));
        match both_ways(&source, &live) {
            None => {}
            Some(Ok(())) => loaded += 1,
            Some(Err(difference)) => wrong.push(format!("{difference}\n{}", source.text())),
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(
        loaded > form(8, 160) && changed > form(50, 1_000),
        "{loaded} are accepted, {changed} changed places"
    );
}

fn state(script: &str) -> Option<Result<(), String>> {
    both_ways(&SourceFile::new("spec.sql", script.to_owned()), &Schema::default())
}

#[test]
fn what_sqlite_stores_it_stores_to_the_byte() {
    for script in [
        "CREATE TABLE t(a) /* c */ ; CREATE INDEX i ON t(a) /* c */ ; CREATE VIEW v AS SELECT 1 /* c */ ;",
        "CREATE TABLE t(a TEXT NOT NULL UNIQUE) STRICT -- c\n ; ",
        "CREATE TABLE t(a INT PRIMARY KEY, b INT) STRICT , WITHOUT ROWID /* c */",
        "CREATE TABLE t(a PRIMARY KEY) WITHOUT ROWID -- c\n;",
        "create table if not exists main . [t x](a);create unique index if not exists main.i on 't x'(a desc) where a",
        "CREATE TABLE Tab(a); CREATE INDEX I ON tAB(a); CREATE TRIGGER R after insert on taB begin select 1; end -- c\n;",
        "CREATE VIEW v(a) AS SELECT 1\n\t ; CREATE TRIGGER r INSTEAD OF DELETE ON V BEGIN SELECT 1; END",
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, b UNIQUE, c, UNIQUE (c, b), UNIQUE (b))",
        "CREATE TABLE t(a, b AS (a + 1) STORED, c AS (twice(b)), CHECK (twice(a) > 1))",
        "CREATE TABLE t(a TEXT COLLATE german UNIQUE); CREATE INDEX i ON t(twice(a), a COLLATE other)",
        "CREATE VIRTUAL TABLE f USING fts5(a); CREATE VIRTUAL TABLE z USING unheard_of(a, b); CREATE TABLE t(a)",
        "PRAGMA user_version = 3; CREATE TABLE t(a); PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON",
        "CREATE TABLE \"a\"\"b\"([c] DEFAULT 'it''s'); CREATE INDEX \"i\"\"\" ON \"a\"\"b\"(c)",
        "",
    ] {
        assert_eq!(state(script), Some(Ok(())), "{script}");
    }
}

#[test]
fn what_may_do_something_else_is_run() {
    for script in [
        "CREATE TABLE t AS SELECT 1 AS a",
        "CREATE TABLE t(a); CREATE TABLE IF NOT EXISTS t(a, b)",
        "CREATE TABLE t(a); INSERT INTO t VALUES (1)",
        "CREATE TABLE t(a); DROP TABLE t",
        "CREATE TEMP TABLE t(a)",
        "PRAGMA encoding = 'UTF-16'; CREATE TABLE t(a)",
        "PRAGMA writable_schema = ON; CREATE TABLE t(a)",
        "CREATE VIRTUAL TABLE f USING fts5(a); CREATE INDEX i ON f_data(block)",
    ] {
        assert_eq!(state(script), None, "{script}");
    }
}

#[test]
fn what_sqlite_refuses_is_left_to_it() {
    for script in [
        "CREATE TABLE t(a,)",
        "CREATE TABLE t(a",
        "CREATE TABLE sqlite_t(a)",
        "CREATE TABLE t(a DEFAULT (?1))",
        "CREATE TABLE t(a DEFAULT (b))",
        "CREATE TABLE t(a, a)",
        "CREATE TABLE t(a CHECK (b))",
        "CREATE TABLE t(a AS (1))",
        "CREATE TABLE t(z, a AS (b), b AS (a))",
        "CREATE TABLE t(a TEXTS) STRICT",
        "CREATE TABLE t(a) WITHOUT ROWID",
        "CREATE TABLE t(a); CREATE INDEX t ON t(a)",
        "CREATE TABLE t(a); CREATE VIEW T AS SELECT 1",
        "CREATE TABLE t(a); CREATE INDEX i ON t(b)",
        "CREATE INDEX i ON t(a); CREATE TABLE t(a)",
        "CREATE VIEW v AS SELECT 1 AS a; CREATE INDEX i ON v(a)",
        "CREATE TABLE t(a); CREATE INDEX i ON t(random())",
        "CREATE TABLE t(a CHECK (load_extension('x')))",
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END; CREATE TABLE t(a)",
        "CREATE TABLE t(a); CREATE TRIGGER r INSTEAD OF INSERT ON t BEGIN SELECT 1; END",
        "CREATE TABLE t(a); CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT ?1; END",
        "CREATE VIEW v AS SELECT $a",
        "CREATE VIEW v AS SELECT 1; CREATE TRIGGER r AFTER INSERT ON v BEGIN SELECT 1; END",
        "CREATE TABLE t(a, FOREIGN KEY (a) REFERENCES p (b, c))",
        "CREATE TABLE t(a CHECK (count(a)))",
        "CREATE TABLE t(a CHECK (twice(a) OVER ()))",
        "CREATE TABLE t(a CHECK (a IN (SELECT 1)))",
        "PRAGMA user_version = = 3",
    ] {
        let source = SourceFile::new("spec.sql", script.to_owned());
        assert!(engine::spec_database(&source, Job::quiet()).is_err(), "SQLite accepts {script}");
        assert_eq!(state(script), None, "{script}");
    }
}

/// What is new among what was accepted, in each kind, and what it is on.
#[test]
fn what_is_new_among_what_was_accepted_is_what_it_states() {
    let accepted = [
        "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT UNIQUE DEFAULT 'x', c AS (b) STORED)",
        "CREATE TABLE u(a REFERENCES t, b, UNIQUE (a, b))",
        "CREATE INDEX i ON t(b) WHERE b > 'a'",
        "CREATE INDEX j ON u(b)",
        "CREATE VIEW v AS SELECT a, b FROM t",
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TRIGGER s INSTEAD OF INSERT ON v BEGIN SELECT 1; END",
    ];
    let source = |text: &str| SourceFile::new("spec.sql", text.to_owned());
    let live = engine::spec_database(&source(&accepted.join(";")), Job::quiet()).unwrap().schema().unwrap();
    let added = [
        "PRAGMA user_version = 3",
        "CREATE TABLE w(a, b AS (a), UNIQUE (a))",
        "CREATE INDEX k ON T(b DESC)",
        "CREATE VIEW x AS SELECT * FROM v",
        "CREATE TRIGGER q AFTER DELETE ON U BEGIN DELETE FROM t; END",
        "CREATE TRIGGER q INSTEAD OF DELETE ON v BEGIN DELETE FROM t; END",
        "CREATE VIRTUAL TABLE f USING fts5(a)",
    ];
    let changed = (0..accepted.len()).flat_map(|at| {
        let other = [
            ("a, b", "b, a"),
            ("ON t(b)", "ON t(b, a)"),
            ("ON u(b)", "ON u(a)"),
            ("SELECT 1", "SELECT 2"),
            ("'x'", "'y'"),
        ];
        other.map(|(from, to)| {
            let mut script = accepted.map(str::to_owned);
            script[at] = script[at].replace(from, to);
            script.join(";")
        })
    });
    let added = added.map(|added| format!("{}; {added}", accepted.join("; ")));
    for script in added.into_iter().chain(changed) {
        let script = script.to_uppercase().replace("'X'", "'x'").replace("'Y'", "'y'").replace("'A'", "'a'");
        let found = both_ways(&source(&script), &live);
        assert!(matches!(found, Some(Ok(()))), "{script}: {found:?}");
    }
}

/// A string in double quotes is none without them, whatever else is the same.
#[test]
fn a_name_that_was_a_string_in_double_quotes_is_asked_about() {
    let source = |text: &str| SourceFile::new("spec.sql", text.to_owned());
    let accepted = "CREATE TABLE t(a, CHECK (a <> \"open\"))";
    let live = engine::spec_database(&source(accepted), Job::quiet()).unwrap().schema().unwrap();
    for name in ["open", "[open]", "`open`"] {
        let script = source(&accepted.replace("\"open\"", name));
        assert!(engine::spec_database(&script, Job::quiet()).is_err(), "SQLite accepts {name}");
        assert!(engine::fast_load(&script, &live, Job::quiet()).is_none(), "{name}");
    }
}

/// Even a comment inside a type counts for the affinity.
#[test]
fn a_type_is_read_as_sqlite_keeps_it() {
    let source = |text: &str| SourceFile::new("spec.sql", text.to_owned());
    let types = [
        "CREATE TABLE t(a VARCHAR (9), b \"odd\" \"type\")",
        "CREATE TABLE t(a VARCHAR /* int */ (9), b [odd] type)",
        "CREATE TABLE t(a varchar(9), b odd -- char\n type)",
        "CREATE TABLE t(a VarChar(9 -- real\n), b odd/**/type /* blob */)",
        "CREATE TABLE t(a VARCHAR(/*int*/+/*int*/9), -- int\n b odd type)",
    ];
    for live in types {
        let accepted = engine::spec_database(&source(live), Job::quiet()).unwrap().schema().unwrap();
        for script in types {
            assert_eq!(both_ways(&source(script), &accepted), Some(Ok(())), "{script}\n{live}");
        }
    }
}

#[test]
fn what_was_accepted_is_refused_where_the_rest_makes_it_wrong() {
    let source = |text: &str| SourceFile::new("spec.sql", text.to_owned());
    let accepted =
        "CREATE TABLE t(a); CREATE INDEX i ON t(a); CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;
        CREATE VIEW v AS SELECT 1; CREATE TRIGGER s INSTEAD OF INSERT ON v BEGIN SELECT 1; END;";
    let live = engine::spec_database(&source(accepted), Job::quiet()).unwrap().schema().unwrap();
    for script in [
        accepted.replace("t(a); CREATE INDEX", "t(b); CREATE INDEX"),
        accepted.replace("CREATE VIEW v AS SELECT 1", "CREATE TABLE v(a)"),
        accepted.replace("CREATE TABLE t(a)", "CREATE VIEW t AS SELECT 1 AS a"),
        accepted.replace("CREATE TABLE t(a);", "") + "CREATE TABLE t(a);",
        accepted.replace("CREATE TABLE t(a);", "CREATE VIRTUAL TABLE t USING fts5(a);"),
        format!("{accepted} CREATE TABLE T(a)"),
    ] {
        assert!(engine::spec_database(&source(&script), Job::quiet()).is_err(), "SQLite accepts {script}");
        assert!(engine::fast_load(&source(&script), &live, Job::quiet()).is_none(), "{script}");
    }
}
