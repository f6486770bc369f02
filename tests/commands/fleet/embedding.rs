//! `planctl::fleet`: the same for applications.

use planctl::fleet::Fleet;
use planctl::migrate::Migrator;
use planctl::progress::Interrupt;

use super::*;

fn fleet(tenants: &Tenants) -> Fleet {
    Fleet::new(Migrator::from_dir(tenants.project.path("migrations")).unwrap())
}

#[test]
fn tenants_are_migrated_at_start_and_the_next_start_only_reads() {
    let tenants = Tenants::at(2, 5);
    let fleet = fleet(&tenants).jobs(2);
    let paths: Vec<PathBuf> =
        ["t00", "t01", "t02", "t03", "t04", "new"].iter().map(|t| tenants.path(t)).collect();
    let fared = fleet.up(&paths);
    assert_eq!((fared.migrated, fared.current, fared.failed.len()), (6, 0, 0), "{fared:?}");
    let before = tenants.project.picture();
    let fared = fleet.up(&paths);
    assert_eq!((fared.migrated, fared.current), (0, 6));
    assert!(tenants.project.picture() == before);
    assert_eq!(tenants.version("new"), 3, "a tenant's file is made on first use");
}

#[test]
fn a_tenant_is_migrated_on_first_use_by_its_path_or_its_connection() {
    let tenants = Tenants::at(2, 2);
    let fleet = fleet(&tenants);
    assert_eq!(fleet.ensure(tenants.path("t00")).unwrap().done.len(), 1);
    let run = fleet.ensure(tenants.path("t00")).unwrap();
    assert_eq!((run.done.len(), run.before, run.after), (0, Some(3), Some(3)));
    let mut connection = tenants.open("t01");
    assert_eq!(fleet.ensure(&mut connection).unwrap().after, Some(3));
    assert!(fleet.ensure(&mut connection).unwrap().done.is_empty());
    tenants.sql("t00", "UPDATE refinery_schema_history SET checksum = '1' WHERE version = 1");
    let failed = fleet.ensure(tenants.path("t00")).unwrap_err();
    assert!(failed.to_string().contains("was edited after it was applied"), "{failed}");
}

#[test]
fn a_canary_and_too_many_failures_end_the_run_and_an_interrupt_begins_no_other() {
    let tenants = Tenants::at(2, 6);
    let paths: Vec<PathBuf> = (0..6).map(|n| tenants.path(&format!("t0{n}"))).collect();
    tenants.sql("t00", "CREATE TABLE users_by_name(x)");
    let fared = fleet(&tenants).up(&paths);
    assert_eq!((fared.failed.len(), fared.not_begun.len()), (1, 5));
    assert_eq!(fared.failed[0].0, tenants.path("t00"));
    let fared = fleet(&tenants).canary(0).max_failures(2).up(&paths);
    assert_eq!((fared.failed.len(), fared.migrated, fared.not_begun.len()), (1, 5, 0));
    let stop = Interrupt::new();
    stop.raise();
    let migrator = Migrator::from_dir(tenants.project.path("migrations")).unwrap().interrupt(stop);
    assert_eq!(Fleet::new(migrator).up(&paths).not_begun.len(), 6);
}
