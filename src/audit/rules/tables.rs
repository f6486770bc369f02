//! Tables as a whole, and the file that they are in.

use super::rule::{Rule, error};

pub(super) const MISSING_TABLE: Rule = error(
    "a table of the spec is missing from the database",
    "Every statement that names it fails. So does every write to a table with a foreign key to it, while foreign keys are enforced. If the database has the table under another name, say so with a [[rename]] in the ledger; then everything in it is compared.",
    "spec:     CREATE TABLE plans (plan_id TEXT PRIMARY KEY);\n\
     database: -- plans is not there",
);

pub(super) const EXTRA_TABLE: Rule = error(
    "the database has a table that is not in the spec",
    "Somebody created it by hand, or a migration that should have dropped it never ran. Its foreign keys can refuse deletes in other tables, its triggers can write to them, and a copy of old rows may hold personal data that everybody has forgotten.",
    "spec:     -- no such table\n\
     database: CREATE TABLE plans_backup (plan_id TEXT);",
);

pub(super) const TABLE_OPTION: Rule = error(
    "STRICT or WITHOUT ROWID differs",
    "STRICT decides whether a value of the wrong type is refused or stored as it is. WITHOUT ROWID decides whether there is a rowid, whether last_insert_rowid() moves, and whether the primary key may be NULL.",
    "spec:     CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT;\n\
     database: CREATE TABLE t (a INTEGER PRIMARY KEY);",
);

pub(super) const VIRTUAL_TABLE: Rule = error(
    "a virtual table has a different module or different arguments",
    "Searches find different rows, or fail: the tokenizer, for one, decides what a word is. The arguments of a virtual table cannot be altered; create it again and fill it.",
    "spec:     CREATE VIRTUAL TABLE f USING fts5(body, tokenize = 'porter');\n\
     database: CREATE VIRTUAL TABLE f USING fts5(body);",
);

pub(super) const PRAGMA: Rule = error(
    "a setting that is stored in the database file differs from the spec",
    "Applications read user_version and application_id to know what they have opened; the encoding decides how text is stored and cannot be changed once there are tables. Settings that the spec does not set are not compared.",
    "spec:     PRAGMA user_version = 7;\n\
     database: PRAGMA user_version = 6;",
);

pub(super) const UNMODELLED: Rule = error(
    "the statements differ in something that planctl cannot interpret",
    "planctl never calls equal what it does not understand. Compare the two statements yourself.",
    "spec:     CREATE TABLE t (a TEXT, CONSTRAINT lone);\n\
     database: CREATE TABLE t (a TEXT, CONSTRAINT alone);",
);
