//! SQL that a message offers is SQL, whatever tables and columns are called.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::binary::Project;
use super::*;

/// Names that SQL takes for something else unless they are in quotes.
const NAMES: [&str; 9] = ["plain", "order", "select", "a b", "it's", "say \"so\"", "1x", "true", "-- x"];

/// Each is a migration; `planck` is a table, a column and more.
const MIGRATIONS: [&str; 4] = [
    "CREATE TABLE planck (id INTEGER PRIMARY KEY AUTOINCREMENT, planck TEXT, z);
CREATE INDEX planck_i ON planck (planck);
CREATE TRIGGER planck_t AFTER INSERT ON planck BEGIN DELETE FROM planck WHERE planck = 'x'; END;
CREATE TABLE child (id INTEGER PRIMARY KEY, planck INT REFERENCES planck ON DELETE SET NULL,
    b INT REFERENCES planck ON DELETE CASCADE, c INT DEFAULT 0 REFERENCES planck ON DELETE SET DEFAULT);",
    "DELETE FROM planck WHERE id > 5;",
    "CREATE TABLE n (id INTEGER PRIMARY KEY AUTOINCREMENT, planck TEXT, z); INSERT INTO n SELECT * FROM planck;
DROP TABLE planck; ALTER TABLE n RENAME TO planck;",
    "CREATE TABLE n (id INTEGER PRIMARY KEY AUTOINCREMENT, planck TEXT NOT NULL, z); INSERT INTO n SELECT * FROM planck;
DROP TABLE planck; ALTER TABLE n RENAME TO planck;",
];

/// The statements that are offered in a text: in backticks, or an expression to fill with.
fn offered(text: &str, table: &str) -> Vec<String> {
    let verbs = ["SELECT", "UPDATE", "INSERT", "DELETE", "DROP", "CREATE", "ALTER", "PRAGMA"];
    let quoted = text.split('`').skip(1).step_by(2);
    let statements = quoted.filter(|text| verbs.iter().any(|verb| text.starts_with(&format!("{verb} "))));
    let expressions = text.split("on the way: ").skip(1).filter_map(|rest| rest.lines().next());
    let filling = expressions.map(|expression| format!("SELECT {expression} FROM {table}"));
    let all = statements.map(|text| text.replace("NEW", "'n'")).chain(filling);
    all.map(|text| text.replace("WHERE …", "WHERE 1").replace('…', "1")).collect()
}

#[test]
fn what_a_message_offers_to_paste_is_sql_whatever_the_names_are() {
    let mut kinds = BTreeSet::new();
    for name in NAMES {
        let named = |text: &str| {
            let suffixed = ["_i", "_t", "_c", "_j", ""]
                .map(|end| (format!("planck{end}"), quote(&format!("{name}{end}"))));
            suffixed.iter().fold(text.to_owned(), |text, (plain, odd)| text.replace(plain, odd))
        };
        let more = MIGRATIONS[0].replacen(", z)", ", z, planck_c INT)", 1);
        let project = Project::new(&named(&format!("{more} CREATE INDEX planck_j ON planck (z, planck);")));
        for (n, text) in MIGRATIONS.iter().enumerate() {
            project.write(&format!("migrations/V{}__x.sql", n + 1), &named(text));
        }
        let mut all = Vec::new();
        let mut take = |output: std::process::Output| {
            let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
            let report = serde_json::from_str::<Json>(&said[0]);
            let Ok(report) = report else { return all.extend(offered(&said.concat(), &quote(name))) };
            let findings = report["findings"].as_array().unwrap().iter();
            let fixes = findings.flat_map(|found| found["fix"].as_array().into_iter().flatten());
            all.extend(fixes.map(|fix| fix.as_str().unwrap().to_owned()));
        };
        take(project.planctl("migrate lint -v"));
        take(project.planctl("migrate lint --format json"));
        project.ok("migrate up --to 2");
        project.conn().execute_batch(&named("INSERT INTO planck (planck) VALUES (NULL)")).unwrap();
        take(project.planctl("migrate up"));
        let rebuilt = project.conn();
        take(project.planctl("audit --format json"));
        let before = Connection::open_in_memory().unwrap();
        before.execute_batch(&named(MIGRATIONS[0])).unwrap();
        for text in &all {
            kinds.insert(text.split(' ').next().unwrap().to_owned());
            for statement in planctl::internals::sql::statements(text) {
                let tried = [&rebuilt, &before].map(|conn| conn.prepare(statement.text).map(drop));
                assert!(tried.iter().any(Result::is_ok), "{name}: {}: {tried:?}", statement.text);
            }
        }
    }
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    assert_eq!(kinds, ["ALTER", "CREATE", "DELETE", "DROP", "SELECT", "UPDATE"]);
}
