//! Whoever runs these tests has an environment of their own: settings of planctl's, colours, a width, a CI. None of it
//! reaches a program that a test starts.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{PLANCTL, Run, entries, repository};

/// What a caller could have set, each to what breaks or changes every command that would read it.
const HOSTILE: [(&str, &str); 19] = [
    ("PLANCTL_DB", "/nowhere/of-the-developer.db"),
    ("PLANCTL_MIGRATIONS", "/nowhere/migrations"),
    ("PLANCTL_SPEC", "/nowhere/spec.sql"),
    ("PLANCTL_DEVIATIONS", "/nowhere/deviations.toml"),
    ("PLANCTL_SQLITE_VERSION", "no version"),
    ("PLANCTL_TESTS", "/nowhere/tests"),
    ("PLANCTL_REPORTS", "/nowhere/reports"),
    ("PLANCTL_DOCS", "/nowhere/docs.md"),
    ("NO_COLOR", "1"),
    ("CLICOLOR", "1"),
    ("CLICOLOR_FORCE", "1"),
    ("COLUMNS", "31"),
    ("TERM", "dumb"),
    ("CI", "true"),
    ("GITHUB_ACTIONS", "true"),
    ("LC_ALL", "tr_TR.UTF-8"),
    ("LANG", "tr_TR.UTF-8"),
    ("TZ", "Pacific/Kiritimati"),
    ("RUST_BACKTRACE", "full"),
];

/// Modules that used to build their commands each in its own way, and are quick.
const MODULES: [&str; 7] = [
    "taken_over_and_check_says",
    "backfill::each_",
    "cli::sections::a_",
    "formats::each_",
    "ledger::an_entry_about_",
    "migrate_test::a_fa",
    "schema::a_difference_",
];

#[test]
fn settings_and_colours_of_whoever_runs_the_tests_change_none_of_them() {
    let mut tests = Command::new(std::env::current_exe().unwrap());
    let run = Run::of(tests.args(MODULES).envs(HOSTILE));
    assert_eq!(run.status, 0, "{}", run.stdout);
    let passed = |module: &str| run.stdout.lines().any(|line| line.contains(module) && line.ends_with(" ok"));
    assert!(MODULES.into_iter().all(passed), "{}", run.stdout);
}

#[test]
fn commands_of_planctl_are_built_by_the_harness_alone() {
    let mut waiting: Vec<PathBuf> = ["tests", "benches"].map(repository).into();
    let mut elsewhere = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(entries(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            if [concat!("CARGO_BIN", "_EXE"), concat!("cargo", "_bin(")].iter().any(|way| text.contains(way))
            {
                elsewhere.push(path);
            }
        }
    }
    assert_eq!(elsewhere, [repository("tests/harness/command.rs")]);
}

/// `build.rs` says so: each start would load the unwinder, which only the backtrace of a panic needs.
#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn the_unwinder_is_a_part_of_the_program() {
    let asked = Command::new("cc").arg("-print-file-name=libgcc_eh.a").output().unwrap();
    let is_there = Path::new(str::from_utf8(&asked.stdout).unwrap().trim()).is_absolute();
    let program = std::fs::read(PLANCTL).unwrap();
    assert_eq!(memchr::memmem::find(&program, b"libgcc_s.so").is_none(), is_there);
}
