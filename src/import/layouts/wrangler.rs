//! Wrangler, for D1: `<number>_<name>.sql`, in the order of their numbers; no way back. The history has the files' names.

use super::Layout;
use super::numbered::digits;
use crate::base::error::Result;
use crate::import::folder::{File, Folder, stem};
use crate::import::section::{Found, Section};

pub(in crate::import) struct Wrangler;

/// What lies above its folder.
const SETTINGS: [&str; 3] = ["wrangler.toml", "wrangler.json", "wrangler.jsonc"];

impl Layout for Wrangler {
    fn is_here(&self, folder: &Folder) -> bool {
        let above = ["..", "../.."].map(|above| folder.dir.join(above));
        let mut files = folder.sql_files().peekable();
        files.peek().is_some()
            && files.all(|file| numbered(file).is_some())
            && above.iter().any(|dir| SETTINGS.iter().any(|name| dir.join(name).is_file()))
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        let mut all = folder.sql_files().map(found).collect::<Result<Vec<_>>>()?;
        // Those of one number stay in the order of their names.
        all.sort_by_key(|found| found.number);
        Ok(all)
    }
}

/// The number that a name begins with, and what follows it.
fn numbered(file: &File) -> Option<(i64, &str)> {
    let (number, name) = digits(&file.name);
    Some((number.parse().ok()?, name))
}

fn found(file: &File) -> Result<Found> {
    let Some((number, name)) = numbered(file) else {
        return Err(file
            .problem("does not begin with a number, by which Wrangler orders them")
            .help("name it so in a copy of the folder, and import that one; its row in the history needs the same name"));
    };
    Ok(Found {
        id: file.name.clone(),
        number: Some(number),
        name: stem(name).to_owned(),
        up: Section::whole(file.read()?),
        down: None,
    })
}
