//! Migration files as refinery sees them: the same names, the same checksums.

use planctl::internals::base::source::SourceFile;
use planctl::internals::migrations::{Migration, MigrationSet, VersionWidth};
use proptest::prelude::*;

use crate::harness::{entries, shared};

fn migration(version: i64, name: &str, text: &str) -> Migration {
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
    assert_eq!(int8(20_200_102_000_000, "b_2", "CREATE TABLE b(x);\n"), 10_251_204_954_957_395_144);
    assert_eq!(int8(i64::MAX, "max", "SELECT 1;\n"), 4_060_941_138_427_542_458);
    assert_eq!(int8(i32::MAX.into(), "é_9", "SELECT 1;\r\n"), 17_702_487_513_867_055_135);
}

proptest! {
    #[test]
    fn checksums_are_refinerys(version in 0..=i32::MAX, name in "[a-zA-Z_é][a-zA-Z0-9_é]{0,12}", text in "(?s).{0,80}") {
        let theirs = refinery::Migration::unapplied(&format!("V{version}__{name}"), &text).unwrap();
        prop_assert_eq!(migration(version.into(), &name, &text).checksum(VersionWidth::Int4), theirs.checksum());
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
            let theirs = refinery::load_sql_migrations(dir.path()).unwrap();
            let theirs: Vec<_> = theirs.iter().map(|m| (i64::from(m.version()), m.name().to_owned(), m.checksum())).collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}

/// The corpus of real migration chains, where it is at hand.
fn chains() -> Vec<std::path::PathBuf> {
    shared("corpus/chains").map_or_else(Vec::new, |chains| entries(&chains))
}

/// A chain under names that refinery does not pass over.
fn loadable(chain: &std::path::Path) -> MigrationSet {
    let dir = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(chain).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().replace('-', "_");
        std::fs::copy(&path, dir.path().join(name)).unwrap();
    }
    MigrationSet::load(dir.path()).unwrap()
}

#[test]
fn real_chains_load_as_they_are_but_for_a_dash_in_a_name() {
    for chain in chains() {
        match MigrationSet::load(&chain) {
            Ok(set) => assert!(!set.migrations.is_empty()),
            Err(error) => {
                let problems =
                    if error.parts().is_empty() { std::slice::from_ref(&error) } else { error.parts() };
                for problem in problems {
                    assert!(problem.message().contains("has a '-' in its name"), "{problem}");
                }
            }
        }
        assert!(!loadable(&chain).migrations.is_empty());
    }
}

/// Nobody wrote these chains for planctl, so every step must be a statement, and together they are the file.
#[test]
fn the_steps_of_real_chains_are_their_statements() {
    for chain in chains() {
        for migration in loadable(&chain).migrations {
            let count = planctl::internals::sql::statements(migration.up.text()).len();
            assert_eq!(migration.up_steps().unwrap().len(), count, "{}", migration.label());
        }
    }
}

/// What each rule finds in the real chains, all of it looked at by eye: a rule that begins to find more or less there
/// has changed its mind.
#[test]
fn the_rules_find_in_real_chains_what_a_reader_found() {
    use planctl::internals::migrations::lint::{LintOptions, lint};
    let chains = chains();
    if chains.is_empty() {
        return;
    }
    let mut counts = std::collections::BTreeMap::new();
    for chain in chains {
        let options = LintOptions {
            sqlite_version: planctl::internals::sql::SqliteVersion::new(35, 0),
            target: planctl::internals::sql::Target::Sqlite,
            tested: std::collections::BTreeSet::new(),
        };
        for finding in lint(&loadable(&chain), &options) {
            *counts.entry(finding.rule.as_str()).or_insert(0) += 1;
        }
    }
    let found: Vec<(&str, i32)> = counts.into_iter().collect();
    let expected = [
        ("destructive-statement", 84),
        ("double-quoted-string", 49),
        ("empty-down", 43),
        ("empty-up", 14),
        ("missing-down", 196),
        ("newer-sqlite", 3),
        ("not-null-without-default", 1),
        ("pragma-in-transaction", 346),
        ("rebuild-renames-old-away", 59),
        ("rebuilt-twice", 1),
        ("transaction-control", 306),
    ];
    assert_eq!(found, expected);
}
