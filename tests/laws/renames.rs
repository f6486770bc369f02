//! The law of renames: what planctl makes of a schema under other names is what SQLite's own ALTER TABLE makes of it, to
//! the letter, though SQLite is shown only what a rename concerns. Only quotes may differ: with a column SQLite also gives
//! all strings in double quotes single ones, wherever they are.

use std::collections::BTreeMap;
use std::fs;

use planctl::internals::base::job::Job;
use planctl::internals::base::source::SourceFile;
use planctl::internals::engine;
use planctl::internals::engine::Renaming;
use planctl::internals::schema::{Ident, Schema};
use planctl::internals::sql::quote;
use proptest::prelude::*;
use rusqlite::Connection;

use crate::generators::dice::Dice;
use crate::generators::schema_gen::schema;
use crate::harness::{entries, shared};

/// All statements of a schema, by kind and name.
fn texts(schema: &Schema) -> BTreeMap<(&str, String), String> {
    let mut texts = BTreeMap::new();
    for table in schema.tables.values() {
        texts.insert(("table", table.name.folded()), table.sql.clone());
        let indexes = table.indexes.values().map(|index| (("index", index.name.folded()), index.sql.clone()));
        texts.extend(indexes);
    }
    texts.extend(schema.views.values().map(|view| (("view", view.name.folded()), view.sql.clone())));
    let triggers = schema.triggers.values();
    texts.extend(triggers.map(|trigger| (("trigger", trigger.name.folded()), trigger.sql.clone())));
    texts
}

/// The tables of a schema with up to three of their columns each, columns first.
fn renamings(schema: &Schema) -> Vec<Renaming> {
    let mut columns = Vec::new();
    let mut tables = Vec::new();
    for (i, table) in schema.tables.values().filter(|table| !table.is_virtual()).enumerate() {
        let to = |column: Option<&Ident>, to: String| Renaming {
            table: table.name.clone(),
            column: column.cloned(),
            to: Ident::from(to),
        };
        let some = table.columns.iter().rev().take(3).enumerate();
        columns.extend(some.map(|(j, column)| to(Some(&column.name), format!("New name {j} of {i}"))));
        tables.push(to(None, format!("New table {i}")));
    }
    columns.extend(tables);
    columns
}

/// Runs the script and one rename with SQLite alone; `None` where it refuses to.
fn by_sqlite(script: &str, renaming: &Renaming) -> Option<BTreeMap<(String, String), String>> {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(script).ok()?;
    let column =
        renaming.column.as_ref().map_or(String::new(), |column| format!("COLUMN {}", quote(column.as_str())));
    let (table, to) = (quote(renaming.table.as_str()), quote(renaming.to.as_str()));
    conn.execute_batch(&format!("ALTER TABLE {table} RENAME {column} TO {to}")).ok()?;
    let sql = "SELECT type, lower(name), sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))).unwrap();
    Some(rows.collect::<rusqlite::Result<_>>().unwrap())
}

/// Without SQLite, where every statement was accepted or none, the same comes of it; `false` where it has to be asked.
fn is_renamed_without(source: &SourceFile, renaming: &Renaming, before: &Schema, after: &Schema) -> bool {
    let known = [after, &Schema::default()].map(|accepted| {
        let renamed = engine::renamed_beside(source, std::slice::from_ref(renaming), accepted, Job::quiet())?;
        for (found, wanted) in [(&renamed.schema, after), (&renamed.written, before)] {
            let [found, wanted] = [found, wanted].map(|schema| format!("{schema:#?}"));
            let differs = found.lines().zip(wanted.lines()).find(|(found, wanted)| found != wanted);
            assert!(found == wanted, "{renaming:?}: {differs:?}");
        }
        Some(())
    });
    assert_eq!(known[0], known[1], "{renaming:?}");
    known[0].is_some()
}

/// How many of each `step` renames SQLite does, and how many of them need no SQLite.
fn check(script: &str, step: usize) -> (usize, usize) {
    let source = SourceFile::new("spec.sql", script);
    let before = engine::spec_database(&source, Job::quiet()).unwrap().schema().unwrap();
    let (objects, mut done, mut alone) = (texts(&before).len(), 0, 0);
    for renaming in renamings(&before).into_iter().step_by(step) {
        let Some(sqlites) = by_sqlite(script, &renaming) else { continue };
        let mut spec = engine::spec_database(&source, Job::quiet()).unwrap();
        spec.rename(std::slice::from_ref(&renaming)).unwrap();
        let schema = spec.schema().unwrap();
        let found = texts(&schema);
        assert_eq!(found.len(), objects, "{renaming:?} of\n{script}");
        for ((kind, name), text) in found {
            let by_sqlite = sqlites.get(&(kind.to_owned(), name)).map(|text| text.replace('"', "'"));
            assert_eq!(by_sqlite, Some(text.replace('"', "'")), "{renaming:?} of\n{script}");
        }
        done += 1;
        alone += usize::from(is_renamed_without(&source, &renaming, &before, &schema));
    }
    (done, alone)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn names_of_random_schemas_change_as_sqlite_changes_them(seed: u64, spelling: u64) {
        check(&schema(seed).write(Some(Dice::new(spelling))), 1);
    }
}

#[test]
fn what_refers_to_a_name_in_another_way_changes_as_sqlite_changes_it() {
    for script in [
        // A key goes by the names of the rowid as well.
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE VIEW v AS SELECT rowid, oid o FROM t;
         CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t WHERE _rowid_ = new.rowid; END;",
        // The key of another table, without its column; triggers that find rows by a key.
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a UNIQUE); CREATE TABLE u(x, y REFERENCES t, UNIQUE(x, y));
         CREATE INDEX i ON t(a); CREATE VIEW v AS SELECT x FROM u INDEXED BY sqlite_autoindex_u_1 WHERE x = 1;
         CREATE TRIGGER r AFTER UPDATE OF a ON t BEGIN
           INSERT INTO u VALUES(new.a, 1) ON CONFLICT(x, y) DO UPDATE SET x = excluded.x; END;",
        // Views on views, the triggers on them, and names in all kinds of quotes.
        "CREATE TABLE t(a, [b c]); CREATE VIEW v AS SELECT `a`, \"b c\" AS d FROM 't'; CREATE VIEW w AS SELECT a FROM v;
         CREATE VIEW x AS SELECT * FROM w JOIN v USING (a);
         CREATE TRIGGER r INSTEAD OF INSERT ON w BEGIN INSERT INTO t(a) VALUES(new.a); END;
         CREATE TRIGGER s INSTEAD OF DELETE ON x BEGIN DELETE FROM \"t\" WHERE [a] = old.d; END;",
        // What a rename does not concern and SQLite could not say anything about, in its order.
        "CREATE TABLE t(a); CREATE TABLE u(b); CREATE TRIGGER r AFTER INSERT ON u BEGIN SELECT 1; END;
         CREATE VIEW v AS SELECT b FROM u; CREATE TRIGGER s INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES(new.b); END;
         CREATE TRIGGER q AFTER INSERT ON t BEGIN UPDATE u SET b = new.a; END; CREATE VIEW w AS SELECT * FROM v, t;",
        // Tables that a rename does not concern, with keys that have indexes of their own, counters, and another's key.
        "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b UNIQUE, c AS (b || 1)); CREATE INDEX i ON t(c) WHERE b > 1;
         CREATE TABLE u(x PRIMARY KEY, y REFERENCES t(b), UNIQUE(y, x)) WITHOUT ROWID; CREATE UNIQUE INDEX j ON u(y);
         CREATE TABLE w(z REFERENCES u(y), FOREIGN KEY(z) REFERENCES \"T\"('b')); CREATE TABLE x(b, t); CREATE INDEX k ON x(t, b);
         CREATE VIEW v AS SELECT z FROM w JOIN x ON x.t = w.z;
         CREATE TRIGGER r AFTER DELETE ON u WHEN old.x IN (SELECT b FROM x) BEGIN INSERT INTO w SELECT a FROM t; END;",
        // Full text, with a view for its content.
        "CREATE TABLE t(a); CREATE VIEW v AS SELECT rowid AS id, a FROM t;
         CREATE VIRTUAL TABLE f USING fts5(a, content = 'v', content_rowid = 'id');
         CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO f(rowid, a) VALUES(new.rowid, new.a); END;",
    ] {
        assert!(check(script, 1).0 > 1, "{script}");
    }
}

/// What does not compile is no concern of SQLite's either, and comes back with what is on it.
#[test]
fn what_was_broken_before_comes_back_whole() {
    let script =
        "CREATE TABLE t(a); CREATE VIEW v AS SELECT a, nope FROM t; CREATE VIEW w AS SELECT nope FROM gone;
        CREATE TRIGGER r INSTEAD OF INSERT ON v BEGIN SELECT 1; END;
        CREATE TRIGGER s INSTEAD OF INSERT ON w BEGIN SELECT 1; END;";
    let source = SourceFile::new("spec.sql", script);
    for (column, view) in [
        (Some("a"), "CREATE VIEW v AS SELECT x, nope FROM t"),
        (None, "CREATE VIEW v AS SELECT a, nope FROM x"),
    ] {
        let mut spec = engine::spec_database(&source, Job::quiet()).unwrap();
        let before = spec.schema().unwrap();
        spec.rename(&[Renaming { table: "t".into(), column: column.map(Ident::from), to: "x".into() }])
            .unwrap();
        let after = spec.schema().unwrap();
        let (mut before, after) = (texts(&before), texts(&after));
        before.insert(("view", "v".to_owned()), view.to_owned());
        assert_eq!(after.keys().filter(|(kind, _)| *kind == "trigger").count(), 2);
        let views = |all: &BTreeMap<(&str, String), String>| {
            all.iter()
                .filter(|((kind, _), _)| *kind != "table")
                .map(|(_, text)| text.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(views(&after), views(&before));
    }
}

#[test]
fn names_of_known_schemas_change_as_sqlite_changes_them() {
    let Some(schemas) = shared("corpus/schemas") else { return };
    let (mut done, mut alone) = (0, 0);
    for path in entries(&schemas) {
        if path.extension().is_some_and(|extension| extension == "sql") {
            let counts = check(&fs::read_to_string(path).unwrap(), 9);
            (done, alone) = (done + counts.0, alone + counts.1);
        }
    }
    assert!(done > 50, "SQLite renames most of them: {done}");
    assert!(alone * 5 > done, "most renames of columns concern tables and indexes alone: {alone} of {done}");
}

/// What SQLite refuses is not read as if it had the new names already.
#[test]
fn a_script_that_is_wrong_under_its_own_names_is_left_to_sqlite() {
    for (script, table, column, to) in [
        ("CREATE TABLE t(a, CHECK (b > 0))", "t", Some("a"), "b"),
        ("CREATE TABLE t(a); CREATE INDEX i ON t(b)", "t", Some("a"), "b"),
        ("CREATE TABLE t(order TEXT)", "t", Some("order"), "b"),
        ("CREATE TABLE table(a)", "table", None, "b"),
        ("CREATE TABLE t(a, CHECK (u.a > 0))", "t", None, "u"),
        ("CREATE TABLE t(a); CREATE INDEX i ON u(a)", "t", None, "u"),
        ("CREATE TABLE t(a, c AS (b))", "t", Some("a"), "b"),
        ("CREATE TABLE t(a, a)", "t", Some("a"), "b"),
    ] {
        let source = SourceFile::new("spec.sql", script);
        assert!(engine::spec_database(&source, Job::quiet()).is_err(), "{script}");
        let renaming = Renaming { table: table.into(), column: column.map(Ident::from), to: to.into() };
        let renamed = |accepted| engine::renamed_beside(&source, &[renaming], accepted, Job::quiet());
        assert!(renamed(&Schema::default()).is_none(), "{script}");
    }
}
