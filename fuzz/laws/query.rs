//! A report's file, run on the shipped database: whatever it says, the database stays as it is.

use std::time::Duration;

use planctl::internals::commands::report::{list, run, show};

use super::place::Place;
use super::run::command;
use super::{files, text};

/// No panic, an end (with Ctrl-C, where the SQL has none), and every file as before.
pub(crate) fn hold(input: &[u8]) {
    let place = Place::new();
    let db = place.write("live.db", super::spec::shipped_database());
    place.write("reports/it.sql", text(input));
    let reports = place.path("reports");
    let before = place.picture();
    command(|ctx| list::run(ctx, &list::ListRequest { reports: reports.clone() }));
    command(|ctx| show::run(ctx, &show::ShowRequest { reports: reports.clone(), name: "it".to_owned() }));
    for parameters in [vec![], vec!["plan=x".to_owned(), "limit=3".to_owned()]] {
        let (db, reports, name) = (db.clone(), reports.clone(), "it".to_owned());
        let request =
            run::RunRequest { db: db.into(), reports, name, parameters, lock_timeout: Duration::ZERO };
        command(|ctx| run::run(ctx, &request, None));
    }
    assert!(place.picture() == before, "a report wrote something");
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = files("spec/reports", "sql").into_iter().map(|(_, bytes)| bytes).collect();
    for sql in [
        "ATTACH 'other.db' AS other",
        "VACUUM INTO 'copy.db'",
        "PRAGMA journal_mode = wal",
        "PRAGMA writable_schema = 1",
        "PRAGMA user_version = 7",
        "DELETE FROM actions RETURNING 1",
        "SELECT load_extension('x')",
        "SELECT * FROM pragma_table_list",
        "SELECT writefile('x', 'y')",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    ] {
        seeds.push(format!("-- title: t\n{sql};\n").into_bytes());
    }
    seeds
}
