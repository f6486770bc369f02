//! `planctl schema …`: one file per subcommand.

pub mod diff;
pub mod dump;
pub mod source;
