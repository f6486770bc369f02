//! Something to put where a value was lost and NULL cannot stand.

use std::collections::BTreeSet;

use super::text::mentions;
use crate::schema::{Column, Table};
use crate::sql::{Kind, tokens};

/// The plainest value that the column takes: the first that its check speaks of, else an empty one of its type. `None`
/// where it would have to be the key of another table's row, or one of its own.
pub fn placeholder(table: &Table, column: &Column) -> Option<String> {
    let is = |name: &crate::schema::Ident| *name == column.name;
    let is_key = table.primary_key.iter().any(|key| key.columns.iter().any(|key| is(&key.name)))
        || table.uniques.iter().any(|unique| unique.columns.iter().any(|key| is(&key.name)))
        || table.foreign_keys.iter().any(|key| key.columns.iter().any(is));
    if is_key {
        return None;
    }
    let names = BTreeSet::from([column.name.clone()]);
    let checks: Vec<_> = table.checks.iter().filter(|check| mentions(&check.expr.text, &names)).collect();
    if let Some(check) = checks.first() {
        let literal =
            tokens(&check.expr.text).find(|token| matches!(token.kind, Kind::String | Kind::Number))?;
        return Some(literal.text.to_owned());
    }
    let declared = column.declared_type.to_ascii_uppercase();
    let has = |part: &str| declared.contains(part);
    let value = if has("INT") || has("BOOL") || has("NUM") || has("DEC") {
        "0"
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        "0.0"
    } else if has("BLOB") {
        "x''"
    } else {
        "''"
    };
    Some(value.to_owned())
}
