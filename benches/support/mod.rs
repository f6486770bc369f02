//! What the benchmarks share.

#![allow(dead_code, unreachable_pub, reason = "each benchmark uses a part of it, in a binary of its own")]

pub mod process;
pub mod within;
