//! A hash table of 32-bit slots over keys that lie elsewhere.
//!
//! A slot holds the entry's number, and in the bits that it leaves over a piece of the hash, which spares most looks at
//! keys that are not the one sought. Those that remain are compared: a collision costs time, never the result.

const EMPTY: u32 = u32::MAX;

/// What a slot leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entry {
    /// A row, by its number.
    Row(u32),
    /// A key that was named as a parent before its row came, by the number of its stand-in.
    Forward(u32),
}

/// Where a key is, or would be.
pub(crate) enum Probe {
    Found(usize, Entry),
    /// No such key; the slot is where it would go.
    Vacant(usize),
}

/// See the module.
pub(crate) struct Index {
    slots: Vec<u32>,
    /// Bits of a slot that hold the code of an entry: twice its number, plus one for a forward entry.
    code_bits: u32,
    /// Slots that are not empty.
    used: usize,
}

impl Index {
    /// For `rows` rows: 5⅓ bytes for each.
    pub(crate) fn new(rows: usize) -> Index {
        Index {
            slots: vec![EMPTY; rows + rows / 3 + 8],
            // More codes than are needed, so that no slot in use looks like EMPTY.
            code_bits: 32 - (2 * rows as u32 + 1).leading_zeros(),
            used: 0,
        }
    }

    /// Looks for the key with this hash; `is` compares it with an entry's.
    #[inline]
    pub(crate) fn probe(&self, hash: u64, is: impl Fn(Entry) -> bool) -> Probe {
        let tag = (hash as u32) << self.code_bits;
        let mut at = self.home(hash);
        loop {
            let slot = self.slots[at];
            if slot == EMPTY {
                return Probe::Vacant(at);
            }
            if slot & u32::MAX << self.code_bits == tag {
                let entry = self.entry(slot);
                if is(entry) {
                    return Probe::Found(at, entry);
                }
            }
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
    }

    /// The entry in the first slot where this hash may lead, when it may be the one sought: for a look ahead.
    #[inline]
    pub(crate) fn peek(&self, hash: u64) -> Option<Entry> {
        let slot = *self.slots.get(self.home(hash))?;
        let tag = (hash as u32) << self.code_bits;
        (slot != EMPTY && slot & u32::MAX << self.code_bits == tag).then(|| self.entry(slot))
    }

    /// Writes an entry into a slot that [`Index::probe`] gave. Returns whether there are too few slots now: only keys
    /// without a row (orphans' parents, and those still to come) can fill it so far.
    pub(crate) fn occupy(&mut self, slot: usize, hash: u64, entry: Entry) -> bool {
        self.set(slot, hash, entry);
        self.used += 1;
        self.used > self.slots.len() / 8 * 7
    }

    /// Replaces the entry in a slot.
    pub(crate) fn set(&mut self, slot: usize, hash: u64, entry: Entry) {
        self.slots[slot] = self.slot(hash, entry);
    }

    /// Empties it, and makes `times` as many slots; all entries have to be put in again. The old slots go first.
    pub(crate) fn clear(&mut self, times: usize) {
        let slots = self.slots.len() * times;
        self.slots = Vec::new();
        self.slots = vec![EMPTY; slots];
        self.used = 0;
    }

    /// Adds an entry whose key is not there yet.
    pub(crate) fn put(&mut self, hash: u64, entry: Entry) {
        let mut at = self.home(hash);
        while self.slots[at] != EMPTY {
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
        self.slots[at] = self.slot(hash, entry);
        self.used += 1;
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

    /// The high bits of the hash choose the slot, whatever the number of slots.
    #[inline]
    fn home(&self, hash: u64) -> usize {
        ((u128::from(hash) * self.slots.len() as u128) >> 64) as usize
    }
}
