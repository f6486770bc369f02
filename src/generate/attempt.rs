//! A plan that is tried until it holds, there and back.

use std::path::Path;

use super::direction::{Direction, Halt, Start};
use super::ends::Ends;
use super::pair::{Claim, DownStop, ScriptPair, Warning, Way};
use super::proof::{Pairs, Snapshot, pairs_of, seeds};
use super::refusal::{self, Counts};
use super::rows;
use super::terms::Terms;
use super::unproven::unproven;
use super::way_back;
use super::way_back::MadeUp;
use crate::base::error::Result;
use crate::engine::{BrokenKey, Rehearsal};
use crate::plan::{Counted, Fills, Hazard, Step};
use crate::schema::{Ident, Schema};

/// Both ways, and what was found out on the way.
pub(crate) struct Attempt<'a> {
    ends: &'a Ends<'a>,
    terms: &'a Terms<'a>,
    /// Where the way there begins.
    start: Start,
    /// Values for rows, in the names of `start`.
    fills: Fills,
    up: Direction<'a>,
    down: Direction<'a>,
    made_up: Option<MadeUp>,
}

impl<'a> Attempt<'a> {
    pub(crate) fn new(ends: &'a Ends<'a>, terms: &'a Terms<'a>, start: Start, fills: Fills) -> Attempt<'a> {
        let runs_on = (terms.sqlite, terms.target);
        let up = Direction::new(Way::Up, &ends.goal, runs_on);
        let down = Direction::new(Way::Down, &ends.from, runs_on);
        Attempt { ends, terms, start, fills, up, down, made_up: None }
    }

    pub(crate) fn prove(mut self) -> Result<ScriptPair> {
        // Each round learns at least one table or name.
        let objects = |schema: &Schema| schema.tables.len() + schema.views.len() + schema.triggers.len();
        let rounds = 2 * (objects(self.ends.from.schema) + objects(self.ends.goal.schema)) + 2;
        for _ in 0..rounds {
            match self.try_once() {
                Ok(scripts) => return Ok(scripts),
                Err(Halt::Learnt) => {}
                Err(Halt::Failed(error)) => return Err(error),
            }
        }
        Err(unproven(Way::Up, "it never came to an end"))
    }

    fn try_once(&mut self) -> std::result::Result<ScriptPair, Halt> {
        let (from, goal, db) = (self.ends.from.schema, self.ends.goal.schema, self.terms.db);
        let (plan, steps) = self.up.plan(&self.start, &self.fills);
        let counts = refusal::check(&plan, &self.start.names, from, goal, self.terms)?;
        let pairs = pairs_of(&self.start.names, from, goal, &plan);
        let mut rehearsal = self.ends.rehearsal(&seeds(&pairs), db)?;
        let untested = rows::untested(&self.start, goal, &self.fills, rehearsal.seeded(), self.terms)?;
        let with_rows = rehearsal.seeded().iter().any(|table| table.rows > 0);
        let made_up = self.made_up(&pairs, &mut *rehearsal)?;
        let unusable = rehearsal.unusable_foreign_keys()?;
        let before = Snapshot::before(&mut *rehearsal, &pairs)?;
        let (up, made) = self.up.prove(&self.start, &steps, &before, &mut *rehearsal)?;
        let irreversible = mended(&unusable, &rehearsal.unusable_foreign_keys()?);

        let names = self.start.names.reversed(from);
        let back = Start::new(made, names, &self.ends.from, self.ends.job)?;
        let (_, mut back_steps) = self.down.plan(&back, &made_up.fills);
        way_back::tell(&mut back_steps, &made_up.fills);
        for table in &self.down.lessons.emptied {
            way_back::only_without_rows(&mut back_steps, table, &back.names.new_table(table));
            rehearsal.clear(table)?;
        }
        // Where keys are enforced, none of its rows could be written.
        let down = if irreversible.is_some() && self.terms.target.enforces_keys() {
            Vec::new()
        } else {
            self.down.prove(&back, &back_steps, &before, &mut *rehearsal)?.0
        };

        let stops = rows::stops(self.ends, &self.start, &steps, &up)?;
        let back_steps = if irreversible.is_some() { &[][..] } else { &back_steps };
        let lost = plan.losses().cloned().collect();
        let (names, db) = (self.start.names.clone(), db.map(Path::to_owned));
        let claim =
            Claim { from: from.clone(), goal: goal.clone(), names, plan, target: self.terms.target, db };
        Ok(ScriptPair {
            up,
            down,
            hazards: hazards(stops.as_ref(), &steps, &counts, back_steps),
            lost,
            claim,
            down_stops: self.down_stops(&made_up),
            with_rows,
            untested,
            stops,
            irreversible,
        })
    }

    /// Values for what comes back without any. The first round finds them: the rows that they are tried on stay the same.
    fn made_up(&mut self, pairs: &Pairs<'_>, rehearsal: &mut dyn Rehearsal) -> Result<MadeUp> {
        if let Some(known) = &self.made_up {
            return Ok(known.clone());
        }
        let found = MadeUp::find(pairs, rehearsal, || {
            self.ends.rehearsal_without_goal(self.ends.from.schema, self.terms.db)
        })?;
        let lessons = &mut self.down.lessons;
        lessons.emptied.extend(found.missing.keys().map(|table| self.start.names.new_table(table)));
        // A value that SQLite does not give by itself is no matter of ADD COLUMN.
        lessons.rebuild.extend(found.fills.keys().map(|(table, _)| table.clone()));
        Ok(self.made_up.insert(found).clone())
    }

    /// The tables whose rows stop the way back.
    fn down_stops(&self, made_up: &MadeUp) -> Vec<DownStop> {
        let stop = |table: &Ident| {
            let missing = made_up.missing.get(&self.start.names.old_table(table));
            DownStop { table: table.clone(), columns: missing.into_iter().flatten().cloned().collect() }
        };
        self.down.lessons.emptied.iter().map(stop).collect()
    }
}

/// What waits on the two ways, in order.
fn hazards(stops: Option<&Hazard>, up: &[Step], counts: &Counts, down: &[Step]) -> Vec<Warning> {
    let of = |steps: &[Step]| steps.iter().flat_map(|step| step.hazards.clone()).collect::<Vec<_>>();
    let there = stops.cloned().into_iter().chain(of(up));
    let there = there.map(|hazard| Warning { way: Way::Up, counted: counts.of(&hazard), hazard });
    let back = of(down).into_iter();
    let back = back.map(|hazard| Warning { way: Way::Down, counted: Counted::Unknown, hazard });
    there.chain(back).collect()
}

/// Why there is no way back from where a key can be checked that could not be before.
fn mended(before: &[BrokenKey], after: &[BrokenKey]) -> Option<String> {
    let mended = before.iter().find(|key| !after.contains(key))?;
    let sentence = &mended.sentence;
    Some(format!("the schema before it had a foreign key that SQLite cannot check ({sentence})"))
}
