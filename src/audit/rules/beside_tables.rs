//! What stands beside the tables: indexes, views and triggers.

use super::rule::{Rule, error};

pub(super) const MISSING_INDEX: Rule = error(
    "an index of the spec is missing from the database",
    "Queries that would use it read the whole table. A unique index also keeps duplicates out and is what ON CONFLICT refers to; INDEXED BY fails without it.",
    "spec:     CREATE TABLE plans (state TEXT); CREATE INDEX idx_plans_state ON plans (state);\n\
     database: CREATE TABLE plans (state TEXT);",
);

pub(super) const EXTRA_INDEX: Rule = error(
    "the database has an index that is not in the spec",
    "It slows down every write, the query planner may choose it, and a unique one refuses rows that the spec allows.",
    "spec:     CREATE TABLE plans (state TEXT);\n\
     database: CREATE TABLE plans (state TEXT); CREATE INDEX tmp ON plans (state);",
);

pub(super) const INDEX_DEFINITION: Rule = error(
    "an index differs in its columns, order, direction, collation, WHERE or uniqueness",
    "It has the right name but serves different queries, or keeps out different duplicates. CREATE INDEX IF NOT EXISTS leaves the old one as it is.",
    "spec:     CREATE TABLE t (a TEXT, b TEXT); CREATE INDEX i ON t (a, b);\n\
     database: CREATE TABLE t (a TEXT, b TEXT); CREATE INDEX i ON t (a);",
);

pub(super) const MISSING_VIEW: Rule = error(
    "a view of the spec is missing from the database",
    "Every statement that names it fails.",
    "spec:     CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a FROM t;\n\
     database: CREATE TABLE t (a TEXT);",
);

pub(super) const EXTRA_VIEW: Rule = error(
    "the database has a view that is not in the spec",
    "Somebody may read it. When what it reads is dropped or renamed, later statements fail, ALTER TABLE among them.",
    "spec:     CREATE TABLE t (a TEXT);\n\
     database: CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a FROM t;",
);

pub(super) const VIEW_DEFINITION: Rule = error(
    "a view returns different columns or rows",
    "The same query returns something else. The case of a literal counts: 'x' and 'X' select different rows.",
    "spec:     CREATE TABLE t (a TEXT, b TEXT); CREATE VIEW v AS SELECT a FROM t WHERE b = 'x';\n\
     database: CREATE TABLE t (a TEXT, b TEXT); CREATE VIEW v AS SELECT a FROM t WHERE b = 'X';",
);

pub(super) const BROKEN_VIEW: Rule = error(
    "a view does not compile, in the spec or in the database",
    "It reads a table or column that is not there, or SQLite cannot make sense of it. Every statement that names it fails, and so does ALTER TABLE … RENAME of any table. SQLite stores a view without looking at what it reads. Functions, collations and modules that only the application has do not count.",
    "spec:     CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a, b FROM t;\n\
     database: CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a, b FROM t;",
);

pub(super) const MISSING_TRIGGER: Rule = error(
    "a trigger of the spec is missing from the database",
    "What it should keep up to date, or forbid, is not kept up to date, or allowed. DROP TABLE drops the table's triggers too: a rebuild that does not create them again loses them.",
    "spec:     CREATE TABLE t (a TEXT); CREATE TRIGGER keep BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'kept'); END;\n\
     database: CREATE TABLE t (a TEXT);",
);

pub(super) const EXTRA_TRIGGER: Rule = error(
    "the database has a trigger that is not in the spec",
    "Writes do more than the spec says, or are refused.",
    "spec:     CREATE TABLE t (a TEXT);\n\
     database: CREATE TABLE t (a TEXT); CREATE TRIGGER keep BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'kept'); END;",
);

pub(super) const TRIGGER_DEFINITION: Rule = error(
    "a trigger fires at a different time or does something else",
    "Writes do something other than the spec says. CREATE TRIGGER IF NOT EXISTS leaves the old one as it is.",
    "spec:     CREATE TABLE t (a INT, b INT); CREATE TRIGGER r AFTER UPDATE OF a ON t BEGIN UPDATE t SET b = 1; END;\n\
     database: CREATE TABLE t (a INT, b INT); CREATE TRIGGER r AFTER UPDATE ON t BEGIN UPDATE t SET b = 1; END;",
);

pub(super) const BROKEN_TRIGGER: Rule = error(
    "a trigger does not compile, in the spec or in the database",
    "It names a table or column that is not there, or SQLite cannot make sense of it. Every statement that fires it fails, and so does ALTER TABLE … RENAME of any table; a trigger on the update of a column that does not exist never fires. SQLite stores a trigger without looking at what it names. Functions, collations and modules that only the application has do not count.",
    "spec:     CREATE TABLE t (a TEXT); CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE u SET a = 1; END;\n\
     database: CREATE TABLE t (a TEXT); CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE u SET a = 1; END;",
);
