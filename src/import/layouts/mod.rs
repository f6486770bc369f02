//! The folders of each tool: what tells them, and how the tool reads them. One file a tool.

pub(super) mod atlas;
pub(super) mod dbmate;
pub(super) mod diesel;
pub(super) mod drizzle;
pub(super) mod flyway;
pub(super) mod golang_migrate;
pub(super) mod goose;
pub(super) mod liquibase;
mod numbered;
pub(super) mod prisma;
pub(super) mod rusqlite_migration;
pub(super) mod sql_migrate;
pub(super) mod sqlx;
pub(super) mod wrangler;

use crate::base::error::Result;

use super::folder::Folder;
use super::section::Found;

/// What knows the folders of one tool.
pub(super) trait Layout {
    /// Whether a folder is this tool's, when those that [`Tool::BY_SIGNS`](super::Tool) asks first have said no.
    fn is_here(&self, folder: &Folder) -> bool;

    /// Its migrations, in the order in which the tool runs them.
    ///
    /// # Errors
    /// What the tool would refuse, and what cannot be taken over, each with its place.
    fn read(&self, folder: &Folder) -> Result<Vec<Found>>;
}
