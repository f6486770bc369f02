//! One function per command: request → [`Report`](crate::report::Report). The only place where the other parts meet.
//!
//! Each file holds the command's request (plain data, already validated by [`crate::cli`], which this module never
//! imports) and, once the command exists, `pub fn run(ctx: &mut Context<'_>, request: &XRequest) -> Result<Report>`.
//! Without the feature `cli` there is only what applications embed, too.
//! Paths in a request are as the user named them, so that messages can show them as they are.

#[cfg(feature = "cli")]
pub mod audit;
#[cfg(feature = "cli")]
pub mod backfill;
#[cfg(feature = "cli")]
pub mod check;
#[cfg(feature = "cli")]
pub mod closing;
pub mod comparison;
#[cfg(feature = "cli")]
pub mod explain;
#[cfg(feature = "cli")]
pub mod migrate;
#[cfg(feature = "cli")]
pub mod report;
#[cfg(feature = "cli")]
pub mod sample;
#[cfg(feature = "cli")]
pub mod schema;
#[cfg(feature = "cli")]
pub mod scratch;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
#[cfg(feature = "cli")]
use std::path::Path;

use ulid::Ulid;

#[cfg(feature = "cli")]
use crate::escape::shell_word;
use crate::job::Job;

/// What every command is given besides its request.
pub struct Context<'a> {
    /// Who is told what happens while the command runs, and what stops it.
    pub job: Job<'a>,
    /// Names this run in reports, logs and the database.
    pub run_id: Ulid,
    /// When the run started, UTC.
    pub started: time::OffsetDateTime,
}

/// A name for a run that starts now.
///
/// Its 80 random bits are the two keys that the standard library seeds its hash maps with: they come from the operating
/// system wherever the process could start at all, also in a container without `/dev`.
pub fn new_run_id(started: time::OffsetDateTime) -> Ulid {
    let random = || u128::from(RandomState::new().build_hasher().finish());
    let milliseconds = u64::try_from(started.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    Ulid::from_parts(milliseconds, random() << 64 | random())
}

/// `1 finding`, `2 findings`
#[cfg(feature = "cli")]
fn counted(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

/// A path as a shell takes it.
#[cfg(feature = "cli")]
fn word(path: &Path) -> String {
    shell_word(&path.display().to_string())
}

#[cfg(all(test, feature = "cli"))]
pub(crate) mod testing {
    //! A context for the tests of commands.

    use super::{Context, Job};

    /// Calls `command` with a context that nobody listens to.
    pub(crate) fn with_context<T>(command: impl FnOnce(&mut Context<'_>) -> T) -> T {
        command(&mut Context {
            job: Job::quiet(),
            run_id: ulid::Ulid::from_parts(0, 0),
            started: time::OffsetDateTime::UNIX_EPOCH,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_run_of_one_millisecond_has_a_name_of_its_own() {
        let started = time::OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(1_469_918_176_385);
        let ids: HashSet<Ulid> = (0..10_000).map(|_| new_run_id(started)).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.to_string().starts_with("01ARYZ6S41")), "the time comes first");
    }
}
