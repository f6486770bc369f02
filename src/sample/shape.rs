//! What the hierarchies are to look like, checked for whether they can.

use crate::base::error::{Error, ErrorKind, Result};

/// The depth where none is asked for.
const DEPTH: u64 = 4;

/// A cycle has two rows at the least: a plan and the one that it is made the child of.
const SHORT_CYCLE: u64 = 2;
/// Where there is room, cycles of 2, 3 and 4 rows take turns.
pub(super) const CYCLE_LENGTHS: u64 = 3;

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Rows in all.
    pub plans: u64,
    /// Levels of a hierarchy, its root being the first; as many as fit, up to 4, when absent.
    pub depth: Option<u64>,
    /// Children of each plan above the lowest level.
    pub fan_out: u64,
    /// Rows whose parent does not exist.
    pub orphans: u64,
    /// Cycles of parents.
    pub cycles: u64,
    /// Equal seed, equal rows.
    pub seed: u64,
    /// What stands in the root column.
    pub roots: Roots,
}

impl Default for Asked {
    fn default() -> Asked {
        Asked { plans: 1, depth: None, fan_out: 3, orphans: 0, cycles: 0, seed: 1, roots: Roots::True }
    }
}

/// What stands in the root column of the rows: the truth, or what a backfill is there to repair.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Roots {
    /// The true root ancestor. Rows that have none (orphans, rows on cycles) name themselves.
    True,
    /// Nothing.
    None,
    /// Each row's own id: what a backfill writes that takes every row for a root.
    Own,
    /// The parent's id: what a backfill writes that knows two levels.
    Parent,
}

/// A shape that can be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shape {
    pub(super) depth: u64,
    pub(super) fan_out: u64,
    pub(super) orphans: u64,
    pub(super) cycles: u64,
    pub(super) seed: u64,
    pub(super) roots: Roots,
    /// Rows that stand in trees.
    pub(super) in_trees: u64,
    /// Whether some cycles have more than two rows.
    pub(super) long_cycles: bool,
}

impl Shape {
    /// The shape that is asked for.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when a number is zero that can't be, or when the plans are too few for the orphans and cycles,
    /// or for the depth.
    pub fn new(asked: &Asked) -> Result<Shape> {
        let &Asked { plans, depth, fan_out, orphans, cycles, seed, roots } = asked;
        let usage = |message: String| Error::new(ErrorKind::Usage, message);
        for (name, number) in [("plans", plans), ("depth", depth.unwrap_or(DEPTH)), ("fan-out", fan_out)] {
            if number == 0 {
                return Err(usage(format!("--{name} is 0")).help(format!("give --{name} at least 1")));
            }
        }
        let rest = |cycle_rows: Option<u64>| plans.checked_sub(orphans.checked_add(cycle_rows?)?);
        let fits = |rows: &u64| depth.is_none_or(|depth| depth <= *rows || *rows == 0);
        let long = rest(cycle_rows(cycles, true)).filter(fits);
        let Some(in_trees) = long.or_else(|| rest(cycle_rows(cycles, false))) else {
            let needed = u128::from(orphans) + u128::from(cycles) * u128::from(SHORT_CYCLE);
            return Err(usage(format!(
                "{plans} plans are too few for {orphans} orphans and {cycles} cycles"
            ))
            .note("an orphan is one plan, a cycle at least two")
            .help(format!("ask for --plans {needed} or more")));
        };
        if !fits(&in_trees) {
            let depth = depth.unwrap_or(DEPTH);
            let more = u128::from(depth) + u128::from(plans - in_trees);
            return Err(usage(format!("{in_trees} plans cannot be {depth} levels deep"))
                .note("orphans and plans on cycles are in no tree")
                .help(format!("ask for --plans {more} or more, or for less --depth")));
        }
        Ok(Shape {
            depth: depth.unwrap_or(DEPTH),
            fan_out,
            orphans,
            cycles,
            seed,
            roots,
            in_trees,
            long_cycles: long.is_some(),
        })
    }

    /// Rows in all.
    pub fn plans(&self) -> u64 {
        self.in_trees + self.orphans + cycle_rows(self.cycles, self.long_cycles).unwrap_or_default()
    }

    /// Children of each plan above the lowest level.
    pub fn fan_out(&self) -> u64 {
        self.fan_out
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What stands in the root column.
    pub fn roots(&self) -> Roots {
        self.roots
    }

    /// Rows of the cycle with this number.
    pub(super) fn cycle_length(&self, number: u64) -> u64 {
        SHORT_CYCLE + if self.long_cycles { number % CYCLE_LENGTHS } else { 0 }
    }
}

/// Rows of the first `cycles` cycles. `None` when they are too many to count.
fn cycle_rows(cycles: u64, long: bool) -> Option<u64> {
    let short = cycles.checked_mul(SHORT_CYCLE)?;
    if !long {
        return Some(short);
    }
    // 0 + 1 + 2 rows more with every three cycles, and 0, 0, 0 + 1 more with those left over.
    let left = cycles % CYCLE_LENGTHS;
    short.checked_add((cycles - left).checked_add(left.saturating_sub(1))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(asked: Asked) -> String {
        let error = Shape::new(&asked).unwrap_err();
        format!("{}; {}", error.message(), error.help_text().unwrap())
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_could() {
        let asked = || Asked { plans: 9, ..Asked::default() };
        assert_eq!(refused(Asked { plans: 0, ..asked() }), "--plans is 0; give --plans at least 1");
        assert_eq!(refused(Asked { depth: Some(0), ..asked() }), "--depth is 0; give --depth at least 1");
        assert_eq!(
            refused(Asked { orphans: 2, cycles: 4, ..asked() }),
            "9 plans are too few for 2 orphans and 4 cycles; ask for --plans 10 or more"
        );
        assert_eq!(
            refused(Asked { orphans: 2, cycles: 2, depth: Some(4), ..asked() }),
            "3 plans cannot be 4 levels deep; ask for --plans 10 or more, or for less --depth"
        );
        let most = Asked { orphans: u64::MAX, cycles: u64::MAX, ..asked() };
        assert!(refused(most).ends_with("ask for --plans 55340232221128654845 or more"));
    }

    #[test]
    fn what_was_advised_is_accepted() {
        let asked = Asked { plans: 10, orphans: 2, cycles: 2, depth: Some(4), ..Asked::default() };
        assert_eq!(Shape::new(&asked).unwrap().plans(), 10);
        let asked = Asked { plans: 10, orphans: 2, cycles: 4, ..Asked::default() };
        assert_eq!(Shape::new(&asked).unwrap().in_trees, 0);
    }

    #[test]
    fn the_rows_of_cycles_are_counted_as_they_are_made() {
        let shape = Shape::new(&Asked { plans: 100, cycles: 30, ..Asked::default() }).unwrap();
        for cycles in 0..30 {
            let counted: u64 = (0..cycles).map(|number| shape.cycle_length(number)).sum();
            assert_eq!(cycle_rows(cycles, true), Some(counted), "{cycles}");
        }
    }
}
