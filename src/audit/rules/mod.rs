//! The rules of the audit: what each means and why it matters.

mod beside_tables;
mod columns;
mod constraints;
mod rule;
mod tables;

use crate::base::rule::{AuditRule, Difference, LedgerRule, RowRule};
use rule::{error, warning};

pub use rule::Rule;

/// What that rule is.
pub fn rule(rule: AuditRule) -> Rule {
    match rule {
        AuditRule::Schema(difference) => about_schema(difference),
        AuditRule::Rows(rule) => about_rows(rule),
        AuditRule::Ledger(rule) => about_ledger(rule),
    }
}

fn about_schema(difference: Difference) -> Rule {
    match difference {
        Difference::MissingTable => tables::MISSING_TABLE,
        Difference::ExtraTable => tables::EXTRA_TABLE,
        Difference::TableOption => tables::TABLE_OPTION,
        Difference::MissingColumn => columns::MISSING_COLUMN,
        Difference::ExtraColumn => columns::EXTRA_COLUMN,
        Difference::ColumnOrder => columns::COLUMN_ORDER,
        Difference::ColumnType => columns::COLUMN_TYPE,
        Difference::ColumnNullability => columns::COLUMN_NULLABILITY,
        Difference::ColumnDefault => columns::COLUMN_DEFAULT,
        Difference::ColumnCollation => columns::COLUMN_COLLATION,
        Difference::ColumnGenerated => columns::COLUMN_GENERATED,
        Difference::PrimaryKey => constraints::PRIMARY_KEY,
        Difference::Autoincrement => constraints::AUTOINCREMENT,
        Difference::MissingUnique => constraints::MISSING_UNIQUE,
        Difference::ExtraUnique => constraints::EXTRA_UNIQUE,
        Difference::MissingForeignKey => constraints::MISSING_FOREIGN_KEY,
        Difference::ExtraForeignKey => constraints::EXTRA_FOREIGN_KEY,
        Difference::ForeignKeyAction => constraints::FOREIGN_KEY_ACTION,
        Difference::MissingCheck => constraints::MISSING_CHECK,
        Difference::ExtraCheck => constraints::EXTRA_CHECK,
        Difference::ConflictClause => constraints::CONFLICT_CLAUSE,
        Difference::ConstraintName => constraints::CONSTRAINT_NAME,
        Difference::MissingIndex => beside_tables::MISSING_INDEX,
        Difference::ExtraIndex => beside_tables::EXTRA_INDEX,
        Difference::IndexDefinition => beside_tables::INDEX_DEFINITION,
        Difference::MissingView => beside_tables::MISSING_VIEW,
        Difference::ExtraView => beside_tables::EXTRA_VIEW,
        Difference::ViewDefinition => beside_tables::VIEW_DEFINITION,
        Difference::BrokenView => beside_tables::BROKEN_VIEW,
        Difference::MissingTrigger => beside_tables::MISSING_TRIGGER,
        Difference::ExtraTrigger => beside_tables::EXTRA_TRIGGER,
        Difference::TriggerDefinition => beside_tables::TRIGGER_DEFINITION,
        Difference::BrokenTrigger => beside_tables::BROKEN_TRIGGER,
        Difference::VirtualTable => tables::VIRTUAL_TABLE,
        Difference::Pragma => tables::PRAGMA,
        Difference::Unmodelled => tables::UNMODELLED,
    }
}

fn about_rows(rule: RowRule) -> Rule {
    match rule {
        RowRule::Null => error(
            "rows hold NULL where the spec says NOT NULL",
            "While they are there, the constraint cannot be added, and readers that rely on the spec fail on them.",
            "spec:     CREATE TABLE t (a TEXT NOT NULL);\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES (NULL);",
        ),
        RowRule::Enum => error(
            "rows hold a value that the column's comment does not list",
            "Programs that branch on the value do something else for these rows, or nothing.",
            "spec:     CREATE TABLE t (a TEXT -- 'queued' | 'done'\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('Done');",
        ),
        RowRule::Json => error(
            "rows hold text that is not JSON where the comment says JSON",
            "Programs that parse the value fail on these rows.",
            "spec:     CREATE TABLE t (a TEXT -- JSON\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('supervised');",
        ),
        RowRule::Ulid => error(
            "rows hold something other than a ULID where the comment says ULID",
            "Programs that parse the value fail on these rows, and they sort in the wrong place.",
            "spec:     CREATE TABLE t (a TEXT -- ULID\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('plan-1');",
        ),
        RowRule::Uuid => error(
            "rows hold something other than a UUID where the comment says UUID",
            "Programs that parse the value fail on these rows.",
            "spec:     CREATE TABLE t (a TEXT -- UUID\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('17');",
        ),
        RowRule::Timestamp => error(
            "rows hold something other than a timestamp where the comment says ISO-8601",
            "Comparing and sorting by time goes wrong, since SQLite compares the texts.",
            "spec:     CREATE TABLE t (a TEXT -- ISO-8601 UTC\n          );\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('yesterday');",
        ),
        RowRule::Type => error(
            "rows hold values that the column's type would change or refuse",
            "Copying them into the table of the spec fails (STRICT) or changes them: '007' becomes 7.",
            "spec:     CREATE TABLE t (a INTEGER);\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('007');",
        ),
        RowRule::Check => error(
            "rows violate a CHECK of the spec",
            "They are older than the constraint, or got past it. It cannot be added while they are there, and if it is there, the next UPDATE of such a row fails.",
            "spec:     CREATE TABLE t (a INTEGER CHECK (a > 0));\ndatabase: CREATE TABLE t (a INTEGER);\n          INSERT INTO t VALUES (-1);",
        ),
        RowRule::ForeignKey => error(
            "rows refer to a parent that does not exist",
            "Joins leave them out, and the next write that checks the key fails.",
            "spec:     CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER REFERENCES t (id));\ndatabase: CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER REFERENCES t (id));\n          INSERT INTO t VALUES (1, 7);",
        ),
        RowRule::Unique => error(
            "rows have duplicate values where the spec says UNIQUE",
            "The constraint or index cannot be added, and a lookup by that key finds more than one row.",
            "spec:     CREATE TABLE t (a TEXT UNIQUE);\ndatabase: CREATE TABLE t (a TEXT);\n          INSERT INTO t VALUES ('x'), ('x');",
        ),
    }
}

fn about_ledger(rule: LedgerRule) -> Rule {
    match rule {
        LedgerRule::Stale => warning(
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
        LedgerRule::Expired => warning(
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
    }
}
