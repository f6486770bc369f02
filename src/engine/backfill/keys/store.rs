//! The keys while rows are read: those of rows by their number, and those that were named as a parent before their row
//! came and wait for it.

use rusqlite::types::ValueRef;

use super::arena::Arena;
use super::packed::Packed;
use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::backfill::value::Rule;

/// See the module.
pub(crate) trait Store {
    /// A key, ready to be compared.
    type Key<'k>: Copy;
    fn hash(&self, key: Self::Key<'_>) -> u64;
    /// How many rows there are.
    fn rows(&self) -> usize;
    fn row_is(&self, row: u32, key: Self::Key<'_>) -> bool;
    fn row_hash(&self, row: u32) -> u64;
    fn waiting_is(&self, place: u32, key: Self::Key<'_>) -> bool;
    fn waiting_hash(&self, place: u32) -> u64;
    /// Adds the next row's key.
    fn add(&mut self, key: Self::Key<'_>) -> Result<()>;
    /// Adds the next row's key, for which one waited.
    fn add_awaited(&mut self, place: u32, key: Self::Key<'_>) -> Result<()>;
    /// Keeps a parent's key, and says where.
    fn wait(&mut self, key: Self::Key<'_>) -> Result<u32>;
}

/// Keys of a fixed size, one behind the other: a row's number is its place.
pub(crate) struct PackedStore<K> {
    seed: u64,
    pub(crate) rows: Vec<K>,
    pub(crate) waiting: Vec<K>,
    /// Places in `waiting` whose rows have come.
    free: Vec<u32>,
}

impl<K: Packed> PackedStore<K> {
    /// With the keys of the first rows.
    pub(crate) fn of(seed: u64, rows: Vec<K>) -> PackedStore<K> {
        PackedStore { seed, rows, waiting: Vec::new(), free: Vec::new() }
    }
}

impl<K: Packed> Store for PackedStore<K> {
    type Key<'k> = K;

    #[inline]
    fn hash(&self, key: K) -> u64 {
        key.hash(self.seed)
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    #[inline]
    fn row_is(&self, row: u32, key: K) -> bool {
        self.rows[row as usize] == key
    }

    fn row_hash(&self, row: u32) -> u64 {
        self.rows[row as usize].hash(self.seed)
    }

    #[inline]
    fn waiting_is(&self, place: u32, key: K) -> bool {
        self.waiting[place as usize] == key
    }

    fn waiting_hash(&self, place: u32) -> u64 {
        self.waiting[place as usize].hash(self.seed)
    }

    #[inline]
    fn add(&mut self, key: K) -> Result<()> {
        self.rows.push(key);
        Ok(())
    }

    fn add_awaited(&mut self, place: u32, key: K) -> Result<()> {
        self.rows.push(key);
        self.free.push(place);
        Ok(())
    }

    fn wait(&mut self, key: K) -> Result<u32> {
        if let Some(place) = self.free.pop() {
            self.waiting[place as usize] = key;
            return Ok(place);
        }
        let place = u32::try_from(self.waiting.len())
            .map_err(|_| Error::new(ErrorKind::Data, "too many parents come after their children"))?;
        self.waiting.push(key);
        Ok(place)
    }
}

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
}

impl Store for ValueStore {
    type Key<'k> = ValueRef<'k>;

    fn hash(&self, key: ValueRef<'_>) -> u64 {
        self.rule.hash(key, self.seed)
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn row_is(&self, row: u32, key: ValueRef<'_>) -> bool {
        self.waiting_is(self.rows[row as usize], key)
    }

    fn row_hash(&self, row: u32) -> u64 {
        self.waiting_hash(self.rows[row as usize])
    }

    fn waiting_is(&self, place: u32, key: ValueRef<'_>) -> bool {
        self.rule.same(self.arena.get(place), key)
    }

    fn waiting_hash(&self, place: u32) -> u64 {
        self.rule.hash(self.arena.get(place), self.seed)
    }

    fn add(&mut self, key: ValueRef<'_>) -> Result<()> {
        let place = self.arena.push(key)?;
        self.rows.push(place);
        Ok(())
    }

    fn add_awaited(&mut self, place: u32, key: ValueRef<'_>) -> Result<()> {
        // The parent's spelling may differ from the row's own (case, storage class); the row's own counts.
        let place = if identical(self.arena.get(place), key) { place } else { self.arena.push(key)? };
        self.rows.push(place);
        Ok(())
    }

    fn wait(&mut self, key: ValueRef<'_>) -> Result<u32> {
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
