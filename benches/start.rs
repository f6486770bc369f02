//! What a run of planctl costs that has next to nothing to do, and how big the binary is.
//!
//! ```text
//! cargo bench --bench start -- [ROUNDS]      default: 50
//! ```
//!
//! Bar: under 3 ms of CPU time (user and system) for `--version` and for `migrate status` on a small database.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::path::Path;
use std::process::Command;

use support::process::{in_turns, planctl, run, size};

fn main() {
    let rounds = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(50);
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let on_shipped = |args: &[&str]| {
        let mut command = planctl();
        command.current_dir(root).args(args).arg("--db").arg(folder.path().join("planctl.db"));
        command
    };
    assert_eq!(run(&mut on_shipped(&["migrate", "up"])).status, Some(0));
    let mut version = planctl();
    version.arg("--version");
    // The floor: what it costs to start any process here.
    let nothing = Command::new("true");
    let names = [
        "true",
        "planctl --version",
        "planctl migrate status",
        "planctl migrate up, nothing to do",
        "planctl audit",
    ];
    let mut contestants = [
        (nothing, 0),
        (version, 0),
        (on_shipped(&["migrate", "status"]), 0),
        (on_shipped(&["migrate", "up"]), 0),
        (on_shipped(&["audit"]), 0),
    ];
    let runs = in_turns(rounds, &mut contestants);
    println!("CPU time (user and system): median (lowest–highest) of {rounds} runs in turns");
    for (name, runs) in names.iter().zip(&runs) {
        println!("  {name:36} {:26} {:5.1} MiB", runs.cpu_text(), runs.peak_mib());
    }
    let binary = size(Path::new(planctl().get_program()));
    println!("binary: {:.1} MB", binary as f64 / 1e6);
}
