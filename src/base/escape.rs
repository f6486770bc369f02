//! Text of others, shown so that it cannot forge output.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// `text` on one line, with everything that could move the cursor, change colours or reorder what is read written as an
/// escape: a hostile table name cannot forge output. Line breaks and tabs become `\n`, `\r`, `\t`.
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, |_| false)
}

/// As [`visible`], for text that may have several lines: line feeds and tabs stay.
pub fn visible_text(text: &str) -> Cow<'_, str> {
    escaped(text, |c| matches!(c, '\n' | '\t'))
}

/// A line that a build service would take for a command of its own, indented or not
/// (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>), begins with an escape: a name
/// with line breaks, in a message of SQLite's, could make one.
pub(crate) fn harmless(line: Cow<'_, str>) -> Cow<'_, str> {
    let start = line.trim_start();
    match start.strip_prefix(':').or_else(|| start.strip_prefix('#')) {
        Some(rest) if start.starts_with("::") || start.starts_with("##[") => {
            let first = if start.starts_with(':') { "3a" } else { "23" };
            Cow::Owned(format!("\\u{{{first}}}{rest}"))
        }
        _ => line,
    }
}

/// A text as one word of a shell.
pub(crate) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | ',' | ':' | '\\');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// The words of a line that [`shell_word`] has written; `None` when a quote is not closed.
pub(crate) fn shell_words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut chars = line.trim().chars().peekable();
    while chars.peek().is_some() {
        let mut word = String::new();
        loop {
            match chars.next() {
                None => break,
                Some(c) if c.is_whitespace() => break,
                Some('\'') => loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                },
                // Outside of quotes, a backslash is a letter of a path, but for the one before a quote.
                Some('\\') if chars.peek() == Some(&'\'') => word.extend(chars.next()),
                Some(c) => word.push(c),
            }
        }
        words.push(word);
        while chars.peek().is_some_and(|c| c.is_whitespace()) {
            chars.next();
        }
    }
    Some(words)
}

/// What a path of a URI keeps as it is, besides letters and digits (RFC 3986, unreserved characters).
const IN_PATH: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A path for a URI: everything that could mean something in one is percent-encoded.
pub(crate) fn uri_path(path: &[u8]) -> String {
    let encoded = percent_encode(path, &IN_PATH).to_string();
    if cfg!(windows) { encoded.replace("%5C", "/") } else { encoded }
}

fn escaped(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    if first_deceptive(text, &keep).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            c if keep(c) || !is_deceptive(c) => out.push(c),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a String cannot fail.
            c => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
        }
    }
    Cow::Owned(out)
}

/// Where the first deceptive character stands that is not to be kept. Printable ASCII hides nothing: most texts are nothing
/// else, and need not be taken apart into characters.
pub(crate) fn first_deceptive(text: &str, keep: impl Fn(char) -> bool) -> Option<usize> {
    let plain = text.bytes().position(|byte| !(b' '..=b'~').contains(&byte))?;
    Some(plain + text.get(plain..)?.find(|c| is_deceptive(c) && !keep(c))?)
}

/// Control characters; the marks, embeddings, overrides and isolates of bidirectional text (Unicode TR 36, "Trojan
/// Source"); line and paragraph separators; and characters without width that make two names look alike.
pub(crate) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_forge_output_is_shown_as_an_escape() {
        assert_eq!(
            visible("a\u{1b}[31mb\nc\u{202e}d\u{9b}e\t\0"),
            "a\\u{1b}[31mb\\nc\\u{202e}d\\u{9b}e\\t\\u{0}"
        );
        assert_eq!(visible_text("a\n\tb\r\n"), "a\n\tb\\r\n");
        assert!(matches!(visible("o'brien é 計画 🦀"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn no_deceptive_character_is_left(text in any::<String>()) {
            prop_assert!(!visible(&text).chars().any(is_deceptive));
            prop_assert!(!visible_text(&text).chars().any(|c| is_deceptive(c) && c != '\n' && c != '\t'));
        }
    }
}
