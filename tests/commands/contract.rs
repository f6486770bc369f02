//! What scripts rely on, through the real binary: commands that read leave no trace, each setting comes from where it
//! should, and JSON is one document whatever happens.

use std::fs;

use serde_json::Value;

use crate::harness::{Project, form};

/// Every command that only reads, with the exit status that it has at version 6 of the shipped schema.
const THAT_READ: [(&str, i32); 18] = [
    ("migrate status", 0),
    ("migrate status --check", 1),
    ("migrate up --dry-run", 0),
    ("migrate down --dry-run", 0),
    ("migrate lint", 0),
    ("audit", 1),
    ("audit --strict", 1),
    ("audit --data", 1),
    ("migrate test", 0),
    ("audit --scratch", 0),
    ("check", 0),
    ("schema dump", 0),
    ("schema models --lang python", 0),
    ("report list", 0),
    ("report show failed-tasks", 0),
    ("report run plans-per-phase", 0),
    ("schema diff planctl.db migrations", 1),
    ("backfill --dry-run --table v3_plans --id plan_id --parent parent_plan_id --root root_plan_id", 0),
];

fn at_version_6(journal: &str) -> Project {
    let project = Project::shipped();
    project.ok(&["migrate", "up", "--to", "6"]);
    project.sql(&format!(
        "PRAGMA journal_mode = {journal};
         INSERT INTO v3_plans (plan_id, namespaced_name, namespace, processing_state, created_at, updated_at)
         VALUES ('a', 'n', 'n', 'queued', 't', 't')"
    ));
    project
}

/// Each command as a person reads it, and as a script does; in the short form they take turns, `turn` says who begins.
fn assert_no_trace(project: &Project, what: &str, turn: usize) {
    for (n, (line, status)) in THAT_READ.into_iter().enumerate() {
        let args: Vec<&str> = line.split(' ').collect();
        let before = project.picture();
        if form((n + turn).is_multiple_of(2), true) {
            let run = project.run(&args);
            assert_eq!(run.status, status, "{what}: {line}\n{}{}", run.stdout, run.stderr);
            before.assert_same(&project.picture(), &format!("{what}: {line}"));
        }
        if form(!(n + turn).is_multiple_of(2), true) {
            let (document, status_of_json) = project.json(&args);
            assert_eq!((status_of_json, document["error"].is_null()), (status, true), "{what}: {line}");
            before.assert_same(&project.picture(), &format!("{what}: {line} --format json"));
        }
    }
}

#[test]
fn commands_that_read_leave_no_trace() {
    assert_no_trace(&at_version_6("delete"), "a rollback journal", 0);
    assert_no_trace(&at_version_6("wal"), "a write-ahead log that was taken down", 1);
}

/// As a copy of the files, or a process that was killed, leaves them: what is in the log is read all the same.
#[test]
fn a_log_that_was_left_behind_is_read_and_stays_as_it_is() {
    let live = at_version_6("wal");
    let holder = live.open();
    holder.execute_batch("PRAGMA wal_autocheckpoint = 0; CREATE TABLE only_in_the_log (x)").unwrap();
    let copy = Project::shipped();
    for suffix in ["", "-wal"] {
        let name = format!("planctl.db{suffix}");
        fs::copy(live.path(&name), copy.path(&name)).unwrap();
    }
    assert!(fs::metadata(copy.path("planctl.db-wal")).unwrap().len() > 0);
    let found =
        |project: &Project| project.json(&["audit"]).0["findings"].to_string().contains("only_in_the_log");
    assert!(found(&copy));
    assert_no_trace(&copy, "a log without its index", 0);

    // With its index: whoever reads notes in there how far it reads, so that only the bytes of the rest are law.
    let copy = Project::shipped();
    for suffix in ["", "-wal", "-shm"] {
        let name = format!("planctl.db{suffix}");
        fs::copy(live.path(&name), copy.path(&name)).unwrap();
    }
    let without_index = || {
        let index = fs::read(copy.path("planctl.db-shm")).unwrap();
        fs::remove_file(copy.path("planctl.db-shm")).unwrap();
        let without = copy.picture();
        fs::write(copy.path("planctl.db-shm"), index).unwrap();
        without
    };
    let before = without_index();
    for (line, status) in THAT_READ {
        let run = copy.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(run.status, status, "{line}\n{}{}", run.stdout, run.stderr);
        before.assert_same(&without_index(), line);
    }
    assert!(found(&copy));
    drop(holder);
}

#[test]
fn a_database_that_is_missing_is_not_made_by_looking() {
    let project = Project::shipped();
    let before = project.picture();
    for (line, status) in THAT_READ {
        let run = project.run(&line.split(' ').collect::<Vec<_>>());
        let needs_one = ["audit", "audit --strict", "audit --data", "migrate down --dry-run"].contains(&line)
            || line.starts_with("backfill")
            || line.starts_with("report run")
            || line.starts_with("schema");
        assert_eq!(run.status, if needs_one { 2 } else { status }, "{line}\n{}{}", run.stdout, run.stderr);
        before.assert_same(&project.picture(), line);
    }
}

/// One setting: how it is given, and what a run shows of the value that it took.
struct Setting {
    flag: &'static str,
    env: &'static str,
    key: &'static str,
    /// Flag, environment, file, default, nearest first.
    values: [&'static str; 4],
    command: &'static [&'static str],
    seen: fn(&Value) -> String,
}

/// The first place that a document speaks of.
fn first_path(document: &Value) -> String {
    let text = document["error"]["message"].as_str().unwrap_or_default();
    text.split(':').next().unwrap_or_default().to_owned()
}

const SETTINGS: [Setting; 6] = [
    Setting {
        flag: "--db",
        env: "PLANCTL_DB",
        key: "db",
        values: ["flag.db", "env.db", "file.db", "planctl.db"],
        command: &["migrate", "status"],
        seen: |document| document["database"].as_str().unwrap().to_owned(),
    },
    Setting {
        flag: "--migrations",
        env: "PLANCTL_MIGRATIONS",
        key: "migrations",
        values: ["by-flag", "by-env", "by-file", "migrations"],
        command: &["migrate", "status"],
        seen: |document| {
            let text = document["error"]["message"].as_str().unwrap();
            text.split('`').nth(1).unwrap().to_owned()
        },
    },
    Setting {
        flag: "--spec",
        env: "PLANCTL_SPEC",
        key: "spec",
        values: ["flag.sql", "env.sql", "file.sql", "spec/ddl.sql"],
        command: &["audit"],
        seen: first_path,
    },
    Setting {
        flag: "--deviations",
        env: "PLANCTL_DEVIATIONS",
        key: "deviations",
        values: ["flag.toml", "env.toml", "file.toml", "spec/deviations.toml"],
        command: &["audit"],
        seen: |document| {
            let file = document["error"]["location"]["file"].as_str();
            file.map_or_else(|| first_path(document), str::to_owned)
        },
    },
    Setting {
        flag: "--reports",
        env: "PLANCTL_REPORTS",
        key: "reports",
        values: ["by-flag", "by-env", "by-file", "spec/reports"],
        command: &["report", "list"],
        seen: first_path,
    },
    Setting {
        flag: "--sqlite-version",
        env: "PLANCTL_SQLITE_VERSION",
        key: "sqlite-version",
        values: ["3.52", "3.51", "3.50", "3.35"],
        command: &["migrate", "lint"],
        // A statement that is too new for the version that it names.
        seen: |document| {
            let text = document["findings"].to_string();
            let (_, rest) = text.split_once("needs SQLite 3.53, and ").unwrap_or_else(|| panic!("{text}"));
            rest.split(' ').next().unwrap().to_owned()
        },
    },
];

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    for setting in SETTINGS {
        for nearest in 0..4 {
            let project = Project::empty();
            if setting.key == "deviations" {
                project.write("spec/ddl.sql", "CREATE TABLE a (x);\n");
                project.write("spec/deviations.toml", "oops\n");
            }
            if setting.key != "migrations" {
                project
                    .write("migrations/V1__a.sql", "CREATE TABLE a (x);\nALTER TABLE a ADD CHECK (x > 0);\n");
            }
            let [flag, env, file, _] = setting.values;
            let mut args = setting.command.to_vec();
            args.extend(["--format", "json"]);
            if nearest == 0 {
                args.extend([setting.flag, flag]);
            }
            let mut command = project.command(&args);
            if nearest <= 1 {
                command.env(setting.env, env);
            }
            if nearest <= 2 {
                project.write("planctl.toml", format!("{} = '{file}'\n", setting.key));
            }
            let run = crate::harness::Run::of(&mut command);
            let document = run.document();
            assert_eq!((setting.seen)(&document), setting.values[nearest], "{}: {document:#}", setting.key);
        }
    }
}

/// Looked for upwards; its paths, and the defaults beside it, are relative to it.
#[test]
fn the_settings_file_of_a_folder_above_is_found_and_its_paths_are_its_own() {
    let project = Project::shipped();
    project.write("planctl.toml", "db = 'data/plan.db'\n");
    fs::create_dir_all(project.path("data")).unwrap();
    fs::create_dir_all(project.path("deep/er")).unwrap();
    for (folder, args) in [("deep/er", ["migrate", "up"]), ("deep", ["migrate", "status"])] {
        let run = crate::harness::Run::of(project.command(&args).current_dir(project.path(folder)));
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stdout.contains("version 9") && run.stdout.contains("data/plan.db"), "{}", run.stdout);
    }
    let run = crate::harness::Run::of(project.command(&["audit"]).current_dir(project.path("deep/er")));
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    assert!(project.path("data/plan.db").is_file());
    assert_eq!(fs::read_dir(project.path("deep/er")).unwrap().count(), 0);
}
