//! What stands in parentheses, and what does not.

use super::{Token, tokens};

/// Counts the parentheses that are open, token by token.
#[derive(Clone, Copy, Default, Debug)]
pub struct Nesting {
    open: usize,
}

impl Nesting {
    /// How many parentheses stand around the next token; around a parenthesis, those besides itself.
    pub fn around(&mut self, token: &Token<'_>) -> usize {
        if token.is_punct("(") {
            self.open += 1;
            return self.open - 1;
        }
        if token.is_punct(")") {
            self.open = self.open.saturating_sub(1);
        }
        self.open
    }

    /// Whether no parenthesis is open.
    pub fn is_outside(self) -> bool {
        self.open == 0
    }
}

/// The indexes of the tokens that stand in no parenthesis.
pub fn outside_parentheses(tokens: &[Token<'_>]) -> impl Iterator<Item = usize> {
    let mut nesting = Nesting::default();
    let all = tokens.iter().enumerate();
    all.filter_map(move |(n, token)| (nesting.around(token) == 0).then_some(n))
}

/// `tokens` cut at the commas that stand in no parenthesis.
pub fn split_at_commas<'t, 'a>(tokens: &'t [Token<'a>]) -> impl Iterator<Item = &'t [Token<'a>]> {
    let mut nesting = Nesting::default();
    tokens.split(move |token| nesting.around(token) == 0 && token.is_punct(","))
}

/// How many of `tokens` are these bare words, which are separated by one space; `None` where they begin otherwise.
pub fn leading(tokens: &[Token<'_>], words: &str) -> Option<usize> {
    let mut rest = words;
    for (at, token) in tokens.iter().enumerate() {
        // Most are told apart by how long the first one is.
        let (word, behind) = rest.split_at_checked(token.text.len())?;
        if !token.is_word(word) {
            return None;
        }
        if behind.is_empty() {
            return Some(at + 1);
        }
        rest = behind.strip_prefix(' ')?;
    }
    None
}

/// Whether `tokens` begins with these bare words, which are separated by one space.
pub fn starts_with(tokens: &[Token<'_>], words: &str) -> bool {
    leading(tokens, words).is_some()
}

/// Where these words stand one behind the other, in no parenthesis.
pub fn find_words(tokens: &[Token<'_>], words: &str) -> Option<usize> {
    outside_parentheses(tokens).find(|&n| starts_with(tokens.get(n..).unwrap_or_default(), words))
}

/// Whether a statement is a SELECT, also one behind WITH.
pub fn is_select(statement: &str) -> bool {
    let tokens: Vec<Token<'_>> = tokens(statement).collect();
    let words = ["SELECT", "VALUES", "INSERT", "REPLACE", "UPDATE", "DELETE"];
    let is_with = starts_with(&tokens, "WITH");
    let mut verbs = outside_parentheses(&tokens)
        .filter_map(|n| tokens.get(n))
        .filter(|token| words.iter().any(|word| token.is_word(word)));
    starts_with(&tokens, "SELECT") || is_with && verbs.next().is_some_and(|verb| verb.is_word("SELECT"))
}

/// What stands between the parenthesis that `tokens` begins with and the one that closes it.
pub fn in_parentheses<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    let inner = tokens.split_first().filter(|(first, _)| first.is_punct("("))?.1;
    let mut nesting = Nesting::default();
    let close = inner.iter().position(|token| {
        let is_closing = token.is_punct(")") && nesting.is_outside();
        nesting.around(token);
        is_closing
    });
    Some(inner.get(..close.unwrap_or(inner.len())).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tokens;

    #[test]
    fn searches_do_not_look_into_parentheses() {
        let tokens: Vec<_> = tokens("a CHECK (b NOT NULL, c) not null, (d, e) f").collect();
        assert_eq!(find_words(&tokens, "NOT NULL"), Some(9));
        assert_eq!(split_at_commas(&tokens).map(<[_]>::len).collect::<Vec<_>>(), [11, 6]);
        assert_eq!(find_words(&tokens, "b"), None);
        assert_eq!(find_words(&tokens, "NOTNULL"), None);
        let inside = |from: usize| in_parentheses(&tokens[from..]).map(<[_]>::len);
        assert_eq!((inside(0), inside(2), inside(12)), (None, Some(5), Some(3)));
    }

    proptest::proptest! {
        /// The words are compared without being taken apart first: that must not show.
        #[test]
        fn leading_words_are_those_of_the_phrase(
            phrase in proptest::collection::vec(proptest::sample::select(vec!["NOT", "NO", "é"]), 1..4),
            text in proptest::collection::vec(
                proptest::sample::select(vec!["not", "No", "T", "é", "\"NOT\"", "(", "/* c */"]),
                0..5,
            ),
        ) {
            let (phrase, text) = (phrase.join(" "), text.join(" "));
            let found: Vec<_> = tokens(&text).collect();
            let words: Vec<&str> = phrase.split(' ').collect();
            let is_it = |(at, word): (usize, &&str)| found.get(at).is_some_and(|token| token.is_word(word));
            let expected = words.iter().enumerate().all(is_it).then_some(words.len());
            proptest::prop_assert_eq!(leading(&found, &phrase), expected, "{} in {}", phrase, text);
        }
    }
}
