use crate::base::severity::Severity;
use crate::migrations::lint::{Check, Rule};

/// Found by whoever runs the migrations.
pub(super) const RULE: Rule = Rule {
    severity: Severity::Error,
    summary: "a migration calls a function that is none of SQLite's",
    explanation: "planctl cannot run such a migration on a file, nor can the sqlite3 shell: the application has to, on a \
                  connection where the function is registered. `check` and `migrate test` run it on scratch databases, \
                  with NULL in the place of what the function gives: NULL passes every CHECK, and no index keeps it from \
                  standing twice. What such rows say is for a test of the application's. An allow with the reason says \
                  that the function is the application's; later files may call it then.",
    check: Check::Schema,
};
