//! One function per command: request → [`Report`](crate::report::Report). The only place where the other parts meet.
//!
//! Each file holds the command's request (plain data, already validated by [`crate::cli`], which this module never
//! imports) and, once the command exists, `pub fn run(ctx: &mut Context<'_>, request: &XRequest) -> Result<Report>`.
//! Paths in a request are as the user named them, so that messages can show them as they are.

pub mod audit;
pub mod backfill;
mod changing;
pub mod check;
pub mod check_each;
mod disk;
pub mod explain;
mod files;
pub mod fleet;
pub mod init;
pub mod migrate;
pub mod report;
pub mod sample;
pub mod schema;
pub mod scratch;
mod scripts;

use std::path::Path;

pub use crate::base::context::{Context, new_run_id};

use crate::base::escape::shell_word;
use crate::base::words::counted;
use crate::engine::DatabaseName;

/// A path as a word of a command line.
fn word(path: &Path) -> String {
    shell_word(&path.display().to_string())
}

/// Completes the commands that a text names, so that each acts on this database of planctl.toml.
pub fn on_database(name: &str) -> impl Fn(&str) -> String {
    let completed = format!("`planctl -d {} ", shell_word(name));
    move |text| text.replace("`planctl ", &completed)
}

/// A database as a word of a command line, without anything that is secret.
fn database_word(name: &DatabaseName) -> String {
    shell_word(&name.display().to_string())
}

#[cfg(test)]
pub(crate) mod testing {
    //! A context for the tests of commands.

    use super::Context;
    use crate::base::job::Job;

    /// Calls `command` with a context that nobody listens to.
    pub(crate) fn with_context<T>(command: impl FnOnce(&mut Context<'_>) -> T) -> T {
        command(&mut Context {
            job: Job::quiet(),
            run_id: ulid::Ulid::from_parts(0, 0),
            started: time::OffsetDateTime::UNIX_EPOCH,
        })
    }
}
