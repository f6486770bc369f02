//! What the values of a column are, for a program.

use crate::row_checks::{Json, OneOf, Promise};
use crate::schema::{Column, Table};
use crate::sql::{Affinity, unquote};

/// What the values of a column are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Value {
    Integer,
    Real,
    /// Of NUMERIC affinity: whole or not.
    Number,
    Text,
    Boolean,
    Bytes,
    /// A date or a time under a type that SQLite does not know: text, or a number.
    Time,
    /// A JSON text.
    Json,
    /// A ULID as text.
    Ulid,
    /// One of these, and at least one.
    OneOf(Vec<Literal>),
    /// Anything.
    Any,
}

/// A value that a comment lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Literal {
    Integer(i64),
    Text(String),
}

impl Value {
    pub(super) fn of(table: &Table, column: &Column, promise: Option<&Promise>) -> Value {
        let declared = Value::declared(table, column);
        match promise {
            Some(Promise::Json(Json::Text)) if !table.strict || declared == Value::Text => Value::Json,
            Some(Promise::Ulid) if declared == Value::Text => Value::Ulid,
            Some(Promise::OneOf(listed)) => {
                one_of(listed, table.affinity(column)).map_or(declared, Value::OneOf)
            }
            _ => declared,
        }
    }

    fn declared(table: &Table, column: &Column) -> Value {
        let has = |parts: &[&str]| {
            let declared = column.declared_type.to_ascii_uppercase();
            parts.iter().any(|part| declared.contains(part))
        };
        match Affinity::stated(&column.declared_type, table.strict) {
            None => Value::Any,
            Some(Affinity::Integer) => Value::Integer,
            Some(Affinity::Text) => Value::Text,
            Some(Affinity::Real) => Value::Real,
            Some(Affinity::Blob) => Value::Bytes,
            Some(Affinity::Numeric) if has(&["BOOL"]) => Value::Boolean,
            Some(Affinity::Numeric) if has(&["DATE", "TIME"]) => Value::Time,
            Some(Affinity::Numeric) if column.declared_type.eq_ignore_ascii_case("json") => Value::Json,
            Some(Affinity::Numeric) if has(&["NUMERIC", "DECIMAL", "NUMBER"]) => Value::Number,
            Some(Affinity::Numeric) => Value::Any,
        }
    }
}

/// The listed values as the column stores them, if they are all of one kind and equal only to themselves.
fn one_of(listed: &OneOf, affinity: Affinity) -> Option<Vec<Literal>> {
    let binary = listed.collation.as_ref().is_none_or(|collation| collation.eq_ignore_ascii_case("binary"));
    let mut found: Vec<Literal> = Vec::new();
    for text in &listed.literals {
        let literal = literal(text, affinity)?;
        if !found.contains(&literal) {
            found.push(literal);
        }
    }
    let texts = found.iter().filter(|literal| matches!(literal, Literal::Text(_))).count();
    (binary && (texts == 0 || texts == found.len()) && !found.is_empty()).then_some(found)
}

/// A literal of SQL as a column of this affinity stores it; `None` where that takes SQLite to say.
pub(super) fn literal(text: &str, affinity: Affinity) -> Option<Literal> {
    let integer = text.parse::<i64>().ok().filter(|value| value.to_string() == text);
    let quoted = text.starts_with('\'').then(|| unquote(text));
    match (integer, quoted, affinity) {
        (Some(value), _, Affinity::Integer | Affinity::Numeric | Affinity::Blob) => {
            Some(Literal::Integer(value))
        }
        (Some(value), _, Affinity::Text) => Some(Literal::Text(value.to_string())),
        (_, Some(text), Affinity::Text | Affinity::Blob) => Some(Literal::Text(text)),
        // A text that begins like a number may be stored as one.
        (_, Some(text), Affinity::Integer | Affinity::Numeric)
            if text.trim_start().starts_with(|c: char| c.is_alphabetic()) =>
        {
            Some(Literal::Text(text))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_listed_as_the_column_stores_them() {
        let of = |declared: &str, collation: Option<&str>, literals: &[&str]| {
            let table = crate::ddl::create_table(&format!("CREATE TABLE t (c {declared})")).unwrap();
            let literals = literals.iter().map(|literal| (*literal).to_owned()).collect();
            let promise = Promise::OneOf(OneOf { literals, collation: collation.map(str::to_owned) });
            Value::of(&table, &table.columns[0], Some(&promise))
        };
        let texts = |texts: &[&str]| {
            Value::OneOf(texts.iter().map(|text| Literal::Text((*text).to_owned())).collect())
        };
        assert_eq!(of("TEXT", None, &["'a'", "'it''s'", "'a'"]), texts(&["a", "it's"]));
        assert_eq!(of("TEXT", None, &["1", "2"]), texts(&["1", "2"]));
        assert_eq!(
            of("INT", None, &["1", "-2"]),
            Value::OneOf(vec![Literal::Integer(1), Literal::Integer(-2)])
        );
        assert_eq!(of("INT", None, &["'1'"]), Value::Integer);
        assert_eq!(of("", None, &["1", "'a'"]), Value::Any);
        assert_eq!(of("TEXT", Some("NOCASE"), &["'a'"]), Value::Text, "'A' is one of them, too");
    }
}
