//! Laws of the library: on random schemas, on pairs of schemas made for a rule, and on real ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../generators/mod.rs"]
mod generators;
#[path = "../harness/mod.rs"]
mod harness;

mod audit;
mod broken;
mod cases;
mod corpus;
mod differential;
mod fast_load;
mod generate;
mod index_for_nothing;
mod lint_cases;
mod migration_files;
mod models;
mod parentheses;
mod renames;
mod sample;
mod schema_lint;
mod values;
