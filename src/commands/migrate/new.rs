//! `planctl migrate new`: writes the next numbered pair of files from a template.

use std::path::PathBuf;

/// What `migrate new` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRequest {
    /// The folder of migration files; created when it does not exist.
    pub migrations: PathBuf,
    /// The name between `V<n>__` and `.sql`, as it was typed.
    pub name: String,
}
