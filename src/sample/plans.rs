//! Rows, one after the other: trees depth first, orphans and cycles spread evenly between their rows.

use super::clock::Clock;
use super::shape::CYCLE_LENGTHS;
use super::{Field, Random, Roots, Shape, TimeText, UlidText};

/// The longest cycle.
const RING: usize = 1 + CYCLE_LENGTHS as usize;

/// Names that a plan can have, each with its namespace.
const NAMES: [(&str, &str); 6] = [
    ("build/compile", "build"),
    ("build/release", "build"),
    ("data/import", "data"),
    ("data/report", "data"),
    ("ops/inspect", "ops"),
    ("ops/repair", "ops"),
];
/// The phases of the specification; the live table knows one more.
const PHASES: [&str; 4] = ["strategize", "execute", "apply", APPLIED];
const APPLIED: &str = "applied";
const STATES: [&str; 5] = ["queued", "processing", "errored", COMPLETE, "cancelled"];
const COMPLETE: &str = "complete";

/// One plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlanRow {
    /// Greater than that of every row before it.
    pub id: UlidText,
    /// `None`: it is a root.
    pub parent: Option<UlidText>,
    /// As [`Roots`] says.
    pub root: Option<UlidText>,
    /// When it was made: the time that its id holds.
    pub created: TimeText,
    name: (&'static str, &'static str),
    phase: &'static str,
    state: &'static str,
}

impl PlanRow {
    /// The value of a column; `None` for NULL.
    pub fn value(&self, field: Field) -> Option<&str> {
        Some(match field {
            Field::Id => self.id.as_str(),
            Field::Parent => self.parent.as_ref()?.as_str(),
            Field::Root => self.root.as_ref()?.as_str(),
            Field::Name => self.name.0,
            Field::Namespace => self.name.1,
            Field::Phase => self.phase,
            Field::State => self.state,
            Field::CreatedAt | Field::UpdatedAt => self.created.as_str(),
            Field::Profile => "balanced",
            Field::Snapshot => "{}",
        })
    }
}

/// What has been made so far.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Census {
    /// Rows.
    pub plans: u64,
    /// Trees.
    pub roots: u64,
    /// Levels of the deepest tree.
    pub depth: u64,
    /// Rows whose parent does not exist.
    pub orphans: u64,
    /// Cycles.
    pub cycles: u64,
    /// Rows on them.
    pub cycle_rows: u64,
}

/// All rows of a shape. A parent comes before its children, as their ids do; on a cycle that cannot be.
#[derive(Clone, Debug)]
pub struct Plans<'a> {
    shape: &'a Shape,
    random: Random,
    clock: Clock,
    census: Census,
    /// Rows of trees.
    in_trees: u64,
    /// From a root to the plan whose children are being made.
    branch: Vec<Level>,
    ring: Ring,
}

#[derive(Clone, Copy, Debug)]
struct Level {
    id: UlidText,
    children: u64,
}

/// The ids of a cycle whose rows are being given: the first row's parent comes after it.
#[derive(Clone, Debug)]
struct Ring {
    ids: [Option<(UlidText, TimeText)>; RING],
    given: usize,
}

impl Ring {
    const EMPTY: Ring = Ring { ids: [None; RING], given: 0 };

    /// The next row's id and time, and its parent: the row behind it, and behind the last one the first.
    fn next(&mut self) -> Option<(UlidText, TimeText, UlidText)> {
        let &(id, created) = self.ids.get(self.given)?.as_ref()?;
        self.given += 1;
        let behind = self.ids.get(self.given).copied().flatten().or(self.ids[0]);
        Some((id, created, behind.map_or(id, |(id, _)| id)))
    }
}

impl<'a> Plans<'a> {
    /// The rows of `shape`, from the first one.
    pub fn new(shape: &'a Shape) -> Plans<'a> {
        let mut random = Random::new(shape.seed, "plans");
        Plans {
            shape,
            clock: Clock::new(&mut random),
            random,
            census: Census::default(),
            in_trees: 0,
            branch: Vec::new(),
            ring: Ring::EMPTY,
        }
    }

    /// What has been made so far.
    pub fn census(&self) -> Census {
        self.census
    }

    /// Whether one of `wanted` is due, when `made` are made, so that they are spread evenly.
    fn is_due(&self, wanted: u64, made: u64) -> bool {
        let all = self.shape.in_trees;
        made < wanted
            && (u128::from(wanted) * u128::from(self.in_trees) >= (u128::from(made) + 1) * u128::from(all))
    }

    fn row(
        &mut self,
        id: UlidText,
        created: TimeText,
        parent: Option<UlidText>,
        root: Option<UlidText>,
    ) -> PlanRow {
        self.census.plans += 1;
        let root = match self.shape.roots {
            Roots::True => root.or(Some(id)),
            Roots::None => None,
            Roots::Own => Some(id),
            Roots::Parent => parent.or(Some(id)),
        };
        let name = self.random.pick(&NAMES).copied().unwrap_or(NAMES[0]);
        let phase = self.random.pick(&PHASES).copied().unwrap_or(APPLIED);
        let state = self.random.pick(&STATES).copied().unwrap_or(COMPLETE);
        let state = if phase == APPLIED { COMPLETE } else { state };
        PlanRow { id, parent, root, created, name, phase, state }
    }

    fn orphan(&mut self) -> PlanRow {
        self.census.orphans += 1;
        let (missing, _) = self.clock.next(&mut self.random);
        let (id, created) = self.clock.next(&mut self.random);
        self.row(id, created, Some(missing), None)
    }

    fn begin_cycle(&mut self) {
        let length = usize::try_from(self.shape.cycle_length(self.census.cycles)).unwrap_or(RING);
        self.census.cycles += 1;
        self.ring = Ring::EMPTY;
        for place in self.ring.ids.iter_mut().take(length) {
            *place = Some(self.clock.next(&mut self.random));
        }
    }

    fn on_cycle(&mut self) -> Option<PlanRow> {
        let (id, created, parent) = self.ring.next()?;
        self.census.cycle_rows += 1;
        Some(self.row(id, created, Some(parent), None))
    }

    fn in_tree(&mut self) -> PlanRow {
        self.in_trees += 1;
        let (id, created) = self.clock.next(&mut self.random);
        let is_full = |branch: &[Level], level: &Level, shape: &Shape| {
            branch.len() as u64 >= shape.depth || level.children >= shape.fan_out
        };
        while self.branch.last().is_some_and(|level| is_full(&self.branch, level, self.shape)) {
            self.branch.pop();
        }
        let parent = self.branch.last_mut().map(|level| {
            level.children += 1;
            level.id
        });
        self.census.roots += u64::from(parent.is_none());
        self.branch.push(Level { id, children: 0 });
        self.census.depth = self.census.depth.max(self.branch.len() as u64);
        let root = self.branch.first().map(|level| level.id);
        self.row(id, created, parent, root)
    }
}

impl Iterator for Plans<'_> {
    type Item = PlanRow;

    fn next(&mut self) -> Option<PlanRow> {
        if let Some(row) = self.on_cycle() {
            return Some(row);
        }
        if self.is_due(self.shape.orphans, self.census.orphans) {
            return Some(self.orphan());
        }
        if self.is_due(self.shape.cycles, self.census.cycles) {
            self.begin_cycle();
            return self.on_cycle();
        }
        (self.in_trees < self.shape.in_trees).then(|| self.in_tree())
    }
}
