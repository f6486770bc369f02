//! Flyway: `V<version>__<description>.sql`, `U…` to take it back, by the parts of their versions.

use super::Layout;
use crate::base::error::{Error, Result};
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
        // Whole numbers are refinery's, and planctl's own; so is a way back that says so at its end.
        let is_theirs = |file: &File| name(file).is_some() && !file.name.ends_with(".down.sql");
        folder.sql_files().all(is_theirs)
            && folder.sql_files().filter_map(name).any(|name| name.version.len() > 1)
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        let mut ups: Vec<(Name<'_>, &File)> = Vec::new();
        let mut undos: Vec<(Name<'_>, &File)> = Vec::new();
        for (name, file) in folder.sql_files().filter_map(|file| Some((name(file)?, file))) {
            match name.letter {
                'V' => ups.push((name, file)),
                'U' => undos.push((name, file)),
                _ => return Err(refused(file, name.letter)),
            }
        }
        ups.sort_by(|(a, _), (b, _)| a.version.cmp(&b.version));
        if let Some(((_, one), (_, next))) =
            ups.iter().zip(ups.iter().skip(1)).find(|((a, _), (b, _))| a.version == b.version)
        {
            return Err(next
                .problem(&format!("has the version of {}", one.name))
                .help("Flyway refuses that, too: give one of them a version of its own"));
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
        ups.into_iter().map(found).collect()
    }
}

fn refused(file: &File, letter: char) -> Error {
    match letter {
        'R' => file.problem("runs again whenever it changes").help(
            "planctl runs each migration once: number it as one that comes last, in a copy of the folder, and import that one",
        ),
        _ => file.problem("stands for all versions up to its own").help(
            "leave it out of a copy of the folder, or the older versions, and import that one",
        ),
    }
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
