//! What a file's name says: refinery's rule for names, and what is almost a migration's name.
//!
//! refinery reads `^([U|V])(\d+(?:\.\d+)?)__(\w+)\.sql$` and passes over every other file with a line in a log. A name
//! that somebody may have meant to be a migration must not be passed over: it is refused.

use super::{Version, label, label_of};

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
        return match versioned(stem, Way::Unsaid) {
            Ok(_) => refused(
                "is a migration in Rust code, which only the application that holds it can run",
                "write it as SQL under the same version and name, or keep it out of this folder",
            ),
            Err(_) => Ok(FileName::Other),
        };
    }
    let Some(stem) = strip_suffix_ignoring_case(file_name, ".sql") else { return Ok(FileName::Other) };
    let (base, way) = match strip_suffix_ignoring_case(stem, ".down") {
        Some(base) => (base, Way::Down),
        None => strip_suffix_ignoring_case(stem, ".up").map_or((stem, Way::Unsaid), |base| (base, Way::Up)),
    };
    if !file_name.ends_with(".sql") || (way == Way::Down && !stem.ends_with(".down")) {
        return refused("has an extension that is not lower case, and would be skipped", rename(base, way));
    }
    match way {
        Way::Up => refused(
            "ends with `.up.sql`, as golang-migrate and sqlx name them, and would be skipped",
            rename(base, way),
        ),
        Way::Down => versioned(base, way).map(|(version, name)| FileName::Down { version, name }),
        Way::Unsaid => versioned(base, way).map(|(version, name)| FileName::Up { version, name }),
    }
}

/// Which way a file's name says that it leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// `….up.sql`
    Up,
    /// `….down.sql`
    Down,
    /// Nothing is said, which makes it an up for refinery and most others; `x_down` may be meant as either.
    Unsaid,
}

/// Reads `V<version>__<name>`, or refinery's `U<version>__<name>`.
fn versioned(stem: &str, way: Way) -> Result<(Version, String), Refusal> {
    let Some(rest) = stem.strip_prefix(['V', 'U']) else {
        return Err(foreign(stem, way));
    };
    let (digits, rest) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
    if digits.is_empty() {
        return refused("has no version number", rename(stem, way));
    }
    let parts = rest.trim_start_matches(|c: char| matches!(c, '.' | '_') || c.is_ascii_digit());
    let parts = &rest[..rest.len() - parts.len()];
    if let Some((separator @ ('.' | '_'), more)) =
        parts.split_at_checked(1).and_then(|(c, more)| Some((c.chars().next()?, more)))
        && more.starts_with(|c: char| c.is_ascii_digit())
        && (separator == '.' || more.contains("__"))
    {
        let what = if separator == '.' { "a dot" } else { "an underscore" };
        return refused(
            format!("has a version with {what} in it, as Flyway has them"),
            "versions are whole numbers: give it the next free one; if it has to run before others, renumber them all in that order",
        );
    }
    let Some(name) = rest.strip_prefix("__") else {
        return refused("has no `__` between version and name, and would be skipped", rename(stem, way));
    };
    if name.is_empty() {
        return refused("has no name after its version", rename(stem, way));
    }
    let Ok(version) = digits.parse() else {
        return refused(
            format!("has a version above {}, the largest that there is", Version::MAX),
            "number migrations 1, 2, 3, …, or by the time, as in `V20260131093000__x.sql`",
        );
    };
    match name.chars().find(|&c| !is_word(c)) {
        None => Ok((version, name.to_owned())),
        Some(_) if meant_as_down(name).is_some() => {
            refused("looks like a down file, but is not named like one", rename(stem, way))
        }
        Some(c) => refused(
            format!(
                "has a {c:?} in its name, and would be skipped: only letters, digits and `_` are allowed"
            ),
            rename(stem, way),
        ),
    }
}

/// Why a name that begins with neither `V` nor `U` is none, and whose it is.
fn foreign(stem: &str, way: Way) -> Refusal {
    let (why, help) = match stem.chars().next() {
        Some('|') => ("starts with `|`, on which refinery panics", rename(stem, way)),
        Some('v' | 'u') if looks_versioned(stem) => {
            ("starts with a lower-case letter, and would be skipped", rename(stem, way))
        }
        Some('R') if stem.starts_with("R__") => (
            "is one of Flyway's repeatable migrations, which run again whenever they change",
            "put what it holds into a migration of its own whenever it changes, as in `DROP VIEW IF EXISTS v; CREATE VIEW v \
             AS …`, and move the file out of the folder"
                .to_owned(),
        ),
        Some('B') if looks_versioned(stem) => (
            "is one of Flyway's baselines, which stands for all versions up to its own",
            "name it as a migration of that version, in place of the older ones; a database that has them gets it recorded by \
             `planctl migrate baseline --to V`"
                .to_owned(),
        ),
        Some(c) if c.is_ascii_digit() && way == Way::Down => {
            ("is named like a down file of golang-migrate or sqlx, and would be skipped", rename(stem, way))
        }
        Some(c) if c.is_ascii_digit() => (
            "begins with its number, as goose, sqlx, dbmate, Atlas and others name them, and would be skipped",
            rename(stem, way),
        ),
        _ => ("is not the name of a migration", rename(stem, way)),
    };
    Refusal { why: why.to_owned(), help }
}

/// Whether `c` may stand in a migration's name: `\w` as the regex crate, and so refinery, understands it.
pub(super) fn is_word(c: char) -> bool {
    regex_syntax::try_is_word_character(c).unwrap_or(c.is_alphanumeric() || c == '_')
}

/// The version that a file tests: `V<version>__<what>.test.sql`.
pub(super) fn tested_version(file_name: &str) -> Option<Version> {
    let (version, what) = file_name.strip_suffix(".test.sql")?.strip_prefix('V')?.split_once("__")?;
    let is_test = version.bytes().all(|byte| byte.is_ascii_digit()) && !what.is_empty();
    is_test.then(|| version.parse().ok())?
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

/// A name that a migration can have, for one that another tool knows as `name`.
pub fn as_name(name: &str) -> String {
    let name = normalised(name);
    if name.is_empty() { "migration".to_owned() } else { name }
}

/// The same name, or one that does not look like the way back of another of `names`.
pub fn no_look_alike(name: &str, names: &[String]) -> String {
    match meant_as_down(name) {
        Some(base) if names.iter().any(|other| other == base) => format!("{name}_step"),
        _ => name.to_owned(),
    }
}

fn looks_versioned(stem: &str) -> bool {
    stem.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// "rename it to …", with the name that a file of this stem should have. It never makes a way back of a way there, or the
/// reverse: where the name may mean either, both are told.
fn rename(stem: &str, way: Way) -> String {
    const FORM: &str = "name it `V<version>__<name>.sql`, or `V<version>__<name>.down.sql` for a down file, or move it out of the folder";
    let rest = stem.trim_start_matches(['|', 'V', 'v', 'U', 'u']);
    let is_u = stem.starts_with(['U', 'u']);
    let Some((version, rest)) = number(rest) else { return FORM.to_owned() };
    let rest = rest.trim_start_matches(['_', '-', '.', ' ']);
    let (rest, way) = postgrators(rest).unwrap_or((rest, way));
    let name = normalised(rest);
    if name.is_empty() {
        return FORM.to_owned();
    }
    let up = |name: &str| label_of(if is_u { 'U' } else { 'V' }, version, name);
    let down = |base: &str| format!("{}.down.sql", label(version, &normalised(base)));
    let base = meant_as_down(rest).filter(|base| !normalised(base).is_empty());
    let better = match (way, base) {
        (Way::Up, _) | (Way::Unsaid, None) if !stem.starts_with('u') => format!("{}.sql", up(&name)),
        (Way::Down, _) => down(rest),
        // `x.undo` says it as `x.down` does.
        (_, Some(base)) if rest.get(base.len()..).is_some_and(|ending| ending.starts_with('.')) => down(base),
        (_, base) => {
            format!(
                "{} if it reverts version {version}, else to {}.sql",
                down(base.unwrap_or(rest)),
                up(&name)
            )
        }
    };
    format!("rename it to {better}, or move it out of the folder")
}

/// What stands behind the number in names of Postgrator's, `1.do.x` and `1.undo.x`, without the word that says the way.
fn postgrators(rest: &str) -> Option<(&str, Way)> {
    let (word, name) = rest.split_once('.').unwrap_or((rest, ""));
    match word {
        "do" => Some((name, Way::Up)),
        "undo" => Some((name, Way::Down)),
        _ => None,
    }
}

/// The number that a name begins with, and what follows it; Diesel's `2026-01-31-093000_x` is a number, too.
pub(super) fn number(text: &str) -> Option<(Version, &str)> {
    let is_diesels = |text: &str| {
        let form = b"0000-00-00-000000";
        text.len() == form.len()
            && text.bytes().zip(form).all(|(c, f)| if *f == b'0' { c.is_ascii_digit() } else { c == *f })
    };
    if let Some((number, rest)) = text.split_at_checked(17)
        && is_diesels(number)
    {
        return Some((number.replace('-', "").parse().ok()?, rest));
    }
    let (digits, rest) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    Some((digits.parse().ok()?, rest))
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
        assert_eq!(classify("V9223372036854775807___a.sql"), up(Version::MAX, "_a"));
        assert_eq!(classify("U2__a.sql"), up(2, "a"), "refinery's own, which may come late");
        assert_eq!(classify("U2__a.down.sql"), FileName::Down { version: 2, name: "a".to_owned() });
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
            ("u1__x.sql", "V1__x.down.sql if it reverts version 1, else to U1__x.sql"),
            ("V3__a-b.sql", "V3__a_b.sql"),
            ("V3_a.sql", "V3__a.sql"),
            ("V03-a b.sql", "V3__a_b.sql"),
            ("|1__x.sql", "V1__x.sql"),
            ("3__x.sql", "V3__x.sql"),
            ("V1.1__x.sql", "next free one"),
            ("V9223372036854775808__x.sql", "1, 2, 3"),
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

    /// Each of these was told to become the opposite of what it is.
    #[test]
    fn a_file_of_another_tool_is_told_the_name_of_the_way_that_it_leads() {
        for (name, help) in [
            ("000001_create_plans.up.sql", "rename it to V1__create_plans.sql, or"),
            ("000001_create_plans.down.sql", "rename it to V1__create_plans.down.sql, or"),
            ("000002_shut_down.up.sql", "rename it to V2__shut_down.sql, or"),
            ("20260131093000_add-owner.down.sql", "rename it to V20260131093000__add_owner.down.sql, or"),
            ("20260131093000_x.sql", "rename it to V20260131093000__x.sql, or"),
            (
                "0003_shut_down.sql",
                "rename it to V3__shut.down.sql if it reverts version 3, else to V3__shut_down.sql, or",
            ),
            ("0003.x.rollback.sql", "rename it to V3__x.down.sql, or"),
            // An undo of Postgrator's was told to become a migration.
            ("003.do.x.sql", "rename it to V3__x.sql, or"),
            ("003.undo.x.sql", "rename it to V3__x.down.sql, or"),
            ("003.undo.sql", "or `V<version>__<name>.down.sql` for a down file"),
            ("003.undo_x.sql", "rename it to V3__undo_x.sql, or"),
            ("V3__x.up.sql", "rename it to V3__x.sql, or"),
            ("V3__x.undo.sql", "rename it to V3__x.down.sql, or"),
            ("R__views.sql", "whenever it changes"),
            ("B7__base.sql", "planctl migrate baseline"),
            ("V1_2__x.sql", "next free one"),
            ("V1.2.3__x.sql", "next free one"),
        ] {
            match classify(name) {
                FileName::Refused(refusal) => {
                    assert!(refusal.help.contains(help), "{name}: {}", refusal.help)
                }
                other => panic!("{name}: {other:?}"),
            }
        }
        assert_eq!(classify("V3__2_x.sql"), up(3, "2_x"), "a name may begin with a digit");
    }

    proptest::proptest! {
        #[test]
        fn no_name_panics_and_a_suggested_name_is_accepted(name in "[VvUu|]?[0-9.]{0,11}[_ .-]{0,3}\\PC{0,8}(\\.down|\\.up|_DOWN|)\\.(sql|SQL|rs)") {
            if let FileName::Refused(refusal) = classify(&name)
                && let Some(better) = refusal.help.strip_prefix("rename it to ")
            {
                let better = better.split(", or").next().unwrap_or_default();
                let better = better.split(" if it reverts").next().unwrap_or_default();
                proptest::prop_assert!(
                    matches!(classify(better), FileName::Up { .. } | FileName::Down { .. }), "{} → {}", name, better);
            }
        }
    }
}
