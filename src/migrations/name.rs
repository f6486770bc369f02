//! What a file's name says: refinery's rule for names, and what is almost a migration's name.
//!
//! refinery reads `^([U|V])(\d+(?:\.\d+)?)__(\w+)\.sql$` and passes over every other file with a line in a log. A name
//! that somebody may have meant to be a migration must not be passed over: it is refused.

use super::{Version, label};

/// What a file's name makes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum FileName {
    /// `V3__x.sql`
    Up { version: Version, name: String },
    /// `V3__x.down.sql`
    Down { version: Version, name: String },
    /// No migration, and nothing that looks like one.
    Other,
    /// Looks like a migration, but is none or would be run as something else than it looks like.
    Refused(Refusal),
}

/// Why a file's name is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refusal {
    /// What is wrong with it, to follow the file's name.
    pub(super) why: String,
    /// What to do.
    pub(super) help: String,
}

fn refused<T>(why: impl Into<String>, help: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { why: why.into(), help: help.into() })
}

/// Reads a file's name.
pub(super) fn classify(file_name: &str) -> FileName {
    try_classify(file_name).unwrap_or_else(FileName::Refused)
}

fn try_classify(file_name: &str) -> Result<FileName, Refusal> {
    // Hidden files are editors' and systems' own: `.#V1__x.sql`, `._V1__x.sql`.
    if file_name.starts_with('.') || file_name.ends_with(".test.sql") {
        return Ok(FileName::Other);
    }
    if let Some(stem) = file_name.strip_suffix(".rs") {
        return match versioned(stem) {
            Ok(_) => refused(
                "is a migration in Rust code, which only the application that holds it can run",
                "write it as SQL under the same version and name, or keep it out of this folder",
            ),
            Err(_) => Ok(FileName::Other),
        };
    }
    let Some(stem) = strip_suffix_ignoring_case(file_name, ".sql") else { return Ok(FileName::Other) };
    if !file_name.ends_with(".sql") {
        return refused("has an extension that is not lower case, and would be passed over", rename(stem));
    }
    if let Some(stem) = stem.strip_suffix(".down") {
        let (version, name) = versioned(stem)?;
        return Ok(FileName::Down { version, name });
    }
    let (version, name) = versioned(stem)?;
    Ok(FileName::Up { version, name })
}

/// Reads `V<version>__<name>`.
fn versioned(stem: &str) -> Result<(Version, String), Refusal> {
    let Some(rest) = stem.strip_prefix('V') else {
        return match stem.chars().next() {
            Some('|') => refused("starts with `|`, on which refinery panics", rename(stem)),
            Some('U') if looks_versioned(stem) => refused(
                "is an undo file in Flyway's style, which refinery would run as an up migration",
                rename(&format!("{stem}.down")),
            ),
            Some('v' | 'u') if looks_versioned(stem) => {
                refused("starts with a lower-case letter, and would be passed over", rename(stem))
            }
            _ => refused("is no migration's name", rename(stem)),
        };
    };
    let (digits, rest) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
    if digits.is_empty() {
        return refused("has no version number", rename(stem));
    }
    if rest.starts_with('.') && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return refused(
            "has a version with a dot in it",
            "versions are whole numbers: give it the next free one",
        );
    }
    let Some(name) = rest.strip_prefix("__") else {
        return refused("has no `__` between version and name, and would be passed over", rename(stem));
    };
    if name.is_empty() {
        return refused("has no name behind its version", rename(stem));
    }
    let Ok(version) = digits.parse() else {
        return refused(
            format!("has a version above {}, the largest that there is", Version::MAX),
            "number migrations 1, 2, 3, …",
        );
    };
    match name.chars().find(|&c| !is_word(c)) {
        None => Ok((version, name.to_owned())),
        Some(_) if meant_as_down(name).is_some() => {
            refused("looks like a down file, but is named like none", rename(stem))
        }
        Some(c) => refused(
            format!(
                "has a {c:?} in its name, and would be passed over: only letters, digits and `_` may stand there"
            ),
            rename(stem),
        ),
    }
}

/// Whether `c` may stand in a migration's name: `\w` as the regex crate, and so refinery, understands it.
pub(super) fn is_word(c: char) -> bool {
    regex_syntax::try_is_word_character(c).unwrap_or(c.is_alphanumeric() || c == '_')
}

/// `x_down`, `x-down`, `x.undo`, … without its ending, when the name has one.
pub(super) fn meant_as_down(name: &str) -> Option<&str> {
    ["down", "undo", "rollback", "revert"].iter().find_map(|ending| {
        let rest = strip_suffix_ignoring_case(name, ending)?;
        let base = rest.trim_end_matches(['_', '-', '.', ' ']);
        (!base.is_empty() && base.len() < rest.len()).then_some(base)
    })
}

/// `name` with `_` in place of spaces, dashes and dots, and without what else cannot stand in a name.
pub(super) fn normalised(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            ' ' | '-' | '.' | '/' | '\\' => normal.push('_'),
            c if is_word(c) => normal.push(c),
            _ => {}
        }
    }
    normal.trim_matches('_').to_owned()
}

fn looks_versioned(stem: &str) -> bool {
    stem.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// "rename it to …", with the name that a file of this stem should have.
fn rename(stem: &str) -> String {
    const FORM: &str = "name it `V<version>__<name>.sql`, or `V<version>__<name>.down.sql` for the way back, or move it out of the folder";
    let rest = stem.trim_start_matches(['|', 'V', 'v', 'U', 'u']);
    let (digits, rest) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
    let Ok(version) = digits.parse() else { return FORM.to_owned() };
    let rest = rest.trim_start_matches(['_', '-', '.', ' ']);
    let (name, ending) = match meant_as_down(rest) {
        Some(base) => (base, ".down"),
        None => (rest, ""),
    };
    let name = normalised(name);
    if name.is_empty() {
        return FORM.to_owned();
    }
    format!("rename it to {}{ending}.sql, or move it out of the folder", label(version, &name))
}

fn strip_suffix_ignoring_case<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
    tail.eq_ignore_ascii_case(suffix).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(version: Version, name: &str) -> FileName {
        FileName::Up { version, name: name.to_owned() }
    }

    #[test]
    fn what_refinery_loads_and_its_downs_are_read() {
        assert_eq!(classify("V1__a.sql"), up(1, "a"));
        assert_eq!(classify("V0__a.sql"), up(0, "a"));
        assert_eq!(classify("V007__Ünï_9.sql"), up(7, "Ünï_9"));
        assert_eq!(classify("V2147483647___a.sql"), up(i32::MAX, "_a"));
        assert_eq!(classify("V3__e\u{301}.sql"), up(3, "e\u{301}"), "a combining mark is a word character");
        assert_eq!(classify("V1__a.down.sql"), FileName::Down { version: 1, name: "a".to_owned() });
    }

    #[test]
    fn what_is_no_migration_is_left_alone() {
        for name in ["README.md", ".gitkeep", ".#V1__a.sql", "V1__a.test.sql", "V1__a.sql~", "mod.rs", "sql"]
        {
            assert_eq!(classify(name), FileName::Other, "{name}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_refused_with_the_name_that_it_should_have() {
        for (name, better) in [
            ("V3__x-down.sql", "V3__x.down.sql"),
            ("V3__x.undo.sql", "V3__x.down.sql"),
            ("V3__x.DOWN.sql", "V3__x.down.sql"),
            ("V3__x.down.SQL", "V3__x.down.sql"),
            ("V3__x.SQL", "V3__x.sql"),
            ("v5__x.sql", "V5__x.sql"),
            ("U1__x.sql", "V1__x.down.sql"),
            ("V3__a-b.sql", "V3__a_b.sql"),
            ("V3_a.sql", "V3__a.sql"),
            ("V03-a b.sql", "V3__a_b.sql"),
            ("|1__x.sql", "V1__x.sql"),
            ("3__x.sql", "V3__x.sql"),
            ("V1.1__x.sql", "next free one"),
            ("V2147483648__x.sql", "1, 2, 3"),
            ("V٣__x.sql", "V<version>__<name>.sql"),
            ("V__x.sql", "V<version>__<name>.sql"),
            ("V3__.sql", "V<version>__<name>.sql"),
            ("schema.sql", "V<version>__<name>.sql"),
            (" V3__x.sql", "V<version>__<name>.sql"),
            ("V3__x.rs", "as SQL"),
        ] {
            match classify(name) {
                FileName::Refused(refusal) => {
                    assert!(refusal.help.contains(better), "{name}: {}", refusal.help);
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_name_panics_and_a_suggested_name_is_accepted(name in "[VvUu|]?[0-9.]{0,11}[_ .-]{0,3}\\PC{0,8}(\\.down|_DOWN|)\\.(sql|SQL|rs)") {
            if let FileName::Refused(refusal) = classify(&name)
                && let Some(better) = refusal.help.strip_prefix("rename it to ")
            {
                let better = better.split(", or").next().unwrap_or_default();
                proptest::prop_assert!(
                    matches!(classify(better), FileName::Up { .. } | FileName::Down { .. }), "{} → {}", name, better);
            }
        }
    }
}
