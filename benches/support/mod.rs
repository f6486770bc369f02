//! What the benchmarks share.

#![allow(dead_code, unreachable_pub, reason = "each benchmark uses a part of it, in a binary of its own")]

#[path = "../../tests/harness/command.rs"]
#[allow(dead_code, reason = "the part that tests read output with")]
mod command;
pub mod process;
pub mod within;
