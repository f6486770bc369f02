use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "an up file that does nothing",
    explanation: "Once it is applied, the file is part of the history, and planctl refuses it if somebody fills \
                  it in later. Write the migration before you apply it, or delete the pair.",
    check: Check::Text(|view, _, sink| {
        if view.down || !view.is_empty() {
            return;
        }
        sink.report(
            0,
            format!("the up file of {} does nothing", view.migration.label()),
            "write the migration before it is applied anywhere, or delete the pair of files",
        );
    }),
};
