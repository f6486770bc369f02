//! Processes that tests start, wait for and interrupt. No verdict depends on how fast the machine is: a test waits for what
//! it needs to see, and gives up only on what would hang for ever.

use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

/// After this time something hangs. Nothing here takes a hundredth of it, on any machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(900);

/// Waits until `seen` gives something; `what` names it when it never does.
pub(crate) fn wait_for<T>(what: &str, mut seen: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = seen() {
            return value;
        }
        assert!(started.elapsed() < PATIENCE, "waited for {what}, in vain");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the process has its handlers for Ctrl-C: before that, a signal just ends it.
#[cfg(target_os = "linux")]
pub(crate) fn wait_for_handlers(child: &Child) {
    wait_for("the handler of SIGINT", || (mask(child, "SigCgt:") & SIGINT != 0).then_some(()));
}

/// Elsewhere nothing tells: time has to be enough.
#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn wait_for_handlers(_: &Child) {
    std::thread::sleep(Duration::from_secs(2));
}

/// The bit of SIGINT in a signal mask of the kernel's.
#[cfg(target_os = "linux")]
pub(crate) const SIGINT: u64 = 0b10;

/// A signal mask of the process, as proc(5) has it; empty once it has ended.
#[cfg(target_os = "linux")]
pub(crate) fn mask(child: &Child, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0").trim();
    u64::from_str_radix(mask, 16).unwrap()
}

/// Sends a signal, `-INT` or `-TERM`.
#[cfg(unix)]
pub(crate) fn send(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// Waits until the process has ended. One that does not is killed, and the test fails.
pub(crate) fn wait_for_end(child: &mut Child, what: &str) -> ExitStatus {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{what}: it goes on");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
