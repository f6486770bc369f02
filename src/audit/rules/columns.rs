//! Columns.

use super::rule::{Rule, error, warning};

pub(super) const MISSING_COLUMN: Rule = error(
    "a column of the spec is missing from the table",
    "Statements that name it fail. Worse, if they write the name in double quotes, SQLite may take it for a string, and they carry on with wrong results.",
    "spec:     CREATE TABLE t (a TEXT, b TEXT);\n\
     database: CREATE TABLE t (a TEXT);",
);

pub(super) const EXTRA_COLUMN: Rule = error(
    "the table has a column that is not in the spec",
    "SELECT * returns it, INSERT without a column list must give it a value, and if it is NOT NULL, the application's inserts fail.",
    "spec:     CREATE TABLE t (a TEXT);\n\
     database: CREATE TABLE t (a TEXT, b TEXT);",
);

pub(super) const COLUMN_ORDER: Rule = warning(
    "the columns are in a different order",
    "SELECT *, INSERT without a column list and UNION between copies of the table depend on the position. Statements that name their columns see no difference.",
    "spec:     CREATE TABLE t (a TEXT, b TEXT);\n\
     database: CREATE TABLE t (b TEXT, a TEXT);",
);

pub(super) const COLUMN_TYPE: Rule = error(
    "the declared type differs",
    "The type decides the affinity: whether '5' is stored as text or as a number, and how values compare and sort. Only INTEGER, not INT, makes a primary key the rowid. Drivers and code generators read the declared type, including its length.",
    "spec:     CREATE TABLE t (id INTEGER PRIMARY KEY);\n\
     database: CREATE TABLE t (id INT PRIMARY KEY);",
);

pub(super) const COLUMN_NULLABILITY: Rule = error(
    "the column is NOT NULL on one side only",
    "If the database lacks it, rows with NULL get in, and readers that rely on a value break. If only the database has it, inserts that the spec allows fail.",
    "spec:     CREATE TABLE t (a TEXT NOT NULL);\n\
     database: CREATE TABLE t (a TEXT);",
);

pub(super) const COLUMN_DEFAULT: Rule = error(
    "the default differs, in value or storage class",
    "Every INSERT that leaves the column out silently stores something else. A default that is not in the spec hides writers that forgot the column. '1' and 1 are different defaults: one is text, one a number.",
    "spec:     CREATE TABLE plans (phase TEXT DEFAULT 'strategize');\n\
     database: CREATE TABLE plans (phase TEXT DEFAULT 'action');",
);

pub(super) const COLUMN_COLLATION: Rule = error(
    "COLLATE of a column differs",
    "It decides whether 'A' and 'a' are one value or two: for comparison, ORDER BY, GROUP BY, UNIQUE and foreign keys on the column.",
    "spec:     CREATE TABLE t (name TEXT COLLATE NOCASE);\n\
     database: CREATE TABLE t (name TEXT);",
);

pub(super) const COLUMN_GENERATED: Rule = error(
    "the generated value differs, or only one side generates it",
    "Reads return something else. A generated column cannot be written; an ordinary one is NULL until somebody writes it. STORED takes space, VIRTUAL is computed on each read.",
    "spec:     CREATE TABLE t (a INT, twice INT AS (a * 2) STORED);\n\
     database: CREATE TABLE t (a INT, twice INT AS (a * 3) STORED);",
);
