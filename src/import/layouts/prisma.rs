//! Prisma: a folder with `migration.sql` for each, in the order of the folders' names; no way back.

use super::Layout;
use super::numbered::is_number;
use crate::base::error::{Error, ErrorKind, Result};
use crate::import::folder::{Folder, find};
use crate::import::section::{Found, Section};

pub(in crate::import) struct Prisma;

const LOCK: &str = "migration_lock.toml";

impl Layout for Prisma {
    fn is_here(&self, folder: &Folder) -> bool {
        folder.folders_with("migration.sql").next().is_some()
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        if let Some(lock) = folder.file(LOCK) {
            let source = lock.read()?;
            let provider = toml::from_str::<toml::Table>(source.text())
                .ok()
                .and_then(|lock| lock.get("provider")?.as_str().map(str::to_owned));
            if let Some(provider) = provider.filter(|provider| provider != "sqlite") {
                return Err(Error::new(ErrorKind::Migration, format!("the migrations are for {provider}"))
                    .at(source.whole())
                    .help("planctl runs those for SQLite"));
            }
        }
        let folders = folder.folders_with("migration.sql");
        folders
            .filter_map(|(name, files)| Some((name, find(files, "migration.sql")?)))
            .map(|(folder, file)| {
                let (number, name) = stamped(folder);
                let up = Section::whole(file.read()?);
                Ok(Found { id: folder.clone(), number, name: name.to_owned(), up, down: None })
            })
            .collect()
    }
}

/// The time stamp in front of a folder's name, and the name.
pub(super) fn stamped(folder: &str) -> (Option<i64>, &str) {
    match folder.split_once('_') {
        Some((number, name)) if is_number(number) => (number.parse().ok(), name),
        None if is_number(folder) => (folder.parse().ok(), folder),
        _ => (None, folder),
    }
}
