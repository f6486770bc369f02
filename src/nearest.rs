//! The known word that a mistyped one was probably meant to be.

/// What to do about a `word` that is not known: the nearest of `known` when one is near, else all of them.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known: {}", known.join(", ")),
    }
}

/// The one of `known` that is at most a third of its letters away from `word`.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&word, name), name))
        .filter(|(distance, name)| distance * 3 <= name.len().max(3))
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keyboard_is_recognised_and_another_word_is_not() {
        let known = ["backfill", "irreversible", "allow"];
        assert_eq!(nearest("backfil", known), Some("backfill"));
        assert_eq!(nearest("Allow", known), Some("allow"));
        assert_eq!(nearest("rename", known), None);
        assert_eq!(did_you_mean("rename", known), "known: backfill, irreversible, allow");
    }
}
