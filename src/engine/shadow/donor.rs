//! Rows of the real database, for trying things on them.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Params, params_from_iter};

use crate::base::error::Result;
use crate::base::job::Job;
use crate::engine::catalog::inspect::{known_by, main_name};
use crate::engine::catalog::rows::{rows, values};
use crate::engine::connection::Sqlite;
use crate::engine::{Access, OpenOptions};
use crate::schema::{Ident, Schema, Table};
use crate::sql::quote;

/// How many rows are taken from each end of a table.
const ROWS: usize = 5;

/// How many rows a table gives at most because others refer to them.
const PARENTS: usize = 60;

/// The longest value that is taken, in bytes.
const LONGEST: usize = 64 * 1024;

/// How many rows are looked at for the values that stand there most often, and how many of those are told.
const LOOKED_AT: usize = 10_000;
const COMMON: usize = 8;

/// The longest literal that a script is given.
const LONGEST_LITERAL: usize = 200;

/// A row's values by column; generated columns are left out.
pub(crate) type Lent = BTreeMap<Ident, Value>;

/// A database that is read, and never written.
pub(crate) struct Donor {
    sqlite: Sqlite,
}

impl Donor {
    pub(crate) fn open(db: &Path, job: Job<'_>) -> Result<Donor> {
        Ok(Donor { sqlite: Sqlite::open(db, Access::ReadOnly, OpenOptions::default(), job)? })
    }

    /// Some rows of each table, and those that they refer to. A table that is another one there gives none. `order` has
    /// parents before their children.
    pub(crate) fn rows(&self, schema: &Schema, order: &[&Table]) -> BTreeMap<Ident, Vec<Lent>> {
        let mut lent: BTreeMap<Ident, Vec<Lent>> = BTreeMap::new();
        let mut wanted = Wanted::default();
        for table in order.iter().rev() {
            let mut rows = self.ends(table);
            rows.iter().for_each(|row| wanted.parents_of(schema, table, row));
            // A row that is found may refer to another one of its table.
            let mut asked = 0;
            while let Some(key) = wanted.get(&table.name, asked) {
                asked += 1;
                for row in self.with_key(table, &key) {
                    wanted.parents_of(schema, table, &row);
                    if !rows.contains(&row) {
                        rows.push(row);
                    }
                }
            }
            lent.insert(table.name.clone(), rows);
        }
        lent
    }

    /// The rows at both ends of a table.
    fn ends(&self, table: &Table) -> Vec<Lent> {
        let mut rows = self.read(table, &format!("LIMIT {ROWS}"), []);
        let last: Vec<String> = known_by(table).iter().map(|column| format!("{column} DESC")).collect();
        rows.extend(self.read(table, &format!("ORDER BY {} LIMIT {ROWS}", last.join(", ")), []));
        rows
    }

    fn with_key(&self, table: &Table, key: &ParentKey) -> Vec<Lent> {
        let same: Vec<String> =
            key.iter().map(|(column, _)| format!("{} = ?", quote(column.as_str()))).collect();
        let values = key.iter().map(|(_, value)| value);
        self.read(table, &format!("WHERE {} LIMIT 1", same.join(" AND ")), params_from_iter(values))
    }

    /// What cannot be read is not taken: it is for trying things, and others will do.
    fn read(&self, table: &Table, which: &str, params: impl Params) -> Vec<Lent> {
        let columns: Vec<&Ident> = table
            .columns
            .iter()
            .filter(|column| column.generated.is_none())
            .map(|column| &column.name)
            .collect();
        let names: Vec<String> = columns.iter().map(|name| quote(name.as_str())).collect();
        let sql = format!("SELECT {} FROM {} {which}", names.join(", "), main_name(&table.name));
        let Ok(mut statement) = self.sqlite.conn.prepare(&sql) else { return Vec::new() };
        let found = statement.query_map(params, |row| {
            columns.iter().enumerate().map(|(i, name)| Ok(((*name).clone(), row.get(i)?))).collect()
        });
        let Ok(found) = found else { return Vec::new() };
        found.filter_map(rusqlite::Result::ok).filter(|row: &Lent| row.values().all(is_short)).collect()
    }

    /// The values that rows hold in these columns together, as SQL, those first that most rows hold.
    pub(crate) fn commonest(&self, table: &Ident, columns: &[&Ident]) -> Vec<Vec<String>> {
        let named = columns.iter().enumerate().map(|(n, name)| format!("{} AS v{n}", quote(name.as_str())));
        let names = named.collect::<Vec<_>>().join(", ");
        let places: Vec<String> = (1..=columns.len()).map(|n| n.to_string()).collect();
        let shown: Vec<String> = (0..columns.len()).map(|n| format!("quote(v{n})")).collect();
        let sql = format!(
            "SELECT {} FROM (SELECT {names} FROM {} LIMIT {LOOKED_AT}) GROUP BY {} ORDER BY count(*) DESC, {} LIMIT {COMMON}",
            shown.join(", "),
            main_name(table),
            places.join(", "),
            places.join(", "),
        );
        let found = rows(&self.sqlite.conn, &sql, [], |row| values(row, 0));
        let mut found: Vec<Vec<String>> = found.unwrap_or_default();
        found.retain(|values| values.iter().all(|value| value.len() <= LONGEST_LITERAL));
        found
    }
}

/// What a row is known by to those that refer to it.
type ParentKey = Vec<(Ident, Value)>;

/// Rows that others refer to, by table.
#[derive(Default)]
struct Wanted {
    of: BTreeMap<Ident, Vec<ParentKey>>,
}

impl Wanted {
    fn get(&self, table: &Ident, at: usize) -> Option<ParentKey> {
        self.of.get(table)?.get(at).cloned()
    }

    fn parents_of(&mut self, schema: &Schema, child: &Table, row: &Lent) {
        for foreign in &child.foreign_keys {
            let values = foreign.columns.iter().map(|name| row.get(name).filter(|v| **v != Value::Null));
            let Some(values) = values.collect::<Option<Vec<&Value>>>() else { continue };
            let key: ParentKey =
                schema.parent_columns(foreign).into_iter().zip(values.into_iter().cloned()).collect();
            let known = self.of.entry(foreign.parent.clone()).or_default();
            if known.len() < PARENTS && !known.contains(&key) {
                known.push(key);
            }
        }
    }
}

fn is_short(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.len() <= LONGEST,
        Value::Blob(bytes) => bytes.len() <= LONGEST,
        _ => true,
    }
}
