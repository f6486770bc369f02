use crate::base::severity::Severity;
use crate::migrations::lint::{Check, Rule};

/// Found by whoever has the schemas before and after.
pub(super) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "a view or trigger that worked before the migration does not compile after it",
    explanation: "SQLite does not look at views and at the triggers of other tables when a table is dropped. They fail when \
                  somebody uses them, and a broken one makes later ALTER TABLE … RENAME fail. Drop them first and make \
                  them again at the end, for the new schema.",
    check: Check::Schema,
};
