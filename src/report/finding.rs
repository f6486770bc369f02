//! A finding on the wire: the JSON contract of `audit`, `check`, `migrate lint` and `schema diff`.

use serde_json::{Value, json};

use crate::base::finding::{Finding, Object};
use crate::base::source::Location;

pub(super) fn wire(finding: &Finding) -> Value {
    let object = |object: &Object| json!({ "kind": object.kind, "table": object.table, "name": object.name });
    let place = |at: &Location| json!({ "file": file(at), "line": at.line, "column": at.column });
    let excuse = finding.excuse.as_ref();
    let mut wire = json!({
        "rule": finding.rule,
        "severity": finding.severity,
        "object": object(&finding.object),
        "live_object": finding.live_object.as_ref().map(object),
        "expected": finding.expected,
        "actual": finding.actual,
        "message": finding.sentence(),
        "spec": finding.location.as_ref().map(place),
        "deviation": excuse.map(|excuse| json!({ "reason": excuse.reason, "link": excuse.link })),
        "baseline": finding.in_baseline,
    });
    if !finding.fix.is_empty() {
        wire["fix"] = json!(finding.fix);
    }
    wire
}

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
