//! A stretch of a file that leads one way, and what of it speaks to the tool.

use std::ops::Range;

use crate::base::error::Result;
use crate::base::source::SourceFile;
use crate::migrations::Version;
use crate::sql::{Kind, statements, tokens_and_comments};

use super::folder::problem_at;

/// A migration as a layout finds it.
pub(super) struct Found {
    /// What the tool's history calls it.
    pub(super) id: String,
    /// Its version, where that is a whole number.
    pub(super) number: Option<Version>,
    /// Its name, as the tool has it.
    pub(super) name: String,
    /// The way there.
    pub(super) up: Section,
    /// The way back.
    pub(super) down: Option<Section>,
}

/// A stretch of a file that leads one way.
pub(super) struct Section {
    /// The file, whole.
    pub(super) file: SourceFile,
    /// The stretch.
    pub(super) range: Range<usize>,
    /// The comments in it that speak to the tool.
    pub(super) markers: Vec<Range<usize>>,
    /// Those of them at which the tool cuts the text into statements.
    pub(super) breaks: Vec<Range<usize>>,
}

impl Section {
    /// A file that leads one way, in which nothing speaks to the tool.
    pub(super) fn whole(file: SourceFile) -> Section {
        let range = 0..file.text().len();
        Section { file, range, markers: Vec::new(), breaks: Vec::new() }
    }

    /// A part of a file; of its markers, those that stand in the part.
    pub(super) fn part(file: &SourceFile, range: Range<usize>, markers: &[Marker<'_>]) -> Section {
        let inside = markers.iter().filter(|marker| range.contains(&marker.range.start));
        let markers = inside.map(|marker| marker.range.clone()).collect();
        Section { file: file.clone(), range, markers, breaks: Vec::new() }
    }

    /// A file that leads one way, with these markers.
    pub(super) fn marked(file: &SourceFile, markers: &[Marker<'_>]) -> Section {
        Section::part(file, 0..file.text().len(), markers)
    }
}

/// The marker that begins with `word`, of which a file has one at most. dbmate and sql-migrate take more, and put together
/// what they hold, each in an order of its own.
///
/// # Errors
/// Where it is here again.
pub(super) fn once<'m, 'a>(
    source: &SourceFile,
    markers: &'m [Marker<'a>],
    word: &str,
    sign: &str,
) -> Result<Option<&'m Marker<'a>>> {
    let mut all = markers.iter().filter(|marker| marker.begins(word));
    let first = all.next();
    match all.next() {
        Some(again) => {
            Err(problem_at(source, again.range.start, &format!("`-- {sign}{word}` is here again")).help(
                "write all that leads there below the first of them, and all that leads back below one line, what was done \
                 last first, in a copy of the folder; import that one",
            ))
        }
        None => Ok(first),
    }
}

/// Where a statement begins that stands above a place.
pub(super) fn statement_above(text: &str, place: usize) -> Option<usize> {
    statements(text).first().map(|first| first.start).filter(|first| *first < place)
}

/// A comment that speaks to the tool.
#[derive(Clone, Debug)]
pub(super) struct Marker<'a> {
    /// Where it stands.
    pub(super) range: Range<usize>,
    /// What it says behind the tool's sign, without white space around.
    pub(super) says: &'a str,
}

impl Marker<'_> {
    /// Whether it says this, in any case and with any space between the words.
    pub(super) fn is(&self, words: &str) -> bool {
        let (mut said, mut wanted) = (self.says.split_whitespace(), words.split_whitespace());
        loop {
            match (said.next(), wanted.next()) {
                (None, None) => return true,
                (Some(a), Some(b)) if a.eq_ignore_ascii_case(b) => {}
                _ => return false,
            }
        }
    }

    /// Whether its first word is this one, in any case.
    pub(super) fn begins(&self, word: &str) -> bool {
        self.says.split_whitespace().next().is_some_and(|first| first.eq_ignore_ascii_case(word))
    }
}

/// The line comments of a text that begin their line with `sign`, white space behind the dashes left out, in any case.
pub(super) fn markers<'a>(text: &'a str, sign: &str) -> Vec<Marker<'a>> {
    let is_first = |before: &str| before.is_empty() || before.ends_with(['\n', '\u{feff}']);
    markers_where(text, sign, is_first)
}

/// The same with white space allowed in front of the dashes.
pub(super) fn indented_markers<'a>(text: &'a str, sign: &str) -> Vec<Marker<'a>> {
    let is_first = |before: &str| {
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.trim_start_matches('\u{feff}').trim().is_empty()
    };
    markers_where(text, sign, is_first)
}

fn markers_where<'a>(text: &'a str, sign: &str, is_first: impl Fn(&str) -> bool) -> Vec<Marker<'a>> {
    let comments = tokens_and_comments(text).filter(|token| token.kind == Kind::Comment);
    let marker = |token: crate::sql::Token<'a>| {
        let body = token.text.strip_prefix("--")?.trim();
        let (head, says) = body.split_at_checked(sign.len())?;
        let begins_line = is_first(text.get(..token.start)?);
        let range = token.start..token.start + token.text.trim_end().len();
        (begins_line && head.eq_ignore_ascii_case(sign)).then(|| Marker { range, says: says.trim() })
    };
    comments.filter_map(marker).collect()
}
