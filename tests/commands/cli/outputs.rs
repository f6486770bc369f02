//! What a run writes: it takes the place of a file as a whole, when there is a result, and never that of a file which
//! belongs to somebody else.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;

use super::run;
use crate::harness::{folder, planctl, stderr, stdout};

/// A project at version 1, with one of each of its files.
fn project() -> tempfile::TempDir {
    let dir = folder(&[
        ("migrations/V1__t.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);"),
        ("migrations/V1__t.down.sql", "DROP TABLE t;"),
        ("tests/migrations/V1__t.test.sql", "-- then\n-- expect: 0\nSELECT count(*) FROM t;"),
        ("spec/ddl.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);"),
        ("spec/deviations.toml", ""),
        ("spec/sample.sql", "INSERT INTO t VALUES (1, 'a');"),
        ("spec/reports/all.sql", "-- title: All\nSELECT * FROM t"),
        ("planctl.toml", ""),
        ("known.json", "{\"planctl\": \"0.1.0\", \"findings\": []}"),
        ("other.sql", "CREATE TABLE other (id INTEGER);"),
        ("theirs/1_a.sql", "CREATE TABLE theirs (id INTEGER);"),
    ]);
    let up = run(dir.path(), &["-q", "migrate", "up"]);
    assert_eq!(up.status.code(), Some(0), "{}", stderr(&up));
    dir
}

/// Every file below `dir`, with what is in it.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.is_file() {
                found.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Every command that has an output, with what it needs; the last word is the option that takes the file.
const OUTPUTS: &[&[&str]] = &[
    &["audit", "-o"],
    &["audit", "--scratch", "--format", "json", "-o"],
    &["audit", "--also", "json="],
    &["audit", "--fail-on", "never", "--also", "table=elsewhere.txt", "--also", "junit="],
    &["audit", "--explain", "-o"],
    &["audit", "--sql", "-o"],
    &["audit", "--accept-new", "--write-baseline"],
    &["check", "-o"],
    &["check", "--also", "sarif="],
    &["backfill", "--table=t", "--id=id", "--parent=name", "--root=name", "-o"],
    &["migrate", "up", "-o"],
    &["migrate", "up", "--sql", "-o"],
    &["migrate", "up", "--dry-run", "-o"],
    &["migrate", "up", "--backup"],
    &["migrate", "down", "-o"],
    &["migrate", "down", "--backup"],
    &["migrate", "redo", "-o"],
    &["migrate", "redo", "--backup"],
    &["migrate", "status", "-o"],
    &["init", "-o"],
    &["migrate", "new", "next", "-o"],
    &["migrate", "generate", "next", "-o"],
    &["migrate", "adopt", "by_hand", "-o"],
    &["migrate", "import", "theirs", "-o"],
    &["migrate", "squash", "--to=1", "-o"],
    &["migrate", "renumber", "V1__t.sql", "-o"],
    &["migrate", "test", "-o"],
    &["migrate", "lint", "-o"],
    &["migrate", "lint", "--also", "markdown="],
    &["migrate", "baseline", "--to=1", "-o"],
    &["schema", "dump", "-o"],
    &["schema", "diff", "planctl.db", "other.sql", "--sql", "-o"],
    &["schema", "diff", "planctl.db", "other.sql", "--also", "html="],
    &["schema", "docs", "-o"],
    &["report", "list", "-o"],
    &["report", "run", "all", "--format", "csv", "-o"],
    &["report", "show", "all", "-o"],
    &["sample", "load", "-o"],
];

/// Law: a command that gets an output gets a place in the list above.
#[test]
fn every_output_of_every_command_is_tried() {
    let tried = |words: &[String], option: &str| {
        let of = |output: &&&[&str]| {
            words.iter().zip(output.iter()).all(|(word, tried)| word == tried) && {
                let last = *output.last().unwrap();
                last == option || last.ends_with('=') && option == "--also"
            }
        };
        OUTPUTS.iter().any(|output| of(&output))
    };
    let mut commands = vec![(Vec::new(), planctl::internals::cli::Cli::command())];
    while let Some((words, command)) = commands.pop() {
        for arg in command.get_arguments() {
            let option = match arg.get_id().as_str() {
                "output" => "-o",
                // The same files as those of `-o`, which the commands share.
                "also" => continue,
                "backup" => "--backup",
                "write_baseline" => "--write-baseline",
                _ => continue,
            };
            assert!(tried(&words, option), "{words:?} {option}");
        }
        commands.extend(command.get_subcommands().map(|next| {
            let mut words = words.clone();
            words.push(next.get_name().to_owned());
            (words, next.clone())
        }));
    }
}

/// The arguments of an output to `file`.
fn to<'a>(output: &[&'a str], file: &'a str, whole: &'a mut String) -> Vec<&'a str> {
    let (last, before) = output.split_last().unwrap();
    let mut args = before.to_vec();
    match last.strip_suffix('=') {
        Some(_) => {
            *whole = format!("{last}{file}");
            args.push(whole);
        }
        None => args.extend([last, file]),
    }
    args
}

fn says_no(dir: &Path, args: &[&str], what: &str) {
    let before = files(dir);
    let output = run(dir, args);
    assert_eq!(output.status.code(), Some(2), "{args:?} {}", stderr(&output));
    assert!(stderr(&output).contains(what), "{args:?} {}", stderr(&output));
    assert!(files(dir) == before, "{args:?} left other files than there were");
}

#[test]
fn no_output_of_any_command_takes_the_place_of_a_file_of_the_project() {
    let dir = project();
    let at = |name: &str| dir.path().join(name);
    fs::hard_link(at("spec/ddl.sql"), at("hard")).unwrap();
    let kept = [
        ("planctl.db", "write over the database"),
        ("./migrations/../planctl.db-wal", "write over the database"),
        ("planctl.db-journal", "write over the database"),
        ("hard", "write over the spec"),
        ("spec/deviations.toml", "write over the ledger"),
        ("planctl.toml", "write over the settings file"),
        ("migrations/V1__t.down.sql", "write over a migration"),
        ("migrations/V2__next.sql", "become a migration"),
        ("tests/migrations/V1__t.test.sql", "write over a migration test"),
        ("spec/reports/all.sql", "write over a report"),
    ];
    for &output in OUTPUTS {
        for (file, what) in kept {
            let mut whole = String::new();
            says_no(dir.path(), &to(output, file, &mut whole), what);
        }
    }
}

#[test]
fn what_a_command_is_given_to_read_is_no_place_for_its_result() {
    let dir = project();
    for args in [
        &["schema", "dump", "other.sql", "-o", "other.sql"][..],
        &["schema", "docs", "other.sql", "-o", "other.sql"],
        &["schema", "diff", "planctl.db", "other.sql", "-o", "other.sql"],
        &["schema", "diff", "other.sql", "planctl.db", "--also", "json=other.sql"],
        &["audit", "--baseline", "known.json", "--format", "json", "-o", "known.json"],
        &["audit", "--scratch", "--spec", "other.sql", "-o", "other.sql"],
        &["audit", "--deviations", "known.json", "--format", "json", "-o", "known.json"],
        &["--config", "known.json", "audit", "--format", "json", "-o", "known.json"],
        &["--db", "sqlite:other.db", "audit", "--format", "json", "-o", "other.db"],
        &["check", "--docs", "known.json", "--format", "json", "-o", "known.json"],
    ] {
        says_no(dir.path(), args, "");
    }
}

#[test]
fn no_result_takes_the_place_of_another_one() {
    let dir = project();
    for args in [
        &["audit", "-o", "out", "--also", "json=./out"][..],
        &["check", "--also", "sarif=out", "--also", "junit=spec/../out"],
        &["audit", "-o", "known.json", "--accept-new", "--write-baseline", "known.json"],
        &["migrate", "up", "--backup", "new.db", "-o", "new.db"],
        &["audit", "-o", "Out", "--also", "json=out"],
    ] {
        says_no(dir.path(), args, "name one file");
    }
    let output = run(dir.path(), &["audit", "-o", "/dev/null", "--also", "json=/dev/null"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_of_the_project_is_that_file() {
    let dir = project();
    let at = |name: &str| dir.path().join(name);
    for (to, name) in
        [("planctl.db", "a"), ("a", "b"), ("planctl.db-wal", "c"), ("migrations", "d"), ("new.db", "e")]
    {
        std::os::unix::fs::symlink(to, at(name)).unwrap();
    }
    for file in ["a", "b", "c"] {
        says_no(dir.path(), &["audit", "-o", file], "write over the database");
    }
    says_no(dir.path(), &["audit", "-o", "d/V1__t.sql"], "write over a migration");
    says_no(dir.path(), &["--db", "new.db", "schema", "dump", "other.sql", "-o", "e"], "the database");
    // A database that has another name is kept beside that one.
    says_no(dir.path(), &["--db", "b", "audit", "-o", "planctl.db-shm"], "write over the database");
}

#[test]
fn a_specification_and_a_page_are_begun_and_the_page_is_renewed() {
    let dir = project();
    says_no(dir.path(), &["schema", "dump", "-o", "spec/ddl.sql"], "write over the spec");
    fs::remove_file(dir.path().join("spec/ddl.sql")).unwrap();
    says_no(dir.path(), &["audit", "-o", "spec/ddl.sql"], "write over the spec");
    for args in [
        &["schema", "dump", "-o", "spec/ddl.sql"][..],
        &["schema", "docs", "-o", "page.md"],
        &["check", "--docs", "page.md"],
    ] {
        fs::write(dir.path().join("planctl.toml"), "docs = 'page.md'").unwrap();
        let output = run(dir.path(), args);
        assert_eq!(output.status.code(), Some(0), "{args:?} {}{}", stdout(&output), stderr(&output));
    }
    says_no(dir.path(), &["audit", "-o", "page.md"], "write over the page about the schema");
}

/// Law: what says nothing of the trouble that a run ended in takes no file's place; what does say it is a result.
#[test]
fn a_run_that_comes_to_nothing_leaves_the_file_as_it_was() {
    let dir = project();
    let path = dir.path().join("kept.txt");
    fs::write(&path, "kept").unwrap();
    for &output in OUTPUTS {
        let mut whole = String::new();
        let option = *output.last().unwrap();
        if matches!(option, "--write-baseline" | "--backup") || output.contains(&"--explain") {
            continue;
        }
        // Neither the database nor the folder is there, and no spec.
        let args = to(output, "kept.txt", &mut whole);
        let missing = ["--db=missing/x.db", "--migrations=missing", "--config=planctl.toml"];
        let args: Vec<&str> = missing.into_iter().chain(args).collect();
        let mut command = planctl(dir.path(), &args);
        command.env("PLANCTL_SPEC", "missing.sql").env("PLANCTL_REPORTS", "no-reports");
        let output = command.output().unwrap();
        let tells = option.ends_with('=') || args.contains(&"json");
        let written = fs::read_to_string(&path).unwrap();
        if output.status.code() == Some(2) && !tells {
            assert_eq!(written, "kept", "{args:?}");
        } else {
            assert!(!written.is_empty(), "{args:?}");
            fs::write(&path, "kept").unwrap();
        }
    }
    assert!(!files(dir.path()).keys().any(|path| path.to_string_lossy().ends_with(".tmp")));
}

#[test]
fn settings_that_cannot_be_read_leave_every_file_as_it_was() {
    let dir = project();
    fs::write(dir.path().join("planctl.toml"), "nonsense = 1").unwrap();
    for args in [
        &["audit", "--format", "json", "-o", "planctl.toml"][..],
        &["schema", "diff", "postgres://x", "other.sql", "--also", "json=other.sql"],
        &["audit", "--explain", "-o", "spec/ddl.sql"],
    ] {
        says_no(dir.path(), args, "");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_shell_that_appends_keeps_what_was_there() {
    let dir = project();
    let log = dir.path().join("log.txt");
    fs::write(&log, "first\n").unwrap();
    for (args, written) in [
        (&["schema", "dump", "other.sql", "-o", "/dev/stdout"][..], "first\nCREATE TABLE"),
        (&["schema", "dump", "other.sql", "--format=json", "-o", "/proc/self/fd/1"], "}\n"),
    ] {
        let appended = fs::File::options().append(true).open(&log).unwrap();
        let status = planctl(dir.path(), args).stdout(appended).status().unwrap();
        assert_eq!(status.code(), Some(0), "{args:?}");
        let text = fs::read_to_string(&log).unwrap();
        assert!(text.starts_with("first\n") && text.contains(written), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_written_to_and_stays_a_pipe() {
    use std::os::unix::fs::FileTypeExt;
    let dir = project();
    let pipe = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    let output = run(dir.path(), &["schema", "dump", "other.sql", "-o", "pipe"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    assert!(reader.join().unwrap().starts_with("CREATE TABLE other"));
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
}
