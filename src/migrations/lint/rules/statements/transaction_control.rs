use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};
use crate::migrations::{Unfit, unfit};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "BEGIN, COMMIT and the like in a migration, or VACUUM, which cannot run in a transaction",
    explanation: "planctl runs each migration in one transaction, together with its history row, and refuses a \
                  file that would end it. Remove the statement. Run VACUUM by hand, outside of migrations.",
    check: Check::Text(|view, _, sink| {
        for stmt in &view.stmts {
            match unfit(stmt.statement.text) {
                Some((Unfit::TransactionControl, words)) => sink.report(
                    stmt.statement.start,
                    format!("{words} would end or nest the transaction that the migration runs in"),
                    "remove it: planctl begins and commits for each migration",
                ),
                Some((Unfit::OutsideOnly, words)) if words == "VACUUM" => sink.report(
                    stmt.statement.start,
                    "VACUUM fails inside a transaction, and a migration runs in one",
                    "remove it, and run VACUUM by hand when it is needed",
                ),
                _ => {}
            }
        }
    }),
};
