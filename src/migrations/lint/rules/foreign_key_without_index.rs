use crate::base::severity::Severity;
use crate::migrations::lint::{Check, Rule};

/// Found by whoever has the schema.
pub(super) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a foreign key whose columns no index begins with",
    explanation: "When a row of the parent is deleted or its key changes, SQLite looks for the rows that refer to it. Without \
                  an index that begins with the referring columns it reads the whole table, once per row. A partial index \
                  does not count. Add an index on these columns.",
    check: Check::Schema,
};
