//! dbmate: `<number>_<name>.sql` with `-- migrate:up` and `-- migrate:down`, in the order of the files' names.

use super::Layout;
use super::numbered::{digits, each_once};
use crate::base::error::{Error, ErrorKind, Result};
use crate::import::folder::{File, Folder, stem};
use crate::import::section::{Found, Section, markers, once, statement_above};
use crate::import::tool::Tool;

pub(in crate::import) struct Dbmate;

const SIGN: &str = "migrate:";

impl Layout for Dbmate {
    fn is_here(&self, folder: &Folder) -> bool {
        let speaks = |file: &File| file.read().is_ok_and(|text| !markers(text.text(), SIGN).is_empty());
        folder.sql_files().any(speaks) && folder.sql_files().all(|file| version(file).is_some())
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        let all = folder.sql_files().filter_map(|file| version(file).map(|id| found(file, id)));
        all.collect::<Result<_>>().and_then(|all| each_once(Tool::Dbmate, all))
    }
}

/// All digits that the name begins with.
fn version(file: &File) -> Option<&str> {
    Some(digits(&file.name).0).filter(|digits| !digits.is_empty())
}

fn found(file: &File, id: &str) -> Result<Found> {
    let source = file.read()?;
    let text = source.text();
    let markers = markers(text, SIGN);
    let first = |word: &str| once(&source, &markers, word, SIGN);
    let (up, down) = (first("up")?, first("down")?);
    let wrong = |message: &str, at: usize| {
        Error::new(ErrorKind::Migration, message).at(source.location(at)).help(
            "dbmate has `-- migrate:up` on a line, what leads there, `-- migrate:down`, and what leads back",
        )
    };
    let Some(up) = up else { return Err(wrong("the file has no line `-- migrate:up`", 0)) };
    if let Some(down) = down.filter(|down| down.range.start < up.range.start) {
        return Err(wrong("`-- migrate:down` is above `-- migrate:up`", down.range.start));
    }
    if let Some(first) = statement_above(text, up.range.start) {
        return Err(wrong("a statement is above `-- migrate:up`, where dbmate refuses it", first));
    }
    let cut = down.map_or(text.len(), |down| down.range.start);
    let name = file.name.get(id.len()..).unwrap_or_default();
    Ok(Found {
        id: id.to_owned(),
        number: id.parse().ok(),
        name: stem(name).to_owned(),
        up: Section::part(&source, 0..cut, &markers),
        down: down.map(|_| Section::part(&source, cut..text.len(), &markers)),
    })
}
