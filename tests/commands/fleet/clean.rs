//! `--require-clean` in a fleet: what drifted is not migrated, and the others are.

use super::*;

fn cause(document: &Value) -> (&str, u64) {
    let failures = document["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{document:#}");
    (failures[0]["cause"].as_str().unwrap(), failures[0]["databases"].as_u64().unwrap())
}

#[test]
fn a_database_that_drifted_is_named_before_any_is_begun_and_may_be_let_be() {
    let tenants = Tenants::at(2, 5);
    for tenant in ["t01", "t03"] {
        tenants.sql(tenant, "CREATE TABLE mine(x)");
    }
    let left = "the schema of the database is not what V2__mail left: table mine was added: (x)";
    let before = tenants.project.picture();
    let document = tenants.json(2, &["up", "--require-clean"]);
    assert_eq!(cause(&document), (left, 2));
    assert_eq!(states(&document)[..3], ["t00 not-begun 2", "t01 failed 2", "t02 not-begun 2"]);
    assert!(tenants.project.picture() == before);
    let help = document["databases"][1]["error"]["help"].as_str().unwrap();
    assert!(help.contains("planctl fleet status") && help.contains("--require-clean=false"), "{help}");

    // As many as may fail; the setting asks for it as well, and the flag beats it.
    tenants.project.write("planctl.toml", "require-clean = true\n");
    let document = tenants.json(2, &["up", "--max-failures", "3"]);
    assert_eq!(cause(&document), (left, 2));
    assert_eq!(
        states(&document),
        ["t00 migrated 3", "t01 failed 2", "t02 migrated 3", "t03 failed 2", "t04 migrated 3"]
    );
    let document = tenants.json(2, &["down", "--to", "1", "--max-failures", "3", "--canary", "0"]);
    assert_eq!(cause(&document), (left, 2));
    assert_eq!((tenants.version("t00"), tenants.version("t01")), (1, 2));
    tenants.json(0, &["up", "--require-clean=false"]);
    assert_eq!(tenants.version("t03"), 3);
}

/// Drift that another migration has taken over is what the last one left.
#[test]
fn what_the_last_migration_left_is_clean_and_an_empty_database_too() {
    let tenants = Tenants::at(2, 1);
    tenants.make("t90", 0);
    tenants.sql("t00", "CREATE TABLE mine(x)");
    tenants.json(0, &["up", "--to", "3"]);
    tenants.sql("t90", "DROP INDEX users_by_name; CREATE INDEX users_by_name ON users ( name )");
    let document = tenants.json(0, &["up", "--require-clean"]);
    assert_eq!(states(&document), ["t00 current 3", "t90 current 3"]);
}

#[test]
fn what_names_one_database_is_refused() {
    let tenants = Tenants::at(2, 1);
    for command in ["status", "up", "audit"] {
        let run = tenants.project.run(&["--db", "tenants/t00.db", "fleet", command, "tenants/*.db"]);
        assert!(
            run.status == 2 && run.stderr.contains("--db names one database, and a fleet is many"),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("name its databases after the command"), "{}", run.stderr);
    }
    tenants.project.write(
        "planctl.toml",
        "[databases.one]\ndb = 'tenants/t00.db'\n[databases.all]\nmigrations = 'migrations'\n[databases.all.fleet]\ndatabases = ['tenants/*']\n",
    );
    let run = tenants.project.run(&["fleet", "up", "-d", "one", "tenants/*.db"]);
    assert!(
        run.status == 2 && run.stderr.contains("[databases.one] says nothing of a fleet"),
        "{}",
        run.stderr
    );
    assert_eq!(tenants.version("t00"), 2);
    let (document, _) = tenants.project.json(&["-d", "all", "fleet", "status"]);
    assert_eq!(states(&document), ["t00 behind 2"]);
    // The environment names a database for other commands.
    let mut command = tenants.project.command(&["fleet", "status", "-d", "all"]);
    assert_eq!(crate::harness::Run::of(command.env("PLANCTL_DB", "x.db")).status, 1);
}
