//! Diesel: a folder `<number>_<name>` for each, dashes in the number left out, in the order of the numbers as text.

use super::Layout;
use super::numbered::{each_once, is_number};
use crate::base::error::Result;
use crate::import::folder::{Folder, find};
use crate::import::section::{Found, Section};
use crate::import::tool::Tool;

pub(in crate::import) struct Diesel;

impl Layout for Diesel {
    fn is_here(&self, folder: &Folder) -> bool {
        let mut folders = folder.folders_with("up.sql").peekable();
        folders.peek().is_some() && folders.all(|(name, _)| is_number(&version(name)))
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        let mut all = folder
            .folders_with("up.sql")
            .filter_map(|(name, files)| Some((name, find(files, "up.sql")?, find(files, "down.sql"))))
            .map(|(name, up, down)| {
                let id = version(name);
                Ok(Found {
                    number: id.parse().ok(),
                    id,
                    name: name.split_once('_').map_or(name.as_str(), |(_, name)| name).to_owned(),
                    up: Section::whole(up.read()?),
                    down: down.map(|down| down.read().map(Section::whole)).transpose()?,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        all.sort_by(|a, b| a.id.cmp(&b.id));
        each_once(Tool::Diesel, all)
    }
}

/// What the history has: all in front of the first `_`, without dashes.
fn version(folder: &str) -> String {
    folder.split('_').next().unwrap_or_default().replace('-', "")
}
