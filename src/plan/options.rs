//! What a plan depends on besides the two schemas.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::Column;
use crate::schema::{Ident, Table};
use crate::sql::SqliteVersion;

/// Table and column → the SQL expression that gives existing rows their value.
pub type Fills = BTreeMap<(Ident, Ident), String>;

/// Table and column → the column of the old table whose values it gets under its new name.
pub type Carried = BTreeMap<(Ident, Ident), Ident>;

/// What a plan depends on besides the two schemas.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// The oldest SQLite that must be able to run the steps.
    pub sqlite: SqliteVersion,
    /// Whether foreign keys may be enforced while the steps run.
    pub enforces_keys: bool,
    /// Values for rows that are there.
    pub fills: &'a Fills,
    /// Columns with a new name that ALTER TABLE does not give: a rebuild does.
    pub carried: &'a Carried,
    /// Tables that are rebuilt in any case: SQLite refused to alter them, or did something else.
    pub rebuild: BTreeSet<Ident>,
    /// Views and triggers that are out of the way in any case.
    pub set_aside: BTreeSet<Ident>,
    /// Views and triggers that are out of the way already, and only come back.
    pub aside: BTreeSet<Ident>,
}

impl Options<'_> {
    /// The value that somebody gives to the rows that are there.
    pub(super) fn fill(&self, to: &Table, column: &Column) -> Option<&String> {
        self.fills.get(&(to.name.clone(), column.name.clone()))
    }

    /// The column of `from` whose values a column of `to` gets.
    pub(super) fn source<'t>(&self, from: &'t Table, to: &Table, column: &Column) -> Option<&'t Column> {
        match self.carried.get(&(to.name.clone(), column.name.clone())) {
            Some(old) => from.column(old),
            None => from.column(&column.name).filter(|there| self.carried_to(to, there).is_none()),
        }
    }

    /// The name under which the values of a column go on, where a rebuild gives it.
    pub(super) fn carried_to(&self, to: &Table, column: &Column) -> Option<&Ident> {
        let found = self.carried.iter().find(|((table, _), old)| *table == to.name && **old == column.name);
        found.map(|((_, new), _)| new)
    }

    /// Whether columns of the table get their new names by a rebuild.
    pub(super) fn carries(&self, table: &Table) -> bool {
        self.carried.keys().any(|(of, _)| *of == table.name)
    }
}
