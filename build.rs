//! How the program is linked.

use std::env::{var, var_os};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={HOT_FUNCTIONS}");
    let is = |name: &str, wanted: &str| var(name).is_ok_and(|found| found == wanted);
    if !is("CARGO_CFG_TARGET_OS", "linux") {
        return;
    }
    if is("PROFILE", "release")
        && let Some(script) = hot_functions_first()
    {
        println!("cargo:rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
    if !is("CARGO_CFG_TARGET_ENV", "gnu") {
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

/// The functions that short commands run, by the names of their sections, as `.ci/hot-functions` writes them.
const HOT_FUNCTIONS: &str = "src/hot_functions.txt";

/// A linker script that puts the functions of short commands side by side. They are an eighth of the program, and a command
/// that is done in two milliseconds spends much of them on bringing its code into memory, 64 kB for each function that is
/// called for the first time. A name that no function has is left out. `None` where the linker does not know such scripts.
fn hot_functions_first() -> Option<PathBuf> {
    let names = std::fs::read_to_string(HOT_FUNCTIONS).ok()?;
    let mut script = String::from("SECTIONS {\n.text.hot : {\n");
    for name in names.lines() {
        // What a compiler takes for seldom called stands apart, and at a start all is called once.
        let seldom = if name.starts_with('_') { format!(" .text.unlikely.{name}") } else { String::new() };
        script += &format!("*(.text.{name}{seldom})\n");
    }
    script += "}\n}\nINSERT BEFORE .text;\n";
    let folder = PathBuf::from(var_os("OUT_DIR")?);
    let file = folder.join("hot_functions.ld");
    std::fs::write(&file, script).ok()?;
    let flags = var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    // Another linker than the one that is tried.
    if flags.contains("linker") || flags.contains("link-args") {
        return None;
    }
    let chosen = flags.split('\u{1f}').filter_map(|flag| flag.split_once("link-arg=")).map(|(_, arg)| arg);
    let tried = Command::new(linker())
        .args(["-shared", "-nostdlib", "-x", "c", "/dev/null", "-o"])
        .arg(folder.join("linked"))
        .arg(format!("-Wl,-T,{}", file.display()))
        .args(chosen)
        .output();
    tried.is_ok_and(|tried| tried.status.success()).then_some(file)
}

fn linker() -> OsString {
    var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into())
}

/// A folder in which the linker finds GCC's unwinder, which Rust asks for as a shared library, as an archive. Nothing but the
/// backtrace of a panic needs it, and to load it is an eighth of the processor time that `planctl --version` takes. `None`
/// where the compiler that links has no such archive.
fn unwinder_as_archive() -> Option<PathBuf> {
    let asked = Command::new(linker()).arg("-print-file-name=libgcc_eh.a").output().ok()?;
    // What it does not know it gives back as it was asked.
    let archive = Path::new(str::from_utf8(&asked.stdout).ok()?.trim());
    if !archive.is_absolute() || !archive.exists() {
        return None;
    }
    let folder = PathBuf::from(var_os("OUT_DIR")?);
    std::fs::write(folder.join("libgcc_s.so"), "INPUT(libgcc_eh.a)\n").ok()?;
    Some(folder)
}
