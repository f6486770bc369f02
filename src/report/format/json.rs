use std::io::{self, BufWriter, Write};
use std::str;

use serde::Serialize;

use crate::base::escape::first_deceptive;
use crate::queries;
use crate::report::render::{Head, RowWriter};
use crate::report::wire::rows::RunReport;
use crate::report::wire::{self, Columns, Document, End, Found, RowsEnd, Text};
use crate::report::{Envelope, Render, Report};

/// Exactly one pretty-printed document.
pub(crate) struct Json;

/// What is found, and what is a text, of a report that may have either.
#[derive(Serialize)]
struct Behind<'a> {
    #[serde(flatten)]
    found: Option<Found>,
    #[serde(flatten)]
    text: Option<Text<'a>>,
}

/// What stands in front of the rows of a report.
#[derive(Serialize)]
struct Begin<'a> {
    #[serde(flatten)]
    head: wire::Head<'a>,
    #[serde(flatten)]
    report: RunReport,
    #[serde(flatten)]
    columns: Columns<'a>,
}

fn head<'a>(command: &'a str, envelope: &Envelope) -> wire::Head<'a> {
    wire::Head { planctl: envelope.version, run_id: envelope.run_id.to_string(), command }
}

impl Render for Json {
    fn render(&self, report: &Report, envelope: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        let found = report.summary().map(|summary| Found {
            summary,
            findings: report.findings.iter().map(wire::Finding::from).collect(),
        });
        let document = Document {
            head: head(&report.command, envelope),
            outcome: report.outcome,
            body: &report.body,
            found: Behind { found, text: report.text.as_deref().map(|text| Text { text }) },
            end: End::of(report.error.as_ref()),
        };
        write_document(&document, out)
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
        let begin = Begin {
            head: self::head(head.command, envelope),
            report: head.report,
            columns: Columns { columns: &head.columns },
        };
        for name in &head.columns {
            let mut key = Vec::new();
            write_plain(&serde_json::to_string(name)?, &mut key)?;
            self.keys.push(key);
        }
        let document = serde_json::to_string_pretty(&begin)?;
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
        let end =
            RowsEnd { row_count: self.written, outcome: report.outcome, end: End::of(report.error.as_ref()) };
        let document = serde_json::to_string_pretty(&end)?;
        let close = if self.written == 0 { "]" } else { "\n  ]" };
        write_plain(&format!("{close},{}\n", document.trim_start_matches('{')), out)
    }

    fn tells_trouble(&self) -> bool {
        true
    }
}

/// Writes a document of its own, pretty-printed, as it is made.
pub(crate) fn write_document(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(Plain(out));
    serde_json::to_writer_pretty(&mut out, document)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// [`write_plain`], for whoever writes whole characters.
struct Plain<'a>(&'a mut dyn Write);

impl Write for Plain<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        write_plain(str::from_utf8(text).map_err(io::Error::other)?, self.0)?;
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes JSON. What could deceive on a terminal is written as an escape, which JSON has for every character: whoever parses
/// it gets what was meant.
fn write_plain(text: &str, out: &mut dyn Write) -> io::Result<()> {
    // serde_json escapes control characters below U+0020 itself; the others of this kind stand in strings only.
    let mut rest = text;
    while let Some(at) = first_deceptive(rest, |c| c == '\n') {
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
