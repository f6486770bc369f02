//! What is generated for places where foreign keys are enforced while it runs.

use planctl::internals::sql::statements;
use proptest::prelude::*;

use super::random::{schema, seed};
use super::*;

/// Law: with foreign keys on, in one transaction in which they cannot be switched off, what is generated there and back keeps
/// every row, and leads where it leads without them. Gives whether rows took part.
fn run_enforced(name: &str, from: &SourceFile, goal: &SourceFile, scripts: &ScriptPair) -> bool {
    let (start, end) = (schema_of(from), schema_of(goal));
    if !runs_here(&start) || !runs_here(&end) {
        return false;
    }
    let dir = in_memory();
    let db = dir.path().join("a.db");
    let conn = Connection::open(&db).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    conn.execute_batch(&plan::script(&start)).unwrap_or_else(|error| panic!("{name}: {error}"));
    fill(&db, &start);
    keep_what_holds(&conn, &start);
    conn.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    let mut before = rows(&db, [&start, &end]);
    let ways = [
        (up_text("V1__x", scripts), goal, [&start, &end]),
        (down_text("V1__x", scripts), from, [&start, &end]),
    ];
    for (text, wanted, pair) in ways.into_iter().take(if scripts.irreversible.is_some() { 1 } else { 2 }) {
        let whole = || -> rusqlite::Result<()> {
            conn.execute_batch("BEGIN; PRAGMA foreign_keys = OFF")?;
            statements(&text).iter().try_for_each(|statement| conn.execute_batch(statement.text))?;
            conn.execute_batch("COMMIT")
        };
        if let Err(error) = whole() {
            // Rows that came without a look at the goal may be none that it can hold.
            let code = error.sqlite_error_code();
            assert_eq!(code, Some(rusqlite::ErrorCode::ConstraintViolation), "{name}: {error}\n{text}");
            conn.execute_batch("ROLLBACK").unwrap();
            if !before.is_empty() {
                assert_eq!(rows(&db, pair), before, "{name}: stopped, and changed rows");
            }
            return false;
        }
        let live = engine::open(&db, Access::ReadOnly, OpenOptions::default(), Job::quiet()).unwrap();
        assert_eq!(findings(wanted, &{ live }.inspect().unwrap()), Vec::<String>::new(), "{name}\n{text}");
        if !scripts.down_stops.is_empty() {
            before.clear();
        }
        if !before.is_empty() {
            assert_eq!(rows(&db, pair), before, "{name}: rows\n{text}");
        }
    }
    before.values().any(|rows| !rows.is_empty())
}

/// Takes out rows whose foreign keys do not hold, until all do.
fn keep_what_holds(conn: &Connection, schema: &Schema) {
    for trigger in schema.triggers.values() {
        conn.execute_batch(&format!("DROP TRIGGER {}", quote(trigger.name.as_str()))).unwrap();
    }
    while let Some(table) = broken(conn) {
        conn.execute_batch(&format!("DELETE FROM {}", quote(&table))).unwrap();
    }
    for trigger in schema.triggers.values() {
        conn.execute_batch(&trigger.sql).unwrap();
    }
}

/// A table with rows whose keys do not hold; none where keys cannot be checked at all.
fn broken(conn: &Connection) -> Option<String> {
    let asked = "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1";
    conn.query_row(asked, [], |row| row.get(0)).ok()
}

fn generate_enforced(from: &Schema, goal: &Schema) -> Result<Option<ScriptPair>, Error> {
    generate_on(from, goal, Terms { target: Target::D1, ..terms(OLDEST, Hints::default()) })
}

#[test]
fn every_pair_of_the_audits_cases_is_closed_where_keys_are_enforced() {
    let mut wrong = Vec::new();
    for (n, case) in pairs().into_iter().enumerate() {
        let sources = sides(&case);
        // In the short form one way.
        for (a, b) in [(0, 1), (1, 0)].into_iter().skip(n % form(2, 1)).step_by(form(2, 1)) {
            let name = format!("{} {a}→{b}", case.name);
            let (from, goal) = (schema_of(&sources[a]), schema_of(&sources[b]));
            let plainly = generate(&from, &goal, OLDEST);
            match generate_enforced(&from, &goal) {
                Ok(Some(scripts)) => {
                    let ran =
                        std::panic::catch_unwind(|| run_enforced(&name, &sources[a], &sources[b], &scripts));
                    wrong.extend(ran.err().and_then(|panic| panic.downcast_ref::<String>().cloned()));
                }
                Ok(None) => assert!(matches!(plainly, Ok(None)), "{name}"),
                Err(error) if plainly.is_ok() => wrong.push(format!("{name}: {error} {:?}", error.notes())),
                Err(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn has_a_key_to_nothing(schema: &Schema) -> bool {
    let mut keys = schema.tables.values().flat_map(|table| &table.foreign_keys);
    keys.any(|key| !schema.tables.contains_key(&key.parent))
}

#[test]
fn every_step_of_the_chains_of_known_applications_is_closed_where_keys_are_enforced() {
    let Some(chains) = shared("corpus/chains") else { return };
    let (mut wrong, mut with_rows) = (Vec::new(), 0);
    for dir in entries(&chains) {
        let schemas = super::chain(&dir);
        for (n, pair) in schemas.windows(2).enumerate().step_by(form(18, 1)) {
            let name = format!("{} {}", dir.file_name().unwrap().display(), n + 1);
            let sources = [&pair[0], &pair[1]].map(|s| SourceFile::new("x.sql", plan::script(s)));
            match generate_enforced(&pair[0], &pair[1]) {
                Ok(Some(scripts)) => {
                    let run = || run_enforced(&name, &sources[0], &sources[1], &scripts);
                    match std::panic::catch_unwind(run) {
                        Ok(has_rows) => with_rows += usize::from(has_rows),
                        Err(panic) => wrong.push(panic.downcast_ref::<String>().cloned().unwrap_or(name)),
                    }
                }
                Ok(None) => {}
                // No row of such a table can be written there.
                Err(error) if pair.iter().any(has_a_key_to_nothing) => {
                    let says = |note: &String| {
                        note.contains("which does not exist: where foreign keys are enforced")
                    };
                    assert!(error.notes().iter().any(says), "{name}: {error} {:?}", error.notes());
                }
                Err(error) => wrong.push(format!("{name}: {error} {:?}", error.notes())),
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(with_rows > 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::harness::case_count(30, 150), rng_seed: seed(), max_global_rejects: 1_000_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_two_schemas_are_closed_where_keys_are_enforced(one in schema(), other in schema()) {
        let sources = [SourceFile::new("one.sql", one), SourceFile::new("other.sql", other)];
        let known = |source: &SourceFile| engine::spec_database(source, Job::quiet()).and_then(|spec| spec.schema());
        let (Ok(from), Ok(goal)) = (known(&sources[0]), known(&sources[1])) else {
            return Err(TestCaseError::reject("SQLite refuses it"));
        };
        match generate_enforced(&from, &goal) {
            Ok(Some(scripts)) => { run_enforced("random", &sources[0], &sources[1], &scripts); }
            Ok(None) => prop_assert_eq!(findings(&sources[1], &from), Vec::<String>::new()),
            Err(error) => {
                let text = format!("{error} {:?}", error.notes());
                // Nor can rows be written that refer to a table that is not there.
                let known = ["foreign key mismatch", "no such table: main."];
                prop_assert!(known.iter().any(|known| text.contains(known)), "{}\n{}\n---\n{}", text, sources[0].text(), sources[1].text());
            }
        }
    }
}
