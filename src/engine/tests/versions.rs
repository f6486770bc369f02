//! Versions of 64 bits.

use super::*;
use crate::base::job::Job;
use crate::migrations::VersionWidth;

/// A set whose versions are time stamps.
fn time_stamps(scripts: &[(&str, &str)]) -> MigrationSet {
    let mut chain = set(scripts);
    chain.migrations.iter_mut().for_each(|file| file.version += 20_200_101_000_000);
    chain
}

#[test]
fn time_stamps_are_versions_and_make_a_history_of_64_bits() {
    let bench = Bench::new();
    let chain = time_stamps(&[A, B]);
    assert_eq!(ok(&bench.up(&chain)), [20_200_101_000_001, 20_200_101_000_002]);
    let history = bench.engine().history().unwrap();
    assert_eq!(history.width, Some(VersionWidth::Int8));
    assert_eq!(history.applied[1].checksum, chain.migrations[1].checksum(VersionWidth::Int8));
    // As `refinery_core` 0.10.1 with `int8-versions` makes it.
    let made = "SELECT sql FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    let expected = "CREATE TABLE refinery_schema_history(\n             version int8 PRIMARY KEY,\n             \
                    name VARCHAR(255),\n             applied_on VARCHAR(255),\n             checksum VARCHAR(255))";
    assert_eq!(strings(&bench.conn(), made), [expected]);
    assert_eq!(ok(&bench.up(&chain)), [] as [Version; 0]);
    assert_eq!(ok(&bench.down(&chain, DownTarget::Above(20_200_101_000_001))), [20_200_101_000_002]);
    assert_eq!(ok(&bench.down(&chain, DownTarget::Above(0))), [20_200_101_000_001]);
    assert_eq!(
        bench.engine().history().unwrap().width,
        Some(VersionWidth::Int8),
        "the table stays what it is"
    );
}

#[test]
fn a_history_of_32_bits_is_not_converted_unasked() {
    let bench = Bench::new();
    let chain = set(&[A]);
    assert_eq!(ok(&bench.up(&chain)), [1]);
    let mut longer = time_stamps(&[A, B]);
    longer.migrations[0] = chain.migrations[0].clone();
    let error = refused(bench.up(&longer));
    let help = error.help_text().unwrap_or_default();
    assert!(error.message().contains("above 2147483647"), "{error}");
    assert!(help.contains("rename it to V2__m2.sql") && help.contains("baseline --to 1"), "{help}");
    assert_eq!(bench.engine().history().unwrap().newest(), Some(1));
    // Both ways of the help: another number, and a table made anew.
    assert_eq!(ok(&bench.up(&set(&[A, B]))), [2]);
    assert_eq!(ok(&bench.down(&set(&[A, B]), DownTarget::Above(1))), [2]);
    bench.conn().execute_batch("DROP TABLE refinery_schema_history").unwrap();
    let schema = bench.engine().schema_fingerprint().unwrap();
    let baseline = Baseline { to: 1, run_id: Ulid::nil(), schema: &schema, leaves: None };
    bench.engine().record(&longer, baseline, Job::quiet()).unwrap();
    assert_eq!(ok(&bench.up(&longer)), [20_200_101_000_002]);
}
