//! A report reads, and does nothing else, whatever stands in its file.

use super::{csv, report, with_report};
use crate::harness::{Project, Run};

/// Statement, and what is said of it.
const REFUSED: [(&str, &str); 31] = [
    ("INSERT INTO t VALUES (3, 3)", "a report is a SELECT, and this begins with `INSERT`"),
    ("INSERT INTO t VALUES (3, 3) RETURNING a", "a report is a SELECT, and this begins with `INSERT`"),
    ("REPLACE INTO t VALUES (3, 3)", "a report is a SELECT, and this begins with `REPLACE`"),
    ("UPDATE t SET a = 9 RETURNING a", "a report is a SELECT, and this begins with `UPDATE`"),
    ("DELETE FROM t", "a report is a SELECT, and this begins with `DELETE`"),
    ("WITH x AS (SELECT 1) INSERT INTO t SELECT 3, 3 FROM x", "the report writes to the database"),
    ("WITH x AS (SELECT 1) UPDATE t SET a = 9 RETURNING a", "the report writes to the database"),
    ("WITH x AS (SELECT 1) DELETE FROM t RETURNING a", "the report writes to the database"),
    ("DROP TABLE t", "a report is a SELECT, and this begins with `DROP`"),
    ("CREATE TABLE u (a)", "a report is a SELECT, and this begins with `CREATE`"),
    ("CREATE TEMP TABLE u AS SELECT 1", "a report is a SELECT, and this begins with `CREATE`"),
    ("ALTER TABLE t ADD COLUMN c", "a report is a SELECT, and this begins with `ALTER`"),
    ("PRAGMA user_version = 9", "a report is a SELECT, and this begins with `PRAGMA`"),
    ("PRAGMA journal_mode = WAL", "a report is a SELECT, and this begins with `PRAGMA`"),
    ("ATTACH 'other.db' AS other", "a report is a SELECT, and this begins with `ATTACH`"),
    ("DETACH main", "a report is a SELECT, and this begins with `DETACH`"),
    ("BEGIN", "a report is a SELECT, and this begins with `BEGIN`"),
    ("SAVEPOINT x", "a report is a SELECT, and this begins with `SAVEPOINT`"),
    ("VACUUM", "a report is a SELECT, and this begins with `VACUUM`"),
    ("VACUUM INTO 'copy.db'", "a report is a SELECT, and this begins with `VACUUM`"),
    ("REINDEX", "a report is a SELECT, and this begins with `REINDEX`"),
    ("ANALYZE", "a report is a SELECT, and this begins with `ANALYZE`"),
    ("EXPLAIN DELETE FROM t", "a report is a SELECT, and this begins with `EXPLAIN`"),
    ("SELECT 1; DELETE FROM t", "a report is one statement, and a second one begins here"),
    ("SELECT load_extension('evil')", "a report may not call load_extension()"),
    ("SELECT Load_Extension('evil', 'init')", "a report may not call load_extension()"),
    ("SELECT a FROM t WHERE sqlite_log(1, 'x') IS NULL", "a report may not call sqlite_log()"),
    ("SELECT * FROM (SELECT writefile('x', 'y'))", "no such function: writefile"),
    ("SELECT * FROM pragma_hard_heap_limit", "a report may not use the pragma hard_heap_limit"),
    ("SELECT * FROM t, pragma_optimize(-1)", "a report may not use the pragma optimize"),
    (
        "WITH x AS (SELECT load_extension('evil')) SELECT 1 WHERE EXISTS (SELECT * FROM x)",
        "a report may not call load_extension()",
    ),
];

#[test]
fn only_queries_that_read_are_run() {
    for (statement, message) in REFUSED {
        let project = with_report(&format!("-- title: Evil\n{statement}"));
        let before = project.picture();
        for format in ["table", "json", "csv", "markdown"] {
            let run = report(&project, "r", &[], &["--format", format]);
            assert_eq!(run.status, 2, "{statement}\n{}", run.stdout);
            let first = run.stderr.lines().next().unwrap_or_default();
            assert_eq!(first, format!("error: {message}"), "{statement}\n{}", run.stderr);
            assert!(run.stderr.contains("--> spec/reports/r.sql:2:"), "{statement}\n{}", run.stderr);
            before.assert_same(&project.picture(), statement);
        }
    }
}

/// Each of them is refused by the gate, too, which compiles reports on a shadow database that could be written.
#[test]
fn check_names_every_broken_report_with_its_place() {
    let project = Project::empty();
    project.write("migrations/V1__t.sql", "CREATE TABLE t (a, b);\n");
    project.write("migrations/V1__t.down.sql", "DROP TABLE t;\n");
    project.write("spec/ddl.sql", "CREATE TABLE t (a, b);\n");
    for (at, (statement, _)) in REFUSED.iter().enumerate() {
        project.write(&format!("spec/reports/r{at:02}.sql"), format!("-- title: Evil\n{statement}"));
    }
    project
        .write("spec/reports/good.sql", "-- title: Good\n-- param: a integer\nSELECT b FROM t WHERE a = :a");
    project.write("spec/reports/old.sql", "-- title: Old\nSELECT b,\n  c FROM t");
    let (document, status) = project.json(&["check"]);
    assert_eq!(status, 1, "{document:#}");
    let findings = document["findings"].as_array().unwrap();
    let messages: Vec<&str> = findings.iter().map(|finding| finding["message"].as_str().unwrap()).collect();
    // `pragma_…` is compiled for good only when it runs.
    let at_check = REFUSED.iter().filter(|(statement, _)| !statement.contains("pragma_"));
    for (statement, message) in at_check.clone() {
        assert!(messages.iter().any(|found| found.starts_with(message)), "{statement}\n{messages:#?}");
    }
    assert_eq!(findings.len(), at_check.count() + 1, "{messages:#?}");
    let old = findings.iter().find(|finding| finding["object"]["name"] == "old.sql").unwrap();
    assert_eq!((&old["rule"], &old["severity"]), (&"broken-report".into(), &"error".into()));
    assert_eq!(old["message"].as_str().unwrap().split(';').next(), Some("no such column: c"));
    assert_eq!((&old["spec"]["line"], &old["spec"]["column"]), (&3.into(), &3.into()));
    let step = document["steps"].as_array().unwrap().iter().find(|step| step["name"] == "reports").unwrap();
    assert_eq!(step["checked"], "33 reports");
}

#[test]
fn what_reads_the_schema_or_a_virtual_table_is_no_writing() {
    let project = with_report("-- title: Columns\nSELECT name FROM pragma_table_info('t')");
    assert_eq!(csv(&project, "r", &[]), "name\na\nb\n");
    project.write(
        "spec/reports/r.sql",
        "-- title: Told\nSELECT user_version, page_count * page_size > 0 AS full
         FROM pragma_user_version, pragma_page_count, pragma_page_size",
    );
    assert_eq!(csv(&project, "r", &[]), "user_version,full\n7,1\n");
    // Both modules compile statements that write as soon as their tables are read.
    project.sql(
        "CREATE VIRTUAL TABLE f USING fts5 (x); INSERT INTO f VALUES ('one two'), ('three');
         CREATE VIRTUAL TABLE g USING rtree (id, a, b); INSERT INTO g VALUES (1, 2.0, 3.0)",
    );
    project.write("spec/reports/r.sql", "-- title: Virtual\nSELECT f.x, g.a FROM f, g WHERE f MATCH 'two'");
    assert_eq!(csv(&project, "r", &[]), "x,a\none two,2.0\n");
}

#[test]
fn a_value_is_bound_and_never_part_of_the_statement() {
    let project = with_report(
        "-- title: T\n-- param: b text\nSELECT :b AS given, count(*) AS rows FROM t WHERE b = :b",
    );
    for (given, row) in [
        ("x", "x,1"),
        ("x' OR '1'='1", "x' OR '1'='1,0"),
        ("'; DROP TABLE t; --", "'; DROP TABLE t; --,0"),
        ("a=b", "a=b,0"),
        ("\"", "\"\"\"\",0"),
        (":b", ":b,0"),
        ("", "\"\",0"),
    ] {
        assert_eq!(csv(&project, "r", &[&format!("b={given}")]), format!("given,rows\n{row}\n"));
    }
}

#[test]
fn what_the_compiler_finds_wrong_has_its_place_and_what_to_do() {
    let error = |text: &str| -> Run {
        let run = report(&with_report(text), "r", &[], &[]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{text}");
        run
    };
    let missing = error("-- title: T\nSELECT a\nFROM tt");
    assert!(
        missing.stderr.contains("error: no such table: tt\n --> spec/reports/r.sql:3:6"),
        "{}",
        missing.stderr
    );
    assert!(
        missing.stderr.contains("help: has every migration been applied to planctl.db?"),
        "{}",
        missing.stderr
    );
    let quoted = error("-- title: T\nSELECT a FROM t WHERE b = \"x\"");
    assert!(
        quoted.stderr.contains("r.sql:2:27") && quoted.stderr.contains("write the string as '…'"),
        "{}",
        quoted.stderr
    );
    let twice = error("-- title: T\nSELECT a, b AS a FROM t");
    assert!(twice.stderr.contains("two columns of the report are named `a`"), "{}", twice.stderr);
    let drawn = error("-- title: T\n-- bar: amont of 100\nSELECT a AS amount FROM t");
    assert!(
        drawn.stderr.contains("the report has no column `amont` to draw\n --> spec/reports/r.sql:2:9")
            && drawn.stderr.contains("did you mean `amount`?"),
        "{}",
        drawn.stderr
    );
    let number = error("-- title: T\nSELECT 1 +");
    assert!(number.stderr.contains("incomplete input\n --> spec/reports/r.sql:2:"), "{}", number.stderr);
}

/// Also where the database is read without locks, and where its log is left.
#[test]
fn a_database_with_a_log_is_read_and_stays_as_it_is() {
    let project = with_report("-- title: T\nSELECT count(*) AS rows FROM t");
    project.sql("PRAGMA journal_mode = WAL; INSERT INTO t VALUES (3, 3)");
    let before = project.picture();
    assert_eq!(csv(&project, "r", &[]), "rows\n3\n");
    before.assert_same(&project.picture(), "a log that was taken down");
    let holder = project.open();
    holder.execute_batch("INSERT INTO t VALUES (4, 4)").unwrap();
    assert_eq!(csv(&project, "r", &[]), "rows\n4\n", "what is in the log counts");
}
