//! Differences as the comments of a script tell them.

use crate::base::words::abridged;
use crate::diff::{Change, Difference, ObjectKind};
use crate::sql::one_line;

/// One line that says what the step must bring about.
pub(super) fn why(change: &Change) -> String {
    let object = &change.object;
    let name = object.name.in_sql();
    let kind = match object.kind {
        ObjectKind::PrimaryKey => "primary key",
        ObjectKind::ForeignKey => "foreign key",
        kind => kind.as_str(),
    };
    let side = |text: &Option<String>, none: &str| text.as_deref().map_or(none.to_owned(), one_line);
    let (expected, actual) = (side(&change.expected, "none"), side(&change.actual, "none"));
    let text = match change.difference {
        Difference::MissingColumn => format!("the column {expected} is new"),
        Difference::ExtraColumn => format!("the column {name} is dropped"),
        Difference::ColumnOrder => format!("the columns are in the order {expected}"),
        Difference::ColumnType => format!("{name}: type {actual} → {expected}"),
        Difference::ColumnNullability => format!("{name}: {actual} → {expected}"),
        Difference::ColumnDefault => format!("{name}: default {actual} → {expected}"),
        Difference::ColumnCollation => format!("{name}: collation {actual} → {expected}"),
        Difference::ColumnGenerated => format!("{name}: {actual} → {expected}"),
        Difference::MissingUnique | Difference::MissingCheck | Difference::MissingForeignKey => {
            format!("new: {}", strip(kind, &expected))
        }
        Difference::ExtraUnique | Difference::ExtraCheck | Difference::ExtraForeignKey => {
            format!("gone: {}", strip(kind, &actual))
        }
        _ if name.is_empty() => format!("{kind}: {actual} → {expected}"),
        _ => format!("{kind} {name}: {actual} → {expected}"),
    };
    // A comment is read, not studied.
    abridged(&text, 140).into_owned()
}

/// The constraint, with its kind in front where its text does not begin with it.
fn strip(kind: &str, text: &str) -> String {
    let begins = text.get(..kind.len()).is_some_and(|head| head.eq_ignore_ascii_case(kind));
    if begins { text.to_owned() } else { format!("{kind} {text}") }
}
