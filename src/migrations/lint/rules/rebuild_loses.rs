use crate::base::severity::Severity;
use crate::migrations::lint::{Check, Rule};

/// Found by whoever has the schemas before and after.
pub(super) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "a table rebuild loses an index, a trigger or a constraint of the table",
    explanation: "DROP TABLE takes the table's indexes and triggers along, and the new CREATE TABLE has only what it says: \
                  COLLATE, AUTOINCREMENT, CHECK, UNIQUE, foreign keys and their actions, generated columns and ON CONFLICT \
                  are easily left out. Make again what the table had. What shall go, say it: DROP INDEX or DROP TRIGGER \
                  before the DROP TABLE, or an allow with the reason.",
    check: Check::Schema,
};
