//! rusqlite_migration, `Migrations::from_directory`: a folder `<number>-<name>` for each, numbered from 1 without a gap.

use super::Layout;
use super::numbered::split;
use crate::base::error::{Error, ErrorKind, Result};
use crate::import::folder::{Folder, find};
use crate::import::section::{Found, Section};

pub(in crate::import) struct RusqliteMigration;

impl Layout for RusqliteMigration {
    fn is_here(&self, folder: &Folder) -> bool {
        let mut folders = folder.folders_with("up.sql").peekable();
        // Diesel's time stamps have dashes, too, and an underscore behind them.
        folders.peek().is_some()
            && folders.all(|(name, _)| {
                split(name, '-').is_some_and(|(number, rest)| {
                    number.len() < 4 || !rest.starts_with(|c: char| c.is_ascii_digit())
                })
            })
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        let mut all = folder
            .folders_with("up.sql")
            .filter_map(|(name, files)| {
                let (number, rest) = split(name, '-')?;
                Some((number.parse::<i64>().ok()?, rest, find(files, "up.sql")?, find(files, "down.sql")))
            })
            .map(|(number, name, up, down)| {
                Ok(Found {
                    id: number.to_string(),
                    number: Some(number),
                    name: name.to_owned(),
                    up: Section::whole(up.read()?),
                    down: down.map(|down| down.read().map(Section::whole)).transpose()?,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        all.sort_by_key(|found| found.number);
        // Its history is a count: a gap would shift what follows.
        match all.iter().zip(1..).find(|(found, number)| found.number != Some(*number)) {
            Some((found, number)) => {
                let path = found.up.file.path().display();
                Err(Error::new(ErrorKind::Migration, format!("{path} is where number {number} should be"))
                    .help("rusqlite_migration refuses that, too: number the folders 1, 2, 3, …"))
            }
            None => Ok(all),
        }
    }
}
