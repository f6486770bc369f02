//! sqlx: `<number>_<description>.sql`, or `.up.sql` and `.down.sql`, in the order of their numbers. Any folder of numbered
//! files that lead one way is read so.

use super::Layout;
use super::numbered::{OneWay, Way, paired, split};
use crate::base::error::Result;
use crate::base::source::SourceFile;
use crate::import::folder::{File, Folder};
use crate::import::section::{Found, Section, markers};

pub(in crate::import) struct Sqlx;

impl Layout for Sqlx {
    fn is_here(&self, folder: &Folder) -> bool {
        let mut files = folder.sql_files().peekable();
        files.peek().is_some() && files.all(|file| one_way(file).is_some())
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        let files = folder.sql_files().filter(|file| file.name.contains('_')).map(|file| {
            one_way(file).ok_or_else(|| {
                file.problem("does not begin with a number and `_`").help("sqlx refuses it, too: rename it")
            })
        });
        paired(files.collect::<Result<_>>()?, section)
    }
}

/// `-- no-transaction` speaks to sqlx on the first line.
fn section(file: SourceFile) -> Section {
    let first: Vec<_> = markers(file.text(), "no-transaction")
        .into_iter()
        .filter(|marker| marker.range.start <= '\u{feff}'.len_utf8())
        .collect();
    Section::marked(&file, &first)
}

fn one_way(file: &File) -> Option<OneWay<'_>> {
    let (number, rest) = split(&file.name, '_')?;
    let (name, way) = match rest.strip_suffix(".down.sql") {
        Some(name) => (name, Way::Back),
        None => {
            let name = rest.strip_suffix(".sql")?;
            (name.strip_suffix(".up").unwrap_or(name), Way::There)
        }
    };
    Some(OneWay { number, name, way, file })
}
