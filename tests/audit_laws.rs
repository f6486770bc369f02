//! The laws of the audit, on random schemas.
//!
//! - A schema is clean against itself, and against any re-spelling of itself.
//! - Any single change of meaning is found, both ways, and the finding names the object.
//! - The reader sees the constraints that SQLite's pragmas show.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::dice::Dice;
use common::schema_gen::schema;
use common::schema_mutate::mutations;
use planctl::audit::{Audit, Ledger};
use planctl::commands::audit::compare;
use planctl::engine;
use planctl::schema::Schema;
use planctl::source::SourceFile;
use proptest::prelude::*;

fn load(name: &str, sql: &str) -> (SourceFile, Schema) {
    let source = SourceFile::new(name, sql.to_owned());
    let schema = match engine::reference(&source) {
        Ok(reference) => reference.schema().unwrap(),
        Err(error) => panic!("{error:?}\n{sql}"),
    };
    (source, schema)
}

fn audit(spec: &SourceFile, live: &Schema) -> Audit {
    let today = time::Date::from_calendar_date(2026, time::Month::January, 1).unwrap();
    compare(spec, &Ledger::default(), live, false, today).unwrap()
}

fn messages(audit: &Audit) -> Vec<String> {
    audit.findings.iter().map(|f| format!("{} [{:?} / {:?}]", f.message, f.expected, f.actual)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_spelling_of_a_schema_is_clean_against_it(seed: u64, spelling: u64) {
        let model = schema(seed);
        let plain = model.write(None);
        let other = model.write(Some(Dice::new(spelling)));
        let (spec, expected) = load("spec.sql", &plain);
        let (respelled, actual) = load("live.sql", &other);
        for read in [&expected, &actual] {
            let unread: Vec<_> = read.tables.values().filter_map(|table| table.unread.as_ref()).collect();
            prop_assert!(unread.is_empty(), "{unread:?}\n{plain}\n{other}");
        }
        prop_assert_eq!(messages(&audit(&spec, &expected)), Vec::<String>::new(), "itself\n{}", plain);
        prop_assert_eq!(messages(&audit(&spec, &actual)), Vec::<String>::new(), "\n{}\n{}", plain, other);
        prop_assert_eq!(messages(&audit(&respelled, &expected)), Vec::<String>::new(), "back\n{}\n{}", plain, other);
    }

    #[test]
    fn any_single_change_is_found_and_names_its_object(seed: u64, chosen: u64) {
        let model = schema(seed);
        let mut all = mutations(&model);
        let mut dice = Dice::new(chosen);
        dice.shuffle(&mut all);
        let (spec, expected) = load("spec.sql", &model.write(None));
        for mutation in all.into_iter().take(4) {
            // The change must be found whatever the spelling of the rest.
            let changed = mutation.schema.write(dice.chance(2).then(|| dice.clone()));
            let (live, actual) = load("live.sql", &changed);
            for found in [audit(&spec, &actual), audit(&live, &expected)] {
                let named = |table: &Option<String>| {
                    table.as_ref().is_some_and(|table| table.eq_ignore_ascii_case(&mutation.table))
                };
                prop_assert!(
                    found.findings.iter().any(|finding| named(&finding.object.table)),
                    "{} of {} is not found: {:?}\n{}\n{}",
                    mutation.what, mutation.table, messages(&found), spec.text(), changed
                );
                prop_assert!(
                    found.findings.iter().all(|finding| named(&finding.object.table)),
                    "{} of {} is told of others: {:?}\n{}\n{}",
                    mutation.what, mutation.table, messages(&found), spec.text(), changed
                );
            }
        }
    }
}

/// What SQLite says of the UNIQUE constraints and foreign keys of a table.
fn by_pragma(connection: &rusqlite::Connection, table: &str) -> Vec<String> {
    let lines = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let mut found = lines(
        "SELECT 'unique ' || group_concat(key, ', ') FROM (SELECT l.name AS name, c.name || ' ' || lower(c.coll) || ' ' || c.\"desc\" AS key \
         FROM pragma_index_list(?1) l, pragma_index_xinfo(l.name) c WHERE l.origin = 'u' AND c.key ORDER BY l.name, c.seqno) GROUP BY name",
    );
    found.extend(lines(
        "SELECT 'foreign key ' || \"from\" || ' ' || \"table\" || ' ' || coalesce(\"to\", '-') || ' ' || on_delete || ' ' || on_update \
         FROM pragma_foreign_key_list(?1)",
    ));
    found.iter_mut().for_each(|line| line.make_ascii_lowercase());
    found.sort();
    found
}

/// What the reader says of them.
fn by_reader(table: &planctl::schema::Table) -> Vec<String> {
    let own = |name: &planctl::schema::Ident| table.column(name).and_then(|column| column.collation.clone());
    let uniques = table.uniques.iter().map(|unique| {
        let key = |key: &planctl::schema::KeyColumn| {
            let collation = key.collation.clone().or_else(|| own(&key.name)).unwrap_or("binary".to_owned());
            format!("{} {collation} {}", key.name, i32::from(key.descending))
        };
        format!("unique {}", unique.columns.iter().map(key).collect::<Vec<_>>().join(", "))
    });
    let keys = table.foreign_keys.iter().map(|key| {
        let to = key.parent_columns.first().map_or("-", |column| column.as_str());
        let (delete, update) = (key.on_delete.as_str(), key.on_update.as_str());
        format!("foreign key {} {} {to} {delete} {update}", key.columns[0], key.parent)
    });
    let mut found: Vec<String> = uniques.chain(keys).map(|line| line.to_ascii_lowercase()).collect();
    found.sort();
    found
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_reader_sees_the_constraints_that_sqlite_sees(seed: u64, spelling: u64) {
        let sql = schema(seed).write(Some(Dice::new(spelling)));
        let (_, read) = load("spec.sql", &sql);
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        connection.execute_batch(&sql).unwrap();
        for table in read.tables.values() {
            prop_assert_eq!(by_reader(table), by_pragma(&connection, table.name.as_str()), "{}", sql);
        }
    }
}
