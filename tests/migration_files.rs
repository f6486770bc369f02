//! Migration files as refinery sees them: the same names, the same checksums.

use planctl::migrations::{Migration, MigrationSet, VersionWidth};
use planctl::source::SourceFile;
use proptest::prelude::*;

fn migration(version: i32, name: &str, text: &str) -> Migration {
    Migration {
        version,
        name: name.to_owned(),
        up: SourceFile::new(format!("V{version}__{name}.sql"), text),
        down: None,
    }
}

#[test]
fn checksums_of_8_byte_versions_are_those_of_refinery_with_int8_versions() {
    // refinery-core is built here with 4-byte versions; these were printed by 0.10.1 built with `int8-versions`.
    let int8 = |version, name, text| migration(version, name, text).checksum(VersionWidth::Int8);
    assert_eq!(int8(1, "a", "SELECT 1;"), 12_974_034_797_464_042_103);
    assert_eq!(int8(i32::MAX, "é_9", "SELECT 1;\r\n"), 17_702_487_513_867_055_135);
}

proptest! {
    #[test]
    fn checksums_are_refinerys(version in 0..=i32::MAX, name in "[a-zA-Z_é][a-zA-Z0-9_é]{0,12}", text in "(?s).{0,80}") {
        let theirs = refinery_core::Migration::unapplied(&format!("V{version}__{name}"), &text).unwrap();
        prop_assert_eq!(migration(version, &name, &text).checksum(VersionWidth::Int4), theirs.checksum());
    }

    /// Whatever planctl accepts, refinery loads as the same migrations; what refinery loads and planctl does not run is
    /// refused, never passed over.
    #[test]
    fn a_folder_is_read_as_refinery_reads_it(
        plain in proptest::collection::btree_map(0_u8..40, "[a-bé\u{301}_]{1,3}", 0..4),
        odd in proptest::option::of(
            "[VvU|]?[0-9٣]{0,3}(\\.1)?_{0,3}[a-bé\u{301}²_ -]{0,3}(\\.down|_down|)(\\.sql|\\.SQL|\\.sql|\\.md)"),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let plain = plain.iter().map(|(version, name)| format!("V{version}__{name}.sql"));
        for name in plain.chain(odd) {
            std::fs::write(dir.path().join(name), "SELECT 1;").unwrap();
        }
        if let Ok(set) = MigrationSet::load(dir.path()) {
            let ours = set.migrations.iter();
            let ours: Vec<_> = ours.map(|m| (m.version, m.name.clone(), m.checksum(VersionWidth::Int4))).collect();
            let theirs = refinery_core::load_sql_migrations(dir.path()).unwrap();
            let theirs: Vec<_> = theirs.iter().map(|m| (m.version(), m.name().to_owned(), m.checksum())).collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
