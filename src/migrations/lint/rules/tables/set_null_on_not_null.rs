use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};
use crate::schema::{ForeignKeyAction, Ident};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "ON DELETE SET NULL on a column that is NOT NULL",
    explanation: "When the row that it refers to is deleted, SQLite tries to set the column to NULL, and a \
                  DELETE on another table fails with \"NOT NULL constraint failed\". Allow NULL, or choose \
                  RESTRICT or CASCADE.",
    check: Check::Text(|view, _, sink| {
        // A down restores what was there, right or wrong.
        if view.down {
            return;
        }
        for (_, stmt, table) in view.declarations() {
            let refuses_null =
                |name: &&Ident| table.column(name).is_some_and(|column| table.refuses_null(column));
            for key in &table.foreign_keys {
                let Some(column) = key.columns.iter().find(refuses_null) else { continue };
                for (event, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
                    if action == ForeignKeyAction::SetNull {
                        sink.report(
                            stmt.place_of(&format!("ON {event}"), key.start),
                            format!("ON {event} SET NULL cannot work: {column} is NOT NULL"),
                            format!("allow NULL in {column}, or choose RESTRICT, NO ACTION or CASCADE"),
                        );
                    }
                }
            }
        }
    }),
};
