//! The only home of rusqlite and refinery.

pub mod backfill;
