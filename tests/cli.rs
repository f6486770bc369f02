//! The command line as scripts meet it: exit status, streams, settings files, through the real binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// planctl in `dir`, with nothing of the caller's environment that it reads.
fn planctl(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_planctl"));
    command.current_dir(dir).args(args).stdin(Stdio::null());
    for name in ["DB", "MIGRATIONS", "SPEC", "DEVIATIONS", "SQLITE_VERSION", "TESTS", "REPORTS", "DOCS"] {
        command.env_remove(format!("PLANCTL_{name}"));
    }
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "COLUMNS", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command
}

fn run(dir: &Path, args: &[&str]) -> Output {
    planctl(dir, args).output().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
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
    use std::time::{Duration, Instant};

    let dir = tempfile::tempdir().unwrap();
    let (reader, mut writer) = std::io::pipe().unwrap();
    // A pipe holds 64 KiB (pipe(7)): the child's first write blocks.
    writer.write_all(&[0; 65_536]).unwrap();
    let mut child = planctl(dir.path(), &["completions", "bash"]).stdout(writer).spawn().unwrap();
    let pid = child.id().to_string();
    let interrupt = || assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let handles_interrupts = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap().trim();
        u64::from_str_radix(caught, 16).unwrap() & 0b10 != 0
    };
    let deadline = Instant::now() + Duration::from_secs(20);
    while !handles_interrupts() {
        assert!(Instant::now() < deadline, "the handlers were never installed");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50));
    interrupt();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(child.try_wait().unwrap(), None, "the first one only asks");
    interrupt();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(reader);
}
