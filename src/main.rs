//! The `planctl` binary: everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    planctl::cli::main()
}
