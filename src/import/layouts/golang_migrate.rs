//! golang-migrate: `<number>_<title>.up.sql` and `.down.sql`, in the order of their numbers.

use super::Layout;
use super::numbered::{OneWay, Way, paired, split};
use crate::base::error::Result;
use crate::import::folder::{File, Folder};
use crate::import::section::{Found, Section};

pub(in crate::import) struct GolangMigrate;

impl Layout for GolangMigrate {
    fn is_here(&self, folder: &Folder) -> bool {
        let mut files = folder.sql_files().peekable();
        files.peek().is_some() && files.all(|file| one_way(file).is_some())
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        // It passes over a file of any other name.
        paired(folder.sql_files().filter_map(one_way).collect(), Section::whole)
    }
}

fn one_way(file: &File) -> Option<OneWay<'_>> {
    let (number, rest) = split(&file.name, '_')?;
    let (name, way) = match (rest.strip_suffix(".up.sql"), rest.strip_suffix(".down.sql")) {
        (Some(name), _) => (name, Way::There),
        (_, Some(name)) => (name, Way::Back),
        _ => return None,
    };
    Some(OneWay { number, name, way, file })
}
