//! What has to be there before what.

use std::collections::{BTreeMap, BTreeSet};

use super::text::names_in;
use crate::schema::{Ident, Schema, Table, TableKind};
use crate::sql::tokens;

/// The tables among `names` in the order of their foreign keys, parents first. Circles are entered by name: with
/// foreign keys off, the order is one of reading only.
pub(super) fn tables<'a>(schema: &'a Schema, names: &BTreeSet<Ident>) -> Vec<&'a Table> {
    let (mut seen, mut out) = (BTreeSet::new(), Vec::new());
    for name in names {
        // A table, and how many of its keys were followed. Keys may lead from table to table for as long as one likes, so
        // that the way is kept here and not on the stack.
        let mut way: Vec<(&Table, usize)> = Vec::new();
        let mut next = Some(name);
        loop {
            if let Some(table) = next.and_then(|name| schema.tables.get(name))
                && seen.insert(&table.name)
            {
                way.push((table, 0));
            }
            let Some((table, followed)) = way.last_mut() else { break };
            next = table.foreign_keys.get(*followed).map(|key| &key.parent);
            *followed += 1;
            if next.is_none() {
                if names.contains(&table.name) {
                    out.push(*table);
                }
                way.pop();
            }
        }
    }
    // A virtual table may index the content of an ordinary one.
    out.sort_by_key(|table| table.is_virtual());
    out
}

/// Whether a virtual table has a view for its content: it can neither be made nor dropped without it.
pub(super) fn reads_a_view(schema: &Schema, table: &Table) -> bool {
    let TableKind::Virtual { arguments, .. } = &table.kind else { return false };
    // The name may stand in quotes of any kind.
    let named = arguments.iter().flat_map(|argument| tokens(argument)).filter(|token| token.can_be_name());
    !schema.views.is_empty()
        && named.into_iter().any(|token| schema.views.contains_key(&Ident::from(token.unquoted())))
}

/// The views that virtual tables have for their content, with those that they read in turn.
pub(super) fn content_views(schema: &Schema) -> BTreeSet<Ident> {
    let over_views = schema.tables.values().filter(|table| reads_a_view(schema, table));
    let mut new: Vec<&str> = over_views.map(|table| table.sql.as_str()).collect();
    let mut found = BTreeSet::new();
    while let Some(text) = new.pop() {
        for token in tokens(text).filter(|token| token.can_be_name()) {
            if let Some(view) = schema.views.get(&Ident::from(token.unquoted()))
                && found.insert(view.name.clone())
            {
                new.push(&view.select.text);
            }
        }
    }
    found
}

/// The views among `names`, those that others read first.
pub(super) fn views(schema: &Schema, names: &BTreeSet<Ident>) -> Vec<Ident> {
    // By view, what it reads and is not out yet; and the other way round.
    let mut waits_for: BTreeMap<&Ident, BTreeSet<&Ident>> = BTreeMap::new();
    let mut readers: BTreeMap<&Ident, Vec<&Ident>> = BTreeMap::new();
    for name in names {
        let text = schema.views.get(name).map_or("", |view| view.sql.as_str());
        let read = names_in(text).filter_map(|read| names.get(&read)).filter(|read| *read != name);
        let read: BTreeSet<&Ident> = read.collect();
        read.iter().for_each(|read| readers.entry(read).or_default().push(name));
        waits_for.insert(name, read);
    }
    let mut out = Vec::with_capacity(names.len());
    let mut ready: BTreeSet<&Ident> =
        waits_for.iter().filter(|(_, read)| read.is_empty()).map(|(name, _)| *name).collect();
    while !ready.is_empty() {
        let mut next = BTreeSet::new();
        for name in ready {
            waits_for.remove(name);
            out.push(name.clone());
            for reader in readers.get(name).into_iter().flatten().copied() {
                let Some(read) = waits_for.get_mut(reader) else { continue };
                read.remove(name);
                if read.is_empty() {
                    next.insert(reader);
                }
            }
        }
        ready = next;
    }
    // Names that are columns as well can look like a circle; SQLite does not mind the order.
    out.extend(waits_for.into_keys().cloned());
    out
}

/// The views and triggers that cannot stay while the tables `gone` are not there: SQLite looks at all of them when a
/// table is renamed or a column is dropped.
pub(super) fn dependents(
    schema: &Schema,
    gone: &BTreeSet<Ident>,
    dropped_views: &BTreeSet<Ident>,
) -> (BTreeSet<Ident>, BTreeSet<Ident>) {
    // By name, the views that mention it.
    let mut readers: BTreeMap<Ident, Vec<&Ident>> = BTreeMap::new();
    for view in schema.views.values() {
        for name in names_in(&view.sql) {
            readers.entry(name).or_default().push(&view.name);
        }
    }
    let mut names: BTreeSet<Ident> = gone.union(dropped_views).cloned().collect();
    let mut views = dropped_views.clone();
    let mut new: Vec<Ident> = names.iter().cloned().collect();
    while let Some(name) = new.pop() {
        for reader in readers.get(&name).into_iter().flatten() {
            if views.insert(Ident::clone(reader)) {
                names.insert(Ident::clone(reader));
                new.push(Ident::clone(reader));
            }
        }
    }
    let triggers = schema.triggers.values().filter(|trigger| {
        // It goes with its table.
        let goes = |name: &Ident| names.contains(name) && !(gone.contains(name) && *name == trigger.table);
        !views.contains(&trigger.table) && names_in(&trigger.sql).any(|name| goes(&name))
    });
    let triggers = triggers.map(|trigger| trigger.name.clone()).collect();
    (views, triggers)
}
