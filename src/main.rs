//! The `planctl` binary: everything it does is in the library.

#![forbid(unsafe_code)]

use std::process::ExitCode;

/// SQLite's memory comes from it, too: with its feature `override`, it stands in for the C library's.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    planctl::main()
}
