//! Keys and other constraints.

use super::rule::{Rule, error, warning};

pub(super) const PRIMARY_KEY: Rule = error(
    "the primary key has other columns, or in another order or direction",
    "It decides which rows are duplicates, what `REFERENCES t` without columns points to, which queries its index serves, and how a WITHOUT ROWID table is stored.",
    "spec:     CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (a, b));\n\
     database: CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (b, a));",
);

pub(super) const AUTOINCREMENT: Rule = error(
    "AUTOINCREMENT is there on one side only",
    "Without it the id of the newest row is given out again once that row is deleted: what still refers to the old row then refers to the new one.",
    "spec:     CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);\n\
     database: CREATE TABLE t (id INTEGER PRIMARY KEY);",
);

pub(super) const MISSING_UNIQUE: Rule = error(
    "a UNIQUE constraint of the spec is not on the table",
    "Duplicates get in. INSERT … ON CONFLICT on these columns fails, and so does every write that needs them as the target of a foreign key.",
    "spec:     CREATE TABLE t (plan_id TEXT, name TEXT, UNIQUE (plan_id, name));\n\
     database: CREATE TABLE t (plan_id TEXT, name TEXT);",
);

pub(super) const EXTRA_UNIQUE: Rule = error(
    "the table has a UNIQUE constraint that the spec does not know",
    "Rows that the spec allows are refused, or, with INSERT OR REPLACE, delete other rows without a word.",
    "spec:     CREATE TABLE t (name TEXT);\n\
     database: CREATE TABLE t (name TEXT UNIQUE);",
);

pub(super) const MISSING_FOREIGN_KEY: Rule = error(
    "a foreign key of the spec is not on the table, or points elsewhere",
    "Rows without a parent get in, and deleting a parent no longer cascades to its children or is refused because of them: orphans stay behind.",
    "spec:     CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id));\n\
     database: CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT);",
);

pub(super) const EXTRA_FOREIGN_KEY: Rule = error(
    "the table has a foreign key that the spec does not know",
    "Inserts, updates and deletes that the spec allows are refused, or delete rows in other tables.",
    "spec:     CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT);\n\
     database: CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id));",
);

pub(super) const FOREIGN_KEY_ACTION: Rule = error(
    "ON DELETE, ON UPDATE, DEFERRABLE or MATCH of a foreign key differs",
    "It decides whether deleting a parent deletes its children, orphans them or is refused. SET NULL on a column that is NOT NULL makes the delete fail at the worst moment.",
    "spec:     CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id));\n\
     database: CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id) ON DELETE SET NULL);",
);

pub(super) const MISSING_CHECK: Rule = error(
    "a CHECK of the spec is not on the table, or says something else",
    "Values that the spec refuses get in, and readers that rely on it meet values that they do not know.",
    "spec:     CREATE TABLE plans (state TEXT CHECK (state IN ('queued', 'complete')));\n\
     database: CREATE TABLE plans (state TEXT);",
);

pub(super) const EXTRA_CHECK: Rule = error(
    "the table has a CHECK that the spec does not know",
    "Values that the spec allows are refused: writers that follow the spec fail.",
    "spec:     CREATE TABLE plans (state TEXT);\n\
     database: CREATE TABLE plans (state TEXT CHECK (state IN ('queued', 'complete')));",
);

pub(super) const CONFLICT_CLAUSE: Rule = error(
    "ON CONFLICT of a constraint differs",
    "The same violation aborts the statement on one side, and on the other replaces or skips rows without a word.",
    "spec:     CREATE TABLE t (name TEXT UNIQUE);\n\
     database: CREATE TABLE t (name TEXT UNIQUE ON CONFLICT REPLACE);",
);

pub(super) const CONSTRAINT_NAME: Rule = warning(
    "a constraint has another name",
    "Messages of failed CHECKs show the name, and people and programs look for it there. No statement behaves differently.",
    "spec:     CREATE TABLE t (a INT CONSTRAINT positive CHECK (a > 0));\n\
     database: CREATE TABLE t (a INT CHECK (a > 0));",
);
