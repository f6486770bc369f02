//! Databases as they are just below each version: what tests and round trips start from.

use std::collections::{BTreeMap, BTreeSet};

use super::reach::{Reach, reach};
use crate::base::context::Context;
use crate::base::error::{Error, Result};
use crate::base::job::failure;
use crate::engine::{self, Registered, Scratch, UpOptions};
use crate::migrations::{MigrationSet, Version};
use crate::schema::Watched;

/// The databases, without any rows but those that the migrations themselves put there.
pub struct Bases {
    /// By the version that comes next.
    pub(crate) below: BTreeMap<Version, Base>,
    /// The first version that cannot be applied to an empty database: those above it are not reached.
    pub(crate) broken: Option<(Version, Error)>,
    /// What the migrations name of the application's, as far as they can be applied.
    pub of_application: Registered,
}

/// One of them.
pub(crate) struct Base {
    pub(crate) scratch: Box<dyn Scratch>,
    /// What of it the version that comes next can reach.
    pub(crate) reach: Reach,
}

/// Climbs the chain once, and keeps a copy below each version of `wanted`.
///
/// # Errors
/// `Interrupted`; `Database` when SQLite cannot make a shadow database.
pub fn climb(ctx: &Context<'_>, set: &MigrationSet, wanted: &BTreeSet<Version>) -> Result<Bases> {
    climb_until(ctx, set, wanted, |_| false)
}

/// As [`climb`], where all of them have just been applied: the highest of `wanted`, and what is above it, need not run once
/// more, so that what is named of the application's is only that of those below.
///
/// # Errors
/// As [`climb`].
pub fn climb_sound(ctx: &Context<'_>, set: &MigrationSet, wanted: &BTreeSet<Version>) -> Result<Bases> {
    climb_until(ctx, set, wanted, |version| wanted.last().is_none_or(|highest| version >= *highest))
}

fn climb_until(
    ctx: &Context<'_>,
    set: &MigrationSet,
    wanted: &BTreeSet<Version>,
    is_end: impl Fn(Version) -> bool,
) -> Result<Bases> {
    let (mut below, mut broken) = (BTreeMap::new(), None);
    let mut scratch = engine::scratch(ctx.job)?;
    let mut watched = Watched::default();
    for migration in &set.migrations {
        if wanted.contains(&migration.version) {
            scratch.inspect_again(&mut watched)?;
            let base = Base { reach: reach(watched.now(), migration), scratch: scratch.copy()? };
            below.insert(migration.version, base);
        }
        if is_end(migration.version) {
            break;
        }
        let options = UpOptions { to: Some(migration.version), ..UpOptions::of(ctx.run_id) };
        let run = scratch.migrate_up(set, &options, ctx.job.quietly());
        if let Some(error) = failure(run.error)? {
            broken = Some((migration.version, error));
            break;
        }
    }
    Ok(Bases { below, broken, of_application: scratch.of_application()? })
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::base::context::new_run_id;
    use crate::base::job::Job;
    use crate::migrations::MigrationSet;

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
        let bases = |climbed: Result<Bases>| {
            let bases = climbed.unwrap();
            let broken = bases.broken.map(|(version, _)| version);
            (bases.below.into_keys().collect::<Vec<_>>(), broken)
        };
        for (wanted, below) in [(vec![], vec![]), (vec![1], vec![1]), (vec![1, 3], vec![1, 3])] {
            let wanted: BTreeSet<Version> = wanted.into_iter().collect();
            assert_eq!(bases(climb_sound(&ctx, &set, &wanted)), (below.clone(), None));
            assert_eq!(bases(climb(&ctx, &set, &wanted)), (below, Some(3)));
        }
    }
}
