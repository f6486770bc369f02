//! What is not as it was, in one line.

use crate::diff::Change;
use crate::schema::Ident;

/// "column plans.state: TEXT NOT NULL before, TEXT now"
pub(crate) fn sentence(change: &Change) -> String {
    let object = &change.object;
    let (table, name) = (object.table.as_ref().map(Ident::shown).unwrap_or_default(), object.name.in_sql());
    let path = match (table, name) {
        (table, name) if table.is_empty() || table == name => name,
        (table, name) if name.is_empty() => table,
        (table, name) => format!("{table}.{name}"),
    };
    let kind = object.kind.as_str();
    match (&change.expected, &change.actual) {
        (Some(before), Some(now)) => format!("{kind} {path}: {before} before, {now} now"),
        (Some(before), None) => format!("{kind} {path} is missing: {before}"),
        (None, Some(now)) => format!("{kind} {path} is new: {now}"),
        (None, None) => format!("{kind} {path} differs"),
    }
}
