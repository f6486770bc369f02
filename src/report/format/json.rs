use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::base::error::Error;
use crate::base::escape::is_deceptive;
use crate::queries;
use crate::report::finding::wire;
use crate::report::render::{Head, RowWriter};
use crate::report::{Envelope, Render, Report};

/// Exactly one pretty-printed document.
pub(crate) struct Json;

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
            document.insert("findings".into(), report.findings.iter().map(wire).collect());
        }
        if let Some(text) = &report.text {
            document.entry("text").or_insert_with(|| text.as_str().into());
        }
        if let Some(error) = &report.error {
            document.insert("error".into(), error_value(error));
        }
        write_document(&Value::Object(document), out)
    }

    fn rows(&self) -> Option<Box<dyn RowWriter>> {
        Some(Box::new(Rows::default()))
    }
}

/// The document around rows that are written as they come, each an object on a line of its own. What the run came to is
/// known only behind them.
#[derive(Default)]
struct Rows {
    /// The names of the columns, as keys.
    keys: Vec<Vec<u8>>,
    written: u64,
}

impl RowWriter for Rows {
    fn begin(&mut self, head: Head, envelope: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        let mut document = Map::new();
        document.insert("planctl".into(), envelope.version.into());
        document.insert("run_id".into(), envelope.run_id.to_string().into());
        document.insert("command".into(), head.command.into());
        document.extend(head.data);
        document.insert("columns".into(), head.columns.as_slice().into());
        for name in &head.columns {
            let mut key = Vec::new();
            write_plain(&serde_json::to_string(name)?, &mut key)?;
            self.keys.push(key);
        }
        let document = serde_json::to_string_pretty(&Value::Object(document))?;
        write_plain(&format!("{},\n  \"rows\": [", document.trim_end_matches("\n}")), out)
    }

    fn row(&mut self, values: &[queries::Value<'_>], out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.written == 0 { b"\n    {" } else { b",\n    {" })?;
        for (at, (key, value)) in self.keys.iter().zip(values).enumerate() {
            out.write_all(if at == 0 { b"" } else { b", " })?;
            out.write_all(key)?;
            out.write_all(b": ")?;
            match value {
                queries::Value::Null => out.write_all(b"null")?,
                queries::Value::Integer(number) => write!(out, "{number}")?,
                queries::Value::Real(number) if number.is_finite() => {
                    serde_json::to_writer(&mut *out, number)?;
                }
                // JSON has neither infinity nor bytes.
                other => write_plain(&serde_json::to_string(other.text().as_ref())?, out)?,
            }
        }
        self.written += 1;
        out.write_all(b"}")
    }

    fn end(&mut self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let mut document = Map::new();
        document.insert("row_count".into(), self.written.into());
        document.insert("outcome".into(), report.outcome.as_str().into());
        if let Some(error) = &report.error {
            document.insert("error".into(), error_value(error));
        }
        let document = serde_json::to_string_pretty(&Value::Object(document))?;
        let close = if self.written == 0 { "]" } else { "\n  ]" };
        write_plain(&format!("{close},{}\n", document.trim_start_matches('{')), out)
    }

    fn tells_trouble(&self) -> bool {
        true
    }
}

/// Writes a document of its own, pretty-printed.
pub(crate) fn write_document(document: &Value, out: &mut dyn Write) -> io::Result<()> {
    write_plain(&serde_json::to_string_pretty(document)?, out)?;
    out.write_all(b"\n")
}

/// Writes JSON. What could deceive on a terminal is written as an escape, which JSON has for every character: whoever parses
/// it gets what was meant.
fn write_plain(text: &str, out: &mut dyn Write) -> io::Result<()> {
    // serde_json escapes control characters below U+0020 itself; the others of this kind stand in strings only.
    let mut rest = text;
    while let Some(at) = rest.find(|c| c != '\n' && is_deceptive(c)) {
        let (plain, from) = rest.split_at(at);
        out.write_all(plain.as_bytes())?;
        let Some(c) = from.chars().next() else { break };
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        rest = &from[c.len_utf8()..];
    }
    out.write_all(rest.as_bytes())
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
