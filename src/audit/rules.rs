//! The rules of the audit: what each means and why it matters.

use crate::base::rule::{AuditRule, Difference, LedgerRule, RowRule};
use crate::base::severity::Severity;

/// What a rule is.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// How bad what it finds is.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What raises it: the spec's SQL after `spec:`, the database's after `database:`, a ledger after `ledger:`. Both
    /// run as they are; further lines are indented.
    pub example: &'static str,
}

const fn error(summary: &'static str, why: &'static str, example: &'static str) -> Rule {
    Rule { severity: Severity::Error, summary, why, example }
}

const fn warning(summary: &'static str, why: &'static str, example: &'static str) -> Rule {
    Rule { severity: Severity::Warning, summary, why, example }
}

/// What that rule is.
pub fn rule(rule: AuditRule) -> Rule {
    match rule {
        AuditRule::Schema(difference) => about_schema(difference),
        AuditRule::Rows(rule) => about_rows(rule),
        AuditRule::Ledger(rule) => about_ledger(rule),
    }
}

/// A function that tells of each rule of a group what it is.
macro_rules! rules {
    ($function:ident($group:ident) { $($rule:ident => $about:expr,)* }) => {
        fn $function(rule: $group) -> Rule {
            match rule { $($group::$rule => $about,)* }
        }
    };
}

rules! { about_schema(Difference) {
    // Tables as a whole, and the file that they are in.
    MissingTable => error(
        "a table of the spec is missing from the database",
        "Every statement that names it fails. So does every write to a table with a foreign key to it, while foreign keys are enforced. If the database has the table under another name, say so with a [[rename]] in the ledger; then everything in it is compared.",
        "spec:     CREATE TABLE plans (plan_id TEXT PRIMARY KEY);\n\
         database: -- plans is not there",
    ),
    ExtraTable => error(
        "the database has a table that is not in the spec",
        "Somebody created it by hand, or a migration that should have dropped it never ran. Its foreign keys can refuse deletes in other tables, its triggers can write to them, and a copy of old rows may hold personal data that everybody has forgotten.",
        "spec:     -- no such table\n\
         database: CREATE TABLE plans_backup (plan_id TEXT);",
    ),
    TableOption => error(
        "STRICT or WITHOUT ROWID differs",
        "STRICT decides whether a value of the wrong type is refused or stored as it is. WITHOUT ROWID decides whether there is a rowid, whether last_insert_rowid() moves, and whether the primary key may be NULL.",
        "spec:     CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT;\n\
         database: CREATE TABLE t (a INTEGER PRIMARY KEY);",
    ),
    VirtualTable => error(
        "a virtual table has a different module or different arguments",
        "Searches find different rows, or fail: the tokenizer, for one, decides what a word is. The arguments of a virtual table cannot be altered; create it again and fill it.",
        "spec:     CREATE VIRTUAL TABLE f USING fts5(body, tokenize = 'porter');\n\
         database: CREATE VIRTUAL TABLE f USING fts5(body);",
    ),
    Pragma => error(
        "a setting that is stored in the database file differs from the spec",
        "Applications read user_version and application_id to know what they have opened; the encoding decides how text is stored and cannot be changed once there are tables. Settings that the spec does not set are not compared.",
        "spec:     PRAGMA user_version = 7;\n\
         database: PRAGMA user_version = 6;",
    ),
    Unmodelled => error(
        "the statements differ in something that planctl cannot interpret",
        "planctl never calls equal what it does not understand. Compare the two statements yourself.",
        "spec:     CREATE TABLE t (a TEXT, CONSTRAINT lone);\n\
         database: CREATE TABLE t (a TEXT, CONSTRAINT alone);",
    ),
    // Columns.
    MissingColumn => error(
        "a column of the spec is missing from the table",
        "Statements that name it fail. Worse, if they write the name in double quotes, SQLite may take it for a string, and they carry on with wrong results.",
        "spec:     CREATE TABLE t (a TEXT, b TEXT);\n\
         database: CREATE TABLE t (a TEXT);",
    ),
    ExtraColumn => error(
        "the table has a column that is not in the spec",
        "SELECT * returns it, INSERT without a column list must give it a value, and if it is NOT NULL, the application's inserts fail.",
        "spec:     CREATE TABLE t (a TEXT);\n\
         database: CREATE TABLE t (a TEXT, b TEXT);",
    ),
    ColumnOrder => warning(
        "the columns are in a different order",
        "SELECT *, INSERT without a column list and UNION between copies of the table depend on the position. Statements that name their columns see no difference.",
        "spec:     CREATE TABLE t (a TEXT, b TEXT);\n\
         database: CREATE TABLE t (b TEXT, a TEXT);",
    ),
    ColumnType => error(
        "the declared type differs",
        "The type decides the affinity: whether '5' is stored as text or as a number, and how values compare and sort. Only INTEGER, not INT, makes a primary key the rowid. Drivers and code generators read the declared type, including its length.",
        "spec:     CREATE TABLE t (id INTEGER PRIMARY KEY);\n\
         database: CREATE TABLE t (id INT PRIMARY KEY);",
    ),
    ColumnNullability => error(
        "the column is NOT NULL on one side only",
        "If the database lacks it, rows with NULL get in, and readers that rely on a value break. If only the database has it, inserts that the spec allows fail.",
        "spec:     CREATE TABLE t (a TEXT NOT NULL);\n\
         database: CREATE TABLE t (a TEXT);",
    ),
    ColumnDefault => error(
        "the default differs, in value or storage class",
        "Every INSERT that leaves the column out silently stores something else. A default that is not in the spec hides writers that forgot the column. '1' and 1 are different defaults: one is text, one a number.",
        "spec:     CREATE TABLE plans (phase TEXT DEFAULT 'strategize');\n\
         database: CREATE TABLE plans (phase TEXT DEFAULT 'action');",
    ),
    ColumnCollation => error(
        "COLLATE of a column differs",
        "It decides whether 'A' and 'a' are one value or two: for comparison, ORDER BY, GROUP BY, UNIQUE and foreign keys on the column.",
        "spec:     CREATE TABLE t (name TEXT COLLATE NOCASE);\n\
         database: CREATE TABLE t (name TEXT);",
    ),
    ColumnGenerated => error(
        "the generated value differs, or only one side generates it",
        "Reads return something else. A generated column cannot be written; an ordinary one is NULL until somebody writes it. STORED takes space, VIRTUAL is computed on each read.",
        "spec:     CREATE TABLE t (a INT, twice INT AS (a * 2) STORED);\n\
         database: CREATE TABLE t (a INT, twice INT AS (a * 3) STORED);",
    ),
    // Keys and other constraints.
    PrimaryKey => error(
        "the primary key differs in its columns, their order or direction",
        "It decides which rows are duplicates, what `REFERENCES t` without columns points to, which queries its index serves, and how a WITHOUT ROWID table is stored.",
        "spec:     CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (a, b));\n\
         database: CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (b, a));",
    ),
    Autoincrement => error(
        "the primary key is AUTOINCREMENT on one side only",
        "Without it, SQLite can reuse the id of the newest row once that row is deleted. Whatever still refers to the old row then refers to the new one.",
        "spec:     CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);\n\
         database: CREATE TABLE t (id INTEGER PRIMARY KEY);",
    ),
    MissingUnique => error(
        "a UNIQUE constraint of the spec is missing from the table",
        "Duplicates get in. INSERT … ON CONFLICT on these columns fails, and so does every write to a table with a foreign key to them.",
        "spec:     CREATE TABLE t (plan_id TEXT, name TEXT, UNIQUE (plan_id, name));\n\
         database: CREATE TABLE t (plan_id TEXT, name TEXT);",
    ),
    ExtraUnique => error(
        "the table has a UNIQUE constraint that is not in the spec",
        "Rows that the spec allows are refused, or, with INSERT OR REPLACE, silently delete other rows.",
        "spec:     CREATE TABLE t (name TEXT);\n\
         database: CREATE TABLE t (name TEXT UNIQUE);",
    ),
    MissingForeignKey => error(
        "a foreign key of the spec is missing from the table, or refers to something else",
        "Rows without a parent get in. Deleting a parent no longer deletes its children, or is no longer refused because of them, and leaves orphans behind.",
        "spec:     CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id));\n\
         database: CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT);",
    ),
    ExtraForeignKey => error(
        "the table has a foreign key that is not in the spec",
        "Inserts, updates and deletes that the spec allows are refused, or change rows in other tables.",
        "spec:     CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT);\n\
         database: CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id));",
    ),
    ForeignKeyAction => error(
        "ON DELETE, ON UPDATE, DEFERRABLE or MATCH of a foreign key differs",
        "They decide what happens to the children when a parent is deleted: they go with it, lose their parent, or keep it from being deleted. SET NULL on a column that is NOT NULL makes the delete fail.",
        "spec:     CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id));\n\
         database: CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id) ON DELETE SET NULL);",
    ),
    MissingCheck => error(
        "a CHECK of the spec is missing from the table, or is different",
        "Values that the spec forbids get in, and readers that rely on it meet values they do not expect.",
        "spec:     CREATE TABLE plans (state TEXT CHECK (state IN ('queued', 'complete')));\n\
         database: CREATE TABLE plans (state TEXT);",
    ),
    ExtraCheck => error(
        "the table has a CHECK that is not in the spec",
        "Values that the spec allows are refused, so writers that follow the spec fail.",
        "spec:     CREATE TABLE plans (state TEXT);\n\
         database: CREATE TABLE plans (state TEXT CHECK (state IN ('queued', 'complete')));",
    ),
    ConflictClause => error(
        "ON CONFLICT of a constraint differs",
        "The same violation aborts the statement on one side, and silently replaces or skips rows on the other.",
        "spec:     CREATE TABLE t (name TEXT UNIQUE);\n\
         database: CREATE TABLE t (name TEXT UNIQUE ON CONFLICT REPLACE);",
    ),
    ConstraintName => warning(
        "a constraint has a different name",
        "The message of a failed CHECK shows the name, and people and programs look for it there. No statement behaves differently.",
        "spec:     CREATE TABLE t (a INT CONSTRAINT positive CHECK (a > 0));\n\
         database: CREATE TABLE t (a INT CHECK (a > 0));",
    ),
    // What stands beside the tables: indexes, views and triggers.
    MissingIndex => error(
        "an index of the spec is missing from the database",
        "Queries that would use it read the whole table. A unique index also keeps duplicates out and is what ON CONFLICT refers to; INDEXED BY fails without it.",
        "spec:     CREATE TABLE plans (state TEXT); CREATE INDEX idx_plans_state ON plans (state);\n\
         database: CREATE TABLE plans (state TEXT);",
    ),
    ExtraIndex => error(
        "the database has an index that is not in the spec",
        "It slows down every write, the query planner may choose it, and a unique one refuses rows that the spec allows.",
        "spec:     CREATE TABLE plans (state TEXT);\n\
         database: CREATE TABLE plans (state TEXT); CREATE INDEX tmp ON plans (state);",
    ),
    IndexDefinition => error(
        "an index differs in its columns, order, direction, collation, WHERE or uniqueness",
        "It has the right name but serves different queries, or keeps out different duplicates. CREATE INDEX IF NOT EXISTS leaves the old one as it is.",
        "spec:     CREATE TABLE t (a TEXT, b TEXT); CREATE INDEX i ON t (a, b);\n\
         database: CREATE TABLE t (a TEXT, b TEXT); CREATE INDEX i ON t (a);",
    ),
    MissingView => error(
        "a view of the spec is missing from the database",
        "Every statement that names it fails.",
        "spec:     CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a FROM t;\n\
         database: CREATE TABLE t (a TEXT);",
    ),
    ExtraView => error(
        "the database has a view that is not in the spec",
        "Somebody may read it. When what it reads is dropped or renamed, later statements fail, ALTER TABLE among them.",
        "spec:     CREATE TABLE t (a TEXT);\n\
         database: CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a FROM t;",
    ),
    ViewDefinition => error(
        "a view returns different columns or rows",
        "The same query returns something else. The case of a literal counts: 'x' and 'X' select different rows.",
        "spec:     CREATE TABLE t (a TEXT, b TEXT); CREATE VIEW v AS SELECT a FROM t WHERE b = 'x';\n\
         database: CREATE TABLE t (a TEXT, b TEXT); CREATE VIEW v AS SELECT a FROM t WHERE b = 'X';",
    ),
    BrokenView => error(
        "a view does not compile, in the spec or in the database",
        "It reads a table or column that is not there, or SQLite cannot make sense of it. Every statement that names it fails, and so does ALTER TABLE … RENAME of any table. SQLite stores a view without looking at what it reads. Functions, collations and modules that only the application has do not count.",
        "spec:     CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a, b FROM t;\n\
         database: CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a, b FROM t;",
    ),
    MissingTrigger => error(
        "a trigger of the spec is missing from the database",
        "What it should keep up to date, or forbid, is not kept up to date, or allowed. DROP TABLE drops the table's triggers too: a rebuild that does not create them again loses them.",
        "spec:     CREATE TABLE t (a TEXT); CREATE TRIGGER keep BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'kept'); END;\n\
         database: CREATE TABLE t (a TEXT);",
    ),
    ExtraTrigger => error(
        "the database has a trigger that is not in the spec",
        "Writes do more than the spec says, or are refused.",
        "spec:     CREATE TABLE t (a TEXT);\n\
         database: CREATE TABLE t (a TEXT); CREATE TRIGGER keep BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'kept'); END;",
    ),
    TriggerDefinition => error(
        "a trigger fires at a different time or does something else",
        "Writes do something other than the spec says. CREATE TRIGGER IF NOT EXISTS leaves the old one as it is.",
        "spec:     CREATE TABLE t (a INT, b INT); CREATE TRIGGER r AFTER UPDATE OF a ON t BEGIN UPDATE t SET b = 1; END;\n\
         database: CREATE TABLE t (a INT, b INT); CREATE TRIGGER r AFTER UPDATE ON t BEGIN UPDATE t SET b = 1; END;",
    ),
    BrokenTrigger => error(
        "a trigger does not compile, in the spec or in the database",
        "It names a table or column that is not there, or SQLite cannot make sense of it. Every statement that fires it fails, and so does ALTER TABLE … RENAME of any table; a trigger on the update of a column that does not exist never fires. SQLite stores a trigger without looking at what it names. Functions, collations and modules that only the application has do not count.",
        "spec:     CREATE TABLE t (a TEXT); CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE u SET a = 1; END;\n\
         database: CREATE TABLE t (a TEXT); CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE u SET a = 1; END;",
    ),
} }

rules! { about_rows(RowRule) {
    Null => error(
        "rows hold NULL where the spec says NOT NULL",
        "While they are there, the constraint cannot be added, and readers that rely on the spec fail on them.",
        "spec:     CREATE TABLE t (a TEXT NOT NULL);\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES (NULL);",
    ),
    Enum => error(
        "rows hold a value that the column's comment does not list",
        "Programs that branch on the value do something else for these rows, or nothing.",
        "spec:     CREATE TABLE t (a TEXT -- 'queued' | 'done'\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('Done');",
    ),
    Json => error(
        "rows hold text that is not JSON where the comment says JSON",
        "Programs that parse the value fail on these rows.",
        "spec:     CREATE TABLE t (a TEXT -- JSON\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('supervised');",
    ),
    Ulid => error(
        "rows hold something other than a ULID where the comment says ULID",
        "Programs that parse the value fail on these rows, and they sort in the wrong place.",
        "spec:     CREATE TABLE t (a TEXT -- ULID\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('plan-1');",
    ),
    Uuid => error(
        "rows hold something other than a UUID where the comment says UUID",
        "Programs that parse the value fail on these rows.",
        "spec:     CREATE TABLE t (a TEXT -- UUID\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('17');",
    ),
    Timestamp => error(
        "rows hold something other than a timestamp where the comment says ISO-8601",
        "Comparing and sorting by time goes wrong, since SQLite compares the texts.",
        "spec:     CREATE TABLE t (a TEXT -- ISO-8601 UTC\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('yesterday');",
    ),
    Type => error(
        "rows hold values that the column's type would change or refuse",
        "Copying them into the table of the spec fails (STRICT) or changes them: '007' becomes 7.",
        "spec:     CREATE TABLE t (a INTEGER);\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('007');",
    ),
    Check => error(
        "rows violate a CHECK of the spec",
        "They are older than the constraint, or got past it. It cannot be added while they are there, and if it is there, the next UPDATE of such a row fails.",
        "spec:     CREATE TABLE t (a INTEGER CHECK (a > 0));\ndatabase: CREATE TABLE t (a INTEGER);\n          INSERT INTO t VALUES (-1);",
    ),
    ForeignKey => error(
        "rows refer to a parent that does not exist",
        "Joins leave them out, and the next write that checks the key fails.",
        "spec:     CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER REFERENCES t (id));\ndatabase: CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER REFERENCES t (id));\n          INSERT INTO t VALUES (1, 7);",
    ),
    Unique => error(
        "rows have duplicate values where the spec says UNIQUE",
        "The constraint or index cannot be added, and a lookup by that key finds more than one row.",
        "spec:     CREATE TABLE t (a TEXT UNIQUE);\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('x'), ('x');",
    ),
} }

rules! { about_ledger(LedgerRule) {
    Stale => warning(
        "an entry of the ledger no longer matches any difference",
        "The difference was fixed, or turned into a different one, which is reported separately. An old entry would excuse new drift that happens to look the same.",
        "spec:     CREATE TABLE t (a INT DEFAULT 1);\n\
         database: CREATE TABLE t (a INT DEFAULT 1);\n\
         ledger:   [[deviation]]\n\
         \x20         rule = \"column-default\"\n\
         \x20         table = \"t\"\n\
         \x20         name = \"a\"\n\
         \x20         expected = \"1\"\n\
         \x20         actual = \"2\"\n\
         \x20         reason = \"old writers rely on it\"",
    ),
    Expired => warning(
        "an entry of the ledger has passed its date",
        "It was meant to hold for a while. Since the day after, the difference counts again.",
        "spec:     CREATE TABLE t (a INT DEFAULT 1);\n\
         database: CREATE TABLE t (a INT DEFAULT 2);\n\
         ledger:   [[deviation]]\n\
         \x20         rule = \"column-default\"\n\
         \x20         table = \"t\"\n\
         \x20         name = \"a\"\n\
         \x20         expected = \"1\"\n\
         \x20         actual = \"2\"\n\
         \x20         reason = \"old writers rely on it\"\n\
         \x20         expires = 2020-01-31",
    ),
} }
