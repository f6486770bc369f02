//! What chance makes for the tests: schemas and their spellings, changes of them, statements on them.

#![allow(dead_code, unreachable_pub, reason = "each program uses its part")]

pub mod dice;
pub mod respell;
pub mod schema_gen;
pub mod schema_model;
pub mod schema_mutate;
pub mod schema_shrink;
pub mod schema_write;
pub mod statements;
pub mod token_mutate;
pub mod trigger_chain;
