//! The schema that migrations produce, on a scratch database.

use std::path::Path;

use super::Context;
use crate::engine::{self, Engine, UpOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::migrations::MigrationSet;
use crate::progress::OnScratch;

/// The migrations of a folder that must hold some.
///
/// # Errors
/// When the folder cannot be read or holds no migration.
pub fn some_migrations(dir: &Path) -> Result<MigrationSet> {
    let set = MigrationSet::load(dir)?;
    if set.migrations.is_empty() {
        let message = format!("{} holds no migrations", dir.display());
        return Err(Error::new(ErrorKind::Migration, message)
            .help("`planctl migrate new NAME` writes the first; --migrations names another folder"));
    }
    Ok(set)
}

/// An in-memory database on which all migrations of a folder were applied.
///
/// # Errors
/// When the folder cannot be read or holds no migration, or one of them fails.
pub fn migrated(ctx: &mut Context<'_>, dir: &Path) -> Result<Box<dyn Engine>> {
    all_applied(ctx, &some_migrations(dir)?)
}

/// An in-memory database on which all of these migrations were applied.
///
/// # Errors
/// When one of them fails.
pub fn all_applied(ctx: &mut Context<'_>, set: &MigrationSet) -> Result<Box<dyn Engine>> {
    let mut scratch = engine::scratch()?;
    let options = UpOptions { to: None, run_id: ctx.run_id };
    let run = scratch.migrate_up(set, &options, &mut OnScratch(ctx.observer), &ctx.interrupt);
    match run.error {
        Some(error) => Err(error),
        None => Ok(scratch),
    }
}
