//! Foreign-key violations: those that are there now, and those that a migration brought.
//!
//! Keys are not enforced while a migration runs, so that it can rebuild tables; what enforcement would have refused
//! is found before the commit (<https://www.sqlite.org/pragma.html#pragma_foreign_key_check>).

mod key;

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

pub(crate) use self::key::{ForeignKey, quoted_values};

use self::key::Orphan;
use super::{errors, fault};
use crate::engine::catalog::rows::firsts;
use crate::engine::{BrokenKey, Fault, UncheckedKey};
use crate::sql::quote;

/// How many rows are named.
const SHOWN: usize = 5;

/// How many are kept, so that there are some to be named among those that are new.
const KEPT: usize = 200;

/// Violations by foreign key.
#[derive(Default, Debug)]
pub(crate) struct Violations {
    keys: BTreeMap<KeyName, ViolatingRows>,
    /// Foreign keys that SQLite cannot check, since what they refer to is no key: child table → SQLite's message.
    unusable: BTreeMap<String, String>,
    /// Keys of which it cannot be told for some rows.
    unchecked: Vec<UncheckedKey>,
}

/// One foreign key of a table.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct KeyName {
    child: String,
    columns: String,
    parent: String,
}

/// Violating rows by what tells one from another: the primary key and the values that have no parent. A rowid is none, for a
/// rebuild gives rows new ones; there the values and their number have to do.
#[derive(Default, Debug)]
struct ViolatingRows {
    /// The columns of that primary key.
    identified_by: Vec<String>,
    counts: HashMap<(String, String), u64>,
    /// Some of them.
    first: Vec<Orphan>,
}

impl Violations {
    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.unusable.is_empty()
    }

    /// The keys of which it cannot be told for some rows whether they have a parent.
    pub(crate) fn unchecked(&self) -> &[UncheckedKey] {
        &self.unchecked
    }

    /// All violations in the main database. Costs one pass over each table that has foreign keys.
    pub(crate) fn find(conn: &Connection) -> rusqlite::Result<Violations> {
        if matches!(check(conn, None)?, Check::Clean) {
            return Ok(Violations::default());
        }
        let mut found = Violations::default();
        // One foreign key that cannot be checked fails the whole check, so each table is asked by itself.
        let tables = "SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name";
        for table in firsts::<String, Vec<_>>(conn, tables, [])? {
            found.add_table(conn, &table)?;
        }
        Ok(found)
    }

    fn add_table(&mut self, conn: &Connection, table: &str) -> rusqlite::Result<()> {
        let keys = ForeignKey::all_of(conn, table)?;
        if keys.is_empty() {
            return Ok(());
        }
        match check(conn, Some(table))? {
            Check::Clean => return Ok(()),
            Check::Unusable(why) => drop(self.unusable.insert(table.to_owned(), why)),
            Check::Dirty | Check::Refused => {}
        }
        // And one that cannot be checked fails its table, so each key is asked by itself.
        for key in keys.into_iter().filter(ForeignKey::can_be_asked) {
            let name = KeyName {
                child: table.to_owned(),
                columns: key.columns().join(", "),
                parent: key.parent().to_owned(),
            };
            let mut rows =
                ViolatingRows { identified_by: key.identified_by().to_vec(), ..ViolatingRows::default() };
            let answer = key.orphans(conn, |orphan| {
                let known = (orphan.identity.clone(), orphan.values.clone());
                *rows.counts.entry(known).or_default() += 1;
                if rows.first.len() < KEPT {
                    rows.first.push(orphan);
                }
            })?;
            match answer {
                None => {
                    if !rows.counts.is_empty() {
                        self.keys.entry(name).or_default().extend(rows);
                    }
                }
                Some(why) => self.unchecked.extend((rows.count() > 0).then(|| UncheckedKey {
                    table: name.child,
                    columns: name.columns,
                    parent: name.parent,
                    rows: rows.count(),
                    why,
                })),
            }
        }
        Ok(())
    }

    /// What is here and was not in `before`. A violation whose table was renamed is still the same one.
    pub(crate) fn new_since(mut self, before: Violations) -> Violations {
        self.unusable.retain(|table, _| !before.unusable.contains_key(table));
        let mut elsewhere = ViolatingRows::default();
        for (key, mut rows) in before.keys {
            match self.keys.get_mut(&key) {
                Some(now) => now.subtract(&mut rows),
                None => elsewhere.extend(rows),
            }
        }
        for rows in self.keys.values_mut() {
            rows.take_from(&mut elsewhere.counts);
        }
        self.keys.retain(|_, rows| !rows.counts.is_empty());
        for rows in self.keys.values_mut() {
            let blamed = &rows.counts;
            rows.first.retain(|orphan| {
                blamed.keys().any(|(identity, values)| {
                    *values == orphan.values && (identity.is_empty() || *identity == orphan.identity)
                })
            });
        }
        self
    }

    /// How many rows.
    pub(crate) fn count(&self) -> u64 {
        self.keys.values().map(ViolatingRows::count).sum()
    }

    /// One sentence for each foreign key.
    pub(crate) fn sentences(&self) -> Vec<String> {
        self.all().into_iter().map(|key| key.sentence).collect()
    }

    /// Each foreign key. Those that cannot be checked come first: beside them, rows without a parent are the smaller trouble.
    pub(crate) fn all(&self) -> Vec<BrokenKey> {
        let broken = self
            .keys
            .iter()
            .map(|(key, rows)| BrokenKey { child: key.child.as_str().into(), sentence: key.sentence(rows) });
        self.unusable().into_iter().chain(broken).collect()
    }

    /// One for each table with a foreign key that cannot be checked.
    pub(crate) fn unusable(&self) -> Vec<BrokenKey> {
        let of = |(table, said): (&String, &String)| BrokenKey {
            child: table.as_str().into(),
            sentence: format!("{table}: {said}"),
        };
        self.unusable.iter().map(of).collect()
    }

    /// Whether some foreign key cannot be checked at all.
    pub(crate) fn has_unusable(&self) -> bool {
        !self.unusable.is_empty()
    }
}

impl ViolatingRows {
    fn extend(&mut self, more: ViolatingRows) {
        self.identified_by = more.identified_by;
        for (row, count) in more.counts {
            *self.counts.entry(row).or_default() += count;
        }
        self.first.extend(more.first);
        self.first.truncate(KEPT);
    }

    /// Takes away those that are in `old`. Where the two tell rows apart by other columns, the values alone count.
    fn subtract(&mut self, old: &mut ViolatingRows) {
        if self.identified_by != old.identified_by {
            self.by_values();
            old.by_values();
        }
        self.take_from(&mut old.counts);
    }

    fn by_values(&mut self) {
        let mut counts = HashMap::new();
        for ((_, values), count) in self.counts.drain() {
            *counts.entry((String::new(), values)).or_default() += count;
        }
        self.counts = counts;
    }

    /// Takes away what is in `old`, there and here.
    fn take_from(&mut self, old: &mut HashMap<(String, String), u64>) {
        for (row, count) in &mut self.counts {
            if let Some(known) = old.get_mut(row) {
                let same = (*known).min(*count);
                *known -= same;
                *count -= same;
            }
        }
        self.counts.retain(|_, count| *count > 0);
    }

    fn count(&self) -> u64 {
        self.counts.values().sum()
    }
}

impl KeyName {
    fn sentence(&self, rows: &ViolatingRows) -> String {
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
            .take(SHOWN)
            .map(|orphan| format!("{} ({} = {})", orphan.name, self.columns, orphan.values))
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

/// What SQLite's own check comes to.
enum Check {
    Clean,
    Dirty,
    /// A foreign key refers to what is no key: SQLite's message.
    Unusable(String),
    /// It cannot be made.
    Refused,
}

/// The usual case, in one statement, for all tables or one.
fn check(conn: &Connection, table: Option<&str>) -> rusqlite::Result<Check> {
    let of = table.map_or(String::new(), |table| format!("({})", quote(table)));
    let mut check = match conn.prepare(&format!("PRAGMA main.foreign_key_check{of}")) {
        Ok(check) => check,
        Err(error) if errors::is_interrupt(&error) => return Err(error),
        Err(error) if fault::of(&error) == Fault::KeyMismatch => {
            return Ok(Check::Unusable(errors::message(&error)));
        }
        Err(_) => return Ok(Check::Refused),
    };
    let mut rows = check.query([])?;
    Ok(if rows.next()?.is_none() { Check::Clean } else { Check::Dirty })
}
