//! What a schema needs of the application that it belongs to.

use std::collections::BTreeSet;

use super::sqlite;
use crate::error::Result;
use crate::job::Job;
use crate::schema::{Ident, Schema};

/// What the tables and indexes of a schema name that SQLite itself does not have. Views and triggers can be made without.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct OfApplication {
    /// Collations: a scratch database has one in their place that compares byte by byte.
    pub collations: BTreeSet<String>,
    /// Functions, each with the first table or index that cannot be made without it.
    pub functions: Vec<Call>,
}

/// A function that the definition of a table or an index calls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// Its name.
    pub function: String,
    /// Whose definition calls it.
    pub object: Ident,
}

/// What the tables and indexes of a schema need that only its application has.
///
/// # Errors
/// `Interrupted`; `Database` when SQLite cannot make a scratch database.
pub fn needs_of_application(schema: &Schema, job: Job<'_>) -> Result<OfApplication> {
    sqlite::needs_of_application(schema, job)
}
