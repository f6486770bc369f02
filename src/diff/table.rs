//! Tables: which are there, and what they are made of.

use super::change::{Change, Element, ObjectRef};
use super::context::Context;
use super::note::Note;
use super::{check, column, foreign_key, index, key, object};
use crate::base::error::Result;
use crate::base::rule::Difference;
use crate::schema::{Ident, Table, shown_list};
use crate::sql::{one_line, same_tokens};

pub(super) fn tables(context: &mut Context<'_>) -> Result<()> {
    let (expected, actual) = (context.expected, context.actual);
    for table in expected.tables.values() {
        match actual.tables.get(&table.name) {
            Some(there) => {
                let before = context.changes.len();
                one(context, table, there)?;
                // What only the other side has is told under the same spelling of the table's name.
                for change in context.changes.iter_mut().skip(before) {
                    change.object.table = Some(table.name.clone());
                }
            }
            None => missing(context, table),
        }
    }
    for table in actual.tables.values().filter(|table| !expected.tables.contains_key(&table.name)) {
        // A table where the spec has a view is told with the view.
        if expected.views.contains_key(&table.name) {
            continue;
        }
        let renamed =
            missing_tables(context).find(|gone| looks_like(gone, table)).map(|gone| gone.name.clone());
        let note = renamed.map(Note::RenamedFrom);
        let change = Change::new(Difference::ExtraTable, ObjectRef::of_table(&table.name), Element::Nothing);
        context.push(change.actual(shape(table)).noted(note));
    }
    Ok(())
}

fn missing_tables<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Table> {
    let (expected, actual) = (context.expected, context.actual);
    expected.tables.values().filter(|table| !actual.tables.contains_key(&table.name))
}

fn missing(context: &mut Context<'_>, table: &Table) {
    let (expected, actual) = (context.expected, context.actual);
    let extra = actual.tables.values().filter(|there| !expected.tables.contains_key(&there.name));
    let renamed: Vec<&Table> = extra.filter(|there| looks_like(table, there)).collect();
    let note = renamed.first().map(|there| Note::RenamedTo(there.name.clone()));
    let mut change = Change::new(Difference::MissingTable, ObjectRef::of_table(&table.name), Element::Object);
    change = change.expected(shape(table)).noted(note);
    if actual.views.contains_key(&table.name) {
        change = change.actual("a view");
    }
    context.push(change);
}

/// Whether two tables have the same columns, so that one may be the other under a new name.
fn looks_like(a: &Table, b: &Table) -> bool {
    let names =
        |table: &Table| table.columns.iter().map(|column| column.name.clone()).collect::<Vec<Ident>>();
    !a.columns.is_empty() && a.is_virtual() == b.is_virtual() && names(a) == names(b)
}

/// A table's name and columns.
pub(super) fn shape(table: &Table) -> String {
    if table.columns.is_empty() {
        return one_line(&table.sql);
    }
    let names = shown_list(table.columns.iter().map(|column| &column.name));
    format!("{} ({names})", table.name.shown())
}

fn one(context: &mut Context<'_>, expected: &Table, actual: &Table) -> Result<()> {
    let unread = expected.unread.is_some() || actual.unread.is_some();
    if !unread && (expected.is_virtual() || actual.is_virtual()) {
        object::virtual_table(context, expected, actual);
        return Ok(());
    }
    index::indexes(context, expected, actual)?;
    if expected.sql == actual.sql || !unread && is_respelled(expected, actual) {
        return Ok(());
    }
    if unread {
        self::unread(context, expected, actual);
        return Ok(());
    }
    options(context, expected, actual);
    column::columns(context, expected, actual)?;
    key::primary_key(context, expected, actual);
    key::uniques(context, expected, actual);
    foreign_key::foreign_keys(context, expected, actual);
    check::checks(context, expected, actual)
}

/// Whether the two are the same tokens, of which nothing but a comment inside a type can make something else.
fn is_respelled(expected: &Table, actual: &Table) -> bool {
    let mut columns = expected.columns.iter().zip(&actual.columns);
    same_tokens(&expected.sql, &actual.sql)
        && columns.all(|(expected_column, actual_column)| {
            expected.affinity(expected_column) == actual.affinity(actual_column)
        })
}

/// What the model does not know is never clean.
fn unread(context: &mut Context<'_>, expected: &Table, actual: &Table) {
    if same_tokens(&expected.sql, &actual.sql) {
        return;
    }
    let reason = expected.unread.as_ref().or(actual.unread.as_ref());
    let note = reason.map(|reason| Note::Unread(reason.to_string()));
    let change = Change::new(Difference::Unmodelled, ObjectRef::of_table(&expected.name), Element::Object);
    context.push(change.expected(one_line(&expected.sql)).actual(one_line(&actual.sql)).noted(note));
}

fn options(context: &mut Context<'_>, expected: &Table, actual: &Table) {
    if (expected.strict, expected.without_rowid) == (actual.strict, actual.without_rowid) {
        return;
    }
    let text = |table: &Table| match (table.without_rowid, table.strict) {
        (true, true) => "WITHOUT ROWID, STRICT",
        (true, false) => "WITHOUT ROWID",
        (false, true) => "STRICT",
        (false, false) => "neither STRICT nor WITHOUT ROWID",
    };
    let change = Change::new(Difference::TableOption, ObjectRef::of_table(&expected.name), Element::Object);
    context.push(change.expected(text(expected)).actual(text(actual)));
}
