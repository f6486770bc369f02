//! Foreign-key violations: those that are there now, and those that a migration brought.
//!
//! Keys are not enforced while a migration runs, so that it can rebuild tables; what enforcement would have refused
//! is found before the commit (<https://www.sqlite.org/pragma.html#pragma_foreign_key_check>).

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, Statement};

use super::errors;
use crate::sql::quote;

/// How many rows are named.
const SHOWN: usize = 5;

/// Violations by foreign key.
#[derive(Default, Debug)]
pub(super) struct Violations {
    keys: BTreeMap<Key, Rows>,
    /// Foreign keys that SQLite cannot check, since what they refer to is no key: child table → SQLite's message.
    unusable: BTreeMap<String, String>,
}

/// One foreign key of a table.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Key {
    child: String,
    columns: String,
    parent: String,
}

/// Violating rows by the values that have no parent: these stay the same when a rebuild gives rows new rowids.
#[derive(Default, Debug)]
struct Rows {
    by_values: HashMap<String, u64>,
    /// Row ids and values of some.
    first: Vec<(Option<i64>, String)>,
}

impl Violations {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.unusable.is_empty()
    }

    /// All violations in the main database. Costs one pass over each table that has foreign keys.
    pub(super) fn find(conn: &Connection) -> rusqlite::Result<Violations> {
        if is_clean(conn)? {
            return Ok(Violations::default());
        }
        let mut found = Violations::default();
        // One foreign key that cannot be checked fails the whole check, so each table is asked by itself.
        let tables = "SELECT name FROM main.sqlite_schema s WHERE type = 'table'
                      AND EXISTS (SELECT 1 FROM pragma_foreign_key_list(s.name, 'main')) ORDER BY name";
        let mut tables = conn.prepare(tables)?;
        let mut rows = tables.query([])?;
        while let Some(row) = rows.next()? {
            let table: String = row.get(0)?;
            found.add_table(conn, &table)?;
        }
        Ok(found)
    }

    fn add_table(&mut self, conn: &Connection, table: &str) -> rusqlite::Result<()> {
        let mut check = match conn.prepare(&format!("PRAGMA main.foreign_key_check({})", quote(table))) {
            Ok(check) => check,
            Err(error) if errors::is_interrupt(&error) => return Err(error),
            Err(error) => {
                self.unusable.insert(table.to_owned(), errors::message(&error));
                return Ok(());
            }
        };
        let mut lookups: HashMap<i64, (Key, Option<Statement<'_>>)> = HashMap::new();
        let mut rows = check.query([])?;
        while let Some(row) = rows.next()? {
            let rowid: Option<i64> = row.get(1)?;
            let id: i64 = row.get(3)?;
            let (key, lookup) = match lookups.entry(id) {
                std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::hash_map::Entry::Vacant(new) => {
                    new.insert(describe(conn, table, id, rowid)?)
                }
            };
            let values = match (rowid, lookup) {
                (Some(rowid), Some(lookup)) => lookup.query_row([rowid], |row| row.get::<_, String>(0))?,
                _ => String::new(),
            };
            if !self.keys.contains_key(key) {
                self.keys.insert(key.clone(), Rows::default());
            }
            if let Some(found) = self.keys.get_mut(key) {
                if found.first.len() < SHOWN {
                    found.first.push((rowid, values.clone()));
                }
                *found.by_values.entry(values).or_default() += 1;
            }
        }
        Ok(())
    }

    /// What is here and was not in `before`. A violation whose table was renamed is still the same one.
    pub(super) fn new_since(mut self, before: Violations) -> Violations {
        self.unusable.retain(|table, _| !before.unusable.contains_key(table));
        let mut orphaned: HashMap<String, u64> = HashMap::new();
        for (key, rows) in before.keys {
            match self.keys.get_mut(&key) {
                Some(now) => now.subtract(rows.by_values),
                None => {
                    for (values, count) in rows.by_values {
                        *orphaned.entry(values).or_default() += count;
                    }
                }
            }
        }
        for rows in self.keys.values_mut() {
            for (values, count) in &mut rows.by_values {
                if let Some(old) = orphaned.get_mut(values) {
                    let same = (*old).min(*count);
                    *old -= same;
                    *count -= same;
                }
            }
            rows.by_values.retain(|_, count| *count > 0);
        }
        self.keys.retain(|_, rows| !rows.by_values.is_empty());
        for rows in self.keys.values_mut() {
            let blamed = &rows.by_values;
            rows.first.retain(|(_, values)| blamed.contains_key(values));
        }
        self
    }

    /// How many rows.
    pub(super) fn count(&self) -> u64 {
        self.keys.values().map(Rows::count).sum()
    }

    /// One sentence for each foreign key.
    pub(super) fn sentences(&self) -> Vec<String> {
        self.by_child().into_iter().map(|(_, sentence)| sentence).collect()
    }

    /// The child table and one sentence for each foreign key.
    pub(super) fn by_child(&self) -> Vec<(&str, String)> {
        let broken = self.keys.iter().map(|(key, rows)| (key.child.as_str(), key.sentence(rows)));
        let unusable = self.unusable.iter().map(|(table, said)| (table.as_str(), unusable(table, said)));
        broken.chain(unusable).collect()
    }

    /// One sentence for each table with a foreign key that cannot be checked.
    pub(super) fn unusable_sentences(&self) -> Vec<String> {
        self.unusable.iter().map(|(table, said)| unusable(table, said)).collect()
    }

    /// Whether some foreign key cannot be checked at all.
    pub(super) fn has_unusable(&self) -> bool {
        !self.unusable.is_empty()
    }
}

fn unusable(table: &str, said: &str) -> String {
    format!("{table}: {said}")
}

impl Rows {
    fn subtract(&mut self, old: HashMap<String, u64>) {
        for (values, count) in old {
            if let Some(now) = self.by_values.get_mut(&values) {
                *now = now.saturating_sub(count);
            }
        }
        self.by_values.retain(|_, count| *count > 0);
    }

    fn count(&self) -> u64 {
        self.by_values.values().sum()
    }
}

impl Key {
    fn sentence(&self, rows: &Rows) -> String {
        let count = rows.count();
        let mut text = format!(
            "{}({}): {count} {} no parent in {}",
            self.child,
            self.columns,
            if count == 1 { "row has" } else { "rows have" },
            self.parent
        );
        let named: Vec<String> = rows
            .first
            .iter()
            .filter_map(|(rowid, values)| Some(format!("rowid {} ({} = {values})", (*rowid)?, self.columns)))
            .collect();
        if !named.is_empty() {
            text.push_str(": ");
            text.push_str(&named.join(", "));
            if count > named.len() as u64 {
                text.push_str(", …");
            }
        }
        text
    }
}

/// The usual case, in one statement.
fn is_clean(conn: &Connection) -> rusqlite::Result<bool> {
    let mut check = match conn.prepare("PRAGMA main.foreign_key_check") {
        Ok(check) => check,
        Err(error) if errors::is_interrupt(&error) => return Err(error),
        Err(_) => return Ok(false),
    };
    let mut rows = check.query([])?;
    Ok(rows.next()?.is_none())
}

/// The foreign key `id` of `table`, and a statement that gives a row's values in it as SQL text (`None` where rows
/// have no rowid to look them up by).
fn describe<'c>(
    conn: &'c Connection,
    table: &str,
    id: i64,
    rowid: Option<i64>,
) -> rusqlite::Result<(Key, Option<Statement<'c>>)> {
    let mut list = conn.prepare(
        "SELECT \"from\", \"table\" FROM pragma_foreign_key_list(?1, 'main') WHERE id = ?2 ORDER BY seq",
    )?;
    let rows = list.query_map((table, id), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let pairs = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let parent = pairs.first().map(|(_, parent)| parent.clone()).unwrap_or_default();
    let columns: Vec<&str> = pairs.iter().map(|(column, _)| column.as_str()).collect();
    let key = Key { child: table.to_owned(), columns: columns.join(", "), parent };
    if rowid.is_none() || columns.is_empty() {
        return Ok((key, None));
    }
    let values: Vec<String> = columns.iter().map(|column| format!("quote({})", quote(column))).collect();
    // A column may have taken one of the rowid's names away, but hardly all three.
    let taken = "SELECT lower(name) FROM pragma_table_xinfo(?1, 'main')";
    let mut taken = conn.prepare(taken)?;
    let taken =
        taken.query_map([table], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let Some(name) = ["rowid", "_rowid_", "oid"].into_iter().find(|name| !taken.iter().any(|t| t == name))
    else {
        return Ok((key, None));
    };
    let sql = format!("SELECT {} FROM main.{} WHERE {name} = ?1", values.join(" || ', ' || "), quote(table));
    let lookup = conn.prepare(&sql)?;
    Ok((key, Some(lookup)))
}
