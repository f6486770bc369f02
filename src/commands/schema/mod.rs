//! `planctl schema …`: one file per subcommand.

pub mod diff;
pub mod docs;
pub mod dump;
pub mod models;
mod outdated;
mod page;
pub mod source;
