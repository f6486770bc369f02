//! planctl: versioned SQLite migrations, schema drift audit and root-ancestor backfill, each crash-safe.
//!
//! The map, from the outside in. `main` calls [`cli`], which turns arguments, environment and `planctl.toml` into one
//! validated request; [`commands`] has one function per command, request → [`report::Report`]; [`report`] writes it in
//! the format that was asked for. Below that, each part knows only what it needs:
//!
//! ```text
//! main → cli → commands → everything
//! schema ← diff ← {audit, plan}
//! engine → schema, diff, plan, migrations, backfill, values
//! report → result types only
//! sql, source, error, severity, progress: the ground that all stand on
//! ```

pub mod audit;
pub mod backfill;
pub mod cli;
pub mod commands;
pub mod ddl;
pub mod diff;
pub mod engine;
pub mod error;
pub mod migrations;
pub mod plan;
pub mod progress;
pub mod report;
pub mod schema;
pub mod severity;
pub mod source;
pub mod sql;
pub mod values;
