//! What migrations would take along that no migration made: a column that somebody added by hand, with its values, an index,
//! a trigger. A migration that builds a table anew copies what its author knew of.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::contract::loss::refusal_of_up;
use super::{Clean, Engine, Glance, History, Loss, LossKind, Lost, OnLoss, Run, UpOptions, plan_up, scratch};
use crate::base::error::Result;
use crate::base::job::{Job, answer, answer_unlocked, failure};
use crate::migrations::{Migration, MigrationSet, Script, Version};
use crate::schema::{Ident, Schema, TableKind};

/// A schema by its fingerprint, and what is pending there.
type Key = (Vec<Version>, String);

/// What pending migrations take along from schemas that were looked at so far. Threads share it.
#[derive(Default, Debug)]
pub struct ByHand {
    known: Mutex<HashMap<Key, Arc<Vec<Lost>>>>,
}

/// Applies what is pending, unless that takes along what no migration made and nobody allowed it.
pub fn up(
    engine: &mut dyn Engine,
    by_hand: &ByHand,
    set: &MigrationSet,
    (options, on_loss): (&UpOptions<'_>, OnLoss),
    job: Job<'_>,
) -> Run {
    let lost = match by_hand.lost(engine, set, options, job) {
        Ok(lost) => lost,
        Err(error) => return Run { error: Some(error), ..Run::default() },
    };
    if lost.is_empty() || on_loss != OnLoss::Refuse {
        let mut run = engine.migrate_up(set, options, job);
        let is_done = |lost: &Lost| run.done.iter().any(|done| done.version == lost.version);
        run.lost = lost.into_iter().filter(is_done).collect();
        return run;
    }
    refused(lost, engine.history().ok().and_then(|history| history.newest()))
}

/// A run that did not begin since nobody allowed what it takes along from a database at version `newest`.
pub fn refused(lost: Vec<Lost>, newest: Option<Version>) -> Run {
    let error = Some(refusal_of_up(&lost));
    Run { error, lost, refused: true, before: newest, after: newest, ..Run::default() }
}

impl ByHand {
    /// What applying what is pending would take along that no migration made, values counted. What migrations make of an
    /// empty database is what they know of; where they do not run on one, nothing is known, and nothing is found.
    ///
    /// Has the engine look under its lock whether the schema is still the one that was looked at.
    ///
    /// # Errors
    /// Those of reading the database; `Interrupted`. What keeps anything from being planned is left to the run.
    pub fn lost(
        &self,
        engine: &mut dyn Engine,
        set: &MigrationSet,
        options: &UpOptions<'_>,
        job: Job<'_>,
    ) -> Result<Vec<Lost>> {
        let found = self.foreseen(engine, set, options, job)?;
        if found.is_empty() { Ok(Vec::new()) } else { engine.count_losses(found.as_ref().clone()) }
    }

    /// The same before values are counted.
    ///
    /// # Errors
    /// As [`ByHand::lost`].
    pub fn foreseen(
        &self,
        engine: &mut dyn Engine,
        set: &MigrationSet,
        options: &UpOptions<'_>,
        job: Job<'_>,
    ) -> Result<Arc<Vec<Lost>>> {
        let nothing = || Ok(Arc::default());
        let Some(Glance { history, .. }) = answer_unlocked(engine.glance(false))? else { return nothing() };
        let Some(plan) = answer(plan_up(set, &history, options.to))? else { return nothing() };
        if !plan.iter().any(|file| Script::read(&file.up).drops_table_or_view()) {
            return nothing();
        }
        if history.applied.is_empty() && engine.inspect()?.tables.is_empty() {
            return nothing();
        }
        let schema = engine.schema_fingerprint()?;
        let key = (plan.iter().map(|file| file.version).collect(), schema.clone());
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known().get(&key).cloned();
        let found = match found {
            Some(found) => found,
            None => {
                let found = foresee(engine, set, (&history, &plan), options, job)?;
                Arc::clone(known().entry(key).or_insert(Arc::new(found)))
            }
        };
        engine.require_clean(Clean { newest: history.newest(), schema });
        Ok(found)
    }
}

/// What [`ByHand::foreseen`] gives for this plan.
fn foresee(
    engine: &mut dyn Engine,
    set: &MigrationSet,
    (history, plan): (&History, &[&Migration]),
    options: &UpOptions<'_>,
    job: Job<'_>,
) -> Result<Vec<Lost>> {
    let quiet = job.quietly();
    let Some(mut copy) = answer_unlocked(engine.schema_copy())? else { return Ok(Vec::new()) };
    let options = UpOptions { backup: None, foresees: true, ..*options };
    // Where one fails, it fails on the database as well: what was found before it counts.
    let Run { mut lost, error, .. } = copy.migrate_up(set, &options, quiet);
    failure(error)?;
    let (before, after) = (engine.inspect()?, copy.inspect()?);
    let made = Known::of(&after);
    for lost in &mut lost {
        // A table that goes for good goes with all that is on it: its rows are as much as that.
        let rows = lost.losses.iter().filter(|loss| loss.kind == LossKind::Rows);
        let dropped: BTreeSet<Ident> = rows.map(|loss| loss.table.clone()).collect();
        let is_there = |table: &Ident| after.tables.contains_key(table) || after.views.contains_key(table);
        let goes_for_good =
            |table: &Ident| (dropped.contains(table) || before.views.contains_key(table)) && !is_there(table);
        // One that is made anew without its rows should still have its columns.
        for table in dropped.iter().filter_map(|name| before.tables.get(name).zip(after.tables.get(name))) {
            let (before, after) = table;
            let gone = before.columns.iter().filter(|c| after.columns.iter().all(|a| a.name != c.name));
            lost.losses.extend(gone.map(|column| Loss {
                kind: LossKind::Values,
                table: before.name.clone(),
                column: Some(column.name.clone()),
                object: None,
                count: None,
            }));
        }
        lost.losses.retain_mut(|loss| match loss.kind {
            // Empty or not, whoever added it counts on it.
            LossKind::Values => {
                loss.kind = LossKind::Column;
                true
            }
            LossKind::Index | LossKind::Trigger => !made.has(loss) && !goes_for_good(&loss.table),
            _ => false,
        });
    }
    lost.retain(|lost| !lost.is_harmless());
    if lost.is_empty() {
        return Ok(lost);
    }
    // What the migrations know of: all that was there before the one in question, where they run on an empty database.
    let mut shadow = scratch(quiet)?;
    let mut known = Known::default();
    let mut to = history.newest();
    for file in plan {
        if let Some(to) = to {
            let options = UpOptions { to: Some(to), ..UpOptions::of(options.run_id) };
            if failure(shadow.migrate_up(set, &options, quiet).error)?.is_some() {
                return Ok(Vec::new());
            }
        }
        known.add(&shadow.inspect()?);
        if let Some(lost) = lost.iter_mut().find(|lost| lost.version == file.version) {
            lost.losses.retain(|loss| !known.has(loss));
        }
        to = Some(file.version);
    }
    lost.retain(|lost| !lost.is_harmless());
    Ok(lost)
}

/// Columns, indexes and triggers that some schema has.
#[derive(Default)]
struct Known {
    columns: BTreeSet<(Ident, Ident)>,
    objects: BTreeSet<Ident>,
    /// Tables whose columns are not known: nobody adds one to a virtual table.
    opaque: BTreeSet<Ident>,
}

impl Known {
    fn of(schema: &Schema) -> Known {
        let mut known = Known::default();
        known.add(schema);
        known
    }

    fn add(&mut self, schema: &Schema) {
        for table in schema.tables.values() {
            let columns = table.columns.iter().map(|column| (table.name.clone(), column.name.clone()));
            self.columns.extend(columns);
            self.objects.extend(table.indexes.keys().cloned());
            if table.kind != TableKind::Ordinary {
                self.opaque.insert(table.name.clone());
            }
        }
        self.objects.extend(schema.triggers.keys().cloned());
    }

    fn has(&self, loss: &Loss) -> bool {
        match (&loss.column, &loss.object) {
            (Some(column), _) => {
                self.opaque.contains(&loss.table)
                    || self.columns.contains(&(loss.table.clone(), column.clone()))
            }
            (None, Some(object)) => self.objects.contains(object),
            (None, None) => false,
        }
    }
}
