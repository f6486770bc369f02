//! Tables that are somebody else's: no drift, as long as the spec does not speak of them.

use std::borrow::Cow;

use crate::base::error::{Error, ErrorKind, Result};
use crate::schema::{Ident, Schema};
use crate::sql::others;

/// Which tables and views are somebody else's: the history tables of other tools, and what the project says.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Others {
    patterns: Vec<Vec<Part>>,
}

/// A part of a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    /// This character, in lower case.
    One(char),
    /// `?`
    Any,
    /// `*`
    Many,
    /// `[a-z]`, `[!a-z]`
    Of { ranges: Vec<(char, char)>, not: bool },
}

impl Others {
    /// Those whose names match one of these patterns, too: `*` is any number of characters, `?` is one, `[a-z]` one of
    /// these, `[!a-z]` one of all others. Case does not count, as in names.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when a pattern matches nothing because it is empty, or has a `[` that is not closed.
    pub fn matching<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Others> {
        let patterns = patterns.into_iter().map(parts).collect::<Result<_>>()?;
        Ok(Others { patterns })
    }

    /// Whether a table or view of this name is theirs.
    pub fn are(&self, name: &Ident) -> bool {
        others::ALL.iter().any(|known| *name == **known) || {
            let name: Vec<char> = name.as_str().to_lowercase().chars().collect();
            self.patterns.iter().any(|pattern| matches(pattern, &name))
        }
    }

    /// The tables and views of `live` that are theirs and not of `expected`.
    pub fn of(&self, live: &Schema, expected: &Schema) -> Vec<Ident> {
        let ours = |name: &&Ident| expected.tables.contains_key(*name) || expected.views.contains_key(*name);
        let names = live.tables.keys().chain(live.views.keys());
        names.filter(|name| !ours(name) && self.are(name)).cloned().collect()
    }
}

/// `live` without these tables and views, and what hangs on them.
pub fn without<'s>(live: &'s Schema, theirs: &[Ident]) -> Cow<'s, Schema> {
    if theirs.is_empty() {
        return Cow::Borrowed(live);
    }
    let mut left = live.clone();
    left.tables.retain(|name, _| !theirs.contains(name));
    left.views.retain(|name, _| !theirs.contains(name));
    left.triggers.retain(|_, trigger| !theirs.contains(&trigger.table));
    Cow::Owned(left)
}

/// `goal` with these tables and views as `live` has them, and what hangs on them.
pub fn with(mut goal: Schema, live: &Schema, theirs: &[Ident]) -> Schema {
    for name in theirs {
        if let Some(table) = live.tables.get(name) {
            goal.tables.insert(name.clone(), table.clone());
        }
        if let Some(view) = live.views.get(name) {
            goal.views.insert(name.clone(), view.clone());
        }
        let triggers = live.triggers.values().filter(|trigger| trigger.table == *name);
        goal.triggers.extend(triggers.map(|trigger| (trigger.name.clone(), trigger.clone())));
    }
    goal
}

fn parts(pattern: &str) -> Result<Vec<Part>> {
    let wrong = |what: &str| Error::new(ErrorKind::Config, format!("the pattern `{pattern}` {what}"));
    if pattern.is_empty() {
        return Err(wrong("is empty").help("name a table, or use * for any number of characters"));
    }
    let lower = pattern.to_lowercase();
    let mut parts = Vec::new();
    let mut rest = lower.chars();
    while let Some(c) = rest.next() {
        parts.push(match c {
            '*' => Part::Many,
            '?' => Part::Any,
            '[' => class(&mut rest).ok_or_else(|| {
                wrong("has a [ that is not closed").help("close it, or write [[] for the character itself")
            })?,
            c => Part::One(c),
        });
    }
    Ok(parts)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn are(patterns: &[&str], name: &str) -> bool {
        Others::matching(patterns.iter().copied()).unwrap().are(&Ident::from(name))
    }

    #[test]
    fn a_pattern_is_one_as_shells_have_it_and_case_does_not_count() {
        for (pattern, names, not) in [
            ("django_*", &["django_", "Django_Admin_Log"][..], &["xdjango_a", "django"][..]),
            ("a?c", &["abc", "A*c"], &["ac", "abbc"]),
            ("*_m*_x", &["a_m_x", "a_mm_x_x", "_m_m_x"], &["a_m_y", "m_x"]),
            ("[a-c]1", &["a1", "C1"], &["d1", "1"]),
            ("[!a-c]1", &["d1", "-1"], &["a1"]),
            ("[]x]", &["]", "x"], &["[", "]x"]),
            ("[[]1", &["[1"], &["1"]),
            ("***", &["", "anything"], &[]),
            ("é*", &["École"], &["e"]),
        ] {
            assert!(names.iter().all(|name| are(&[pattern], name)), "{pattern} {names:?}");
            assert!(!not.iter().any(|name| are(&[pattern], name)), "{pattern} {not:?}");
        }
        for wrong in ["", "a[b", "[]", "x[!"] {
            assert!(Others::matching([wrong]).is_err(), "{wrong}");
        }
        // No pattern takes longer than its length times that of the name.
        assert!(!are(&[&"*a".repeat(500)], &"b".repeat(5000)));
    }

    #[test]
    fn the_history_tables_of_other_tools_are_theirs_without_a_word() {
        for name in others::ALL {
            assert!(are(&[], name) && are(&[], &name.to_lowercase()), "{name}");
        }
        assert!(!are(&[], "migrations"));
    }
}
