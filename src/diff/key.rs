//! PRIMARY KEY and UNIQUE.

use super::change::{Change, Element, ObjectKind, ObjectName, ObjectRef};
use super::context::Context;
use super::describe;
use crate::base::rule::Difference;
use crate::schema::{Conflict, Ident, Index, KeyColumn, PrimaryKey, Table, Unique};

pub(super) fn primary_key(context: &mut Context<'_>, expected: &Table, actual: &Table) {
    let (wanted, there) = (expected.primary_key.as_ref(), actual.primary_key.as_ref());
    let gone = |key: &PrimaryKey, other: &Table| key.columns.iter().all(|k| other.column(&k.name).is_none());
    // A missing or extra column takes its key with it.
    if wanted.is_some_and(|key| there.is_none() && gone(key, actual))
        || there.is_some_and(|key| wanted.is_none() && gone(key, expected))
    {
        return;
    }
    let change = |difference| {
        let object = ObjectRef::part(&expected.name, ObjectKind::PrimaryKey, ObjectName::None);
        let element = if wanted.is_some() { Element::PrimaryKey } else { Element::Object };
        Change::new(difference, object, element)
    };
    let same_columns = match (wanted, there) {
        (None, None) => return,
        (Some(wanted), Some(there)) => key_terms(expected, wanted) == key_terms(actual, there),
        _ => false,
    };
    if !same_columns {
        let (wanted, there) = (wanted.map(describe::primary_key), there.map(describe::primary_key));
        context.push(change(Difference::PrimaryKey).sides(wanted, there));
        return;
    }
    let (Some(wanted), Some(there)) = (wanted, there) else { return };
    if wanted.autoincrement != there.autoincrement {
        let text = |key: &PrimaryKey| if key.autoincrement { "AUTOINCREMENT" } else { "no AUTOINCREMENT" };
        context.push(change(Difference::Autoincrement).expected(text(wanted)).actual(text(there)));
    }
    if wanted.conflict != there.conflict {
        let text = |key: &PrimaryKey| format!("PRIMARY KEY {}", describe::conflict(key.conflict));
        context.push(change(Difference::ConflictClause).expected(text(wanted)).actual(text(there)));
    }
    context.name(&change, [wanted.name.as_ref(), there.name.as_ref()]);
}

/// A key's columns as they compare: name, collation in force, direction. The rowid has no direction.
fn key_terms(table: &Table, key: &PrimaryKey) -> Vec<(Ident, String, bool)> {
    let alias = table.rowid_alias().is_some();
    key.columns.iter().map(|column| term(table, column, alias)).collect()
}

fn term(table: &Table, column: &KeyColumn, without_direction: bool) -> (Ident, String, bool) {
    (column.name.clone(), collation(table, column), column.descending && !without_direction)
}

/// What the key itself says of the collation. A collation that comes from the column is told with the column.
fn collation(table: &Table, key: &KeyColumn) -> String {
    let own = table.collation_of(&key.name);
    match &key.collation {
        Some(collation) if !collation.eq_ignore_ascii_case(own) => collation.to_ascii_uppercase(),
        _ => String::new(),
    }
}

type Terms = Vec<(Ident, String, bool)>;

fn terms(table: &Table, unique: &Unique) -> Terms {
    unique.columns.iter().map(|column| term(table, column, false)).collect()
}

fn sorted(mut terms: Terms) -> Terms {
    terms.iter_mut().for_each(|term| term.2 = false);
    terms.sort();
    terms
}

fn key_of(table: &Table) -> Option<(Terms, Conflict)> {
    table.primary_key.as_ref().map(|key| (key_terms(table, key), key.conflict))
}

/// The UNIQUE constraints that add something: one that repeats another, or the primary key, adds nothing, not even an
/// index.
fn effective(table: &Table) -> Vec<(usize, &Unique)> {
    let mut seen: Vec<(Terms, Conflict)> = Vec::new();
    seen.extend(key_of(table));
    let mut found = Vec::new();
    for (i, unique) in table.uniques.iter().enumerate() {
        let this = (terms(table, unique), unique.conflict);
        if !seen.contains(&this) {
            seen.push(this);
            found.push((i, unique));
        }
    }
    found
}

pub(super) fn uniques(context: &mut Context<'_>, expected: &Table, actual: &Table) {
    order_of_conflicts(context, expected, actual);
    let (mut wanted, mut there) = (effective(expected), effective(actual));
    // First those that are the same to the letter, then those over the same columns in another order.
    for in_order in [true, false] {
        let same = |a: &Unique, b: &Unique| {
            let (a, b) = (terms(expected, a), terms(actual, b));
            if in_order { a == b } else { sorted(a) == sorted(b) }
        };
        wanted.retain(|&(i, unique)| {
            let Some(position) = there.iter().position(|(_, other)| same(unique, other)) else { return true };
            let (_, other) = there.remove(position);
            pair(context, expected, (i, unique), other, in_order);
            false
        });
    }
    for (i, unique) in wanted {
        let change = Change::new(Difference::MissingUnique, object(expected, unique), Element::Unique(i));
        one_sided(context, change.expected(describe::unique(unique)), (expected, unique), actual);
    }
    for (_, unique) in there {
        let change = Change::new(Difference::ExtraUnique, object(actual, unique), Element::Object);
        one_sided(context, change.actual(describe::unique(unique)), (actual, unique), expected);
    }
}

/// Tells of a UNIQUE that the `other` table does not have, unless it goes with its columns.
fn one_sided(context: &mut Context<'_>, change: Change, (table, unique): (&Table, &Unique), other: &Table) {
    if unique.columns.iter().all(|column| other.column(&column.name).is_none()) {
        return;
    }
    context.push(match substitute((other, table), (table, unique)) {
        Some((text, note, cosmetic)) => {
            let expected = change.expected.or_else(|| Some(text.clone()));
            let actual = change.actual.or(Some(text));
            Change { expected, actual, note, cosmetic, ..change }
        }
        None => change,
    });
}

/// A primary key with an index of its own, or a UNIQUE constraint, as it is checked.
struct Checked {
    key: (Terms, Conflict),
    text: String,
    unique: Option<usize>,
}

/// The keys of a table in the order in which a row is checked against them: as they are written, but REPLACE after all
/// others, so that it is left out. The rowid comes first on both sides.
fn checked(table: &Table) -> Vec<Checked> {
    let mut found: Vec<(usize, Checked)> = Vec::new();
    if let Some(key) = table.primary_key.as_ref().filter(|_| table.rowid_alias().is_none()) {
        let text = format!("{} {}", describe::primary_key(key), describe::conflict(key.conflict));
        let terms = sorted(key_terms(table, key));
        found.push((key.start, Checked { key: (terms, key.conflict), text, unique: None }));
    }
    for (i, unique) in effective(table) {
        let text = format!("{} {}", describe::unique(unique), describe::conflict(unique.conflict));
        let key = (sorted(terms(table, unique)), unique.conflict);
        found.push((unique.start, Checked { key, text, unique: Some(i) }));
    }
    found.retain(|(_, checked)| checked.key.1 != Conflict::Replace);
    found.sort_by_key(|(start, _)| *start);
    found.into_iter().map(|(_, checked)| checked).collect()
}

/// A row that violates two keys meets the conflict clause of the first: in another order it is refused here and left out
/// without a word there.
fn order_of_conflicts(context: &mut Context<'_>, expected: &Table, actual: &Table) {
    let (wanted, there) = (checked(expected), checked(actual));
    let Some([first, second]) = out_of_order(&wanted, &there) else { return };
    let unique = [first, second].into_iter().find_map(|at| wanted.get(at)?.unique);
    let unique = unique.and_then(|i| expected.uniques.get(i).map(|unique| (i, unique)));
    let Some((i, unique)) = unique else { return };
    let change = Change::new(Difference::ConflictClause, object(expected, unique), Element::Unique(i));
    let [wanted, there] = [in_turn(&wanted, [first, second]), in_turn(&wanted, [second, first])];
    context.push(
        change.sides(wanted, there).note(Some(
            "a row that violates both meets the ON CONFLICT of the one that comes first".to_owned(),
        )),
    );
}

/// The first two of `wanted`, by their places, that stand the other way round on the other side, and do not do the same.
fn out_of_order(wanted: &[Checked], there: &[Checked]) -> Option<[usize; 2]> {
    let position = |key: &(Terms, Conflict)| there.iter().position(|other| other.key == *key);
    wanted.iter().enumerate().find_map(|(i, first)| {
        let behind = wanted.iter().enumerate().skip(i + 1).filter(|(_, second)| second.key.1 != first.key.1);
        let mut turned = behind.filter(|(_, second)| {
            let sides = position(&first.key).zip(position(&second.key));
            sides.is_some_and(|(here, behind)| here >= behind)
        });
        turned.find(|(_, second)| first.unique.or(second.unique).is_some()).map(|(at, _)| [i, at])
    })
}

fn in_turn(checked: &[Checked], [first, second]: [usize; 2]) -> Option<String> {
    Some(format!("{} before {}", checked.get(first)?.text, checked.get(second)?.text))
}

/// The order that is expected of two keys, in the names of `written`, where `text` says it in those of `expected`. A rename
/// leaves them in their order.
pub(super) fn order_as_written(
    written: &Table,
    [expected, actual]: [&Table; 2],
    text: &str,
) -> Option<String> {
    let wanted = checked(expected);
    let places = out_of_order(&wanted, &checked(actual))?;
    if in_turn(&wanted, places)? == text { in_turn(&checked(written), places) } else { None }
}

/// What refuses the same duplicates on the side that lacks a UNIQUE constraint, why that is not the same, and whether
/// no statement can tell.
fn substitute(
    (table, other): (&Table, &Table),
    (unique_table, unique): (&Table, &Unique),
) -> Option<(String, Option<String>, bool)> {
    let same_conflict = |conflict| unique.conflict == conflict;
    let index = table.indexes.values().find(|index| enforces(table, index, unique_table, unique));
    if let Some(index) = index {
        let both = other.indexes.contains_key(&index.name);
        let note = match same_conflict(Conflict::Abort) {
            true if both => "the index refuses the same rows",
            true => "an index can be dropped on its own, a constraint can't",
            false => "an index has no ON CONFLICT",
        };
        let text = format!("unique index {}", index.name.shown());
        return Some((text, Some(note.to_owned()), same_conflict(Conflict::Abort)));
    }
    let (key, conflict) = key_of(table)?;
    let text = table.primary_key.as_ref().map(describe::primary_key)?;
    let same_rows = sorted(key) == sorted(terms(unique_table, unique)) && same_conflict(conflict);
    same_rows.then(|| (text, Some("the primary key refuses the same rows".to_owned()), true))
}

/// Whether a UNIQUE constraint stands where the other side has a unique index: then the constraint is told.
pub(super) fn stands_for(
    (unique_table, uniques_of_both): (&Table, &Table),
    (index_table, index): (&Table, &Index),
) -> bool {
    let in_both = |unique: &Unique| {
        let wanted = sorted(terms(unique_table, unique));
        uniques_of_both.uniques.iter().any(|other| sorted(terms(uniques_of_both, other)) == wanted)
    };
    let mut enforcing =
        unique_table.uniques.iter().filter(|unique| enforces(index_table, index, unique_table, unique));
    enforcing.any(|unique| !in_both(unique))
}

fn object(table: &Table, unique: &Unique) -> ObjectRef {
    ObjectRef::part(&table.name, ObjectKind::Unique, ObjectName::Columns(KeyColumn::names(&unique.columns)))
}

fn pair(
    context: &mut Context<'_>,
    table: &Table,
    (i, wanted): (usize, &Unique),
    there: &Unique,
    in_order: bool,
) {
    let change = |difference| Change::new(difference, object(table, wanted), Element::Unique(i));
    if !in_order {
        let note =
            "the same columns in another order or direction: its index serves other queries".to_owned();
        context.push(
            change(Difference::MissingUnique)
                .expected(describe::unique(wanted))
                .actual(describe::unique(there))
                .note(Some(note))
                .cosmetic(),
        );
    }
    if wanted.conflict != there.conflict {
        let text = |unique: &Unique| format!("UNIQUE {}", describe::conflict(unique.conflict));
        context.push(change(Difference::ConflictClause).expected(text(wanted)).actual(text(there)));
    }
    context.name(&change, [wanted.name.as_ref(), there.name.as_ref()]);
}

/// Whether a unique index of one side does what a UNIQUE constraint of the other does.
fn enforces(index_table: &Table, index: &Index, unique_table: &Table, unique: &Unique) -> bool {
    let columns: Option<Vec<_>> = index
        .keys
        .iter()
        .map(|key| {
            let (name, collation) = (key.column()?.clone(), key.collation.clone());
            Some(term(index_table, &KeyColumn { name, collation, descending: false }, true))
        })
        .collect();
    index.unique
        && index.filter.is_none()
        && columns.is_some_and(|columns| sorted(columns) == sorted(terms(unique_table, unique)))
}
