//! Packed keys in a hash table that has every row so far.

use super::index::{Entry, Index, Probe};
use super::numbering::Numbering;
use super::packed::Packed;
use super::store::ValueStore;
use crate::base::error::Result;
use crate::engine::backfill::value::Rule;

/// See the module. A row's number is the place of its key.
pub(super) struct Hashed<K> {
    seed: u64,
    pub(super) keys: Vec<K>,
    index: Index,
}

impl<K: Packed> Hashed<K> {
    /// With the keys of the first rows; `rows` is how many there will be at the most.
    pub(super) fn of(seed: u64, keys: Vec<K>, rows: usize) -> Hashed<K> {
        let mut hashed = Hashed { seed, keys, index: Index::new(rows) };
        hashed.put_all();
        hashed
    }

    fn put_all(&mut self) {
        for (row, key) in (0_u32..).zip(&self.keys) {
            self.index.put(key.hash(self.seed), Entry::Row(row));
        }
    }

    /// The row with that key, if it has come.
    #[inline]
    pub(super) fn row_of(&self, key: K) -> Option<u32> {
        match self.probe(key, key.hash(self.seed)) {
            Probe::Found(_, Entry::Row(row)) => Some(row),
            Probe::Found(..) | Probe::Vacant(_) => None,
        }
    }

    /// Adds the next row. `false` when an earlier row has the same key.
    #[inline]
    pub(super) fn add(&mut self, key: K) -> bool {
        let hash = key.hash(self.seed);
        let probe = self.probe(key, hash);
        let row = self.keys.len() as u32;
        self.keys.push(key);
        match probe {
            Probe::Vacant(slot) => {
                if self.index.occupy(slot, hash, Entry::Row(row)) {
                    self.index.clear(2);
                    self.put_all();
                }
                true
            }
            Probe::Found(..) => false,
        }
    }

    /// The same numbers, with keys of any kind.
    pub(super) fn widen(self, rule: Rule, rows: usize) -> Result<Numbering> {
        Ok(Numbering::of(ValueStore::of(rule, self.seed, rows, &self.keys)?, rows))
    }

    #[inline]
    fn probe(&self, key: K, hash: u64) -> Probe {
        self.index.probe(hash, |entry| match entry {
            Entry::Row(row) => self.keys[row as usize] == key,
            Entry::Forward(_) => false,
        })
    }
}
