//! A stretch of a file that leads one way, and what of it speaks to the tool.

use std::ops::Range;

use crate::base::source::SourceFile;
use crate::migrations::Version;
use crate::sql::{Kind, tokens_and_comments};

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
    let comments = tokens_and_comments(text).filter(|token| token.kind == Kind::Comment);
    let marker = |token: crate::sql::Token<'a>| {
        let body = token.text.strip_prefix("--")?.trim();
        let (head, says) = body.split_at_checked(sign.len())?;
        let begins_line =
            text.get(..token.start)?.chars().next_back().is_none_or(|c| matches!(c, '\n' | '\u{feff}'));
        let range = token.start..token.start + token.text.trim_end().len();
        (begins_line && head.eq_ignore_ascii_case(sign)).then(|| Marker { range, says: says.trim() })
    };
    comments.filter_map(marker).collect()
}
