//! What only the schemas before and after a migration show: it is found by whoever runs the migrations.

use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};

pub(crate) const DELETE_WITHOUT_CASCADE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a DELETE that relies on ON DELETE CASCADE, SET NULL or SET DEFAULT",
    explanation: "Foreign keys are not enforced while a migration runs, so that a table can be rebuilt, and ON \
                  DELETE does nothing. Rows that refer to the deleted ones stay, and the check before the commit \
                  fails the migration on every database that has such rows. Delete or change them in the same \
                  file, before the DELETE.",
    check: Check::Schema,
};

pub(crate) const REBUILD_UNDER_ENFORCED_KEYS: Rule = Rule {
    severity: Severity::Error,
    summary: "a DROP TABLE that changes rows of other tables where foreign keys are enforced",
    explanation: "D1 always enforces foreign keys, and libSQL and rqlite servers may, also while a migration runs. \
                  There, dropping a table first deletes its rows, and ON DELETE CASCADE, SET NULL and SET DEFAULT \
                  do with the rows of its children what they say, even if the table has its name back a statement \
                  later. Have planctl write the migration with `migrate generate --target`: it rebuilds the \
                  children along. Only found for the targets libsql, rqlite and d1.",
    check: Check::Schema,
};

pub(crate) const FOREIGN_KEY_WITHOUT_INDEX: Rule = Rule {
    severity: Severity::Warning,
    summary: "a foreign key without an index that begins with its columns",
    explanation: "When a row of the parent is deleted or its key changes, SQLite looks for rows that refer to \
                  it. Without an index that begins with the columns of the foreign key, it reads the whole table \
                  each time. A partial index does not count. Add an index on these columns.",
    check: Check::Schema,
};

pub(crate) const INDEX_UPDATED_FOR_NOTHING: Rule = Rule {
    severity: Severity::Warning,
    summary: "a fill updates an index that the same file then drops",
    explanation: "A backfill, or an UPDATE without WHERE, changes the entry of every row in each index on the \
                  column that it sets. If the file then rebuilds the table or drops the index, and nothing reads \
                  the index in between, that was for nothing: it can be a sixth of the time that the migration \
                  takes. Drop the index before the fill, and let the rebuild create it again, as it has to \
                  anyway. Unique indexes are not reported, since they can stop the fill, nor is an index that a \
                  statement in between may read.",
    check: Check::Schema,
};

pub(crate) const REBUILD_LOSES: Rule = Rule {
    severity: Severity::Error,
    summary: "a table rebuild loses an index, a trigger or a constraint of the table",
    explanation: "DROP TABLE also drops the table's indexes and triggers, and the new CREATE TABLE has only what \
                  it says. COLLATE, AUTOINCREMENT, CHECK, UNIQUE, foreign keys and their actions, generated \
                  columns and ON CONFLICT are easily forgotten. Create again what the table had. If something is \
                  to go, say so: DROP INDEX or DROP TRIGGER before the DROP TABLE, or allow it with the reason.",
    check: Check::Schema,
};

pub(crate) const UNKNOWN_FUNCTION: Rule = Rule {
    severity: Severity::Error,
    summary: "a migration calls a function that SQLite does not have",
    explanation: "Neither planctl nor the sqlite3 shell can run such a migration on a file; only your \
                  application can, on a connection on which it has registered the function. `check` and `migrate \
                  test` run it on shadow databases, where the function returns NULL: that passes every CHECK and \
                  may occur twice under UNIQUE, so test the values in your application. If the function is your \
                  application's, allow it with the reason; later files may then call it.",
    check: Check::Schema,
};

pub(crate) const VIEW_LEFT_BROKEN: Rule = Rule {
    severity: Severity::Error,
    summary: "a view or trigger that worked before the migration does not compile after it",
    explanation: "When a table is dropped, SQLite does not look at views, or at the triggers of other tables. \
                  They fail when somebody uses them, and a broken one makes later ALTER TABLE … RENAME fail. \
                  Drop them first and create them again at the end, for the new schema.",
    check: Check::Schema,
};
