//! planctl migrates SQLite databases, finds schema drift, and repairs trees of rows.
//!
//! The map, from the outside in. `main` calls `cli`, which turns arguments, environment and `planctl.toml` into one
//! validated request; `commands` has one function per command, request → report; `report` writes it in the format that was
//! asked for. Applications come in by `embed`. Below that, each room knows only what it needs:
//!
//! ```text
//! main → cli → commands → everything          report → result types only
//! embed → audit, backfill, engine, migrations
//! verify, generate → audit → engine           what a chain is held to, what writes one, what judges a schema
//! engine → the language                       SQLite: shadow databases, files, scripts for elsewhere
//! sql, ddl, schema, diff, plan                the language: no connection, no I/O
//! base                                        errors, places in files, jobs: what every room stands on
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
// Without the program there is nobody to use what only its commands need; with it, the compiler sees what is dead.
#![cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))]

mod audit;
mod backfill;
mod base;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod commands;
mod ddl;
mod diff;
mod embed;
mod engine;
mod fleets;
#[cfg(feature = "cli")]
mod generate;
#[cfg(feature = "cli")]
mod import;
#[doc(hidden)]
pub mod internals;
mod migrations;
#[cfg(feature = "cli")]
mod models;
mod plan;
mod queries;
#[cfg(feature = "cli")]
mod report;
mod row_checks;
mod sample;
mod schema;
mod sql;
#[cfg(feature = "cli")]
mod verify;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::main;
pub use embed::{
    Auditor, Backfiller, Database, IntoDatabase, IntoSource, Source, audit, backfill, findings, fleet, how,
    migrate, roots,
};
pub use engine::file::rusqlite;

/// What ends a call early, by its kind.
pub mod error {
    pub use crate::base::error::{Error, ErrorKind, Location, Result};
}

/// What a call tells while it works, and how to stop it.
pub mod progress {
    pub use crate::base::progress::{Event, Interrupt, Observer, Silent};
}

/// The examples of the page on embedding are run with the others.
#[cfg(doctest)]
#[doc = include_str!("../docs/embedding.md")]
struct EmbeddingPage;
