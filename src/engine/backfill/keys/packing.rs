//! Packed keys while all rows are read. Parents are looked up many at a time: then reads that wait for memory wait all at
//! once. Keys that rise from row to row are found by a [`Ladder`], all others by an [`Index`].

use rusqlite::types::ValueRef;

use super::index::{Entry, Index, Probe};
use super::ladder::Ladder;
use super::numbering::{Numbering, Numbers};
use super::packed::Packed;
use super::store::ValueStore;
use crate::backfill::{ORPHAN, ROOT};
use crate::base::error::Result;
use crate::engine::backfill::value::{Rule, is_empty};

/// Parents that are gathered before they are looked up.
const BATCH: usize = 128;

/// Parents whose reads overlap.
const TOGETHER: usize = 32;

/// How often parents that wait for their rows are looked up while these come: each takes the memory of a key. Only while keys
/// rise, so that for most of them one look at the last key is enough.
const TIMES_AGAIN: usize = 8;

/// See the module. The parent of a row is [`ORPHAN`] as long as it is not found.
pub(super) struct Packing<K> {
    rows: Rows<K>,
    /// Rows whose parent is to be looked up next.
    batch: Vec<(u32, K)>,
    /// The rows that are [`ORPHAN`] so far, and their parents.
    orphans: Vec<u32>,
    waiting: Vec<K>,
    /// With how many rows they are looked up again.
    again: usize,
}

impl<K: Packed + Ord> Packing<K> {
    pub(super) fn new(seed: u64, expected: usize) -> Packing<K> {
        let keys = Vec::with_capacity(expected);
        Packing {
            rows: Rows { seed, expected, keys, ladder: Some(Ladder::new(expected)), index: None, indexed: 0 },
            batch: Vec::with_capacity(BATCH),
            orphans: Vec::new(),
            waiting: Vec::new(),
            again: expected.div_ceil(TIMES_AGAIN),
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
                    self.orphans.push(row);
                    self.waiting.push(key);
                }
            }
        }
        self.batch.clear();
        if self.rows.ladder.is_some() && self.rows.keys.len() >= self.again {
            self.again += self.rows.expected.div_ceil(TIMES_AGAIN);
            self.look_up_again(numbers);
        }
    }

    /// Looks up again what waits: its row may have come by now.
    fn look_up_again(&mut self, numbers: &mut Numbers) {
        let Packing { rows, batch, orphans, waiting, .. } = self;
        let (mut looked_up, mut left) = (0, 0);
        while looked_up < waiting.len() {
            let next = orphans.iter().zip(&*waiting).skip(looked_up).take(TOGETHER);
            batch.extend(next.map(|(&row, &key)| (row, key)));
            looked_up += batch.len();
            let found = rows.find(batch, &mut numbers.duplicates);
            for ((row, key), found) in batch.drain(..).zip(found) {
                numbers.parents[row as usize] = found;
                if found == ORPHAN {
                    (orphans[left], waiting[left]) = (row, key);
                    left += 1;
                }
            }
        }
        orphans.truncate(left);
        orphans.shrink_to_fit();
        waiting.truncate(left);
        waiting.shrink_to_fit();
    }

    /// The keys, once all rows are there.
    pub(super) fn finish(mut self, numbers: &mut Numbers) -> Vec<K> {
        self.look_up(numbers);
        self.look_up_again(numbers);
        self.rows.see_all(&mut numbers.duplicates);
        self.rows.keys
    }

    /// The same numbers, with keys of any kind.
    pub(super) fn widen(mut self, rule: Rule, numbers: &mut Numbers) -> Result<Numbering> {
        self.look_up(numbers);
        let Packing { mut rows, orphans, waiting, .. } = self;
        rows.see_all(&mut numbers.duplicates);
        let store = ValueStore::of(rule, rows.seed, rows.expected, &rows.keys)?;
        let mut wide = Numbering::of(store, rows.expected);
        for (row, key) in orphans.into_iter().zip(waiting) {
            let key = key.spelled();
            numbers.parents[row as usize] = wide.parent(key.value(), wide.store.hash(key.value()))?;
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
    /// As long as they rise from row to row. Then none is there twice, and one above the last is not there yet.
    ladder: Option<Ladder>,
    /// Made where a key cannot be found without it.
    index: Option<Index>,
    /// How many rows are in the one or the other.
    indexed: usize,
}

impl<K: Packed + Ord> Rows<K> {
    #[inline]
    fn push(&mut self, key: K) {
        if self.ladder.is_some() && self.keys.last().is_some_and(|last| *last >= key) {
            (self.ladder, self.indexed) = (None, 0);
        }
        self.keys.push(key);
    }

    /// The rows with these keys, [`ORPHAN`] for those that are not there.
    fn find(&mut self, asked: &[(u32, K)], duplicates: &mut Vec<u32>) -> [u32; TOGETHER] {
        let mut found = [ORPHAN; TOGETHER];
        let (Some(&first), Some(&last)) = (self.keys.first(), self.keys.last()) else { return found };
        let mut sought = [0_usize; TOGETHER];
        let mut count = 0;
        for (at, &(_, key)) in asked.iter().enumerate() {
            // Keys without gaps are where they have to be.
            match key.steps_from(first).filter(|&row| self.keys.get(row) == Some(&key)) {
                Some(row) => found[at] = row as u32,
                None if self.ladder.is_some() && (key < first || key > last) => {}
                None => {
                    sought[count] = at;
                    count += 1;
                }
            }
        }
        let sought = sought.get(..count).unwrap_or_default();
        if sought.is_empty() {
            return found;
        }
        self.catch_up(duplicates);
        if let Some(ladder) = &self.ladder {
            ladder.find(&self.keys, sought.iter().map(|&at| (at, asked[at].1)), &mut found);
        } else if let Some(index) = &self.index {
            self.find_hashed(index, asked, sought, &mut found);
        }
        found
    }

    fn find_hashed(&self, index: &Index, asked: &[(u32, K)], sought: &[usize], found: &mut [u32; TOGETHER]) {
        let mut hashes = [0; TOGETHER];
        for (hash, &at) in hashes.iter_mut().zip(sought) {
            *hash = asked[at].1.hash(self.seed);
            if let Some(Entry::Row(row)) = index.peek(*hash) {
                std::hint::black_box(self.keys.get(row as usize).copied());
            }
        }
        for (&at, hash) in sought.iter().zip(hashes) {
            if let Probe::Found(_, Entry::Row(row)) = self.probe(index, asked[at].1, hash) {
                found[at] = row;
            }
        }
    }

    /// Sees to it that every row was compared with those before it.
    fn see_all(&mut self, duplicates: &mut Vec<u32>) {
        if self.ladder.is_none() {
            self.catch_up(duplicates);
        }
    }

    /// Puts the rows where they are found that are not there yet, but for those whose key is there.
    fn catch_up(&mut self, duplicates: &mut Vec<u32>) {
        let from = std::mem::replace(&mut self.indexed, self.keys.len());
        if let Some(ladder) = &mut self.ladder {
            return ladder.extend(&self.keys, from);
        }
        let mut index = self.index.take().unwrap_or_else(|| Index::new(self.expected));
        let mut row = from as u32;
        for keys in self.keys.get(from..).unwrap_or_default().chunks(TOGETHER) {
            let mut hashes = [0; TOGETHER];
            for (hash, key) in hashes.iter_mut().zip(keys) {
                *hash = key.hash(self.seed);
                std::hint::black_box(index.peek(*hash));
            }
            for (&key, hash) in keys.iter().zip(hashes) {
                match self.probe(&index, key, hash) {
                    Probe::Vacant(slot) => index.set(slot, hash, Entry::Row(row)),
                    Probe::Found(..) => duplicates.push(row),
                }
                row += 1;
            }
        }
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
