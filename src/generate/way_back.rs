//! What is particular to going back: data that is gone stays gone, and the script says so.

use std::collections::{BTreeMap, BTreeSet};

use super::proof::Pairs;
use crate::base::error::Result;
use crate::engine::{Fault, Rehearsal};
use crate::plan::{Action, Fills, Hazard, Step, Vacancy};
use crate::schema::{Ident, Schema};

/// What rows are given on the way back in columns whose values are lost.
#[derive(Clone, Default)]
pub(crate) struct MadeUp {
    /// Where a new row would not get it by itself.
    pub(crate) fills: Fills,
    /// Tables that no value was found for, with the columns that need one: their rows stop the way back.
    pub(crate) missing: BTreeMap<Ident, BTreeSet<Ident>>,
}

impl MadeUp {
    /// Finds the values by trying them on the rows of the rehearsal before anything changes; `others` gives one with rows
    /// that need not fit the goal, for tables of which the first has none.
    pub(crate) fn find(
        pairs: &Pairs<'_>,
        rehearsal: &mut dyn Rehearsal,
        others: impl Fn() -> Result<Box<dyn Rehearsal>>,
    ) -> Result<MadeUp> {
        let mut made_up = MadeUp::default();
        let mut other: Option<Box<dyn Rehearsal>> = None;
        for pair in &pairs.kept {
            let table = pair.from;
            let lost: BTreeSet<Ident> = pair.lost.iter().map(|column| column.name.clone()).collect();
            let vacant: Vec<Vacancy> =
                pair.lost.iter().filter_map(|column| Vacancy::of(table, column, &lost)).collect();
            if vacant.is_empty() {
                continue;
            }
            let mut found = rehearsal.values_for_all(table, &vacant)?;
            if found.is_none() {
                let other = match &mut other {
                    Some(other) => other,
                    None => other.insert(others()?),
                };
                found = other.values_for_all(table, &vacant)?;
            }
            match found.or_else(|| unchecked(&vacant)) {
                Some(values) => made_up.fills.extend(
                    vacant
                        .into_iter()
                        .zip(values)
                        .filter(|(vacancy, value)| vacancy.by_itself.as_ref() != Some(value))
                        .map(|(vacancy, value)| ((table.name.clone(), vacancy.column), value)),
                ),
                None => {
                    // A key has no value to try; where there is none, it may be any of them.
                    let is_key =
                        |vacancy: &Vacancy| vacancy.by_itself.is_none() && vacancy.candidates.is_empty();
                    let any = !vacant.iter().any(is_key);
                    let blamed = vacant.into_iter().filter(|vacancy| any || is_key(vacancy));
                    let columns = blamed.map(|vacancy| vacancy.column).collect();
                    made_up.missing.insert(table.name.clone(), columns);
                }
            }
        }
        Ok(made_up)
    }
}

/// The plainest values, where nothing but their type has a say.
fn unchecked(vacant: &[Vacancy]) -> Option<Vec<String>> {
    vacant.iter().map(|vacancy| vacancy.candidates.first().filter(|_| !vacancy.checked).cloned()).collect()
}

/// Says in each step which values it makes up.
pub(crate) fn tell(steps: &mut [Step], fills: &Fills) {
    for step in steps {
        let Action::Rebuild(rebuild) = &step.action else { continue };
        let made_up = fills.iter().filter(|((table, _), _)| *table == rebuild.table);
        step.hazards.extend(made_up.map(|((table, column), value)| Hazard::MakesUp {
            table: table.clone(),
            column: column.clone(),
            value: value.clone(),
        }));
    }
}

/// Says where it matters that the script only works while a table is empty, which is called `here` before the first step
/// and `then` once names have changed.
pub(crate) fn only_without_rows(steps: &mut [Step], here: &Ident, then: &Ident) {
    let hazard = Hazard::StopsAtAll { table: here.clone() };
    let about = |step: &&mut Step| match &step.action {
        Action::Rebuild(rebuild) => rebuild.table == *then,
        Action::AddColumn { table, .. } => table == then,
        _ => false,
    };
    if let Some(step) = steps.iter_mut().find(about) {
        step.hazards.push(hazard);
    } else if let Some(step) = steps.first_mut() {
        step.hazards.push(hazard);
    }
}

/// The table whose rows stopped a step of the way to `goal`, as `goal` calls it.
pub(crate) fn table_that_stopped(step: Option<&Step>, fault: &Fault, goal: &Schema) -> Option<Ident> {
    if !fault.is_about_rows() {
        return None;
    }
    match &step?.action {
        Action::Rebuild(rebuild) => Some(rebuild.table.clone()),
        Action::AddColumn { table, .. }
        | Action::AlterNotNull { table, .. }
        | Action::AddCheck { table, .. } => Some(table.clone()),
        Action::Create { name, .. } => {
            let table = goal.tables.values().find(|table| table.indexes.contains_key(name))?;
            Some(table.name.clone())
        }
        _ => None,
    }
}
