//! What has to be there before what.

use std::collections::BTreeSet;

use super::text::mentions;
use crate::schema::{Ident, Schema, Table};

/// The tables among `names` in the order of their foreign keys, parents first. Circles are entered by name: with
/// foreign keys off, the order is one of reading only.
pub(super) fn tables<'a>(schema: &'a Schema, names: &BTreeSet<Ident>) -> Vec<&'a Table> {
    fn visit<'a>(
        schema: &'a Schema,
        name: &Ident,
        names: &BTreeSet<Ident>,
        seen: &mut BTreeSet<Ident>,
        out: &mut Vec<&'a Table>,
    ) {
        let Some(table) = schema.tables.get(name) else { return };
        // A virtual table may index the content of an ordinary one.
        if !seen.insert(name.clone()) {
            return;
        }
        for key in &table.foreign_keys {
            visit(schema, &key.parent, names, seen, out);
        }
        if names.contains(name) {
            out.push(table);
        }
    }
    let (mut seen, mut out) = (BTreeSet::new(), Vec::new());
    for name in names {
        visit(schema, name, names, &mut seen, &mut out);
    }
    out.sort_by_key(|table| table.is_virtual());
    out
}

/// The views among `names`, those that others read first.
pub(super) fn views(schema: &Schema, names: &BTreeSet<Ident>) -> Vec<Ident> {
    let mut left: Vec<&Ident> = names.iter().collect();
    let mut out = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waiting: BTreeSet<Ident> = left.iter().map(|name| (*name).clone()).collect();
        let (ready, rest): (Vec<&Ident>, Vec<&Ident>) = left.into_iter().partition(|name| {
            let mut others = waiting.clone();
            others.remove(*name);
            schema.views.get(*name).is_none_or(|view| !mentions(&view.sql, &others))
        });
        if ready.is_empty() {
            // Names that are columns as well can look like a circle; SQLite does not mind the order.
            out.extend(rest.into_iter().cloned());
            break;
        }
        out.extend(ready.into_iter().cloned());
        left = rest;
    }
    out
}

/// The views and triggers that cannot stay while the tables `gone` are not there: SQLite looks at all of them when a
/// table is renamed or a column is dropped.
pub(super) fn dependents(
    schema: &Schema,
    gone: &BTreeSet<Ident>,
    dropped_views: &BTreeSet<Ident>,
) -> (BTreeSet<Ident>, BTreeSet<Ident>) {
    let mut names = gone.clone();
    names.extend(dropped_views.iter().cloned());
    let mut views = dropped_views.clone();
    loop {
        let more: Vec<Ident> = schema
            .views
            .values()
            .filter(|view| !views.contains(&view.name) && mentions(&view.sql, &names))
            .map(|view| view.name.clone())
            .collect();
        if more.is_empty() {
            break;
        }
        names.extend(more.iter().cloned());
        views.extend(more);
    }
    let triggers = schema.triggers.values().filter(|trigger| {
        let mut others = names.clone();
        if gone.contains(&trigger.table) {
            // It goes with its table.
            others.remove(&trigger.table);
        }
        !views.contains(&trigger.table) && mentions(&trigger.sql, &others)
    });
    let triggers = triggers.map(|trigger| trigger.name.clone()).collect();
    (views, triggers)
}
