//! `planctl report …`: named read-only queries.

pub mod list;
pub mod run;
pub mod show;

use serde_json::{Value, json};

use crate::queries::{Parameter, Query};

/// A query as JSON has it.
fn wire(query: &Query) -> Value {
    json!({
        "name": query.name,
        "title": query.title,
        "description": query.description,
        "file": query.file().path().display().to_string(),
        "parameters": query.parameters.iter().map(parameter).collect::<Value>(),
    })
}

fn parameter(parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "type": parameter.kind.as_str(),
        "required": parameter.default.is_none(),
        "default": parameter.default_text(),
        "description": parameter.description,
    })
}
