//! A validator of the JSON Schemas that planctl writes, which is stricter than a reader may be: a key that the schema does
//! not describe is wrong, and so is a word of the schema language that is not looked at here.
//!
//! The crates that validate JSON Schema bring twenty to forty others with them, some in a second version.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::command::{Run, expect, planctl};

/// What is only for people, or was looked at beside the word that it belongs to.
const ANNOTATIONS: [&str; 6] = ["$schema", "$id", "$defs", "title", "description", "required"];

pub(crate) struct Validator {
    schema: Value,
}

/// What everything that `--format json` prints is held against.
pub(crate) static OUTPUT: LazyLock<Validator> = LazyLock::new(|| {
    let output = expect(&mut planctl(&std::env::temp_dir(), &["json-schema"]), &[0]);
    Validator::new(serde_json::from_slice(&output.stdout).unwrap())
});

impl Run {
    /// The one JSON document that stdout holds, which is as `planctl json-schema` has it.
    pub(crate) fn document(&self) -> Value {
        let document: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\nstdout: {}\nstderr: {}", self.stdout, self.stderr));
        if document.get("$schema").is_none() {
            OUTPUT.check(&document).unwrap_or_else(|wrong| panic!("{wrong}\n{document:#}"));
        }
        document
    }
}

impl Validator {
    pub(crate) fn new(schema: Value) -> Validator {
        Validator { schema }
    }

    /// The properties, by their place in the schema, that the document has; what is wrong, and where, when it is not as the
    /// schema has it.
    pub(crate) fn check(&self, document: &Value) -> Result<BTreeSet<String>, String> {
        let mut seen = BTreeSet::new();
        self.value(&mut seen, "", "$", document)?;
        Ok(seen)
    }

    /// The places of all properties.
    pub(crate) fn properties(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        properties(&self.schema, "", &mut all);
        all
    }

    fn value(
        &self,
        seen: &mut BTreeSet<String>,
        pointer: &str,
        at: &str,
        value: &Value,
    ) -> Result<(), String> {
        let schema = self.schema.pointer(pointer).unwrap_or_else(|| panic!("the schema has no {pointer}"));
        let keys = schema.as_object().unwrap_or_else(|| panic!("{pointer}: {schema}"));
        for (key, of) in keys {
            let holds = match key.as_str() {
                "type" => is_of(of, value),
                "const" => of == value,
                "enum" => of.as_array().unwrap().contains(value),
                "minimum" => value.as_f64().is_none_or(|number| number >= of.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|number| number <= of.as_f64().unwrap()),
                "$ref" => {
                    let target = of.as_str().unwrap().strip_prefix('#').unwrap();
                    self.value(seen, target, at, value)?;
                    true
                }
                "anyOf" | "oneOf" => {
                    self.one_of(seen, &format!("{pointer}/{key}"), at, value)?;
                    true
                }
                "items" => {
                    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(seen, &format!("{pointer}/items"), &format!("{at}[{i}]"), item)?;
                    }
                    true
                }
                "properties" | "additionalProperties" => true,
                _ if ANNOTATIONS.contains(&key.as_str()) => true,
                _ => panic!("{pointer}: nobody looks at {key}"),
            };
            if !holds {
                return Err(format!("{at}: {value} is not of {key} {of}"));
            }
        }
        value.as_object().map_or(Ok(()), |object| self.object(seen, pointer, at, keys, object))
    }

    /// The first branch that holds; where none does, what is wrong with each.
    fn one_of(
        &self,
        seen: &mut BTreeSet<String>,
        pointer: &str,
        at: &str,
        value: &Value,
    ) -> Result<(), String> {
        let count = self.schema.pointer(pointer).unwrap().as_array().unwrap().len();
        let mut wrong: Vec<String> = Vec::new();
        for branch in 0..count {
            let mut of_branch = BTreeSet::new();
            match self.value(&mut of_branch, &format!("{pointer}/{branch}"), at, value) {
                Ok(()) => {
                    seen.extend(of_branch);
                    return Ok(());
                }
                Err(error) => wrong.push(error),
            }
        }
        Err(format!("{at} is none of:\n  {}", wrong.join("\n  ")))
    }

    fn object(
        &self,
        seen: &mut BTreeSet<String>,
        pointer: &str,
        at: &str,
        keys: &Map<String, Value>,
        object: &Map<String, Value>,
    ) -> Result<(), String> {
        for name in keys.get("required").and_then(Value::as_array).into_iter().flatten() {
            if !object.contains_key(name.as_str().unwrap()) {
                return Err(format!("{at}: {name} is missing"));
            }
        }
        let Some(known) = keys.get("properties").or(keys.get("additionalProperties")) else { return Ok(()) };
        for (name, value) in object {
            let at = format!("{at}.{name}");
            if keys.contains_key("properties") && known.get(name).is_some() {
                let place = format!("{pointer}/properties/{name}");
                self.value(seen, &place, &at, value)?;
                seen.insert(place);
            } else if keys.contains_key("additionalProperties") {
                self.value(seen, &format!("{pointer}/additionalProperties"), &at, value)?;
            } else {
                return Err(format!("{at} is not in the schema"));
            }
        }
        Ok(())
    }
}

fn is_of(types: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("what is a {other}?"),
    };
    types.as_array().map_or_else(|| is(types), |types| types.iter().any(is))
}

fn properties(schema: &Value, pointer: &str, all: &mut BTreeSet<String>) {
    match schema {
        Value::Object(keys) => {
            for (key, value) in keys {
                let below = format!("{pointer}/{key}");
                if key == "properties" {
                    for (name, value) in value.as_object().unwrap() {
                        let place = format!("{below}/{name}");
                        properties(value, &place, all);
                        all.insert(place);
                    }
                } else {
                    properties(value, &below, all);
                }
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                properties(item, &format!("{pointer}/{i}"), all);
            }
        }
        _ => {}
    }
}
