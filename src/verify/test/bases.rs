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
    let (mut below, mut broken) = (BTreeMap::new(), None);
    let mut scratch = engine::scratch(ctx.job)?;
    let mut watched = Watched::default();
    for migration in &set.migrations {
        if wanted.contains(&migration.version) {
            scratch.inspect_again(&mut watched)?;
            let base = Base { reach: reach(watched.now(), migration), scratch: scratch.copy()? };
            below.insert(migration.version, base);
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
