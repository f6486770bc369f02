//! Patterns for names, as shells have them: of tables, of files.

/// A pattern: `*` is any number of characters, `?` is one, `[a-z]` one of these, `[!a-z]` one of all others. Case counts;
/// where it should not, whoever asks lowers both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern(Vec<Part>);

/// A part of a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    /// This character.
    One(char),
    /// `?`
    Any,
    /// `*`
    Many,
    /// `[a-z]`, `[!a-z]`
    Of { ranges: Vec<(char, char)>, not: bool },
}

/// A `[` that is not closed: [`CLOSE_IT`] says what to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotClosed;

/// What to do about a `[` that is not closed.
pub const CLOSE_IT: &str = "close it, or write [[] for the character itself";

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When a `[` in it is not closed.
    pub fn read(text: &str) -> Result<Pattern, NotClosed> {
        let mut parts = Vec::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            parts.push(match c {
                '*' => Part::Many,
                '?' => Part::Any,
                '[' => class(&mut rest).ok_or(NotClosed)?,
                c => Part::One(c),
            });
        }
        Ok(Pattern(parts))
    }

    /// Whether it is the pattern of a name.
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        matches(&self.0, &name)
    }
}

/// What stands behind a `[`. A `]` that is the first is meant itself.
fn class(rest: &mut std::str::Chars<'_>) -> Option<Part> {
    let mut text = rest.clone();
    let not = text.as_str().starts_with(['!', '^']);
    if not {
        text.next();
    }
    let mut ranges = Vec::new();
    loop {
        let from = text.next()?;
        if from == ']' && !ranges.is_empty() {
            *rest = text;
            return Some(Part::Of { ranges, not });
        }
        let mut ahead = text.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(to)) if to != ']' => {
                ranges.push((from, to));
                text = ahead;
            }
            _ => ranges.push((from, from)),
        }
    }
}

fn matches(pattern: &[Part], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    // Where the last `*` stands, and how far it reaches.
    let mut many: Option<(usize, usize)> = None;
    loop {
        let fits = match (pattern.get(p), name.get(n)) {
            (None, None) => return true,
            (Some(Part::Many), _) => {
                many = Some((p, n));
                p += 1;
                continue;
            }
            (Some(Part::One(wanted)), Some(c)) => wanted == c,
            (Some(Part::Any), Some(_)) => true,
            (Some(Part::Of { ranges, not }), Some(c)) => {
                ranges.iter().any(|(from, to)| (from..=to).contains(&c)) != *not
            }
            _ => false,
        };
        if fits {
            (p, n) = (p + 1, n + 1);
            continue;
        }
        match many {
            Some((at, reach)) if reach < name.len() => {
                many = Some((at, reach + 1));
                (p, n) = (at + 1, reach + 1);
            }
            _ => return false,
        }
    }
}
