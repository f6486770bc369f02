//! refinery's checksum: what its history table keeps of a migration, to see that the file was edited.
//!
//! As `refinery::Migration::unapplied` computes it: SipHash 1-3 over name, version and text. The prefix and the
//! file's own spelling of the version are not part of it; every byte of the text is.

use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use siphasher::sip::SipHasher13;

use super::{Migration, Version, VersionWidth};
use crate::base::directive::{Spoken, spoken};
use crate::base::words::words;
use crate::sql::{Kind, Token, identical_tokens, tokens_and_comments};

/// The checksums of a text, with the version and the name that are in them.
#[derive(Default)]
struct Sums {
    narrow: OnceLock<(Version, String, u64)>,
    wide: OnceLock<(Version, String, u64)>,
    tokens: OnceLock<Option<u64>>,
}

impl Migration {
    /// The checksum that refinery records for this migration in a history table of that width.
    pub fn checksum(&self, width: VersionWidth) -> u64 {
        let sums = self.up.known::<Sums>();
        let known = match width {
            VersionWidth::Int4 => &sums.narrow,
            VersionWidth::Int8 => &sums.wide,
        };
        let sum = || self.checksum_of(self.up.text(), width);
        let (version, name, known) = known.get_or_init(|| (self.version, self.name.clone(), sum()));
        if (*version, name) == (self.version, &self.name) { *known } else { sum() }
    }

    /// A checksum of the text that white space does not change: of its tokens and its comments, but for white space between
    /// them, and inside of what comments say to people. It is kept in databases: how it is made has to stay as it is. `None`
    /// of a text that is so long that the checksum would slow down its run: such ones hold rows, and nobody formats them.
    pub fn tokens_checksum(&self) -> Option<u64> {
        *self.up.known::<Sums>().tokens.get_or_init(|| self.sum_of_tokens())
    }

    fn sum_of_tokens(&self) -> Option<u64> {
        let text = Some(self.up.text()).filter(|text| text.len() <= FORMATTED)?;
        let mut hasher = SipHasher13::new();
        let mut part = |kind: u8, text: &str| {
            hasher.write_u8(kind);
            hasher.write(text.as_bytes());
            // No text has this byte.
            hasher.write_u8(0xff);
        };
        for token in tokens_and_comments(text) {
            match token.kind {
                Kind::Comment => comment(text, &token, &mut part),
                _ => part(0, token.text),
            }
        }
        Some(hasher.finish())
    }

    /// What editors, formatters and version control did to the file since it was recorded with this checksum and this one of
    /// its tokens, where that one is known. `None` when it is the very same, or when more than white space was changed.
    pub fn white_space_since(&self, recorded: u64, tokens: Option<u64>) -> Option<WhiteSpace> {
        let text = self.up.text();
        let widths = [VersionWidth::Int4, VersionWidth::Int8];
        let is_recorded = |text: &str| widths.iter().any(|&width| self.checksum_of(text, width) == recorded);
        if is_recorded(text) {
            return None;
        }
        let unix = text.strip_prefix(MARK).unwrap_or(text).replace("\r\n", "\n");
        let body = unix.trim_end_matches('\n');
        // The text may have ended with as many line breaks as it has now, with one, or with none.
        let ends = [unix.clone(), body.to_owned(), format!("{body}\n")];
        let all = ends.iter().flat_map(|unix| [unix.clone(), unix.replace('\n', "\r\n")]);
        let before = all.flat_map(|text| [format!("{MARK}{text}"), text]).find(|text| is_recorded(text));
        let between = before.map(|before| WhiteSpace::between(&before, text));
        let same = || tokens.is_some() && tokens == self.tokens_checksum();
        between.or_else(|| same().then_some(WhiteSpace::ELSEWHERE))
    }

    fn checksum_of(&self, text: &str, width: VersionWidth) -> u64 {
        let mut hasher = SipHasher13::new();
        self.name.hash(&mut hasher);
        match width {
            VersionWidth::Int4 => match i32::try_from(self.version) {
                Ok(narrow) => narrow.hash(&mut hasher),
                // No history of 32-bit versions holds it.
                Err(_) => self.version.hash(&mut hasher),
            },
            VersionWidth::Int8 => self.version.hash(&mut hasher),
        }
        text.hash(&mut hasher);
        hasher.finish()
    }
}

const MARK: char = '\u{feff}';

/// How long a text may be whose tokens are summed up, in bytes.
const FORMATTED: usize = 1 << 20;

/// The parts of a comment. What one says to planctl is obeyed only where it stands on a line of its own, and may have
/// quotes in it: that counts as it is written.
fn comment(text: &str, token: &Token<'_>, part: &mut impl FnMut(u8, &str)) {
    match spoken(token.text) {
        Spoken::Prose => {
            part(1, token.text.get(..2).unwrap_or_default());
            let said = token.text.get(2..).unwrap_or_default();
            said.trim_end_matches("*/").split_ascii_whitespace().for_each(|word| part(2, word));
        }
        Spoken::Said(_) | Spoken::NearMiss { .. } => {
            let before = text.get(..token.start).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default();
            let alone = line.trim_start_matches(MARK).trim_ascii().is_empty();
            part(if alone { 3 } else { 4 }, token.text.trim_ascii_end());
        }
    }
}

/// How two texts differ that differ in white space.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WhiteSpace {
    /// Whether lines ended with CRLF before, and whether they do now, where that differs.
    pub line_endings: Option<[LineEnding; 2]>,
    /// Whether there was a byte-order mark before, and whether there is one now, where that differs.
    pub mark: Option<[bool; 2]>,
    /// How many line breaks stood at the end before, and how many stand there now, where that differs.
    pub last_breaks: Option<[usize; 2]>,
    /// Whether it is white space somewhere between tokens or in comments: the text of before is not known to say where.
    pub elsewhere: bool,
    /// Whether a literal or a name spans lines, and is another one now.
    pub in_literals: bool,
}

words! {
    /// What ends a line.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum LineEnding {
        /// As Unix has it.
        Lf = "LF",
        /// As Windows has it.
        CrLf = "CRLF",
        /// Some of each.
        Mixed = "both LF and CRLF",
    }
}

impl LineEnding {
    fn of(text: &str) -> LineEnding {
        let (all, windows) = (text.matches('\n').count(), text.matches("\r\n").count());
        match windows {
            0 => LineEnding::Lf,
            _ if windows == all => LineEnding::CrLf,
            _ => LineEnding::Mixed,
        }
    }
}

impl WhiteSpace {
    /// Somewhere outside of literals.
    const ELSEWHERE: WhiteSpace =
        WhiteSpace { line_endings: None, mark: None, last_breaks: None, elsewhere: true, in_literals: false };

    fn between(before: &str, now: &str) -> WhiteSpace {
        let both = [before, now];
        let bodies = both.map(|text| text.strip_prefix(MARK).unwrap_or(text));
        let breaks = bodies.map(|text| {
            let unix = text.replace("\r\n", "\n");
            unix.len() - unix.trim_end_matches('\n').len()
        });
        let [was, is] = bodies.map(LineEnding::of);
        // A text without a line break has no line endings of its own.
        let lines = bodies.iter().all(|text| text.contains('\n'));
        WhiteSpace {
            line_endings: (lines && was != is).then_some([was, is]),
            mark: Some(both.map(|text| text.starts_with(MARK))).filter(|[was, is]| was != is),
            last_breaks: Some(breaks).filter(|[was, is]| was != is),
            elsewhere: false,
            in_literals: !identical_tokens(bodies[0], bodies[1]),
        }
    }

    /// Both sides: "had CRLF line endings, and has LF".
    pub fn sentence(self) -> String {
        let mut parts = Vec::new();
        if self.elsewhere {
            parts.push("now has different spaces, tabs or line breaks outside of literals".to_owned());
        }
        if let Some([was, is]) = self.line_endings {
            parts.push(format!("had {} line endings, and has {} now", was.as_str(), is.as_str()));
        }
        if let Some([had, _]) = self.mark {
            parts.push(
                if had {
                    "began with a byte-order mark that it does not have now"
                } else {
                    "began without the byte-order mark that it has now"
                }
                .to_owned(),
            );
        }
        if let Some([was, is]) = self.last_breaks {
            let shown = |count: usize| match count {
                0 => "no line break".to_owned(),
                1 => "one line break".to_owned(),
                several => format!("{several} line breaks"),
            };
            parts.push(format!("ended with {}, and ends with {} now", shown(was), shown(is)));
        }
        parts.join(", and ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::source::SourceFile;

    fn migration(text: &str) -> Migration {
        Migration { version: 3, name: "x".to_owned(), up: SourceFile::new("V3__x.sql", text), down: None }
    }

    #[test]
    fn what_differs_in_white_space_is_told_apart_from_edits_and_from_each_other() {
        let now = migration("SELECT 1;\nSELECT 2;\n");
        let since = |now: &Migration, recorded: &str| {
            let since = now.white_space_since(migration(recorded).checksum(VersionWidth::Int8), None);
            since.map(|since| format!("{}: {}", since.in_literals, since.sentence()))
        };
        for (recorded, expected) in [
            ("SELECT 1;\r\nSELECT 2;\r\n", "false: had CRLF line endings, and has LF now"),
            (
                "\u{feff}SELECT 1;\nSELECT 2;\n",
                "false: began with a byte-order mark that it does not have now",
            ),
            ("SELECT 1;\nSELECT 2;", "false: ended with no line break, and ends with one line break now"),
            (
                "\u{feff}SELECT 1;\r\nSELECT 2;",
                "false: had CRLF line endings, and has LF now, and began with a byte-order mark that it does not have now, \
                 and ended with no line break, and ends with one line break now",
            ),
        ] {
            assert_eq!(since(&now, recorded).as_deref(), Some(expected), "{recorded:?}");
        }
        assert_eq!(since(&now, "SELECT 1;\nSELECT 2;\n"), None, "the same text differs in nothing");
        assert_eq!(since(&now, "SELECT 1;\nSELECT 3;\n"), None);
        let literal = since(&migration("SELECT 'a\nb';\n"), "SELECT 'a\r\nb';\r\n");
        assert_eq!(literal.as_deref(), Some("true: had CRLF line endings, and has LF now"));
    }

    #[test]
    fn the_checksum_of_tokens_is_that_of_databases_and_minds_everything_but_white_space() {
        let sum = |text: &str| migration(text).tokens_checksum();
        let text = "-- planctl:allow x 'a  b'\nSELECT 1, 'a  b'; -- one  two\n/* three */ SELECT [a b];\n";
        // Databases hold it: another one would make every file an edited one.
        assert_eq!(sum(text), Some(10_749_170_570_151_315_843));
        for same in [
            "\u{feff}\n-- planctl:allow x 'a  b' \r\nSELECT\t1 ,\n'a  b' ;-- one two\n/*\tthree*/SELECT [a b] ;",
            "  -- planctl:allow x 'a  b'\nSELECT 1,'a  b';\n--\tone two  \n\n/* three */\n\nSELECT [a b];\n\n",
        ] {
            assert_eq!(sum(same), sum(text), "{same}");
        }
        for (from, to) in [
            ("'a  b'; ", "'a b'; "),
            ("x 'a  b'", "x 'a b'"),
            ("-- planctl:allow x 'a  b'\n", "SELECT 0; -- planctl:allow x 'a  b'\n"),
            ("[a b]", "[a  b]"),
            ("one  two", "onetwo"),
            ("one  two", "one 2"),
            ("SELECT 1", "select 1"),
            ("SELECT 1", "SELECT1"),
            ("; -- one  two\n", ";\n"),
            ("/* three */ SELECT", "SELECT /* three */"),
            ("/* three */", "-- three\n"),
        ] {
            assert_ne!(sum(&text.replacen(from, to, 1)), sum(text), "{from}");
        }
        assert_eq!(sum(&"SELECT 1;\n".repeat(1 << 17)), None);
        // A directive behind a statement is another one than on a line of its own.
        let of_its_own = "SELECT 1;\n-- planctl:backfill x\n";
        assert_ne!(sum(of_its_own), sum(&of_its_own.replace(";\n", "; ")));
    }
}
