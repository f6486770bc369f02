use crate::base::severity::Severity;
use crate::ddl::Alteration;
use crate::migrations::lint::rule::{Check, Rule};
use crate::migrations::lint::shape::Shape;

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "a table rebuild that first renames the old table",
    explanation: "After ALTER TABLE t RENAME TO t_old, the foreign keys, triggers and views of all other tables \
                  refer to t_old, and break when it is dropped. Create the new table under another name, copy \
                  the rows, drop the old table, and rename the new one last \
                  (<https://www.sqlite.org/lang_altertable.html>).",
    check: Check::Text(|view, _, sink| {
        for (n, stmt) in view.stmts.iter().enumerate() {
            let Shape::AlterTable(from, Alteration::Rename(to)) = &stmt.shape else { continue };
            let replaced = view.stmts.iter().skip(n + 1).any(|later| match &later.shape {
                Shape::CreateTable(table) => table.name == *from,
                Shape::AlterTable(old, Alteration::Rename(new)) => new == from && old != to,
                _ => false,
            });
            if !replaced || view.is_new(n, from) || view.legacy_alter_table(n) {
                continue;
            }
            sink.report(
                stmt.statement.start,
                format!("renaming {from} makes the references to it follow to {to}"),
                format!("create the new table as {from}_new, copy the rows, drop {from}, then rename {from}_new to {from}"),
            );
        }
    }),
};
