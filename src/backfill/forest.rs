//! The graph problem: parent links in, root ancestors, cycles and orphans out.
//!
//! Rows are numbered in storage order. Two passes up each path that is not yet settled, one to find where it ends and
//! one to mark it, so that every row is visited a bounded number of times whatever the depth: O(rows) time, no
//! recursion, no stack, and eight bytes per row, four of which are the input itself.

/// In a list of parents: the row has no parent, it is a root.
pub const ROOT: u32 = u32::MAX;

/// In a list of parents: the row's parent does not exist.
pub const ORPHAN: u32 = u32::MAX - 1;

/// The most rows that a forest can hold; depths and marks share 32 bits.
pub const MAX_ROWS: usize = (1 << 30) - 1;

/// Bits of a mark: the two highest say what the row is, the rest hold its depth.
const DEPTH: u32 = (1 << 30) - 1;
const TREE: u32 = 0;
const ORPHAN_TREE: u32 = 1 << 30;
/// Marks without a depth.
const UNSEEN: u32 = u32::MAX;
const ON_PATH: u32 = u32::MAX - 1;
const CYCLE: u32 = u32::MAX - 2;
const CYCLE_FIRST: u32 = u32::MAX - 3;
const BELOW_CYCLE: u32 = u32::MAX - 4;

/// Where a row stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ancestry {
    /// In a tree; `root` is the row itself for a root.
    Tree {
        /// The root ancestor.
        root: u32,
    },
    /// In a tree whose top row names a parent that does not exist.
    OrphanTree {
        /// The orphan at the top; the row itself for the orphan.
        orphan: u32,
    },
    /// On a cycle.
    Cycle,
    /// Below a cycle, not on it.
    BelowCycle,
}

/// How many rows stand where.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Census {
    /// Rows without a parent.
    pub roots: u32,
    /// Steps from a root to its farthest descendant, over all trees; 0 when there are only roots.
    pub max_depth: u32,
    /// Rows whose parent does not exist.
    pub orphans: u32,
    /// Rows below those.
    pub below_orphans: u32,
    /// Steps from an orphan to its farthest descendant, over all of them.
    pub max_orphan_depth: u32,
    /// Cycles.
    pub cycles: u32,
    /// Rows on cycles.
    pub on_cycles: u32,
    /// Rows below cycles, not on them.
    pub below_cycles: u32,
}

/// Every row's standing.
#[derive(Debug)]
pub struct Forest {
    /// The root or orphan that tops the row's tree; of a row on a cycle, still its parent.
    link: Vec<u32>,
    mark: Vec<u32>,
    census: Census,
}

impl Forest {
    /// Settles every row. `parents` holds for each row its parent's number, or [`ROOT`]; any other number that is no
    /// row's makes the row an orphan.
    ///
    /// # Errors
    /// When there are more than [`MAX_ROWS`] rows, their number is given back.
    pub fn resolve(parents: Vec<u32>) -> Result<Forest, usize> {
        if parents.len() > MAX_ROWS {
            return Err(parents.len());
        }
        let mark = vec![UNSEEN; parents.len()];
        let mut forest = Forest { link: parents, mark, census: Census::default() };
        for row in 0..forest.link.len() {
            if forest.mark[row] == UNSEEN {
                forest.settle(row);
            }
        }
        Ok(forest)
    }

    /// Settles the unseen row `start` and all unseen rows above it.
    fn settle(&mut self, start: usize) {
        let rows = self.link.len();
        let mut row = start;
        let mut steps = 0_u32;
        let (kind, top, top_depth) = loop {
            self.mark[row] = ON_PATH;
            let up = self.link[row] as usize;
            if up >= rows {
                let kind = if self.link[row] == ROOT { TREE } else { ORPHAN_TREE };
                match kind {
                    TREE => self.census.roots += 1,
                    _ => self.census.orphans += 1,
                }
                self.link[row] = row as u32;
                self.mark[row] = kind;
                break (kind, row as u32, 0);
            }
            steps += 1;
            match self.mark[up] {
                UNSEEN => row = up,
                ON_PATH => {
                    self.close_cycle(up);
                    break (BELOW_CYCLE, 0, 0);
                }
                CYCLE | CYCLE_FIRST | BELOW_CYCLE => break (BELOW_CYCLE, 0, 0),
                mark => break (mark & !DEPTH, self.link[up], mark & DEPTH),
            }
        };
        // What is still on the path lies between `start` and the top, and gets one step nearer to it each time.
        let mut depth = top_depth + steps;
        match kind {
            TREE => self.census.max_depth = self.census.max_depth.max(depth),
            ORPHAN_TREE => self.census.max_orphan_depth = self.census.max_orphan_depth.max(depth),
            _ => {}
        }
        row = start;
        while self.mark[row] == ON_PATH {
            let up = self.link[row] as usize;
            match kind {
                BELOW_CYCLE => {
                    self.mark[row] = BELOW_CYCLE;
                    self.census.below_cycles += 1;
                }
                _ => {
                    self.mark[row] = kind | depth;
                    self.link[row] = top;
                    self.census.below_orphans += u32::from(kind == ORPHAN_TREE);
                    depth -= 1;
                }
            }
            row = up;
        }
    }

    /// Marks the cycle that `entry` lies on. Its first row in storage order stands for it.
    fn close_cycle(&mut self, entry: usize) {
        let (mut row, mut first) = (entry, entry);
        loop {
            self.mark[row] = CYCLE;
            self.census.on_cycles += 1;
            first = first.min(row);
            row = self.link[row] as usize;
            if row == entry {
                break;
            }
        }
        self.mark[first] = CYCLE_FIRST;
        self.census.cycles += 1;
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.link.len()
    }

    /// How many rows stand where.
    pub fn census(&self) -> Census {
        self.census
    }

    /// Where `row` stands; `None` when there is no such row.
    pub fn standing(&self, row: u32) -> Option<Ancestry> {
        let (&link, &mark) = (self.link.get(row as usize)?, self.mark.get(row as usize)?);
        Some(match mark {
            CYCLE | CYCLE_FIRST => Ancestry::Cycle,
            BELOW_CYCLE => Ancestry::BelowCycle,
            _ if mark & !DEPTH == TREE => Ancestry::Tree { root: link },
            _ => Ancestry::OrphanTree { orphan: link },
        })
    }

    /// The rows whose parent does not exist, in storage order.
    pub fn orphans(&self) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.mark).filter(|&(_, &mark)| mark == ORPHAN_TREE).map(|(row, _)| row)
    }

    /// Every cycle once, each as its rows from the first in storage order, every row followed by its parent.
    pub fn cycles(&self) -> impl Iterator<Item = impl Iterator<Item = u32>> {
        let firsts = (0_u32..).zip(&self.mark).filter(|&(_, &mark)| mark == CYCLE_FIRST);
        firsts.map(move |(first, _)| {
            std::iter::successors(Some(first), move |&row| {
                self.link.get(row as usize).copied().filter(|&up| up != first)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// What the slow and obvious way says of `row`: climb until the top, or until a row is met twice.
    fn climb(parents: &[u32], row: u32) -> (Ancestry, u32) {
        let mut seen = vec![row];
        let mut at = row;
        loop {
            let up = parents[at as usize];
            if up == ROOT {
                return (Ancestry::Tree { root: at }, seen.len() as u32 - 1);
            }
            if up as usize >= parents.len() {
                return (Ancestry::OrphanTree { orphan: at }, seen.len() as u32 - 1);
            }
            if up == row {
                return (Ancestry::Cycle, 0);
            }
            if seen.contains(&up) {
                return (Ancestry::BelowCycle, 0);
            }
            seen.push(up);
            at = up;
        }
    }

    fn cycles(forest: &Forest) -> Vec<Vec<u32>> {
        forest.cycles().map(Iterator::collect).collect()
    }

    fn assert_agrees(parents: &[u32]) {
        let forest = Forest::resolve(parents.to_vec()).unwrap();
        let mut census = Census::default();
        let mut on_cycles = BTreeSet::new();
        for row in 0..parents.len() as u32 {
            let (standing, depth) = climb(parents, row);
            assert_eq!(forest.standing(row), Some(standing), "row {row}");
            match standing {
                Ancestry::Tree { root } => {
                    census.roots += u32::from(root == row);
                    census.max_depth = census.max_depth.max(depth);
                }
                Ancestry::OrphanTree { orphan } => {
                    census.orphans += u32::from(orphan == row);
                    census.below_orphans += u32::from(orphan != row);
                    census.max_orphan_depth = census.max_orphan_depth.max(depth);
                }
                Ancestry::Cycle => {
                    census.on_cycles += 1;
                    on_cycles.insert(row);
                }
                Ancestry::BelowCycle => census.below_cycles += 1,
            }
        }
        let found = cycles(&forest);
        census.cycles = found.len() as u32;
        assert_eq!(forest.census(), census);
        let orphans = |row: &u32| climb(parents, *row).0 == (Ancestry::OrphanTree { orphan: *row });
        let expected: Vec<u32> = (0..parents.len() as u32).filter(orphans).collect();
        assert_eq!(forest.orphans().collect::<Vec<_>>(), expected);
        // Every row of a cycle is in exactly one list, followed by its parent, the smallest first.
        let members: Vec<u32> = found.iter().flatten().copied().collect();
        assert_eq!(members.len(), on_cycles.len());
        assert_eq!(members.iter().copied().collect::<BTreeSet<_>>(), on_cycles);
        for cycle in &found {
            assert_eq!(cycle.iter().min(), cycle.first());
            for (i, row) in cycle.iter().enumerate() {
                assert_eq!(parents[*row as usize], cycle[(i + 1) % cycle.len()]);
            }
        }
        assert!(found.is_sorted());
    }

    proptest! {
        #[test]
        fn every_graph_is_settled_as_by_climbing(
            parents in (1_usize..60).prop_flat_map(|rows| {
                let parent = prop_oneof![
                    8 => 0..rows as u32,
                    2 => Just(ROOT),
                    1 => Just(ORPHAN),
                    1 => any::<u32>(),
                ];
                prop::collection::vec(parent, rows)
            })
        ) {
            assert_agrees(&parents);
        }
    }

    #[test]
    fn no_rows_give_no_standing() {
        let forest = Forest::resolve(Vec::new()).unwrap();
        assert_eq!(forest.len(), 0);
        assert_eq!(forest.census(), Census::default());
        assert_eq!(forest.standing(0), None);
    }

    #[test]
    fn a_row_that_is_its_own_parent_is_a_cycle_of_one() {
        let forest = Forest::resolve(vec![ROOT, 1, 1, 2]).unwrap();
        assert_eq!(cycles(&forest), [[1]]);
        assert_eq!(forest.census().below_cycles, 2);
        assert_eq!(forest.standing(3), Some(Ancestry::BelowCycle));
    }

    #[test]
    fn a_cycle_entered_from_outside_holds_only_its_own_rows() {
        // 0 → 4 → 3 → 5 → 4, and 1 → 0; 2 is a root.
        let forest = Forest::resolve(vec![4, 0, ROOT, 5, 3, 4]).unwrap();
        assert_eq!(cycles(&forest), [[3, 5, 4]]);
        assert_eq!(forest.census().below_cycles, 2);
    }

    /// Depth costs nothing: no stack grows with it, in either direction of the links.
    #[test]
    fn a_chain_of_five_million_rows_is_settled() {
        let rows = 5_000_000_u32;
        let down = std::iter::once(ROOT).chain(0..rows - 1).collect();
        let up = (1..rows).chain([ROOT]).collect();
        for (parents, root) in [(down, 0), (up, rows - 1)] {
            let forest = Forest::resolve(parents).unwrap();
            assert_eq!(forest.census(), Census { roots: 1, max_depth: rows - 1, ..Census::default() });
            assert_eq!(forest.standing(rows / 2), Some(Ancestry::Tree { root }));
        }
    }
}
