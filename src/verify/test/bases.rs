//! Databases as they are just below each version: what tests and round trips start from.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::context::Context;
use crate::base::error::{Error, Result};
use crate::base::job::failure;
use crate::engine;
use crate::engine::{Scratch, UpOptions};
use crate::migrations::{MigrationSet, Version};

/// The databases, without any rows but those that the migrations themselves put there.
pub(crate) struct Bases {
    /// By the version that comes next.
    pub(crate) below: BTreeMap<Version, Box<dyn Scratch>>,
    /// The first version that cannot be applied to an empty database: those above it are not reached.
    pub(crate) broken: Option<(Version, Error)>,
}

/// Climbs the chain once, and keeps a copy below each version of `wanted`.
pub(crate) fn climb(ctx: &Context<'_>, set: &MigrationSet, wanted: &BTreeSet<Version>) -> Result<Bases> {
    let mut bases = Bases { below: BTreeMap::new(), broken: None };
    let mut scratch = engine::test_scratch(ctx.job)?;
    for migration in &set.migrations {
        if wanted.range(migration.version..).next().is_none() {
            break;
        }
        if wanted.contains(&migration.version) {
            bases.below.insert(migration.version, scratch.copy()?);
        }
        let options = UpOptions { to: Some(migration.version), run_id: ctx.run_id, backup: None };
        let run = scratch.migrate_up(set, &options, ctx.job.quietly());
        if let Some(error) = failure(run.error)? {
            bases.broken = Some((migration.version, error));
            break;
        }
    }
    Ok(bases)
}
