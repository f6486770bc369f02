//! The rule registry: one slice; a rule is one entry.

use crate::diff::Difference;
use crate::report::Severity;

/// What a rule is.
#[derive(Debug)]
pub struct Rule {
    /// Its name in JSON, in the ledger and on the command line. It never changes once shipped.
    pub code: &'static str,
    /// How bad what it finds is.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What raises it: the spec's SQL, then the database's.
    pub example: &'static str,
}

const fn error(code: &'static str, summary: &'static str, why: &'static str, example: &'static str) -> Rule {
    Rule { code, severity: Severity::Error, summary, why, example }
}

const fn warning(
    code: &'static str,
    summary: &'static str,
    why: &'static str,
    example: &'static str,
) -> Rule {
    Rule { code, severity: Severity::Warning, summary, why, example }
}

/// Every rule, in the order of the documentation.
pub const RULES: &[Rule] = &[
    error(
        "missing-table",
        "a table of the spec is not in the database",
        "Every statement that names it fails.",
        "spec:     CREATE TABLE plans (plan_id TEXT PRIMARY KEY);\ndatabase: (no such table)",
    ),
    error(
        "extra-table",
        "the database has a table that the spec does not know",
        "Somebody made it by hand, or a migration that should have dropped it never ran. Its foreign keys and triggers act on the other tables.",
        "spec:     (nothing)\ndatabase: CREATE TABLE plans_backup (plan_id TEXT);",
    ),
    error(
        "table-option",
        "STRICT or WITHOUT ROWID differs",
        "STRICT decides whether a value of the wrong type is refused; WITHOUT ROWID whether there is a rowid and whether the primary key may be NULL.",
        "spec:     CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT;\ndatabase: CREATE TABLE t (a INTEGER PRIMARY KEY);",
    ),
    error(
        "missing-column",
        "a column of the spec is not in the table",
        "Statements that name it fail, or, worse, take the name in double quotes for a string.",
        "spec:     CREATE TABLE t (a TEXT, b TEXT);\ndatabase: CREATE TABLE t (a TEXT);",
    ),
    error(
        "extra-column",
        "the table has a column that the spec does not know",
        "SELECT * returns it, INSERT without a column list needs it, and a NOT NULL on it refuses the application's inserts.",
        "spec:     CREATE TABLE t (a TEXT);\ndatabase: CREATE TABLE t (a TEXT, b TEXT);",
    ),
    warning(
        "column-order",
        "the columns stand in another order",
        "SELECT * and INSERT without a column list go by position. Statements that name their columns see no difference.",
        "spec:     CREATE TABLE t (a TEXT, b TEXT);\ndatabase: CREATE TABLE t (b TEXT, a TEXT);",
    ),
    error(
        "column-type",
        "the declared type differs",
        "It decides the affinity: whether '5' is stored as text or number, and how values compare. Only INTEGER, not INT, makes a primary key the rowid. Tools and drivers read the declared type, its length too.",
        "spec:     CREATE TABLE t (id INTEGER PRIMARY KEY);\ndatabase: CREATE TABLE t (id INT PRIMARY KEY);",
    ),
    error(
        "column-nullability",
        "NOT NULL is there on one side only",
        "Rows that the spec refuses get in, or rows that it allows are refused.",
        "spec:     CREATE TABLE t (a TEXT NOT NULL);\ndatabase: CREATE TABLE t (a TEXT);",
    ),
    error(
        "column-default",
        "the default differs, in value or storage class",
        "Every INSERT that leaves the column out stores something else.",
        "spec:     phase TEXT DEFAULT 'strategize'\ndatabase: phase TEXT DEFAULT 'action'",
    ),
    error(
        "column-collation",
        "COLLATE differs",
        "Comparison, ORDER BY, UNIQUE and foreign keys on the column use another notion of equal.",
        "spec:     name TEXT COLLATE NOCASE\ndatabase: name TEXT",
    ),
    error(
        "column-generated",
        "the generated value differs, or only one side generates it",
        "Reads return something else; writes to a generated column are refused.",
        "spec:     total INT AS (price * amount) STORED\ndatabase: total INT",
    ),
    error(
        "primary-key",
        "the primary key has other columns, or in another order or direction",
        "It decides which rows are duplicates, what `REFERENCES t` points to, and how a WITHOUT ROWID table is stored.",
        "spec:     PRIMARY KEY (a, b)\ndatabase: PRIMARY KEY (b, a)",
    ),
    error(
        "autoincrement",
        "AUTOINCREMENT is there on one side only",
        "Without it the id of a deleted row can be used again.",
        "spec:     id INTEGER PRIMARY KEY AUTOINCREMENT\ndatabase: id INTEGER PRIMARY KEY",
    ),
    error(
        "missing-unique",
        "a UNIQUE constraint of the spec is not on the table",
        "Duplicates get in, and INSERT … ON CONFLICT on these columns fails.",
        "spec:     UNIQUE (plan_id, name)\ndatabase: (no such constraint)",
    ),
    error(
        "extra-unique",
        "the table has a UNIQUE constraint that the spec does not know",
        "Rows that the spec allows are refused.",
        "spec:     name TEXT\ndatabase: name TEXT UNIQUE",
    ),
    error(
        "missing-foreign-key",
        "a foreign key of the spec is not on the table, or points elsewhere",
        "Rows without a parent get in; deletes no longer cascade.",
        "spec:     plan_id TEXT REFERENCES plans(plan_id)\ndatabase: plan_id TEXT",
    ),
    error(
        "extra-foreign-key",
        "the table has a foreign key that the spec does not know",
        "Inserts, updates and deletes that the spec allows are refused, or cascade.",
        "spec:     plan_id TEXT\ndatabase: plan_id TEXT REFERENCES plans(plan_id)",
    ),
    error(
        "foreign-key-action",
        "ON DELETE, ON UPDATE, DEFERRABLE or MATCH of a foreign key differs",
        "Deleting a parent deletes, blocks or orphans its children, depending on it.",
        "spec:     REFERENCES plans(plan_id)\ndatabase: REFERENCES plans(plan_id) ON DELETE SET NULL",
    ),
    error(
        "missing-check",
        "a CHECK of the spec is not on the table, or says something else",
        "Values that the spec refuses get in.",
        "spec:     CHECK (min_value <= max_value)\ndatabase: (no such check)",
    ),
    error(
        "extra-check",
        "the table has a CHECK that the spec does not know",
        "Values that the spec allows are refused.",
        "spec:     state TEXT\ndatabase: state TEXT CHECK (state IN ('a', 'b'))",
    ),
    error(
        "conflict-clause",
        "ON CONFLICT of a constraint differs",
        "The same violation aborts the statement on one side, and replaces or skips rows without a word on the other.",
        "spec:     name TEXT UNIQUE\ndatabase: name TEXT UNIQUE ON CONFLICT REPLACE",
    ),
    warning(
        "constraint-name",
        "a constraint has another name",
        "Error messages of CHECK constraints show it, and ALTER TABLE … DROP CONSTRAINT needs it.",
        "spec:     CONSTRAINT positive CHECK (a > 0)\ndatabase: CHECK (a > 0)",
    ),
    error(
        "missing-index",
        "an index of the spec is not in the database",
        "Queries become slow; a unique index also keeps duplicates out, and INDEXED BY fails without it.",
        "spec:     CREATE INDEX idx_plans_state ON plans (state);\ndatabase: (no such index)",
    ),
    error(
        "extra-index",
        "the database has an index that the spec does not know",
        "Every write pays for it; a unique one refuses rows.",
        "spec:     (nothing)\ndatabase: CREATE INDEX tmp ON plans (state);",
    ),
    error(
        "index-definition",
        "an index has other columns, order, direction, collation, WHERE or uniqueness",
        "It serves other queries, or keeps out other duplicates.",
        "spec:     CREATE INDEX i ON t (a, b);\ndatabase: CREATE INDEX i ON t (a);",
    ),
    error(
        "missing-view",
        "a view of the spec is not in the database",
        "Every statement that names it fails.",
        "spec:     CREATE VIEW v AS SELECT a FROM t;\ndatabase: (no such view)",
    ),
    error(
        "extra-view",
        "the database has a view that the spec does not know",
        "Statements may rely on it that the spec's owner does not know of; it makes renaming what it reads fail.",
        "spec:     (nothing)\ndatabase: CREATE VIEW v AS SELECT a FROM t;",
    ),
    error(
        "view-definition",
        "a view returns other columns or rows",
        "Reads through it return something else.",
        "spec:     CREATE VIEW v AS SELECT a FROM t WHERE b = 'x';\ndatabase: CREATE VIEW v AS SELECT a FROM t WHERE b = 'X';",
    ),
    error(
        "missing-trigger",
        "a trigger of the spec is not in the database",
        "What it keeps up to date, or forbids, is no longer kept or forbidden.",
        "spec:     CREATE TRIGGER r AFTER INSERT ON t BEGIN … END;\ndatabase: (no such trigger)",
    ),
    error(
        "extra-trigger",
        "the database has a trigger that the spec does not know",
        "Writes do more than the spec says, or are refused.",
        "spec:     (nothing)\ndatabase: CREATE TRIGGER r AFTER INSERT ON t BEGIN … END;",
    ),
    error(
        "trigger-definition",
        "a trigger fires at another moment or does something else",
        "Writes do something else than the spec says.",
        "spec:     CREATE TRIGGER r AFTER UPDATE OF a ON t BEGIN … END;\ndatabase: CREATE TRIGGER r AFTER UPDATE ON t BEGIN … END;",
    ),
    error(
        "virtual-table",
        "a virtual table has another module or other arguments",
        "Searches through it find other rows, or fail.",
        "spec:     CREATE VIRTUAL TABLE f USING fts5(body, tokenize = 'porter');\ndatabase: CREATE VIRTUAL TABLE f USING fts5(body);",
    ),
    error(
        "pragma",
        "a setting that lives in the file differs from what the spec sets",
        "Applications read user_version and application_id; the encoding decides how text is stored.",
        "spec:     PRAGMA user_version = 7;\ndatabase: user_version is 6",
    ),
    error(
        "unmodelled-difference",
        "the statements differ in something that planctl can't interpret",
        "What is not understood is never called equal. Compare the two statements by eye.",
        "a statement that SQLite accepts and planctl's reader does not",
    ),
    error(
        "value-null",
        "rows hold NULL where the spec says NOT NULL",
        "A constraint can't be added while they are there, and readers that rely on the spec fail on them.",
        "spec:     root_plan_id TEXT NOT NULL\nrows:     2 rows with root_plan_id NULL",
    ),
    error(
        "value-enum",
        "rows hold a value that the column's comment does not list",
        "Programs that decide by the value do something else, or nothing, for these rows.",
        "spec:     state TEXT, -- 'queued' | 'done'\nrows:     1 row with state 'Done'",
    ),
    error(
        "value-json",
        "rows hold text that is not JSON where the comment says JSON",
        "Whoever reads such a row fails on it.",
        "spec:     tags TEXT, -- JSON\nrows:     1 row with tags 'supervised'",
    ),
    error(
        "value-ulid",
        "rows hold what is no ULID where the comment says ULID",
        "Whoever reads such a row fails on it, and it sorts in the wrong place.",
        "spec:     plan_id TEXT PRIMARY KEY, -- ULID\nrows:     1 row with plan_id 'plan-1'",
    ),
    error(
        "value-uuid",
        "rows hold what is no UUID where the comment says UUID",
        "Whoever reads such a row fails on it.",
        "spec:     task_id TEXT PRIMARY KEY, -- UUID\nrows:     1 row with task_id '17'",
    ),
    error(
        "value-timestamp",
        "rows hold what is no timestamp where the comment says ISO-8601",
        "Comparisons and sorting by time go wrong, since they compare the texts.",
        "spec:     created_at TEXT, -- ISO-8601 UTC\nrows:     1 row with created_at 'yesterday'",
    ),
    error(
        "value-type",
        "rows hold values that the column's type could not keep as they are",
        "A copy into the spec's table fails (STRICT) or changes them: '007' becomes 7.",
        "spec:     attempt INTEGER\nrows:     1 row with attempt 'abc'",
    ),
    error(
        "value-check",
        "rows break a CHECK of the spec",
        "They got past it, or were there before it: it can't be added, and the next UPDATE of such a row fails.",
        "spec:     CHECK (min_value <= max_value)\nrows:     1 row with min_value 2, max_value 1",
    ),
    error(
        "value-foreign-key",
        "rows refer to a parent that does not exist",
        "Joins lose them, and the next write that checks the key fails.",
        "spec:     plan_id TEXT REFERENCES plans (plan_id)\nrows:     1 row with a plan_id that plans does not have",
    ),
    error(
        "value-unique",
        "rows have the same values where the spec says UNIQUE",
        "The constraint or index can't be added; lookups by that key find more than one row.",
        "spec:     UNIQUE (plan_id, name)\nrows:     2 rows with the same plan_id and name",
    ),
    warning(
        "stale-deviation",
        "an entry of the ledger matches no difference any more",
        "The difference was mended, or became another one. A ledger that is not pruned hides the next drift.",
        "[[deviation]] rule = \"column-default\" … where the defaults are now equal",
    ),
    warning(
        "expired-deviation",
        "an entry of the ledger has passed its date",
        "It was meant for a while only. The difference counts again from that day on.",
        "expires = 2026-01-31",
    ),
];

/// The rule of that code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

/// Whether a rule is about rows, which only `--data` looks at.
pub fn is_about_rows(code: &str) -> bool {
    code.starts_with("value-")
}

/// The code of the rule that reports a kind of difference.
pub fn code_of(difference: Difference) -> &'static str {
    match difference {
        Difference::MissingTable => "missing-table",
        Difference::ExtraTable => "extra-table",
        Difference::TableOption => "table-option",
        Difference::MissingColumn => "missing-column",
        Difference::ExtraColumn => "extra-column",
        Difference::ColumnOrder => "column-order",
        Difference::ColumnType => "column-type",
        Difference::ColumnNullability => "column-nullability",
        Difference::ColumnDefault => "column-default",
        Difference::ColumnCollation => "column-collation",
        Difference::ColumnGenerated => "column-generated",
        Difference::PrimaryKey => "primary-key",
        Difference::Autoincrement => "autoincrement",
        Difference::MissingUnique => "missing-unique",
        Difference::ExtraUnique => "extra-unique",
        Difference::MissingForeignKey => "missing-foreign-key",
        Difference::ExtraForeignKey => "extra-foreign-key",
        Difference::ForeignKeyAction => "foreign-key-action",
        Difference::MissingCheck => "missing-check",
        Difference::ExtraCheck => "extra-check",
        Difference::ConflictClause => "conflict-clause",
        Difference::ConstraintName => "constraint-name",
        Difference::MissingIndex => "missing-index",
        Difference::ExtraIndex => "extra-index",
        Difference::IndexDefinition => "index-definition",
        Difference::MissingView => "missing-view",
        Difference::ExtraView => "extra-view",
        Difference::ViewDefinition => "view-definition",
        Difference::MissingTrigger => "missing-trigger",
        Difference::ExtraTrigger => "extra-trigger",
        Difference::TriggerDefinition => "trigger-definition",
        Difference::VirtualTable => "virtual-table",
        Difference::Pragma => "pragma",
        Difference::Unmodelled => "unmodelled-difference",
    }
}
