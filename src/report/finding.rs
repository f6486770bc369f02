//! A finding as the formats show it.

use crate::base::finding::Finding;
use crate::base::source::Location;

/// The file of a place, as it was named by the user.
pub(super) fn file(at: &Location) -> String {
    at.file.display().to_string()
}

impl Finding {
    /// Whether it is shown as what the spec says and what the database has, side by side: rule and object say the rest.
    pub(super) fn has_sides(&self) -> bool {
        self.rule.of_audit().is_some() && (self.expected.is_some() || self.actual.is_some())
    }

    /// The message, and each side in a line of its own, for formats that have room for a text only.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.sentence().into_owned()];
        if self.has_sides() {
            let side =
                |label: &str, side: &Option<String>| side.as_ref().map(|side| format!("{label}: {side}"));
            lines.extend(side("spec", &self.expected));
            lines.extend(side("database", &self.actual));
        }
        lines
    }
}
