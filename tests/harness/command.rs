//! The one place that builds a command of planctl. What its caller's environment says reaches no program that a test
//! starts: a developer has variables of planctl's own, colours, a width.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use assert_cmd::assert::OutputAssertExt as _;

/// The binary that was built with these tests.
pub(crate) const PLANCTL: &str = env!("CARGO_BIN_EXE_planctl");

/// What a program needs to start and to have a folder for temporary files, where coverage is written, and what the
/// address sanitizer is told.
const KEPT: [&str; 8] = [
    "PATH",
    "TMPDIR",
    "TEMP",
    "SystemRoot",
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "LLVM_PROFILE_FILE",
    "ASAN_OPTIONS",
];

/// A program without input, and with nothing of the caller's environment that it can do without.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.stdin(Stdio::null()).env_clear();
    command.envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command
}

/// planctl in `dir`.
pub(crate) fn planctl<S: AsRef<OsStr>>(dir: &Path, args: &[S]) -> Command {
    let mut command = program(PLANCTL);
    command.current_dir(dir).args(args);
    command
}

/// Runs a program to its end; where its exit status is none of `expected`, the test fails with all that it said.
pub(crate) fn expect(command: &mut Command, expected: &[i32]) -> Output {
    command.assert().code(expected.to_vec()).get_output().clone()
}

/// A search path on which planctl is the binary that was built with these tests.
pub(crate) fn path() -> OsString {
    let ours = Path::new(PLANCTL).parent().unwrap().to_owned();
    let callers = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([ours].into_iter().chain(std::env::split_paths(&callers))).unwrap()
}

pub(crate) fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("stdout is UTF-8")
}

pub(crate) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("stderr is UTF-8")
}

/// What a run of planctl came to.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Run {
        Run::from(command.output().unwrap())
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            status: output.status.code().expect("planctl was killed"),
            stdout: stdout(&output).to_owned(),
            stderr: stderr(&output).to_owned(),
        }
    }
}
