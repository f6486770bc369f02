//! `--require-clean`: only what the last migration left is migrated.

use planctl::internals::base::job::Job;
use planctl::internals::engine::{self, Access, Clean, OpenOptions, UpOptions};
use planctl::internals::migrations::MigrationSet;

use super::production::dump;
use super::*;

const REQUIRE: &str = "--require-clean";

#[test]
fn a_database_that_drifted_is_not_migrated_in_any_way() {
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up", "--to", "1", REQUIRE]);
    project.sql("ALTER TABLE a ADD COLUMN hot; CREATE INDEX by_x ON a(x)");
    let before = dump(&project.db());
    let said = stderr(&project.expect(2, &["migrate", "up", REQUIRE]));
    insta::assert_snapshot!(said);
    for way in [
        &["up", "--dry-run"][..],
        &["up", "--rehearse"],
        &["down"],
        &["down", "--dry-run"],
        &["down", "--rehearse"],
        &["redo"],
    ] {
        let args = [&["migrate"], way, &[REQUIRE]].concat();
        let said = stderr(&project.expect(2, &args));
        assert!(
            said.starts_with("error: the schema of planctl.db is not what V1__a left: 2 differences"),
            "{args:?} {said}"
        );
    }
    assert!(dump(&project.db()) == before);
    let set = |command: &mut Command| expect(command.env("PLANCTL_REQUIRE_CLEAN", "1"), &[2]);
    set(&mut project.command(&["migrate", "up"]));
    fs::write(project.path("planctl.toml"), "require-clean = true").unwrap();
    project.expect(2, &["migrate", "up"]);
    // Nothing has to be pending: the next step counts on it.
    project.expect(2, &["migrate", "up", "--to", "1"]);
    project.sql("DROP INDEX by_x; ALTER TABLE a DROP COLUMN hot");
    project.expect(0, &["migrate", "up"]);
    project.expect(0, &["migrate", "redo"]);
    project.expect(0, &["migrate", "down", "--to", "0"]);
    project.expect(0, &["migrate", "up", "--to", "1"]);
    project.expect(0, &["migrate", "redo"]);
}

#[test]
fn what_is_somebody_elses_is_no_drift_and_what_no_migration_made_is() {
    let project = Project::two_tables();
    project.sql("CREATE TABLE django_log(a)");
    let said = stderr(&project.expect(2, &["migrate", "up", REQUIRE]));
    assert!(
        said.starts_with("error: the schema of planctl.db is not empty, and no migration is applied to it"),
        "{said}"
    );
    fs::write(project.path("planctl.toml"), "[audit]\nignore = ['django_*']").unwrap();
    project.expect(0, &["migrate", "up", "--to", "1", REQUIRE]);
    project.sql("CREATE TABLE django_more(a)");
    project.expect(0, &["migrate", "up", REQUIRE]);
    // As refinery leaves it, without a record of the schema.
    project.sql("DROP TABLE planctl_migrations");
    project.expect(0, &["migrate", "down", REQUIRE]);
    project.sql("DROP TABLE IF EXISTS planctl_migrations; DROP TABLE a");
    project.expect(2, &["migrate", "up", REQUIRE]);
}

/// What was found to be clean is looked at again under the lock of each migration.
#[test]
fn nobody_slips_in_between_the_look_and_the_lock() {
    let project = Project::two_tables();
    let set = MigrationSet::load(&project.path("migrations")).unwrap();
    let open = || {
        let access = Access::ReadWrite { create: true };
        engine::open(project.db(), access, OpenOptions::default(), Job::quiet()).unwrap()
    };
    let up = |engine: &mut dyn engine::Engine, to| {
        let options = UpOptions { to: Some(to), ..UpOptions::of(ulid::Ulid::nil()) };
        engine.migrate_up(&set, &options, Job::quiet())
    };
    let (mut ours, mut other) = (open(), open());
    let schema = ours.schema_fingerprint().unwrap();
    ours.require_clean(Clean { newest: None, schema });
    // Another planctl migrates meanwhile: what it leaves is clean.
    assert!(up(&mut *other, 1).error.is_none());
    assert!(up(&mut *ours, 1).error.is_none() && up(&mut *ours, 2).error.is_none());
    let down = engine::DownOptions {
        target: engine::DownTarget::Steps(1),
        from_files: false,
        on_loss: engine::OnLoss::Allow,
        backup: None,
    };
    assert!(ours.migrate_down(&set, &down, Job::quiet()).error.is_none());
    // Somebody changes the schema by hand.
    project.sql("ALTER TABLE a ADD COLUMN hot");
    for run in [up(&mut *ours, 2), ours.migrate_down(&set, &down, Job::quiet())] {
        let error = run.error.unwrap();

        assert!(
            error.message().ends_with("was changed by another process in the meantime")
                && run.done.is_empty()
        );
    }
}
