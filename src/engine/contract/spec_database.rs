//! A schema to compare with: DDL, executed in an in-memory database of its own.

use crate::base::error::Result;
use crate::diff::Equivalence;
use crate::schema::{Ident, Schema};

/// A schema that can be renamed and asked whether two texts are equivalent.
pub trait SpecDatabase {
    /// The schema as it now is. It holds the pragmas that the DDL sets, and no others.
    ///
    /// # Errors
    /// When it cannot be read.
    fn schema(&self) -> Result<Schema>;

    /// The same schema, to be compared with `accepted`, which it was made beside: an object that is there in the same tokens may
    /// be that of `accepted` under the name that the DDL gives it, in the spelling that it has there.
    ///
    /// # Errors
    /// As [`schema`](Self::schema).
    fn schema_beside(&self, accepted: &Schema) -> Result<Schema> {
        let _ = accepted;
        self.schema()
    }

    /// Renames tables and columns, all at once: names may be swapped. The engine carries each rename into foreign
    /// keys, checks, indexes, views and triggers.
    ///
    /// # Errors
    /// When the engine refuses one: the name is taken, or a view or trigger can't be resolved.
    fn rename(&mut self, renamings: &[Renaming]) -> Result<()>;

    /// The judge that compiles texts on this schema.
    fn equivalence(&self) -> Box<dyn Equivalence + '_>;
}

/// A new name for a table or for one of its columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renaming {
    /// The table, by its name before all renamings.
    pub table: Ident,
    /// The column, by its name before all renamings; `None` for the table itself.
    pub column: Option<Ident>,
    /// The new name.
    pub to: Ident,
}

/// A spec under the names of a database.
pub struct RenamedSpec {
    /// The schema under the names that were written.
    pub written: Schema,
    /// The same under the new names.
    pub schema: Schema,
    /// What judges texts under the new names.
    pub database: Box<dyn SpecDatabase>,
}
