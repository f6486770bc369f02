//! CREATE INDEX (<https://www.sqlite.org/lang_createindex.html>).

use super::Kind;
use super::cursor::{Cursor, Read, without_outer_parentheses};
use crate::schema::{Expr, Ident, Index, IndexKey, IndexTerm};
use crate::sql::{Token, tokens};

/// Reads a CREATE INDEX statement.
///
/// # Errors
/// [`super::Unread`] with the place of the first token that is not understood.
pub fn create_index(statement: &str) -> Read<Index> {
    let mut cursor = Cursor::new(statement);
    let unique = cursor.at_words(&["CREATE", "UNIQUE"]);
    if cursor.create_head()? != Kind::Index {
        return Err(cursor.unread());
    }
    let name = cursor.object_name()?.unquoted().into();
    cursor.expect(&["ON"])?;
    let table = cursor.name()?;
    let group = cursor.group()?;
    let (offset, list) = (group.start, cursor.slice(group));
    let filter = if cursor.eat(&["WHERE"]) { Some(cursor.rest()) } else { None };
    cursor.expect_end()?;
    let keys = keys(list, offset);
    Ok(Index { name, table, unique, keys, filter, sql: statement.to_owned(), unread: None })
}

fn keys(list: &str, offset: usize) -> Vec<IndexKey> {
    let mut keys = Vec::new();
    let mut item: Vec<Token<'_>> = Vec::new();
    let mut depth = 0usize;
    for token in tokens(list) {
        if token.is_punct("(") {
            depth += 1;
        } else if token.is_punct(")") {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && token.is_punct(",") {
            keys.extend(key(list, offset, &item));
            item.clear();
            continue;
        }
        item.push(token);
    }
    keys.extend(key(list, offset, &item));
    keys
}

fn key(list: &str, offset: usize, mut item: &[Token<'_>]) -> Option<IndexKey> {
    let mut descending = false;
    if let [rest @ .., last] = item
        && (last.is_word("ASC") || last.is_word("DESC"))
        && !rest.is_empty()
    {
        descending = last.is_word("DESC");
        item = rest;
    }
    let mut text = &list[item.first()?.start..item.last()?.end()];
    // `((lower(a)) COLLATE x)`: parentheses and COLLATE may enclose each other; the outermost COLLATE counts.
    let mut collation = None;
    let tokens = loop {
        text = without_outer_parentheses(text);
        let tokens: Vec<_> = tokens(text).collect();
        match tokens.as_slice() {
            [.., last, collate, name] if collate.is_word("COLLATE") => {
                collation = collation.or_else(|| Some(name.unquoted()));
                text = &text[..last.end()];
            }
            _ => break tokens,
        }
    };
    let term = match tokens.as_slice() {
        [only] if only.can_be_name() => IndexTerm::Column(Ident::from(only.unquoted())),
        _ => {
            let start = offset + (text.as_ptr() as usize - list.as_ptr() as usize);
            IndexTerm::Expr(Expr { text: text.to_owned(), start })
        }
    };
    Some(IndexKey { term, collation, descending })
}
