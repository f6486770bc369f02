//! Rows that stand behind their parents, one after the other: each one's root is known when it comes.

use std::cmp::Ordering;

use rusqlite::types::ValueRef;

use super::hashed::Hashed;
use super::numbering::Numbering;
use super::packed::{LEN, Packed, Spelled};
use super::store::ValueStore;
use super::{Kept, Keys, Numbered, seed};
use crate::backfill::ROOT;
use crate::base::error::Result;
use crate::engine::backfill::value::{Rule, is_empty};

/// The rows so far, each behind its parent.
pub(crate) struct Line {
    rule: Rule,
    /// How many rows there will be at the most.
    expected: usize,
    seed: u64,
    keys: LineKeys,
    recent: Recent,
    /// As [`crate::backfill::Forest::resolve`] wants them.
    parents: Vec<u32>,
    /// The root of each row.
    tops: Vec<u32>,
}

/// The keys of the rows: in their order as long as they rise, or as long as they fall, so that parents are found without a
/// hash table.
enum LineKeys {
    /// The first row decides.
    Unknown,
    Integers(Sorted<i64>),
    Ulids(Sorted<u128>),
    HashedIntegers(Hashed<i64>),
    HashedUlids(Hashed<u128>),
    Values(Numbering),
}

/// The ULIDs of the row that was added last, and of its parent. Most rows name one of them as their parent: as the next of a
/// chain, or as one more child. Then it is neither packed nor looked for.
#[derive(Default)]
struct Recent {
    id: Option<([u8; LEN], u32)>,
    parent: Option<([u8; LEN], u32)>,
}

impl Recent {
    #[inline]
    fn row_of(&self, parent: ValueRef<'_>) -> Option<u32> {
        let ValueRef::Text(text) = parent else { return None };
        let text: &[u8; LEN] = text.try_into().ok()?;
        [&self.parent, &self.id].into_iter().flatten().find(|(known, _)| known == text).map(|(_, row)| *row)
    }

    #[inline]
    fn note(&mut self, (id, row): (ValueRef<'_>, u32), (parent, up): (ValueRef<'_>, u32)) {
        let text = |value| match value {
            ValueRef::Text(text) => text.try_into().ok(),
            _ => None,
        };
        self.id = text(id).map(|text| (text, row));
        self.parent = text(parent).map(|text| (text, up));
    }
}

/// What a row comes to.
enum Next {
    /// It was added, and this is the number of its parent, or [`ROOT`].
    Parent(u32),
    /// Its parent is not among the rows so far.
    Ahead,
    /// Keys of this kind have to be kept in another way.
    Otherwise,
}

impl Line {
    /// For so many rows at the most.
    pub(crate) fn new(rule: Rule, expected: usize) -> Line {
        Line {
            rule,
            expected,
            seed: seed(),
            keys: LineKeys::Unknown,
            recent: Recent::default(),
            parents: Vec::with_capacity(expected),
            tops: Vec::with_capacity(expected),
        }
    }

    /// Adds a row and gives the number of its root; `None` when it does not stand behind its parent.
    #[inline]
    pub(crate) fn follow(&mut self, id: ValueRef<'_>, parent: ValueRef<'_>) -> Result<Option<u32>> {
        let (rule, known) = (self.rule, self.recent.row_of(parent));
        let up = loop {
            let next = match &mut self.keys {
                LineKeys::Unknown => Next::Otherwise,
                LineKeys::Integers(sorted) => sorted.next(id, parent, known, rule),
                LineKeys::Ulids(sorted) => sorted.next(id, parent, known, rule),
                LineKeys::HashedIntegers(hashed) => next_packed(hashed, id, parent, known, rule),
                LineKeys::HashedUlids(hashed) => next_packed(hashed, id, parent, known, rule),
                LineKeys::Values(_) if matches!(id, ValueRef::Null) => Next::Ahead,
                LineKeys::Values(values) => next_value(values, id, parent)?,
            };
            match next {
                Next::Parent(up) => break up,
                Next::Ahead => return Ok(None),
                Next::Otherwise => self.keep_otherwise(id)?,
            }
        };
        let row = self.tops.len() as u32;
        let top = if up == ROOT { row } else { self.tops[up as usize] };
        self.parents.push(up);
        self.tops.push(top);
        if matches!(self.keys, LineKeys::Ulids(_) | LineKeys::HashedUlids(_)) {
            self.recent.note((id, row), (parent, up));
        }
        Ok(Some(top))
    }

    /// Keeps the keys in the next way that can take `id`, too.
    fn keep_otherwise(&mut self, id: ValueRef<'_>) -> Result<()> {
        let Line { rule, expected, seed, .. } = *self;
        self.keys = match std::mem::replace(&mut self.keys, LineKeys::Unknown) {
            LineKeys::Unknown => match id {
                ValueRef::Integer(_) => LineKeys::Integers(Sorted::new(expected)),
                _ if u128::pack(id, rule).is_some() => LineKeys::Ulids(Sorted::new(expected)),
                _ => LineKeys::Values(Numbering::new(ValueStore::new(rule, seed, expected), expected)),
            },
            LineKeys::Integers(sorted) => LineKeys::HashedIntegers(sorted.hashed(seed, expected)),
            LineKeys::Ulids(sorted) => LineKeys::HashedUlids(sorted.hashed(seed, expected)),
            LineKeys::HashedIntegers(hashed) => LineKeys::Values(hashed.widen(rule, expected)?),
            LineKeys::HashedUlids(hashed) => LineKeys::Values(hashed.widen(rule, expected)?),
            LineKeys::Values(hashed) => LineKeys::Values(hashed),
        };
        Ok(())
    }

    /// How many rows there are so far.
    pub(crate) fn rows(&self) -> usize {
        self.tops.len()
    }

    /// The number of the row that was added last.
    pub(crate) fn last(&self) -> u32 {
        (self.tops.len() as u32).saturating_sub(1)
    }

    #[inline]
    pub(crate) fn key(&self, row: u32) -> Option<Spelled<'_>> {
        let at = row as usize;
        match &self.keys {
            LineKeys::Unknown => None,
            LineKeys::Integers(sorted) => sorted.keys.get(at).map(|key| key.spelled()),
            LineKeys::Ulids(sorted) => sorted.keys.get(at).map(|key| key.spelled()),
            LineKeys::HashedIntegers(hashed) => hashed.keys.get(at).map(|key| key.spelled()),
            LineKeys::HashedUlids(hashed) => hashed.keys.get(at).map(|key| key.spelled()),
            LineKeys::Values(Numbering { store, .. }) => {
                store.rows.get(at).map(|&key| Spelled::Value(store.arena.get(key)))
            }
        }
    }

    pub(crate) fn finish(self) -> Numbered {
        let kept = match self.keys {
            LineKeys::Unknown => Kept::Integers(Vec::new()),
            LineKeys::Integers(sorted) => Kept::Integers(sorted.keys),
            LineKeys::Ulids(sorted) => Kept::Ulids(sorted.keys),
            LineKeys::HashedIntegers(hashed) => Kept::Integers(hashed.keys),
            LineKeys::HashedUlids(hashed) => Kept::Ulids(hashed.keys),
            LineKeys::Values(hashed) => Kept::Values(hashed.store.arena, hashed.store.rows),
        };
        Numbered {
            keys: Keys::new(self.rule, self.seed, kept),
            parents: self.parents,
            duplicates: Vec::new(),
        }
    }
}

/// Adds a row of any kind.
fn next_value(values: &mut Numbering, id: ValueRef<'_>, parent: ValueRef<'_>) -> Result<Next> {
    let up = if is_empty(parent) { Some(ROOT) } else { values.row_of(parent, values.store.hash(parent)) };
    let Some(up) = up else { return Ok(Next::Ahead) };
    let is_new = values.add_row(id, values.store.hash(id))?;
    Ok(next(is_new, up))
}

/// Adds a row whose keys are packed; `known` is its parent's row if that needs no look.
#[inline]
fn next_packed<K: Packed>(
    hashed: &mut Hashed<K>,
    id: ValueRef<'_>,
    parent: ValueRef<'_>,
    known: Option<u32>,
    rule: Rule,
) -> Next {
    let Some(id) = K::pack(id, rule) else { return Next::Otherwise };
    let up = if is_empty(parent) {
        Some(ROOT)
    } else if known.is_some() {
        known
    } else {
        let Some(parent) = K::pack_equal(parent, rule) else { return Next::Otherwise };
        hashed.row_of(parent)
    };
    let Some(up) = up else { return Next::Ahead };
    next(hashed.add(id), up)
}

/// Which of two rows with one key is the parent, nobody knows: whoever reads them all refuses them.
#[inline]
fn next(is_new: bool, up: u32) -> Next {
    if is_new { Next::Parent(up) } else { Next::Ahead }
}

/// Keys that rise from row to row, or fall.
struct Sorted<K> {
    keys: Vec<K>,
    /// Which of the two: the second row decides.
    falls: bool,
    search: Search,
}

impl<K: Packed + Ord> Sorted<K> {
    fn new(expected: usize) -> Sorted<K> {
        Sorted { keys: Vec::with_capacity(expected), falls: false, search: Search::default() }
    }

    /// Adds a row; `known` is its parent's row if that needs no look.
    #[inline]
    fn next(&mut self, id: ValueRef<'_>, parent: ValueRef<'_>, known: Option<u32>, rule: Rule) -> Next {
        let Some(id) = K::pack(id, rule).filter(|id| self.goes_on_with(id)) else {
            return Next::Otherwise;
        };
        let up = if is_empty(parent) {
            ROOT
        } else if let Some(known) = known {
            known
        } else {
            let Some(parent) = K::pack_equal(parent, rule).filter(|_| !self.search.is_slow(self.keys.len()))
            else {
                return Next::Otherwise;
            };
            match self.search.find(&self.keys, &parent, self.falls) {
                Some(row) => row as u32,
                None => return Next::Ahead,
            }
        };
        self.keys.push(id);
        Next::Parent(up)
    }

    /// Whether the keys are still sorted with this one behind them.
    #[inline]
    fn goes_on_with(&mut self, id: &K) -> bool {
        match self.keys.as_slice() {
            [] => true,
            [only] => {
                self.falls = id < only;
                id != only
            }
            [.., last] => {
                if self.falls {
                    id < last
                } else {
                    last < id
                }
            }
        }
    }

    /// The same keys in a hash table.
    fn hashed(self, seed: u64, expected: usize) -> Hashed<K> {
        Hashed::of(seed, self.keys, expected)
    }
}

/// Looks for keys near the one that was found last: siblings stand together, and so do their parents.
#[derive(Default)]
struct Search {
    near: usize,
    /// How many keys were far from the one before.
    far: usize,
}

impl Search {
    /// Rows between two keys that are far from each other.
    const FAR: usize = 1 << 12;

    /// Where `key` stands in `keys`.
    #[inline]
    fn find<K: Ord>(&mut self, keys: &[K], key: &K, falls: bool) -> Option<usize> {
        let order = |other: &K| if falls { key.cmp(other) } else { other.cmp(key) };
        let at = near(keys, self.near, order)?;
        self.far += usize::from(at.abs_diff(self.near) > Self::FAR);
        self.near = at;
        Some(at)
    }

    /// Whether keys are far from each other so often that a hash table finds them sooner.
    fn is_slow(&self, rows: usize) -> bool {
        self.far > Self::FAR + rows / 8
    }
}

/// Where the key stands that `order` puts beside each of `keys`, looked for in growing steps away from `from`.
#[inline]
fn near<K>(keys: &[K], from: usize, order: impl Fn(&K) -> Ordering) -> Option<usize> {
    let from = from.min(keys.len().checked_sub(1)?);
    let mut step = 1;
    let within = match order(&keys[from]) {
        Ordering::Equal => return Some(from),
        Ordering::Less => {
            while keys.get(from + step).is_some_and(|other| order(other).is_lt()) {
                step *= 2;
            }
            from + step / 2 + 1..keys.len().min(from + step + 1)
        }
        Ordering::Greater => {
            while from.checked_sub(step).is_some_and(|at| order(&keys[at]).is_gt()) {
                step *= 2;
            }
            from.saturating_sub(step)..from - step / 2
        }
    };
    let at = keys.get(within.clone())?.binary_search_by(order).ok()?;
    Some(within.start + at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A key is found from wherever the search begins, and one that is not there is not found.
        #[test]
        fn a_key_is_found_from_anywhere(
            keys in prop::collection::btree_set(0_i64..200, 0..80),
            near in 0_usize..90,
            falls: bool,
        ) {
            let mut keys: Vec<i64> = keys.into_iter().collect();
            if falls {
                keys.reverse();
            }
            for key in -1..201 {
                let mut search = Search { near, far: 0 };
                prop_assert_eq!(search.find(&keys, &key, falls), keys.iter().position(|&other| other == key));
            }
        }
    }
}
