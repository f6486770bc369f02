//! Indexes made by CREATE INDEX. An index is known by its name: statements can say INDEXED BY and DROP INDEX.

use super::change::{Change, Element, ObjectKind, ObjectName, ObjectRef};
use super::context::Context;
use super::equivalence::{Compiled, first};
use super::note::Note;
use super::{describe, key};
use crate::base::error::Result;
use crate::base::rule::Difference;
use crate::schema::{Expr, Index, IndexKey, IndexTerm, Schema, Table};
use crate::sql::same_tokens;

pub(super) fn indexes(context: &mut Context<'_>, expected: &Table, actual: &Table) -> Result<()> {
    for index in expected.indexes.values() {
        let change = |difference| Change::new(difference, object(index), Element::Object);
        let Some(there) = actual.indexes.get(&index.name) else {
            // Where the other side has a UNIQUE constraint instead, that is told with the constraint.
            if key::stands_for((actual, expected), (expected, index)) {
                continue;
            }
            if let Some(moved) = elsewhere(context.actual, actual, index) {
                let (wanted, there) = (placed(index), placed(moved));
                context.push(change(Difference::IndexDefinition).expected(wanted).actual(there));
                continue;
            }
            let extra = actual.indexes.values().filter(|there| !expected.indexes.contains_key(&there.name));
            let twin = first(extra, |there| same(context, (expected, index), (actual, there)))?;
            let note = twin.map(|twin| Note::RenamedTo(twin.name.clone()));
            let change = change(Difference::MissingIndex).expected(describe::index(index));
            context.push(change.noted(note));
            continue;
        };
        if !same(context, (expected, index), (actual, there))? {
            let texts: Vec<Compiled<'_>> = expressions(index)
                .chain(expressions(there))
                .map(|text| Compiled::Expression(&expected.name, text))
                .collect();
            let note = context.quoting_note(&texts)?;
            let (wanted, there) = (describe::index(index), describe::index(there));
            context.push(change(Difference::IndexDefinition).expected(wanted).actual(there).noted(note));
        }
    }
    for index in actual.indexes.values().filter(|index| !expected.indexes.contains_key(&index.name)) {
        if key::stands_for((expected, actual), (actual, index))
            || elsewhere(context.expected, expected, index).is_some_and(|home| told_there(context, home))
        {
            continue;
        }
        let missing = expected.indexes.values().filter(|there| !actual.indexes.contains_key(&there.name));
        let twin = first(missing, |there| same(context, (expected, there), (actual, index)))?;
        let note = twin.map(|twin| Note::RenamedFrom(twin.name.clone()));
        let change = Change::new(Difference::ExtraIndex, object(index), Element::Nothing);
        context.push(change.actual(describe::index(index)).noted(note));
    }
    Ok(())
}

/// An index with its table.
pub(super) fn placed(index: &Index) -> String {
    format!("ON {} {}", index.table.shown(), describe::index(index))
}

/// The expressions of an index.
fn expressions(index: &Index) -> impl Iterator<Item = &str> {
    let keys = index.keys.iter().filter_map(|key| match &key.term {
        IndexTerm::Expr(expr) => Some(expr.text.as_str()),
        IndexTerm::Column(_) => None,
    });
    keys.chain(index.filter.iter().map(|filter| filter.text.as_str()))
}

/// The index of that name on another table.
fn elsewhere<'a>(schema: &'a Schema, table: &Table, index: &Index) -> Option<&'a Index> {
    let others = schema.tables.values().filter(|other| other.name != table.name);
    others.filter_map(|other| other.indexes.get(&index.name)).next()
}

/// Whether the comparison of an expected index finds that it stands on another table: its own is there to compare.
fn told_there(context: &Context<'_>, expected: &Index) -> bool {
    context.actual.tables.get(&expected.table).is_some_and(|table| !table.is_virtual())
}

fn object(index: &Index) -> ObjectRef {
    ObjectRef::part(&index.table, ObjectKind::Index, ObjectName::Own(index.name.clone()))
}

fn same(
    context: &mut Context<'_>,
    (expected_table, expected): (&Table, &Index),
    (actual_table, actual): (&Table, &Index),
) -> Result<bool> {
    if expected.sql == actual.sql {
        return Ok(true);
    }
    if expected.unread.is_some() || actual.unread.is_some() {
        return Ok(same_tokens(&expected.sql, &actual.sql));
    }
    if expected.unique != actual.unique || expected.keys.len() != actual.keys.len() {
        return Ok(false);
    }
    let mut same_expression = |wanted: &Expr, there: &Expr| {
        context.same_expression(&expected_table.name, &wanted.text, &there.text)
    };
    for (wanted, there) in expected.keys.iter().zip(&actual.keys) {
        let same_order = wanted.descending == there.descending
            && collation(expected_table, wanted) == collation(actual_table, there);
        let same_term = match (&wanted.term, &there.term) {
            (IndexTerm::Column(wanted), IndexTerm::Column(there)) => wanted == there,
            (IndexTerm::Expr(wanted), IndexTerm::Expr(there)) => {
                same_order && same_expression(wanted, there)?
            }
            _ => false,
        };
        if !same_order || !same_term {
            return Ok(false);
        }
    }
    match (&expected.filter, &actual.filter) {
        (None, None) => Ok(true),
        (Some(wanted), Some(there)) => same_expression(wanted, there),
        _ => Ok(false),
    }
}

/// What the index itself says of the collation; one that comes from the column is told with the column.
fn collation(table: &Table, key: &IndexKey) -> String {
    let own = match &key.term {
        IndexTerm::Column(name) => table.collation_of(name),
        IndexTerm::Expr(_) => "BINARY",
    };
    match &key.collation {
        Some(collation) if !collation.eq_ignore_ascii_case(own) => collation.to_ascii_uppercase(),
        _ => String::new(),
    }
}
