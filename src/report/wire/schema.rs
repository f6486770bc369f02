//! The JSON Schema of the documents: which of the types each command writes.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::audit::{Audit, ClosingScript, Explained};
use super::check::Check;
use super::docs::Docs;
use super::fleet::{Audited, Fleet, Migrated, Reverted, Seen};
use super::pair::{Adopted, Baseline, Generated, Imported, Init, New, Renumbered, Squashed};
use super::rows::{Backfill, Reports, RunReport, Sample, Scalar, ShownReport};
use super::run::{Down, Redo, Script, Up};
use super::status::Status;
use super::testing::{Lint, Tests};
use super::{Columns, Document, Found, Nothing, RowsEnd, Text};
use crate::report::outcome::Outcome;

/// What a document looks like, written by the command of that name.
type Shape = fn(&str, &mut SchemaGenerator) -> Schema;

/// Every command that writes JSON, with what its documents look like.
const COMMANDS: [(&str, &[Shape]); 29] = [
    ("audit", &[of::<Audit, Found>, of::<Explained, Nothing>, of::<ClosingScript, Text>]),
    ("backfill", &[of::<Backfill, Nothing>]),
    ("check", &[of::<Check, Found>]),
    ("fleet audit", &[of::<Fleet<Audited>, Nothing>]),
    ("fleet down", &[of::<Fleet<Reverted>, Nothing>]),
    ("fleet status", &[of::<Fleet<Seen>, Nothing>]),
    ("fleet up", &[of::<Fleet<Migrated>, Nothing>]),
    ("init", &[of::<Init, Nothing>]),
    ("migrate adopt", &[of::<Adopted, Nothing>]),
    ("migrate baseline", &[of::<Baseline, Found>]),
    ("migrate down", &[of::<Down, Nothing>, of::<Script, Text>]),
    ("migrate generate", &[of::<Generated, Nothing>]),
    ("migrate import", &[of::<Imported, Found>, of::<Imported, Nothing>]),
    ("migrate lint", &[of::<Lint, Found>, of::<Explained, Nothing>]),
    ("migrate new", &[of::<New, Nothing>]),
    ("migrate redo", &[of::<Redo, Nothing>]),
    ("migrate squash", &[of::<Squashed, Nothing>]),
    ("migrate renumber", &[of::<Renumbered, Nothing>]),
    ("migrate status", &[of::<Status, Nothing>]),
    ("migrate test", &[of::<Tests, Found>]),
    ("migrate up", &[of::<Up, Nothing>, of::<Script, Text>]),
    ("report list", &[of::<Reports, Nothing>]),
    ("report run", &[rows]),
    ("report show", &[of::<ShownReport, Nothing>]),
    ("sample load", &[of::<Sample, Nothing>]),
    ("schema diff", &[of::<Nothing, Found>, of::<ClosingScript, Text>]),
    ("schema docs", &[of::<Docs, Text>]),
    ("schema dump", &[of::<Nothing, Text>]),
    ("schema models", &[of::<Nothing, Text>]),
];

const ABOUT: &str = "Keys that are here never go and never mean another thing; a later version may add keys and words, \
                     which a reader has to tolerate.";

/// Every command that writes JSON.
pub fn commands() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(command, _)| *command)
}

/// The schema of what a command writes; `None` for one that writes no JSON.
pub fn of_command(command: &str) -> Option<Value> {
    let (name, shapes) = COMMANDS.iter().find(|(name, _)| *name == command)?;
    let mut generator = generator();
    let mut documents: Vec<Value> =
        shapes.iter().map(|shape| shape(name, &mut generator).to_value()).collect();
    documents.push(trouble(&mut generator));
    Some(whole(&format!("planctl {name} --format json"), &name.replace(' ', "-"), documents, generator))
}

/// The schema of everything that `--format json` writes.
pub fn of_every_command() -> Value {
    let mut generator = generator();
    let mut documents: Vec<Value> = Vec::new();
    for (name, shapes) in COMMANDS {
        documents.extend(shapes.iter().map(|shape| shape(name, &mut generator).to_value()));
    }
    documents.push(trouble(&mut generator));
    whole("planctl --format json", "output", documents, generator)
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

fn whole(title: &str, id: &str, documents: Vec<Value>, mut generator: SchemaGenerator) -> Value {
    let version = env!("CARGO_PKG_VERSION");
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:planctl:{version}:{id}"),
        "title": title,
        "description": format!("What planctl {version} writes. {ABOUT}"),
        "anyOf": documents,
        "$defs": generator.take_definitions(true),
    });
    tidy(&mut schema);
    schema
}

/// A document with a command's own keys, and what stands behind them.
fn of<B: JsonSchema, F: JsonSchema>(command: &str, generator: &mut SchemaGenerator) -> Schema {
    let about = B::json_schema(generator).remove("description");
    let mut schema = Document::<B, F>::json_schema(generator);
    schema.insert("title".to_owned(), command.into());
    schema.insert("description".to_owned(), about.unwrap_or_default());
    narrow(&mut schema, "command", command);
    schema
}

/// A document with the rows of a report, which are written as they come.
fn rows(command: &str, generator: &mut SchemaGenerator) -> Schema {
    let mut schema = of::<RunReport, Columns>(command, generator);
    let value = generator.subschema_for::<Scalar>();
    let rows = json!({
        "description": "The rows, each with its values by column.",
        "type": "array",
        "items": { "type": "object", "additionalProperties": value },
    });
    let count = RowsEnd::json_schema(generator).pointer("/properties/row_count").cloned();
    for (key, property) in [("rows", rows), ("row_count", count.unwrap_or_default())] {
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(key.to_owned(), property);
        }
        require(&mut schema, key);
    }
    schema
}

/// A document of nothing but trouble, by any command, or for arguments that name none.
fn trouble(generator: &mut SchemaGenerator) -> Value {
    let mut schema = Document::<Nothing, Nothing>::json_schema(generator);
    schema.insert("title".to_owned(), "trouble".into());
    schema.insert("description".to_owned(), "Trouble before there was any result.".into());
    narrow(&mut schema, "outcome", Outcome::Trouble.as_str());
    require(&mut schema, "error");
    schema.to_value()
}

/// Says that a key has one value only.
fn narrow(schema: &mut Schema, key: &str, value: &str) {
    if let Some(property) = schema.pointer_mut(&format!("/properties/{key}")).and_then(Value::as_object_mut) {
        property.insert("const".to_owned(), value.into());
    }
}

fn require(schema: &mut Schema, key: &str) {
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.push(key.into());
    }
}

/// What a comment breaks into lines becomes one, and numbers lose the names of Rust's types.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(keys) => {
            if keys.contains_key("type") {
                keys.shift_remove("format");
            }
            if let Some(Value::String(text)) = keys.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            keys.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}
