//! Reading tokens: a cursor, and searches that do not look into parentheses.

use crate::schema::Ident;
use crate::sql::{Kind, Token};

/// A place in a sequence of tokens.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t, 'a> {
    tokens: &'t [Token<'a>],
    pos: usize,
}

impl<'t, 'a> Cursor<'t, 'a> {
    pub(super) fn new(tokens: &'t [Token<'a>]) -> Cursor<'t, 'a> {
        Cursor { tokens, pos: 0 }
    }

    /// How many tokens were read.
    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    pub(super) fn peek(&self) -> Option<&'t Token<'a>> {
        self.tokens.get(self.pos)
    }

    pub(super) fn rest(&self) -> &'t [Token<'a>] {
        self.tokens.get(self.pos..).unwrap_or_default()
    }

    /// Reads these words if they all come next.
    pub(super) fn eat(&mut self, words: &str) -> bool {
        let found = starts_with(self.rest(), words);
        if found {
            self.pos += words.split(' ').count();
        }
        found
    }

    /// Reads this word if it comes next; it need not.
    pub(super) fn skip(&mut self, words: &str) {
        self.eat(words);
    }

    pub(super) fn eat_punct(&mut self, punct: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_punct(punct));
        self.pos += usize::from(found);
        found
    }

    /// Reads a name, or `schema.name` of which only the name counts.
    pub(super) fn name(&mut self) -> Option<(Ident, Token<'a>)> {
        let mut token = *self.peek().filter(|token| token.can_be_name())?;
        self.pos += 1;
        if self.peek().is_some_and(|token| token.is_punct("."))
            && let Some(second) = self.tokens.get(self.pos + 1).filter(|token| token.can_be_name())
        {
            token = *second;
            self.pos += 2;
        }
        Some((Ident::new(token.unquoted()), token))
    }

    /// Reads a parenthesis and all in it; the range of the tokens between its ends, counted from the cursor's first.
    pub(super) fn parenthesis(&mut self) -> Option<std::ops::Range<usize>> {
        if !self.eat_punct("(") {
            return None;
        }
        let (start, mut depth) = (self.pos, 1_usize);
        while let Some(token) = self.peek() {
            self.pos += 1;
            if token.is_punct("(") {
                depth += 1;
            } else if token.is_punct(")") {
                depth -= 1;
                if depth == 0 {
                    return Some(start..self.pos - 1);
                }
            }
        }
        Some(start..self.pos)
    }
}

/// Whether `tokens` begins with these bare words, which are separated by one space.
pub(super) fn starts_with(tokens: &[Token<'_>], words: &str) -> bool {
    let mut tokens = tokens.iter();
    words.split(' ').all(|word| tokens.next().is_some_and(|token| token.is_word(word)))
}

/// The indexes of the tokens that stand in no parenthesis.
pub(super) fn outside_parentheses(tokens: &[Token<'_>]) -> impl Iterator<Item = usize> {
    let mut depth = 0_usize;
    tokens.iter().enumerate().filter_map(move |(n, token)| {
        if token.is_punct(")") {
            depth = depth.saturating_sub(1);
        }
        let outside = depth == 0;
        depth += usize::from(token.is_punct("("));
        outside.then_some(n)
    })
}

/// Where these words stand one behind the other, in no parenthesis.
pub(super) fn find(tokens: &[Token<'_>], words: &str) -> Option<usize> {
    outside_parentheses(tokens).find(|&n| starts_with(tokens.get(n..).unwrap_or_default(), words))
}

/// `tokens` cut at the commas that stand in no parenthesis, as ranges.
pub(super) fn split_at_commas(tokens: &[Token<'_>]) -> Vec<std::ops::Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for n in outside_parentheses(tokens) {
        if tokens.get(n).is_some_and(|token| token.is_punct(",")) {
            parts.push(start..n);
            start = n + 1;
        }
    }
    parts.push(start..tokens.len());
    parts
}

/// Whether a token is a literal value: a string, a blob, a number, or the word for one.
pub(super) fn is_literal(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::String | Kind::Blob | Kind::Number)
        || ["NULL", "TRUE", "FALSE"].iter().any(|word| token.is_word(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tokens;

    #[test]
    fn searches_do_not_look_into_parentheses() {
        let tokens: Vec<_> = tokens("a CHECK (b NOT NULL, c) not null, d").collect();
        assert_eq!(find(&tokens, "NOT NULL"), Some(9));
        assert_eq!(split_at_commas(&tokens), [0..11, 12..13]);
        assert_eq!(find(&tokens, "b"), None);
    }

    #[test]
    fn a_cursor_reads_names_and_parentheses() {
        let tokens: Vec<_> = tokens("Alter table main.[A b] (x (y)) z").collect();
        let mut cursor = Cursor::new(&tokens);
        assert!(!cursor.eat("ALTER INDEX") && cursor.eat("ALTER TABLE"));
        assert_eq!(cursor.name().map(|(name, _)| name.to_string()).as_deref(), Some("A b"));
        assert_eq!(cursor.parenthesis(), Some(6..10));
        assert!(cursor.peek().is_some_and(|token| token.is_word("z")));
        assert!(cursor.name().is_some_and(|(name, _)| name == *"Z"));
        assert!(cursor.name().is_none() && cursor.parenthesis().is_none());
    }
}
