//! Results that are rows: written as they come where the format can, so that a million of them take no memory.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::{Envelope, Report};
use crate::error::Result;
use crate::queries::Value;

/// What is known of rows before the first one.
#[derive(Clone, Debug)]
pub struct Head {
    /// The command as typed.
    pub command: &'static str,
    /// The command's own keys of the JSON document that stand in front of the rows.
    pub data: serde_json::Map<String, serde_json::Value>,
    /// The names of the columns; no two are the same.
    pub columns: Vec<String>,
}

/// Where a command sends rows as they come.
pub trait RowSink {
    /// Begins. What goes wrong before that is reported as of any other command.
    ///
    /// # Errors
    /// When the head cannot be written.
    fn begin(&mut self, head: Head) -> Result<()>;

    /// One row. `Break` when nobody reads any more.
    ///
    /// # Errors
    /// When the row cannot be written.
    fn row(&mut self, values: &[Value<'_>]) -> Result<ControlFlow<()>>;
}

/// Writes rows in one format.
pub trait RowWriter {
    /// Writes what stands in front of the rows.
    ///
    /// # Errors
    /// Those of `out`.
    fn begin(&mut self, head: Head, envelope: &Envelope, out: &mut dyn Write) -> io::Result<()>;

    /// Writes one row.
    ///
    /// # Errors
    /// Those of `out`.
    fn row(&mut self, values: &[Value<'_>], out: &mut dyn Write) -> io::Result<()>;

    /// Writes what stands behind the rows. `report` says what came of it.
    ///
    /// # Errors
    /// Those of `out`.
    fn end(&mut self, report: &Report, out: &mut dyn Write) -> io::Result<()>;

    /// Whether the format says when the rows ended in trouble. A file in one that does not would be taken for whole.
    fn tells_trouble(&self) -> bool;
}
