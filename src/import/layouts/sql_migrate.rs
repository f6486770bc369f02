//! sql-migrate: `<name>.sql` with `-- +migrate Up` and `-- +migrate Down`, in the order of the numbers that the names begin
//! with, and those without a number behind them.

use super::Layout;
use super::numbered::digits;
use crate::base::error::{Error, Result};
use crate::base::source::SourceFile;
use crate::import::folder::{File, Folder, problem_at, stem};
use crate::import::section::{Found, Marker, Section, markers, once, statement_above};

pub(in crate::import) struct SqlMigrate;

const SIGN: &str = "+migrate";

impl Layout for SqlMigrate {
    fn is_here(&self, folder: &Folder) -> bool {
        let speaks = |file: &File| file.read().is_ok_and(|text| !markers(text.text(), SIGN).is_empty());
        folder.sql_files().any(speaks)
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        let mut all = folder.sql_files().map(found).collect::<Result<Vec<_>>>()?;
        all.sort_by(|a, b| (a.number.is_none(), a.number, &a.id).cmp(&(b.number.is_none(), b.number, &b.id)));
        Ok(all)
    }
}

fn found(file: &File) -> Result<Found> {
    let source = file.read()?;
    let text = source.text();
    let markers = markers(text, SIGN);
    let wrong = |message: &str, at: usize| {
        problem_at(&source, at, message).help(
            "sql-migrate has `-- +migrate Up` on a line, what leads there, `-- +migrate Down`, and what leads back: write \
             that in a copy of the folder, and import that one",
        )
    };
    if let Some(passed) = markers.iter().find(|marker| !is_read(text, marker)) {
        return Err(wrong(
            "sql-migrate passes over this line: it reads its markers letter by letter",
            passed.range.start,
        ));
    }
    let first = |word: &str| once(&source, &markers, word, "+migrate ");
    let (up, down) = (first("Up")?, first("Down")?);
    let Some(up) = up else { return Err(wrong("the file has no line `-- +migrate Up`", 0)) };
    let (up, end) = (up.range.start, text.len());
    let down = down.map(|down| down.range.start);
    let head = down.map_or(up, |down| up.min(down));
    if let Some(above) = statement_above(text, head) {
        return Err(wrong("a statement is above the markers, where sql-migrate passes over it", above));
    }
    let (there, back) = match down {
        None => (0..end, None),
        Some(down) if down < up => (up..end, Some(0..up)),
        Some(down) => (0..down, Some(down..end)),
    };
    let (number, name) = digits(&file.name);
    let number = match number {
        "" => None,
        digits => Some(digits.parse().map_err(|_| too_large(file, &source))?),
    };
    Ok(Found {
        id: file.name.clone(),
        number,
        name: stem(name).to_owned(),
        up: Section::part(&source, there, &markers),
        down: back.map(|back| Section::part(&source, back, &markers)),
    })
}

/// Whether it is a marker to sql-migrate: these letters, at the very beginning of a line.
fn is_read(text: &str, marker: &Marker<'_>) -> bool {
    let line = text.get(marker.range.clone()).unwrap_or_default();
    let known = ["Up", "Down", "StatementBegin", "StatementEnd"];
    let begins_line = text.get(..marker.range.start).is_some_and(|before| !before.ends_with('\u{feff}'));
    begins_line
        && line.starts_with("-- +migrate ")
        && known.iter().any(|known| marker.says.split_whitespace().next() == Some(*known))
}

fn too_large(file: &File, source: &SourceFile) -> Error {
    file.problem("has a number of more than 63 bits")
        .about(source.path())
        .help("sql-migrate refuses that, too: give it a smaller one")
}
