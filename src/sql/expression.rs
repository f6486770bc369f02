//! Whether a text can stand where a statement wants one expression.

use super::token::{Kind, tokens_and_comments};

/// Why `text` would not stay where it is put: it holds more than one expression, none, or half of one. Says nothing about
/// its meaning; that is SQLite's to judge.
pub fn not_an_expression(text: &str) -> Option<&'static str> {
    let mut depth = 0_usize;
    let mut is_empty = true;
    for token in tokens_and_comments(text) {
        match token.kind {
            Kind::Comment => return Some("holds a comment"),
            Kind::Illegal => {
                return Some("holds a literal that is not closed, or a character that SQL does not know");
            }
            Kind::Variable => return Some("holds a parameter, and nothing would give it a value"),
            Kind::Punct if token.text == "(" => depth += 1,
            Kind::Punct if token.text == ")" => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return Some("closes a parenthesis that it does not open"),
            },
            Kind::Punct if token.text == ";" => return Some("holds more than one expression"),
            Kind::Punct if token.text == "," && depth == 0 => return Some("holds more than one expression"),
            _ => {}
        }
        is_empty = false;
    }
    match (is_empty, depth) {
        (true, _) => Some("is empty"),
        (_, 0) => None,
        _ => Some("opens a parenthesis that it does not close"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_expression_and_nothing_else() {
        for text in
            ["7", "'a;b, (c'", "coalesce(a, b)", "(SELECT max(x) FROM u)", "-1", "CASE WHEN a THEN b END"]
        {
            assert_eq!(not_an_expression(text), None, "{text}");
        }
        for text in [
            "",
            "  ",
            "1; DROP TABLE t",
            "1, 2",
            "(1",
            "1)",
            ")(",
            "1 -- one",
            "1 /* one */",
            "'a",
            "?1",
            ":a",
        ] {
            assert!(not_an_expression(text).is_some(), "{text}");
        }
    }
}
