//! goose: `<number>_<name>.sql` with `-- +goose Up` and `-- +goose Down`, in the order of their numbers.

use super::Layout;
use super::numbered::split;
use crate::base::error::{Error, ErrorKind, Result};
use crate::import::folder::{File, Folder, stem};
use crate::import::placeholder::{self, Form};
use crate::import::section::{Found, Marker, Section, markers, statement_above};
use crate::import::tool::Tool;

pub(in crate::import) struct Goose;

const SIGN: &str = "+goose";

impl Layout for Goose {
    fn is_here(&self, folder: &Folder) -> bool {
        let speaks = |file: &File| file.read().is_ok_and(|text| !markers(text.text(), SIGN).is_empty());
        folder.sql_files().any(speaks) && folder.sql_files().all(|file| split(&file.name, '_').is_some())
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        let in_go = |file: &&File| file.name.ends_with(".go") && split(&file.name, '_').is_some();
        if let Some(file) = folder.files.iter().find(in_go) {
            return Err(file
                .problem("is a migration in Go, which only the program that holds it can run")
                .help(
                    "write it as SQL under the same number, in a copy of the folder, and import that one",
                ));
        }
        let numbered = folder.sql_files().filter_map(|file| Some((split(&file.name, '_')?, file)));
        let mut found =
            numbered.map(|((number, name), file)| found(file, number, name)).collect::<Result<Vec<_>>>()?;
        found.sort_by_key(|found| found.number);
        let twins = found.iter().zip(found.iter().skip(1)).find(|(one, next)| one.number == next.number);
        match twins {
            Some((one, next)) => {
                let (one, next) = (one.up.file.path().display(), next.up.file.path().display());
                Err(Error::new(ErrorKind::Migration, format!("{one} and {next} have the same number"))
                    .help("goose refuses that, too: give one of them a number of its own"))
            }
            None => Ok(found),
        }
    }
}

fn found(file: &File, number: &str, name: &str) -> Result<Found> {
    let number: i64 = number.parse().map_err(|_| file.problem("has a number of more than 63 bits"))?;
    let source = file.read()?;
    let text = source.text();
    let markers = markers(text, SIGN);
    let only = |words: &str| {
        let mut all = markers.iter().filter(|marker| marker.is(words));
        let first = all.next();
        match all.next() {
            Some(second) => {
                Err(Error::new(ErrorKind::Migration, format!("`-- +goose {words}` is here again"))
                    .at(source.location(second.range.start))
                    .help("goose takes one of each in a file"))
            }
            None => Ok(first),
        }
    };
    let (up, down) = (only("up")?, only("down")?);
    let wrong = |message: &str, at: usize| {
        Error::new(ErrorKind::Migration, message).at(source.location(at)).help(
            "goose has `-- +goose Up` on a line, what leads there, `-- +goose Down`, and what leads back",
        )
    };
    let Some(up) = up else { return Err(wrong("the file has no line `-- +goose Up`", 0)) };
    if let Some(down) = down.filter(|down| down.range.start < up.range.start) {
        return Err(wrong("`-- +goose Down` is above `-- +goose Up`", down.range.start));
    }
    if let Some(first) = statement_above(text, up.range.start) {
        return Err(wrong("a statement is above `-- +goose Up`, where goose refuses it", first));
    }
    if let Some(on) = markers.iter().find(|marker| marker.is("envsub on")) {
        let off = markers.iter().find(|off| off.is("envsub off") && off.range.start > on.range.start);
        let range = on.range.end..off.map_or(text.len(), |off| off.range.start);
        if let Some(error) = placeholder::refused(Tool::Goose, &source, &range, Form::Shell) {
            return Err(error);
        }
    }
    let cut = down.map_or(text.len(), |down: &Marker<'_>| down.range.start);
    Ok(Found {
        id: number.to_string(),
        number: Some(number),
        name: stem(name).to_owned(),
        up: Section::part(&source, 0..cut, &markers),
        down: down.map(|_| Section::part(&source, cut..text.len(), &markers)),
    })
}
