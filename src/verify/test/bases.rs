//! Databases as they are just below each version: what tests and round trips start from.

use std::collections::BTreeSet;

use ulid::Ulid;

use super::reach::{Reach, reach};
use crate::base::context::Context;
use crate::base::error::{Error, Result};
use crate::base::job::{Job, failure};
use crate::engine::{self, Registered, Scratch, UpOptions};
use crate::migrations::{Migration, MigrationSet, Version};
use crate::schema::Watched;

/// The database below a version, without any rows but those that the migrations themselves put there.
pub(crate) struct Base {
    pub(crate) scratch: Box<dyn Scratch>,
    /// What of it the version that comes next can reach.
    pub(crate) reach: Reach,
}

/// A climb of the chain, which stops below each version that is wanted. Each base has a whole schema in memory, and there may be
/// thousands of them, so that one is made when its turn comes.
pub(crate) struct Climb<'a> {
    set: &'a MigrationSet,
    /// What is still to be climbed.
    rest: std::slice::Iter<'a, Migration>,
    /// The versions that are still wanted.
    wanted: BTreeSet<Version>,
    /// Where to end although there is more.
    end: Option<Version>,
    scratch: Box<dyn Scratch>,
    watched: Watched,
    run_id: Ulid,
    /// The first version that cannot be applied to an empty database: those above it are not reached.
    pub(crate) broken: Option<(Version, Error)>,
}

impl<'a> Climb<'a> {
    /// Before the first version. Where `all_apply` is known, the highest of `wanted` and what is above it need not run once more, so
    /// that what is named of the application's is only that of those below.
    ///
    /// # Errors
    /// `Interrupted`; `Database` when SQLite cannot make a shadow database.
    pub(crate) fn new(
        ctx: &Context<'_>,
        set: &'a MigrationSet,
        wanted: BTreeSet<Version>,
        all_apply: bool,
    ) -> Result<Climb<'a>> {
        Ok(Climb {
            set,
            rest: if all_apply && wanted.is_empty() { [].iter() } else { set.migrations.iter() },
            end: wanted.last().copied().filter(|_| all_apply),
            wanted,
            scratch: engine::scratch(ctx.job)?,
            watched: Watched::default(),
            run_id: ctx.run_id,
            broken: None,
        })
    }

    /// The next version that is wanted, and the database below it; `None` when there is none, or none can be reached.
    ///
    /// # Errors
    /// `Interrupted`; `Database` when SQLite cannot copy a shadow database. Nothing comes behind an error.
    pub(crate) fn next(&mut self, job: Job<'_>) -> Result<Option<(Version, Base)>> {
        let next = self.climb(job);
        if next.is_err() {
            self.rest = [].iter();
        }
        next
    }

    fn climb(&mut self, job: Job<'_>) -> Result<Option<(Version, Base)>> {
        while let Some(migration) = self.rest.next() {
            let version = migration.version;
            let mut found = None;
            if self.wanted.remove(&version) {
                self.scratch.inspect_again(&mut self.watched)?;
                let reach = reach(self.watched.now(), migration);
                found = Some((version, Base { reach, scratch: self.scratch.copy()? }));
            }
            if self.end == Some(version) {
                self.rest = [].iter();
                return Ok(found);
            }
            let options = UpOptions { to: Some(version), ..UpOptions::of(self.run_id) };
            if let Some(error) = failure(self.scratch.migrate_up(self.set, &options, job).error)? {
                self.broken = Some((version, error));
                self.rest = [].iter();
            }
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// What the migrations name of the application's, as far as they were applied.
    ///
    /// # Errors
    /// `Database` when SQLite cannot be asked.
    pub(crate) fn of_application(&mut self) -> Result<Registered> {
        self.scratch.of_application()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::context::new_run_id;

    /// To run the highest once more would cost as much as the whole schema, where that is one migration's.
    #[test]
    fn where_all_apply_nothing_runs_that_no_base_is_above() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("V1__a.sql", "CREATE TABLE a(x);");
        write("V2__b.sql", "CREATE TABLE b(x);");
        // That it was not run is seen by what it would have said.
        write("V3__c.sql", "SELECT nothing_of_this_name;");
        let set = MigrationSet::load(dir.path()).unwrap();
        let started = time::OffsetDateTime::now_utc();
        let ctx = Context { job: Job::quiet(), run_id: new_run_id(started), started };
        let bases = |wanted: &[Version], all_apply| {
            let mut climb = Climb::new(&ctx, &set, wanted.iter().copied().collect(), all_apply).unwrap();
            let mut below = Vec::new();
            while let Some((version, _)) = climb.next(Job::quiet()).unwrap() {
                below.push(version);
            }
            (below, climb.broken.map(|(version, _)| version))
        };
        for wanted in [&[][..], &[1], &[1, 3]] {
            assert_eq!(bases(wanted, true), (wanted.to_vec(), None));
            assert_eq!(bases(wanted, false), (wanted.to_vec(), Some(3)));
        }
        assert_eq!(bases(&[2, 4], false), (vec![2], Some(3)));
    }
}
