//! Whether two pieces of SQL are the same tokens, whatever their spelling.

use super::{Kind, Token, is_keyword, tokens};

/// Whether `a` and `b` consist of the same tokens: case of words, ways of quoting a name, white space and comments
/// make no difference, `<>` is `!=` and `==` is `=`. What is inside a string literal does.
///
/// It never takes different statements for the same, as long as a name in double quotes means a column (or a string)
/// on both sides. Some equal ones it can't see (`TRUE` and `1`): for those ask SQLite.
pub fn same_tokens(a: &str, b: &str) -> bool {
    a == b || same_token_sequence(tokens(a), tokens(b))
}

/// As [`same_tokens`], for texts that are taken apart already.
pub fn same_token_sequence<'a>(
    mut a: impl Iterator<Item = Token<'a>>,
    mut b: impl Iterator<Item = Token<'a>>,
) -> bool {
    // `DEFAULT Abc` is the string 'Abc': there the case of a bare word counts.
    let mut behind_default = false;
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if same_token(&a, &b) => {
                let is_string = behind_default && a.can_be_name() && !is_keyword(a.text);
                if is_string && a.unquoted() != b.unquoted() {
                    return false;
                }
                behind_default = a.is_word("DEFAULT");
            }
            _ => return false,
        }
    }
}

/// Whether `a` and `b` differ in nothing but white space and comments.
pub fn identical_tokens(a: &str, b: &str) -> bool {
    let parts = |text| tokens(text).map(|token| (token.kind, token.text));
    a == b || parts(a).eq(parts(b))
}

fn same_token(a: &Token<'_>, b: &Token<'_>) -> bool {
    match (a.kind, b.kind) {
        (Kind::Word, Kind::Word) | (Kind::Blob, Kind::Blob) | (Kind::Number, Kind::Number) => {
            a.text.eq_ignore_ascii_case(b.text)
        }
        (Kind::Quoted, Kind::Quoted) => {
            // Two double-quoted tokens may both be strings, where case counts.
            let both_may_be_strings = a.is_double_quoted() && b.is_double_quoted();
            let (a, b) = (a.unquoted(), b.unquoted());
            if both_may_be_strings { a == b } else { a.eq_ignore_ascii_case(&b) }
        }
        (Kind::Quoted, Kind::Word) => same_name(a, b),
        (Kind::Word, Kind::Quoted) => same_name(b, a),
        (Kind::Punct, Kind::Punct) => operator(a.text) == operator(b.text),
        (a_kind, b_kind) => a_kind == b_kind && a.text == b.text,
    }
}

/// A quoted and a bare name. A bare keyword is no name: `"current_date"` is not `current_date`.
fn same_name(quoted: &Token<'_>, word: &Token<'_>) -> bool {
    is_quoted_name(quoted.text, word.text) && !is_keyword(word.text)
}

/// Whether `quoted` is `name` in quotes, in whatever case. A word has no quotes in it that could stand doubled.
fn is_quoted_name(quoted: &str, name: &str) -> bool {
    let inner = quoted.get(1..quoted.len().saturating_sub(1));
    inner.is_some_and(|inner| inner.eq_ignore_ascii_case(name))
}

fn operator(text: &str) -> &str {
    match text {
        "==" => "=",
        "<>" => "!=",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_makes_no_difference() {
        for (a, b) in [
            ("a<>'x'", "A != 'x' -- c"),
            ("[Plan Id]", "\"plan id\""),
            ("`a`", "a"),
            ("a==1", "a /* b */ =\n1"),
            ("X'AB'", "x'ab'"),
            ("0X1F", "0x1f"),
        ] {
            assert!(same_tokens(a, b), "{a} {b}");
        }
    }

    #[test]
    fn meaning_makes_a_difference() {
        for (a, b) in [
            ("a='X'", "a='x'"),
            ("\"Abc\"", "\"abc\""),
            ("\"current_date\"", "current_date"),
            ("'a'", "\"a\""),
            ("a b", "ab"),
            ("1", "1.0"),
            ("a", "a b"),
            ("a DEFAULT Abc", "a DEFAULT abc"),
            ("a DEFAULT [Abc]", "a DEFAULT abc"),
        ] {
            assert!(!same_tokens(a, b), "{a} {b}");
        }
    }
}
