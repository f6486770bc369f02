//! `planctl json-schema`: what an editor needs to complete and check `planctl.toml` and `deviations.toml`, from the
//! lists that their readers use; and what a program can rely on of what commands print, from the types that they print.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use serde_json::{Map, Value, json};

use super::settings::keys::{DATABASES, KEYS, KeyKind};
use super::settings::sections;
use crate::audit::ledger_json_schema;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::did_you_mean;
use crate::report::Report;
use crate::report::wire;

/// Print the JSON Schema of what a command prints, or of planctl.toml or deviations.toml
///
/// Without WHAT it is the schema of everything that `--format json` prints. Its `$id` has the version of planctl.
///
/// Editors use the other two to complete and check a file, whose first line names its schema: `#:schema planctl.schema.json`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl json-schema migrate status > status.schema.json
  planctl json-schema > planctl-output.schema.json
  planctl json-schema settings > planctl.schema.json
  planctl json-schema ledger > deviations.schema.json")]
pub struct JsonSchemaArgs {
    /// A command, as in `planctl json-schema migrate status`; or `settings` for planctl.toml, `ledger` for deviations.toml
    #[arg(value_name = "WHAT", value_parser = Word, hide_possible_values = true)]
    what: Vec<String>,
}

/// A word of WHAT. Shells complete it; what is wrong with it is said with the whole name of the command, by [`unknown`].
#[derive(Clone)]
struct Word;

impl TypedValueParser for Word {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let commands = wire::commands().flat_map(|name| name.split(' '));
        let words: BTreeSet<&str> = FILES.into_iter().chain(commands).collect();
        Some(Box::new(words.into_iter().map(PossibleValue::new)))
    }
}

/// The files that have a schema.
const FILES: [&str; 2] = ["settings", "ledger"];

impl JsonSchemaArgs {
    /// The schema.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when it is neither a file nor a command that prints JSON.
    pub fn run(&self) -> Result<Report> {
        let what = self.what.join(" ");
        let schema = match what.as_str() {
            "" => wire::of_every_command(),
            "settings" => settings(),
            "ledger" => ledger_json_schema(),
            command => wire::of_command(command).ok_or_else(|| unknown(command))?,
        };
        Ok(Report { text: Some(format!("{schema:#}\n")), ..Report::new("json-schema") })
    }
}

fn unknown(what: &str) -> Error {
    let begun = format!("{what} ");
    let longer: Vec<&str> = wire::commands().filter(|name| name.starts_with(&begun)).collect();
    let help = if longer.is_empty() {
        did_you_mean(what, wire::commands().chain(FILES))
    } else {
        format!("there is one for {}", longer.join(", "))
    };
    Error::new(ErrorKind::Usage, format!("there is no JSON Schema for `{what}`")).help(help)
}

fn settings() -> Value {
    let mut properties: Map<String, Value> = KEYS
        .iter()
        .map(|key| {
            let about = format!("{} (environment: {}, flag: --{})", key.about, key.env, key.name);
            let mut property = match key.kind {
                KeyKind::Switch => {
                    json!({ "description": about, "type": "boolean", "default": key.default == "true" })
                }
                KeyKind::List => {
                    let text = json!({ "type": "string", "minLength": 1 });
                    json!({ "description": about, "type": "array", "items": text })
                }
                KeyKind::Text => json!({ "description": about, "type": "string", "minLength": 1 }),
            };
            if key.kind == KeyKind::Text && !key.default.is_empty() {
                property["default"] = key.default.into();
            }
            (key.name.to_owned(), property)
        })
        .collect();
    properties.extend(sections::json_schema().map(|(name, schema)| (name.to_owned(), schema)));
    let database = json!({
        "description": "A database, chosen by -d NAME: what it does not say it takes from the top level, but `db`",
        "type": "object",
        "additionalProperties": false,
        "properties": properties.clone(),
    });
    let databases = json!({
        "description": "Several databases, each a table by its name; check checks each of them",
        "type": "object",
        "additionalProperties": database,
    });
    properties.insert(DATABASES.to_owned(), databases);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "planctl.toml",
        "description": "Settings of planctl; paths are relative to the file",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::source::SourceFile;
    use crate::cli::settings::config::ConfigFile;

    /// A value of the kind that a property is.
    fn value_of(property: &Value) -> String {
        match (&property["type"], property["enum"].as_array()) {
            (_, Some(words)) => words.last().unwrap().to_string(),
            _ if property["minimum"].is_u64() => property["minimum"].to_string(),
            (kind, _) if kind == "string" => "\"x\"".to_owned(),
            (kind, _) if kind == "array" => format!("[{}]", value_of(&property["items"])),
            (kind, _) => {
                assert_eq!(kind, "object");
                let inner = property["properties"].as_object().unwrap();
                let all: Vec<String> =
                    inner.iter().map(|(key, p)| format!("{key} = {}", value_of(p))).collect();
                format!("{{ {} }}", all.join(", "))
            }
        }
    }

    /// Law: the reader takes what the schema gives as a default, under each key, and nothing that it forbids.
    #[test]
    fn the_schema_of_the_settings_says_what_the_reader_takes() {
        let schema = settings();
        let properties = schema["properties"].as_object().unwrap();
        assert_eq!(properties.len(), KEYS.len() + sections::NAMES.len() + 1);
        let parse = |text: String| ConfigFile::parse(SourceFile::new("planctl.toml", text));
        for (name, property) in properties.iter().filter(|(_, property)| property["type"] == "string") {
            let value = property["default"].as_str().unwrap_or("x");
            let file = parse(format!("{name} = {value:?}")).unwrap();
            let key = KEYS.iter().find(|key| key.name == name).unwrap();
            assert_eq!(file.top().get(key).map(|(values, _)| values), Some(&[value.to_owned()][..]));
            assert!(parse(format!("{name} = \"\"")).is_err() && property["minLength"] == 1);
            assert!(parse(format!("{name} = 1")).is_err() && property["type"] == "string");
        }
        for switch in KEYS.iter().filter(|key| key.kind == KeyKind::Switch) {
            assert_eq!(properties[switch.name]["type"], "boolean");
            assert!(parse(format!("{} = true", switch.name)).is_ok());
            assert!(parse(format!("{} = \"true\"", switch.name)).is_err());
        }
        let database = &properties[DATABASES]["additionalProperties"];
        assert_eq!(database["properties"].as_object().unwrap().len(), properties.len() - 1);
        assert!(parse(format!("[{DATABASES}.a]\ndb = \"x\"\n[{DATABASES}.a.lint]\nfrom = 7")).is_ok());
        // A value of each kind, under each key of each table.
        for name in sections::NAMES {
            let inner = properties[name]["properties"].as_object().unwrap();
            assert!(!inner.is_empty() && properties[name]["additionalProperties"] == false);
            for (key, property) in inner {
                let text = format!("[{name}]\n{key} = {}", value_of(property));
                assert!(parse(text.clone()).is_ok(), "{text}");
                assert!(parse(format!("[{name}]\n{key} = 0.5")).is_err());
            }
            assert!(parse(format!("[{name}]\nnonsense = 1")).is_err());
        }
        assert!(parse("nonsense = \"x\"".to_owned()).is_err() && schema["additionalProperties"] == false);
    }
}
