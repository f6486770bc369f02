//! `planctl fleet`: many databases with one folder of migrations.

mod audit;
mod clean;
#[cfg(target_os = "linux")]
mod disk;
mod down;
mod embedding;
#[cfg(unix)]
mod faults;
mod names;
mod report;
mod up;

use std::path::PathBuf;

use rusqlite::Connection;
use serde_json::Value;

use crate::harness::Project;

/// Three small migrations with their downs, a spec that says the same, and tenants in a folder.
pub(crate) struct Tenants {
    pub(crate) project: Project,
}

const MIGRATIONS: [(&str, &str, &str); 3] = [
    ("V1__users", "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n", "DROP TABLE users;\n"),
    ("V2__mail", "ALTER TABLE users ADD COLUMN mail TEXT;\n", "ALTER TABLE users DROP COLUMN mail;\n"),
    ("V3__by_name", "CREATE INDEX users_by_name ON users(name);\n", "DROP INDEX users_by_name;\n"),
];

pub(crate) const SPEC: &str = "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT);
CREATE INDEX users_by_name ON users(name);
";

impl Tenants {
    pub(crate) fn new() -> Tenants {
        let project = Project::empty();
        for (name, up, down) in MIGRATIONS {
            project.write(&format!("migrations/{name}.sql"), up);
            project.write(&format!("migrations/{name}.down.sql"), down);
        }
        project.write("spec/ddl.sql", SPEC);
        std::fs::create_dir(project.path("tenants")).unwrap();
        Tenants { project }
    }

    /// The same with `count` databases `tenants/t00.db`… at `version`.
    pub(crate) fn at(version: usize, count: usize) -> Tenants {
        let tenants = Tenants::new();
        for number in 0..count {
            tenants.make(&format!("t{number:02}"), version);
        }
        tenants
    }

    pub(crate) fn path(&self, tenant: &str) -> PathBuf {
        self.project.path(format!("tenants/{tenant}.db"))
    }

    /// Makes a database at a version; 0 is an empty one.
    pub(crate) fn make(&self, tenant: &str, version: usize) {
        let template = self.project.path(format!("template{version}"));
        if version == 0 {
            self.open(tenant).execute_batch("VACUUM").unwrap();
            return;
        }
        if !template.exists() {
            let (to, db) = (version.to_string(), template.display().to_string());
            self.project.ok(&["migrate", "up", "-q", "--to", &to, "--db", &db]);
        }
        std::fs::copy(template, self.path(tenant)).unwrap();
    }

    pub(crate) fn open(&self, tenant: &str) -> Connection {
        Connection::open(self.path(tenant)).unwrap()
    }

    pub(crate) fn sql(&self, tenant: &str, sql: &str) {
        self.open(tenant).execute_batch(sql).unwrap();
    }

    /// The newest version that is recorded.
    pub(crate) fn version(&self, tenant: &str) -> i64 {
        let sql = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
        self.open(tenant).query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Runs a command over `tenants/*.db`; gives its document.
    pub(crate) fn json(&self, status: i32, args: &[&str]) -> Value {
        let (command, rest) = args.split_first().unwrap();
        let line = [&["fleet", command, "tenants/*.db"], rest].concat();
        let (document, got) = self.project.json(&line);
        assert_eq!(got, status, "{line:?}: {document:#}");
        document
    }
}

/// `NAME STATE VERSION` of each database of a document, in order.
pub(crate) fn states(document: &Value) -> Vec<String> {
    let word = |value: &Value| {
        value.as_str().unwrap().trim_start_matches("tenants/").trim_end_matches(".db").to_owned()
    };
    let one = |db: &Value| format!("{} {} {}", word(&db["database"]), word(&db["state"]), db["version"]);
    document["databases"].as_array().unwrap().iter().map(one).collect()
}
