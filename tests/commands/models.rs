//! `schema models` and `check --models` through the binary. What the classes are worth is proven in tests/laws/models.

use std::fs;

use crate::harness::{Project, Run, path, program};

const SPEC: &str = "\
CREATE TABLE tasks (
    task_id TEXT NOT NULL PRIMARY KEY, -- ULID
    parent_task_id TEXT REFERENCES tasks (task_id) ON DELETE CASCADE,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done')), -- 'open' | 'done'
    tags TEXT, -- JSON
    UNIQUE (parent_task_id, state)
) STRICT;
CREATE VIEW open_tasks AS SELECT * FROM tasks WHERE state = 'open';
";

fn project() -> Project {
    let project = Project::empty();
    project.write("planctl.toml", "sqlite-version = '3.37'\n");
    project.write("spec/ddl.sql", SPEC);
    project.write(
        "migrations/V1__tasks.sql",
        SPEC.replace("tasks (\n", "tasks_live (\n")
            .replace("FROM tasks", "FROM tasks_live")
            .replace("REFERENCES tasks", "REFERENCES tasks_live"),
    );
    project.write("migrations/V1__tasks.down.sql", "DROP VIEW open_tasks;\nDROP TABLE tasks_live;\n");
    project.write(
        "spec/deviations.toml",
        "[[rename]]\ntable = 'tasks'\nlive = 'tasks_live'\nreason = 'older'\n",
    );
    project
}

#[test]
fn classes_are_written_in_the_names_that_were_asked_for() {
    let project = project();
    let live = project.ok(&["schema", "models", "--lang", "python"]).stdout;
    assert!(live.contains("class TasksLive(Base):\n    __tablename__ = \"tasks_live\"\n"), "{live}");
    let spec = project.ok(&["schema", "models", "--lang", "python", "--names", "spec"]).stdout;
    let classes = spec.split_once("class Base(").unwrap();
    insta::assert_snapshot!(format!(
        "{}…\n\nclass Base({}",
        spec.split_once("from __future__").unwrap().0,
        classes.1
    ));
    project.ok(&["schema", "models", "--lang", "python", "-o", "models.py"]);
    assert_eq!(fs::read_to_string(project.path("models.py")).unwrap(), live);
}

#[test]
fn what_cannot_be_written_says_why() {
    let project = project();
    let run = project.run(&["schema", "models"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("--lang <LANGUAGE>"), "{}", run.stderr);
    let run = project.run(&["schema", "models", "--lang", "cobol"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("python"), "{}", run.stderr);
    project.write("spec/ddl.sql", "CREATE TABLE t (a,);");
    let run = project.run(&["schema", "models", "--lang", "python"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("spec/ddl.sql:1:19"), "{}", run.stderr);
    fs::remove_file(project.path("spec/ddl.sql")).unwrap();
    let run = project.run(&["schema", "models", "--lang", "python"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("spec/ddl.sql"), "{}", run.stderr);
}

#[test]
fn check_finds_classes_that_are_out_of_date_and_says_what_renews_them() {
    let project = project();
    let check = |files: &[&str], expected: i32| {
        let mut arguments = vec!["check"];
        arguments.extend(files.iter().flat_map(|file| ["--models", file]));
        let (document, status) = project.json(&arguments);
        assert_eq!(status, expected, "{document:#}");
        let found = document["findings"].as_array().unwrap().clone();
        found.into_iter().filter(|finding| finding["rule"] == "outdated-models").collect::<Vec<_>>()
    };
    let renew = |message: &str| {
        let command = message.split('`').nth(1).unwrap();
        let mut shell = program("/bin/sh");
        shell.arg("-c").arg(command).current_dir(project.dir.path()).env("PATH", path());
        assert_eq!(Run::of(&mut shell).status, 0, "{command}");
    };
    project.ok(&["schema", "models", "--lang", "python", "-o", "live.py"]);
    project.ok(&[
        "schema",
        "models",
        "--lang",
        "python",
        "--names",
        "spec",
        "--spec",
        "spec/ddl.sql",
        "-o",
        "the spec.py",
    ]);
    assert!(check(&["live.py", "the spec.py"], 0).is_empty());

    // One column more, in the spec and in the migrations.
    for file in ["spec/ddl.sql", "migrations/V1__tasks.sql"] {
        let text = fs::read_to_string(project.path(file)).unwrap();
        project.write(file, text.replace("    tags TEXT", "    note TEXT,\n    tags TEXT"));
    }
    let stale = check(&["live.py", "the spec.py"], 1);
    assert_eq!(stale.len(), 2, "{stale:?}");
    for finding in &stale {
        let line = usize::try_from(finding["spec"]["line"].as_u64().unwrap()).unwrap();
        let text = fs::read_to_string(project.path(finding["spec"]["file"].as_str().unwrap())).unwrap();
        assert!(
            text.lines().nth(line - 1).unwrap().contains("tags:"),
            "the first line that differs: {finding}"
        );
        renew(finding["message"].as_str().unwrap());
    }
    assert!(check(&["live.py", "the spec.py"], 0).is_empty());

    // The line ends of another system are no difference; what is missing, or no such file, is trouble.
    let text = fs::read_to_string(project.path("live.py")).unwrap();
    project.write("live.py", text.replace('\n', "\r\n"));
    assert!(check(&["live.py"], 0).is_empty());
    let run = project.run(&["check", "--models", "missing.py"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("`planctl schema models --lang LANGUAGE -o missing.py` writes it"),
        "{}",
        run.stderr
    );

    // What the settings name is checked without a word on the command line, and no other result takes its place.
    project.write("planctl.toml", "sqlite-version = '3.37'\nmodels = ['live.py', 'the spec.py']\n");
    let steps = |document: &serde_json::Value| {
        let steps = document["steps"].as_array().unwrap().iter();
        steps
            .filter(|step| step["name"] == "models")
            .map(|step| step["checked"].to_string())
            .collect::<Vec<_>>()
    };
    let (document, status) = project.json(&["check"]);
    assert_eq!((status, steps(&document).concat().as_str()), (0, "\"live.py\"\"the spec.py\""));
    let (document, status) = project.json(&["check", "--models", "live.py"]);
    assert_eq!((status, steps(&document).concat().as_str()), (0, "\"live.py\""));
    project.write("the spec.py", fs::read_to_string(project.path("the spec.py")).unwrap() + "\n");
    assert_eq!(check(&[], 1).len(), 1);
    let run = project.run(&["audit", "--scratch", "-o", "live.py"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("`-o live.py` would write over a file of classes"), "{}", run.stderr);
    project.ok(&["schema", "models", "--lang", "python", "--names", "spec", "-o", "the spec.py"]);
    assert!(check(&[], 0).is_empty());
    project.write("by_hand.py", "class Tasks: ...\n");
    let run = project.run(&["check", "--models", "by_hand.py"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("by_hand.py does not say how it was made"), "{}", run.stderr);
}
