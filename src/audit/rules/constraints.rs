//! Keys and other constraints.

use super::rule::{Rule, error, warning};

pub(super) const PRIMARY_KEY: Rule = error(
    "the primary key differs in its columns, their order or direction",
    "It decides which rows are duplicates, what `REFERENCES t` without columns points to, which queries its index serves, and how a WITHOUT ROWID table is stored.",
    "spec:     CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (a, b));\n\
     database: CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (b, a));",
);

pub(super) const AUTOINCREMENT: Rule = error(
    "the primary key is AUTOINCREMENT on one side only",
    "Without it, SQLite can reuse the id of the newest row once that row is deleted. Whatever still refers to the old row then refers to the new one.",
    "spec:     CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);\n\
     database: CREATE TABLE t (id INTEGER PRIMARY KEY);",
);

pub(super) const MISSING_UNIQUE: Rule = error(
    "a UNIQUE constraint of the spec is missing from the table",
    "Duplicates get in. INSERT … ON CONFLICT on these columns fails, and so does every write to a table with a foreign key to them.",
    "spec:     CREATE TABLE t (plan_id TEXT, name TEXT, UNIQUE (plan_id, name));\n\
     database: CREATE TABLE t (plan_id TEXT, name TEXT);",
);

pub(super) const EXTRA_UNIQUE: Rule = error(
    "the table has a UNIQUE constraint that is not in the spec",
    "Rows that the spec allows are refused, or, with INSERT OR REPLACE, silently delete other rows.",
    "spec:     CREATE TABLE t (name TEXT);\n\
     database: CREATE TABLE t (name TEXT UNIQUE);",
);

pub(super) const MISSING_FOREIGN_KEY: Rule = error(
    "a foreign key of the spec is missing from the table, or refers to something else",
    "Rows without a parent get in. Deleting a parent no longer deletes its children, or is no longer refused because of them, and leaves orphans behind.",
    "spec:     CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id));\n\
     database: CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT);",
);

pub(super) const EXTRA_FOREIGN_KEY: Rule = error(
    "the table has a foreign key that is not in the spec",
    "Inserts, updates and deletes that the spec allows are refused, or change rows in other tables.",
    "spec:     CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT);\n\
     database: CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id));",
);

pub(super) const FOREIGN_KEY_ACTION: Rule = error(
    "ON DELETE, ON UPDATE, DEFERRABLE or MATCH of a foreign key differs",
    "They decide what happens to the children when a parent is deleted: they go with it, lose their parent, or keep it from being deleted. SET NULL on a column that is NOT NULL makes the delete fail.",
    "spec:     CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id));\n\
     database: CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id) ON DELETE SET NULL);",
);

pub(super) const MISSING_CHECK: Rule = error(
    "a CHECK of the spec is missing from the table, or is different",
    "Values that the spec forbids get in, and readers that rely on it meet values they do not expect.",
    "spec:     CREATE TABLE plans (state TEXT CHECK (state IN ('queued', 'complete')));\n\
     database: CREATE TABLE plans (state TEXT);",
);

pub(super) const EXTRA_CHECK: Rule = error(
    "the table has a CHECK that is not in the spec",
    "Values that the spec allows are refused, so writers that follow the spec fail.",
    "spec:     CREATE TABLE plans (state TEXT);\n\
     database: CREATE TABLE plans (state TEXT CHECK (state IN ('queued', 'complete')));",
);

pub(super) const CONFLICT_CLAUSE: Rule = error(
    "ON CONFLICT of a constraint differs",
    "The same violation aborts the statement on one side, and silently replaces or skips rows on the other.",
    "spec:     CREATE TABLE t (name TEXT UNIQUE);\n\
     database: CREATE TABLE t (name TEXT UNIQUE ON CONFLICT REPLACE);",
);

pub(super) const CONSTRAINT_NAME: Rule = warning(
    "a constraint has a different name",
    "The message of a failed CHECK shows the name, and people and programs look for it there. No statement behaves differently.",
    "spec:     CREATE TABLE t (a INT CONSTRAINT positive CHECK (a > 0));\n\
     database: CREATE TABLE t (a INT CHECK (a > 0));",
);
