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

#[cfg(test)]
pub(crate) const FIXTURES: &[crate::migrations::lint::fixture::Fixture] = {
    use crate::migrations::lint::fixture::Fixture;
    const UP: &str = "SELECT 1;\n-- planctl:backfill root-ancestor table=t id=i parent=p root=r\n";
    &[
        Fixture::good(UP).tested(),
        Fixture::good("SELECT 1;"),
        Fixture::good(
            "-- planctl:allow data-step-without-test t is empty\n\
             -- planctl:backfill root-ancestor table=t id=i parent=p root=r\n",
        ),
        Fixture::bad(UP, &[("data-step-without-test", 2)]),
    ]
};
