//! What several test suites share.

#![allow(dead_code, unreachable_pub, reason = "each suite uses a part of it, in a binary of its own")]

pub mod dice;
pub mod respell;
pub mod schema_gen;
pub mod schema_model;
pub mod schema_mutate;
pub mod schema_shrink;
pub mod schema_write;
pub mod statements;
pub mod token_mutate;
