//! The laws of the audit, on random schemas.
//!
//! - A schema is clean against itself, and against any re-spelling of itself.
//! - Any single change of meaning is found, both ways, and the finding names the object.
//! - The reader's idea of a table is SQLite's own.

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
