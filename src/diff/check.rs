//! CHECK constraints.

use super::change::{Change, Element, ObjectKind, ObjectName, ObjectRef};
use super::context::Context;
use super::equivalence::{Compiled, first};
use crate::base::error::Result;
use crate::base::rule::Difference;
use crate::schema::{Check, Ident, Table};
use crate::sql::{one_line, tokens};

pub(super) fn checks(context: &mut Context<'_>, expected: &Table, actual: &Table) -> Result<()> {
    let mut wanted: Vec<(usize, &Check)> = expected.checks.iter().enumerate().collect();
    let mut there: Vec<(usize, &Check)> = actual.checks.iter().enumerate().collect();
    let mut pairs = Vec::new();
    // The same condition and name, then the same condition; then a condition that has changed: the same name, or
    // the same columns.
    let mut same = |one: &Check, other: &Check| {
        context.same_expression(&expected.name, &one.expr.text, &other.expr.text)
    };
    for with_name in [true, false] {
        for (i, check) in std::mem::take(&mut wanted) {
            let twin = first(there.iter().enumerate(), |(_, (_, other))| {
                Ok((!with_name || check.name == other.name) && same(check, other)?)
            })?;
            match twin.map(|(position, _)| position) {
                Some(position) => pairs.push((i, check, there.remove(position), true)),
                None => wanted.push((i, check)),
            }
        }
    }
    // What is there twice on one side only refuses nothing more.
    for (i, check) in std::mem::take(&mut wanted) {
        if first(&actual.checks, |other| same(check, other))?.is_none() {
            wanted.push((i, check));
        }
    }
    for (nth, check) in std::mem::take(&mut there) {
        if first(&expected.checks, |other| same(check, other))?.is_none() {
            there.push((nth, check));
        }
    }
    for by_name in [true, false] {
        wanted.retain(|&(i, check)| {
            let same = |(_, other): &(usize, &Check)| {
                if by_name {
                    check.name.is_some() && check.name == other.name
                } else {
                    columns(expected, check) == columns(actual, other)
                }
            };
            let Some(position) = there.iter().position(same) else { return true };
            pairs.push((i, check, there.remove(position), false));
            false
        });
    }
    for (i, check, (nth, other), same_condition) in pairs {
        let change = |difference| Change::new(difference, object(expected, check), Element::Check(i));
        if !same_condition {
            let note = context.quoting_note(&[compiled(expected, check), compiled(expected, other)])?;
            let change = change(Difference::MissingCheck).expected(text(check));
            context.push(change.actual_check((nth, text(other))).noted(note));
        } else {
            context.name(&change, [check.name.as_ref(), other.name.as_ref()]);
        }
    }
    for (i, check) in wanted {
        if follows_column(expected, check, actual) {
            continue;
        }
        let change = Change::new(Difference::MissingCheck, object(expected, check), Element::Check(i));
        let note = context.quoting_note(&[compiled(expected, check)])?;
        context.push(change.expected(text(check)).noted(note));
    }
    for (nth, check) in there {
        if follows_column(actual, check, expected) {
            continue;
        }
        let change = Change::new(Difference::ExtraCheck, object(actual, check), Element::Object);
        let note = context.quoting_note(&[compiled(expected, check)])?;
        context.push(change.actual_check((nth, text(check))).noted(note));
    }
    Ok(())
}

fn compiled<'a>(table: &'a Table, check: &'a Check) -> Compiled<'a> {
    Compiled::Expression(&table.name, &check.expr.text)
}

fn text(check: &Check) -> String {
    one_line(&check.expr.text)
}

/// Whether the check speaks only of columns that the other side does not have: it comes and goes with them.
fn follows_column(table: &Table, check: &Check, other: &Table) -> bool {
    let columns = columns(table, check);
    !columns.is_empty() && columns.iter().all(|column| other.column(column).is_none())
}

/// The columns of the table that the condition names, sorted.
fn columns(table: &Table, check: &Check) -> Vec<Ident> {
    let mut found: Vec<Ident> = tokens(&check.expr.text)
        .filter(|token| token.can_be_name() && token.kind != crate::sql::Kind::String)
        .filter_map(|token| table.column(&Ident::from(token.unquoted())).map(|column| column.name.clone()))
        .collect();
    found.sort();
    found.dedup();
    found
}

fn object(table: &Table, check: &Check) -> ObjectRef {
    let name = match &check.name {
        Some(name) => ObjectName::Own(name.clone()),
        None => ObjectName::Columns(columns(table, check)),
    };
    ObjectRef::part(&table.name, ObjectKind::Check, name)
}
