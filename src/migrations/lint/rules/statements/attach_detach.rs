use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};
use crate::migrations::{Unfit, unfit};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "ATTACH or DETACH in a migration",
    explanation: "A migration is one transaction on one database, and planctl refuses a file that attaches \
                  another one. Move data between databases outside of migrations.",
    check: Check::Text(|view, _, sink| {
        for stmt in &view.stmts {
            if let Some((Unfit::Attach, words)) = unfit(stmt.statement.text) {
                sink.report(
                    stmt.statement.start,
                    format!("{words} cannot be part of a migration"),
                    "remove it, and move data between databases outside of migrations",
                );
            }
        }
    }),
};
