//! Two long texts cut down to where they differ, for formats that have no room. What programs read is never cut.

use std::borrow::Cow;

/// A side that is longer than this, in characters, is cut.
const MOST: usize = 160;
/// How much of what both have in common stays before the first difference.
const BEFORE: usize = 40;

/// What either side has, around the first place where they differ; borrowed where both are short.
pub(super) fn sides(both: [Option<&str>; 2]) -> [Option<Cow<'_, str>>; 2] {
    // As many characters take at least as many bytes.
    let long = |side: Option<&str>| side.is_some_and(|side| side.len() > MOST && side.chars().count() > MOST);
    if !both.into_iter().any(long) {
        return both.map(|side| side.map(Cow::Borrowed));
    }
    let [one, other] = both;
    let common = match (one, other) {
        (Some(a), Some(b)) => {
            a.char_indices().zip(b.chars()).find(|((_, a), b)| a != b).map_or(0, |((at, _), _)| at)
        }
        _ => 0,
    };
    // Both sides are the same up to there, so that one offset serves both.
    let start = one.or(other).map_or(0, |text| word_before(text, common));
    both.map(|side| side.and_then(|text| text.get(start..)).map(|text| cut(text, start > 0).into()))
}

/// The beginning of a word, some way before byte `at`; 0 when that is near the beginning of the text.
fn word_before(text: &str, at: usize) -> usize {
    let before = &text[..at];
    let Some((from, _)) = before.char_indices().rev().nth(BEFORE) else { return 0 };
    before[from..].find(' ').map_or(from, |space| from + space + 1)
}

fn cut(text: &str, begun: bool) -> String {
    let begin = if begun { "… " } else { "" };
    let Some((end, _)) = text.char_indices().nth(MOST) else { return format!("{begin}{text}") };
    let end = text[..end].rfind(' ').filter(|&space| space > 0).unwrap_or(end);
    format!("{begin}{} …", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_sides_stay_as_they_are() {
        assert_eq!(sides([Some("a"), None]), [Some("a".into()), None]);
        let long_enough = "x".repeat(MOST);
        assert_eq!(
            sides([Some(&long_enough), Some("y")]),
            [Some(long_enough.as_str().into()), Some("y".into())]
        );
    }

    #[test]
    fn long_sides_show_where_they_differ() {
        let common = "column ".repeat(60);
        let long = [format!("{common}é, last"), format!("{common}other {common}")];
        let [a, b] = sides(long.each_ref().map(|side| Some(side.as_str())));
        let (a, b) = (a.unwrap(), b.unwrap());
        assert!(a.starts_with("… column ") && a.ends_with("column é, last"), "{a}");
        assert!(b.starts_with("… column ") && b.contains("other") && b.ends_with(" …"), "{b}");
        assert!(a.chars().count() <= MOST + 4 && b.chars().count() <= MOST + 4);
    }

    proptest::proptest! {
        #[test]
        fn any_sides_are_cut_without_a_panic(a in "\\PC{0,400}", b in "\\PC{0,400}") {
            for (a, b) in [(a.as_str(), b.as_str()), (&format!("{a}{b}"), &a)] {
                for side in sides([Some(a), Some(b)]).into_iter().flatten() {
                    proptest::prop_assert!(side.chars().count() <= MOST + 4);
                }
            }
        }
    }
}
