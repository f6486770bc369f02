//! Triggers that would fire while rows get a value: no row that there was is to be taken for a change of the
//! application's.

use std::collections::BTreeSet;

use super::step::{Action, Step};
use crate::schema::{ForeignKeyAction, Ident, Schema, Table, TriggerEvent};

/// The triggers of `schema` that the UPDATEs of `steps` could fire, whatever their WHEN says; where foreign keys are
/// enforced, on tables whose rows change with the value, too.
pub(super) fn triggers<'s>(
    schema: &Schema,
    steps: impl Iterator<Item = &'s Step>,
    enforces_keys: bool,
) -> BTreeSet<Ident> {
    let mut stirred: Vec<(&Ident, Vec<&Ident>)> = steps.filter_map(filled).collect();
    let mut seen = 0;
    while let Some((name, set)) = stirred.get(seen).filter(|_| enforces_keys) {
        seen += 1;
        let Some(table) = schema.tables.get(*name) else { continue };
        let next: Vec<_> = children(schema, table, set).filter(|child| !stirred.contains(child)).collect();
        stirred.extend(next);
    }
    let woken = schema.triggers.values().filter(|trigger| {
        let of_table = |(table, _): &&(&Ident, Vec<&Ident>)| **table == trigger.table;
        // Of one that could not be read nobody knows what fires it.
        stirred.iter().filter(of_table).any(|(_, set)| trigger.unread.is_some() || fires(&trigger.event, set))
    });
    woken.map(|trigger| trigger.name.clone()).collect()
}

/// Whether an UPDATE of these columns is the event.
fn fires(event: &TriggerEvent, set: &[&Ident]) -> bool {
    let TriggerEvent::Update(of) = event else { return false };
    of.is_empty() || of.iter().any(|column| set.contains(&column))
}

/// The column that an UPDATE of the step sets.
fn filled(step: &Step) -> Option<(&Ident, Vec<&Ident>)> {
    match &step.action {
        Action::AddColumn { table, column, fill: Some(_), .. }
        | Action::AlterNotNull { table, column, fill: Some(_), .. } => Some((table, vec![column])),
        _ => None,
    }
}

/// The columns that foreign keys set when those of `table` in `set`, or what is computed of them, change.
fn children<'s>(
    schema: &'s Schema,
    table: &'s Table,
    set: &[&Ident],
) -> impl Iterator<Item = (&'s Ident, Vec<&'s Ident>)> {
    let changes = |column: &Ident| {
        set.contains(&column) || table.column(column).is_some_and(|column| column.generated.is_some())
    };
    let of = schema.tables.values().flat_map(|child| child.foreign_keys.iter().map(move |key| (child, key)));
    of.filter(move |(_, key)| {
        let passes_on = !matches!(key.on_update, ForeignKeyAction::NoAction | ForeignKeyAction::Restrict);
        passes_on && key.parent == table.name && schema.parent_columns(key).iter().any(changes)
    })
    .map(|(child, key)| (&child.name, key.columns.iter().collect()))
}
