//! From keys to numbers: every row has one in the order of reading, and every parent gets that of its row.

use rusqlite::types::ValueRef;

use super::index::{Entry, Index, Probe};
use super::store::ValueStore;
use crate::backfill::{ORPHAN, ROOT};
use crate::base::error::Result;
use crate::engine::backfill::value::is_empty;

/// What the rows come to.
pub(super) struct Numbers {
    pub(super) parents: Vec<u32>,
    pub(super) duplicates: Vec<u32>,
}

impl Numbers {
    /// Adds the next row; its keys are of any kind.
    pub(super) fn add_value(
        &mut self,
        values: &mut Numbering,
        id: ValueRef<'_>,
        parent: ValueRef<'_>,
    ) -> Result<()> {
        if !values.add_row(id, values.store.hash(id))? {
            self.duplicates.push(self.parents.len() as u32);
        }
        let parent =
            if is_empty(parent) { ROOT } else { values.parent(parent, values.store.hash(parent))? };
        self.parents.push(parent);
        Ok(())
    }
}

/// In [`Numbering::parent`]'s answer: a key whose row has not been seen yet.
const FORWARD: u32 = 1 << 31;

/// See the module.
pub(crate) struct Numbering {
    pub(crate) store: ValueStore,
    index: Index,
    /// Keys that were named as a parent before their row came: where the key waits, and once the row has come, its
    /// number.
    forward: Vec<u32>,
    /// Of each of those one bit: whether the row has come.
    arrived: Vec<u64>,
}

impl Numbering {
    pub(crate) fn new(store: ValueStore, rows: usize) -> Numbering {
        Numbering { store, index: Index::new(rows), forward: Vec::new(), arrived: Vec::new() }
    }

    /// With the rows that are in the store.
    pub(crate) fn of(store: ValueStore, rows: usize) -> Numbering {
        let mut numbering = Numbering::new(store, rows);
        numbering.fill_index(1);
        numbering
    }

    /// The row with that key, if it has come.
    #[inline]
    pub(crate) fn row_of(&self, key: ValueRef<'_>, hash: u64) -> Option<u32> {
        match self.probe(key, hash) {
            Probe::Found(_, Entry::Row(row)) => Some(row),
            Probe::Found(..) | Probe::Vacant(_) => None,
        }
    }

    /// Adds the next row. `false` when an earlier row has the same key.
    #[inline]
    pub(crate) fn add_row(&mut self, key: ValueRef<'_>, hash: u64) -> Result<bool> {
        let row = self.store.rows() as u32;
        match self.probe(key, hash) {
            Probe::Vacant(slot) => {
                self.store.add(key)?;
                self.occupy(slot, hash, Entry::Row(row));
            }
            Probe::Found(_, Entry::Row(_)) => {
                self.store.add(key)?;
                return Ok(false);
            }
            Probe::Found(slot, Entry::Forward(number)) => {
                self.store.add_awaited(self.forward[number as usize], key)?;
                self.forward[number as usize] = row;
                self.arrived[number as usize / 64] |= 1 << (number % 64);
                self.index.set(slot, hash, Entry::Row(row));
            }
        }
        Ok(true)
    }

    /// The row whose key is `parent`, or a stand-in for it that [`Numbering::settle`] replaces.
    #[inline]
    pub(crate) fn parent(&mut self, parent: ValueRef<'_>, hash: u64) -> Result<u32> {
        match self.probe(parent, hash) {
            Probe::Found(_, Entry::Row(row)) => Ok(row),
            Probe::Found(_, Entry::Forward(number)) => Ok(FORWARD | number),
            Probe::Vacant(slot) => {
                let number = self.forward.len() as u32;
                let place = self.store.wait(parent)?;
                self.forward.push(place);
                self.arrived.resize(self.forward.len().div_ceil(64), 0);
                self.occupy(slot, hash, Entry::Forward(number));
                Ok(FORWARD | number)
            }
        }
    }

    /// Replaces the stand-ins in `parents`, once all rows are there: by the row's number, or [`ORPHAN`].
    pub(crate) fn settle(self, parents: &mut [u32]) -> ValueStore {
        // All but the keys goes before memory is needed for what comes next.
        drop(self.index);
        for parent in parents {
            let number = (*parent & !FORWARD) as usize;
            if *parent & FORWARD == 0 {
                continue;
            }
            // Not an entry: the mark of a root stays as it is.
            let Some(&row) = self.forward.get(number) else { continue };
            *parent = if has_arrived(&self.arrived, number as u32) { row } else { ORPHAN };
        }
        self.store
    }

    #[inline]
    fn probe(&self, key: ValueRef<'_>, hash: u64) -> Probe {
        self.index.probe(hash, |entry| match entry {
            Entry::Row(row) => self.store.row_is(row, key),
            Entry::Forward(number) => self.store.waiting_is(self.forward[number as usize], key),
        })
    }

    #[inline]
    fn occupy(&mut self, slot: usize, hash: u64, entry: Entry) {
        if self.index.occupy(slot, hash, entry) {
            self.fill_index(2);
        }
    }

    /// Makes the index anew, with `times` as many slots: everything that is needed is in the store.
    fn fill_index(&mut self, times: usize) {
        self.index.clear(times);
        for row in 0..self.store.rows() as u32 {
            self.index.put(self.store.row_hash(row), Entry::Row(row));
        }
        for (number, &place) in (0_u32..).zip(&self.forward) {
            if !has_arrived(&self.arrived, number) {
                self.index.put(self.store.waiting_hash(place), Entry::Forward(number));
            }
        }
    }
}

fn has_arrived(arrived: &[u64], number: u32) -> bool {
    arrived[number as usize / 64] >> (number % 64) & 1 == 1
}
