//! What is to be checked of the rows, and what came of it. Pure data: the audit states it, an engine checks it.
//!
//! A rule is a predicate on one row (a NULL, a value that is not listed, a CHECK that fails) or on a row among the
//! others (a duplicate, a missing parent). Each check gives the exact number of rows that break it and the keys of
//! the first few.

pub mod text;

use crate::base::rule::RowRule;
use crate::base::source::Location;
use crate::schema::{Column, Ident, Table};
use crate::sql::Affinity;

/// How many keys a finding names.
pub const FIRST: usize = 5;

/// Everything that is to be checked, table by table.
#[derive(Clone, Default, Debug)]
pub struct ValuePlan {
    /// One entry per table; its row checks are made in one pass over it.
    pub tables: Vec<TableChecks>,
    /// What the plan had to leave out.
    pub unchecked: Vec<Unchecked>,
}

/// What is to be checked of one table.
#[derive(Clone, Debug)]
pub struct TableChecks {
    /// The table's name in the database.
    pub table: Ident,
    /// How its rows are named.
    pub key: RowKey,
    /// In the order of the findings.
    pub checks: Vec<ValueCheck>,
}

/// What names a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowKey {
    /// The primary key.
    Columns(Vec<Ident>),
    /// The rowid, by the one of its names that no column has taken.
    Rowid(&'static str),
    /// Nothing: there is no primary key, and columns have all the rowid's names.
    Nothing,
}

/// One check.
#[derive(Clone, Debug)]
pub struct ValueCheck {
    /// What the spec states.
    pub stated: Stated,
    /// What makes a row break it.
    pub test: Test,
    /// Checks of the same table that have the same cause: when every row that breaks this one breaks one of those,
    /// too, this one is not told.
    pub explained_by: Vec<usize>,
}

/// What the spec states of the rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stated {
    /// The rule that it is checked under.
    pub rule: RowRule,
    /// The columns it is about, by their names in the database.
    pub columns: Vec<Ident>,
    /// Its own name, where it has one.
    pub name: Option<Ident>,
    /// Whether it is the primary key.
    pub is_primary_key: bool,
    /// In the spec's words: `NOT NULL`, `'a' | 'b'`, `CHECK (a > 0)`.
    pub expected: String,
    /// The same in the names of the spec, where they differ from the database's.
    pub written: Option<String>,
    /// Values that the ledger means to be there although the spec does not list them, as the ledger writes them: the
    /// check is for these, and for these alone.
    pub meant: Option<String>,
    /// Where the spec says it.
    pub location: Option<Location>,
}

/// What makes a row break a check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Test {
    /// The column is NULL. SQLite takes a column's NOT NULL for granted, and must be asked in another way where rows
    /// may have got past it.
    Null {
        /// Whether the database's column is NOT NULL.
        declared: bool,
    },
    /// The column holds what it should not.
    Promise(Promise),
    /// The column holds one of the second literals, and none of the first.
    Meant {
        /// What the spec lists.
        listed: OneOf,
        /// What the ledger lists.
        meant: OneOf,
    },
    /// The column's type could not keep the value as it is: SQLite would refuse it, or store another one.
    Type {
        /// What it should be.
        wanted: Storage,
        /// Whether what cannot become that is refused (STRICT, INTEGER PRIMARY KEY) and not stored as it is.
        refuses: bool,
        /// Whether the database's column makes text of numbers already (TEXT affinity).
        is_text: bool,
    },
    /// The condition is false. (Not NULL: a CHECK passes then, <https://www.sqlite.org/lang_createtable.html#ckconst>.)
    Check {
        /// The condition, without parentheses around it.
        condition: String,
    },
    /// Another row has the same, and none of it is NULL.
    Unique {
        /// Columns and expressions.
        terms: Vec<UniqueTerm>,
        /// The WHERE of a partial index.
        filter: Option<String>,
    },
    /// No row of the parent has it, and none of it is NULL.
    ForeignKey {
        /// The parent table.
        parent: Ident,
        /// The columns pointed to, as many as the check has columns; none where there is nothing that could be pointed to.
        parent_columns: Vec<Ident>,
    },
}

/// One term of a UNIQUE.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UniqueTerm {
    /// A quoted column or an expression.
    pub sql: String,
    /// The collation under which values are the same.
    pub collation: Option<String>,
}

/// What a comment promises of a column's values. NULL is never against a promise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Promise {
    /// 26 characters of Crockford's base 32 (<https://github.com/ulid/spec>).
    Ulid,
    /// 8-4-4-4-12 hexadecimal digits (<https://www.rfc-editor.org/rfc/rfc9562#section-4>).
    Uuid,
    /// JSON (<https://www.sqlite.org/json1.html#jvalid>).
    Json(Json),
    /// A date, perhaps with a time (ISO 8601-1).
    Timestamp(Timestamp),
    /// One of these.
    OneOf(OneOf),
}

/// A list of SQL literals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OneOf {
    /// As SQL writes them; no NULL.
    pub literals: Vec<String>,
    /// The collation under which a value is the same as a literal; the column's own when absent.
    pub collation: Option<String>,
}

/// Which JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Json {
    /// Text as RFC 8259 has it.
    Text,
    /// Such text, or SQLite's binary form of it.
    TextOrBinary,
    /// JSON5 text.
    Json5,
}

/// Which parts a timestamp has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timestamp {
    /// Whether there is a time of day.
    pub time: TimeOfDay,
    /// Whether an offset, when there is one, must be that of UTC.
    pub utc: bool,
}

/// Whether a timestamp has a time of day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeOfDay {
    /// With or without.
    Optional,
    /// With.
    Required,
    /// A date alone.
    Absent,
}

/// A storage class that a column's type asks for (<https://www.sqlite.org/datatype3.html>).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storage {
    /// INTEGER
    Integer,
    /// REAL
    Real,
    /// TEXT
    Text,
    /// BLOB; only a STRICT table asks for it.
    Blob,
}

impl Storage {
    /// The one that values take on in a column; `None` where they stay what they are. Of NUMERIC affinity (BOOLEAN, DATE,
    /// DECIMAL) it is that of INTEGER: both make numbers of texts that are some.
    pub fn of(table: &Table, column: &Column) -> Option<Storage> {
        match Affinity::stated(&column.declared_type, table.strict)? {
            Affinity::Integer | Affinity::Numeric => Some(Storage::Integer),
            Affinity::Real => Some(Storage::Real),
            Affinity::Text => Some(Storage::Text),
            Affinity::Blob => table.strict.then_some(Storage::Blob),
        }
    }
}

/// What the rows came to.
#[derive(Clone, Default, Debug)]
pub struct Checked {
    /// In the order of the plan.
    pub findings: Vec<ValueFinding>,
    /// What could not be checked: those of the plan, and those that the engine could not evaluate.
    pub unchecked: Vec<Unchecked>,
}

/// Rows that break a check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValueFinding {
    /// What they break.
    pub stated: Stated,
    /// The table's name in the database.
    pub table: Ident,
    /// How many rows, exactly. At least one.
    pub rows: u64,
    /// What their keys are made of: the columns of the primary key, or `rowid`.
    pub key: Vec<String>,
    /// The keys of the first, at most [`FIRST`], as SQL literals; a composite one in parentheses. Of rows that can't be
    /// named there are none.
    pub first_keys: Vec<String>,
}

/// Something that the spec states and that could not be checked.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Unchecked {
    /// The table's name in the database.
    pub table: Ident,
    /// What it is: `CHECK (is_ok(a))`; `None` for all of the table.
    pub what: Option<String>,
    /// Why, in a few words.
    pub why: String,
    /// Where the spec states it, when the place is what has to change.
    pub location: Option<Location>,
}

impl std::fmt::Display for Unchecked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let table = self.table.shown();
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        match &self.what {
            Some(what) => write!(f, "{table}: {what} was not checked: {}", self.why),
            None => write!(f, "the rows of {table} were not checked: {}", self.why),
        }
    }
}

impl Promise {
    /// In the words of a comment.
    pub fn text(&self) -> String {
        match self {
            Promise::Ulid => "ULID".to_owned(),
            Promise::Uuid => "UUID".to_owned(),
            Promise::Json(Json::Text) => "JSON".to_owned(),
            Promise::Json(Json::TextOrBinary) => "JSON or JSONB".to_owned(),
            Promise::Json(Json::Json5) => "JSON5".to_owned(),
            Promise::Timestamp(Timestamp { time, utc }) => {
                let what = if *time == TimeOfDay::Absent { "ISO-8601 date" } else { "ISO-8601" };
                if *utc { format!("{what} UTC") } else { what.to_owned() }
            }
            Promise::OneOf(OneOf { literals, .. }) => literals.join(" | "),
        }
    }

    /// The rule that it is checked under.
    pub fn rule(&self) -> RowRule {
        match self {
            Promise::Ulid => RowRule::Ulid,
            Promise::Uuid => RowRule::Uuid,
            Promise::Json(_) => RowRule::Json,
            Promise::Timestamp(_) => RowRule::Timestamp,
            Promise::OneOf(_) => RowRule::Enum,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_asks_for_the_class_that_its_name_says() {
        let class = |declared: &str, strict: bool| {
            let mut table = crate::ddl::create_table(&format!("CREATE TABLE t (c {declared})")).unwrap();
            table.strict = strict;
            Storage::of(&table, &table.columns[0])
        };
        for (declared, wanted) in [
            ("BIGINT", Some(Storage::Integer)),
            ("VARCHAR(20)", Some(Storage::Text)),
            ("double precision", Some(Storage::Real)),
            ("FLOATING POINT", Some(Storage::Integer)),
            ("BOOLEAN", Some(Storage::Integer)),
            ("DATETIME", Some(Storage::Integer)),
            ("BLOB", None),
            ("", None),
        ] {
            assert_eq!(class(declared, false), wanted, "{declared}");
        }
        assert_eq!(class("BLOB", true), Some(Storage::Blob));
        assert_eq!(class("ANY", true), None);
    }
}
