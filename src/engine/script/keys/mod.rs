//! The foreign-key check of a script: what a run does in Rust, in plain SQL.
//!
//! Rows without a parent are known by the values that have none, as in a run: row ids change in a rebuild, and tables get
//! other names. SQL cannot look up a column whose name it is told by `PRAGMA foreign_key_check`; so each foreign key gets
//! a query of its own, written from the schema that the shadow database has at that point. Tables that the shadow
//! database does not know are asked with the pragma. Behind a file only those keys are asked that it can have [reached](Reach).

pub(crate) mod reach;

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension as _, Result};

use self::reach::Reach;
use super::text::Script;
use crate::engine::catalog::rows::firsts;
use crate::engine::diagnosis::foreign_keys::{ForeignKey, quoted_values};
use crate::schema::Ident;
use crate::sql::{display_name, one_line, quote, quote_string};

/// The foreign keys of a schema, as far as SQLite can check them.
#[derive(Default)]
pub(crate) struct Keys {
    /// By table; of one that SQLite cannot check there is none.
    of: BTreeMap<Ident, Vec<ScriptKey>>,
    /// By parent, the tables with keys that refer to it, and those that had such.
    children: BTreeMap<Ident, BTreeSet<Ident>>,
}

struct ScriptKey {
    key: ForeignKey,
    /// As the script calls it.
    name: String,
    parent: Ident,
}

impl Keys {
    /// Reads the foreign keys of all tables.
    pub(crate) fn read(conn: &Connection) -> Result<Keys> {
        let mut found = Keys::default();
        let tables = "SELECT name FROM main.sqlite_schema s WHERE type = 'table' \
             AND EXISTS (SELECT 1 FROM pragma_foreign_key_list(s.name, 'main'))";
        for table in firsts::<String, Vec<_>>(conn, tables, [])? {
            found.read_table(conn, table)?;
        }
        Ok(found)
    }

    /// Reads those again that a file can have reached; gives how they were before.
    pub(crate) fn read_again(&mut self, conn: &Connection, reach: &Reach) -> Result<Keys> {
        let Reach::Named(names) = reach else { return Ok(std::mem::replace(self, Keys::read(conn)?)) };
        let tables: Vec<Ident> = self.reached(reach).into_keys().cloned().collect();
        let mut before = Keys::default();
        for table in &tables {
            before.of.extend(self.of.remove_entry(table));
        }
        let mut has_keys = conn.prepare_cached("SELECT 1 FROM pragma_foreign_key_list(?1, 'main')")?;
        let mut spelled = conn.prepare_cached(
            "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE",
        )?;
        for name in names.iter().chain(tables.iter().filter(|table| !names.contains(table))) {
            if has_keys.exists([name.as_str()])?
                && let Some(table) = spelled.query_row([name.as_str()], |row| row.get(0)).optional()?
            {
                self.read_table(conn, table)?;
            }
        }
        Ok(before)
    }

    fn read_table(&mut self, conn: &Connection, table: String) -> Result<()> {
        let mut askable = Vec::new();
        // As in a run: a table one of whose keys cannot be checked was not checked before, either.
        if conn.prepare(&format!("PRAGMA main.foreign_key_check({})", quote(&table))).is_ok() {
            let keys = ForeignKey::all_of(conn, &table)?.into_iter();
            askable.extend(keys.filter(ForeignKey::can_be_asked).map(ScriptKey::of));
            // What names a collation of the application cannot be compared in the shell.
            askable.retain(|key| conn.prepare(&key.query("''")).is_ok());
        }
        let table = Ident::from(table);
        for key in &askable {
            self.children.entry(key.parent.clone()).or_default().insert(table.clone());
        }
        self.of.insert(table, askable);
        Ok(())
    }

    /// The tables that are in reach, or refer to one that is, with their keys.
    fn reached(&self, reach: &Reach) -> BTreeMap<&Ident, &Vec<ScriptKey>> {
        let Reach::Named(names) = reach else { return self.of.iter().collect() };
        let own = names.iter().filter_map(|name| self.of.get_key_value(name));
        let children = names.iter().filter_map(|name| Some((name, self.children.get(name)?)));
        let refers = children.flat_map(|(parent, children)| {
            let of = children.iter().filter_map(|child| self.of.get_key_value(child));
            of.filter(move |(_, keys)| keys.iter().any(|key| key.parent == *parent))
        });
        own.chain(refers).collect()
    }

    fn all(&self) -> impl Iterator<Item = &ScriptKey> {
        self.of.values().flatten()
    }

    /// Writes the tables that hold the violations, and those of before the first change. The script ends where the
    /// database lacks one of the keys: then no query of it could be run.
    pub(crate) fn begin(&self, sql: &mut impl Script) {
        if self.all().next().is_some() {
            let keys = self.all().flat_map(|ScriptKey { key, .. }| {
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
        // `other`: of a table that is not the migrations' own.
        let columns = "vals TEXT, rows INTEGER, other INTEGER";
        sql.statement(&format!("CREATE TEMP TABLE planctl_violations(name TEXT, {columns})"));
        sql.statement("CREATE INDEX temp.planctl_by_name ON planctl_violations(name, vals)");
        // `was` is empty where the key had no such name before: then the rows may be those of a key that is gone.
        sql.statement(&format!("CREATE TEMP TABLE planctl_violations_now(name TEXT, was TEXT, {columns})"));
        sql.statement("CREATE TEMP TABLE planctl_known(name TEXT PRIMARY KEY)");
        know(sql, self.of.keys());
        Keys::find(sql, &self.all().collect::<Vec<_>>(), self);
        remember(sql);
    }

    /// Ends the script where there are violations that were not there before, when the foreign keys in `reach` were
    /// `before`; they are shown first.
    pub(crate) fn check(&self, sql: &mut impl Script, before: &Keys, reach: &Reach, label: &str) {
        let mut reached = self.reached(reach);
        reached.extend(before.of.keys().filter_map(|table| self.of.get_key_value(table)));
        know(sql, reached.keys().copied().filter(|table| !before.of.contains_key(*table)));
        let gone = list(before.of.keys().filter(|table| !self.of.contains_key(*table)).map(Ident::folded));
        if !gone.is_empty() {
            sql.statement(&format!("DELETE FROM temp.planctl_known WHERE name IN ({gone})"));
        }
        let keys: Vec<&ScriptKey> = reached.into_values().flatten().collect();
        let now: BTreeSet<&str> = keys.iter().map(|key| key.name.as_str()).collect();
        let gone = list(before.names().filter(|name| !now.contains(name)));
        if !gone.is_empty() {
            sql.statement(&format!("UPDATE temp.planctl_violations SET name = '' WHERE name IN ({gone})"));
        }
        Keys::find(sql, &keys, before);
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
        // Those of keys that are gone have no name any more.
        let asked = match reach {
            Reach::Everything => String::new(),
            Reach::Named(_) => format!(" WHERE other OR name IN ({})", list(std::iter::once("").chain(now))),
        };
        sql.statement(&format!("DELETE FROM temp.planctl_violations{asked}"));
        remember(sql);
    }

    /// Drops what [`begin`](Self::begin) made.
    pub(crate) fn end(sql: &mut impl Script) {
        for table in ["planctl_violations", "planctl_violations_now", "planctl_known"] {
            sql.statement(&format!("DROP TABLE temp.{table}"));
        }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.all().map(|key| key.name.as_str())
    }

    /// Writes what finds the violations of `keys`, and those of tables that are not the migrations' own.
    fn find(sql: &mut impl Script, keys: &[&ScriptKey], before: &Keys) {
        // As many as one compound query may have parts.
        const PARTS: usize = 100;
        let known: BTreeSet<&str> = before.names().collect();
        let into = "INSERT INTO temp.planctl_violations_now";
        let queries: Vec<String> = keys
            .iter()
            .map(|key| {
                key.query(&quote_string(if known.contains(key.name.as_str()) { &key.name } else { "" }))
            })
            .collect();
        for queries in queries.chunks(PARTS) {
            sql.statement(&format!("{into}\n{}", queries.join("\nUNION ALL\n")));
        }
        // Their rows nothing rebuilds.
        sql.statement(&format!(
            "{into}\nSELECT s.name || ' → ' || v.parent, s.name || ' → ' || v.parent, coalesce('row ' || v.rowid, '?'), \
             count(*), 1\nFROM main.sqlite_master s, pragma_foreign_key_check(s.name) v\n\
             WHERE s.type = 'table' AND lower(s.name) NOT IN (SELECT name FROM temp.planctl_known) GROUP BY 1, 3"
        ));
    }
}

/// Writes that these tables are asked key by key, or that SQLite cannot check them.
fn know<'k>(sql: &mut impl Script, tables: impl Iterator<Item = &'k Ident>) {
    let rows: Vec<String> = tables.map(|table| format!("({})", quote_string(&table.folded()))).collect();
    if !rows.is_empty() {
        sql.statement(&format!("INSERT OR IGNORE INTO temp.planctl_known VALUES {}", rows.join(", ")));
    }
}

fn remember(sql: &mut impl Script) {
    sql.statement(
        "INSERT INTO temp.planctl_violations SELECT name, vals, rows, other FROM temp.planctl_violations_now",
    );
    sql.statement("DELETE FROM temp.planctl_violations_now");
}

/// As string literals, with commas between them.
fn list(names: impl Iterator<Item = impl AsRef<str>>) -> String {
    names.map(|name| quote_string(name.as_ref())).collect::<Vec<_>>().join(", ")
}

impl ScriptKey {
    fn of(key: ForeignKey) -> ScriptKey {
        let columns: Vec<String> = key.columns().iter().map(|column| display_name(column)).collect();
        let (child, parent) = (display_name(key.table()), display_name(key.parent()));
        let name = one_line(&format!("{child}({}) → {parent}", columns.join(", ")));
        ScriptKey { parent: Ident::from(key.parent()), name, key }
    }

    /// The rows without a parent by their values; `was` is the name that the key had before.
    fn query(&self, was: &str) -> String {
        let ScriptKey { key, name, .. } = self;
        let given = key.columns().iter().map(|name| format!("c.{} IS NOT NULL", quote(name)));
        format!(
            "SELECT {}, {was}, {}, count(*), 0 FROM main.{} c WHERE {}{} GROUP BY 3",
            quote_string(name),
            quoted_values(key.columns()),
            quote(key.table()),
            given.collect::<Vec<_>>().join(" AND "),
            key.has_no_parent("")
        )
    }
}
