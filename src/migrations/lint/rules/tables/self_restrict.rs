use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};
use crate::schema::ForeignKeyAction;

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "ON DELETE RESTRICT on a reference to the table itself",
    explanation: "RESTRICT is checked at once, row by row. A parent and its children cannot be deleted in the \
                  same DELETE, so a tree can only be deleted leaf by leaf. NO ACTION refuses the same orphans, \
                  but checks at the end of the statement; CASCADE deletes the children as well.",
    check: Check::Text(|view, _, sink| {
        // A down restores what was there, right or wrong.
        if view.down {
            return;
        }
        for (name, stmt, table) in view.declarations_by_final_name() {
            for key in &table.foreign_keys {
                let to_itself = key.parent == table.name || key.parent == *name;
                if to_itself && key.on_delete == ForeignKeyAction::Restrict {
                    sink.report(
                        stmt.place_of("ON DELETE", key.start),
                        format!("ON DELETE RESTRICT on {name} itself: a row and its children cannot be deleted together"),
                        "use NO ACTION, which is checked at the end of the statement, or CASCADE",
                    );
                }
            }
        }
    }),
};
