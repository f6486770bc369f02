//! Engines: what opens a database, reads its schema and runs migrations on it.

mod reference;
mod sqlite;

pub use reference::{Reference, Renaming};

use crate::error::Result;
use crate::source::SourceFile;

/// The schema that a script of DDL makes.
///
/// # Errors
/// `Sql` with the place of the statement that the engine refuses.
pub fn reference(source: &SourceFile) -> Result<Box<dyn Reference>> {
    Ok(Box::new(sqlite::reference(source)?))
}
