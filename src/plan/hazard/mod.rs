//! What is to be known of a way before it is taken: what it costs, where it stops, what it loses. Facts; the sentences are
//! in [`words`], and the comments that say them in a file in [`comments`].

mod comments;
mod words;

pub use comments::{HAZARD, Stops, cannot_bring_back, had_no_rows_of, had_none, hazards, stops_with_rows_of};

use crate::schema::Ident;
use crate::sql::Affinity;

/// What to know of a step before it is carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Hazard {
    /// All rows are copied while nobody else can write.
    Copies {
        /// The table.
        table: Ident,
        /// Whether each is indexed on the way.
        indexes: bool,
    },
    /// All rows are read.
    Reads {
        /// The table.
        table: Ident,
    },
    /// All rows are written.
    Writes {
        /// The table.
        table: Ident,
    },
    /// All rows of the table whose content it indexes are read.
    Indexes {
        /// The full-text table.
        table: Ident,
    },
    /// The rows that are there are not indexed: the content of the table is a view without a rowid.
    NotIndexed {
        /// The full-text table.
        table: Ident,
    },
    /// It stops, and changes nothing, at some rows.
    StopsAt {
        /// Their table, where it is known.
        table: Option<Ident>,
        /// What such a row has.
        rows: String,
    },
    /// It stops, and changes nothing, wherever the table has rows: nothing can give them what it needs.
    StopsAtAll {
        /// The table.
        table: Ident,
    },
    /// Every row gets the same value in a column whose own values are lost.
    MakesUp {
        /// The table.
        table: Ident,
        /// The column.
        column: Ident,
        /// The value, as SQL.
        value: String,
    },
    /// Something is lost.
    Loses(Loss),
}

/// What nothing brings back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Loss {
    /// A table with its rows.
    Rows {
        /// The table.
        table: Ident,
    },
    /// A column with its values.
    Values {
        /// The table.
        table: Ident,
        /// The column.
        column: Ident,
    },
    /// The values of a column that is computed from now on.
    Computed {
        /// The table.
        table: Ident,
        /// The column.
        column: Ident,
    },
    /// Values of a column that its new type stores otherwise, and that would not come back the same.
    Converted {
        /// The table.
        table: Ident,
        /// The column.
        column: Ident,
        /// How they were stored.
        from: Affinity,
        /// How they are stored from now on.
        to: Affinity,
    },
    /// Which rows had NULL before they got a value.
    Nulls {
        /// The table.
        table: Ident,
        /// The column.
        column: Ident,
    },
}

/// What the rows of a database at hand say of a fact.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Counted {
    /// There is no database to ask, or none that has the table.
    #[default]
    Unknown,
    /// So many rows or values.
    Rows(u64),
}

impl Loss {
    /// The table that loses something, in the names that it has once all renames are done.
    pub fn table(&self) -> &Ident {
        match self {
            Loss::Rows { table }
            | Loss::Values { table, .. }
            | Loss::Computed { table, .. }
            | Loss::Converted { table, .. }
            | Loss::Nulls { table, .. } => table,
        }
    }

    /// The column, where it is one that loses something.
    pub fn column(&self) -> Option<&Ident> {
        match self {
            Loss::Rows { .. } => None,
            Loss::Values { column, .. }
            | Loss::Computed { column, .. }
            | Loss::Converted { column, .. }
            | Loss::Nulls { column, .. } => Some(column),
        }
    }

    /// Whether somebody has to allow it. What is dropped or overwritten is, whatever rows there are; a conversion only
    /// where some value is known not to survive it; and who gives a value for every NULL has said so.
    pub fn needs_leave(&self, counted: Counted) -> bool {
        match self {
            Loss::Rows { .. } | Loss::Values { .. } | Loss::Computed { .. } => true,
            Loss::Converted { .. } => matches!(counted, Counted::Rows(1..)),
            Loss::Nulls { .. } => false,
        }
    }
}

impl Hazard {
    /// The table that it is about.
    pub fn table(&self) -> Option<&Ident> {
        match self {
            Hazard::Copies { table, .. }
            | Hazard::Reads { table }
            | Hazard::Writes { table }
            | Hazard::Indexes { table }
            | Hazard::NotIndexed { table }
            | Hazard::StopsAtAll { table }
            | Hazard::MakesUp { table, .. } => Some(table),
            Hazard::StopsAt { table, .. } => table.as_ref(),
            Hazard::Loses(loss) => Some(loss.table()),
        }
    }

    /// The column that it is about.
    pub fn column(&self) -> Option<&Ident> {
        match self {
            Hazard::MakesUp { column, .. } => Some(column),
            Hazard::Loses(loss) => loss.column(),
            _ => None,
        }
    }

    /// Whether it stops at some rows.
    pub fn stops(&self) -> bool {
        matches!(self, Hazard::StopsAt { .. })
    }
}
