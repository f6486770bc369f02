//! The schema that migrations produce, on a shadow database.

use std::path::Path;

use super::{Context, word};
use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::{self, Engine, Registered, UpOptions};
use crate::import::{Chain, Tool};
use crate::migrations::MigrationSet;
use crate::sql::display_name;

/// The migrations of a folder that must hold some.
///
/// # Errors
/// When the folder cannot be read or holds no migration.
pub fn some_migrations(dir: &Path) -> Result<MigrationSet> {
    some(own_migrations(dir)?, dir)
}

/// The migrations of a folder of planctl's.
///
/// # Errors
/// As [`MigrationSet::load`], and when it is another tool's: to run a way back of theirs as a way there would lose rows.
pub fn own_migrations(dir: &Path) -> Result<MigrationSet> {
    own_or_theirs(dir, |tool| {
        let message = format!("{} holds migrations of {}, not planctl's", dir.display(), tool.title());
        let beside = word(&dir.with_file_name("planctl"));
        Err(Error::new(ErrorKind::Migration, message).about(dir).help(format!(
            "`planctl migrate import {} --migrations {beside}` converts them and writes them to a new folder",
            word(dir)
        )))
    })
}

/// The migrations of a folder that is only read: planctl's, or another tool's as the import would write them.
///
/// # Errors
/// As [`MigrationSet::load`] and [`Chain::read`].
pub fn read_migrations(dir: &Path) -> Result<MigrationSet> {
    own_or_theirs(dir, |tool| Ok(Chain::read(dir, Some(tool))?.as_set()))
}

/// The migrations of a folder; where it has none of planctl's, and is another tool's, what comes of that.
fn own_or_theirs(dir: &Path, theirs: impl Fn(Tool) -> Result<MigrationSet>) -> Result<MigrationSet> {
    let own = MigrationSet::load(dir);
    if own.as_ref().is_ok_and(|set| !set.migrations.is_empty()) {
        return own;
    }
    Tool::of(dir).map_or(own, theirs)
}

fn some(set: MigrationSet, dir: &Path) -> Result<MigrationSet> {
    if set.migrations.is_empty() {
        return Err(no_migrations(dir)
            .help("`planctl migrate new NAME` writes the first; --migrations names another folder"));
    }
    Ok(set)
}

/// The error of a folder without any.
pub fn no_migrations(dir: &Path) -> Error {
    Error::new(ErrorKind::Migration, format!("{} holds no migrations", dir.display())).about(dir)
}

/// Says that shadow databases have something in the place of what is the application's.
pub fn stood_in(of_application: &Registered) -> Option<String> {
    let Registered { collations, functions } = of_application;
    let collations: Vec<String> = collations.iter().map(|name| display_name(name)).collect();
    let functions: Vec<String> = functions.iter().map(|name| format!("{name}()")).collect();
    let mut parts = Vec::new();
    if !collations.is_empty() {
        let are = if collations.len() == 1 { "is a collation" } else { "are collations" };
        parts.push(format!(
            "{} {are} of the application's: shadow databases compare text byte by byte instead",
            collations.join(", ")
        ));
    }
    if !functions.is_empty() {
        let (are, they) = if functions.len() == 1 {
            ("is not a SQLite function", "it returns")
        } else {
            ("are not SQLite functions", "they return")
        };
        parts.push(format!("{} {are}: in shadow databases {they} NULL", functions.join(", ")));
    }
    (!parts.is_empty()).then(|| {
        format!(
            "{}. On a file, `migrate up` stops at a statement that needs one that is missing; have the application run such a \
             migration (`planctl::migrate`)",
            parts.join(". ")
        )
    })
}

/// An in-memory database on which all migrations of a folder were applied.
///
/// # Errors
/// When the folder cannot be read or holds no migration, or one of them fails.
pub fn migrated(ctx: &mut Context<'_>, dir: &Path) -> Result<Box<dyn Engine>> {
    all_applied(ctx, &some(read_migrations(dir)?, dir)?)
}

/// An in-memory database on which all of these migrations were applied.
///
/// # Errors
/// When one of them fails.
pub fn all_applied(ctx: &mut Context<'_>, set: &MigrationSet) -> Result<Box<dyn Engine>> {
    let mut scratch = engine::scratch(ctx.job)?;
    let options = UpOptions::of(ctx.run_id);
    let run = scratch.migrate_up(set, &options, ctx.job.on_scratch());
    match run.error {
        Some(error) => Err(error),
        None => Ok(scratch),
    }
}
