//! Rows on their way out: written while the query runs, in the formats that can be.

use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write};
use std::ops::ControlFlow;

use super::output::{Output, meant_for};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::escape::visible_text;
use crate::base::replacement::Replacement;
use crate::queries::Value;
use crate::report::{Envelope, Head, Report, RowSink, RowWriter};

/// Where rows go, in a format that takes them as they come.
pub(super) struct Stream<'a> {
    output: &'a Output,
    envelope: &'a Envelope,
    writer: Box<dyn RowWriter>,
    /// `None` before the first row.
    place: Option<Place>,
    /// Whether nobody reads any more.
    closed: bool,
}

enum Place {
    Stdout(BufWriter<Stdout>),
    Terminal(Shown<BufWriter<Stdout>>),
    File(BufWriter<Replacement>),
}

impl Place {
    fn out(&mut self) -> &mut dyn Write {
        match self {
            Place::Stdout(out) => out,
            Place::Terminal(out) => out,
            Place::File(file) => file,
        }
    }
}

/// A terminal. What is there for programs holds values as they are; a person is shown what they are made of.
struct Shown<W> {
    out: W,
    /// What was not shown yet, for want of its end.
    line: Vec<u8>,
}

impl<W: Write> Shown<W> {
    fn line(&mut self) -> io::Result<()> {
        let line = String::from_utf8_lossy(&self.line);
        self.out.write_all(visible_text(&line.replace("\r\n", "\n")).as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

impl<W: Write> Write for Shown<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if bytes.ends_with(b"\n") {
            self.line()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.line()?;
        self.out.flush()
    }
}

impl<'a> Stream<'a> {
    /// `None` when the format has to see all rows first.
    pub(super) fn of(output: &'a Output, envelope: &'a Envelope) -> Option<Stream<'a>> {
        let writer = output.format.renderer.rows()?;
        Some(Stream { output, envelope, writer, place: None, closed: false })
    }

    /// Writes what stands behind the rows, or the whole report when it did not come to any. A closed pipe is no error.
    ///
    /// # Errors
    /// [`ErrorKind::File`] when the file, or stdout, cannot be written.
    pub(super) fn end(mut self, report: &Report) -> Result<()> {
        let whole = report.error.is_none() || self.writer.tells_trouble();
        let Some(mut place) = self.place.take() else {
            return if whole { self.output.write(report, self.envelope, false) } else { Ok(()) };
        };
        let written = if self.closed { Ok(()) } else { self.writer.end(report, place.out()) };
        match place {
            Place::Stdout(mut out) => ended(written.and_then(|()| out.flush())),
            Place::Terminal(mut out) => ended(written.and_then(|()| out.flush())),
            // Half of it would be taken for all: the file stays as it was.
            Place::File(file) if !whole => {
                file.into_parts().0.abandon();
                Ok(())
            }
            Place::File(mut file) => {
                let written = written.and_then(|()| file.flush());
                let (file, _) = file.into_parts();
                file.finish(written).map_err(of_result)
            }
        }
    }

    fn sent(&mut self, written: io::Result<()>) -> Result<ControlFlow<()>> {
        match (written, &self.output.file) {
            (Ok(()), _) => Ok(ControlFlow::Continue(())),
            (Err(error), _) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(ControlFlow::Break(()))
            }
            (Err(error), Some(path)) => Err(of_result(Error::file(path, error))),
            (Err(error), None) => Err(stdout(error)),
        }
    }
}

impl RowSink for Stream<'_> {
    fn begin(&mut self, head: Head) -> Result<()> {
        let place = self.place.insert(match &self.output.file {
            Some(path) => Place::File(BufWriter::new(Replacement::begin(path).map_err(of_result)?)),
            None if io::stdout().is_terminal() => {
                Place::Terminal(Shown { out: BufWriter::new(io::stdout()), line: Vec::new() })
            }
            None => Place::Stdout(BufWriter::new(io::stdout())),
        });
        let written = self.writer.begin(head, self.envelope, place.out());
        self.sent(written).map(drop)
    }

    fn row(&mut self, values: &[Value<'_>]) -> Result<ControlFlow<()>> {
        if self.closed {
            return Ok(ControlFlow::Break(()));
        }
        let Some(place) = &mut self.place else { return Ok(ControlFlow::Break(())) };
        let written = self.writer.row(values, place.out());
        self.sent(written)
    }
}

fn of_result(error: Error) -> Error {
    meant_for("-o", error)
}

/// A closed pipe is no error.
fn ended(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(stdout(error)),
        _ => Ok(()),
    }
}

fn stdout(error: io::Error) -> Error {
    Error::new(ErrorKind::File, format!("stdout: {error}")).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_shown_what_would_move_its_cursor() {
        let mut shown = Shown { out: Vec::new(), line: Vec::new() };
        // A value may come in parts.
        for part in ["name,n\r\n\"\u{1b}[2", "Jx\u{202e}\",1\r\n", "last"] {
            shown.write_all(part.as_bytes()).unwrap();
        }
        shown.flush().unwrap();
        let text = String::from_utf8(shown.out).unwrap();
        assert_eq!(text, "name,n\n\"\\u{1b}[2Jx\\u{202e}\",1\nlast");
    }
}
