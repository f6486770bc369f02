use crate::migrations::lint::Rule;
use crate::severity::Severity;

/// Found by whoever has the schema.
pub const FOREIGN_KEY_WITHOUT_INDEX: Rule = Rule {
    code: "foreign-key-without-index",
    severity: Severity::Warning,
    summary: "a foreign key whose columns no index begins with",
    explanation: "When a row of the parent is deleted or its key changes, SQLite looks for the rows that refer to it. Without \
                  an index that begins with the referring columns it reads the whole table, once per row. A partial index \
                  does not count. Add an index on these columns.",
    check: |_, _, _| {},
};
