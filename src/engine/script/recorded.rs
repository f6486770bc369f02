//! What is recorded of a migration, as literals of a script.

use ulid::Ulid;

use super::shell;
use crate::engine::migrate::records;
use crate::migrations::{Migration, VersionWidth};
use crate::sql::RECORDS;

/// Gives the table of records all its columns. A script cannot ask which of them an older planctl's table lacks: a name that
/// is none of the inner query's is the outer one's.
pub(super) fn whole_table() -> Vec<String> {
    let (first, later) = (records::FIRST_COLUMNS, records::LATER_COLUMNS);
    let read = later.map(|column| {
        format!("(SELECT {column} FROM main.{RECORDS} i WHERE i.version = o.version) AS {column}")
    });
    let nulls = later.map(|column| format!("NULL AS {column}"));
    let columns = format!("{first}, {}", later.join(", "));
    vec![
        format!(
            "CREATE TEMP TABLE planctl_records AS SELECT {first},\n{}\nFROM main.{RECORDS} o, (SELECT {})",
            read.join(",\n"),
            nulls.join(", ")
        ),
        format!("DROP TABLE main.{RECORDS}"),
        records::CREATE_RECORDS.to_owned(),
        format!("INSERT INTO main.{RECORDS}({columns}) SELECT {columns} FROM temp.planctl_records"),
        "DROP TABLE temp.planctl_records".to_owned(),
    ]
}

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
