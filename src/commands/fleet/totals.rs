//! What all databases of a fleet lose together.

use std::collections::BTreeMap;

use crate::engine::{Loss, Lost};
use crate::migrations::Version;

/// What all databases lose together.
#[derive(Default)]
pub(super) struct Totals {
    /// How many lose something.
    pub(super) databases: usize,
    /// By version.
    lost: BTreeMap<Version, Lost>,
}

impl Totals {
    pub(super) fn add(&mut self, lost: Vec<Lost>) {
        let lost: Vec<Lost> = lost.into_iter().filter(|lost| !lost.is_harmless()).collect();
        self.databases += usize::from(!lost.is_empty());
        for one in lost {
            let Some(total) = self.lost.get_mut(&one.version) else {
                self.lost.insert(one.version, one);
                continue;
            };
            total.recorded |= one.recorded;
            for loss in one.losses {
                let is_same = |known: &&mut Loss| {
                    (known.kind, &known.table, &known.column, &known.object)
                        == (loss.kind, &loss.table, &loss.column, &loss.object)
                };
                match total.losses.iter_mut().find(is_same) {
                    // What only its rows could tell stays unknown.
                    Some(known) => {
                        known.count = known.count.zip(loss.count).map(|(a, b)| a.saturating_add(b))
                    }
                    None => total.losses.push(loss),
                }
            }
        }
    }

    /// Oldest first.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = Lost> {
        self.lost.values().cloned()
    }
}
