//! What a judge says that was stopped.

use super::*;
use crate::diff::{Change, Compiled, diff};
use crate::schema::Ident;

/// Two spellings of the same thing, for each that a judge is asked about.
const SPELLINGS: [[&str; 2]; 7] = [
    ["CREATE TABLE t(a, CHECK (a + 1 > 0))", "CREATE TABLE t(a, CHECK (a + 0x1 > 0))"],
    ["CREATE TABLE t(a DEFAULT (1 + 2))", "CREATE TABLE t(a DEFAULT (0x1 + 2))"],
    ["CREATE TABLE t(a DEFAULT 16)", "CREATE TABLE t(a DEFAULT 0x10)"],
    ["CREATE TABLE t(a, b AS (a + 1))", "CREATE TABLE t(a, b AS (a + 0x1))"],
    ["CREATE TABLE t(a); CREATE INDEX i ON t(a + 1)", "CREATE TABLE t(a); CREATE INDEX i ON t(a + 0x1)"],
    [
        "CREATE TABLE t(a); CREATE VIEW v AS SELECT a FROM t",
        "CREATE TABLE t(a); CREATE VIEW v AS SELECT a AS a FROM t",
    ],
    [
        "CREATE TABLE t(a); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TABLE t(a); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 0x1; END",
    ],
];

fn source(sql: &str) -> SourceFile {
    SourceFile::new("spec.sql", sql)
}

#[test]
fn an_interrupted_judge_never_answers_different() {
    for [expected, actual] in SPELLINGS {
        let interrupt = Interrupt::new();
        let judge = spec_database(&source(expected), Job::stopped_by(&interrupt)).unwrap();
        let (expected, actual) =
            (judge.schema().unwrap(), spec_database(&source(actual), Job::quiet()).unwrap());
        let actual = actual.schema().unwrap();
        let compared = || -> Result<Vec<Change>> { diff(&expected, &actual, &mut *judge.equivalence()) };
        assert_eq!(compared().unwrap(), [], "the judge is needed, and calls them the same");
        interrupt.raise();
        assert_eq!(compared().unwrap_err().kind(), ErrorKind::Interrupted);
    }
}

#[test]
fn a_judge_that_was_stopped_knows_no_string_in_double_quotes() {
    let interrupt = Interrupt::new();
    let judge = spec_database(&source("CREATE TABLE t(a)"), Job::stopped_by(&interrupt)).unwrap();
    let table = Ident::from("t");
    let asked = || judge.equivalence().string_in_double_quotes(Compiled::Expression(&table, "a = \"b\""));
    assert_eq!(asked().unwrap().as_deref(), Some("b"));
    interrupt.raise();
    assert_eq!(asked().unwrap_err().kind(), ErrorKind::Interrupted);
}

#[test]
fn what_is_made_for_a_job_is_stopped_with_it() {
    let interrupt = Interrupt::new();
    let job = Job::stopped_by(&interrupt);
    let mut made = scratch(job).unwrap();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    interrupt.raise();
    assert!(made.run(endless, 0).unwrap_err().interrupted);
    // Others that it makes, in whatever thread, are of the same job.
    std::thread::scope(|scope| {
        let mut copy = made.copy().unwrap();
        let stopped = scope.spawn(move || copy.run(endless, 0).unwrap_err().interrupted);
        assert!(stopped.join().unwrap());
    });
    let refused = spec_database(&source("CREATE TABLE t(a)"), job).err().map(|error| error.kind());
    assert_eq!(refused, Some(ErrorKind::Interrupted));
}
