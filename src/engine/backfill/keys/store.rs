//! Keys of any kind while rows are read: those of rows by their number, and those that were named as a parent before their
//! row came and wait for it.

use rusqlite::types::ValueRef;

use super::arena::Arena;
use super::packed::Packed;
use crate::base::error::Result;
use crate::engine::backfill::value::Rule;

/// Keys of any kind, each once in an arena; a place is an address there. For a text of 26 characters that is 28 bytes,
/// and 4 for its address.
pub(crate) struct ValueStore {
    rule: Rule,
    seed: u64,
    pub(crate) arena: Arena,
    /// Where each row's key lies.
    pub(crate) rows: Vec<u32>,
}

impl ValueStore {
    pub(crate) fn new(rule: Rule, seed: u64, rows: usize) -> ValueStore {
        ValueStore { rule, seed, arena: Arena::new(rows), rows: Vec::with_capacity(rows) }
    }

    /// With the keys of the first rows; `rows` is how many there will be at the most.
    pub(crate) fn of<K: Packed>(rule: Rule, seed: u64, rows: usize, first: &[K]) -> Result<ValueStore> {
        let mut store = ValueStore::new(rule, seed, rows);
        first.iter().try_for_each(|key| store.add(key.spelled().value()))?;
        Ok(store)
    }

    pub(crate) fn hash(&self, key: ValueRef<'_>) -> u64 {
        self.rule.hash(key, self.seed)
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn row_is(&self, row: u32, key: ValueRef<'_>) -> bool {
        self.waiting_is(self.rows[row as usize], key)
    }

    pub(crate) fn row_hash(&self, row: u32) -> u64 {
        self.waiting_hash(self.rows[row as usize])
    }

    pub(crate) fn waiting_is(&self, place: u32, key: ValueRef<'_>) -> bool {
        self.rule.same(self.arena.get(place), key)
    }

    pub(crate) fn waiting_hash(&self, place: u32) -> u64 {
        self.rule.hash(self.arena.get(place), self.seed)
    }

    /// Adds the next row's key.
    pub(crate) fn add(&mut self, key: ValueRef<'_>) -> Result<()> {
        let place = self.arena.push(key)?;
        self.rows.push(place);
        Ok(())
    }

    /// Adds the next row's key, for which one waited.
    pub(crate) fn add_awaited(&mut self, place: u32, key: ValueRef<'_>) -> Result<()> {
        // The parent's spelling may differ from the row's own (case, storage class); the row's own counts.
        let place = if identical(self.arena.get(place), key) { place } else { self.arena.push(key)? };
        self.rows.push(place);
        Ok(())
    }

    /// Keeps a parent's key, and says where.
    pub(crate) fn wait(&mut self, key: ValueRef<'_>) -> Result<u32> {
        self.arena.push(key)
    }
}

/// Whether two values are stored alike: same class, same bytes.
fn identical(a: ValueRef<'_>, b: ValueRef<'_>) -> bool {
    match (a, b) {
        (ValueRef::Real(a), ValueRef::Real(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    }
}
