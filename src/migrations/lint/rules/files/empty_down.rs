use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a down file that does nothing",
    explanation: "Reverting the migration would remove its history row and leave the change in place, so that \
                  applying it again fails or changes things twice. Undo what the up does, or delete the down \
                  file and say with `-- planctl:irreversible REASON` why there is none.",
    check: Check::Text(|view, _, sink| {
        let migration = view.migration;
        if !view.down || !view.is_empty() || migration.irreversible().is_some() {
            return;
        }
        // What does nothing needs no down that does something.
        if migration.up_steps().is_ok_and(|steps| steps.is_empty()) {
            return;
        }
        sink.report(
            0,
            format!("the down file of {} does nothing", migration.label()),
            "undo what the up file does, or delete the down file and write `-- planctl:irreversible REASON` in the up file",
        );
    }),
};
