//! What is recorded of a migration, as literals of a script.

use ulid::Ulid;

use super::shell;
use crate::engine::migrate::records;
use crate::migrations::{Migration, VersionWidth};

/// The way back that is stored with a migration, and its checksum, as literals.
pub(super) fn down_literals(file: &Migration, run: Ulid) -> [String; 2] {
    let down = records::record_of(file, run).down;
    let sum = down.as_ref().map_or("NULL".to_owned(), |down| format!("'{}'", down.checksum));
    [down.map_or("NULL".to_owned(), |down| shell::literal(&down.sql)), sum]
}

/// Its checksums, by the width of versions in the history.
pub(super) fn checksums(file: &Migration) -> (u64, u64) {
    (file.checksum(VersionWidth::Int4), file.checksum(VersionWidth::Int8))
}
