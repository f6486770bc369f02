//! Ledger entries drafted from findings; the reason is left for a person to fill in.

use crate::base::finding::Finding;

/// The entries for these findings, as text to append to a ledger. The reasons are empty, which the next run refuses:
/// nothing becomes a documented difference because nobody looked.
pub fn draft_deviations<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    let mut text = String::new();
    for finding in findings {
        text.push_str("\n[[deviation]]\n");
        let mut key = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                text.push_str(&format!("{name} = {}\n", toml::Value::from(value)));
            }
        };
        key("rule", Some(finding.rule.as_str()));
        key("table", finding.object.table.as_deref());
        let own_name = finding.object.name.as_deref().filter(|_| finding.object.kind != "table");
        key("name", own_name);
        if !finding.rule.is_about_rows() {
            key("expected", finding.expected.as_deref());
            key("actual", finding.actual.as_deref());
        }
        key("reason", Some(""));
    }
    text
}
