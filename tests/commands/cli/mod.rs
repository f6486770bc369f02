//! The command line as scripts meet it: exit status, streams, settings files, through the real binary.

use std::fs::File;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::harness::{Project, planctl, process, stderr, stdout};

mod hint_list;
mod hint_walk;
mod hints;
mod outputs;
mod sections;

fn run(dir: &Path, args: &[&str]) -> Output {
    planctl(dir, args).output().unwrap()
}

#[test]
fn help_and_version_go_to_stdout_and_exit_with_0() {
    let dir = tempfile::tempdir().unwrap();
    for args in [&["--help"][..], &["-h"], &["--version"], &["man", "--help"]] {
        let output = run(dir.path(), args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{args:?}");
    }
    assert_eq!(stdout(&run(dir.path(), &["-V"])), format!("planctl {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn usage_errors_go_to_stderr_and_exit_with_2() {
    let dir = tempfile::tempdir().unwrap();
    for args in
        [&[][..], &["nonsense"], &["man", "--nonsense"], &["-q", "-v", "man"], &["--color", "x", "man"]]
    {
        let output = run(dir.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn a_command_without_its_group_is_answered_with_the_whole_of_it() {
    let dir = tempfile::tempdir().unwrap();
    for (word, tip) in [
        ("generate", "tip: try `planctl migrate generate`\n"),
        ("diff", "tip: try `planctl schema diff`\n"),
        ("status", "tip: try `planctl migrate status` or `planctl fleet status`\n"),
    ] {
        let said = stderr(&run(dir.path(), &[word])).to_owned();
        assert!(
            said.starts_with(&format!("error: unrecognized subcommand '{word}'\n")) && said.contains(tip),
            "{said}"
        );
    }
    let said = stderr(&run(dir.path(), &["nonsense"])).to_owned();
    assert!(!said.contains("tip:"), "{said}");
}

#[test]
fn a_usage_error_of_a_program_that_asked_for_json_is_one_json_document_on_stdout() {
    let dir = tempfile::tempdir().unwrap();
    for args in [
        &["nonsense", "--format", "json"][..],
        &["--format=json", "man", "--nonsense"],
        &["--format", "json"],
    ] {
        let output = run(dir.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["planctl"], env!("CARGO_PKG_VERSION"));
        assert_eq!(document["outcome"], "trouble");
        assert_eq!(document["run_id"].as_str().map(str::len), Some(26), "a ULID");
        assert!(!document["error"]["message"].as_str().unwrap().is_empty());
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    for args in [&["completions", "bash"][..], &["man"], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = planctl(dir.path(), args).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let output = output.wait_with_output().unwrap();
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""), "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_result_that_cannot_be_written_is_trouble() {
    let dir = tempfile::tempdir().unwrap();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = planctl(dir.path(), &["man"]).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    let output = output.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: stdout: "), "{}", stderr(&output));
}

#[test]
fn completions_and_pages_work_beside_a_broken_settings_file() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("planctl.toml"), "nonsense = 1").unwrap();
    for args in [&["completions", "zsh"][..], &["man", "completions"]] {
        assert_eq!(run(dir.path(), args).status.code(), Some(0), "{args:?}");
    }
}

#[test]
fn an_error_says_what_where_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let output = run(dir.path(), &["man", "nonsense"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        "error: there is no command `planctl nonsense`\n = help: `planctl --help` lists the commands\n"
    );
}

#[test]
fn colours_are_used_when_they_are_asked_for_and_not_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let coloured = |args: &[&str], env: &[(&str, &str)]| {
        let output = planctl(dir.path(), args).envs(env.iter().copied()).output().unwrap();
        output.stderr.contains(&0x1b)
    };
    assert!(!coloured(&["man", "nonsense"], &[]), "a pipe has no colours");
    assert!(coloured(&["man", "nonsense", "--color", "always"], &[]));
    assert!(coloured(&["man", "nonsense", "--color=always"], &[("NO_COLOR", "1")]), "the flag is nearer");
    assert!(coloured(&["man", "nonsense"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&["man", "nonsense"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!coloured(&["man", "nonsense", "--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(coloured(&["--nonsense", "--color", "always"], &[]), "usage errors are no exception");
}

/// A process that cannot go on because nobody reads its output stands for an operation that does not look at the flag.
#[test]
#[cfg(target_os = "linux")]
fn the_first_interrupt_asks_and_the_second_one_ends_the_process() {
    use std::io::Write;
    use std::time::Duration;

    use process::{SIGINT, mask, send, wait_for, wait_for_end, wait_for_handlers};

    let dir = tempfile::tempdir().unwrap();
    let (reader, mut writer) = std::io::pipe().unwrap();
    // A pipe holds 64 KiB (pipe(7)): the child's first write fills it and blocks.
    let before = 50_000;
    writer.write_all(&vec![0; before]).unwrap();
    let mut child = planctl(dir.path(), &["completions", "bash"]).stdout(writer).spawn().unwrap();
    wait_for_handlers(&child);
    wait_for("a full pipe", || (rustix::io::ioctl_fionread(&reader).unwrap() > before as u64).then_some(()));
    send(&child, "-INT");
    // Two signals that come at once are one.
    wait_for("the first signal's arrival", || (mask(&child, "ShdPnd:") & SIGINT == 0).then_some(()));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(child.try_wait().unwrap(), None, "the first one only asks");
    send(&child, "-INT");
    assert_eq!(wait_for_end(&mut child, "completions").code(), Some(130));
    drop(reader);
}

/// A folder with one migration, its down, and a spec that is one column ahead.
fn small_project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["migrations", "spec"] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
    }
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("migrations/V1__t.sql", "CREATE TABLE t (a TEXT);\nCREATE INDEX t_a ON t (a);\n");
    write("migrations/V1__t.down.sql", "DROP TABLE t;\n");
    write("spec/ddl.sql", "CREATE TABLE t (a TEXT, b TEXT);\nCREATE INDEX t_a ON t (a);\n");
    dir
}

#[test]
fn quiet_leaves_errors_and_findings_and_what_was_asked_for() {
    let dir = small_project();
    let quiet = |args: &[&str]| {
        let output = run(dir.path(), &[&["-q"], args].concat());
        (output.status.code(), stdout(&output).to_owned(), stderr(&output).to_owned())
    };
    let nothing = |status| (Some(status), String::new(), String::new());
    assert_eq!(quiet(&["migrate", "up"]), nothing(0));
    assert_eq!(quiet(&["migrate", "up"]), nothing(0), "nothing to do is no news either");
    assert_eq!(quiet(&["migrate", "status"]), nothing(0));
    let (status, found, said) = quiet(&["audit"]);
    assert_eq!((status, said.as_str()), (Some(1), ""));
    assert!(found.contains("missing-column"), "what was found is an error, too: {found}");
    let (status, out, said) = quiet(&["audit", "--spec", "nowhere.sql"]);
    assert_eq!((status, out.as_str()), (Some(2), ""));
    assert!(said.starts_with("error: nowhere.sql: "), "{said}");
    let (status, document, said) = quiet(&["migrate", "status", "--format", "json"]);
    assert_eq!((status, said.as_str()), (Some(0), ""));
    assert_eq!(serde_json::from_str::<Value>(&document).unwrap()["outcome"], "clean");
    assert!(quiet(&["migrate", "status", "--format", "table"]).1.contains("applied"));
    assert_eq!(quiet(&["migrate", "status", "-o", "status.txt"]), nothing(0));
    assert!(std::fs::read_to_string(dir.path().join("status.txt")).unwrap().contains("applied"));
    assert!(
        quiet(&["schema", "dump", "planctl.db"]).1.contains("CREATE TABLE t"),
        "a text is what was asked for"
    );
    assert_eq!(quiet(&["migrate", "down"]), nothing(0));
}

#[test]
fn verbose_shows_each_statement_with_its_time() {
    let dir = small_project();
    for (args, statements) in [
        (["migrate", "up"], &["  CREATE TABLE t (a TEXT);  (", "  CREATE INDEX t_a ON t (a);  ("][..]),
        (["migrate", "redo"], &["  DROP TABLE t;  (", "  CREATE TABLE t (a TEXT);  ("]),
        (["migrate", "down"], &["  DROP TABLE t;  ("]),
    ] {
        let said = run(dir.path(), &[&["-v"], &args[..]].concat());
        let said = stderr(&said);
        for statement in statements {
            let line = said.lines().find(|line| line.starts_with(statement));
            assert!(line.is_some_and(|line| line.ends_with("s)")), "{args:?}: {statement}: {said}");
        }
    }
    let on_scratch = |verbose: &str| {
        let output = run(dir.path(), &[verbose, "check"]);
        stderr(&output).contains("  CREATE TABLE t (a TEXT);  (")
    };
    assert!(on_scratch("-vv") && !on_scratch("-v"), "what runs on scratch is for the very curious");
}

/// What stops several steps is said once: the audit reads the spec, and so do the classes.
#[test]
fn what_stops_several_steps_of_a_check_is_said_once() {
    let project = Project::empty();
    project.write("migrations/V1__t.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY);");
    project.write("migrations/V1__t.down.sql", "DROP TABLE t;");
    project.write("spec/ddl.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY);");
    project.ok(&["schema", "models", "--lang", "python", "-o", "m.py"]);
    project.write("spec/ddl.sql", "CREATE TABLE (");
    let run = project.run(&["check", "--models", "m.py"]);
    assert_eq!((run.status, run.stdout.matches("not run").count()), (2, 2), "{}", run.stdout);
    assert_eq!(run.stderr.matches("syntax error").count(), 1, "{}", run.stderr);
    // No database is what was rolled back.
    project.write("migrations/V2__u.sql", "DROP TABLE absent;");
    let run = project.run(&["check"]);
    assert!(
        run.stdout.contains("no such table: absent") && !run.stdout.contains("rolled back"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_check_without_a_spec_does_all_the_rest_and_says_what_is_missing() {
    let dir = small_project();
    std::fs::write(dir.path().join("migrations/V1__t.down.sql"), "-- nothing\n").unwrap();
    std::fs::remove_file(dir.path().join("spec/ddl.sql")).unwrap();
    let output = run(dir.path(), &["check"]);
    assert_eq!(output.status.code(), Some(2));
    let (out, said) = (stdout(&output), stderr(&output));
    assert!(out.contains("empty-down") && out.contains("not run"), "{out}");
    assert!(
        said.contains("error: spec/ddl.sql: no such file or folder") && said.contains("help: "),
        "{said}"
    );
    let output = run(dir.path(), &["check", "--format", "json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["outcome"], "trouble");
    let audit = document["steps"].as_array().unwrap().iter().find(|step| step["name"] == "audit").unwrap();
    assert!(audit["not_run"].as_str().unwrap().contains("spec/ddl.sql"), "{audit}");
    assert!(document["findings"].as_array().unwrap().iter().any(|finding| finding["rule"] == "empty-down"));
}

#[test]
fn fewer_migrations_than_steps_are_told_of() {
    let dir = small_project();
    run(dir.path(), &["migrate", "up"]);
    let output = run(dir.path(), &["migrate", "down", "--steps", "5"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("5 asked for, but only 1 was applied"), "{}", stdout(&output));
}

#[test]
fn a_check_shows_which_rows_a_migration_test_expected() {
    let dir = small_project();
    std::fs::create_dir_all(dir.path().join("tests/migrations")).unwrap();
    let test = "-- then\nINSERT INTO t VALUES ('x');\n";
    let test = test.replace("INSERT", "-- expect: 0 rows\nINSERT") + "-- expect: y\nSELECT a FROM t;\n";
    std::fs::write(dir.path().join("tests/migrations/V1__rows.test.sql"), test).unwrap();
    let output = run(dir.path(), &["check"]);
    let out = stdout(&output);
    assert!(out.contains("- y") && out.contains("+ x"), "{out}");
}

#[test]
fn every_misspelt_name_is_answered_with_the_nearest() {
    let dir = small_project();
    run(dir.path(), &["migrate", "up"]);
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("setting.toml", "migratons = 'x'\n");
    write("key.toml", "[[deviation]]\nrule = 'pragma'\nreson = 'x'\n");
    write("rule.toml", "[[deviation]]\nrule = 'missing-colunm'\nreason = 'x'\n");
    write("table.toml", "[[rename]]\ntable = 'tt'\nlive = 'x'\nreason = 'x'\n");
    write("baseline.toml", "[[findings]]\n");
    for (args, name) in [
        (&["aduit"][..], "'audit'"),
        (&["migrate", "stauts"], "'status'"),
        (&["audit", "--spce", "x"], "'--spec'"),
        (&["audit", "--format", "jsno"], "'json'"),
        (&["man", "migrate", "stauts"], "`status`"),
        (&["audit", "--config", "setting.toml"], "`migrations`"),
        (&["audit", "--deviations", "key.toml"], "`reason`"),
        (&["audit", "--deviations", "rule.toml"], "`missing-column`"),
        (&["audit", "--deviations", "table.toml"], "`t`"),
        (&["audit", "--explain", "missing-colunm"], "`missing-column`"),
        (&["audit", "--explain", "emty-down"], "`empty-down`"),
        (&["backfill", "--table", "tt", "--id", "a", "--parent", "b", "--root", "c"], "`t`"),
        (&["backfill", "--table", "t", "--id", "aa", "--parent", "b", "--root", "c"], "`a`"),
    ] {
        let output = run(dir.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(stderr(&output).contains(name), "{args:?}: {}", stderr(&output));
    }
}

/// Two steps, and not a word of the others: it looked as if they had passed.
#[test]
fn a_check_says_that_steps_did_not_run_where_a_migration_fails() {
    let dir = small_project();
    for (sql, runs) in [("CREATE TABLE u (a);", true), ("SELECT nothing FROM nowhere;", false)] {
        std::fs::write(dir.path().join("migrations/V2__u.sql"), sql).unwrap();
        let output = run(dir.path(), &["check"]);
        assert_eq!(stdout(&output).contains("round trips"), runs, "{}", stdout(&output));
        assert_eq!(stdout(&output).contains("the other steps did not run"), !runs, "{}", stdout(&output));
    }
}
