//! A goal that leaves alone what the ledger excuses.

use std::collections::{BTreeMap, BTreeSet};

use super::constraints;
use super::constraints::{Edit, end_of_body};
use crate::base::error::{Advice, ByHand, Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::ddl;
use crate::diff::{Change, Difference, Element, ObjectKind, ObjectName, diff};
use crate::engine;
use crate::plan;
use crate::schema::{Ident, Schema, Table};

/// `goal` with what `live` has wherever a difference is excused: `excused` are places in `changes`.
///
/// # Errors
/// `Migration` when a table has to change and what is excused in it cannot be told apart from the rest.
pub(crate) fn kept(
    mut goal: Schema,
    live: &Schema,
    changes: &[Change],
    excused: &BTreeSet<usize>,
    job: Job<'_>,
) -> Result<Schema> {
    let of = |wanted: bool| {
        let these = changes.iter().enumerate().filter(move |(at, _)| excused.contains(at) == wanted);
        these.map(|(_, change)| change).collect::<Vec<&Change>>()
    };
    let (excused, open) = (of(true), of(false));
    if excused.is_empty() {
        return Ok(goal);
    }
    for change in &excused {
        leave(&mut goal, live, change);
    }
    let inside = |change: &&Change| {
        !matches!(change.object.kind, ObjectKind::Index | ObjectKind::View | ObjectKind::Trigger)
            && !matches!(change.difference, Difference::MissingTable | Difference::ExtraTable)
    };
    let mut tables: Vec<&Ident> =
        excused.iter().copied().filter(inside).filter_map(|c| c.object.table.as_ref()).collect();
    tables.sort();
    tables.dedup();
    for name in tables {
        let of_table = |change: &&Change| change.object.table.as_ref() == Some(name) && inside(change);
        let (Some(old), Some(there)) = (goal.tables.get(name), live.tables.get(name)) else { continue };
        let table = if open.iter().copied().any(|change| of_table(&change)) {
            patched(old, there, excused.iter().copied().filter(of_table))?
        } else {
            Table { indexes: old.indexes.clone(), ..there.clone() }
        };
        goal.tables.insert(name.clone(), table);
    }
    // Nothing but what is excused may have been let off.
    let spec_database = engine::spec_database(&SourceFile::new("(the goal)", plan::script(&goal)), job)?;
    let left = diff(&goal, live, &mut *spec_database.equivalence())?;
    let is_left =
        |change: &Change| left.iter().any(|l| l.difference == change.difference && l.object == change.object);
    match open.iter().find(|change| !is_left(change)) {
        None if left.len() == open.len() => Ok(goal),
        lost => {
            let table = lost.or(excused.first()).and_then(|change| change.object.table.as_ref());
            let name = table.map_or_else(String::new, |name| name.shown());
            let message =
                format!("what the ledger excuses in {name} cannot be told apart from what has to change");
            Err(Error::new(ErrorKind::Migration, message).help(Advice::BY_HAND))
        }
    }
}

/// Leaves what is an object or a setting of its own as it is.
fn leave(goal: &mut Schema, live: &Schema, change: &Change) {
    let Some(table) = &change.object.table else {
        if let ObjectName::Own(own) = &change.object.name {
            goal.pragmas.values.retain(|name, _| *own != **name);
        }
        return;
    };
    let name = match &change.object.name {
        ObjectName::Own(name) => name,
        _ => table,
    };
    match (change.object.kind, change.difference) {
        (ObjectKind::Index, _) => {
            let there = live.tables.get(table).and_then(|table| table.indexes.get(name));
            if let Some(of) = goal.tables.get_mut(table) {
                put(&mut of.indexes, name, there);
            }
        }
        (ObjectKind::View, _) => put(&mut goal.views, name, live.views.get(name)),
        (ObjectKind::Trigger, _) => put(&mut goal.triggers, name, live.triggers.get(name)),
        (_, Difference::MissingTable | Difference::ExtraTable) => {
            put(&mut goal.tables, table, live.tables.get(table));
            if live.tables.contains_key(table) {
                let triggers = live.triggers.iter().filter(|(_, trigger)| trigger.table == *table);
                goal.triggers.extend(triggers.map(|(name, trigger)| (name.clone(), trigger.clone())));
            } else {
                goal.triggers.retain(|_, trigger| trigger.table != *table);
            }
        }
        _ => {}
    }
}

fn put<T: Clone>(objects: &mut BTreeMap<Ident, T>, name: &Ident, there: Option<&T>) {
    match there {
        Some(object) => objects.insert(name.clone(), object.clone()),
        None => objects.remove(name),
    };
}

/// The goal's table with the live one's words for what is excused.
fn patched<'a>(goal: &Table, live: &Table, excused: impl Iterator<Item = &'a Change>) -> Result<Table> {
    // From the end to the beginning, so that offsets stay true.
    let mut edits: Vec<Edit> = Vec::new();
    for change in excused {
        let found = edit(goal, live, change).map(|edit| vec![edit]);
        let found = found.or_else(|| constraints::edits(goal, live, change));
        for edit in found.ok_or_else(|| inseparable(goal, change))? {
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.0));
    let mut text = goal.sql.clone();
    let mut limit = text.len();
    for (start, end, with) in edits {
        if end > limit || text.get(start..end).is_none() {
            let message = format!("the ledger's entries on {} overlap", goal.name.shown());
            return Err(Error::new(ErrorKind::Migration, message).help(Advice::BY_HAND));
        }
        text.replace_range(start..end, &with);
        limit = start;
    }
    let read = ddl::create_table(&text).map_err(|unread| {
        let reason = unread.reason(&text);
        Error::new(ErrorKind::Migration, format!("{} with its deviations cannot be read {reason}", goal.name))
    })?;
    Ok(Table { indexes: goal.indexes.clone(), name: goal.name.clone(), ..read })
}

/// Which bytes of the goal's statement are replaced by what.
fn edit(goal: &Table, live: &Table, change: &Change) -> Option<Edit> {
    let column = match &change.object.name {
        ObjectName::Columns(names) => names.first(),
        _ => None,
    };
    match change.difference {
        Difference::ColumnDefault if live.column(column?)?.default.is_some() => {
            let (wanted, there) = (goal.column(column?)?, live.column(column?)?);
            let text = &there.default.as_ref()?.text;
            Some(match &wanted.default {
                Some(default) => (default.start, default.start + default.text.len(), text.clone()),
                None => (wanted.end, wanted.end, format!(" DEFAULT {text}")),
            })
        }
        Difference::ColumnDefault
        | Difference::ColumnNullability
        | Difference::ColumnType
        | Difference::ColumnCollation
        | Difference::ColumnGenerated => {
            let (wanted, there) = (goal.column(column?)?, live.column(column?)?);
            Some((wanted.start, wanted.end, live.sql.get(there.start..there.end)?.to_owned()))
        }
        Difference::ExtraColumn => {
            let there = live.column(column?)?;
            let at = goal.columns.last()?.end;
            Some((at, at, format!(",\n    {}", live.sql.get(there.start..there.end)?)))
        }
        Difference::MissingColumn => {
            let at = goal.columns.iter().position(|c| Some(&c.name) == column)?;
            let wanted = goal.columns.get(at)?;
            match (goal.columns.get(at + 1), at.checked_sub(1).and_then(|before| goal.columns.get(before))) {
                (Some(next), _) => Some((wanted.start, next.start, String::new())),
                (None, Some(before)) => Some((before.end, wanted.end, String::new())),
                (None, None) => None,
            }
        }
        Difference::MissingCheck => {
            let Element::Check(i) = change.element else { return None };
            let wanted = goal.checks.get(i)?;
            let there = live.checks.get(change.nth_actual?)?;
            let start = wanted.expr.start;
            Some((start, start + wanted.expr.text.len(), there.expr.text.clone()))
        }
        Difference::ExtraCheck => {
            let there = live.checks.get(change.nth_actual?)?;
            let name =
                there.name.as_ref().map_or(String::new(), |name| format!("CONSTRAINT {} ", name.shown()));
            let at = end_of_body(&goal.sql)?;
            Some((at, at, format!(",\n    {name}CHECK ({}\n    )\n", there.expr.text)))
        }
        _ => None,
    }
}

fn inseparable(table: &Table, change: &Change) -> Error {
    let name = table.name.shown();
    let kind = change.object.kind.as_str();
    Error::new(
        ErrorKind::Migration,
        format!("{name} has to change, and keeping its {kind} as the ledger excuses it is more than planctl can do"),
    )
    .help(Advice::WriteByHand {
        what: ByHand::Migration,
        first: None,
        or: Some("take the entry out of the ledger"),
    })
}
