//! The entity-relationship diagram of a schema: which boxes and lines it has, where they stand, and the SVG of it.

mod distant;
mod layers;
mod layout;
mod order;
mod pack;
mod place;
mod shape;
mod svg;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::schema_page::{ColumnEntry, KeyKind, Reference, SchemaPage, TablePage};

pub(super) use svg::svg;

/// In a schema of up to this many tables, boxes also show columns that are part of no key.
pub(super) const SMALL: usize = 12;
/// So many columns, at most, unless there are more in keys.
const ROWS: usize = 10;

/// What a diagram shows.
pub(super) struct Diagram<'a> {
    /// The tables of the page in its order, then tables that are referenced and not there.
    pub(super) boxes: Vec<Box<'a>>,
    pub(super) lines: Vec<Line<'a>>,
}

/// A table.
pub(super) struct Box<'a> {
    pub(super) name: &'a str,
    pub(super) rows: Vec<Row<'a>>,
    /// How many of its columns are not shown.
    pub(super) more: usize,
    /// Whether it is a virtual table, which states no columns.
    pub(super) is_virtual: bool,
    /// Whether it is in the schema.
    pub(super) exists: bool,
}

/// A column.
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) declared_type: &'a str,
    pub(super) keys: &'a [KeyKind],
}

/// A foreign key.
pub(super) struct Line<'a> {
    pub(super) reference: &'a Reference,
    /// The number of the box and, where it is shown, of the first column.
    pub(super) child: (usize, Option<usize>),
    pub(super) parent: (usize, Option<usize>),
}

impl<'a> Diagram<'a> {
    /// The diagram of a page.
    pub(super) fn of(page: &'a SchemaPage) -> Diagram<'a> {
        let folded = |name: &str| name.to_ascii_lowercase();
        let mut referenced: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let references = || page.tables.iter().flat_map(|table| &table.references);
        for reference in references() {
            let columns = referenced.entry(folded(&reference.parent)).or_default();
            columns.extend(reference.parent_columns.iter().map(|column| folded(column)));
        }
        let small = page.tables.len() <= SMALL;
        let mut boxes: Vec<Box<'a>> = page
            .tables
            .iter()
            .map(|table| {
                let columns = referenced.get(&folded(&table.name));
                let is_referenced = |column: &ColumnEntry| {
                    columns.is_some_and(|columns| columns.contains(&folded(&column.name)))
                };
                Box::of(table, small, is_referenced)
            })
            .collect();
        let mut numbers: BTreeMap<String, usize> =
            boxes.iter().enumerate().map(|(number, table)| (folded(table.name), number)).collect();
        let mut lines = Vec::new();
        for reference in references() {
            let parent = *numbers.entry(folded(&reference.parent)).or_insert_with(|| {
                boxes.push(Box {
                    name: &reference.parent,
                    rows: Vec::new(),
                    more: 0,
                    is_virtual: false,
                    exists: false,
                });
                boxes.len() - 1
            });
            let Some(&child) = numbers.get(&folded(&reference.child)) else { continue };
            let end = |number: usize, columns: &[String]| {
                let row = columns.first().and_then(|column| {
                    let rows = &boxes.get(number)?.rows;
                    rows.iter().position(|row| row.name.eq_ignore_ascii_case(column))
                });
                (number, row)
            };
            lines.push(Line {
                reference,
                child: end(child, &reference.child_columns),
                parent: end(parent, &reference.parent_columns),
            });
        }
        Diagram { boxes, lines }
    }
}

impl<'a> Box<'a> {
    /// The columns of keys, and others as long as there is room, in the order of the table.
    fn of(table: &'a TablePage, small: bool, is_referenced: impl Fn(&ColumnEntry) -> bool) -> Box<'a> {
        let in_key = |column: &ColumnEntry| !column.keys.is_empty() || is_referenced(column);
        let keys = table.columns.iter().filter(|column| in_key(column)).count();
        let mut room = if small { ROWS.saturating_sub(keys) } else { 0 };
        let mut rows = Vec::new();
        for column in &table.columns {
            if !in_key(column) {
                if room == 0 {
                    continue;
                }
                room -= 1;
            }
            let ColumnEntry { name, declared_type, keys, .. } = column;
            rows.push(Row { name, declared_type, keys });
        }
        let more = table.columns.len() - rows.len();
        Box { name: &table.name, rows, more, is_virtual: table.module.is_some(), exists: true }
    }
}
