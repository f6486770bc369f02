//! Comments that speak to planctl: which do, which only look like it, and how what they say is taken apart.
//!
//! A directive is `-- planctl:` and a word that is known. What is written almost so is no prose that may be passed over:
//! whoever wrote it means it to be obeyed.

use super::error::{Error, ErrorKind};
use super::nearest::slip;
use crate::sql;

/// What a migration may say.
pub const OF_MIGRATIONS: [&str; 5] = ["backfill", "assert", "irreversible", "allow", "replaces"];

/// What a specification may say.
pub const OF_SPECS: [&str; 3] = ["fill", "renamed-from", "new"];

const NAME: &str = "planctl";
const PREFIX: &str = "planctl:";

/// What follows `-- planctl:` in a comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Body<'a> {
    /// The directive's word and what belongs to it, without white space around.
    pub text: &'a str,
    /// Byte offset in the comment.
    pub offset: usize,
}

/// What a comment is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Spoken<'a> {
    /// For people.
    Prose,
    /// Directives, or what would be one if its word were known: one, or several one behind the other.
    Said(Vec<Body<'a>>),
    /// Almost a directive.
    NearMiss {
        /// Byte offset in the comment of what looks like one.
        offset: usize,
        /// How it is written.
        meant: String,
    },
}

impl<'a> Body<'a> {
    /// The first word, and what follows it.
    pub fn split(&self) -> (&'a str, &'a str) {
        split_word(self.text)
    }
}

/// The first word, and what follows it without the space between them.
pub fn split_word(text: &str) -> (&str, &str) {
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (text, ""),
    }
}

fn known() -> impl Iterator<Item = &'static str> {
    OF_MIGRATIONS.into_iter().chain(OF_SPECS)
}

/// Whether a text can hold a directive, or something like one, at all. Most hold none, and then nobody has to look at
/// their comments.
pub fn may_hold_one(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_at = |at: usize, word: &str| {
        bytes.get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    };
    memchr::memchr2_iter(b'p', b'P', bytes).any(|at| is_at(at, NAME))
        || memchr::memchr_iter(b':', bytes).any(|at| {
            let space = bytes.get(at + 1..).unwrap_or_default().iter().take_while(|b| **b == b' ').count();
            known().any(|word| is_at(at + 1 + space, word))
        })
}

/// Reads a comment, its marks included.
///
/// `-- planctl: prose` is prose, unless its first word is almost a directive's.
pub fn spoken(comment: &str) -> Spoken<'_> {
    let Some(line) = comment.strip_prefix("--") else { return in_block(comment) };
    let text = line.trim_start();
    let marks = text.trim_start_matches(|c: char| c.is_whitespace() || "-*#!/>".contains(c));
    match meaning(marks) {
        // Behind prose, it looks like one only with its own dashes.
        None => match behind(line) {
            Some(at) => almost(comment, at),
            None => Spoken::Prose,
        },
        Some(Meaning::Exact(body)) if marks.len() == text.len() => said(comment, body),
        Some(_) => almost(comment, marks),
    }
}

/// In `/* … */` nothing is obeyed.
fn in_block(comment: &str) -> Spoken<'_> {
    let inner = comment.strip_prefix("/*").unwrap_or(comment);
    let lines = inner.split('\n').map(|line| line.trim_start_matches([' ', '\t', '*', '!']));
    match lines.into_iter().find(|line| meaning(line).is_some()) {
        Some(line) => almost(comment, line),
        None => Spoken::Prose,
    }
}

/// Byte offset in `comment` of a part of it.
fn offset_of(part: &str, comment: &str) -> usize {
    part.as_ptr().addr().saturating_sub(comment.as_ptr().addr())
}

fn almost<'a>(comment: &'a str, at: &'a str) -> Spoken<'a> {
    let text = at.trim_end_matches("*/").trim_end();
    let meant = match meaning(text) {
        Some(Meaning::Exact(body)) => format!("-- {PREFIX}{body}"),
        Some(Meaning::Almost(word, rest)) => format!("-- {PREFIX}{word} {rest}").trim_end().to_owned(),
        None => format!("-- {text}"),
    };
    Spoken::NearMiss { offset: offset_of(at, comment), meant }
}

/// What to say of a comment that is almost a directive; where it stands is for the caller to add.
pub fn near_miss(kind: ErrorKind, meant: &str) -> Error {
    Error::new(kind, "this looks like a directive, but is not one and would be ignored").help(format!(
        "write `{meant}` as a comment of its own, with nothing before it but the two dashes; do not begin prose about it with planctl and the directive's word"
    ))
}

enum Meaning<'a> {
    /// What stands behind `planctl:`.
    Exact(&'a str),
    /// The word that is meant, and what follows it.
    Almost(&'static str, &'a str),
}

/// What a text says to planctl when it begins with its name, or almost so.
fn meaning(text: &str) -> Option<Meaning<'_>> {
    let exactly = |word: &str| known().find(|known| known.eq_ignore_ascii_case(&word.replace('_', "-")));
    if text.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)) {
        let behind = text.get(NAME.len()..)?;
        if let Some(body) = behind.strip_prefix(':') {
            let (word, _) = split_word(body.trim());
            let is_prose =
                word.is_empty() || (body.starts_with(char::is_whitespace) && slip(word, known()).is_none());
            return (!is_prose).then_some(Meaning::Exact(body.trim()));
        }
        let body = behind.trim_start_matches(|c: char| c.is_whitespace() || ":-_./=,;".contains(c));
        let (word, rest) = split_word(body.trim_end_matches("*/"));
        return exactly(word).filter(|_| body.len() < behind.len()).map(|word| Meaning::Almost(word, rest));
    }
    let (name, behind) = text.split_once(':')?;
    let name = name.trim_end();
    slip(name, [NAME]).filter(|_| name.chars().all(char::is_alphabetic))?;
    let (word, rest) = split_word(behind.trim());
    exactly(word).map(|word| Meaning::Almost(word, rest))
}

/// What looks like a directive behind something else in a comment.
fn behind(line: &str) -> Option<&str> {
    // Quoted, as in this sentence about `-- planctl:new`, it is prose.
    let free = |at: &usize| line.get(..*at).is_some_and(|before| before.ends_with(char::is_whitespace));
    let places = line.match_indices("--").map(|(at, _)| at).filter(free);
    places.map(|at| line.get(at + 2..).unwrap_or_default().trim_start()).find(|text| {
        text.get(..PREFIX.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(PREFIX))
            && meaning(text).is_some()
    })
}

/// The directives of a comment that begins with one. The next one has dashes of its own, outside of quotes.
fn said<'a>(comment: &'a str, first: &'a str) -> Spoken<'a> {
    let mut bodies = Vec::new();
    let mut rest = first;
    loop {
        let next = rest.match_indices("--").find_map(|(at, _)| {
            let text = rest.get(at + 2..)?.trim_start();
            let is_quoted = ['\'', '"'].iter().any(|quote| {
                let quotes = rest.get(..at).unwrap_or_default().matches(*quote).count();
                !quotes.is_multiple_of(2)
            });
            let prefix = text.get(..PREFIX.len())?;
            let is_next = !is_quoted && prefix.eq_ignore_ascii_case(PREFIX);
            is_next.then(|| (at, text.get(PREFIX.len()..).unwrap_or_default().trim()))
        });
        let text = rest.get(..next.map_or(rest.len(), |(at, _)| at)).unwrap_or_default().trim_end();
        bodies.push(Body { text, offset: offset_of(text, comment) });
        match next {
            Some((_, behind)) => rest = behind,
            None => return Spoken::Said(bodies),
        }
    }
}

/// The value at the start of `text`, without its quotes, and how long it is with them; `None` when its quote is not closed.
/// A quote inside is written twice.
pub fn value(text: &str) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    let len = match bytes.first().copied() {
        Some(quote @ (b'"' | b'\'')) => {
            let mut quotes = 0_usize;
            let behind = bytes.iter().position(|byte| {
                let is_quote = *byte == quote;
                quotes += usize::from(is_quote);
                !is_quote && quotes.is_multiple_of(2)
            });
            behind.or_else(|| quotes.is_multiple_of(2).then_some(bytes.len()))?
        }
        _ => text.find(char::is_whitespace).unwrap_or(text.len()),
    };
    Some((sql::unquote(text.get(..len)?), len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(comment: &str) -> Vec<&str> {
        match spoken(comment) {
            Spoken::Said(bodies) => {
                for body in &bodies {
                    assert_eq!(&comment[body.offset..body.offset + body.text.len()], body.text);
                }
                bodies.iter().map(|body| body.text).collect()
            }
            other => panic!("{comment}: {other:?}"),
        }
    }

    #[test]
    fn a_directive_is_told_by_its_first_word() {
        assert_eq!(texts("-- planctl:fill value=7 "), ["fill value=7"]);
        assert_eq!(texts("--PLANCTL:new\r"), ["new"]);
        assert_eq!(texts("-- planctl: fill value=7"), ["fill value=7"]);
        assert_eq!(
            texts("-- planctl:fil value=7"),
            ["fil value=7"],
            "an unknown word is for the reader to refuse"
        );
        assert_eq!(
            texts("-- planctl:renamed-from a -- planctl:fill value='--' -- planctl:new"),
            ["renamed-from a", "fill value='--'", "new"]
        );
        assert_eq!(texts("-- planctl:fill value='-- planctl:new'"), ["fill value='-- planctl:new'"]);
    }

    #[test]
    fn what_is_almost_a_directive_is_no_prose() {
        for (comment, at, meant) in [
            ("-- planctl backfill root-ancestor", 3, "-- planctl:backfill root-ancestor"),
            ("---- planctl:allow x y", 5, "-- planctl:allow x y"),
            ("/* planctl:fill value=7 */", 3, "-- planctl:fill value=7"),
            ("/*\n * planctl:new\n */", 6, "-- planctl:new"),
            ("/* planctl fill value=7 */", 3, "-- planctl:fill value=7"),
            ("-- planctl-fill value=7", 3, "-- planctl:fill value=7"),
            ("-- planctl renamed_from a", 3, "-- planctl:renamed-from a"),
            ("-- planctl :new", 3, "-- planctl:new"),
            ("-- plantcl:irreversible gone", 3, "-- planctl:irreversible gone"),
            ("--# planctl:new", 4, "-- planctl:new"),
            ("-- its owner -- planctl:fill value=7", 16, "-- planctl:fill value=7"),
        ] {
            let expected = Spoken::NearMiss { offset: at, meant: meant.to_owned() };
            assert_eq!(spoken(comment), expected, "{comment}");
            assert!(may_hold_one(comment), "{comment}");
        }
    }

    #[test]
    fn prose_about_planctl_is_prose() {
        for comment in [
            "-- planctl: see the manual",
            "-- planctl:",
            "-- planctl",
            "-- planctl is told in planctl:fill",
            "-- see planctl:backfill",
            "-- write `-- planctl:new` above it",
            "-- planctl's own",
            "-- planctlx fill",
            "/* -- planctl:fill value=7 */",
            "/* about\n-- planctl:backfill\n*/",
            "-- state: new or old",
            "-- x",
            "/**/",
        ] {
            assert_eq!(spoken(comment), Spoken::Prose, "{comment}");
        }
        assert!(!may_hold_one("CREATE TABLE plans (a); -- state: old"));
    }

    #[test]
    fn a_value_ends_with_its_quote() {
        let read = |text| value(text);
        assert_eq!(read("a b"), Some(("a".to_owned(), 1)));
        assert_eq!(read("\"a b\" c"), Some(("a b".to_owned(), 5)));
        assert_eq!(read("'it''s'"), Some(("it's".to_owned(), 7)));
        assert_eq!(read("'a"), None);
        assert_eq!(read(""), Some((String::new(), 0)));
    }

    proptest::proptest! {
        #[test]
        fn any_comment_is_read_without_a_panic(text in "\\PC*|(--|/\\*)[ *-]*plan?ctl[: _-]*(fill|new|allow) [a-z=\"' -é]*") {
            for comment in [text.clone(), format!("-- planctl:{text}"), format!("/*{text}*/")] {
                if let Spoken::Said(bodies) = spoken(&comment) {
                    for body in bodies {
                        let _ = value(body.split().1);
                    }
                }
            }
        }
    }
}
