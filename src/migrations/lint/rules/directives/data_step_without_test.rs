use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a backfill in a migration that no migration test covers",
    explanation: "A fresh database has no rows, so a wrong backfill goes unnoticed until it meets real ones. \
                  Write a migration test, `V<version>__<what>.test.sql`, with rows before it and what must hold \
                  after it.",
    check: Check::Text(|view, context, sink| {
        let version = view.migration.version;
        if view.down || context.options.tested.contains(&version) {
            return;
        }
        for at in view.backfills() {
            sink.report(
                at,
                format!("no migration test covers the backfill of {}", view.migration.label()),
                format!("write V{version}__WHAT.test.sql in the folder of migration tests"),
            );
        }
    }),
};
