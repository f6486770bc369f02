//! What became of the rows.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Names;
use super::pair::Way;
use super::unproven::unproven;
use crate::base::error::Result;
use crate::base::words::thousands;
use crate::engine::{Rehearsal, Renaming, SeedPair, StoredRow};
use crate::plan::{Action, Copied, Loss, Plan, carried, changes_values};
use crate::schema::{Column, Ident, Schema, Table};

/// A table before and after.
pub(crate) struct Pair<'a> {
    pub(crate) from: &'a Table,
    pub(crate) goal: &'a Table,
    /// Ordinary columns that both have.
    columns: Vec<(&'a Column, &'a Column)>,
    /// Columns that are computed before, and ordinary ones after: what was computed stays.
    computed: Vec<(&'a Column, &'a Column)>,
    /// Ordinary columns that only the first has.
    pub(crate) lost: Vec<&'a Column>,
    copy: Option<Vec<Copied>>,
    /// Columns of `goal` that get a value where there was NULL.
    filled: BTreeSet<Ident>,
    /// Columns of `from` that have other names by the time the rows are copied.
    called: Vec<(Ident, Ident)>,
    /// Whether rows keep their rowid.
    keeps_rowid: bool,
}

/// The tables that both sides have, and those that only the first has.
pub(crate) struct Pairs<'a> {
    pub(crate) kept: Vec<Pair<'a>>,
    gone: Vec<&'a Table>,
    /// Full-text tables with rows of their own, and the columns that both sides have.
    texts: Vec<(&'a Table, &'a Table, Vec<Ident>)>,
}

/// What becomes of each table of `from`; where `plan` has no step for one, the columns that both sides have stay.
pub(crate) fn pairs<'a>(
    renamings: &[Renaming],
    from: &'a Schema,
    goal: &'a Schema,
    plan: &Plan,
) -> Pairs<'a> {
    let mut pairs = Pairs { kept: Vec::new(), gone: Vec::new(), texts: Vec::new() };
    for table in from.tables.values() {
        let of_table = renamings.iter().filter(|r| r.table == table.name);
        let name = of_table.clone().find(|r| r.column.is_none()).map_or(&table.name, |r| &r.to);
        let there = goal.tables.get(name);
        pairs.texts.extend(there.and_then(|there| Some((table, there, carried(table, there)?))));
        if table.is_virtual() || table.unread.is_some() {
            continue;
        }
        let there = there.filter(|there| !there.is_virtual() && there.unread.is_none());
        let Some(there) = there else {
            pairs.gone.push(table);
            continue;
        };
        let (mut columns, mut computed, mut lost) = (Vec::new(), Vec::new(), Vec::new());
        for column in &table.columns {
            let renamed = of_table.clone().find(|r| r.column.as_ref() == Some(&column.name));
            let to = there.column(renamed.map_or(&column.name, |r| &r.to));
            match (to, &column.generated) {
                (Some(to), None) if to.generated.is_none() => columns.push((column, to)),
                (Some(to), Some(_)) if to.generated.is_none() => computed.push((column, to)),
                (None, None) => lost.push(column),
                (Some(_), _) | (None, Some(_)) => {}
            }
        }
        let copy = plan.steps.iter().find_map(|step| match &step.action {
            Action::Rebuild(rebuild) if rebuild.table == there.name => Some(rebuild.copy.clone()),
            _ => None,
        });
        let copy = copy.or_else(|| filled_in_place(table, there, &columns, plan));
        let (old, new) = (table.rowid_alias(), there.rowid_alias());
        let keeps_rowid = !table.without_rowid
            && !there.without_rowid
            && new.is_none_or(|new| {
                let before = columns.iter().find(|(_, to)| to.name == new.name);
                before.is_none_or(|(before, _)| old.is_some_and(|old| old.name == before.name))
            });
        let filled = plan.losses().filter_map(|loss| match loss {
            Loss::Nulls { table, column } if *table == there.name => Some(column.clone()),
            _ => None,
        });
        let filled = filled.collect();
        let called = of_table.filter_map(|r| Some((r.column.clone()?, r.to.clone()))).collect();
        let (from, goal) = (table, there);
        pairs.kept.push(Pair { from, goal, columns, computed, lost, copy, filled, called, keeps_rowid });
    }
    pairs
}

/// The same, where some of the names only change when the rows are copied.
pub(crate) fn pairs_of<'a>(names: &Names, from: &'a Schema, goal: &'a Schema, plan: &Plan) -> Pairs<'a> {
    let mut pairs = pairs(&names.all(), from, goal, plan);
    for pair in &mut pairs.kept {
        let late = |name: &Ident| {
            names.carried.iter().any(|r| r.table == pair.from.name && r.column.as_ref() == Some(name))
        };
        pair.called.retain(|(name, _)| !late(name));
    }
    pairs
}

/// What becomes of the rows of a table that is altered in place, where that gives them values.
fn filled_in_place(
    table: &Table,
    there: &Table,
    columns: &[(&Column, &Column)],
    plan: &Plan,
) -> Option<Vec<Copied>> {
    let fills: Vec<(&Ident, &String, bool)> = plan
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::AddColumn { table, column, fill: Some(fill), .. } if *table == there.name => {
                Some((column, &fill.value, false))
            }
            Action::AlterNotNull { table, column, fill: Some(fill), .. } if *table == there.name => {
                Some((column, &fill.value, true))
            }
            _ => None,
        })
        .collect();
    if fills.is_empty() {
        return None;
    }
    let shown = |column: &Column| column.name.shown();
    let value_of = |column: &Column| fills.iter().find(|(name, _, _)| **name == column.name);
    let kept = columns.iter().map(|(_, to)| Copied {
        column: shown(to),
        value: value_of(to).map_or(shown(to), |(_, value, _)| format!("coalesce({}, {value})", shown(to))),
    });
    let new = there.columns.iter().filter_map(|column| {
        let (_, value, _) = value_of(column).filter(|(_, _, is_there)| !is_there)?;
        Some(Copied { column: shown(column), value: (*value).clone() })
    });
    let rowid =
        table.rowid_name_beside(there).filter(|_| !there.without_rowid && there.rowid_alias().is_none());
    let rowid = rowid.map(|name| Copied { column: name.to_owned(), value: name.to_owned() });
    Some(kept.chain(new).chain(rowid).collect())
}

/// What is to be seeded.
pub(crate) fn seeds<'a>(pairs: &Pairs<'a>) -> Vec<SeedPair<'a>> {
    let kept = pairs.kept.iter().map(|pair| SeedPair {
        from: pair.from,
        goal: Some(pair.goal),
        columns: pair
            .columns
            .iter()
            .chain(&pair.computed)
            .map(|(a, b)| (a.name.clone(), b.name.clone()))
            .collect(),
        copy: pair.copy.clone(),
        called: pair.called.clone(),
    });
    let gone = pairs.gone.iter().map(|table| {
        let (columns, called) = Default::default();
        SeedPair { from: table, goal: None, columns, copy: None, called }
    });
    kept.chain(gone).collect()
}

/// The settings of `schema` that `like` states.
pub(crate) fn stated(schema: &Schema, like: &Schema) -> Schema {
    let mut schema = schema.clone();
    schema.pragmas.values.retain(|name, _| like.pragmas.values.contains_key(name));
    schema
}

/// The rows of all pairs at one moment.
pub(crate) struct Snapshot<'p> {
    pairs: &'p Pairs<'p>,
    rows: Vec<Vec<StoredRow>>,
    /// Those of full-text tables.
    texts: Vec<Vec<StoredRow>>,
    counters: BTreeMap<Ident, i64>,
}

impl<'p> Snapshot<'p> {
    /// Before anything changes.
    pub(crate) fn before(rehearsal: &mut dyn Rehearsal, pairs: &'p Pairs<'p>) -> Result<Snapshot<'p>> {
        Snapshot::take(rehearsal, pairs, Way::Down)
    }

    /// Where `way` ends.
    fn take(rehearsal: &mut dyn Rehearsal, pairs: &'p Pairs<'p>, way: Way) -> Result<Snapshot<'p>> {
        let mut rows = Vec::new();
        for pair in &pairs.kept {
            let (table, columns): (&Table, Vec<Ident>) = match way {
                Way::Down => (pair.from, pair.columns.iter().map(|(a, _)| a.name.clone()).collect()),
                Way::Up => (pair.goal, pair.columns.iter().map(|(_, b)| b.name.clone()).collect()),
            };
            rows.push(rehearsal.rows(table, &columns)?);
        }
        let mut texts = Vec::new();
        for (from, goal, columns) in &pairs.texts {
            let table = if way == Way::Up { goal } else { from };
            texts.push(rehearsal.rows(table, columns)?);
        }
        Ok(Snapshot { pairs, rows, texts, counters: rehearsal.counters()? })
    }

    /// Whether all rows are still what they were where `way` ends, except in tables that were emptied on purpose.
    ///
    /// # Errors
    /// What became of a row that should have stayed as it was.
    pub(crate) fn compare(
        &self,
        rehearsal: &mut dyn Rehearsal,
        way: Way,
        emptied: &BTreeSet<Ident>,
    ) -> Result<()> {
        let (pairs, later) = (self.pairs, Snapshot::take(rehearsal, self.pairs, way)?);
        let differs = |what: String| Err(unproven(way, &what));
        for ((before, after), (table, ..)) in self.texts.iter().zip(&later.texts).zip(&pairs.texts) {
            if before != after {
                let shown =
                    |rows: &[StoredRow]| rows.iter().map(StoredRow::to_string).collect::<Vec<_>>().join(", ");
                let (before, after) = (shown(before), shown(after));
                return differs(format!("the rows of {} were {before} and are {after}", table.name.shown()));
            }
        }
        for ((before, after), pair) in self.rows.iter().zip(&later.rows).zip(&pairs.kept) {
            let name = pair.from.name.shown();
            if emptied.contains(&pair.goal.name) {
                continue;
            }
            if before.len() != after.len() {
                return differs(format!(
                    "{name} had {} rows and has {}",
                    thousands(before.len()),
                    thousands(after.len())
                ));
            }
            let (before, after) = (pair.comparable(before), pair.comparable(after));
            for (old, new) in before.iter().zip(&after) {
                let same = old.values.iter().zip(&new.values).enumerate().all(|(i, (a, b))| {
                    a == b || (pair.keeps_rowid && (a == "NULL" || b == "NULL") && pair.fills(i))
                });
                if old.rowid != new.rowid || !same {
                    return differs(format!("a row of {name} was {old} and is {new}"));
                }
            }
            let counter = |snapshot: &Snapshot<'_>| {
                let of = |name: &Ident| snapshot.counters.get(name).copied();
                of(&pair.from.name).or_else(|| of(&pair.goal.name))
            };
            let counts = |table: &Table| table.primary_key.as_ref().is_some_and(|key| key.autoincrement);
            if counts(pair.from) && counts(pair.goal) && counter(self) != counter(&later) {
                return differs(format!("the AUTOINCREMENT counter of {name} changed"));
            }
        }
        Ok(())
    }
}

impl Pair<'_> {
    /// Whether NULLs of the n-th column get a value.
    fn fills(&self, i: usize) -> bool {
        self.columns.get(i).is_some_and(|(_, to)| self.filled.contains(&to.name))
    }

    /// The rows without what is meant to change: values that take on another type, and NULLs that get a value where no
    /// rowid says which row is which.
    fn comparable(&self, rows: &[StoredRow]) -> Vec<StoredRow> {
        let keeps = |i: usize| {
            self.columns.get(i).is_some_and(|(a, b)| {
                !changes_values((self.from, a), (self.goal, b))
                    && !changes_values((self.goal, b), (self.from, a))
                    && (self.keeps_rowid || !self.fills(i))
            })
        };
        let mut rows: Vec<StoredRow> = rows
            .iter()
            .map(|row| StoredRow {
                rowid: row.rowid.filter(|_| self.keeps_rowid),
                values: row
                    .values
                    .iter()
                    .enumerate()
                    .map(|(i, value)| if keeps(i) { value.clone() } else { String::new() })
                    .collect(),
            })
            .collect();
        rows.sort();
        rows
    }
}
