//! Which comments of a CREATE TABLE speak of which column.

use crate::schema::Column;
use crate::sql::{Kind, Nesting, Token};

/// A comment on a column.
#[derive(Clone, Copy, Debug)]
pub struct Comment<'a> {
    /// What it says.
    pub text: &'a str,
    /// Byte offset in the statement.
    pub start: usize,
    /// Whether it stands on the column's own lines, not below them.
    pub beside: bool,
}

/// The comments on a column, in order: those on its lines, and below them with no empty line between. `all` are the
/// tokens of `text`, comments included.
pub fn of_column<'a>(text: &'a str, all: &[Token<'a>], column: &Column) -> Vec<Comment<'a>> {
    let first = all.partition_point(|token| token.start < column.start);
    let mut found = Vec::new();
    let (mut nesting, mut end, mut comma) = (Nesting::default(), column.start, false);
    for (i, token) in all.iter().enumerate().skip(first) {
        let inside = token.start < column.end;
        if token.kind != Kind::Comment {
            if !inside && (comma || !token.is_punct(",")) {
                break;
            }
            comma = !inside;
            nesting.around(token);
            end = token.end();
            continue;
        }
        let between = text.get(end..token.start).unwrap_or_default();
        let beside = inside || !text.get(column.end..token.start).unwrap_or_default().contains('\n');
        let next_starts = all.get(i + 1).map_or(text.len(), |next| next.start);
        let leads_on = comma && !text.get(token.end()..next_starts).unwrap_or_default().contains('\n');
        // Behind an empty line, or before the next column on the same line, it is about what follows.
        if !inside && (between.matches('\n').count() > 1 || (leads_on && next_starts < text.len())) {
            break;
        }
        end = token.end();
        if nesting.is_outside() {
            found.push(Comment { text: content(token.text), start: token.start, beside });
        }
    }
    found
}

/// What a comment says, without what makes it one.
pub(super) fn content(comment: &str) -> &str {
    let text = match comment.strip_prefix("--") {
        Some(line) => line.trim_start_matches('-'),
        None => comment.strip_prefix("/*").unwrap_or(comment).trim_start_matches('*'),
    };
    text.strip_suffix("*/").unwrap_or(text).trim()
}
