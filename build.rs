//! How the program is linked.

use std::env::{var, var_os};
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, wanted: &str| var(name).is_ok_and(|found| found == wanted);
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    // Tests start it thousands of times. Where it may lie anywhere in memory, each start corrects 134,000 addresses
    // in it: a third of the processor time that `planctl --version` takes.
    if is("PROFILE", "debug") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
    let links_all =
        var("CARGO_CFG_TARGET_FEATURE").is_ok_and(|all| all.split(',').any(|one| one == "crt-static"));
    if !links_all && let Some(folder) = unwinder_as_archive() {
        println!("cargo:rustc-link-arg-bins=-L{}", folder.display());
    }
}

/// A folder in which the linker finds GCC's unwinder, which Rust asks for as a shared library, as an archive. Nothing but the
/// backtrace of a panic needs it, and to load it is an eighth of the processor time that `planctl --version` takes. `None`
/// where the compiler that links has no such archive.
fn unwinder_as_archive() -> Option<PathBuf> {
    let linker = var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let asked = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output().ok()?;
    // What it does not know it gives back as it was asked.
    let archive = Path::new(str::from_utf8(&asked.stdout).ok()?.trim());
    if !archive.is_absolute() || !archive.exists() {
        return None;
    }
    let folder = PathBuf::from(var_os("OUT_DIR")?);
    std::fs::write(folder.join("libgcc_s.so"), "INPUT(libgcc_eh.a)\n").ok()?;
    Some(folder)
}
