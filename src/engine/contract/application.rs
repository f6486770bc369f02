//! What a schema needs of the application that it belongs to.

use std::collections::BTreeSet;

use crate::schema::Ident;

/// What stands in for what an application registers on its connections, by name.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Registered {
    /// Collations: in their place text is compared byte by byte.
    pub collations: BTreeSet<String>,
    /// Functions that migrations have called: in the place of what they give there is NULL.
    pub functions: BTreeSet<String>,
}

/// What the tables and indexes of a schema name that SQLite itself does not have. Views and triggers can be made without.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct OfApplication {
    /// Collations: a shadow database has one in their place that compares byte by byte.
    pub collations: BTreeSet<String>,
    /// Functions, each with the first table or index that cannot be made without it.
    pub functions: Vec<Call>,
}

impl OfApplication {
    /// By name alone.
    pub fn registered(&self) -> Registered {
        let functions = self.functions.iter().map(|call| call.function.clone()).collect();
        Registered { collations: self.collations.clone(), functions }
    }
}

/// A function that the definition of a table or an index calls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// Its name.
    pub function: String,
    /// Whose definition calls it.
    pub object: Ident,
}
