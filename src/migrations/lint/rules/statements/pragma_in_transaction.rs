use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};
use crate::sql::{Pragma, Token};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a PRAGMA that fails or does nothing inside a transaction",
    explanation: "A migration runs in one transaction, where some pragmas have no effect or fail \
                  (<https://www.sqlite.org/pragma.html>). Foreign keys need no pragma: planctl does not enforce \
                  them while a migration runs, and checks them before it commits. Set the others where your \
                  application opens the database.",
    check: Check::Text(|view, _, sink| {
        for stmt in &view.stmts {
            let Some((name, effect)) = effect(&stmt.tokens) else { continue };
            let help = match name.as_str() {
                "foreign_keys" => {
                    "remove it: foreign keys are not enforced while a migration runs, and are checked before the commit"
                }
                _ => "remove it, and set it where the database is opened",
            };
            let message = format!("PRAGMA {name} {effect} inside the transaction that the migration runs in");
            sink.report(stmt.statement.start, message, help);
        }
    }),
};

/// The pragma's name and what becomes of it inside a transaction; `None` for one that works.
fn effect(tokens: &[Token<'_>]) -> Option<(String, &'static str)> {
    let Pragma { name, value, .. } = Pragma::read(tokens.iter().copied())?;
    let sets = value.is_some();
    let effect = match name.as_str() {
        "wal_checkpoint" => "fails",
        "synchronous" if sets => "fails",
        "journal_mode" if sets => "fails or does nothing",
        "foreign_keys" | "page_size" | "auto_vacuum" | "encoding" if sets => "does nothing",
        _ => return None,
    };
    Some((name, effect))
}
