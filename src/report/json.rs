use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Envelope, Render, Report};
use crate::error::Error;

/// Exactly one pretty-printed document.
pub(super) struct Json;

impl Render for Json {
    fn render(&self, report: &Report, envelope: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        let mut document = Map::new();
        document.insert("planctl".into(), envelope.version.into());
        document.insert("run_id".into(), envelope.run_id.to_string().into());
        document.insert("command".into(), report.command.as_ref().into());
        document.insert("outcome".into(), report.outcome.as_str().into());
        document.extend(report.data.iter().map(|(key, value)| (key.clone(), value.clone())));
        if let Some(summary) = report.summary() {
            // A command that counts more than findings hands its own summary in.
            document.entry("summary").or_insert(serde_json::to_value(summary)?);
            document.insert("findings".into(), serde_json::to_value(&report.findings)?);
        }
        if let Some(text) = &report.text {
            document.entry("text").or_insert_with(|| text.as_str().into());
        }
        if let Some(error) = &report.error {
            document.insert("error".into(), error_value(error));
        }
        serde_json::to_writer_pretty(&mut *out, &Value::Object(document))?;
        out.write_all(b"\n")
    }
}

fn error_value(error: &Error) -> Value {
    let location = error.location().map(|at| {
        let file = at.file.to_string_lossy();
        json!({ "file": file, "line": at.line, "column": at.column, "text": at.text })
    });
    let mut value = json!({
        "message": error.message(),
        "location": location,
        "notes": error.notes(),
        "help": error.help_text(),
    });
    if let Some(value) = value.as_object_mut()
        && !error.parts().is_empty()
    {
        value.insert("parts".into(), error.parts().iter().map(error_value).collect());
    }
    value
}
