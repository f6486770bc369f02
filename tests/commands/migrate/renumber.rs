//! What two branches bring: the unapplied one gets the next version, its down and its tests along.

use super::*;
use crate::harness::{Picture, stdout};

/// The command that a message names, as its words.
fn named(said: &str) -> Vec<String> {
    let command = said.split('`').find(|part| part.starts_with("planctl migrate renumber ")).expect(said);
    command.split(' ').skip(1).map(str::to_owned).collect()
}

fn follow(project: &Project, said: &str) {
    let words = named(said);
    project.expect(0, &words.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Law: the message for two files of one version names the command that ends it, and so does the one for a file that comes
/// in below the newest.
#[test]
fn both_messages_about_two_branches_name_the_command_that_ends_them() {
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up"]);
    project
        .write("V2__z.sql", "-- V2__z\nCREATE TABLE z (a);\n")
        .write("V2__z.down.sql", "-- Reverts V2__z.\nDROP TABLE z;\n");
    let tests = project.path("tests/migrations");
    fs::create_dir_all(&tests).unwrap();
    for name in ["V2__z_rows", "V2__b_rows", "V2__other"] {
        fs::write(tests.join(format!("{name}.test.sql")), "-- then\n-- expect: 1\nSELECT 1;\n").unwrap();
    }
    let said = stderr(&project.expect(2, &["migrate", "up"]));
    assert!(said.contains("both have version 2"), "{said}");
    follow(&project, &said);
    let names: Vec<String> = harness::entries(&tests)
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["V2__b_rows.test.sql", "V2__other.test.sql", "V3__z_rows.test.sql"]);
    let text = |name: &str| fs::read_to_string(project.path("migrations").join(name)).unwrap();
    assert_eq!(text("V3__z.sql"), "-- V3__z\nCREATE TABLE z (a);\n");
    assert_eq!(text("V3__z.down.sql"), "-- Reverts V3__z.\nDROP TABLE z;\n");
    project.expect(0, &["migrate", "up"]);
    project.expect(0, &["migrate", "test"]);
    // Where the other one is the applied one, the message says which.
    project.write("V3__a.sql", "CREATE TABLE aa (a);\n");
    let first = stderr(&project.expect(2, &["migrate", "up"]));
    let words = named(&first);
    let refused = stderr(&project.expect(2, &words.iter().map(String::as_str).collect::<Vec<_>>()));
    assert!(refused.contains("V3__z is applied to planctl.db"), "{refused}");
    follow(&project, &refused);
    project.expect(0, &["migrate", "up"]);

    // Below the newest.
    project
        .write("V06__late.sql", "CREATE TABLE late (a);\n")
        .write("V7__new.sql", "CREATE TABLE new (a);\n");
    fs::rename(project.path("migrations/V06__late.sql"), project.path("V06")).unwrap();
    project.expect(0, &["migrate", "up"]);
    fs::rename(project.path("V06"), project.path("migrations/V06__late.sql")).unwrap();
    for args in [&["migrate", "up"][..], &["migrate", "redo", DESTROY]] {
        let said = stderr(&project.expect(2, args));
        assert!(said.contains("was never applied, but newer migrations were"), "{said}");
        assert_eq!(named(&said), ["migrate", "renumber", "migrations/V06__late.sql"]);
    }
    follow(&project, &stderr(&project.expect(2, &["migrate", "up"])));
    assert!(project.path("migrations/V08__late.sql").exists(), "padded as it was");
    project.expect(0, &["migrate", "up"]);
    project.expect(0, &["migrate", "status", "--check"]);
}

/// Law: what is applied keeps its version, what is newest has nothing to do, and what is refused changes nothing.
#[test]
fn what_is_applied_or_no_migration_keeps_its_name() {
    let project = Project::two_tables();
    project.expect(0, &["migrate", "up", "--to", "1"]);
    project.write("R__x.sql", "SELECT 1;").write(".V1__hidden.sql", "");
    let before = Picture::of(project.dir.path());
    for (file, message) in [
        ("V1__a.sql", "V1__a is applied to planctl.db"),
        ("migrations/V1__a.sql", "V1__a is applied to planctl.db"),
        ("V1__a.down.sql", "is not a migration"),
        ("R__x.sql", "is not a migration"),
        ("V9__none.sql", "there is no file V9__none.sql"),
    ] {
        let said = stderr(&project.expect(2, &["migrate", "renumber", file]));
        assert!(said.contains(message), "{file}: {said}");
    }
    let nothing = stdout(&project.expect(0, &["migrate", "renumber", "V2__b.sql"])).to_owned();
    assert!(nothing.contains("nothing to do: V2__b is the newest migration already"), "{nothing}");
    before.assert_same(&Picture::of(project.dir.path()), "nothing was renamed");
    // A name that is taken in the folder of tests keeps all files where they are.
    fs::remove_file(project.path("migrations/R__x.sql")).unwrap();
    project.write("V2__c.sql", "CREATE TABLE c (a);\n").write("V2__c.down.sql", "DROP TABLE c;\n");
    fs::create_dir_all(project.path("tests/migrations")).unwrap();
    for name in ["V2__c_rows", "V3__c_rows"] {
        fs::write(project.path(&format!("tests/migrations/{name}.test.sql")), "-- then\n").unwrap();
    }
    let before = Picture::of(project.dir.path());
    let said = stderr(&project.expect(2, &["migrate", "renumber", "V2__c.sql"]));
    assert!(said.contains("V3__c_rows.test.sql already exists"), "{said}");
    before.assert_same(&Picture::of(project.dir.path()), "a name is taken");
}

/// Law: time stamps go on as time stamps, and one name under two spellings of a version is two files.
#[test]
fn the_next_version_is_of_the_style_of_the_folder() {
    let project = Project::new();
    project
        .write("V20260101000000__a.sql", "CREATE TABLE a (x);")
        .write("V20260101000000__b.sql", "CREATE TABLE b (x);");
    let said = project.json(0, &["migrate", "renumber", "V20260101000000__b.sql"]);
    assert!(said["version"].as_i64().unwrap() > 20_260_101_000_000, "{said}");
    project.expect(0, &["migrate", "up"]);
    let project = Project::new();
    project
        .write("V1__a.sql", "CREATE TABLE a (x);")
        .write("V01__a.sql", "CREATE TABLE b (x);")
        .write("V01__a.down.sql", "DROP TABLE b;");
    project.expect(0, &["migrate", "renumber", "V01__a.sql"]);
    assert!(project.path("migrations/V02__a.down.sql").exists());
    project.expect(0, &["migrate", "up"]);
}
