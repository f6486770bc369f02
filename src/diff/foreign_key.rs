//! Foreign keys.

use super::change::{Change, Element, ObjectKind, ObjectName, ObjectRef};
use super::context::Context;
use super::describe;
use super::note::Note;
use crate::base::rule::Difference;
use crate::schema::{ForeignKey, Ident, Schema, Table};

/// Which child column points to which parent column of which table; order makes no difference.
fn target(schema: &Schema, key: &ForeignKey) -> (Ident, Vec<(Ident, Option<Ident>)>) {
    let parents = schema.parent_columns(key);
    let mut pairs: Vec<_> =
        key.columns.iter().enumerate().map(|(i, child)| (child.clone(), parents.get(i).cloned())).collect();
    pairs.sort();
    (key.parent.clone(), pairs)
}

fn children(key: &ForeignKey) -> Vec<Ident> {
    let mut columns = key.columns.clone();
    columns.sort();
    columns
}

fn rules(key: &ForeignKey) -> impl PartialEq + use<> {
    (key.on_delete, key.on_update, key.deferred, key.match_type.clone())
}

type Same<'a> = dyn Fn(&ForeignKey, &ForeignKey) -> bool + 'a;

pub(super) fn foreign_keys(context: &mut Context<'_>, expected: &Table, actual: &Table) {
    let (wanted_schema, actual_schema) = (context.expected, context.actual);
    let mut wanted: Vec<(usize, &ForeignKey)> = expected.foreign_keys.iter().enumerate().collect();
    let mut there: Vec<&ForeignKey> = actual.foreign_keys.iter().collect();
    let same_target = |a: &ForeignKey, b: &ForeignKey| {
        let same_in = |one, other| target(one, a) == target(other, b);
        // An implicit target follows the parent's primary key: if that differs, it is told with the parent.
        let implicit = a.parent_columns.is_empty() || b.parent_columns.is_empty();
        same_in(wanted_schema, actual_schema)
            || (implicit && (same_in(wanted_schema, wanted_schema) || same_in(actual_schema, actual_schema)))
    };
    // Equal in all, then equal in target, then of the same columns: what is left over is missing or extra.
    let stages: [&Same<'_>; 4] = [
        &|a, b| same_target(a, b) && rules(a) == rules(b) && a.name == b.name,
        &|a, b| same_target(a, b) && rules(a) == rules(b),
        &|a, b| same_target(a, b),
        &|a, b| children(a) == children(b),
    ];
    for same in stages {
        wanted.retain(|&(i, key)| {
            let Some(position) = there.iter().position(|other| same(key, other)) else { return true };
            let other = there.remove(position);
            pair(context, expected, (i, key), other, same_target(key, other));
            false
        });
    }
    let describe =
        |schema: &Schema, key: &ForeignKey| describe::foreign_key(key, &schema.parent_columns(key));
    for (i, key) in wanted {
        if key.columns.iter().all(|column| actual.column(column).is_none()) {
            continue;
        }
        let change =
            Change::new(Difference::MissingForeignKey, object(expected, key), Element::ForeignKey(i));
        context.push(change.expected(describe(wanted_schema, key)));
    }
    for key in there {
        if key.columns.iter().all(|column| expected.column(column).is_none()) {
            continue;
        }
        let change = Change::new(Difference::ExtraForeignKey, object(expected, key), Element::Object);
        context.push(change.actual(describe(actual_schema, key)));
    }
}

fn object(table: &Table, key: &ForeignKey) -> ObjectRef {
    ObjectRef::part(&table.name, ObjectKind::ForeignKey, ObjectName::Columns(key.columns.clone()))
}

fn pair(
    context: &mut Context<'_>,
    table: &Table,
    (i, wanted): (usize, &ForeignKey),
    there: &ForeignKey,
    same_target: bool,
) {
    let change = |difference| Change::new(difference, object(table, wanted), Element::ForeignKey(i));
    if !same_target {
        let expected = describe::foreign_key(wanted, &context.expected.parent_columns(wanted));
        let actual = describe::foreign_key(there, &context.actual.parent_columns(there));
        context.push(change(Difference::MissingForeignKey).expected(expected).actual(actual));
        return;
    }
    if rules(wanted) != rules(there) {
        let text = |key: &ForeignKey| match describe::foreign_key_rules(key) {
            rules if rules.is_empty() => "NO ACTION".to_owned(),
            rules => rules,
        };
        let mut action = change(Difference::ForeignKeyAction).expected(text(wanted)).actual(text(there));
        let only_match = (wanted.on_delete, wanted.on_update, wanted.deferred)
            == (there.on_delete, there.on_update, there.deferred);
        if only_match {
            action = action.noted(Some(Note::MatchIsIgnored)).cosmetic();
        }
        context.push(action);
    }
    context.name(&change, [wanted.name.as_ref(), there.name.as_ref()]);
}
