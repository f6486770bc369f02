//! `planctl migrate …`: one file per subcommand.

pub mod down;
pub mod lint;
pub mod new;
pub mod status;
pub mod up;
