//! From two schemas to two scripts, up and down, that were proven on a scratch database before anybody sees them.

mod broken;
mod constraints;
mod excused;
mod names;
mod proof;
mod refusal;
mod script;
mod way_back;

pub(super) use broken::newly_broken;
pub(super) use excused::kept;
pub(super) use proof::{Pairs, pairs, seeds};
pub(super) use script::{cannot_bring_back, stops_at_rows, stops_with_rows_of};
pub use script::{down_text, standalone, up_text};

use std::collections::BTreeSet;
use std::path::Path;

use crate::diff::{Change, ObjectKind, diff};
use crate::engine::{self, Reference, Renaming, Rendered, SeededTable};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{self, Action, Fills, Hints, Options, Plan, Step};
use crate::schema::{Ident, Schema, Table};
use crate::source::SourceFile;
use crate::sql::{SqliteVersion, display_name, one_line, tokens};
use script::only_without_rows;

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
    /// What the way back cannot bring back.
    pub lost: Vec<String>,
    /// Whether the foreign keys of both schemas can be checked at all.
    pub keys_can_be_checked: bool,
    /// Tables of which no row could be made that both schemas take, with the reason: what becomes of their rows is not
    /// proven.
    pub untested: Vec<(Ident, String)>,
    /// What stops the way there at some of the rows that the schema so far allows, where no step says it.
    pub stops: Option<String>,
    /// Why no migration can be the way back: one that leaves a foreign key that cannot be checked is never committed.
    pub irreversible: Option<String>,
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
        let default = if *name == "encoding" { "UTF-8" } else { "0" };
        from.pragmas.values.entry(name).or_insert_with(|| default.to_owned());
    }
    from.pragmas.values.remove("journal_mode");
    let sides = Sides::new(from, goal)?;
    let (renamings, changes, start) = sides.differences(&terms.hints, ask)?;
    if renamings.is_empty() && changes.is_empty() {
        return Ok(None);
    }
    Attempt::new(&sides, terms, renamings, changes, start).prove().map(Some)
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
}

impl<'a> Sides<'a> {
    fn new(from: Schema, goal: &'a Schema) -> Result<Sides<'a>> {
        let from_source = SourceFile::new("(the schema so far)", plan::script(&from));
        let goal_source = SourceFile::new("(the goal)", plan::script(goal));
        let from_reference = engine::reference_beside(&from_source, &from)?;
        let goal_reference = engine::reference_beside(&goal_source, goal)?;
        // A virtual table may have a view for its content.
        let is_virtual = goal.tables.values().any(Table::is_virtual);
        let views = if is_virtual { goal.views.clone() } else { Default::default() };
        let (tables, pragmas) = (goal.tables.clone(), goal.pragmas.clone());
        let tables = Schema { tables, views, pragmas, ..Schema::default() };
        let goal_tables = SourceFile::new("(the goal)", plan::script(&tables));
        Ok(Sides { from, goal, from_source, goal_tables, from_reference, goal_reference })
    }

    /// The names that change, what differs beyond them, and the schema that the renames leave.
    fn differences(&self, hints: &Hints, ask: &mut Ask<'_>) -> Result<(Vec<Renaming>, Vec<Change>, Schema)> {
        let mut hints = hints.clone();
        loop {
            let renamings = names::renamings(&self.from, self.goal, &hints);
            let start = names::renamed(&self.from, &renamings)?;
            let changes = diff(self.goal, &start, &mut *self.goal_reference.meaning());
            if !names::settle(&changes, &mut hints, ask)? {
                return Ok((renamings, changes, start));
            }
        }
    }
}

/// What the proof has taught so far about one direction.
#[derive(Default)]
struct Learnt {
    rebuild: BTreeSet<Ident>,
    set_aside: BTreeSet<Ident>,
    /// Tables whose rows lack what the script would need.
    emptied: BTreeSet<Ident>,
}

impl Learnt {
    fn options<'a>(&self, sqlite: SqliteVersion, fills: &'a Fills) -> Options<'a> {
        Options { sqlite, fills, rebuild: self.rebuild.clone(), set_aside: self.set_aside.clone() }
    }

    /// Learns from a step that SQLite refused; `false` when there is nothing to learn.
    fn refused(&mut self, step: Option<&Step>, message: &str) -> bool {
        for kind in ["error in view ", "error in trigger "] {
            if let Some(rest) = message.split(kind).nth(1) {
                let name = rest.split(": ").next().unwrap_or(rest);
                let name = name.strip_suffix(" after rename").unwrap_or(name);
                let name = name.strip_suffix(" after drop column").unwrap_or(name);
                if self.set_aside.insert(Ident::from(name)) {
                    return true;
                }
            }
        }
        let table = step.and_then(altered);
        table.is_some_and(|table| self.rebuild.insert(table.clone()))
    }

    /// Learns from what still differs: a table that was altered in place, or one that was left alone because its
    /// difference was told with another one's (a foreign key that means whatever its parent's key is).
    fn differs(&mut self, left: &[Change]) -> bool {
        let mut learnt = false;
        for change in left {
            let Some(table) = &change.object.table else { continue };
            learnt |= self.rebuild.insert(table.clone());
        }
        learnt
    }
}

/// The table that a step alters in place.
fn altered(step: &Step) -> Option<&Ident> {
    match &step.action {
        Action::AddColumn { table, .. }
        | Action::DropColumn { table, .. }
        | Action::AlterNotNull { table, .. }
        | Action::AddCheck { table, .. }
        | Action::DropCheck { table, .. } => Some(table),
        _ => None,
    }
}

/// A plan that is tried until it holds.
struct Attempt<'a> {
    sides: &'a Sides<'a>,
    terms: &'a Terms<'a>,
    renamings: Vec<Renaming>,
    changes: Vec<Change>,
    /// `from` with the names of the goal.
    start: Schema,
    up: Learnt,
    down: Learnt,
}

/// What one try came to.
enum Tried {
    Proven(Closing),
    /// SQLite taught something: try again.
    Again,
}

impl<'a> Attempt<'a> {
    fn new(
        sides: &'a Sides<'a>,
        terms: &'a Terms<'a>,
        renamings: Vec<Renaming>,
        changes: Vec<Change>,
        start: Schema,
    ) -> Attempt<'a> {
        let (up, down) = Default::default();
        Attempt { sides, terms, renamings, changes, start, up, down }
    }

    fn prove(mut self) -> Result<Closing> {
        // Each round learns at least one table or name.
        let objects = |schema: &Schema| schema.tables.len() + schema.views.len() + schema.triggers.len();
        let rounds = 2 * (objects(&self.sides.from) + objects(self.sides.goal)) + 2;
        for _ in 0..rounds {
            if let Tried::Proven(closing) = self.try_once()? {
                return Ok(closing);
            }
        }
        Err(unproven("it never came to an end"))
    }

    fn try_once(&mut self) -> Result<Tried> {
        let Sides { from, goal, .. } = self.sides;
        let options = self.up.options(self.terms.sqlite, &self.terms.hints.fills);
        let plan = plan::plan(&self.start, goal, &self.changes, &options);
        let counts = refusal::check(&plan, &self.renamings, from, goal, self.terms)?;
        let mut steps = names::steps(&self.renamings, from);
        steps.extend(plan.steps.iter().cloned());
        refusal::count(&mut steps, &counts);
        let up = engine::render(&steps);

        let pairs = proof::pairs(&self.renamings, from, goal, &plan);
        let mut rehearsal =
            engine::rehearsal(&self.sides.from_source, &self.sides.goal_tables, &proof::seeds(&pairs))?;
        let untested = self.untested(rehearsal.seeded())?;
        let unusable = rehearsal.unusable_foreign_keys()?;
        let before = proof::Snapshot::take(&mut *rehearsal, &pairs, proof::Side::From)?;
        if let Err(stopped) = rehearsal.run(&up) {
            if self.up.refused(steps.get(stopped.step), &stopped.message) {
                return Ok(Tried::Again);
            }
            return Err(unproven(&stopped.message).note(one_line(&stopped.statement)));
        }
        let after = rehearsal.schema()?;
        let after = proof::stated(&after, &self.sides.from);
        let left = diff(goal, &after, &mut *self.sides.goal_reference.meaning());
        if !left.is_empty() {
            if self.up.differs(&left) {
                return Ok(Tried::Again);
            }
            return Err(still_differs("up", &left));
        }
        let there = proof::Snapshot::take(&mut *rehearsal, &pairs, proof::Side::Goal)?;
        before.compare(&there, &pairs, &BTreeSet::new()).map_err(|what| unproven(&what))?;
        let broken = rehearsal.broken_foreign_keys()?;
        if let Some((_, sentence)) = broken.into_iter().next() {
            return Err(unproven("foreign keys do not hold after it").note(sentence));
        }

        let still_unusable = rehearsal.unusable_foreign_keys()?;
        let keys_can_be_checked = unusable.is_empty() && still_unusable.is_empty();
        let mended = unusable.iter().find(|sentence| !still_unusable.contains(sentence));
        let irreversible = mended.map(|sentence| {
            format!("the schema before it had a foreign key that SQLite cannot check ({sentence})")
        });

        let back: Vec<Renaming> = names::reversed(&self.renamings, from);
        let halfway = names::renamed(&after, &back)?;
        let changes = diff(from, &halfway, &mut *self.sides.from_reference.meaning());
        let (back_plan, fills) = self.way_back(&halfway, &changes);
        let mut back_steps = names::steps(&back, &after);
        back_steps.extend(back_plan.steps);
        way_back::tell(&mut back_steps, &fills);
        for table in &self.down.emptied {
            only_without_rows(&mut back_steps, table);
            rehearsal.clear(table)?;
        }
        let down = engine::render(&back_steps);
        if let Err(stopped) = rehearsal.run(&down) {
            let step = back_steps.get(stopped.step);
            // What the way up dropped may be just what these rows would need.
            let table = way_back::table_that_stopped(step, &stopped.message, &after);
            let learnt = table.is_some_and(|table| self.down.emptied.insert(table))
                || self.down.refused(step, &stopped.message);
            if learnt {
                return Ok(Tried::Again);
            }
            return Err(
                unproven(&format!("the way back: {}", stopped.message)).note(one_line(&stopped.statement))
            );
        }
        let back_again = rehearsal.schema()?;
        let left = diff(from, &back_again, &mut *self.sides.from_reference.meaning());
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
        if let Some((child, sentence)) = broken.into_iter().next() {
            if after.tables.contains_key(&child) && self.down.emptied.insert(child) {
                return Ok(Tried::Again);
            }
            return Err(unproven("foreign keys do not hold after the way back").note(sentence));
        }
        let lost = lost(&plan);
        let stops =
            if up.iter().any(script::stops) { None } else { self.stops(script::before_views(&steps, &up))? };
        Ok(Tried::Proven(Closing { up, down, lost, untested, stops, keys_can_be_checked, irreversible }))
    }
}

impl Attempt<'_> {
    /// The plan of the way back, and the values that it makes up where the true ones are lost.
    fn way_back(&self, halfway: &Schema, changes: &[Change]) -> (Plan, Fills) {
        let from = &self.sides.from;
        let plan_with =
            |fills: &Fills| plan::plan(halfway, from, changes, &self.down.options(self.terms.sqlite, fills));
        let plan = plan_with(&Fills::new());
        let fills = way_back::placeholders(&plan, from);
        let plan = if fills.is_empty() { plan } else { plan_with(&fills) };
        (plan, fills)
    }
}

impl Attempt<'_> {
    /// What stops the steps on rows that were made without a look at the goal.
    fn stops(&self, up: &[Rendered]) -> Result<Option<String>> {
        if up.is_empty() {
            return Ok(None);
        }
        let no_goal = SourceFile::new("(no goal)", "");
        let mut rehearsal = engine::rehearsal(&self.sides.from_source, &no_goal, &[])?;
        if let Err(stopped) = rehearsal.run(up) {
            return Ok(Some(stopped.message));
        }
        Ok(rehearsal.broken_foreign_keys()?.into_iter().next().map(|(_, sentence)| sentence))
    }

    /// The tables that change and of which there are no rows to show what becomes of them.
    ///
    /// # Errors
    /// When it is a value that somebody gave which no row gets past.
    fn untested(&self, seeded: &[SeededTable]) -> Result<Vec<(Ident, String)>> {
        let new_name = |table: &Ident| {
            let renaming = self.renamings.iter().find(|r| r.column.is_none() && r.table == *table);
            renaming.map_or(table.clone(), |r| r.to.clone())
        };
        let mut untested = Vec::new();
        for table in seeded {
            let Some(reason) = &table.not_seeded else { continue };
            let name = new_name(&table.table);
            let is_about = |change: &Change| {
                change.object.table.as_ref() == Some(&name)
                    && !matches!(change.object.kind, ObjectKind::Trigger | ObjectKind::View)
            };
            let known = self.sides.goal.tables.get(&name);
            if known.is_none_or(Table::is_virtual) || !self.changes.iter().any(is_about) {
                continue;
            }
            let mut fills = self.terms.hints.fills.keys().filter(|(of, _)| *of == name);
            // Where the column is there already, only its NULLs get the value.
            let is_new = |column: &Ident| {
                self.start.tables.get(&name).is_some_and(|there| there.column(column).is_none())
            };
            let mut blamed = fills.clone().filter(|(_, column)| is_new(column) && names(reason, column));
            let does_not_compile = reason.starts_with("no such ") || reason.starts_with("near ");
            let fill = blamed.next().or_else(|| fills.next().filter(|_| does_not_compile));
            if let Some((_, column)) = fill.filter(|_| table.goal_refuses) {
                let (table, column) = (display_name(name.as_str()), display_name(column.as_str()));
                let message = format!("no row gets past the value given for {table}.{column}: {reason}");
                return Err(Error::new(ErrorKind::Migration, message)
                    .help("give a value that the column can hold: an SQL expression over the old row"));
            }
            untested.push((name, reason.clone()));
        }
        Ok(untested)
    }
}

/// Whether a message of SQLite's speaks of a column.
fn names(message: &str, column: &Ident) -> bool {
    tokens(message).any(|token| token.can_be_name() && *column == *token.unquoted())
}

/// What the way up drops, and what it makes the same.
fn lost(plan: &Plan) -> Vec<String> {
    let dropped = plan.obstacles.iter().filter_map(|obstacle| match obstacle {
        plan::Obstacle::Destructive { what } => Some(what),
        _ => None,
    });
    dropped.chain(&plan.forgets).cloned().collect()
}

fn unproven(what: &str) -> Error {
    Error::new(
        ErrorKind::Migration,
        format!("the migration could not be proven on a scratch database: {what}"),
    )
    .help("nothing was written; write this one by hand with `planctl migrate new`")
}

fn still_differs(direction: &str, left: &[Change]) -> Error {
    let mut error = unproven(&format!("after the {direction} script the schemas still differ"));
    for change in left.iter().take(5) {
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
