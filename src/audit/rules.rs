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
        "a table of the spec is not in the database",
        "Every statement that names it fails, and so does every write to a table whose foreign key points to it while foreign keys are enforced. When the table is there under another name, the ledger's [[rename]] says so, and everything in it is compared.",
        "spec:     CREATE TABLE plans (plan_id TEXT PRIMARY KEY);\n\
         database: -- plans is not there",
    ),
    ExtraTable => error(
        "the database has a table that the spec does not know",
        "Somebody made it by hand, or a migration that should have dropped it never ran. Its foreign keys refuse deletes in other tables, its triggers write to them, and a copy of old rows is a copy of personal data that nobody remembers.",
        "spec:     -- no such table\n\
         database: CREATE TABLE plans_backup (plan_id TEXT);",
    ),
    TableOption => error(
        "STRICT or WITHOUT ROWID differs",
        "STRICT decides whether a value of the wrong type is refused or stored as it comes. WITHOUT ROWID decides whether there is a rowid, whether last_insert_rowid() moves, and whether the primary key may be NULL.",
        "spec:     CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT;\n\
         database: CREATE TABLE t (a INTEGER PRIMARY KEY);",
    ),
    VirtualTable => error(
        "a virtual table has another module or other arguments",
        "Searches through it find other rows, or fail: the tokenizer decides what a word is. The arguments of a virtual table cannot be altered; it has to be made again and filled.",
        "spec:     CREATE VIRTUAL TABLE f USING fts5(body, tokenize = 'porter');\n\
         database: CREATE VIRTUAL TABLE f USING fts5(body);",
    ),
    Pragma => error(
        "a setting that lives in the file differs from what the spec sets",
        "Applications read user_version and application_id to know what they have opened; the encoding decides how text is stored and cannot be changed once there are tables. A setting that the spec does not set is not compared.",
        "spec:     PRAGMA user_version = 7;\n\
         database: PRAGMA user_version = 6;",
    ),
    Unmodelled => error(
        "the statements differ in something that planctl can't interpret",
        "What is not understood is never called equal. Compare the two statements by eye.",
        "spec:     CREATE TABLE t (a TEXT, CONSTRAINT lone);\n\
         database: CREATE TABLE t (a TEXT, CONSTRAINT alone);",
    ),
    // Columns.
    MissingColumn => error(
        "a column of the spec is not in the table",
        "Statements that name it fail; or, worse, where they write the name in double quotes, SQLite takes it for a string and they go on with wrong results.",
        "spec:     CREATE TABLE t (a TEXT, b TEXT);\n\
         database: CREATE TABLE t (a TEXT);",
    ),
    ExtraColumn => error(
        "the table has a column that the spec does not know",
        "SELECT * returns it, INSERT without a column list must give it a value, and a NOT NULL on it refuses the application's inserts.",
        "spec:     CREATE TABLE t (a TEXT);\n\
         database: CREATE TABLE t (a TEXT, b TEXT);",
    ),
    ColumnOrder => warning(
        "the columns stand in another order",
        "SELECT *, INSERT without a column list and UNION between copies of the table go by position. Statements that name their columns see no difference.",
        "spec:     CREATE TABLE t (a TEXT, b TEXT);\n\
         database: CREATE TABLE t (b TEXT, a TEXT);",
    ),
    ColumnType => error(
        "the declared type differs",
        "It decides the affinity: whether '5' is stored as text or as a number, and how values compare and sort. Only INTEGER, not INT, makes a primary key the rowid. Drivers and code generators read the declared type, its length too.",
        "spec:     CREATE TABLE t (id INTEGER PRIMARY KEY);\n\
         database: CREATE TABLE t (id INT PRIMARY KEY);",
    ),
    ColumnNullability => error(
        "NOT NULL is there on one side only",
        "Without it, rows that the spec refuses get in, and readers that rely on a value meet NULL. With it, inserts that the spec allows fail.",
        "spec:     CREATE TABLE t (a TEXT NOT NULL);\n\
         database: CREATE TABLE t (a TEXT);",
    ),
    ColumnDefault => error(
        "the default differs, in value or storage class",
        "Every INSERT that leaves the column out stores something else, and nobody is told. A default that the spec does not have hides writers that forgot the column. '1' and 1 are different defaults: one is text, one a number.",
        "spec:     CREATE TABLE plans (phase TEXT DEFAULT 'strategize');\n\
         database: CREATE TABLE plans (phase TEXT DEFAULT 'action');",
    ),
    ColumnCollation => error(
        "COLLATE of a column differs",
        "Comparison, ORDER BY, GROUP BY, UNIQUE and foreign keys on the column go by another notion of equal: 'A' and 'a' are one value or two.",
        "spec:     CREATE TABLE t (name TEXT COLLATE NOCASE);\n\
         database: CREATE TABLE t (name TEXT);",
    ),
    ColumnGenerated => error(
        "the generated value differs, or only one side generates it",
        "Reads return something else. Writes to a generated column are refused; where it is an ordinary one, it is NULL until somebody writes it. STORED takes space and can be indexed the same, VIRTUAL is computed on each read.",
        "spec:     CREATE TABLE t (a INT, twice INT AS (a * 2) STORED);\n\
         database: CREATE TABLE t (a INT, twice INT AS (a * 3) STORED);",
    ),
    // Keys and other constraints.
    PrimaryKey => error(
        "the primary key has other columns, or in another order or direction",
        "It decides which rows are duplicates, what `REFERENCES t` without columns points to, which queries its index serves, and how a WITHOUT ROWID table is stored.",
        "spec:     CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (a, b));\n\
         database: CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (b, a));",
    ),
    Autoincrement => error(
        "AUTOINCREMENT is there on one side only",
        "Without it the id of the newest row is given out again once that row is deleted: what still refers to the old row then refers to the new one.",
        "spec:     CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);\n\
         database: CREATE TABLE t (id INTEGER PRIMARY KEY);",
    ),
    MissingUnique => error(
        "a UNIQUE constraint of the spec is not on the table",
        "Duplicates get in. INSERT … ON CONFLICT on these columns fails, and so does every write that needs them as the target of a foreign key.",
        "spec:     CREATE TABLE t (plan_id TEXT, name TEXT, UNIQUE (plan_id, name));\n\
         database: CREATE TABLE t (plan_id TEXT, name TEXT);",
    ),
    ExtraUnique => error(
        "the table has a UNIQUE constraint that the spec does not know",
        "Rows that the spec allows are refused, or, with INSERT OR REPLACE, delete other rows without a word.",
        "spec:     CREATE TABLE t (name TEXT);\n\
         database: CREATE TABLE t (name TEXT UNIQUE);",
    ),
    MissingForeignKey => error(
        "a foreign key of the spec is not on the table, or points elsewhere",
        "Rows without a parent get in, and deleting a parent no longer cascades to its children or is refused because of them: orphans stay behind.",
        "spec:     CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id));\n\
         database: CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT);",
    ),
    ExtraForeignKey => error(
        "the table has a foreign key that the spec does not know",
        "Inserts, updates and deletes that the spec allows are refused, or delete rows in other tables.",
        "spec:     CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT);\n\
         database: CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id));",
    ),
    ForeignKeyAction => error(
        "ON DELETE, ON UPDATE, DEFERRABLE or MATCH of a foreign key differs",
        "It decides whether deleting a parent deletes its children, orphans them or is refused. SET NULL on a column that is NOT NULL makes the delete fail at the worst moment.",
        "spec:     CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id));\n\
         database: CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p (id) ON DELETE SET NULL);",
    ),
    MissingCheck => error(
        "a CHECK of the spec is not on the table, or says something else",
        "Values that the spec refuses get in, and readers that rely on it meet values that they do not know.",
        "spec:     CREATE TABLE plans (state TEXT CHECK (state IN ('queued', 'complete')));\n\
         database: CREATE TABLE plans (state TEXT);",
    ),
    ExtraCheck => error(
        "the table has a CHECK that the spec does not know",
        "Values that the spec allows are refused: writers that follow the spec fail.",
        "spec:     CREATE TABLE plans (state TEXT);\n\
         database: CREATE TABLE plans (state TEXT CHECK (state IN ('queued', 'complete')));",
    ),
    ConflictClause => error(
        "ON CONFLICT of a constraint differs",
        "The same violation aborts the statement on one side, and on the other replaces or skips rows without a word.",
        "spec:     CREATE TABLE t (name TEXT UNIQUE);\n\
         database: CREATE TABLE t (name TEXT UNIQUE ON CONFLICT REPLACE);",
    ),
    ConstraintName => warning(
        "a constraint has another name",
        "Messages of failed CHECKs show the name, and people and programs look for it there. No statement behaves differently.",
        "spec:     CREATE TABLE t (a INT CONSTRAINT positive CHECK (a > 0));\n\
         database: CREATE TABLE t (a INT CHECK (a > 0));",
    ),
    // What stands beside the tables: indexes, views and triggers.
    MissingIndex => error(
        "an index of the spec is not in the database",
        "Queries that it serves read the whole table. A unique index also keeps duplicates out and is what ON CONFLICT refers to; INDEXED BY fails without it.",
        "spec:     CREATE TABLE plans (state TEXT); CREATE INDEX idx_plans_state ON plans (state);\n\
         database: CREATE TABLE plans (state TEXT);",
    ),
    ExtraIndex => error(
        "the database has an index that the spec does not know",
        "Every write pays for it, the planner may choose it, and a unique one refuses rows that the spec allows.",
        "spec:     CREATE TABLE plans (state TEXT);\n\
         database: CREATE TABLE plans (state TEXT); CREATE INDEX tmp ON plans (state);",
    ),
    IndexDefinition => error(
        "an index has other columns, order, direction, collation, WHERE or uniqueness",
        "It has the right name and serves other queries, or keeps out other duplicates: CREATE INDEX IF NOT EXISTS leaves the old one as it is.",
        "spec:     CREATE TABLE t (a TEXT, b TEXT); CREATE INDEX i ON t (a, b);\n\
         database: CREATE TABLE t (a TEXT, b TEXT); CREATE INDEX i ON t (a);",
    ),
    MissingView => error(
        "a view of the spec is not in the database",
        "Every statement that names it fails.",
        "spec:     CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a FROM t;\n\
         database: CREATE TABLE t (a TEXT);",
    ),
    ExtraView => error(
        "the database has a view that the spec does not know",
        "Somebody reads through it. Dropping or renaming what it reads makes later statements fail, ALTER TABLE among them.",
        "spec:     CREATE TABLE t (a TEXT);\n\
         database: CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a FROM t;",
    ),
    ViewDefinition => error(
        "a view returns other columns or rows",
        "Reads through it return something else under the same name. The case of a literal counts: 'x' and 'X' select other rows.",
        "spec:     CREATE TABLE t (a TEXT, b TEXT); CREATE VIEW v AS SELECT a FROM t WHERE b = 'x';\n\
         database: CREATE TABLE t (a TEXT, b TEXT); CREATE VIEW v AS SELECT a FROM t WHERE b = 'X';",
    ),
    BrokenView => error(
        "a view does not compile, in the spec or in the database",
        "It reads a table or column that is not there, or SQLite cannot make sense of it. Every statement that names it fails, and so does ALTER TABLE … RENAME of any table. SQLite stores a view without looking at what it reads. Functions, collations and modules that only the application has are no reason.",
        "spec:     CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a, b FROM t;\n\
         database: CREATE TABLE t (a TEXT); CREATE VIEW v AS SELECT a, b FROM t;",
    ),
    MissingTrigger => error(
        "a trigger of the spec is not in the database",
        "What it keeps up to date, or forbids, is no longer kept or forbidden. DROP TABLE takes triggers with it: a rebuild that does not make them again loses them.",
        "spec:     CREATE TABLE t (a TEXT); CREATE TRIGGER keep BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'kept'); END;\n\
         database: CREATE TABLE t (a TEXT);",
    ),
    ExtraTrigger => error(
        "the database has a trigger that the spec does not know",
        "Writes do more than the spec says, or are refused.",
        "spec:     CREATE TABLE t (a TEXT);\n\
         database: CREATE TABLE t (a TEXT); CREATE TRIGGER keep BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'kept'); END;",
    ),
    TriggerDefinition => error(
        "a trigger fires at another moment or does something else",
        "Writes do something else than the spec says, under the trigger's old name.",
        "spec:     CREATE TABLE t (a INT, b INT); CREATE TRIGGER r AFTER UPDATE OF a ON t BEGIN UPDATE t SET b = 1; END;\n\
         database: CREATE TABLE t (a INT, b INT); CREATE TRIGGER r AFTER UPDATE ON t BEGIN UPDATE t SET b = 1; END;",
    ),
    BrokenTrigger => error(
        "a trigger does not compile, in the spec or in the database",
        "It names a table or column that is not there, or SQLite cannot make sense of it. Every statement that fires it fails, and so does ALTER TABLE … RENAME of any table; one that is only to fire on the update of a column that is not there never fires. SQLite stores a trigger without looking at what it names. Functions, collations and modules that only the application has are no reason.",
        "spec:     CREATE TABLE t (a TEXT); CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE u SET a = 1; END;\n\
         database: CREATE TABLE t (a TEXT); CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE u SET a = 1; END;",
    ),
} }

rules! { about_rows(RowRule) {
    Null => error(
        "rows hold NULL where the spec says NOT NULL",
        "A constraint can't be added while they are there, and readers that rely on the spec fail on them.",
        "spec:     CREATE TABLE t (a TEXT NOT NULL);\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES (NULL);",
    ),
    Enum => error(
        "rows hold a value that the column's comment does not list",
        "Programs that decide by the value do something else, or nothing, for these rows.",
        "spec:     CREATE TABLE t (a TEXT -- 'queued' | 'done'\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('Done');",
    ),
    Json => error(
        "rows hold text that is not JSON where the comment says JSON",
        "Whoever reads such a row fails on it.",
        "spec:     CREATE TABLE t (a TEXT -- JSON\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('supervised');",
    ),
    Ulid => error(
        "rows hold what is no ULID where the comment says ULID",
        "Whoever reads such a row fails on it, and it sorts in the wrong place.",
        "spec:     CREATE TABLE t (a TEXT -- ULID\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('plan-1');",
    ),
    Uuid => error(
        "rows hold what is no UUID where the comment says UUID",
        "Whoever reads such a row fails on it.",
        "spec:     CREATE TABLE t (a TEXT -- UUID\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('17');",
    ),
    Timestamp => error(
        "rows hold what is no timestamp where the comment says ISO-8601",
        "Comparisons and sorting by time go wrong, since they compare the texts.",
        "spec:     CREATE TABLE t (a TEXT -- ISO-8601 UTC\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('yesterday');",
    ),
    Type => error(
        "rows hold values that the column's type could not keep as they are",
        "A copy into the spec's table fails (STRICT) or changes them: '007' becomes 7.",
        "spec:     CREATE TABLE t (a INTEGER);\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('007');",
    ),
    Check => error(
        "rows break a CHECK of the spec",
        "They got past it, or were there before it: it can't be added, and the next UPDATE of such a row fails.",
        "spec:     CREATE TABLE t (a INTEGER CHECK (a > 0));\ndatabase: CREATE TABLE t (a INTEGER);\n          INSERT INTO t VALUES (-1);",
    ),
    ForeignKey => error(
        "rows refer to a parent that does not exist",
        "Joins lose them, and the next write that checks the key fails.",
        "spec:     CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER REFERENCES t (id));\ndatabase: CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER REFERENCES t (id));\n          INSERT INTO t VALUES (1, 7);",
    ),
    Unique => error(
        "rows have the same values where the spec says UNIQUE",
        "The constraint or index can't be added; lookups by that key find more than one row.",
        "spec:     CREATE TABLE t (a TEXT UNIQUE);\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('x'), ('x');",
    ),
} }

rules! { about_ledger(LedgerRule) {
    Stale => warning(
        "an entry of the ledger matches no difference any more",
        "The difference was mended, or became another one, which is reported on its own. A ledger that is not pruned excuses the next drift that looks like the old one.",
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
        "It was meant for a while only. From the day after on, the difference counts again.",
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
