//! Where keys stand that rise from row to row: a few steps from where they would stand if they rose evenly.
//!
//! The span from the first key to the last is divided into steps of one width, at most one for two rows. However unevenly
//! the keys rise, those of one step are sorted, and searched by halves.

use super::packed::Packed;

/// See the module.
pub(super) struct Ladder {
    /// A step is two to the power of this wide.
    width: u32,
    /// Of each step the first row that stands on it, or above it.
    starts: Vec<u32>,
    /// How many steps there may be, two at the least: the widest key has a place then, whatever the width.
    most: usize,
}

impl Ladder {
    /// For `rows` rows: 2 bytes for each at the most.
    pub(super) fn new(rows: usize) -> Ladder {
        Ladder { width: 0, starts: Vec::new(), most: rows.div_ceil(2).max(2) }
    }

    /// Adds the rows from `from` on; `keys` are those of all rows.
    pub(super) fn extend<K: Packed>(&mut self, keys: &[K], from: usize) {
        let Some(&first) = keys.first() else { return };
        for (row, key) in keys.iter().enumerate().skip(from) {
            let height = key.above(first);
            while height >> self.width >= self.most as u128 {
                self.widen();
            }
            let step = (height >> self.width) as usize;
            if step >= self.starts.len() {
                self.starts.resize(step + 1, row as u32);
            }
        }
    }

    /// Makes one step of each two.
    fn widen(&mut self) {
        self.width += 1;
        let steps = self.starts.len().div_ceil(2);
        for step in 1..steps {
            self.starts[step] = self.starts[2 * step];
        }
        self.starts.truncate(steps);
    }

    /// Writes the rows with these keys into `found`, at the places given with them. No key is below the first of `keys`.
    #[inline]
    pub(super) fn find<K: Packed + Ord, const MANY: usize>(
        &self,
        keys: &[K],
        sought: impl Iterator<Item = (usize, K)>,
        found: &mut [u32; MANY],
    ) {
        let Some(&first) = keys.first() else { return };
        // Where each key may stand, and how many rows that are. All are halved in turns, so that their reads overlap.
        let mut spans = [(0, 0, 0, first); MANY];
        let (mut count, mut longest) = (0, 0);
        for (span, (at, key)) in spans.iter_mut().zip(sought) {
            let step = usize::try_from(key.above(first) >> self.width).unwrap_or(usize::MAX);
            let start = |step| self.starts.get(step).map_or(keys.len(), |&row| row as usize);
            let from = start(step);
            let rows = start(step.saturating_add(1)) - from;
            *span = (at, from, rows, key);
            (count, longest) = (count + 1, longest.max(rows));
        }
        while longest > 1 {
            for (_, from, rows, key) in spans.iter_mut().take(count) {
                let half = *rows / 2;
                if keys.get(*from + half).is_some_and(|middle| middle <= key) {
                    *from += half;
                }
                *rows -= half;
            }
            longest -= longest / 2;
        }
        for &(at, row, _, key) in spans.iter().take(count) {
            if keys.get(row) == Some(&key) {
                found[at] = row as u32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// The rows of `sought`, with the keys put in so many at a time.
    fn find<K: Packed + Ord>(keys: &[K], at_a_time: usize, sought: &[K]) -> Vec<Option<usize>> {
        let mut ladder = Ladder::new(keys.len());
        let mut from = 0;
        while from < keys.len() {
            let to = keys.len().min(from + at_a_time);
            ladder.extend(&keys[..to], from);
            from = to;
        }
        assert!(ladder.starts.len() <= keys.len().div_ceil(2).max(2));
        let found = sought.chunks(4).flat_map(|sought| {
            let mut found = [u32::MAX; 4];
            ladder.find(keys, sought.iter().copied().enumerate(), &mut found);
            found.into_iter().take(sought.len())
        });
        found.map(|row| (row != u32::MAX).then_some(row as usize)).collect()
    }

    proptest! {
        /// However unevenly keys rise, each is found in its row, and none that is not there.
        #[test]
        fn a_key_is_found_where_it_stands_and_nowhere_else(
            keys in prop::collection::btree_set(
                prop_oneof![0_u128..300, any::<u128>(), (0_u32..128).prop_map(|bits| 1 << bits), Just(u128::MAX)],
                1..120,
            ),
            at_a_time in 1_usize..50,
        ) {
            let keys: Vec<u128> = keys.into_iter().collect();
            let near = keys.iter().flat_map(|&key| [key.saturating_sub(1), key, key.saturating_add(1)]);
            let sought: Vec<u128> = near.filter(|key| *key >= keys[0]).collect();
            let expected: Vec<_> = sought.iter().map(|key| keys.binary_search(key).ok()).collect();
            prop_assert_eq!(find(&keys, at_a_time, &sought), expected);
            let signed: BTreeSet<i64> = keys.iter().map(|&key| key as i64).collect();
            let signed: Vec<i64> = signed.into_iter().collect();
            prop_assert_eq!(find(&signed, at_a_time, &signed), (0..signed.len()).map(Some).collect::<Vec<_>>());
        }
    }
}
