//! What a tool fills in before it hands a text to SQLite.

use std::ops::Range;

use crate::base::error::{Error, ErrorKind};
use crate::base::source::SourceFile;
use crate::sql::{Kind, tokens};

use super::tool::Tool;

/// How placeholders look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// `${name}`
    Braced,
    /// `${NAME}` and `$NAME`
    Shell,
}

/// Refuses the first placeholder in a stretch of a file. Tools that have them fill them in everywhere, literals included.
pub(super) fn refused(tool: Tool, file: &SourceFile, range: &Range<usize>, form: Form) -> Option<Error> {
    let text = file.text().get(range.clone())?;
    let (at, shown) = first(text, form)?;
    let message = format!("`{shown}` is filled in by {} before the text runs", tool.title());
    Some(
        Error::new(ErrorKind::Migration, message)
            .at(file.location(range.start + at))
            .note("planctl runs a file as it is, on every database alike")
            .help("write the value in its place in a copy of the folder, and import that one"),
    )
}

/// Where the first one stands, and how it is written.
fn first(text: &str, form: Form) -> Option<(usize, &str)> {
    tokens(text).find_map(|token| {
        let braced = || {
            let at = match token.kind {
                Kind::String | Kind::Quoted | Kind::Illegal if token.text.contains("${") => {
                    token.start + token.text.find("${")?
                }
                // Outside of literals, the brace is no part of a token that SQLite knows.
                _ if token.text.ends_with('$') && text.get(token.end()..)?.starts_with('{') => {
                    token.end() - 1
                }
                _ => return None,
            };
            let close = text.get(at..)?.find('}')?;
            Some((at, text.get(at..=at + close)?))
        };
        let bare = || {
            let at = match token.kind {
                Kind::Variable if token.text.starts_with('$') => token.start,
                Kind::String | Kind::Quoted => token.start + token.text.find('$')?,
                _ => return None,
            };
            let name = text.get(at + 1..)?.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
            (!name.is_empty()).then_some((at, text.get(at..=at + name.len())?))
        };
        braced().or_else(|| if form == Form::Shell { bare() } else { None })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_in_names_and_literals_and_not_in_comments() {
        for (text, form, found) in [
            ("CREATE TABLE ${prefix}_a(x)", Form::Braced, Some((13, "${prefix}"))),
            ("CREATE TABLE a${suffix}(x)", Form::Braced, Some((14, "${suffix}"))),
            ("SELECT 'a ${b} c'", Form::Braced, Some((10, "${b}"))),
            ("SELECT \"${b}\"", Form::Braced, Some((8, "${b}"))),
            ("SELECT 1 -- ${b}\n", Form::Braced, None),
            ("SELECT '$.a' -> '{}'", Form::Braced, None),
            ("SELECT a$ FROM t -- {", Form::Braced, None),
            ("SELECT $HOME", Form::Shell, Some((7, "$HOME"))),
            ("SELECT '$HOME/x'", Form::Shell, Some((8, "$HOME"))),
            ("SELECT '${HOME}'", Form::Shell, Some((8, "${HOME}"))),
            ("SELECT '$.a'", Form::Shell, None),
        ] {
            assert_eq!(first(text, form), found, "{text}");
        }
    }
}
