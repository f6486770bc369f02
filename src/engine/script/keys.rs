//! The foreign-key check of a script: what a run does in Rust, in plain SQL.
//!
//! Rows without a parent are known by the values that have none, as in a run: row ids change in a rebuild, and tables get
//! other names. SQL cannot look up a column whose name it is told by `PRAGMA foreign_key_check`; so each foreign key gets
//! a query of its own, written from the schema that the shadow database has at that point. Tables that the shadow
//! database does not know are asked with the pragma.

use std::collections::BTreeSet;

use rusqlite::{Connection, Result};

use super::text::Script;
use crate::engine::catalog::rows::firsts;
use crate::engine::diagnosis::foreign_keys::{ForeignKey, quoted_values};
use crate::sql::{display_name, one_line, quote, quote_string};

/// The foreign keys of a schema, as far as SQLite can check them.
#[derive(Default)]
pub(crate) struct Keys {
    keys: Vec<ScriptKey>,
    /// Names of tables that are asked key by key, or that SQLite cannot check, in lower case.
    known: BTreeSet<String>,
}

struct ScriptKey(ForeignKey);

impl Keys {
    /// Reads the foreign keys of all tables.
    pub(crate) fn read(conn: &Connection) -> Result<Keys> {
        let mut found = Keys::default();
        let tables = "SELECT name FROM main.sqlite_schema s WHERE type = 'table' \
             AND EXISTS (SELECT 1 FROM pragma_foreign_key_list(s.name, 'main')) ORDER BY name";
        for table in firsts::<String, Vec<_>>(conn, tables, [])? {
            found.known.insert(table.to_ascii_lowercase());
            // As in a run: a table one of whose keys cannot be checked was not checked before, either.
            if conn.prepare(&format!("PRAGMA main.foreign_key_check({})", quote(&table))).is_err() {
                continue;
            }
            let keys = ForeignKey::all_of(conn, &table)?.into_iter();
            let keys = keys.filter(ForeignKey::can_be_asked).map(ScriptKey);
            // What names a collation of the application cannot be compared in the shell.
            found.keys.extend(keys.filter(|key| conn.prepare(&key.query("''")).is_ok()));
        }
        Ok(found)
    }

    /// Writes the tables that hold the violations, and those of before the first change. The script ends where the
    /// database lacks one of the keys: then no query of it could be run.
    pub(crate) fn begin(&self, sql: &mut impl Script) {
        if !self.keys.is_empty() {
            let keys = self.keys.iter().flat_map(|ScriptKey(key)| {
                let (child, parent) = (quote_string(key.table()), quote_string(key.parent()));
                key.columns()
                    .iter()
                    .map(move |column| format!("({child}, {}, {parent})", quote_string(column)))
            });
            let keys: Vec<String> = keys.collect();
            sql.check(
                "the database lacks a foreign key that this script expects",
                &format!(
                    "WITH planctl_keys(child, name, parent) AS (VALUES\n  {}\n)\n\
                     SELECT NOT EXISTS (SELECT 1 FROM planctl_keys k WHERE NOT EXISTS (\n\
                     SELECT 1 FROM pragma_foreign_key_list(k.child) f \
                     WHERE lower(f.\"from\") = lower(k.name) AND lower(f.\"table\") = lower(k.parent)))",
                    keys.join(",\n  ")
                ),
            );
        }
        sql.statement("CREATE TEMP TABLE planctl_violations(name TEXT, vals TEXT, rows INTEGER)");
        sql.statement("CREATE INDEX temp.planctl_by_name ON planctl_violations(name, vals)");
        // `was` is empty where the key had no such name before: then the rows may be those of a key that is gone.
        sql.statement(
            "CREATE TEMP TABLE planctl_violations_now(name TEXT, was TEXT, vals TEXT, rows INTEGER)",
        );
        self.find(sql, self);
        remember(sql);
    }

    /// Ends the script where there are violations that were not there before, when the foreign keys were `before`; they
    /// are shown first.
    pub(crate) fn check(&self, sql: &mut impl Script, before: &Keys, label: &str) {
        let now: BTreeSet<String> = self.names().collect();
        let gone: Vec<String> =
            before.names().filter(|name| !now.contains(name)).map(|n| quote_string(&n)).collect();
        if !gone.is_empty() {
            sql.statement(&format!(
                "UPDATE temp.planctl_violations SET name = '' WHERE name IN ({})",
                gone.join(", ")
            ));
        }
        self.find(sql, before);
        let new = "SELECT n.was, n.vals FROM temp.planctl_violations_now n GROUP BY 1, 2 HAVING sum(n.rows) > coalesce(\
                   (SELECT sum(o.rows) FROM temp.planctl_violations o WHERE o.name = n.was AND o.vals = n.vals), 0)";
        sql.show(&format!(
            "SELECT 'no parent for ' || rows || ' of ' || name || ': ' || vals FROM temp.planctl_violations_now \
             WHERE (was, vals) IN ({new}) LIMIT 50"
        ));
        sql.check(
            &format!("{label} leaves rows without their parents"),
            &format!("SELECT NOT EXISTS ({new})"),
        );
        sql.statement("DELETE FROM temp.planctl_violations");
        remember(sql);
    }

    /// Drops what [`begin`](Self::begin) made.
    pub(crate) fn end(sql: &mut impl Script) {
        sql.statement("DROP TABLE temp.planctl_violations");
        sql.statement("DROP TABLE temp.planctl_violations_now");
    }

    fn names(&self) -> impl Iterator<Item = String> {
        self.keys.iter().map(ScriptKey::name)
    }

    fn find(&self, sql: &mut impl Script, before: &Keys) {
        // As many as one compound query may have parts.
        const PARTS: usize = 100;
        let known: BTreeSet<String> = before.names().collect();
        let into = "INSERT INTO temp.planctl_violations_now";
        let queries: Vec<String> = self
            .keys
            .iter()
            .map(|key| {
                let name = key.name();
                key.query(&quote_string(if known.contains(&name) { &name } else { "" }))
            })
            .collect();
        for queries in queries.chunks(PARTS) {
            sql.statement(&format!("{into}\n{}", queries.join("\nUNION ALL\n")));
        }
        // Tables that are not the migrations' own, whose rows nothing rebuilds.
        let names: Vec<String> = self.known.iter().map(|name| quote_string(name)).collect();
        sql.statement(&format!(
            "{into}\nSELECT s.name || ' → ' || v.parent, s.name || ' → ' || v.parent, coalesce('row ' || v.rowid, '?'), \
             count(*)\nFROM main.sqlite_master s, pragma_foreign_key_check(s.name) v\n\
             WHERE s.type = 'table' AND lower(s.name) NOT IN ({}) GROUP BY 1, 3",
            names.join(", ")
        ));
    }
}

fn remember(sql: &mut impl Script) {
    sql.statement(
        "INSERT INTO temp.planctl_violations SELECT name, vals, rows FROM temp.planctl_violations_now",
    );
    sql.statement("DELETE FROM temp.planctl_violations_now");
}

impl ScriptKey {
    fn name(&self) -> String {
        let ScriptKey(key) = self;
        let columns: Vec<String> = key.columns().iter().map(|column| display_name(column)).collect();
        let (child, parent) = (display_name(key.table()), display_name(key.parent()));
        one_line(&format!("{child}({}) → {parent}", columns.join(", ")))
    }

    /// The rows without a parent by their values; `was` is the name that the key had before.
    fn query(&self, was: &str) -> String {
        let ScriptKey(key) = self;
        let given = key.columns().iter().map(|name| format!("c.{} IS NOT NULL", quote(name)));
        format!(
            "SELECT {}, {was}, {}, count(*) FROM main.{} c WHERE {}{} GROUP BY 3",
            quote_string(&self.name()),
            quoted_values(key.columns()),
            quote(key.table()),
            given.collect::<Vec<_>>().join(" AND "),
            key.has_no_parent("")
        )
    }
}
