//! What only the schemas before and after a migration show: it is found by whoever runs the migrations.

use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};

pub(crate) const DELETE_WITHOUT_CASCADE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a DELETE that leaves rows to ON DELETE CASCADE, SET NULL or SET DEFAULT",
    explanation: "Foreign keys are not enforced while a migration runs, so that a table can be rebuilt: what ON DELETE says \
                  does not happen. The rows that refer to those that were deleted stay as they are, and the check before \
                  the commit refuses the migration on every database that has some. Delete or change them in the same \
                  file, before the DELETE.",
    check: Check::Schema,
};

pub(crate) const FOREIGN_KEY_WITHOUT_INDEX: Rule = Rule {
    severity: Severity::Warning,
    summary: "a foreign key whose columns no index begins with",
    explanation: "When a row of the parent is deleted or its key changes, SQLite looks for the rows that refer to it. Without \
                  an index that begins with the referring columns it reads the whole table, once per row. A partial index \
                  does not count. Add an index on these columns.",
    check: Check::Schema,
};

pub(crate) const REBUILD_LOSES: Rule = Rule {
    severity: Severity::Error,
    summary: "a table rebuild loses an index, a trigger or a constraint of the table",
    explanation: "DROP TABLE takes the table's indexes and triggers along, and the new CREATE TABLE has only what it says: \
                  COLLATE, AUTOINCREMENT, CHECK, UNIQUE, foreign keys and their actions, generated columns and ON CONFLICT \
                  are easily left out. Make again what the table had. What shall go, say it: DROP INDEX or DROP TRIGGER \
                  before the DROP TABLE, or an allow with the reason.",
    check: Check::Schema,
};

pub(crate) const UNKNOWN_FUNCTION: Rule = Rule {
    severity: Severity::Error,
    summary: "a migration calls a function that is none of SQLite's",
    explanation: "planctl cannot run such a migration on a file, nor can the sqlite3 shell: the application has to, on a \
                  connection where the function is registered. `check` and `migrate test` run it on scratch databases, \
                  with NULL in the place of what the function gives: NULL passes every CHECK, and no index keeps it from \
                  standing twice. What such rows say is for a test of the application's. An allow with the reason says \
                  that the function is the application's; later files may call it then.",
    check: Check::Schema,
};

pub(crate) const VIEW_LEFT_BROKEN: Rule = Rule {
    severity: Severity::Error,
    summary: "a view or trigger that worked before the migration does not compile after it",
    explanation: "SQLite does not look at views and at the triggers of other tables when a table is dropped. They fail when \
                  somebody uses them, and a broken one makes later ALTER TABLE … RENAME fail. Drop them first and make \
                  them again at the end, for the new schema.",
    check: Check::Schema,
};
