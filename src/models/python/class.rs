//! One class.

use super::layout::{Code, Lines};
use super::names::Class;
use super::relationship::{self, Relationship};
use super::table::{KeySaid, column_type, sql_code, table_args};
use crate::models::facts::{Facts, Field, Source};
use crate::models::value::Value;
use crate::schema::Conflict;
use crate::sql::one_line;

pub(super) fn write(
    lines: &mut Lines,
    source: &Source<'_>,
    facts: &Facts<'_>,
    class: &Class<'_>,
    classes: &[Class<'_>],
    relationships: &[Relationship<'_>],
) {
    let table = class.model.table;
    lines.line(0, "");
    lines.line(0, "");
    lines.line(0, &format!("class {}(Base):", class.name));
    lines.assigned(4, "__tablename__", &Code::text(table.name.as_str()));
    if let Some(arguments) = table_args(source.schema, facts, class.model, &class.said) {
        lines.assigned(4, "__table_args__", &arguments);
    }
    if relationship::vanishes(class, relationships) {
        let unwatched = Code::Named("\"confirm_deleted_rows\": ".to_owned(), Box::new(Code::plain("False")));
        let unwatched = Code::List(['{', '}'], vec![unwatched]);
        lines.assigned(4, "__mapper_args__", &Code::Call("sa.util.immutabledict", vec![unwatched]));
    }
    lines.line(0, "");
    if let (Some(attribute), KeySaid::Unsaid(name)) = (&class.rowid, &class.said) {
        let mut arguments = Vec::new();
        arguments.extend((attribute != name).then(|| Code::text(*name)));
        arguments.push(Code::plain("sa.Integer"));
        arguments.push(Code::named_word("primary_key", "True"));
        arguments.push(Code::named_word("system", "True"));
        lines.mapped(4, attribute, "int", &Code::Call("mapped_column", arguments));
    }
    for (field, attribute) in class.model.fields.iter().zip(&class.attributes) {
        column(lines, class, field, attribute);
    }
    let name = &table.name;
    if relationships.iter().any(|r| r.relation.child.name == *name || r.relation.parent.name == *name) {
        lines.line(0, "");
        relationship::write(lines, class, classes, relationships);
    }
}

fn column(lines: &mut Lines, class: &Class<'_>, field: &Field<'_>, attribute: &str) {
    let (table, column) = (class.model.table, field.column);
    let choices = class.choices.get(&column.name);
    let mut arguments = Vec::new();
    if attribute != column.name.as_str() {
        arguments.push(Code::text(column.name.as_str()));
    }
    arguments.push(column_type(field, &class.said, choices.map(String::as_str)));
    if let Some(generated) = &column.generated {
        let sql = one_line(&generated.expr.text);
        let sql = match sql_code(&sql) {
            Code::Call("sa.text", mut text) => text.pop().unwrap_or(Code::text(sql)),
            other => other,
        };
        let persisted = if generated.stored { "True" } else { "False" };
        arguments.push(Code::Call("sa.Computed", vec![sql, Code::named_word("persisted", persisted)]));
    }
    if field.in_key && class.said == KeySaid::ByColumns {
        arguments.push(Code::named_word("primary_key", "True"));
    }
    let counts = |value: &Value| {
        matches!(value, Value::Integer)
            || matches!(value, Value::OneOf(_)) && table.affinity(column) == crate::sql::Affinity::Integer
    };
    if field.in_key
        && class.model.single_key().is_some()
        && counts(&field.value)
        && !table.is_rowid(&column.name)
    {
        arguments.push(Code::named_word("autoincrement", "False"));
    }
    let stated = column.not_null.filter(|_| column.not_null_name.is_none());
    if !field.nullable && stated.is_none() {
        arguments.push(Code::named_word("nullable", "True"));
    } else if let Some(conflict) = stated.filter(|conflict| *conflict != Conflict::Abort) {
        arguments.push(Code::named_text("sqlite_on_conflict_not_null", conflict.as_str()));
    }
    if let Some(key) = &table.primary_key
        && key.conflict != Conflict::Abort
        && field.in_key
        && class.said == KeySaid::ByColumns
    {
        arguments.push(Code::named_text("sqlite_on_conflict_primary_key", key.conflict.as_str()));
    }
    if let Some(default) = &column.default {
        arguments.push(Code::named("server_default", sql_code(&one_line(&default.text))));
    }
    lines.mapped(4, attribute, &annotation(field, choices), &Code::Call("mapped_column", arguments));
}

fn annotation(field: &Field<'_>, choices: Option<&String>) -> String {
    let what = match &field.value {
        Value::Integer => "int",
        Value::Real | Value::Number => "float",
        Value::Text | Value::Ulid | Value::Time => "str",
        Value::Boolean => "bool",
        Value::Bytes => "bytes",
        Value::Json | Value::Any => "Any",
        Value::OneOf(_) => choices.map_or("Any", String::as_str),
    };
    if field.nullable { format!("{what} | None") } else { what.to_owned() }
}
