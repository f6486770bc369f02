use crate::base::severity::Severity;
use crate::migrations::lint::{Check, Rule};

/// Found by whoever has the schemas before and after.
pub(super) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a DELETE that leaves rows to ON DELETE CASCADE, SET NULL or SET DEFAULT",
    explanation: "Foreign keys are not enforced while a migration runs, so that a table can be rebuilt: what ON DELETE says \
                  does not happen. The rows that refer to those that were deleted stay as they are, and the check before \
                  the commit refuses the migration on every database that has some. Delete or change them in the same \
                  file, before the DELETE.",
    check: Check::Schema,
};
