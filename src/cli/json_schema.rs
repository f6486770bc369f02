//! `planctl json-schema`: what an editor needs to complete and check `planctl.toml` and `deviations.toml`, from the
//! lists that their readers use.

use serde_json::{Map, Value, json};

use super::settings::KEYS;
use crate::audit::ledger_json_schema;
use crate::error::Result;
use crate::report::Report;

/// Write the JSON Schema of a settings file or of a ledger to stdout
///
/// Editors complete and check TOML files by it. A file names its schema in its first line, as in
/// `#:schema planctl.schema.json`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl json-schema settings > planctl.schema.json
  planctl json-schema ledger > deviations.schema.json")]
pub struct JsonSchemaArgs {
    /// File whose schema to write
    #[arg(value_name = "FILE")]
    file: File,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum File {
    /// planctl.toml
    Settings,
    /// deviations.toml
    Ledger,
}

impl JsonSchemaArgs {
    /// The schema.
    ///
    /// # Errors
    /// None that depends on the outside.
    pub fn run(&self) -> Result<Report> {
        let schema = match self.file {
            File::Settings => settings(),
            File::Ledger => ledger_json_schema(),
        };
        Ok(Report { text: Some(format!("{schema:#}\n")), ..Report::new("json-schema") })
    }
}

fn settings() -> Value {
    let properties: Map<String, Value> = KEYS
        .iter()
        .map(|key| {
            let about = format!("{} (environment: {}, flag: --{})", key.about, key.env, key.name);
            let mut property = json!({ "description": about, "type": "string", "minLength": 1 });
            if !key.default.is_empty() {
                property["default"] = key.default.into();
            }
            (key.name.to_owned(), property)
        })
        .collect();
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
    use crate::cli::config::ConfigFile;
    use crate::source::SourceFile;

    /// Law: the reader takes what the schema gives as a default, under each key, and nothing that it forbids.
    #[test]
    fn the_schema_of_the_settings_says_what_the_reader_takes() {
        let schema = settings();
        let properties = schema["properties"].as_object().unwrap();
        assert_eq!(properties.len(), KEYS.len());
        let parse = |text: String| ConfigFile::parse(SourceFile::new("planctl.toml", text));
        for (name, property) in properties {
            let value = property["default"].as_str().unwrap_or("x");
            let file = parse(format!("{name} = {value:?}")).unwrap();
            assert_eq!(file.get(name).map(|(value, _)| value), Some(value));
            assert!(parse(format!("{name} = \"\"")).is_err() && property["minLength"] == 1);
            assert!(parse(format!("{name} = 1")).is_err() && property["type"] == "string");
        }
        assert!(parse("nonsense = \"x\"".to_owned()).is_err() && schema["additionalProperties"] == false);
    }
}
