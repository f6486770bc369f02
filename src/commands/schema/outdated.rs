//! A file that was generated, held against what would be written today.

use std::path::Path;

use crate::base::finding::{Finding, Object};
use crate::base::rule::GateRule;
use crate::base::severity::Severity;
use crate::base::source::Location;

/// How a file differs from what would be written today.
pub(super) struct Outdated {
    what: &'static str,
    line: usize,
    does: &'static str,
}

impl Outdated {
    /// Of a file that is not there.
    pub(super) const MISSING: Outdated = Outdated { what: "does not exist", line: 1, does: "writes it" };

    /// The first line that differs. A checkout on Windows may have other line ends.
    pub(super) fn of(written: &str, now: &str) -> Option<Outdated> {
        let (mut old, mut new) = (written.lines(), now.lines());
        let mut line = 0;
        let outdated = |what, line: usize| Some(Outdated { what, line: line.max(1), does: "updates it" });
        loop {
            line += 1;
            return match (old.next(), new.next()) {
                (None, None) => None,
                (old, new) if old == new => continue,
                (Some(_), Some(_)) => outdated("is out of date", line),
                (None, _) => outdated("is out of date: it ends too early", line - 1),
                (_, None) => outdated("is out of date: it continues after its end", line),
            };
        }
    }

    /// The finding, with the command that writes the file anew.
    pub(super) fn finding(&self, rule: GateRule, file: &Path, command: &str) -> Finding {
        let name = file.display().to_string();
        let message = format!("{name} {}; `{command}` {}", self.what, self.does);
        let object = Object { kind: "file", table: None, name: Some(name) };
        let (path, text) = (file.to_owned(), String::new());
        let location = Location { file: path, line: self.line, column: 1, length: 1, text };
        Finding { location: Some(location), ..Finding::new(rule, Severity::Error, object, message) }
    }
}
