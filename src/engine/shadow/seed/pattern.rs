//! Texts that match a GLOB or LIKE pattern (<https://www.sqlite.org/lang_expr.html#glob>).

/// A text that matches a GLOB pattern: `*` becomes the row's number, `?` a letter, a class one of its members. `None` when
/// a class is not closed or allows nothing that is looked for.
pub(crate) fn glob(pattern: &str, n: usize) -> Option<String> {
    let mut text = String::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            '*' => text.push_str(&n.to_string()),
            '?' => text.push(letter(n)),
            '[' => {
                let after = rest.as_str();
                // A `]` right behind the opening is a member.
                let skip =
                    if after.starts_with("^]") { 2 } else { usize::from(after.starts_with([']', '^'])) };
                let length = skip + after.get(skip..)?.find(']')?;
                text.push(member(after.get(..length)?, n)?);
                rest = after.get(length + 1..)?.chars();
            }
            c => text.push(c),
        }
    }
    Some(text)
}

fn letter(n: usize) -> char {
    char::from(b'a' + u8::try_from(n % 26).unwrap_or(0))
}

/// One of the characters that a class allows, another one for another `n` where there are several.
fn member(class: &str, n: usize) -> Option<char> {
    let (inverted, class) = match class.strip_prefix('^') {
        Some(class) => (true, class),
        None => (false, class),
    };
    let chars: Vec<char> = class.chars().collect();
    let is_in = |wanted: char| {
        let mut at = 0;
        while let Some(&first) = chars.get(at) {
            match (chars.get(at + 1), chars.get(at + 2)) {
                (Some('-'), Some(&last)) => {
                    if (first..=last).contains(&wanted) {
                        return true;
                    }
                    at += 3;
                }
                _ => {
                    if first == wanted {
                        return true;
                    }
                    at += 1;
                }
            }
        }
        false
    };
    let allowed: Vec<char> = (' '..='~').filter(|&c| is_in(c) != inverted).collect();
    allowed.get(n.checked_rem(allowed.len())?).copied()
}

/// A text that matches a LIKE pattern: `%` becomes the row's number, `_` a letter.
pub(crate) fn like(pattern: &str, n: usize) -> String {
    let mut text = String::new();
    for c in pattern.chars() {
        match c {
            '%' => text.push_str(&n.to_string()),
            '_' => text.push(letter(n)),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn what_is_made_matches_in_sqlite() {
        let conn = Connection::open_in_memory().unwrap();
        let matches = |sql: &str, text: &str, pattern: &str| {
            conn.query_row(&format!("SELECT ?1 {sql} ?2"), [text, pattern], |row| row.get::<_, bool>(0))
                .unwrap()
        };
        for n in [0, 7, 31] {
            for pattern in
                ["*", "a?c*", "[0-9][0-9][0-9][0-9]-[0-9A-F]?", "[^a-z]*[]x]", "[^]]-[a-]", "x[-z]"]
            {
                let text = glob(pattern, n).unwrap();
                assert!(matches("GLOB", &text, pattern), "{text} {pattern}");
            }
            for pattern in ["%@%.%", "____-__-__", "a%"] {
                assert!(matches("LIKE", &like(pattern, n), pattern));
            }
        }
        assert_eq!(glob("[a", 1), None);
    }
}
