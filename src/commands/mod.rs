//! One function per command: request → [`Report`](crate::report::Report). The only place where the other parts meet.
//!
//! Each file holds the command's request (plain data, already validated by [`crate::cli`], which this module never
//! imports) and, once the command exists, `pub fn run(ctx: &mut Context<'_>, request: &XRequest) -> Result<Report>`.
//! Paths in a request are as the user named them, so that messages can show them as they are.

pub mod audit;
pub mod backfill;
pub mod check;
pub mod closing;
pub mod explain;
pub mod migrate;
pub mod report;
pub mod schema;
pub mod scratch;

use ulid::Ulid;

use crate::progress::{Interrupt, Observer};

/// What every command is given besides its request.
pub struct Context<'a> {
    /// Is told what happens while the command runs.
    pub observer: &'a mut dyn Observer,
    /// Is raised when the user asks to stop; long operations look at it.
    pub interrupt: Interrupt,
    /// Names this run in reports, logs and the database.
    pub run_id: Ulid,
    /// When the run started, UTC.
    pub started: time::OffsetDateTime,
}

/// `1 finding`, `2 findings`
fn counted(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
pub(crate) mod testing {
    //! A context for the tests of commands.

    use super::Context;
    use crate::progress::{Interrupt, Silent};

    /// Calls `command` with a context that nobody listens to.
    pub(crate) fn with_context<T>(command: impl FnOnce(&mut Context<'_>) -> T) -> T {
        command(&mut Context {
            observer: &mut Silent,
            interrupt: Interrupt::new(),
            run_id: ulid::Ulid::from_parts(0, 0),
            started: time::OffsetDateTime::UNIX_EPOCH,
        })
    }
}
