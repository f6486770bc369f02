//! Columns.

use super::rule::{Rule, error, warning};

pub(super) const MISSING_COLUMN: Rule = error(
    "a column of the spec is not in the table",
    "Statements that name it fail; or, worse, where they write the name in double quotes, SQLite takes it for a string and they go on with wrong results.",
    "spec:     CREATE TABLE t (a TEXT, b TEXT);\n\
     database: CREATE TABLE t (a TEXT);",
);

pub(super) const EXTRA_COLUMN: Rule = error(
    "the table has a column that the spec does not know",
    "SELECT * returns it, INSERT without a column list must give it a value, and a NOT NULL on it refuses the application's inserts.",
    "spec:     CREATE TABLE t (a TEXT);\n\
     database: CREATE TABLE t (a TEXT, b TEXT);",
);

pub(super) const COLUMN_ORDER: Rule = warning(
    "the columns stand in another order",
    "SELECT *, INSERT without a column list and UNION between copies of the table go by position. Statements that name their columns see no difference.",
    "spec:     CREATE TABLE t (a TEXT, b TEXT);\n\
     database: CREATE TABLE t (b TEXT, a TEXT);",
);

pub(super) const COLUMN_TYPE: Rule = error(
    "the declared type differs",
    "It decides the affinity: whether '5' is stored as text or as a number, and how values compare and sort. Only INTEGER, not INT, makes a primary key the rowid. Drivers and code generators read the declared type, its length too.",
    "spec:     CREATE TABLE t (id INTEGER PRIMARY KEY);\n\
     database: CREATE TABLE t (id INT PRIMARY KEY);",
);

pub(super) const COLUMN_NULLABILITY: Rule = error(
    "NOT NULL is there on one side only",
    "Without it, rows that the spec refuses get in, and readers that rely on a value meet NULL. With it, inserts that the spec allows fail.",
    "spec:     CREATE TABLE t (a TEXT NOT NULL);\n\
     database: CREATE TABLE t (a TEXT);",
);

pub(super) const COLUMN_DEFAULT: Rule = error(
    "the default differs, in value or storage class",
    "Every INSERT that leaves the column out stores something else, and nobody is told. A default that the spec does not have hides writers that forgot the column. '1' and 1 are different defaults: one is text, one a number.",
    "spec:     CREATE TABLE plans (phase TEXT DEFAULT 'strategize');\n\
     database: CREATE TABLE plans (phase TEXT DEFAULT 'action');",
);

pub(super) const COLUMN_COLLATION: Rule = error(
    "COLLATE of a column differs",
    "Comparison, ORDER BY, GROUP BY, UNIQUE and foreign keys on the column go by another notion of equal: 'A' and 'a' are one value or two.",
    "spec:     CREATE TABLE t (name TEXT COLLATE NOCASE);\n\
     database: CREATE TABLE t (name TEXT);",
);

pub(super) const COLUMN_GENERATED: Rule = error(
    "the generated value differs, or only one side generates it",
    "Reads return something else. Writes to a generated column are refused; where it is an ordinary one, it is NULL until somebody writes it. STORED takes space and can be indexed the same, VIRTUAL is computed on each read.",
    "spec:     CREATE TABLE t (a INT, twice INT AS (a * 2) STORED);\n\
     database: CREATE TABLE t (a INT, twice INT AS (a * 3) STORED);",
);
