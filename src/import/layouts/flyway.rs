//! Flyway: `V<version>__<description>.sql`, `U…` to take it back, by the parts of their versions; then `R__…`, by their
//! descriptions. In folders below, too.

use super::Layout;
use crate::base::error::Result;
use crate::base::source::SourceFile;
use crate::import::folder::{File, Folder};
use crate::import::placeholder::{self, Form};
use crate::import::section::{Found, Section};
use crate::import::tool::Tool;

pub(in crate::import) struct Flyway;

/// What a file's name says.
struct Name<'f> {
    letter: char,
    /// `1.10` is `[1, 10]`; zeros at the end count for nothing.
    version: Vec<u64>,
    description: &'f str,
}

impl Layout for Flyway {
    fn is_here(&self, folder: &Folder) -> bool {
        // Whole numbers are refinery's, and planctl's own, in folders below as well; so is a way back that says so at its end.
        let is_theirs =
            |file: &File| is_callback(file) || (name(file).is_some() && !file.name.ends_with(".down.sql"));
        if !folder.sql_files().all(is_theirs) {
            return false;
        }
        folder.sql_files_below().is_ok_and(|files| {
            let is_no_other = |file: &File| {
                let head = file.name.split_once("__").map_or("", |(head, _)| head);
                is_callback(file) || head.starts_with('R') || head.contains(['.', '_'])
            };
            let is_one = |file: &File| name(file).is_some();
            files.iter().all(is_theirs) && files.iter().any(is_no_other) && files.iter().any(is_one)
        })
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        let files = folder.sql_files_below()?;
        if let Some(callback) = files.iter().find(|file| is_callback(file)) {
            return Err(callback.problem("is run by Flyway around its migrations").help(
                "write what it does as a migration, in a copy of the folder without it, and import that one",
            ));
        }
        let (mut ups, mut undos, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for (name, file) in files.iter().filter_map(|file| Some((name(file)?, file))) {
            match name.letter {
                'V' => ups.push((name, file)),
                'U' => undos.push((name, file)),
                'R' => repeated.push((name.description, file)),
                _ => {
                    return Err(file.problem("stands for all versions up to its own").help(
                        "leave it out of a copy of the folder, or the older versions, and import that one",
                    ));
                }
            }
        }
        ups.sort_by(|(a, _), (b, _)| a.version.cmp(&b.version));
        if let Some(((_, one), (_, next))) =
            ups.iter().zip(ups.iter().skip(1)).find(|((a, _), (b, _))| a.version == b.version)
        {
            let help = if one.path.parent() == next.path.parent() {
                "Flyway refuses that, too: give one of them a version of its own"
            } else {
                "where each kind of database has a folder, import that of SQLite alone"
            };
            return Err(next.problem(&format!("has the version of {}", one.path.display())).help(help));
        }
        let alone = undos.iter().find(|(undo, _)| ups.iter().all(|(up, _)| up.version != undo.version));
        if let Some((_, undo)) = alone {
            return Err(undo.problem("is a down without its up").help("add the up, or remove this file"));
        }
        let found = |(name, file): (Name<'_>, &File)| {
            let down = undos.iter().find(|(undo, _)| undo.version == name.version);
            Ok(Found {
                id: name.version.iter().map(u64::to_string).collect::<Vec<_>>().join("."),
                number: match name.version.as_slice() {
                    [only] => i64::try_from(*only).ok(),
                    _ => None,
                },
                name: name.description.to_owned(),
                up: section(file.read()?)?,
                down: down.map(|(_, undo)| section(undo.read()?)).transpose()?,
            })
        };
        let mut all = ups.into_iter().map(found).collect::<Result<Vec<_>>>()?;
        let newest = all.last().map_or(Some(0), |last| last.number);
        repeated.sort_by_key(|(description, _)| *description);
        for ((description, file), nth) in repeated.into_iter().zip(1..) {
            all.push(Found {
                id: file.name.clone(),
                number: newest.and_then(|newest| newest.checked_add(nth)),
                name: description.to_owned(),
                up: section(file.read()?)?,
                down: None,
            });
        }
        Ok(all)
    }
}

/// Whether its history knows a migration by the file's name, since that has no version: one that runs whenever it changes.
pub(in crate::import) fn repeats(id: &str) -> bool {
    id.starts_with("R__")
}

/// `afterMigrate.sql`, `beforeEachMigrate__vacuum.sql`: what runs whenever that happens.
fn is_callback(file: &File) -> bool {
    let event = ["before", "after"].iter().find_map(|when| file.name.strip_prefix(when));
    event.is_some_and(|event| event.starts_with(|c: char| c.is_ascii_uppercase()))
}

fn section(file: SourceFile) -> Result<Section> {
    match placeholder::refused(Tool::Flyway, &file, &(0..file.text().len()), Form::Braced) {
        Some(error) => Err(error),
        None => Ok(Section::whole(file)),
    }
}

fn name(file: &File) -> Option<Name<'_>> {
    let (head, description) = file.name.strip_suffix(".sql")?.split_once("__")?;
    let mut chars = head.chars();
    let letter = chars.next().filter(|letter| matches!(letter, 'V' | 'U' | 'R' | 'B'))?;
    let mut version = Vec::new();
    if letter != 'R' || !chars.as_str().is_empty() {
        for part in chars.as_str().split(['.', '_']) {
            version.push(part.parse().ok()?);
        }
    }
    while version.len() > 1 && version.last() == Some(&0) {
        version.pop();
    }
    Some(Name { letter, version, description })
}
