use std::borrow::Cow;
use std::io::{self, Write};

use crate::queries::Value;
use crate::report::render::{Head, RowWriter};
use crate::report::{Envelope, Render, Report};

/// RFC 4180, for spreadsheets and programs: a line of names, then a line for each row, each ended by CR LF. NULL is nothing
/// at all, the empty text is `""`.
pub(crate) struct Csv {
    /// Whether a text that a spreadsheet would take for a formula is written so that it stays a text.
    pub(crate) escapes_formulas: bool,
}

impl Render for Csv {
    /// A line for each thing that the report is about. A result of another kind has nothing to say here.
    fn render(&self, report: &Report, _: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        if report.cases.is_empty() {
            return Ok(());
        }
        line(["name", "state", "version", "message"].into_iter().map(Some), out)?;
        report.cases.iter().try_for_each(|case| {
            let version = case.version.map(|version| version.to_string());
            let [name, message] = [&case.name, &case.message].map(|text| self.text(text.as_str().into()));
            line([Some(&*name), Some(case.state), version.as_deref(), Some(&*message)].into_iter(), out)
        })
    }

    fn rows(&self) -> Option<Box<dyn RowWriter>> {
        Some(Box::new(Csv { escapes_formulas: self.escapes_formulas }))
    }
}

impl RowWriter for Csv {
    fn begin(&mut self, head: Head, _: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        let names: Vec<_> = head.columns.iter().map(|name| self.text(name.as_str().into())).collect();
        line(names.iter().map(|name| Some(name.as_ref())), out)
    }

    fn row(&mut self, values: &[Value<'_>], out: &mut dyn Write) -> io::Result<()> {
        let texts: Vec<_> = values
            .iter()
            .map(|value| match value {
                Value::Null => None,
                Value::Text(_) => Some(self.text(value.text())),
                _ => Some(value.text()),
            })
            .collect();
        line(texts.iter().map(Option::as_deref), out)
    }

    fn end(&mut self, _: &Report, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn tells_trouble(&self) -> bool {
        false
    }
}

impl Csv {
    /// A text as it is, or behind an apostrophe, which spreadsheets take for "what follows is a text". Numbers are never
    /// escaped: a negative one is no formula.
    fn text<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
        if self.escapes_formulas && is_formula { format!("'{text}").into() } else { text }
    }
}

fn line<'a>(fields: impl Iterator<Item = Option<&'a str>>, out: &mut dyn Write) -> io::Result<()> {
    for (at, field) in fields.enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        match field {
            None => {}
            Some(text) if needs_quotes(text) => write!(out, "\"{}\"", text.replace('"', "\"\""))?,
            Some(text) => out.write_all(text.as_bytes())?,
        }
    }
    out.write_all(b"\r\n")
}

/// Some programs take spaces at the ends of a field away where it has no quotes.
fn needs_quotes(text: &str) -> bool {
    text.is_empty()
        || text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n'))
        || text.starts_with(' ')
        || text.ends_with(' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written_by(mut csv: Csv, values: &[Value<'_>]) -> String {
        let mut out = Vec::new();
        csv.row(values, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn written(values: &[Value<'_>]) -> String {
        written_by(Csv { escapes_formulas: false }, values)
    }

    #[test]
    fn what_a_spreadsheet_would_calculate_stays_a_text_where_that_is_asked_for() {
        let text = |text: &'static str| Value::Text(text.into());
        let row = [
            text("=1+1"),
            text("+1"),
            text("-1"),
            text("@a"),
            text("\tx"),
            text("\r=1"),
            text("＝1"),
            text("a=1"),
            text("'=1"),
            text(""),
            Value::Integer(-1),
            Value::Real(-0.5),
            Value::Null,
        ];
        assert_eq!(
            written_by(Csv { escapes_formulas: true }, &row),
            "'=1+1,'+1,'-1,'@a,'\tx,\"'\r=1\",'＝1,a=1,'=1,\"\",-1,-0.5,\r\n"
        );
        assert!(written(&row).starts_with("=1+1,+1,-1,@a,"));
    }

    #[test]
    fn null_is_nothing_and_the_empty_text_is_quoted() {
        let text = |text: &'static str| Value::Text(text.into());
        assert_eq!(written(&[Value::Null, text(""), Value::Integer(7), Value::Real(2.0)]), ",\"\",7,2.0\r\n");
        assert_eq!(
            written(&[text("a,\"b\"\nc"), text("=1+1"), text(" x")]),
            "\"a,\"\"b\"\"\nc\",=1+1,\" x\"\r\n"
        );
        assert_eq!(written(&[Value::Blob(&[1, 171])]), "x'01ab'\r\n");
    }

    /// The grammar of RFC 4180, section 2, read by the letter: fields of one line, `None` where there is nothing.
    fn read(line: &str) -> Vec<Option<String>> {
        let mut fields = Vec::new();
        let mut rest = line.strip_suffix("\r\n").unwrap();
        loop {
            let (field, behind) = match rest.strip_prefix('"') {
                Some(quoted) => {
                    let mut field = String::new();
                    let mut inner = quoted;
                    loop {
                        let (before, after) = inner.split_once('"').unwrap();
                        field.push_str(before);
                        match after.strip_prefix('"') {
                            Some(more) => {
                                field.push('"');
                                inner = more;
                            }
                            None => break (Some(field), after),
                        }
                    }
                }
                None => {
                    let end = rest.find(',').unwrap_or(rest.len());
                    let field = &rest[..end];
                    assert!(!field.contains(['"', '\r', '\n']), "TEXTDATA");
                    (Some(field.to_owned()).filter(|field| !field.is_empty()), &rest[end..])
                }
            };
            fields.push(field);
            match behind.strip_prefix(',') {
                Some(more) => rest = more,
                None => {
                    assert_eq!(behind, "");
                    return fields;
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(
            row in proptest::collection::vec(proptest::option::of("[a-z,\"\r\n =é]{0,6}"), 1..5)
        ) {
            let values: Vec<Value<'_>> = row
                .iter()
                .map(|text| text.as_deref().map_or(Value::Null, |text| Value::Text(text.into())))
                .collect();
            prop_assert_eq!(read(&written(&values)), row);
        }
    }
}
