//! The keys of a table in few bytes per row: from a key to its row's number, and back to the key as it is stored.
//!
//! Keys lie one behind the other in an arena, each once, on 4-byte boundaries, so that 32 bits address 16 GiB. Over
//! them lies a hash table of 32-bit slots: the row's number, and in the bits that it leaves over a piece of the hash,
//! which spares most looks at keys that are not the one sought. Those that remain are compared byte for byte: a
//! collision costs time, never the result. For a key of 26 bytes that is 28 + 4 + 5⅓ bytes.

use std::hash::BuildHasher;

use rusqlite::types::ValueRef;

use super::arena::Arena;
use super::value::Rule;
use crate::backfill::{MAX_ROWS, ORPHAN};
use crate::error::{Error, ErrorKind, Result};

/// In [`Keys::parent`]'s answer: a key whose row has not been seen yet.
const FORWARD: u32 = 1 << 31;
const EMPTY: u32 = u32::MAX;

/// See the module.
pub(super) struct Keys {
    rule: Rule,
    seed: u64,
    /// How many rows there will be; the width of the codes depends on it.
    expected: usize,
    arena: Arena,
    /// Where each row's key lies.
    rows: Vec<u32>,
    /// Keys that were named as a parent before their row came: where the key lies, and once the row has come, its
    /// number.
    forward: Vec<u32>,
    /// Of each of those one bit: whether the row has come.
    arrived: Vec<u64>,
    slots: Vec<u32>,
    /// Bits of a slot that hold the code of an entry: twice its number, plus one for a forward entry.
    code_bits: u32,
    /// Slots that are not empty.
    used: usize,
}

#[derive(Clone, Copy)]
enum Entry {
    Row(u32),
    Forward(u32),
}

enum Probe {
    Found(usize, Entry),
    /// No such key; the slot is where it would go.
    Vacant(usize),
}

impl Keys {
    /// Room for exactly `rows` rows.
    pub(super) fn new(rule: Rule, rows: usize) -> Result<Keys> {
        if rows > MAX_ROWS {
            let message = format!("a backfill takes at most {MAX_ROWS} rows, and there are {rows}");
            return Err(Error::new(ErrorKind::Data, message));
        }
        Ok(Keys {
            rule,
            seed: std::hash::RandomState::new().hash_one(rows),
            expected: rows,
            arena: Arena::new(rows),
            rows: Vec::with_capacity(rows),
            forward: Vec::new(),
            arrived: Vec::new(),
            slots: vec![EMPTY; rows + rows / 3 + 8],
            // More codes than are needed, so that no slot in use looks like EMPTY.
            code_bits: 32 - (2 * rows as u32 + 1).leading_zeros(),
            used: 0,
        })
    }

    /// Adds the next row. `Err` inside when an earlier row has the same key: that row's number.
    pub(super) fn add_row(&mut self, id: ValueRef<'_>) -> Result<Result<(), u32>> {
        if self.rows.len() >= self.expected {
            return Err(Error::new(ErrorKind::Data, "the table grew while it was read"));
        }
        let row = self.rows.len() as u32;
        let hash = self.rule.hash(id, self.seed);
        match self.probe(hash, id) {
            Probe::Vacant(slot) => {
                let key = self.arena.push(id)?;
                self.rows.push(key);
                self.occupy(slot, hash, Entry::Row(row));
            }
            Probe::Found(_, Entry::Row(earlier)) => {
                let key = self.arena.push(id)?;
                self.rows.push(key);
                return Ok(Err(earlier));
            }
            Probe::Found(slot, Entry::Forward(number)) => {
                let key = self.forward[number as usize];
                // The parent's spelling may differ from the row's own (case, storage class); the row's own counts.
                let key = if identical(self.arena.get(key), id) { key } else { self.arena.push(id)? };
                self.rows.push(key);
                self.forward[number as usize] = row;
                self.arrived[number as usize / 64] |= 1 << (number % 64);
                self.slots[slot] = self.slot(hash, Entry::Row(row));
            }
        }
        Ok(Ok(()))
    }

    /// The row whose key is `parent`, or a stand-in for it that [`Keys::settle`] replaces.
    pub(super) fn parent(&mut self, parent: ValueRef<'_>) -> Result<u32> {
        let hash = self.rule.hash(parent, self.seed);
        match self.probe(hash, parent) {
            Probe::Found(_, Entry::Row(row)) => Ok(row),
            Probe::Found(_, Entry::Forward(number)) => Ok(FORWARD | number),
            Probe::Vacant(slot) => {
                let number = self.forward.len() as u32;
                let key = self.arena.push(parent)?;
                self.forward.push(key);
                self.arrived.resize(self.forward.len().div_ceil(64), 0);
                self.occupy(slot, hash, Entry::Forward(number));
                Ok(FORWARD | number)
            }
        }
    }

    /// Replaces the stand-ins in `parents`, once all rows are there: by the row's number, or [`ORPHAN`].
    pub(super) fn settle(&mut self, parents: &mut [u32]) {
        let mut all_arrived = true;
        for parent in parents {
            if *parent & FORWARD == 0 {
                continue;
            }
            let number = *parent & !FORWARD;
            // Not an entry: the mark of a root stays as it is.
            let Some(&row) = self.forward.get(number as usize) else { continue };
            let arrived = self.has_arrived(number);
            *parent = if arrived { row } else { ORPHAN };
            all_arrived &= arrived;
        }
        // The slots of keys that never came still lead here.
        if all_arrived {
            self.forward = Vec::new();
            self.arrived = Vec::new();
        }
    }

    /// The key of `row` as it is stored.
    pub(super) fn get(&self, row: u32) -> Option<ValueRef<'_>> {
        self.rows.get(row as usize).map(|&key| self.arena.get(key))
    }

    /// Whether `row`'s key is `id`.
    pub(super) fn is(&self, row: u32, id: ValueRef<'_>) -> bool {
        self.get(row).is_some_and(|key| self.rule.same(key, id))
    }

    /// The row whose key is `id`.
    pub(super) fn find(&self, id: ValueRef<'_>) -> Option<u32> {
        match self.probe(self.rule.hash(id, self.seed), id) {
            Probe::Found(_, Entry::Row(row)) => Some(row),
            _ => None,
        }
    }

    fn has_arrived(&self, number: u32) -> bool {
        self.arrived[number as usize / 64] >> (number % 64) & 1 == 1
    }

    fn slot(&self, hash: u64, entry: Entry) -> u32 {
        let code = match entry {
            Entry::Row(row) => row << 1,
            Entry::Forward(number) => number << 1 | 1,
        };
        (hash as u32) << self.code_bits | code
    }

    fn entry(&self, slot: u32) -> Entry {
        let code = slot & !(u32::MAX << self.code_bits);
        if code & 1 == 0 { Entry::Row(code >> 1) } else { Entry::Forward(code >> 1) }
    }

    fn key(&self, entry: Entry) -> u32 {
        match entry {
            Entry::Row(row) => self.rows[row as usize],
            Entry::Forward(number) => self.forward[number as usize],
        }
    }

    /// The high bits of the hash choose the slot, whatever the number of slots.
    fn home(&self, hash: u64) -> usize {
        ((u128::from(hash) * self.slots.len() as u128) >> 64) as usize
    }

    fn probe(&self, hash: u64, value: ValueRef<'_>) -> Probe {
        let tag = (hash as u32) << self.code_bits;
        let mut at = self.home(hash);
        loop {
            let slot = self.slots[at];
            if slot == EMPTY {
                return Probe::Vacant(at);
            }
            if slot & u32::MAX << self.code_bits == tag {
                let entry = self.entry(slot);
                if self.rule.same(self.arena.get(self.key(entry)), value) {
                    return Probe::Found(at, entry);
                }
            }
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
    }

    fn occupy(&mut self, slot: usize, hash: u64, entry: Entry) {
        self.slots[slot] = self.slot(hash, entry);
        self.used += 1;
        // Only keys without a row (orphans' parents, and those still to come) can fill it so far.
        if self.used > self.slots.len() / 8 * 7 {
            self.grow();
        }
    }

    /// Twice the slots. The old ones go first: everything that is needed is in the arena.
    fn grow(&mut self) {
        let slots = self.slots.len() * 2;
        self.slots = Vec::new();
        self.slots = vec![EMPTY; slots];
        for row in 0..self.rows.len() as u32 {
            self.put(Entry::Row(row));
        }
        for number in 0..self.forward.len() as u32 {
            if !self.has_arrived(number) {
                self.put(Entry::Forward(number));
            }
        }
    }

    fn put(&mut self, entry: Entry) {
        let hash = self.rule.hash(self.arena.get(self.key(entry)), self.seed);
        let mut at = self.home(hash);
        while self.slots[at] != EMPTY {
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
        self.slots[at] = self.slot(hash, entry);
    }
}

/// Whether two values are stored alike: same class, same bytes.
fn identical(a: ValueRef<'_>, b: ValueRef<'_>) -> bool {
    match (a, b) {
        (ValueRef::Real(a), ValueRef::Real(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::Collation;
    use super::*;

    fn keys(rows: usize, collation: Collation) -> Keys {
        Keys::new(Rule { collation, numeric: false }, rows).unwrap()
    }

    /// Parents before and after their children, and parents that never come, in numbers that make the table grow.
    #[test]
    fn every_key_leads_to_its_row_and_no_other() {
        let rows = 5_000_u32;
        let mut keys = keys(rows as usize, Collation::Binary);
        let mut parents = Vec::new();
        for row in 0..rows {
            keys.add_row(ValueRef::Text(format!("key {row}").as_bytes())).unwrap().unwrap();
            let parent = match row % 3 {
                0 => format!("key {}", rows - 1 - row),
                1 => format!("missing {row}"),
                _ => format!("key {}", row / 2),
            };
            parents.push(keys.parent(ValueRef::Text(parent.as_bytes())).unwrap());
        }
        keys.settle(&mut parents);
        for row in 0..rows {
            let expected = match row % 3 {
                0 => rows - 1 - row,
                1 => ORPHAN,
                _ => row / 2,
            };
            assert_eq!(parents[row as usize], expected);
            let key = format!("key {row}");
            assert_eq!(keys.get(row), Some(ValueRef::Text(key.as_bytes())));
            assert_eq!(keys.find(ValueRef::Text(key.as_bytes())), Some(row));
            assert_eq!(keys.find(ValueRef::Text(format!("missing {row}").as_bytes())), None);
            assert_eq!(keys.find(ValueRef::Blob(key.as_bytes())), None);
        }
    }

    #[test]
    fn a_row_keeps_its_own_spelling_when_its_parent_name_came_first() {
        let mut keys = keys(2, Collation::NoCase);
        keys.add_row(ValueRef::Text(b"child")).unwrap().unwrap();
        let parent = keys.parent(ValueRef::Text(b"top")).unwrap();
        keys.add_row(ValueRef::Text(b"TOP")).unwrap().unwrap();
        let mut parents = [parent];
        keys.settle(&mut parents);
        assert_eq!(parents, [1]);
        assert_eq!(keys.get(1), Some(ValueRef::Text(b"TOP")));
    }

    #[test]
    fn a_key_that_is_there_already_is_reported_with_its_row() {
        let mut keys = keys(3, Collation::NoCase);
        keys.add_row(ValueRef::Integer(1)).unwrap().unwrap();
        keys.add_row(ValueRef::Text(b"a")).unwrap().unwrap();
        assert_eq!(keys.add_row(ValueRef::Text(b"A")).unwrap(), Err(1));
        assert!(keys.add_row(ValueRef::Text(b"b")).is_err(), "a fourth row, where three were announced");
    }
}
