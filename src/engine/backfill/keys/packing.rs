//! Packed keys while all rows are read. Parents are looked up many at a time: then reads that wait for memory wait all at
//! once.

use rusqlite::types::ValueRef;

use super::index::{Entry, Index, Probe};
use super::numbering::{Numbering, Numbers};
use super::packed::Packed;
use super::store::ValueStore;
use crate::backfill::{ORPHAN, ROOT};
use crate::base::error::Result;
use crate::engine::backfill::value::{Rule, is_empty};

/// Parents that are gathered before they are looked up.
const BATCH: usize = 1024;

/// Parents whose reads overlap.
const TOGETHER: usize = 32;

/// See the module. The parent of a row is [`ORPHAN`] as long as it is not found.
pub(super) struct Packing<K> {
    rows: Rows<K>,
    /// Rows whose parent is to be looked up next.
    batch: Vec<(u32, K)>,
    /// The parents of the rows that are [`ORPHAN`] so far, in the order of these rows.
    waiting: Vec<K>,
}

impl<K: Packed + Ord> Packing<K> {
    pub(super) fn new(seed: u64, expected: usize) -> Packing<K> {
        let keys = Vec::with_capacity(expected);
        Packing {
            rows: Rows { seed, expected, keys, rises: true, index: None, indexed: 0 },
            batch: Vec::with_capacity(BATCH),
            waiting: Vec::new(),
        }
    }

    /// Adds the next row. `false` when it does not fit, and was not added.
    #[inline]
    pub(super) fn add(
        &mut self,
        id: ValueRef<'_>,
        parent: ValueRef<'_>,
        rule: Rule,
        numbers: &mut Numbers,
    ) -> bool {
        let Some(id) = K::pack(id, rule) else { return false };
        if !is_empty(parent) {
            let Some(parent) = K::pack_equal(parent, rule) else { return false };
            self.batch.push((self.rows.keys.len() as u32, parent));
        }
        self.rows.push(id);
        numbers.parents.push(ROOT);
        if self.batch.len() == BATCH {
            self.look_up(numbers);
        }
        true
    }

    /// Looks up what was gathered.
    fn look_up(&mut self, numbers: &mut Numbers) {
        for asked in self.batch.chunks(TOGETHER) {
            let found = self.rows.find(asked, &mut numbers.duplicates);
            for (&(row, key), found) in asked.iter().zip(found) {
                numbers.parents[row as usize] = found;
                if found == ORPHAN {
                    self.waiting.push(key);
                }
            }
        }
        self.batch.clear();
    }

    /// The keys, once all rows are there and what waits was looked up again.
    pub(super) fn finish(mut self, numbers: &mut Numbers) -> Vec<K> {
        self.look_up(numbers);
        let Packing { mut rows, mut batch, waiting } = self;
        rows.see_all(&mut numbers.duplicates);
        let mut waiting = waiting.into_iter();
        let (mut from, mut any) = (0, true);
        while any {
            let places =
                numbers.parents.iter().enumerate().skip(from).filter(|(_, parent)| **parent == ORPHAN);
            batch.extend(places.zip(&mut waiting).take(TOGETHER).map(|((row, _), key)| (row as u32, key)));
            let found = rows.find(&batch, &mut numbers.duplicates);
            any = !batch.is_empty();
            for ((row, _), found) in batch.drain(..).zip(found) {
                numbers.parents[row as usize] = found;
                from = row as usize + 1;
            }
        }
        rows.keys
    }

    /// The same numbers, with keys of any kind.
    pub(super) fn widen(mut self, rule: Rule, numbers: &mut Numbers) -> Result<Numbering> {
        self.look_up(numbers);
        let Packing { mut rows, waiting, .. } = self;
        rows.see_all(&mut numbers.duplicates);
        let store = ValueStore::of(rule, rows.seed, rows.expected, &rows.keys)?;
        let mut wide = Numbering::of(store, rows.expected);
        let places = numbers.parents.iter_mut().filter(|parent| **parent == ORPHAN);
        for (parent, key) in places.zip(waiting) {
            let key = key.spelled();
            *parent = wide.parent(key.value(), wide.store.hash(key.value()))?;
        }
        Ok(wide)
    }
}

/// The keys of the rows so far.
struct Rows<K> {
    seed: u64,
    /// How many there will be at the most.
    expected: usize,
    keys: Vec<K>,
    /// Whether they have risen from row to row. Then none is there twice, and one above the last is not there yet.
    rises: bool,
    /// Made where a key cannot be found without it.
    index: Option<Index>,
    /// How many rows are in the index.
    indexed: usize,
}

impl<K: Packed + Ord> Rows<K> {
    #[inline]
    fn push(&mut self, key: K) {
        self.rises &= self.keys.last().is_none_or(|last| *last < key);
        self.keys.push(key);
    }

    /// The rows with these keys, [`ORPHAN`] for those that are not there.
    fn find(&mut self, asked: &[(u32, K)], duplicates: &mut Vec<u32>) -> [u32; TOGETHER] {
        let mut found = [ORPHAN; TOGETHER];
        let (Some(&first), Some(&last)) = (self.keys.first(), self.keys.last()) else { return found };
        let mut sought = [(0_usize, 0_u64); TOGETHER];
        let mut count = 0;
        for (at, &(_, key)) in asked.iter().enumerate() {
            // Keys without gaps are where they have to be.
            match key.steps_from(first).filter(|&row| self.keys.get(row) == Some(&key)) {
                Some(row) => found[at] = row as u32,
                None if self.rises && (key < first || key > last) => {}
                None => {
                    sought[count] = (at, key.hash(self.seed));
                    count += 1;
                }
            }
        }
        if count > 0 {
            self.put_in_index(duplicates);
        }
        let Some(index) = &self.index else { return found };
        let sought = sought.get(..count).unwrap_or_default();
        for &(_, hash) in sought {
            if let Some(Entry::Row(row)) = index.peek(hash) {
                std::hint::black_box(self.keys.get(row as usize).copied());
            }
        }
        for &(at, hash) in sought {
            if let Probe::Found(_, Entry::Row(row)) = self.probe(index, asked[at].1, hash) {
                found[at] = row;
            }
        }
        found
    }

    /// Sees to it that every row was compared with those before it.
    fn see_all(&mut self, duplicates: &mut Vec<u32>) {
        if !self.rises {
            self.put_in_index(duplicates);
        }
    }

    /// Puts the rows into the index that are not in it yet, but for those whose key is there.
    fn put_in_index(&mut self, duplicates: &mut Vec<u32>) {
        let mut index = self.index.take().unwrap_or_else(|| Index::new(self.expected));
        let mut row = self.indexed as u32;
        for keys in self.keys.get(self.indexed..).unwrap_or_default().chunks(TOGETHER) {
            let mut hashes = [0; TOGETHER];
            for (hash, key) in hashes.iter_mut().zip(keys) {
                *hash = key.hash(self.seed);
                std::hint::black_box(index.peek(*hash));
            }
            for (&key, hash) in keys.iter().zip(hashes) {
                if self.rises {
                    index.put(hash, Entry::Row(row));
                } else {
                    match self.probe(&index, key, hash) {
                        Probe::Vacant(slot) => index.set(slot, hash, Entry::Row(row)),
                        Probe::Found(..) => duplicates.push(row),
                    }
                }
                row += 1;
            }
        }
        self.indexed = self.keys.len();
        self.index = Some(index);
    }

    #[inline]
    fn probe(&self, index: &Index, key: K, hash: u64) -> Probe {
        index.probe(hash, |entry| match entry {
            Entry::Row(row) => self.keys[row as usize] == key,
            Entry::Forward(_) => false,
        })
    }
}
