//! What a fleet's reports say, in each format.

use super::*;

fn mixed() -> Tenants {
    let tenants = Tenants::at(3, 6);
    tenants.make("u0", 2);
    tenants.make("u1", 2);
    tenants.make("v0", 0);
    tenants.sql("t02", "CREATE TABLE mine(x)");
    tenants.sql("t04", "CREATE TABLE mine(x)");
    tenants.sql("t05", "DROP INDEX users_by_name; CREATE INDEX users_by_name ON users (\n name );");
    tenants
}

#[test]
fn status_groups_databases_by_version_and_by_schema() {
    let tenants = mixed();
    let before = tenants.project.picture();
    let run = tenants.project.run(&["fleet", "status", "tenants/*.db"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    insta::assert_snapshot!(run.stdout, @r"
    count  version  state                            databases
    ────────────────────────────────────────────────────────────────────────────────
        4        3  current                          tenants/t00.db, tenants/t01.db,
                                                     tenants/t03.db, …
        2        3  drifted: table mine was added:   tenants/t02.db, tenants/t04.db
                    (x)
        2        2  behind                           tenants/u0.db, tenants/u1.db
        1     none  behind                           tenants/v0.db

    9 databases: 4 at 3, clean · 2 at 2 · 1 without migrations · 2 with other schemas
    ");
    assert!(tenants.project.picture() == before, "it only reads");

    let document = tenants.json(1, &["status"]);
    assert_eq!(document["outcome"], "findings");
    let states = states(&document);
    assert_eq!(states[2..6], ["t02 drifted 3", "t03 current 3", "t04 drifted 3", "t05 current 3"]);
    assert_eq!(states[6..], ["u0 behind 2", "u1 behind 2", "v0 behind null"]);
    let schemas = document["schemas"].as_array().unwrap();
    assert_eq!((schemas.len(), &schemas[0]["databases"]), (1, &2.into()));
    assert_eq!(schemas[0]["findings"][0]["rule"], "extra-table");
    assert_eq!(document["databases"][2]["schema"], schemas[0]["schema"]);

    let all = Tenants::at(3, 2);
    let run = all.project.ok(&["fleet", "status", "tenants/*.db"]);
    assert!(run.stdout.contains("2 databases: 2 at 3, clean"), "{}", run.stdout);
}

#[test]
fn one_line_a_database_in_csv_and_with_v_and_one_case_in_junit() {
    let tenants = mixed();
    let run =
        |args: &[&str]| tenants.project.run(&[&["fleet", "status", "tenants/*.db"], args].concat()).stdout;
    let csv = run(&["--format", "csv"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 10);
    assert_eq!(lines[..2], ["name,state,version,message", "tenants/t00.db,current,3,\"at 3, clean\""]);
    assert_eq!(lines[9], "tenants/v0.db,behind,,\"no migrations applied, 3 pending, clean\"");
    let verbose = run(&["-v"]);
    assert!(verbose.contains("tenants/t02.db: at 3, another schema: table mine was added"), "{verbose}");
    assert_eq!(verbose.lines().filter(|line| line.contains(".db: ")).count(), 9);

    std::fs::write(tenants.path("w"), "no database at all, whatever").unwrap();
    let junit = run(&["--format", "junit"]);
    let xml = roxmltree::Document::parse(&junit).unwrap();
    let suite = xml.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
    let counts = ["tests", "failures", "errors", "skipped"].map(|name| suite.attribute(name).unwrap());
    assert_eq!(counts, ["10", "5", "1", "0"]);
    assert_eq!(xml.descendants().filter(|node| node.has_tag_name("testcase")).count(), 10);
    // A database that could not be read is in every format, and the error of the whole takes nothing away.
    assert_eq!(run(&["--format", "csv"]).lines().count(), 11);
    let markdown = run(&["--format", "markdown"]);
    assert!(
        markdown.contains("| 2 | 2 | <strong>behind</strong> | tenants/u0.db, tenants/u1.db |"),
        "{markdown}"
    );
}

/// Who reads the report and the error is told each cause once; who reads one of them is told it there.
#[test]
fn a_cause_is_told_once_to_whoever_reads_report_and_error() {
    let tenants = Tenants::at(3, 2);
    tenants.project.write("tenants/bad.db", "no database, whatever it is called");
    let run = |args: &[&str]| {
        let run = tenants.project.run(&[&["fleet", "status", "tenants/*.db"], args].concat());
        assert_eq!(run.status, 2, "{args:?}");
        assert!(run.stderr.starts_with("error: 1 of 3 databases failed\n"), "{}", run.stderr);
        let told = |text: &str| text.matches("the database is not a SQLite database").count();
        [told(&run.stdout), told(&run.stderr)]
    };
    assert_eq!(run(&[]), [1, 0]);
    assert_eq!(run(&["--format", "markdown"]), [1, 1]);
    assert_eq!(run(&["-o", "report.txt"]), [0, 1]);
    assert_eq!(run(&["-q"]), [0, 1]);
    let json = tenants.json(2, &["status"]);
    assert_eq!(json["error"]["notes"][0], "1: the database is not a SQLite database");
    assert_eq!(json["failures"][0]["cause"], "the database is not a SQLite database");
}
