//! Names and types in Rust for what a schema has.

use super::sql::escaped;
use crate::models::facts::{Facts, Field, Identity, Model};
use crate::models::names::{NamesTaken, camel, snake};
use crate::models::value::{Literal, Value, literal};
use crate::schema::Table;
use crate::sql::Affinity;

/// Names that a module needs for itself.
const OF_MODULE: [&str; 22] = [
    "Connection",
    "Err",
    "From",
    "FromSql",
    "FromSqlError",
    "FromSqlResult",
    "Json",
    "None",
    "Ok",
    "Option",
    "Params",
    "Result",
    "Row",
    "Self",
    "Some",
    "String",
    "ToSql",
    "ToSqlOutput",
    "UlidText",
    "ValueRef",
    "Vec",
    "Eq",
];

/// Words that Rust has for itself, and what every method has: its argument and its statement.
const OF_FIELDS: &str = "\
    abstract as async await become box break const continue crate db do dyn else enum extern false final \
    fn for gen if impl in let loop macro match mod move mut override priv pub ref return self statement \
    static struct super trait true try type typeof union unsafe unsized use virtual where while";

/// A struct to be.
pub(super) struct Item<'a> {
    pub(super) name: String,
    /// The struct of what a new row needs.
    pub(super) name_of_new: String,
    pub(super) table: &'a Table,
    pub(super) members: Vec<Member<'a>>,
}

/// A member of it.
pub(super) struct Member<'a> {
    pub(super) name: String,
    /// The column, or the rowid.
    pub(super) column: &'a str,
    pub(super) value: &'a Value,
    /// The enum, where the values are listed.
    pub(super) listed: Option<String>,
    pub(super) optional: bool,
    pub(super) in_key: bool,
    /// Whether statements can set it.
    pub(super) is_set: bool,
    /// What it is in a new row; `None` when only the program can say.
    pub(super) in_new: Option<Stated>,
}

/// A value in Rust.
pub(super) enum Stated {
    /// NULL.
    Nothing,
    /// The inside of a string literal.
    Text(String),
    /// Another expression.
    Word(String),
}

/// An enum to be.
pub(super) struct Listed<'a> {
    pub(super) name: String,
    pub(super) table: &'a str,
    pub(super) column: &'a str,
    /// Each value with the name of its variant.
    pub(super) variants: Vec<(String, &'a Literal)>,
}

/// What a key of SQLite's making is.
static WHOLE: Value = Value::Integer;

impl Item<'_> {
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.members.iter().map(|member| member.value)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Member<'_>> {
        self.members.iter().filter(|member| member.in_key)
    }
}

impl Member<'_> {
    /// Its type, without the NULL.
    pub(super) fn plain_type(&self) -> &str {
        match self.value {
            Value::Integer => "i64",
            Value::Real | Value::Number => "f64",
            Value::Text => "String",
            Value::Boolean => "bool",
            Value::Bytes => "Vec<u8>",
            Value::Json => "Json",
            Value::Ulid => "UlidText",
            Value::OneOf(_) => self.listed.as_deref().unwrap_or("rusqlite::types::Value"),
            Value::Time | Value::Any => "rusqlite::types::Value",
        }
    }

    pub(super) fn member_type(&self) -> String {
        if self.optional { format!("Option<{}>", self.plain_type()) } else { self.plain_type().to_owned() }
    }

    /// How a key is handed over.
    pub(super) fn argument_type(&self) -> String {
        match self.value {
            Value::Text => "&str".to_owned(),
            Value::Bytes => "&[u8]".to_owned(),
            _ if self.is_copy() => self.plain_type().to_owned(),
            _ => format!("&{}", self.plain_type()),
        }
    }

    pub(super) fn is_copy(&self) -> bool {
        !matches!(self.value, Value::Text | Value::Bytes | Value::Json | Value::Time | Value::Any)
    }
}

/// Every struct and every enum.
pub(super) fn items<'a>(facts: &'a Facts<'a>) -> (Vec<Item<'a>>, Vec<Listed<'a>>) {
    let mut of_module = NamesTaken::new(OF_MODULE);
    let names: Vec<String> =
        facts.models.iter().map(|model| of_module.take_numbered(&camel(model.table.name.as_str()))).collect();
    let (mut items, mut enums) = (Vec::new(), Vec::new());
    for (model, name) in facts.models.iter().zip(names) {
        let name_of_new = of_module.take_numbered(&format!("New{name}"));
        let mut of_fields = NamesTaken::new(OF_FIELDS.split(' '));
        let mut members = Vec::new();
        for field in &model.fields {
            let listed = match &field.value {
                Value::OneOf(literals) => {
                    let column = field.column.name.as_str();
                    let listed = of_module.take_numbered(&format!("{name}{}", camel(column)));
                    let table = model.table.name.as_str();
                    Some(Listed { name: listed, table, column, variants: variants(literals) })
                }
                _ => None,
            };
            members.push(member(model, field, &mut of_fields, listed.as_ref()));
            enums.extend(listed);
        }
        if let Identity::Rowid(rowid) = model.identity {
            members.push(Member {
                name: of_fields.take(&snake(rowid)),
                column: rowid,
                value: &WHOLE,
                listed: None,
                optional: true,
                in_key: true,
                is_set: true,
                in_new: Some(Stated::Nothing),
            });
        }
        items.push(Item { name, name_of_new, table: model.table, members });
    }
    (items, enums)
}

fn variants(literals: &[Literal]) -> Vec<(String, &Literal)> {
    let mut names = NamesTaken::new(["Self"]);
    literals.iter().map(|literal| (names.take_numbered(&variant(literal)), literal)).collect()
}

fn variant(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) if text.is_empty() => "Empty".to_owned(),
        Literal::Text(text) => camel(text),
        Literal::Integer(value) if *value < 0 => format!("Minus{}", value.unsigned_abs()),
        Literal::Integer(value) => format!("Is{value}"),
    }
}

fn member<'a>(
    model: &Model<'_>,
    field: &'a Field<'a>,
    names: &mut NamesTaken,
    listed: Option<&Listed<'a>>,
) -> Member<'a> {
    let column = field.column;
    // SQLite gives the rowid, and what it computes, where there is none yet.
    let by_sqlite = model.table.is_rowid(&column.name) || column.generated.is_some();
    let optional = field.nullable || by_sqlite;
    let in_new = match &column.default {
        Some(default) if !by_sqlite => {
            stated(default.text.trim(), model.table.affinity(column), field, listed)
        }
        _ => optional.then_some(Stated::Nothing),
    };
    Member {
        name: names.take(&snake(column.name.as_str())),
        column: column.name.as_str(),
        value: &field.value,
        listed: listed.map(|listed| listed.name.clone()),
        optional,
        in_key: field.in_key,
        is_set: column.generated.is_none(),
        in_new,
    }
}

/// A default as a value of Rust, where it is as plain as that: what SQLite computes, a program has to say.
fn stated(sql: &str, affinity: Affinity, field: &Field<'_>, listed: Option<&Listed<'_>>) -> Option<Stated> {
    if sql.eq_ignore_ascii_case("null") {
        return field.nullable.then_some(Stated::Nothing);
    }
    let literal = match sql.to_ascii_lowercase().as_str() {
        "true" => Some(Literal::Integer(1)),
        "false" => Some(Literal::Integer(0)),
        _ => literal(sql, affinity),
    };
    let word = match (&field.value, literal) {
        (Value::Text, Some(Literal::Text(text))) => return Some(Stated::Text(escaped(&text))),
        (Value::OneOf(_), Some(literal)) => {
            let listed = listed?;
            let (variant, _) = listed.variants.iter().find(|(_, known)| **known == literal)?;
            Some(format!("{}::{variant}", listed.name))
        }
        (Value::Integer, Some(Literal::Integer(value))) => Some(value.to_string()),
        (Value::Boolean, Some(Literal::Integer(value @ (0 | 1)))) => Some((value == 1).to_string()),
        (Value::Real | Value::Number, _) => {
            sql.parse::<i32>().ok().filter(|value| value.to_string() == sql).map(|value| format!("{value}.0"))
        }
        (Value::Json, Some(Literal::Text(text))) if ["{}", "[]"].contains(&text.as_str()) => {
            Some(format!("Json(serde_json::json!({text}))"))
        }
        _ => None,
    };
    word.map(Stated::Word)
}
