use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a migration that has no down file and does not say that it is irreversible",
    explanation: "When a migration goes wrong in production, you want to revert it. Write the down into \
                  `V<version>__<name>.down.sql`, or say with `-- planctl:irreversible REASON` why there is none.",
    check: Check::Text(|view, _, sink| {
        if view.down || view.migration.down.is_some() || view.migration.irreversible().is_some() {
            return;
        }
        let label = view.migration.label();
        sink.report(
            view.steps().first().copied().unwrap_or(0),
            format!("{label} has no down file"),
            format!("write {label}.down.sql, or `-- planctl:irreversible REASON` in the up file"),
        );
    }),
};
