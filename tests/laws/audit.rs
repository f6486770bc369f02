//! The laws of the audit, on random schemas.
//!
//! - A schema is clean against itself, and against any re-spelling of itself.
//! - Any single change of meaning is found, both ways, and the finding names the object.
//! - The reader sees the constraints that SQLite's pragmas show.

use planctl::internals::audit::{Audit, Ledger, compare};
use planctl::internals::base::job::Job;
use planctl::internals::base::source::SourceFile;
use planctl::internals::engine;
use planctl::internals::schema::Schema;
use proptest::prelude::*;

use crate::generators::dice::Dice;
use crate::generators::schema_gen::schema;
use crate::generators::schema_mutate::mutations;
use crate::generators::schema_shrink::{any_schema, compiles};
use crate::harness::case_count;

fn load(name: &str, sql: &str) -> (SourceFile, Schema) {
    let source = SourceFile::new(name, sql.to_owned());
    let schema = match engine::spec_database(&source, Job::quiet()) {
        Ok(spec) => spec.schema().unwrap(),
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
    #![proptest_config(ProptestConfig { cases: case_count(64, 256), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_spelling_of_a_schema_is_clean_against_it(model in any_schema(), spelling: u64) {
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
    fn any_single_change_is_found_and_names_its_object(model in any_schema(), chosen: u64) {
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
        "SELECT 'foreign key ' || group_concat(\"from\") || ' ' || \"table\" || ' ' || coalesce(group_concat(\"to\"), '-') || ' ' \
         || on_delete || ' ' || on_update FROM (SELECT * FROM pragma_foreign_key_list(?1) ORDER BY id, seq) GROUP BY id",
    ));
    found.iter_mut().for_each(|line| line.make_ascii_lowercase());
    found.sort();
    found
}

/// What the reader says of them.
fn by_reader(table: &planctl::internals::schema::Table) -> Vec<String> {
    let own = |name: &planctl::internals::schema::Ident| {
        table.column(name).and_then(|column| column.collation.clone())
    };
    let uniques = table.uniques.iter().map(|unique| {
        let key = |key: &planctl::internals::schema::KeyColumn| {
            let collation = key.collation.clone().or_else(|| own(&key.name)).unwrap_or("binary".to_owned());
            format!("{} {collation} {}", key.name, i32::from(key.descending))
        };
        format!("unique {}", unique.columns.iter().map(key).collect::<Vec<_>>().join(", "))
    });
    let keys = table.foreign_keys.iter().map(|key| {
        let names = |columns: &[planctl::internals::schema::Ident]| {
            columns.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(",")
        };
        let to = if key.parent_columns.is_empty() { "-".to_owned() } else { names(&key.parent_columns) };
        let (delete, update) = (key.on_delete.as_str(), key.on_update.as_str());
        format!("foreign key {} {} {to} {delete} {update}", names(&key.columns), key.parent)
    });
    let mut found: Vec<String> = uniques.chain(keys).map(|line| line.to_ascii_lowercase()).collect();
    found.sort();
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: case_count(64, 256), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_reader_sees_the_constraints_that_sqlite_sees(model in any_schema(), spelling: u64) {
        let sql = model.write(Some(Dice::new(spelling)));
        let (_, read) = load("spec.sql", &sql);
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        connection.execute_batch(&sql).unwrap();
        for table in read.tables.values() {
            prop_assert_eq!(by_reader(table), by_pragma(&connection, table.name.as_str()), "{}", sql);
        }
    }
}

#[test]
fn the_generator_makes_valid_schemas_and_leaves_nothing_of_the_language_out() {
    let mut all = String::new();
    for seed in 0..400 {
        let model = schema(seed);
        for sql in [model.write(None), model.write(Some(Dice::new(seed)))] {
            if let Err(error) = compiles(&sql) {
                panic!("seed {seed}: {error}\n{sql}");
            }
        }
        all.push_str(&model.write(None));
    }
    let words: Vec<&str> = planctl::internals::sql::tokens(&all).map(|token| token.text).collect();
    let text = words.join(" ");
    let language = [
        "WITHOUT ROWID",
        ") STRICT",
        "AUTOINCREMENT",
        "PRIMARY KEY (",
        "PRIMARY KEY ON CONFLICT REPLACE",
        "UNIQUE ON CONFLICT IGNORE",
        "NOT NULL ON CONFLICT FAIL",
        "ON CONFLICT ROLLBACK",
        "GENERATED ALWAYS AS",
        "STORED",
        "CHECK (",
        "CONSTRAINT",
        "FOREIGN KEY (",
        "REFERENCES",
        "ON DELETE SET DEFAULT",
        "ON DELETE CASCADE",
        "ON UPDATE SET NULL",
        "ON UPDATE RESTRICT",
        "DEFERRABLE INITIALLY DEFERRED",
        "DEFAULT CURRENT_TIMESTAMP",
        "DEFAULT NULL",
        "DEFAULT TRUE",
        "DEFAULT -",
        "DEFAULT (",
        "DEFAULT x'",
        "COLLATE \"NOCASE\" DESC",
        "CREATE UNIQUE INDEX",
        ") WHERE",
        "CREATE VIEW",
        "WITH w_cte AS",
        "WITH RECURSIVE",
        "UNION ALL",
        "EXCEPT",
        "INTERSECT",
        "GROUP BY",
        "HAVING",
        "LEFT JOIN",
        "FULL JOIN",
        "AND EXISTS (",
        "OVER ( PARTITION BY",
        "ORDER BY",
        "LIMIT",
        "SELECT DISTINCT",
        "BEFORE INSERT",
        "AFTER UPDATE OF",
        "INSTEAD OF DELETE",
        "INSTEAD OF UPDATE",
        "WHEN",
        "RAISE ( IGNORE )",
        "RAISE ( ROLLBACK",
        "INSERT OR REPLACE",
        "DO NOTHING",
        "USING fts5",
        "USING rtree",
        "CAST (",
        "NOT BETWEEN",
        "GLOB",
        "CASE WHEN",
        "\"select\"",
        "\u{202e}",
        "\u{1b}",
        "計画",
        "\"x\"\"y",
    ]
    .map(str::to_owned);
    let missing: Vec<&String> = language.iter().filter(|part| !text.contains(part.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
