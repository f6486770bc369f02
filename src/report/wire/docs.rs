//! `schema docs --format json`.

use schemars::JsonSchema;
use serde::{Serialize, Serializer, ser};
use serde_json::Value;

use crate::report::schema_page::SchemaPage;
use crate::sql::shown;

/// What a page about a schema says.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Docs {
    #[serde(serialize_with = "readable")]
    pub schema: SchemaPage,
}

/// With bytes that are no UTF-8 as they are shown.
fn readable<S: Serializer>(page: &SchemaPage, serializer: S) -> Result<S::Ok, S::Error> {
    shown_in(serde_json::to_value(page).map_err(ser::Error::custom)?).serialize(serializer)
}

fn shown_in(value: Value) -> Value {
    match value {
        Value::String(text) => shown(&text).into(),
        Value::Array(items) => items.into_iter().map(shown_in).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, shown_in(value))).collect(),
        other => other,
    }
}
