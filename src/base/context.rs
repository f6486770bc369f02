//! What a command is given besides its request.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use ulid::Ulid;

use super::job::Job;

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
