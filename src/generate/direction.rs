//! One of the two ways: planned, run on a rehearsal, and held against what it is to come to.

use super::ends::End;
use super::lessons::Lessons;
use super::names;
use super::names::Names;
use super::pair::Way;
use super::proof::{Snapshot, stated};
use super::unproven::{keys_do_not_hold, still_differs, unproven};
use super::way_back::table_that_stopped;
use crate::base::error::{Error, Result};
use crate::base::job::Job;
use crate::diff::Change;
use crate::engine;
use crate::engine::{Rehearsal, Rendered, Stopped};
use crate::plan;
use crate::plan::{Fills, Plan, Step};
use crate::schema::{Ident, Schema};
use crate::sql::{SqliteVersion, Target, quotation};

/// A way, and what its proof has taught so far.
pub(crate) struct Direction<'a> {
    way: Way,
    goal: &'a End<'a>,
    runs_on: (SqliteVersion, Target),
    pub(crate) lessons: Lessons,
}

/// Where a way begins.
pub(crate) struct Start {
    pub(crate) schema: Schema,
    /// The names that change on the way.
    pub(crate) names: Names,
    /// The schema once ALTER TABLE has changed them.
    pub(crate) renamed: Schema,
    /// What the goal has otherwise beyond the names.
    pub(crate) changes: Vec<Change>,
}

/// Why a try came to nothing.
pub(crate) enum Halt {
    /// SQLite taught something: try again.
    Learnt,
    Failed(Error),
}

/// A table that refers to one that does not exist, and that one.
fn key_to_nothing(schema: &Schema) -> Option<(&Ident, &Ident)> {
    let keys =
        schema.tables.values().flat_map(|table| table.foreign_keys.iter().map(move |key| (table, key)));
    let mut dangling = keys.filter(|(_, key)| !schema.tables.contains_key(&key.parent));
    dangling.next().map(|(table, key)| (&table.name, &key.parent))
}

impl From<Error> for Halt {
    fn from(error: Error) -> Halt {
        Halt::Failed(error)
    }
}

impl Start {
    /// # Errors
    /// When SQLite refuses a rename; `Interrupted`.
    pub(crate) fn new(schema: Schema, names: Names, goal: &End<'_>, job: Job<'_>) -> Result<Start> {
        let renamed = names::renamed(&schema, &names.altered, job)?;
        let changes = goal.differences(&renamed)?;
        Ok(Start { schema, names, renamed, changes })
    }
}

impl<'a> Direction<'a> {
    pub(crate) fn new(way: Way, goal: &'a End<'a>, runs_on: (SqliteVersion, Target)) -> Direction<'a> {
        Direction { way, goal, runs_on, lessons: Lessons::default() }
    }

    /// The plan, and its steps between those that clear the way and give the new names, and those that follow.
    pub(crate) fn plan(&self, start: &Start, fills: &Fills) -> (Plan, Vec<Step>) {
        let carried = start.names.carried();
        let options = self.lessons.options(self.runs_on, fills, &carried);
        let (cleared, mut steps) = self.lessons.cleared(&start.renamed);
        let plan = plan::plan(&cleared, self.goal.schema, &start.changes, &options);
        steps.extend(names::steps(&start.names.altered, &start.schema));
        steps.extend(plan.steps.iter().cloned());
        (plan, steps)
    }

    /// Runs the steps from `start`, with the rows of `before`. Gives the script, and the schema that it makes.
    ///
    /// # Errors
    /// Where it does not come to the goal with the same rows, and with keys that hold.
    pub(crate) fn prove(
        &mut self,
        start: &Start,
        steps: &[Step],
        before: &Snapshot<'_>,
        rehearsal: &mut dyn Rehearsal,
    ) -> std::result::Result<(Vec<Rendered>, Schema), Halt> {
        let script = engine::render(steps);
        if let Some(stopped) = rehearsal.run(&script)? {
            return Err(self.refused(start, steps.get(stopped.step), &stopped));
        }
        let made = stated(&rehearsal.schema()?, &start.schema);
        let left = self.goal.differences(&made)?;
        if !left.is_empty() {
            let learnt = self.lessons.differs(&left);
            return Err(if learnt { Halt::Learnt } else { still_differs(self.way, &left).into() });
        }
        before.compare(rehearsal, self.way, &self.lessons.emptied)?;
        let broken = rehearsal.broken_foreign_keys()?;
        if let Some(key) = broken.first() {
            if self.empties(&key.child, start) {
                return Err(Halt::Learnt);
            }
            let unusable = match self.way {
                Way::Up => rehearsal.unusable_foreign_keys()?,
                Way::Down => Vec::new(),
            };
            return Err(keys_do_not_hold(self.way, broken, unusable).into());
        }
        Ok((script, made))
    }

    /// Learns from a step that SQLite refused, where there is something to learn.
    fn refused(&mut self, start: &Start, step: Option<&Step>, stopped: &Stopped) -> Halt {
        let goal = self.goal.schema;
        // What the way there dropped may be just what these rows would need.
        let table = table_that_stopped(step, &stopped.fault, goal);
        let learnt = table.is_some_and(|table| self.empties(&table, start))
            || self.lessons.refused(step, &stopped.fault, [&start.renamed, goal]);
        if learnt {
            return Halt::Learnt;
        }
        let mut error = unproven(self.way, &stopped.message).note(quotation(&stopped.statement));
        let renames = step.is_some_and(Step::renames);
        if let Some(help) = stopped.fault.help_with_rename().filter(|_| renames) {
            error = error.help(help);
        }
        let dangling = || [&start.schema, goal].into_iter().find_map(key_to_nothing);
        match dangling().filter(|_| self.runs_on.1.enforces_keys()) {
            Some((table, parent)) => error.note(format!(
                "{} refers to {}, which does not exist: where foreign keys are enforced, no row of it can be written",
                table.shown(),
                parent.shown()
            )),
            None => error,
        }
        .into()
    }

    /// Has the way back tried without rows of a table that it leads to; `false` when it has none already, and on the way
    /// there, which keeps its rows.
    fn empties(&mut self, table: &Ident, start: &Start) -> bool {
        let here = start.names.old_table(table);
        self.way == Way::Down && start.schema.tables.contains_key(&here) && self.lessons.emptied.insert(here)
    }
}
