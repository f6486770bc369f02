//! Reports: the shipped ones give the right answers on the sample rows, and none can do anything but read.

mod answers;
mod output;
mod reading;

use crate::harness::{Project, Run};

/// The sample rows end here.
const NOW: &str = "now=2026-11-20T12:00:00Z";

/// The shipped project, its database with the sample rows in it.
fn sample() -> Project {
    let project = Project::shipped();
    project.ok(&["migrate", "up"]);
    let rows = std::fs::read_to_string(project.path("spec/sample.sql")).unwrap();
    project.sql(&rows);
    project
}

/// A project with one report, `r`, on an empty database.
fn with_report(text: &str) -> Project {
    let project = Project::empty();
    project.sql("PRAGMA user_version = 7; CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x'), (2, NULL)");
    project.write("spec/reports/r.sql", text);
    project
}

fn report(project: &Project, name: &str, parameters: &[&str], more: &[&str]) -> Run {
    let mut args = vec!["report", "run", name];
    parameters.iter().for_each(|parameter| args.extend(["--param", parameter]));
    args.extend(more);
    project.run(&args)
}

/// The rows as CSV has them, without its CR.
fn csv(project: &Project, name: &str, parameters: &[&str]) -> String {
    let run = report(project, name, parameters, &["--format", "csv"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{name} {parameters:?}");
    assert_eq!(run.stdout.matches('\n').count(), run.stdout.matches("\r\n").count());
    run.stdout.replace("\r\n", "\n")
}
