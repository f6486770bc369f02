//! Atlas: `<version>_<name>.sql` beside `atlas.sum`, in the order of the files' names; no way back.

use super::Layout;
use super::numbered::{each_once, is_number};
use crate::base::error::{Error, ErrorKind, Result};
use crate::import::folder::{File, Folder, stem};
use crate::import::section::{Found, Section, markers};
use crate::import::tool::Tool;

pub(in crate::import) struct Atlas;

impl Layout for Atlas {
    fn is_here(&self, folder: &Folder) -> bool {
        folder.file("atlas.sum").is_some()
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        let all = folder.sql_files().map(found);
        all.collect::<Result<_>>().and_then(|all| each_once(Tool::Atlas, all))
    }
}

fn found(file: &File) -> Result<Found> {
    let source = file.read()?;
    let markers = markers(source.text(), "atlas:");
    // The others speak of how it runs, or to its linter.
    for (word, why) in [
        ("delimiter", "parts statements by another sign than the semicolon"),
        ("checkpoint", "stands for all the files before it"),
        ("txtar", "holds several files in one"),
    ] {
        if let Some(marker) = markers.iter().find(|marker| marker.begins(word)) {
            return Err(Error::new(ErrorKind::Migration, format!("the file {why}"))
                .at(source.location(marker.range.start))
                .help(
                    "write it as plain SQL in a copy of the folder, without this line, and import that one",
                ));
        }
    }
    let stem = stem(&file.name);
    let (id, name) = stem.split_once('_').unwrap_or((stem, stem));
    let number = if is_number(id) { id.parse().ok() } else { None };
    Ok(Found {
        id: id.to_owned(),
        number,
        name: name.to_owned(),
        up: Section::marked(&source, &markers),
        down: None,
    })
}
