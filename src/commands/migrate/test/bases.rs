//! Databases as they are just below each version: what tests and round trips start from.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::Context;
use crate::engine::{self, Scratch, UpOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::migrations::{MigrationSet, Version};

/// The databases, without any rows but those that the migrations themselves put there.
pub(super) struct Bases {
    /// By the version that comes next.
    pub(super) below: BTreeMap<Version, Box<dyn Scratch>>,
    /// The first version that cannot be applied to an empty database: those above it are not reached.
    pub(super) broken: Option<(Version, Error)>,
}

/// Climbs the chain once, and keeps a copy below each version of `wanted`.
pub(super) fn climb(ctx: &Context<'_>, set: &MigrationSet, wanted: &BTreeSet<Version>) -> Result<Bases> {
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
        if let Some(error) = run.error {
            if error.kind() == ErrorKind::Interrupted {
                return Err(error);
            }
            bases.broken = Some((migration.version, error));
            break;
        }
    }
    Ok(bases)
}
