use std::io::{self, Write};

use super::{Envelope, Render, Report};

/// For people, on a terminal.
pub(super) struct Table;

impl Render for Table {
    fn render(&self, report: &Report, _: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        match &report.text {
            Some(text) => out.write_all(text.as_bytes()),
            None => Ok(()),
        }
    }
}
