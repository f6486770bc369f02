//! What an application embeds: the commands without the command line.

mod auditing;
mod database;
mod filling;
pub mod findings;
pub mod fleet;
pub mod migrate;
pub mod roots;

pub use auditing::{Auditor, audit};
pub use database::{Database, IntoDatabase, IntoSource, Source, how};
pub use filling::{Backfiller, backfill};
