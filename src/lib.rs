//! planctl: versioned SQLite migrations, schema drift audit and root-ancestor backfill, each crash-safe.
//!
//! The map, from the outside in. `main` calls [`cli`], which turns arguments, environment and `planctl.toml` into one
//! validated request; [`commands`] has one function per command, request → [`report::Report`]; [`report`] writes it in
//! the format that was asked for. Below that, each part knows only what it needs:
//!
//! ```text
//! main → cli → commands → everything
//! schema ← diff ← {audit, plan}
//! engine → schema, diff, plan, migrations, backfill, queries, sample, values
//! report → result types only
//! sql, source, directive, error, escape, finding, rule, severity, progress, job, nearest: the ground that all stand on
//! ```
//!
//! # In an application
//! [`migrate`], [`audit()`] and [`backfill()`] do what the commands of these names do, on a database that is named by its
//! path or on a [`rusqlite::Connection`] of the application's own:
//!
//! ```
//! # fn main() -> planctl::error::Result<()> {
//! use planctl::migrate::Migrator;
//!
//! let migrator = Migrator::from_texts([
//!     ("V1__plans.sql", "CREATE TABLE plans (id TEXT PRIMARY KEY, parent TEXT, root TEXT);"),
//!     ("V1__plans.down.sql", "DROP TABLE plans;"),
//! ])?;
//! let mut conn = planctl::rusqlite::Connection::open_in_memory().unwrap();
//! let run = migrator.up(&mut conn)?;
//! assert_eq!(run.done[0].name, "plans");
//! assert!(migrator.pending(&conn)?.is_empty());
//! # Ok(())
//! # }
//! ```

// A unit test calls SQLite's C interface to hold the list of keywords against SQLite's own.
#![cfg_attr(not(test), forbid(unsafe_code))]

pub mod audit;
pub mod backfill;
#[cfg(feature = "cli")]
pub mod cli;
pub mod commands;
pub mod ddl;
pub mod diff;
pub mod directive;
mod embed;
pub mod engine;
pub mod error;
pub mod escape;
pub mod finding;
pub mod job;
pub mod migrations;
pub mod nearest;
pub mod plan;
pub mod progress;
pub mod queries;
#[cfg(feature = "cli")]
pub(crate) mod replacement;
#[cfg(feature = "cli")]
pub mod report;
pub mod rule;
pub mod sample;
pub mod schema;
pub mod severity;
pub mod source;
pub mod sql;
pub mod toml_error;
pub mod values;

pub use embed::{
    Auditor, Backfiller, Database, IntoDatabase, IntoSource, Source, audit, backfill, how, migrate,
};
pub use engine::sqlite::rusqlite;

/// The examples of the page on embedding are run with the others.
#[cfg(doctest)]
#[doc = include_str!("../docs/embedding.md")]
struct EmbeddingPage;
