//! Views and triggers that do not compile: what SQLite refuses to use is found, and nothing else.
//!
//! The judge is SQLite itself, on a database of its own for each object: a view is read, a trigger is fired.

use std::collections::BTreeSet;

use planctl::internals::base::job::Job;
use planctl::internals::base::source::SourceFile;
use planctl::internals::diff::ObjectKind;
use planctl::internals::engine;
use planctl::internals::engine::Renaming;
use planctl::internals::schema::Schema;
use planctl::internals::sql::same_tokens;
use proptest::prelude::*;
use rusqlite::Connection;

use crate::generators::dice::Dice;

/// What the texts speak of: `v0` can be inserted into, `v2` is for triggers to be on.
const TABLES: &str = "CREATE TABLE t0(a INTEGER PRIMARY KEY, b TEXT, c, g AS (a || b), \"key\");
    CREATE TABLE t1(a, d, \"e f\", \"case\" UNIQUE, \"exists\", \"cast\", PRIMARY KEY (a)) WITHOUT ROWID;
    CREATE VIEW v0(a, z) AS SELECT a, c FROM t0;
    CREATE VIEW v2(a, z) AS SELECT a, c FROM t0;
    CREATE TRIGGER v0_i INSTEAD OF INSERT ON v0 BEGIN SELECT 1; END;
    CREATE VIEW \"broken\" AS SELECT \"a\".b FROM t0;";

const NAMES: [&str; 26] = [
    "a",
    "b",
    "c",
    "d",
    "g",
    "nope",
    "t0.a",
    "t0.b",
    "x.b",
    "x.a",
    "y.d",
    "t1.d",
    "x.nope",
    "new.a",
    "old.b",
    "new.d",
    "old.nope",
    "new.g",
    "\"a\"",
    "\"nope\"",
    "rowid",
    "key",
    "desc",
    "\"e f\"",
    "x.\"key\"",
    "z",
];

fn expression(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 || dice.chance(2) {
        return match dice.below(4) {
            0 => dice.pick(&["1", "'s'", "NULL", "TRUE", "x'00'", "CURRENT_DATE", "1.5"]).to_owned(),
            _ => dice.pick(&NAMES).to_owned(),
        };
    }
    let (a, b) = (expression(dice, depth - 1), expression(dice, depth - 1));
    match dice.below(20) {
        0 => format!("({a})"),
        1 => format!("NOT {a}"),
        2 => format!("{a} IN ({b}, 1)"),
        3 => format!("{a} BETWEEN {b} AND 2"),
        4 => format!("{a} IS NOT {b}"),
        5 => format!("{a} ISNULL"),
        6 => format!("{a} NOT NULL"),
        7 => format!("({a}, {b})"),
        8 => format!("count({a})"),
        9 => format!("my_function({a}, {b})"),
        10 => format!("CASE WHEN {a} THEN {b} END"),
        11 => format!("{a} COLLATE my_collation"),
        12 => format!("-{a}"),
        13 => format!("{a} NOT LIKE {b}"),
        14 => format!("{a} IN (SELECT {b} FROM t1)"),
        15 => format!("substr({a})"),
        _ => format!("{a} {} {b}", dice.pick(&["=", "<>", "||", "AND", "OR", "+", "<", "IS", "&"])),
    }
}

fn view(dice: &mut Dice) -> String {
    let item = |dice: &mut Dice| match dice.below(8) {
        0 => "*".to_owned(),
        1 => "x.*".to_owned(),
        2 => format!("{} AS z", expression(dice, 1)),
        3 => format!("{} q", expression(dice, 1)),
        _ => expression(dice, 2),
    };
    let mut text = format!("SELECT {}", if dice.chance(5) { "DISTINCT " } else { "" });
    text.push_str(&item(dice));
    if dice.chance(2) {
        text.push_str(&format!(", {}", item(dice)));
    }
    text.push_str(&format!(
        " FROM {}",
        dice.pick(&["t0", "t0 x", "t0 AS x", "t1 x", "t2", "v0 x", "\"broken\""])
    ));
    if dice.chance(2) {
        text.push_str(dice.pick(&[
            " JOIN t1 y",
            " LEFT JOIN t1 y",
            ", t1 y",
            " LEFT OUTER JOIN t1",
            " JOIN t0 x",
        ]));
        if dice.chance(2) {
            text.push_str(&format!(" ON {}", expression(dice, 2)));
        }
    }
    if dice.chance(2) {
        text.push_str(&format!(" WHERE {}", expression(dice, 2)));
    }
    if dice.chance(6) {
        text.push_str(&format!(" GROUP BY {}", expression(dice, 1)));
    }
    if dice.chance(3) {
        text.push_str(&format!(
            " ORDER BY {}{}",
            expression(dice, 1),
            dice.pick(&["", " DESC", ", 1", ", 7"])
        ));
    }
    if dice.chance(5) {
        text.push_str(" LIMIT 3");
    }
    text
}

fn trigger(dice: &mut Dice, name: &str) -> String {
    let event = dice.pick(&["INSERT", "DELETE", "UPDATE", "UPDATE OF b", "UPDATE OF b, nope"]);
    let (timing, table) = match dice.below(6) {
        0 => ("INSTEAD OF", "v2"),
        _ => (dice.pick(&["AFTER", "BEFORE"]), dice.pick(&["t0", "t1"])),
    };
    let when = if dice.chance(3) { format!("WHEN {}", expression(dice, 2)) } else { String::new() };
    let mut body = String::new();
    for _ in 0..=dice.below(2) {
        let table = dice.pick(&["t0", "t1", "t2", "v0", "new"]);
        let place = if dice.chance(2) { String::new() } else { format!(" WHERE {}", expression(dice, 2)) };
        let value = expression(dice, 2);
        body.push_str(&match dice.below(8) {
            0 => format!("DELETE FROM {table}{place};"),
            1 => format!("UPDATE {table} SET {} = {value}{place};", dice.pick(&["a", "b", "g", "nope", "d"])),
            2 => format!("UPDATE t0 SET b = {value}, c = 1{place};"),
            3 => {
                format!("INSERT INTO {table} VALUES ({value}, 1, 2{});", dice.pick(&["", ", 3", ", 3, 4, 5"]))
            }
            4 => format!(
                "INSERT INTO {table}(a, {}) VALUES ({value}, 1);",
                dice.pick(&["b", "d", "g", "z", "nope"])
            ),
            5 => format!("INSERT INTO t1(a, d) VALUES ({value});"),
            6 => format!("SELECT RAISE(ABORT, 'no'){place};"),
            _ => format!("SELECT {value} FROM t0{place};"),
        });
    }
    format!("CREATE TRIGGER {name} {timing} {event} ON {table} {when} BEGIN {body} END")
}

/// A database with the tables and stand-ins for what the application has.
fn database() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .create_scalar_function("my_function", 2, rusqlite::functions::FunctionFlags::default(), |_| Ok(0))
        .unwrap();
    connection.create_collation("my_collation", |a, b| a.cmp(b)).unwrap();
    connection.execute_batch(TABLES).unwrap();
    connection
}

/// Whether SQLite can use the object; `None` when it does not even take the statement.
fn works(statement: &str, name: &str, is_view: bool) -> Option<bool> {
    let connection = database();
    connection.execute_batch(statement).ok()?;
    let compiles = |sql: &str| connection.prepare(sql).is_ok();
    if is_view {
        return Some(compiles(&format!("SELECT * FROM {name}")));
    }
    let table: String = connection
        .query_row("SELECT tbl_name FROM sqlite_schema WHERE name = ?1", [name], |row| row.get(0))
        .unwrap();
    let writes = [
        format!("INSERT INTO {table} DEFAULT VALUES"),
        format!("DELETE FROM {table}"),
        format!("UPDATE {table} SET {}", if table == "t0" { "b = 1, c = 1" } else { "a = 1" }),
    ];
    let may_write = |sql: &&String| table != "v2" || statement.contains(&format!("INSTEAD OF {}", &sql[..6]));
    // SQLite passes over a column behind UPDATE OF that is not there; nothing fires then.
    let never_fires = statement.contains("OF b, nope") || statement.contains("OF b") && table != "t0";
    Some(!never_fires && writes.iter().filter(may_write).all(|sql| compiles(sql)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

    #[test]
    fn what_sqlite_cannot_use_is_broken_and_nothing_else(seed: u64) {
        let mut dice = Dice::new(seed);
        let mut script = TABLES.to_owned();
        let mut wanted: BTreeSet<String> = BTreeSet::from(["broken".to_owned()]);
        let mut texts = String::new();
        for i in 0..24 {
            let (name, is_view) = (format!("o{i}"), i % 2 == 0);
            let statement = if is_view {
                format!("CREATE VIEW {name} AS {}", view(&mut dice))
            } else {
                trigger(&mut dice, &name)
            };
            let Some(works) = works(&statement, &name, is_view) else { continue };
            texts.push_str(&format!("{} {statement}\n", if works { "sound " } else { "broken" }));
            script.push_str(&format!("\n{statement};"));
            if !works {
                wanted.insert(name);
            }
        }
        let source = SourceFile::new("spec.sql", script);
        let schema = engine::spec_database(&source, Job::quiet()).unwrap().schema().unwrap();
        let found = engine::broken(&schema, Job::quiet()).unwrap();
        let names: BTreeSet<String> = found.iter().map(|broken| broken.name.as_str().to_owned()).collect();
        prop_assert_eq!(&names, &wanted, "{}\n{:#?}", texts, found);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

    /// SQLite renames nothing in what it cannot compile: such a text differed from the one under the new names, besides being
    /// broken.
    #[test]
    fn what_is_broken_is_the_same_under_the_new_names_of_its_tables(seed: u64) {
        let mut dice = Dice::new(seed);
        let mut texts = String::new();
        for i in 0..12 {
            let name = format!("o{i}");
            let statement = match i % 2 {
                0 => format!("CREATE VIEW {name} AS {}", view(&mut dice)),
                _ => trigger(&mut dice, &name),
            };
            if works(&statement, &name, i % 2 == 0).is_some() {
                texts.push_str(&format!("\n{statement};"));
            }
        }
        let script = format!("{TABLES}{texts}");
        let read = |script: String| engine::spec_database(&SourceFile::new("spec.sql", script), Job::quiet()).unwrap();
        let mut renamed = read(script.clone());
        let to = |table: &str, to: &str| Renaming { table: table.into(), column: None, to: to.into() };
        renamed.rename(&[to("t0", "r0"), to("t1", "other one")]).unwrap();
        let renamed = renamed.schema().unwrap();
        let written = read(script.replace("t0", "r0").replace("t1", "\"other one\"")).schema().unwrap();
        let broken = engine::broken(&written, Job::quiet()).unwrap();
        prop_assert_eq!(&engine::broken(&renamed, Job::quiet()).unwrap(), &broken, "{}", texts);
        for object in broken {
            let text = |schema: &Schema| match object.kind {
                ObjectKind::Trigger => schema.triggers[&object.name].sql.clone(),
                _ => schema.views[&object.name].sql.clone(),
            };
            let (one, other) = (text(&renamed), text(&written));
            prop_assert!(same_tokens(&one, &other), "{}\n{}", one, other);
        }
    }
}

#[test]
fn the_random_texts_are_plain_and_not_sound_and_broken() {
    let mut counts = [[0; 2]; 2];
    let mut dice = Dice::new(7);
    for i in 0..400 {
        let is_view = i % 2 == 0;
        let statement =
            if is_view { format!("CREATE VIEW o AS {}", view(&mut dice)) } else { trigger(&mut dice, "o") };
        let Some(works) = works(&statement, "o", is_view) else { continue };
        let source = SourceFile::new("spec.sql", format!("{TABLES}{statement}"));
        let schema = engine::spec_database(&source, Job::quiet()).unwrap().schema().unwrap();
        let plain = match schema.views.get(&"o".into()) {
            Some(view) => planctl::internals::ddl::plainly_compiles(&schema, view),
            None => planctl::internals::ddl::plainly_fires(&schema, &schema.triggers[&"o".into()]),
        };
        assert!(works || !plain, "{statement} is not plain");
        counts[usize::from(works)][usize::from(plain)] += 1;
    }
    let [[broken, _], [sound, plain]] = counts;
    assert!(broken > 40 && sound > 10 && plain > 10, "{counts:?}");
}
