//! A section as planctl runs it, and as the tool did.

use std::ops::Range;

use crate::base::error::Result;
use crate::base::source::{Location, SourceFile};
use crate::migrations::{Unfit, both_ways, refused_statement, unfit};
use crate::sql::{Kind, Pragma, one_line, replaced, statements, tokens, tokens_and_comments};

use super::section::Section;
use super::tool::Tool;

/// One way of a migration.
#[derive(Clone, Debug)]
pub struct Script {
    file: SourceFile,
    /// Empty lines in front of the text, so that its lines are those of the file that it is a part of.
    above: usize,
    /// The text without what follows from planctl's way to run it.
    original: SourceFile,
    /// What became a comment, and does not run.
    pub left_out: Vec<LeftOut>,
}

/// A statement that became a comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// The statement, on one line.
    pub statement: String,
    /// Why it does not run.
    pub why: Why,
    /// Where it stands in the tool's file.
    pub location: Location,
}

/// Why a statement is left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Why {
    /// `BEGIN`, and the `COMMIT` that belongs to it.
    OneTransaction,
    /// Whether foreign keys are enforced.
    ForeignKeysAreOff,
    /// `VACUUM` and settings that only take hold outside a transaction.
    OutsideOnly,
}

impl Why {
    /// To follow "left out, since".
    pub fn sentence(self) -> &'static str {
        match self {
            Why::OneTransaction => "each migration is one transaction",
            Why::ForeignKeysAreOff => {
                "foreign keys are off while a migration runs, and checked before it commits"
            }
            Why::OutsideOnly => "it does not work inside the transaction of a migration",
        }
    }
}

impl Script {
    /// Reads a section of a file of this tool.
    ///
    /// # Errors
    /// `Migration` when a statement cannot be part of a migration, whatever is left out.
    pub(super) fn of(tool: Tool, section: &Section) -> Result<Script> {
        let text = section.file.text();
        let part = text.get(section.range.clone()).unwrap_or_default();
        let above = text.get(..section.range.start).unwrap_or_default().matches('\n').count();
        let in_place =
            |text: &str| SourceFile::new(section.file.path(), format!("{}{text}", "\n".repeat(above)));
        let original = replaced(part, silenced(tool, section, part));
        let left = left_out(&original);
        let comment = |(range, why): &(Range<usize>, Why)| {
            let statement = one_line(original.get(range.clone()).unwrap_or_default());
            let statement = statement.trim_end_matches(';').replace("*/", "* /");
            (range.clone(), format!("/* left out, since {}: {statement} */", why.sentence()))
        };
        let file = in_place(&replaced(&original, left.iter().map(comment)));
        if let Some(error) = refused_statement(&file) {
            return Err(error);
        }
        // Another tool's markers, which would be comments here.
        if let Some(error) = both_ways(&file) {
            return Err(error.help(
                "name the tool that has such markers with --from, or write the two ways as two files in a copy of the \
                 folder, and import that one",
            ));
        }
        let original = in_place(&original);
        let left_out = left
            .into_iter()
            .map(|(range, why)| LeftOut {
                statement: one_line(
                    original.text().get(above + range.start..above + range.end).unwrap_or_default(),
                ),
                why,
                location: original.location(above + range.start),
            })
            .collect();
        Ok(Script { file, above, original, left_out })
    }

    /// As planctl runs it; its places are those of the tool's file.
    pub fn file(&self) -> &SourceFile {
        &self.file
    }

    /// As the tool runs it, in the same places.
    pub fn original(&self) -> &SourceFile {
        &self.original
    }

    /// As it is written, below a line at its head.
    pub(super) fn written(&self, head: Option<String>) -> String {
        let text = self.file.text().get(self.above..).unwrap_or_default();
        match head {
            // The mark of a file's beginning stays there.
            Some(head) => match text.strip_prefix('\u{feff}') {
                Some(text) => format!("\u{feff}{head}\n{text}"),
                None => format!("{head}\n{text}"),
            },
            None => text.to_owned(),
        }
    }
}

/// Markers as comments that speak to nobody, in order.
fn silenced(tool: Tool, section: &Section, part: &str) -> Vec<(Range<usize>, String)> {
    let base = section.range.start;
    let said = |marker: &Range<usize>| {
        let text = part.get(marker.start - base..marker.end - base).unwrap_or_default();
        let says = text.trim_start_matches(['-', '>', ' ', '\t']);
        format!("-- {}'s marker: {says}", tool.title())
    };
    let mut edits: Vec<(Range<usize>, String)> =
        section.markers.iter().map(|marker| (marker.start - base..marker.end - base, said(marker))).collect();
    for marker in &section.breaks {
        let before = part.get(..marker.start - base).unwrap_or_default();
        // The tool hands out each piece by itself, so the last statement of one needs no semicolon.
        let open = statements(before)
            .last()
            .is_some_and(|last| !last.text.ends_with(';') && tokens(last.text).next().is_some());
        let semicolon = if open { ";" } else { "" };
        edits.push((marker.start - base..marker.end - base, format!("{semicolon}{}", said(marker))));
    }
    edits.sort_unstable_by_key(|(range, _)| range.start);
    edits
}

/// The statements of a text that do not run under planctl, and need not.
fn left_out(text: &str) -> Vec<(Range<usize>, Why)> {
    let mut left = Vec::new();
    // A BEGIN is left out with its COMMIT, or not at all: what is left of a pair is refused later, with its place.
    let mut begun = None;
    for statement in statements(text) {
        let range = statement.start..statement.end();
        match unfit(statement.text) {
            Some((Unfit::TransactionControl, word)) => match (word.as_str(), begun.take()) {
                ("BEGIN", None) => begun = Some(range),
                ("COMMIT" | "END", Some(begin)) => {
                    left.push((begin, Why::OneTransaction));
                    left.push((range, Why::OneTransaction));
                }
                _ => {}
            },
            Some((Unfit::OutsideOnly, _)) => left.push((range, Why::OutsideOnly)),
            Some((Unfit::Attach, _)) => {}
            None => {
                let enforces = |pragma: Pragma| pragma.name == "foreign_keys" && pragma.value.is_some();
                if Pragma::read(tokens(statement.text)).is_some_and(enforces) {
                    left.push((range, Why::ForeignKeysAreOff));
                }
            }
        }
    }
    left.sort_unstable_by_key(|(range, _)| range.start);
    left
}

/// The comments of a stretch of a text that hold `words`, as Drizzle cuts there.
pub(super) fn comments_with(text: &str, words: &str) -> Vec<Range<usize>> {
    let comments = tokens_and_comments(text).filter(|token| token.kind == Kind::Comment);
    let holds = |token: &crate::sql::Token<'_>| token.text.starts_with("--") && token.text.contains(words);
    comments.filter(holds).map(|token| token.start..token.start + token.text.trim_end().len()).collect()
}
