//! The keys of a table in few bytes per row: from a key to its row's number while the rows are read ([`Reader`]), and
//! back from the number to the key as it is stored ([`Keys`]).
//!
//! Integers take 8 bytes and ULIDs 16, as long as all keys are of that kind; others lie in an arena, each once. While
//! rows are read, an [`Index`] over them takes 5⅓ bytes more, and a [`Ladder`](ladder::Ladder) over keys that rise at most
//! 2; integers that have no gaps need neither.

mod arena;
mod hashed;
mod index;
mod ladder;
pub(crate) mod line;
mod numbering;
pub(crate) mod packed;
mod packing;
mod store;

use std::hash::BuildHasher;
use std::sync::OnceLock;

use rusqlite::types::ValueRef;

use self::arena::Arena;
use self::index::{Entry, Index, Probe};
use self::numbering::{Numbering, Numbers};
use self::packed::{Packed, Spelled};
use self::packing::Packing;
use self::store::ValueStore;
use crate::backfill::MAX_ROWS;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::words::thousands;
use crate::engine::backfill::value::Rule;

/// What reading brings.
pub(crate) struct Numbered {
    pub(crate) keys: Keys,
    /// As [`crate::backfill::Forest::resolve`] wants them.
    pub(crate) parents: Vec<u32>,
    /// Rows that have the key of an earlier one.
    pub(crate) duplicates: Vec<u32>,
}

/// Takes the rows in their order.
pub(crate) struct Reader {
    rule: Rule,
    seed: u64,
    /// How many rows there will be at the most; the width of the index depends on it.
    expected: usize,
    added: usize,
    key_type: KeyType,
    numbers: Numbers,
}

enum KeyType {
    /// The first row decides.
    Unknown,
    Integers(Packing<i64>),
    Ulids(Packing<u128>),
    Values(Numbering),
}

impl Reader {
    /// Room for `rows` rows.
    pub(crate) fn new(rule: Rule, rows: usize) -> Result<Reader> {
        if rows > MAX_ROWS {
            let message = format!(
                "a backfill takes at most {} rows, and there are {}",
                thousands(MAX_ROWS),
                thousands(rows)
            );
            return Err(Error::new(ErrorKind::Data, message));
        }
        Ok(Reader {
            rule,
            seed: seed(),
            expected: rows,
            added: 0,
            key_type: KeyType::Unknown,
            numbers: Numbers { parents: Vec::with_capacity(rows), duplicates: Vec::new() },
        })
    }

    /// Adds the next row; a parent that is NULL or `''` makes it a root.
    pub(crate) fn add(&mut self, id: ValueRef<'_>, parent: ValueRef<'_>) -> Result<()> {
        if self.added >= self.expected {
            return Err(Error::new(ErrorKind::Data, "the table grew while it was read"));
        }
        self.added += 1;
        if matches!(self.key_type, KeyType::Unknown) {
            self.key_type = match id {
                ValueRef::Integer(_) => KeyType::Integers(Packing::new(self.seed, self.expected)),
                _ if u128::pack(id, self.rule).is_some() => {
                    KeyType::Ulids(Packing::new(self.seed, self.expected))
                }
                _ => KeyType::Values(self.values()),
            };
        }
        let fits = match &mut self.key_type {
            KeyType::Integers(packing) => packing.add(id, parent, self.rule, &mut self.numbers),
            KeyType::Ulids(packing) => packing.add(id, parent, self.rule, &mut self.numbers),
            KeyType::Unknown | KeyType::Values(_) => false,
        };
        if fits {
            return Ok(());
        }
        let mut values = match std::mem::replace(&mut self.key_type, KeyType::Unknown) {
            KeyType::Values(values) => values,
            KeyType::Unknown => self.values(),
            KeyType::Integers(packing) => packing.widen(self.rule, &mut self.numbers)?,
            KeyType::Ulids(packing) => packing.widen(self.rule, &mut self.numbers)?,
        };
        self.numbers.add_value(&mut values, id, parent)?;
        self.key_type = KeyType::Values(values);
        Ok(())
    }

    fn values(&self) -> Numbering {
        Numbering::new(ValueStore::new(self.rule, self.seed, self.expected), self.expected)
    }

    /// Once all rows are there.
    pub(crate) fn finish(mut self) -> Result<Numbered> {
        let kept = match std::mem::replace(&mut self.key_type, KeyType::Unknown) {
            KeyType::Integers(packing) => Kept::Integers(packing.finish(&mut self.numbers)),
            KeyType::Ulids(packing) => Kept::Ulids(packing.finish(&mut self.numbers)),
            KeyType::Values(numbering) => {
                let ValueStore { arena, rows, .. } = numbering.settle(&mut self.numbers.parents);
                Kept::Values(arena, rows)
            }
            KeyType::Unknown => Kept::Integers(Vec::new()),
        };
        let Numbers { parents, duplicates } = self.numbers;
        Ok(Numbered { keys: Keys::new(self.rule, self.seed, kept), parents, duplicates })
    }
}

/// The keys of all rows.
pub(crate) struct Keys {
    rule: Rule,
    seed: u64,
    kept: Kept,
    /// Made when a row is looked for by its key: rows come in the order of reading, and hardly ever in another one.
    index: OnceLock<Index>,
}

/// For hashes that nobody can foresee.
pub(crate) fn seed() -> u64 {
    std::hash::RandomState::new().hash_one(())
}

/// One key for each row.
pub(crate) enum Kept {
    Integers(Vec<i64>),
    Ulids(Vec<u128>),
    Values(Arena, Vec<u32>),
}

impl Keys {
    /// What is kept, of which keys with the same hash under `seed` are found.
    pub(crate) fn new(rule: Rule, seed: u64, kept: Kept) -> Keys {
        Keys { rule, seed, kept, index: OnceLock::new() }
    }

    /// The key of `row` as it is stored.
    #[inline]
    pub(crate) fn get(&self, row: u32) -> Option<Spelled<'_>> {
        self.unpacked(row).or_else(|| self.kept(row).map(Spelled::Value))
    }

    /// The key of `row`, when keys are packed.
    #[inline]
    pub(crate) fn unpacked(&self, row: u32) -> Option<Spelled<'static>> {
        let row = row as usize;
        match &self.kept {
            Kept::Integers(rows) => rows.get(row).map(|key| key.spelled()),
            Kept::Ulids(rows) => rows.get(row).map(|key| key.spelled()),
            Kept::Values(..) => None,
        }
    }

    /// The key of `row`, when keys are kept as they are.
    #[inline]
    pub(crate) fn kept(&self, row: u32) -> Option<ValueRef<'_>> {
        match &self.kept {
            Kept::Values(arena, rows) => rows.get(row as usize).map(|&key| arena.get(key)),
            Kept::Integers(_) | Kept::Ulids(_) => None,
        }
    }

    /// Whether `row`'s key is `id`.
    #[inline]
    pub(crate) fn is(&self, row: u32, id: ValueRef<'_>) -> bool {
        let at = row as usize;
        match &self.kept {
            Kept::Integers(rows) => is_packed(rows.get(at), id, self.rule),
            Kept::Ulids(rows) => is_packed(rows.get(at), id, self.rule),
            Kept::Values(arena, rows) => rows.get(at).is_some_and(|&key| self.rule.same(arena.get(key), id)),
        }
    }

    /// The row whose key is `id`.
    pub(crate) fn find(&self, id: ValueRef<'_>) -> Option<u32> {
        match &self.kept {
            Kept::Integers(rows) => self.find_packed(rows, id),
            Kept::Ulids(rows) => self.find_packed(rows, id),
            Kept::Values(arena, rows) => {
                let hash = |value| self.rule.hash(value, self.seed);
                let index = self.index(rows.len(), |row| hash(arena.get(rows[row as usize])));
                found(index.probe(hash(id), |entry| self.is(number(entry), id)))
            }
        }
    }

    fn find_packed<K: Packed>(&self, rows: &[K], id: ValueRef<'_>) -> Option<u32> {
        let key = K::pack_equal(id, self.rule)?;
        let index = self.index(rows.len(), |row| rows[row as usize].hash(self.seed));
        found(index.probe(key.hash(self.seed), |entry| rows[number(entry) as usize] == key))
    }

    fn index(&self, rows: usize, hash: impl Fn(u32) -> u64) -> &Index {
        self.index.get_or_init(|| {
            let mut index = Index::new(rows);
            for row in 0..rows as u32 {
                index.put(hash(row), Entry::Row(row));
            }
            index
        })
    }
}

#[inline]
fn is_packed<K: Packed>(key: Option<&K>, id: ValueRef<'_>, rule: Rule) -> bool {
    key.is_some_and(|&key| key.is(id, rule))
}

fn number(entry: Entry) -> u32 {
    match entry {
        Entry::Row(row) | Entry::Forward(row) => row,
    }
}

fn found(probe: Probe) -> Option<u32> {
    match probe {
        Probe::Found(_, entry) => Some(number(entry)),
        Probe::Vacant(_) => None,
    }
}

#[cfg(test)]
mod tests;
