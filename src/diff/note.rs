//! What else there is to know of a difference, and the words for it.

use std::fmt;

use crate::schema::Ident;
use crate::sql::{quote, quote_string};

/// What else a reader should know of a difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// What is missing is there under this name, as it seems.
    RenamedTo(Ident),
    /// What is extra is expected under this name, as it seems.
    RenamedFrom(Ident),
    /// The table that lacks the column names it in double quotes all the same: there it is a string.
    ColumnIsString(Ident),
    /// The text has a name in double quotes that is no column, which SQLite takes for a string.
    NameIsString(String),
    /// Only the expected type makes the column the rowid.
    OnlyIntegerIsRowid,
    /// Only the actual type makes the column the rowid.
    IntegerIsRowid,
    /// The key has the same columns in another order or direction.
    OrderOfColumns,
    /// A row that breaks both keys meets the other conflict clause first.
    OrderOfConflicts,
    /// A unique index of both sides refuses the same rows.
    IndexRefusesTheSame,
    /// A unique index refuses the same rows, and stands on its own.
    IndexCanBeDropped,
    /// A unique index refuses the same rows, without the constraint's ON CONFLICT.
    IndexHasNoConflict,
    /// The primary key refuses the same rows.
    KeyRefusesTheSame,
    /// Only MATCH differs, which SQLite ignores.
    MatchIsIgnored,
    /// A statement could not be read, for this reason.
    Unread(String),
}

impl Note {
    /// Whether somebody has to decide first what the difference comes from.
    pub(super) fn is_doubt(&self) -> bool {
        match self {
            Note::RenamedTo(_) | Note::RenamedFrom(_) | Note::ColumnIsString(_) | Note::NameIsString(_) => {
                true
            }
            Note::OnlyIntegerIsRowid
            | Note::IntegerIsRowid
            | Note::OrderOfColumns
            | Note::OrderOfConflicts
            | Note::IndexRefusesTheSame
            | Note::IndexCanBeDropped
            | Note::IndexHasNoConflict
            | Note::KeyRefusesTheSame
            | Note::MatchIsIgnored
            | Note::Unread(_) => false,
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::RenamedTo(name) => write!(f, "looks renamed to {}", name.shown()),
            Note::RenamedFrom(name) => write!(f, "looks renamed from {}", name.shown()),
            Note::ColumnIsString(column) => {
                let (name, string) = (column.quoted(), quote_string(column.as_str()));
                write!(f, "where it is missing, a constraint or index reads {name} as the string {string}")
            }
            Note::NameIsString(name) => {
                let (name, string) = (quote(name), quote_string(name));
                write!(f, "{name} is not a column here, SQLite reads it as the string {string}")
            }
            Note::OnlyIntegerIsRowid => f.write_str("only INTEGER makes a primary key the rowid"),
            Note::IntegerIsRowid => f.write_str("INTEGER makes this primary key the rowid"),
            Note::OrderOfColumns => {
                f.write_str("the same columns in another order or direction: its index serves other queries")
            }
            Note::OrderOfConflicts => {
                f.write_str("a row that violates both meets the ON CONFLICT of the one that comes first")
            }
            Note::IndexRefusesTheSame => f.write_str("the index refuses the same rows"),
            Note::IndexCanBeDropped => f.write_str("an index can be dropped on its own, a constraint can't"),
            Note::IndexHasNoConflict => f.write_str("an index has no ON CONFLICT"),
            Note::KeyRefusesTheSame => f.write_str("the primary key refuses the same rows"),
            Note::MatchIsIgnored => f.write_str("SQLite reads MATCH and does nothing with it"),
            Note::Unread(reason) => write!(f, "the statement could not be read {reason}; its tokens differ"),
        }
    }
}
