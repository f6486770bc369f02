//! The command line.

use std::process::ExitCode;

/// Parses the arguments, runs the command, gives the exit status.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
