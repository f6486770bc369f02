//! From two schemas to two scripts, up and down, that were proven on a scratch database before anybody sees them.

mod fills;
mod goal;
mod lessons;
mod names;
mod proof;
mod refusal;
mod rows;
mod script;
mod tell;
mod way_back;

pub(crate) use self::goal::{broken_object, goal_of, hints, newly_broken, refuse_broken};
pub(crate) use self::names::renamed;
pub(crate) use self::proof::{Pairs, pairs, seeds};
pub use self::script::{down_text, standalone, stops_back, up_text, without_rows};
pub(crate) use self::tell::{record, tell};

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use self::lessons::Learnt;
use self::names::Names;
use self::script::only_without_rows;
use self::way_back::MadeUp;
use crate::base::error::{Advice, ByHand, Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::diff::{Change, diff};
use crate::engine;
use crate::engine::{BrokenKey, Reference, Rehearsal, Rendered, SeedPair};
use crate::plan;
use crate::plan::{Carried, Counted, Fills, Hazard, Hints, Loss, Plan};
use crate::schema::{Ident, Pragmas, Schema, Table};
use crate::sql::{SqliteVersion, one_line};

/// What a way from one schema to another must keep to.
#[derive(Clone, Debug)]
pub struct Terms<'a> {
    /// The oldest SQLite that must be able to run the scripts.
    pub sqlite: SqliteVersion,
    /// Whether data may be dropped on the way up.
    pub allow_destructive: bool,
    /// What the goal's author says about values and names.
    pub hints: Hints,
    /// The database whose rows are to survive, when there is one to look at.
    pub db: Option<&'a Path>,
    /// What ends it.
    pub job: Job<'a>,
}

/// Puts a question to somebody who can say yes or no; `None` when nobody is there.
pub type Ask<'a> = dyn FnMut(&str) -> Option<bool> + 'a;

/// Two scripts, proven.
#[derive(Clone, Debug)]
pub struct Closing {
    /// The way there.
    pub up: Vec<Rendered>,
    /// The way back.
    pub down: Vec<Rendered>,
    /// What to know of the two, in order.
    pub hazards: Vec<Warning>,
    /// What the way back cannot bring back.
    pub lost: Vec<Loss>,
    /// What it leads from and to, for a script to be proven.
    ends: Ends,
    /// Tables with rows that stop the way back, as they are called when it begins.
    pub down_stops: Vec<DownStop>,
    /// Whether rows of any table took part in the proof.
    pub with_rows: bool,
    /// Tables of which no row could be made that both schemas take, with the reason: what becomes of their rows is not
    /// proven.
    pub untested: Vec<(Ident, String)>,
    /// What stops the way there at some of the rows that the schema so far allows, where no step says it.
    pub stops: Option<Hazard>,
    /// Why no migration can be the way back: one that leaves a foreign key that cannot be checked is never committed.
    pub irreversible: Option<String>,
}

/// What the proof of a script begins with, and what it has to come to.
#[derive(Clone, Debug)]
struct Ends {
    from: Schema,
    goal: Schema,
    names: Names,
    plan: Plan,
    /// The database whose rows take part.
    db: Option<PathBuf>,
}

/// A table whose rows stop the way back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DownStop {
    /// The table.
    pub table: Ident,
    /// The columns that come back and that no value was found for which every row takes. Empty where something else is
    /// missing.
    pub columns: Vec<Ident>,
}

/// A hazard, and on which of the two ways it waits.
#[derive(Clone, Debug)]
pub struct Warning {
    /// The way.
    pub way: Way,
    /// What waits there.
    pub hazard: Hazard,
    /// What the rows at hand say of it.
    pub counted: Counted,
}

/// Which of two scripts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// The way there.
    Up,
    /// The way back.
    Down,
}

/// The proven way from `from` to `goal` and back; `None` when they do not differ.
///
/// # Errors
/// `Migration` when data would be lost, when no statement of SQLite's gets there, when a probable rename is not declared,
/// and when the proof fails; `Data` when rows have no value or stand in the way.
pub fn close(from: &Schema, goal: &Schema, terms: &Terms<'_>, ask: &mut Ask<'_>) -> Result<Option<Closing>> {
    let mut from = from.clone();
    // A setting counts when the goal states it, and a scratch database cannot say how a file is written.
    from.pragmas.values.retain(|name, _| goal.pragmas.values.contains_key(name));
    for name in goal.pragmas.values.keys() {
        from.pragmas.values.entry(name).or_insert_with(|| Pragmas::default_of(name).to_owned());
    }
    from.pragmas.values.remove("journal_mode");
    let sides = Sides::new(from, goal, terms.job)?;
    let (names, changes, start) = sides.differences(&terms.hints, ask)?;
    if names.is_empty() && changes.is_empty() {
        return Ok(None);
    }
    let fills = fills::in_names_of_rows(terms, &names, &sides.from, &start)?;
    Attempt::new(&sides, terms, names, fills, changes, start).prove().map(Some)
}

/// Both ends, each with a database of its own to judge by.
struct Sides<'a> {
    from: Schema,
    goal: &'a Schema,
    from_source: SourceFile,
    /// What rows of the goal have to fit: its tables and indexes. Views matter only to virtual tables, and no trigger fires
    /// on rows that are made.
    goal_tables: SourceFile,
    from_reference: Box<dyn Reference>,
    goal_reference: Box<dyn Reference>,
    job: Job<'a>,
}

impl<'a> Sides<'a> {
    fn new(from: Schema, goal: &'a Schema, job: Job<'a>) -> Result<Sides<'a>> {
        let from_source = SourceFile::new("(the schema so far)", plan::script(&from));
        let goal_source = SourceFile::new("(the goal)", plan::script(goal));
        let from_reference = engine::reference_beside(&from_source, &from, job)?;
        let goal_reference = engine::reference_beside(&goal_source, goal, job)?;
        // A virtual table may have a view for its content.
        let is_virtual = goal.tables.values().any(Table::is_virtual);
        let views = if is_virtual { goal.views.clone() } else { Default::default() };
        let (tables, pragmas) = (goal.tables.clone(), goal.pragmas.clone());
        let tables = Schema { tables, views, pragmas, ..Schema::default() };
        let goal_tables = SourceFile::new("(the goal)", plan::script(&tables));
        Ok(Sides { from, goal, from_source, goal_tables, from_reference, goal_reference, job })
    }

    /// The names that change, what differs beyond them, and the schema that the renames leave.
    fn differences(&self, hints: &Hints, ask: &mut Ask<'_>) -> Result<(Names, Vec<Change>, Schema)> {
        let mut hints = hints.clone();
        loop {
            let names = Names::of(&self.from, self.goal, &hints)?;
            let start = names::renamed(&self.from, &names.altered, self.job)?;
            let changes = diff(self.goal, &start, &mut *self.goal_reference.meaning())?;
            if !names::settle(&changes, &mut hints, ask)? {
                return Ok((names, changes, start));
            }
        }
    }
}

/// A plan that is tried until it holds.
struct Attempt<'a> {
    sides: &'a Sides<'a>,
    terms: &'a Terms<'a>,
    names: Names,
    /// Values for rows, in the names of `start`.
    fills: Fills,
    changes: Vec<Change>,
    /// `from` with the names of the goal.
    start: Schema,
    up: Learnt,
    down: Learnt,
    made_up: Option<MadeUp>,
}

/// What one try came to.
enum Tried {
    Proven(Box<Closing>),
    /// SQLite taught something: try again.
    Again,
}

impl<'a> Attempt<'a> {
    fn new(
        sides: &'a Sides<'a>,
        terms: &'a Terms<'a>,
        names: Names,
        fills: Fills,
        changes: Vec<Change>,
        start: Schema,
    ) -> Attempt<'a> {
        let (up, down) = Default::default();
        Attempt { sides, terms, names, fills, changes, start, up, down, made_up: None }
    }

    fn prove(mut self) -> Result<Closing> {
        // Each round learns at least one table or name.
        let objects = |schema: &Schema| schema.tables.len() + schema.views.len() + schema.triggers.len();
        let rounds = 2 * (objects(&self.sides.from) + objects(self.sides.goal)) + 2;
        for _ in 0..rounds {
            if let Tried::Proven(closing) = self.try_once()? {
                return Ok(*closing);
            }
        }
        Err(unproven("it never came to an end"))
    }

    fn try_once(&mut self) -> Result<Tried> {
        let Sides { from, goal, .. } = self.sides;
        let carried = self.names.carried();
        let options = self.up.options(self.terms.sqlite, &self.fills, &carried);
        let (start, mut steps) = self.up.cleared(&self.start);
        let plan = plan::plan(&start, goal, &self.changes, &options);
        let renamings = self.names.all();
        let counts = refusal::check(&plan, &renamings, from, goal, self.terms)?;
        steps.extend(names::steps(&self.names.altered, from));
        steps.extend(plan.steps.iter().cloned());
        let up = engine::render(&steps);

        let mut pairs = proof::pairs(&renamings, from, goal, &plan);
        pairs.carry(&self.names.carried);
        let mut rehearsal = self.rehearsal(&self.sides.goal_tables, &proof::seeds(&pairs))?;
        let untested = self.untested(rehearsal.seeded())?;
        let with_rows = rehearsal.seeded().iter().any(|table| table.rows > 0);
        let made_up = self.made_up(&pairs, &mut *rehearsal)?;
        let unusable = rehearsal.unusable_foreign_keys()?;
        let before = proof::Snapshot::take(&mut *rehearsal, &pairs, proof::Side::From)?;
        if let Some(stopped) = rehearsal.run(&up)? {
            if self.up.refused(steps.get(stopped.step), &stopped.fault, [&self.start, goal]) {
                return Ok(Tried::Again);
            }
            return Err(unproven(&stopped.message).note(one_line(&stopped.statement)));
        }
        let after = rehearsal.schema()?;
        let after = proof::stated(&after, &self.sides.from);
        let left = diff(goal, &after, &mut *self.sides.goal_reference.meaning())?;
        if !left.is_empty() {
            if self.up.differs(&left) {
                return Ok(Tried::Again);
            }
            return Err(still_differs("up", &left));
        }
        let there = proof::Snapshot::take(&mut *rehearsal, &pairs, proof::Side::Goal)?;
        before.compare(&there, &pairs, &BTreeSet::new()).map_err(|what| unproven(&what))?;
        let broken = rehearsal.broken_foreign_keys()?;
        let still_unusable = rehearsal.unusable_foreign_keys()?;
        if !broken.is_empty() {
            // Rows that fit such a key may fit no other one.
            let error = keys_do_not_hold("it", broken);
            return Err(still_unusable
                .into_iter()
                .take(TOLD)
                .fold(error, |error, key| error.note(key.sentence)));
        }
        let mended = unusable.iter().find(|key| !still_unusable.contains(key));
        let irreversible = mended.map(|BrokenKey { sentence, .. }| {
            format!("the schema before it had a foreign key that SQLite cannot check ({sentence})")
        });

        let back = self.names.reversed(from);
        let halfway = names::renamed(&after, &back.altered, self.sides.job)?;
        let changes = diff(from, &halfway, &mut *self.sides.from_reference.meaning())?;
        let (start, mut back_steps) = self.down.cleared(&halfway);
        let back_plan = self.way_back(&start, &changes, &made_up.fills, &back.carried());
        back_steps.extend(names::steps(&back.altered, &after));
        back_steps.extend(back_plan.steps);
        way_back::tell(&mut back_steps, &made_up.fills);
        for table in &self.down.emptied {
            only_without_rows(&mut back_steps, table, &self.names.old_table(table));
            rehearsal.clear(table)?;
        }
        let down = engine::render(&back_steps);
        if let Some(stopped) = rehearsal.run(&down)? {
            let step = back_steps.get(stopped.step);
            // What the way up dropped may be just what these rows would need.
            let table = way_back::table_that_stopped(step, &stopped.fault, from);
            let learnt = table.is_some_and(|table| self.empties(&table, &after))
                || self.down.refused(step, &stopped.fault, [&halfway, from]);
            if learnt {
                return Ok(Tried::Again);
            }
            return Err(
                unproven(&format!("the way back: {}", stopped.message)).note(one_line(&stopped.statement))
            );
        }
        let back_again = rehearsal.schema()?;
        let left = diff(from, &back_again, &mut *self.sides.from_reference.meaning())?;
        if !left.is_empty() {
            if self.down.differs(&left) {
                return Ok(Tried::Again);
            }
            return Err(still_differs("down", &left));
        }
        let home = proof::Snapshot::take(&mut *rehearsal, &pairs, proof::Side::From)?;
        before
            .compare(&home, &pairs, &self.down.emptied)
            .map_err(|what| unproven(&format!("the way back: {what}")))?;
        let broken = rehearsal.broken_foreign_keys()?;
        if let Some(key) = broken.first() {
            if self.empties(&key.child, &after) {
                return Ok(Tried::Again);
            }
            return Err(keys_do_not_hold("the way back", broken));
        }
        let lost = plan.losses().cloned().collect();
        let says_so = steps.iter().flat_map(|step| &step.hazards).any(Hazard::stops);
        let stops = if says_so { None } else { self.stops(script::before_views(&steps, &up))? };
        let there = stops.iter().chain(steps.iter().flat_map(|step| &step.hazards));
        let there = there.map(|hazard| (Way::Up, hazard, counts.of(hazard)));
        let back = back_steps.iter().flat_map(|step| &step.hazards);
        let back = back.filter(|_| irreversible.is_none());
        let back = back.map(|hazard| (Way::Down, hazard, Counted::Unknown));
        let warning = |(way, hazard, counted): (Way, &Hazard, Counted)| {
            let hazard = hazard.clone();
            Warning { way, hazard, counted }
        };
        let hazards = there.chain(back).map(warning).collect();
        let down_stops = self.down.emptied.iter().map(|table| DownStop {
            table: table.clone(),
            columns: made_up
                .missing
                .get(&self.names.old_table(table))
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
        });
        let down_stops = down_stops.collect();
        let (from, goal, names) = (from.clone(), (*goal).clone(), self.names.clone());
        let db = self.terms.db.map(Path::to_owned);
        let ends = Ends { from, goal, names, plan, db };
        Ok(Tried::Proven(Box::new(Closing {
            up,
            down,
            hazards,
            lost,
            ends,
            down_stops,
            with_rows,
            untested,
            stops,
            irreversible,
        })))
    }
}

impl Attempt<'_> {
    /// Values for what comes back without any. The first round finds them: the rows that they are tried on stay the same.
    fn made_up(&mut self, pairs: &proof::Pairs<'_>, rehearsal: &mut dyn Rehearsal) -> Result<MadeUp> {
        if let Some(known) = &self.made_up {
            return Ok(known.clone());
        }
        let found = MadeUp::find(pairs, rehearsal, || self.rehearsal(&no_goal(), &[]))?;
        let stopped: Vec<Ident> = found.missing.keys().map(|table| self.names.new_table(table)).collect();
        self.down.emptied.extend(stopped);
        // A value that SQLite does not give by itself is no matter of ADD COLUMN.
        self.down.rebuild.extend(found.fills.keys().map(|(table, _)| table.clone()));
        Ok(self.made_up.insert(found).clone())
    }

    /// Has the way back tried without rows of a table that it leads to; `false` when it has none already.
    fn empties(&mut self, table: &Ident, after: &Schema) -> bool {
        let here = self.names.new_table(table);
        after.tables.contains_key(&here) && self.down.emptied.insert(here)
    }

    fn rehearsal(&self, goal: &SourceFile, seeds: &[SeedPair<'_>]) -> Result<Box<dyn Rehearsal>> {
        engine::rehearsal(&self.sides.from_source, goal, seeds, self.terms.db, self.sides.job)
    }

    fn way_back(&self, halfway: &Schema, changes: &[Change], fills: &Fills, carried: &Carried) -> Plan {
        let options = self.down.options(self.terms.sqlite, fills, carried);
        plan::plan(halfway, &self.sides.from, changes, &options)
    }
}

fn no_goal() -> SourceFile {
    SourceFile::new("(no goal)", "")
}

/// How many things that are wrong are told.
const TOLD: usize = 5;

fn keys_do_not_hold(after: &str, broken: Vec<BrokenKey>) -> Error {
    let error = unproven(&format!("foreign keys do not hold after {after}"));
    broken.into_iter().take(TOLD).fold(error, |error, key| error.note(key.sentence))
}

fn unproven(what: &str) -> Error {
    Error::new(
        ErrorKind::Migration,
        format!("the migration could not be proven on a scratch database: {what}"),
    )
    .help(Advice::WriteByHand { what: ByHand::Migration, first: Some("nothing was written"), or: None })
}

fn still_differs(direction: &str, left: &[Change]) -> Error {
    let mut error = unproven(&format!("after the {direction} script the schemas still differ"));
    for change in left.iter().take(TOLD) {
        let table = change.object.table.as_ref().map_or("", Ident::as_str);
        let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
        error = error.note(format!(
            "{} of {table}: expected {}, got {}",
            change.object.kind.as_str(),
            side(&change.expected),
            side(&change.actual)
        ));
    }
    error
}
