//! `planctl schema …`: one file per subcommand.

pub mod diff;
pub mod docs;
pub mod dump;
mod page;
pub mod source;
