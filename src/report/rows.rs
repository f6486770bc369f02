//! Results that are rows: written as they come where the format can, so that a million of them take no memory.

use std::ops::ControlFlow;

use super::render::Head;
use crate::base::error::Result;
use crate::queries::Value;

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
