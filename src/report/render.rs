//! What a format is given, and what it has to do.

use std::io;

use time::OffsetDateTime;
use ulid::Ulid;

use super::Report;
use super::wire::rows::RunReport;
use crate::queries::Value;

/// What every report is wrapped in.
#[derive(Clone, PartialEq, Debug)]
pub struct Envelope {
    /// The version of planctl.
    pub version: &'static str,
    /// Names the run.
    pub run_id: Ulid,
    /// When the run started, UTC.
    pub started: OffsetDateTime,
    /// What the report is written on; only `table` looks at it.
    pub canvas: Canvas,
}

/// What a report is written on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Canvas {
    /// Columns of text.
    pub width: usize,
    /// Whether colours are wanted.
    pub color: bool,
    /// Whether what is only for looking things up is shown on a terminal.
    pub whole: bool,
    /// Whether long lines are wrapped: on a terminal, which would break them anywhere, and where COLUMNS says how wide
    /// it is. A log keeps them, for `grep`.
    pub wraps: bool,
}

/// Writes a report in one format.
pub trait Render: Sync {
    /// Writes `report`.
    ///
    /// # Errors
    /// Those of `out`.
    fn render(&self, report: &Report, envelope: &Envelope, out: &mut dyn io::Write) -> io::Result<()>;

    /// Whether what it writes of `report` is a result: the trouble that there was is told, or a part was done. What is
    /// none takes no file's place.
    fn is_result(&self, report: &Report) -> bool {
        let _ = report;
        true
    }

    /// Writes rows as they come; `None` for formats that have to see them all first.
    fn rows(&self) -> Option<Box<dyn RowWriter>> {
        None
    }
}

/// Writes rows in one format.
pub trait RowWriter {
    /// Writes what stands in front of the rows.
    ///
    /// # Errors
    /// Those of `out`.
    fn begin(&mut self, head: Head, envelope: &Envelope, out: &mut dyn io::Write) -> io::Result<()>;

    /// Writes one row.
    ///
    /// # Errors
    /// Those of `out`.
    fn row(&mut self, values: &[Value<'_>], out: &mut dyn io::Write) -> io::Result<()>;

    /// Writes what stands behind the rows. `report` says what came of it.
    ///
    /// # Errors
    /// Those of `out`.
    fn end(&mut self, report: &Report, out: &mut dyn io::Write) -> io::Result<()>;

    /// Whether the format says when the rows ended in trouble. A file in one that does not would be taken for whole.
    fn tells_trouble(&self) -> bool;
}

/// What is known of rows before the first one.
#[derive(Clone, Debug)]
pub struct Head {
    /// The command as typed.
    pub command: &'static str,
    /// The command's own keys of the JSON document that stand in front of the rows.
    pub report: RunReport,
    /// The names of the columns; no two are the same.
    pub columns: Vec<String>,
}
