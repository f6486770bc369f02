//! Tables as a whole, and the file that they are in.

use super::rule::{Rule, error};

pub(super) const MISSING_TABLE: Rule = error(
    "a table of the spec is not in the database",
    "Every statement that names it fails, and so does every write to a table whose foreign key points to it while foreign keys are enforced. When the table is there under another name, the ledger's [[rename]] says so, and everything in it is compared.",
    "spec:     CREATE TABLE plans (plan_id TEXT PRIMARY KEY);\n\
     database: -- plans is not there",
);

pub(super) const EXTRA_TABLE: Rule = error(
    "the database has a table that the spec does not know",
    "Somebody made it by hand, or a migration that should have dropped it never ran. Its foreign keys refuse deletes in other tables, its triggers write to them, and a copy of old rows is a copy of personal data that nobody remembers.",
    "spec:     -- no such table\n\
     database: CREATE TABLE plans_backup (plan_id TEXT);",
);

pub(super) const TABLE_OPTION: Rule = error(
    "STRICT or WITHOUT ROWID differs",
    "STRICT decides whether a value of the wrong type is refused or stored as it comes. WITHOUT ROWID decides whether there is a rowid, whether last_insert_rowid() moves, and whether the primary key may be NULL.",
    "spec:     CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT;\n\
     database: CREATE TABLE t (a INTEGER PRIMARY KEY);",
);

pub(super) const VIRTUAL_TABLE: Rule = error(
    "a virtual table has another module or other arguments",
    "Searches through it find other rows, or fail: the tokenizer decides what a word is. The arguments of a virtual table cannot be altered; it has to be made again and filled.",
    "spec:     CREATE VIRTUAL TABLE f USING fts5(body, tokenize = 'porter');\n\
     database: CREATE VIRTUAL TABLE f USING fts5(body);",
);

pub(super) const PRAGMA: Rule = error(
    "a setting that lives in the file differs from what the spec sets",
    "Applications read user_version and application_id to know what they have opened; the encoding decides how text is stored and cannot be changed once there are tables. A setting that the spec does not set is not compared.",
    "spec:     PRAGMA user_version = 7;\n\
     database: PRAGMA user_version = 6;",
);

pub(super) const UNMODELLED: Rule = error(
    "the statements differ in something that planctl can't interpret",
    "What is not understood is never called equal. Compare the two statements by eye.",
    "spec:     CREATE TABLE t (a TEXT, CONSTRAINT lone);\n\
     database: CREATE TABLE t (a TEXT, CONSTRAINT alone);",
);
