use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "an up file that does nothing",
    explanation: "Once it is applied it is part of the history: what is written into it afterwards is an edit of an \
                  applied migration, which is refused. A file that is still the template was applied too early; write \
                  the migration, or delete the pair.",
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
