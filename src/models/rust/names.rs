//! Names and types in Rust for what a schema has.

use crate::models::facts::{Facts, Field, Identity, Model};
use crate::models::names::{NamesTaken, camel, snake};
use crate::models::value::{Literal, Value};
use crate::schema::Table;

/// Names that a module needs for itself.
const OF_MODULE: [&str; 20] = [
    "Connection",
    "Err",
    "FromSql",
    "FromSqlError",
    "FromSqlResult",
    "Json",
    "None",
    "Ok",
    "Option",
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

/// Words that Rust has for itself, and the argument that every method has.
const OF_FIELDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "db", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use",
    "virtual", "where", "while",
];

/// A struct to be.
pub(super) struct Item<'a> {
    pub(super) name: String,
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
}

/// An enum to be.
pub(super) struct Listed<'a> {
    pub(super) name: String,
    pub(super) table: &'a str,
    pub(super) column: &'a str,
    pub(super) literals: &'a [Literal],
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
        let mut of_fields = NamesTaken::new(OF_FIELDS);
        let mut members = Vec::new();
        for field in &model.fields {
            let listed = match &field.value {
                Value::OneOf(literals) => {
                    let column = field.column.name.as_str();
                    let listed = of_module.take_numbered(&format!("{name}{}", camel(column)));
                    let table = model.table.name.as_str();
                    enums.push(Listed { name: listed.clone(), table, column, literals });
                    Some(listed)
                }
                _ => None,
            };
            members.push(member(model, field, &mut of_fields, listed));
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
            });
        }
        items.push(Item { name, table: model.table, members });
    }
    (items, enums)
}

fn member<'a>(
    model: &Model<'_>,
    field: &'a Field<'a>,
    names: &mut NamesTaken,
    listed: Option<String>,
) -> Member<'a> {
    Member {
        name: names.take(&snake(field.column.name.as_str())),
        column: field.column.name.as_str(),
        value: &field.value,
        listed,
        // SQLite gives the rowid where there is none yet.
        optional: field.nullable || model.table.is_rowid(&field.column.name),
        in_key: field.in_key,
        is_set: field.column.generated.is_none(),
    }
}
