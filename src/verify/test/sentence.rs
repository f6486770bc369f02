//! What is not as it was, in one line.

use crate::diff::{Change, ObjectName};
use crate::sql::display_name;

/// "column plans.state: TEXT NOT NULL before, TEXT now"
pub(crate) fn sentence(change: &Change) -> String {
    let object = &change.object;
    let name = match &object.name {
        ObjectName::None => None,
        ObjectName::Own(name) => Some(display_name(name.as_str())),
        ObjectName::Columns(columns) => {
            Some(columns.iter().map(|name| display_name(name.as_str())).collect::<Vec<_>>().join(", "))
        }
    };
    let table = object.table.as_ref().map(|table| display_name(table.as_str()));
    let path = match (table, name) {
        (Some(table), Some(name)) if table != name => format!("{table}.{name}"),
        (Some(one), _) | (None, Some(one)) => one,
        (None, None) => String::new(),
    };
    let kind = object.kind.as_str();
    match (&change.expected, &change.actual) {
        (Some(before), Some(now)) => format!("{kind} {path}: {before} before, {now} now"),
        (Some(before), None) => format!("{kind} {path} is missing: {before}"),
        (None, Some(now)) => format!("{kind} {path} is new: {now}"),
        (None, None) => format!("{kind} {path} differs"),
    }
}
