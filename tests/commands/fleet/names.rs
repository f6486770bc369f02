//! Which databases a fleet has.

use std::io::Write as _;
use std::process::Stdio;

use super::*;
use crate::harness::Run;

/// The databases that a run was about, as it names them.
fn named(document: &Value) -> Vec<String> {
    let databases = document["databases"].as_array().unwrap();
    databases.iter().map(|db| db["database"].as_str().unwrap().to_owned()).collect()
}

impl Tenants {
    fn named_by(&self, args: &[&str]) -> Vec<String> {
        let (document, _) = self.project.json(&[&["fleet", "status"], args].concat());
        named(&document)
    }
}

#[test]
fn globs_give_names_in_byte_order_and_each_file_is_one_database() {
    let tenants = Tenants::at(3, 2);
    tenants.make("B", 3);
    let project = &tenants.project;
    std::fs::create_dir_all(project.path("tenants/deep/er")).unwrap();
    std::fs::copy(tenants.path("t00"), project.path("tenants/deep/er/x.db")).unwrap();
    let all = ["tenants/B.db", "tenants/t00.db", "tenants/t01.db"];
    assert_eq!(tenants.named_by(&["tenants/*.db"]), all);
    assert_eq!(tenants.named_by(&["tenants/{t01,B}.db"]), ["tenants/B.db", "tenants/t01.db"]);
    assert_eq!(tenants.named_by(&["tenants/**/*.db"]).len(), 4);
    // Order as given, and each once, whatever it is called.
    let twice = ["tenants/t01.db", "./tenants/../tenants/t01.db", "sqlite:tenants/t01.db", "tenants/*.db"];
    assert_eq!(tenants.named_by(&twice), ["tenants/t01.db", "tenants/B.db", "tenants/t00.db"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("t00.db", tenants.path("A-link")).unwrap();
        assert_eq!(
            tenants.named_by(&["tenants/*.db"]),
            ["tenants/A-link.db", "tenants/B.db", "tenants/t01.db"]
        );
        std::fs::remove_file(tenants.path("A-link")).unwrap();
    }
    assert_eq!(tenants.named_by(&["tenants/*.db", "--exclude", "tenants/t*"]), ["tenants/B.db"]);
    // What may be left out need not be there.
    assert_eq!(tenants.named_by(&["tenants/*.db", "--exclude", "tenants/*.backup.db"]).len(), 3);
    // What SQLite keeps beside a database is none, and a file may be called like a glob.
    std::fs::copy(tenants.path("t00"), tenants.path("odd[1]")).unwrap();
    tenants.sql("t00", "PRAGMA journal_mode = WAL");
    let held = tenants.open("t00");
    held.execute_batch("INSERT INTO users VALUES (1, 'a', NULL)").unwrap();
    assert!(tenants.project.path("tenants/t00.db-wal").exists());
    assert_eq!(tenants.named_by(&["tenants/odd[1].db"]), ["tenants/odd[1].db"]);
    assert_eq!(tenants.named_by(&["tenants/*"]).len(), 4);
}

/// SQLite looks for a log under the name by which it opened the file: a database may not be as it is read. Each command of
/// one database warned of that, and those of many said nothing.
#[test]
#[cfg(unix)]
fn databases_with_other_names_are_warned_of_in_one_line() {
    let tenants = Tenants::at(3, 3);
    let commands: [&[&str]; 4] = [&["status"], &["audit"], &["up"], &["down", "--to", "3"]];
    let warnings = |args: &[&str]| {
        let run = tenants.project.ok(&[&["fleet"], args, &["tenants/*.db"]].concat());
        let lines = run.stderr.lines().filter(|line| line.starts_with("warning: "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    for args in commands {
        assert_eq!(warnings(args), [""; 0], "{args:?}");
    }
    for (tenant, begins) in [
        ("t01", "warning: tenants/t01.db has more than one name (hard links)"),
        ("t02", "warning: tenants/t01.db and 1 other database have more than one name each (hard links)"),
    ] {
        std::fs::hard_link(tenants.path(tenant), tenants.project.path(tenant)).unwrap();
        for args in commands {
            let said = warnings(args);
            assert!(said.len() == 1 && said[0].starts_with(begins), "{args:?}: {said:?}");
        }
    }
    assert_eq!(tenants.project.ok(&["-q", "fleet", "status", "tenants/*.db"]).stderr, "");
}

#[test]
fn what_names_nothing_is_an_error() {
    let tenants = Tenants::at(3, 1);
    for (args, message, help) in [
        (&["tenants/*.sqlite"][..], "no file matches `tenants/*.sqlite`", "check the pattern"),
        (&["tenants/[a"], "the pattern `tenants/[a` has a [ that is not closed", "close it"),
        (&[], "no database is named", "--from"),
        (&["--from", "none.txt"], "none.txt: no such file or folder", ""),
        (&["jdbc:sqlite:x"], "planctl cannot open `jdbc:` databases", ""),
    ] {
        let run = tenants.project.run(&[&["fleet", "status"], args].concat());
        assert_eq!(run.status, 2, "{args:?}");
        assert!(run.stderr.contains(message) && run.stderr.contains(help), "{args:?}\n{}", run.stderr);
    }
}

#[test]
fn names_come_from_a_file_from_standard_input_and_from_a_registry() {
    let tenants = Tenants::at(3, 3);
    let project = &tenants.project;
    // Names that are read are taken as they are: no glob, no shell.
    project.write("list.txt", "tenants/t02.db\r\n\ntenants/t00.db\ntenants/t02.db\n");
    assert_eq!(tenants.named_by(&["--from", "list.txt"]), ["tenants/t02.db", "tenants/t00.db"]);
    project.write("list.txt", "tenants/*.db\n$(touch pwned)\n");
    let run = project.run(&["fleet", "status", "--from", "list.txt"]);
    assert_eq!(run.status, 2);
    assert!(run.stdout.contains("tenants/*.db") && !project.path("pwned").exists(), "{}", run.stdout);

    let mut child = project
        .command(&["fleet", "status", "--from", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"tenants/t01.db\n").unwrap();
    assert_eq!(named(&Run::from(child.wait_with_output().unwrap()).document()), ["tenants/t01.db"]);

    project.sql("CREATE TABLE registry(path, active);
                 INSERT INTO registry VALUES ('tenants/t01.db', 1), ('tenants/t00.db', 1), ('tenants/t02.db', 0), (NULL, 2)");
    let select = |sql: &str| tenants.named_by(&["--registry", "planctl.db", "--query", sql]);
    assert_eq!(
        select("SELECT path FROM registry WHERE active = 1 ORDER BY rowid"),
        ["tenants/t01.db", "tenants/t00.db"]
    );
    for (sql, message) in [
        ("SELECT path FROM registry", "row 4 of the query names no database"),
        ("SELECT path FROM registr", "no such table: registr"),
        ("DELETE FROM registry", "--query"),
    ] {
        let run = project.run(&["fleet", "status", "--registry", "planctl.db", "--query", sql]);
        assert!(run.status == 2 && run.stderr.contains(message), "{sql}\n{}", run.stderr);
    }
    assert_eq!(
        project.open().query_row("SELECT count(*) FROM registry", [], |row| row.get::<_, i64>(0)).unwrap(),
        4
    );
}

#[test]
fn a_fleet_of_the_settings_is_relative_to_its_file() {
    let tenants = Tenants::at(3, 3);
    tenants.project.write(
        "planctl.toml",
        "[fleet]\ndatabases = ['tenants/*.db']\nexclude = ['tenants/t01.db']\njobs = 1\ncanary = 0\nmax-failures = '10%'\n",
    );
    let mut command = tenants.project.command(&["fleet", "status", "--format", "json"]);
    let run = Run::of(command.current_dir(tenants.project.path("spec")));
    assert_eq!(named(&run.document()), ["../tenants/t00.db", "../tenants/t02.db"]);
    // What is named on the command line takes the place of all of it.
    assert_eq!(tenants.named_by(&["tenants/t01.db"]), ["tenants/t01.db"]);
    for (line, message) in [
        ("databases = 'x'", "`databases` has to be a list of names"),
        ("database = ['x']", "[fleet] has no key `database`"),
        ("max-failures = '0%'", "`max-failures`: it has to be a whole number from 1 up"),
        ("jobs = 0", "`jobs` has to be a whole number from 1 up"),
        ("registry = 'x.db'", "[fleet] needs both `registry` and `query`"),
    ] {
        tenants.project.write("planctl.toml", format!("[fleet]\n{line}\n"));
        let run = tenants.project.run(&["fleet", "status"]);
        assert!(run.status == 2 && run.stderr.contains(message), "{line}\n{}", run.stderr);
    }
}

#[test]
fn no_result_is_written_over_a_database_of_the_fleet() {
    let tenants = Tenants::at(3, 2);
    let run = tenants.project.run(&["fleet", "status", "tenants/*.db", "-o", "tenants/t01.db"]);
    assert!(run.status == 2 && run.stderr.contains("would write over"), "{}", run.stderr);
    assert_eq!(tenants.version("t01"), 3);
}
