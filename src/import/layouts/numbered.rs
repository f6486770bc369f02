//! Files and folders whose names begin with a number.

use std::collections::BTreeMap;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::SourceFile;
use crate::import::folder::File;
use crate::import::section::{Found, Section};
use crate::import::tool::Tool;

/// The number that a name begins with, as it is written, and what follows the separator behind it.
pub(super) fn split(name: &str, separator: char) -> Option<(&str, &str)> {
    let (number, rest) = name.split_once(separator)?;
    is_number(number).then_some((number, rest))
}

/// The digits that a name begins with, and what follows them.
pub(super) fn digits(name: &str) -> (&str, &str) {
    name.split_at(name.bytes().take_while(u8::is_ascii_digit).count())
}

/// Whether it is all digits.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Refuses a migration whose id another has: the tool's history can hold only one.
pub(super) fn each_once(tool: Tool, all: Vec<Found>) -> Result<Vec<Found>> {
    let mut seen: BTreeMap<&str, &Found> = BTreeMap::new();
    for found in &all {
        if let Some(other) = seen.insert(&found.id, found) {
            let (one, next) = (other.up.file.path().display(), found.up.file.path().display());
            let message = format!("{one} and {next} have the same number");
            return Err(Error::new(ErrorKind::Migration, message).about(found.up.file.path()).help(format!(
                "the history of {} can hold one of them: give the other a number of its own",
                tool.title()
            )));
        }
    }
    Ok(all)
}

/// Which way a file leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    There,
    Back,
}

/// A file that leads one way, and the number by which the two ways are paired.
pub(super) struct OneWay<'f> {
    pub(super) number: &'f str,
    pub(super) name: &'f str,
    pub(super) way: Way,
    pub(super) file: &'f File,
}

/// The migrations of files that lead one way each, by their numbers; `section` cuts a file.
pub(super) fn paired(files: Vec<OneWay<'_>>, section: impl Fn(SourceFile) -> Section) -> Result<Vec<Found>> {
    let mut ups: BTreeMap<i64, OneWay<'_>> = BTreeMap::new();
    let mut downs: BTreeMap<i64, OneWay<'_>> = BTreeMap::new();
    for one in files {
        let Ok(number) = one.number.parse() else {
            return Err(one
                .file
                .problem("has a number of more than 63 bits")
                .help("give it a smaller one, and its history row the same"));
        };
        let side = if one.way == Way::There { &mut ups } else { &mut downs };
        if let Some(other) = side.get(&number) {
            return Err(one
                .file
                .problem(&format!("has the number of {}", other.file.name))
                .help("the tool refuses that, too: give one of them a number of its own"));
        }
        side.insert(number, one);
    }
    if let Some((_, down)) = downs.iter().find(|(number, _)| !ups.contains_key(number)) {
        return Err(down.file.problem("is a down without its up").help("add the up, or remove this file"));
    }
    let found = |(number, up): (i64, OneWay<'_>)| {
        let down = downs.get(&number).map(|down| down.file.read().map(&section)).transpose()?;
        Ok(Found {
            id: number.to_string(),
            number: Some(number),
            name: up.name.to_owned(),
            up: section(up.file.read()?),
            down,
        })
    };
    ups.into_iter().map(found).collect()
}
