//! Commands as people and scripts meet them: through the real binary, and through the library that applications embed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../harness/mod.rs"]
mod harness;

mod backfill;
mod browser;
mod cli;
mod contract;
#[cfg(unix)]
mod crash;
mod databases;
mod environment;
mod fleet;
mod formats;
mod init;
mod json_schema;
mod killed;
mod ledger;
mod migrate;
mod migrate_test;
mod models;
mod reports;
mod sample;
mod schema;
mod schema_docs;
#[cfg(unix)]
mod servers;
mod shipped_schema;
mod widths;
